"""A Home Assistant in a process of its own."""

import asyncio
from collections.abc import Mapping
import os
from pathlib import Path
import signal
import sys

import aiohttp

from .config import address, create
from .errors import DemoError

_STAND_INS = Path(__file__).parent / "stand_ins"
_START_TIMEOUT = 120
_STOP_TIMEOUT = 30
# Home Assistant ends with this code when a person asks it to restart.
_RESTART = 100


class Instance:
    """Home Assistant, with a configuration of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        """Set up in a folder that is emptied first."""
        self._config = folder / "config"
        self.output = folder / "home-assistant.log"
        self.url = address(port)
        self._port = port
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start with an empty configuration, and wait until it answers."""
        create(self._config, self._port)
        self.output.unlink(missing_ok=True)
        await self._start()

    async def _start(self) -> None:
        """Start the process, and wait until it answers."""
        with self.output.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "homeassistant"),
                *("--config", str(self._config), "--skip-pip", "--log-no-color"),
                # Python takes modules from here first; not from the checkout, whose
                # custom_components would hide that of the configuration.
                cwd=self._config,
                env=_environment(os.environ),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                # A Ctrl-C in the terminal is for the demo, which ends this in its turn.
                start_new_session=True,
            )
        try:
            async with asyncio.timeout(_START_TIMEOUT):
                await self._wait_until_ready(self._process)
        except TimeoutError:
            await self.stop()
            raise DemoError(
                f"Home Assistant did not answer within {_START_TIMEOUT} s; see {self.output}"
            ) from None
        except BaseException:
            await self.stop()
            raise

    async def _wait_until_ready(self, process: asyncio.subprocess.Process) -> None:
        """Wait until the frontend is served."""
        async with aiohttp.ClientSession() as session:
            while process.returncode is None:
                try:
                    async with session.get(f"{self.url}/manifest.json") as response:
                        if response.ok:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.05)
        raise DemoError(
            f"Home Assistant ended with code {process.returncode}; see {self.output}"
        )

    async def run(self) -> int:
        """Run until it ends by itself; start it again when a person wants a restart."""
        while True:
            assert self._process is not None
            code = await self._process.wait()
            if code != _RESTART:
                return code
            await self._start()

    async def stop(self) -> None:
        """End the process: politely, and if that takes too long, by force."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_STOP_TIMEOUT):
                await process.wait()
        except TimeoutError:
            # With all that it started itself: it leads a group of its own.
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            raise DemoError(
                f"Home Assistant did not end within {_STOP_TIMEOUT} s; see {self.output}"
            ) from None

    def log(self) -> str:
        """Return all that it has logged so far."""
        return self.output.read_text(encoding="utf-8", errors="replace")


def _environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the process, in which the stand-ins are found."""
    path = os.pathsep.join((environment.get("PATH", os.defpath), str(_STAND_INS)))
    return {**environment, "PATH": path, "PYTHONPATH": str(_STAND_INS)}
