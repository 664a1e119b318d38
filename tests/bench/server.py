"""Serve the simulators in this process, for a benchmark in another one.

Commands are lines of the standard input, and answers lines of JSON. The end of the input
ends the process.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping
import gc
import json
import re
import sys
from typing import Any, Final
from urllib.parse import unquote_plus

from ..samples import WECOM
from ..simulators import Pushjet, Simulator, Simulators, WeCom
from .people import settle
from .weather import Weather

ADDRESSES: Final = "addresses"
FORGET: Final = "forget"
RECORDED: Final = "recorded"
SHOWN: Final = "shown"
TRIED: Final = "tried"
# Of the service that messages are to survive.
STOP: Final = "stop"
START: Final = "start"
FLAP: Final = "flap"
CALM: Final = "calm"

# What a numbered message says.
NUMBERED: Final = re.compile(r"Message (\d+)\.")


class Server:
    """What can be asked of the simulators."""

    def __init__(self, simulators: Simulators) -> None:
        """Keep them."""
        self._simulators = simulators
        self._unsteady = simulators[Pushjet]
        # Of one, nothing works. Of the other one, messages do not, and all else does.
        self._weather = [
            Weather(simulators[Pushjet], seed=1),
            Weather(simulators[WeCom], seed=2, path=WECOM.path),
        ]
        self.commands: Mapping[str, Callable[[], Awaitable[Any]]] = {
            ADDRESSES: self._addresses,
            CALM: self._calm,
            FLAP: self._flap,
            FORGET: self._forget,
            RECORDED: self._recorded,
            SHOWN: self._shown,
            START: self._start,
            STOP: self._stop,
            TRIED: self._tried,
        }

    async def _addresses(self) -> Any:
        """Tell where each service is."""
        return {one.name: one.url for one in self._simulators.all}

    async def _recorded(self) -> Any:
        """Tell what each service was asked, byte by byte."""
        return {
            one.name: [
                {
                    "method": request.method,
                    "path": request.raw_path,
                    "query": request.query,
                    "headers": dict(request.headers),
                    "body": request.body.decode(),
                }
                for request in one.requests
            ]
            for one in self._simulators.all
        }

    async def _forget(self) -> Any:
        """Tell how many messages arrived, and forget them; accounts stay as they are."""
        arrived = {one.name: len(one.notifications) for one in self._simulators.all}
        for one in self._simulators.all:
            _clear(one)
        # What is still known of old messages must not slow down the next collections.
        gc.collect()
        gc.freeze()
        return arrived

    async def _shown(self) -> Any:
        """Tell what the phones of each recipient of each service show, in order."""
        return {one.name: _texts(one) for one in self._simulators.all}

    async def _stop(self) -> Any:
        """Let nobody listen where the service was."""
        await self._unsteady.stop()

    async def _start(self) -> Any:
        """Let the service be where it was."""
        await self._unsteady.start(port=self._unsteady.port)

    async def _flap(self) -> Any:
        """Let services come and go."""
        for weather in self._weather:
            weather.begin()

    async def _calm(self) -> Any:
        """Let services stay; tell how often there was each fault."""
        faults: Counter[str] = Counter()
        for weather in self._weather:
            faults.update(await weather.end())
        return faults

    async def _tried(self) -> Any:
        """Tell how many requests there were for each message with a number."""
        found: Counter[str] = Counter()
        for one in (self._simulators[Pushjet], self._simulators[WeCom]):
            for request in one.requests:
                body = unquote_plus(request.body.decode(errors="replace"))
                # A picture follows in a request of its own.
                found.update(set(NUMBERED.findall(body)))
        return found


def _clear(simulator: Simulator) -> None:
    """Empty the records of a simulator."""
    simulator.requests.clear()
    simulator.notifications.clear()


def _texts(simulator: Simulator) -> Mapping[str, list[str]]:
    """Return what each recipient was shown."""
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for shown in simulator.notifications:
        texts[shown.recipient].append(shown.text)
    return texts


async def _serve() -> None:
    """Do what is asked for until nobody asks any more."""
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), sys.stdin
    )
    async with Simulators() as simulators:
        settle(simulators)
        commands = Server(simulators).commands
        while line := await lines.readline():
            answer = await commands[line.decode().strip()]()
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_serve())
