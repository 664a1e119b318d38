"""The process of a Home Assistant, from outside."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
import json
from pathlib import Path
from signal import Signals
import sys
from time import perf_counter
from types import ModuleType
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.helpers.json import json_bytes

from . import house

_ROOT: Final = Path(__file__).parents[2]
_PATIENCE: Final = 60
_MAX_LINE: Final = 16 * 1024 * 1024


class House:
    """The process of a Home Assistant.

    Args:
        process: speaks as `house` says.

    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        # What has become of calls, by mark.
        self.answers: dict[str, Any] = {}
        self.errors: dict[str, str] = {}
        # The texts of messages in the order of their hand-over, and when it was heard of
        # them, if that is told.
        self.handed_over: list[tuple[str, float]] = []
        # How many messages wait, by account.
        self.waiting: dict[str, int] = {}
        self._is_ready = False
        self.is_over = False
        self._heard = asyncio.Event()
        self._hearing = asyncio.create_task(self._hear())

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something is true of what was heard."""
        async with asyncio.timeout(_PATIENCE):
            while not condition():
                assert not self.is_over, "it ended by itself"
                self._heard.clear()
                await self._heard.wait()

    @property
    def queued(self) -> int:
        """Return how many messages wait."""
        return sum(self.waiting.values())

    async def ready(self) -> None:
        """Wait until it has started."""
        await self.until(lambda: self._is_ready)

    def call(self, mark: str, action: str, data: Mapping[str, Any]) -> None:
        """Call an action."""
        self._write({"mark": mark, "action": action, "data": data})

    def cancel(self, mark: str) -> None:
        """Cancel the call of an action."""
        self._write({"mark": mark})

    def signal(self, how: Signals) -> None:
        """Send a signal."""
        self._process.send_signal(how)

    async def end(self, how: Signals) -> None:
        """End the process, and wait until it is gone."""
        self.signal(how)
        await self.gone()

    async def gone(self) -> None:
        """Wait until the process is gone."""
        async with asyncio.timeout(_PATIENCE):
            await self._process.wait()
            await self._hearing

    def _write(self, order: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{json.dumps(order)}\n".encode())

    async def _hear(self) -> None:
        """Read what the process tells."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            told = json.loads(line)
            self._is_ready |= house.READY in told
            if house.QUEUED in told:
                self.waiting[told[house.ACCOUNT]] = told[house.QUEUED]
            if house.HANDED_OVER in told:
                self.handed_over.append((told[house.HANDED_OVER], perf_counter()))
            if house.ERROR in told:
                self.errors[told[house.MARK]] = told[house.ERROR]
            elif house.MARK in told:
                self.answers[told[house.MARK]] = told[house.ANSWER]
            self._heard.set()
        self.is_over = True
        self._heard.set()


@asynccontextmanager
async def living(
    folder: Path, port: int, module: ModuleType = house
) -> AsyncGenerator[House]:
    """Start a Home Assistant, and make sure that it is gone in the end.

    Args:
        folder: of its configuration.
        port: for its web server.
        module: the one to run.

    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module.__name__, str(folder), str(port)),
        cwd=_ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_MAX_LINE,
    )
    home = House(process)
    try:
        await home.ready()
        yield home
    finally:
        if process.returncode is None:
            process.kill()
        await home.gone()


def move(entry: ConfigEntry, folder: Path, **data: Any) -> Path:
    """Write an account to where another Home Assistant looks for it.

    Args:
        entry: the account.
        folder: of the other Home Assistant.
        data: what is to be different.

    Returns:
        The file of its outbox.

    """
    storage = folder / ".storage"
    storage.mkdir()
    fragment = json.loads(json_bytes(entry.as_storage_fragment))
    fragment["data"] |= data
    entries = {
        "version": 1,
        "minor_version": 5,
        "key": "core.config_entries",
        "data": {"entries": [fragment]},
    }
    (storage / "core.config_entries").write_bytes(json_bytes(entries))
    return storage / f"wechat_push.outbox.{entry.entry_id}.sqlite"
