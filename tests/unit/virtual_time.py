"""An event loop on which time passes at once."""

import asyncio
import selectors
from typing import Final, override

_MAX_TURNS: Final = 300_000


class StalledError(Exception):
    """Nothing is ready and nothing is scheduled, or it takes too long."""


class _Selector(selectors.SelectSelector):
    """Lets time jump to the next timer."""

    loop: VirtualLoop

    @override
    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for nothing: no file is ever ready."""
        if timeout is None:
            raise StalledError("nothing is scheduled")
        # Time passes also while something runs.
        self.loop.now += max(timeout, 1e-6)
        self.loop.turns += 1
        if self.loop.turns > _MAX_TURNS:
            raise StalledError("spins")
        if self.loop.now > self.loop.limit:
            raise StalledError("too late")
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on a clock of its own.

    Args:
        now: the time at the start, in seconds.

    """

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self.turns = 0
        # The time after which something is wrong.
        self.limit = float("inf")
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    @override
    def time(self) -> float:
        """Return the virtual time; as on a real clock, no two looks show the same."""
        self.now += 1e-9
        return self.now
