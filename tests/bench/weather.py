"""A service that comes and goes: by lot, and the same lots in every run."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sized
from dataclasses import replace
import random
from typing import Final

from ..simulators import BAD_ANSWERS, Answer, Reset, Simulator

_BAD_GATEWAY: Final = BAD_ANSWERS["bad_gateway_502"]
_UNAVAILABLE: Final = BAD_ANSWERS["unavailable_503"]
_CUT_OFF: Final = BAD_ANSWERS["cut_off_json"]

# What whoever sends gets instead of an answer; nothing means that nobody listens.
FAULTS: Final[Mapping[str, Answer | None]] = {
    "connection refused": None,
    "reset before the body was read": BAD_ANSWERS["reset_before"],
    "reset, message taken": BAD_ANSWERS["reset_after"],
    "answer broken off, message taken": Answer(genuine=True, reset=Reset.DURING),
    "cut-off JSON, message taken": replace(_CUT_OFF, act=True),
    "cut-off JSON": _CUT_OFF,
    "502, message taken": replace(_BAD_GATEWAY, act=True),
    "502": _BAD_GATEWAY,
    "503": _UNAVAILABLE,
}

_SEED: Final = 4
_LOOK_EVERY: Final = 0.002
# So many messages are taken between two faults.
_GOOD: Final = (5, 150)
# So many requests a fault hits, unless it ends before that.
_HITS: Final = (1, 30)
# Seconds that a fault lasts at most.
_LASTS: Final = (0.02, 0.4)


class Weather:
    """Lets one fault after the other befall a service, with good times in between."""

    def __init__(self, simulator: Simulator) -> None:
        """Start with good weather."""
        self._simulator = simulator
        self._lots = random.Random(_SEED)
        self._ending = False
        self._faults: Counter[str] = Counter()
        self._changing: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Let it change from now on."""
        self._changing = asyncio.get_running_loop().create_task(self._change())

    async def end(self) -> Mapping[str, int]:
        """Let it be good from now on; return how often there was each fault."""
        self._ending = True
        if self._changing is not None:
            await self._changing
        return self._faults

    async def _change(self) -> None:
        """Alternate."""
        while not self._ending:
            await self._until_grown(self._simulator.notifications, *_GOOD)
            if not self._ending:
                fault = self._lots.choice(tuple(FAULTS))
                self._faults[fault] += 1
                await self._befall(FAULTS[fault])

    async def _befall(self, answer: Answer | None) -> None:
        """Let a fault last for a while."""
        lasts = self._lots.uniform(*_LASTS)
        if answer is None:
            await self._simulator.stop()
            await asyncio.sleep(lasts)
            await self._simulator.start(port=self._simulator.port)
            return
        self._simulator.always(answer)
        try:
            async with asyncio.timeout(lasts):
                await self._until_grown(self._simulator.requests, *_HITS)
        except TimeoutError:
            pass
        self._simulator.always(None)

    async def _until_grown(self, records: Sized, least: int, most: int) -> None:
        """Wait until a list has grown by a number that the lot decides."""
        wanted = len(records) + self._lots.randint(least, most)
        while len(records) < wanted and not self._ending:
            await asyncio.sleep(_LOOK_EVERY)
