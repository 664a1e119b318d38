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
    "reset before it was taken": BAD_ANSWERS["reset_before"],
    "reset, message taken": BAD_ANSWERS["reset_after"],
    "half an answer, message taken": Answer(genuine=True, reset=Reset.DURING),
    "cut-off JSON, message taken": replace(_CUT_OFF, act=True),
    "cut-off JSON": _CUT_OFF,
    "hang": BAD_ANSWERS["hang"],
    "hang, message taken": replace(BAD_ANSWERS["hang"], act=True),
    "drip, message taken": Answer(genuine=True, drip=0.5),
    "500, message taken": replace(BAD_ANSWERS["error_500"], act=True),
    "502": _BAD_GATEWAY,
    "503": _UNAVAILABLE,
    "HTML": BAD_ANSWERS["html_page"],
    "404": BAD_ANSWERS["not_found_404"],
    "429": BAD_ANSWERS["too_many_429"],
    "401 of a portal": BAD_ANSWERS["proxy_login_401"],
}

# A text that the service never digests.
POISON: Final = "Poison"
# In no request. Looking for it has every body read, so that all requests are known.
_READ: Final = "no such text"

_LOOK_EVERY: Final = 0.002
# So many messages are taken between two faults.
_GOOD: Final = (5, 80)
# So many requests a fault hits, unless it ends before that.
_HITS: Final = (1, 20)
# Seconds that a fault lasts at most, and good times.
_LASTS: Final = (0.05, 1.5)


class Weather:
    """Lets one fault after the other befall a service, with good times in between.

    Args:
        simulator: of the service.
        seed: of the lots.
        path: of the requests that fail; None for all.

    """

    def __init__(
        self, simulator: Simulator, seed: int, path: str | None = None
    ) -> None:
        self._simulator = simulator
        self._path = path
        self._lots = random.Random(seed)
        self._ending = False
        self._faults: Counter[str] = Counter()
        self._changing: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Let it change from now on."""
        self._ending = False
        self._simulator.always(_UNAVAILABLE, text=POISON)
        self._simulator.always(_UNAVAILABLE, text=_READ)
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
        if answer is None:
            await self._simulator.stop()
            await asyncio.sleep(self._lots.uniform(*_LASTS))
            await self._simulator.start(port=self._simulator.port)
            return
        self._simulator.always(answer, self._path)
        await self._until_grown(self._simulator.requests, *_HITS)
        self._simulator.always(None, self._path)

    async def _until_grown(self, records: Sized, least: int, most: int) -> None:
        """Wait until a list has grown by a number that the lot decides, or for long."""
        wanted = len(records) + self._lots.randint(least, most)
        try:
            async with asyncio.timeout(self._lots.uniform(*_LASTS)):
                while len(records) < wanted and not self._ending:
                    await asyncio.sleep(_LOOK_EVERY)
        except TimeoutError:
            pass
