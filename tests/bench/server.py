"""Serve the simulators in this process, for a benchmark in another one.

Commands are lines of the standard input, and answers lines of JSON. The end of the input
ends the process.
"""

import asyncio
from collections.abc import Callable, Mapping
import gc
import json
import sys
from typing import Any, Final

from ..simulators import Simulator, Simulators
from .people import settle

ADDRESSES: Final = "addresses"
FORGET: Final = "forget"
RECORDED: Final = "recorded"


def _addresses(simulators: Simulators) -> Any:
    """Tell where each service is."""
    return {one.name: one.url for one in simulators.all}


def _recorded(simulators: Simulators) -> Any:
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
        for one in simulators.all
    }


def _forget(simulators: Simulators) -> Any:
    """Tell how many messages arrived, and forget them; the accounts stay as they are."""
    arrived = {one.name: len(one.notifications) for one in simulators.all}
    for one in simulators.all:
        _clear(one)
    # What is still known of old messages must not slow down the next collections.
    gc.collect()
    gc.freeze()
    return arrived


def _clear(simulator: Simulator) -> None:
    """Empty the records of a simulator."""
    simulator.requests.clear()
    simulator.notifications.clear()


_COMMANDS: Mapping[str, Callable[[Simulators], Any]] = {
    ADDRESSES: _addresses,
    FORGET: _forget,
    RECORDED: _recorded,
}


async def _serve() -> None:
    """Do what is asked for until nobody asks any more."""
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(commands), sys.stdin
    )
    async with Simulators() as simulators:
        settle(simulators)
        while line := await commands.readline():
            answer = _COMMANDS[line.decode().strip()](simulators)
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_serve())
