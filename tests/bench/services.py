"""The simulators, in a process of their own so that they cost all that is measured alike."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
import json
import sys
from typing import Any

from ..simulators import Pushjet, Simulator, Simulators, WeCom
from . import server
from .errors import BenchError
from .people import is_known

_MAX_ANSWER = 16 * 1024 * 1024
_TIMEOUT = 15


class Services:
    """The simulators in the other process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Keep the way to the process."""
        self._process = process
        self.all: tuple[Simulator, ...] = ()
        # The one that can be stopped, and one that drops what it is sent twice.
        self.unsteady: Simulator
        self.deduplicating: Simulator

    async def find(self) -> None:
        """Learn where the simulators are served.

        Those of this process are not started; they only stand for the others.
        """
        addresses = await self._ask(server.ADDRESSES)
        simulators = Simulators()
        self.all = tuple(one for one in simulators.all if is_known(one.name))
        self.unsteady, self.deduplicating = simulators[Pushjet], simulators[WeCom]
        for simulator in self.all:
            simulator.url = addresses[simulator.name]

    async def forget(self, simulator: Simulator) -> int:
        """Return how many messages arrived, and start to count anew."""
        arrived: int = (await self._ask(server.FORGET))[simulator.name]
        return arrived

    async def recorded(self, simulator: Simulator) -> list[dict[str, Any]]:
        """Return the requests since the last time that they were forgotten."""
        requests: list[dict[str, Any]] = (await self._ask(server.RECORDED))[
            simulator.name
        ]
        return requests

    async def shown(self, simulator: Simulator) -> dict[str, list[str]]:
        """Return what the phones of each recipient show, in order."""
        texts: dict[str, list[str]] = (await self._ask(server.SHOWN))[simulator.name]
        return texts

    async def tried(self) -> dict[str, int]:
        """Return how many requests there were for each message with a number."""
        counts: dict[str, int] = await self._ask(server.TRIED)
        return counts

    @asynccontextmanager
    async def down(self) -> AsyncGenerator[None]:
        """Let nobody listen where the unsteady service was."""
        await self._ask(server.STOP)
        try:
            yield
        finally:
            await self._ask(server.START)

    @asynccontextmanager
    async def flapping(self) -> AsyncGenerator[dict[str, int]]:
        """Let services come and go; tells in the end how often, by fault."""
        faults: dict[str, int] = {}
        await self._ask(server.FLAP)
        try:
            yield faults
        finally:
            faults |= await self._ask(server.CALM)

    async def _ask(self, command: str) -> Any:
        """Send a command and return the answer to it."""
        commands, answers = self._process.stdin, self._process.stdout
        assert commands is not None
        assert answers is not None
        commands.write(f"{command}\n".encode())
        async with asyncio.timeout(_TIMEOUT):
            line = await answers.readline()
        if not line:
            raise BenchError("the simulators ended by themselves")
        return json.loads(line)

    async def stop(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(_TIMEOUT):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


@asynccontextmanager
async def running_services() -> AsyncGenerator[Services]:
    """Start the simulators, and end them."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", server.__name__),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_MAX_ANSWER,
        # A Ctrl-C in the terminal is for the benchmark, which ends this in its turn.
        start_new_session=True,
    )
    services = Services(process)
    try:
        await services.find()
        yield services
    finally:
        await services.stop()
