"""Lets the requests of an account out one after the other, no faster than may be."""

import asyncio
from collections.abc import Callable
import time
from typing import Any

from .clients.china_time import seconds_left
from .clients.client import Client
from .clients.errors import LimitError, Problem
from .clients.message import Part
from .limiter import DayCount, Limiter


class Pace:
    """Keeps an account within what its service takes.

    Args:
        client: knows what the service has published.

    """

    def __init__(self, client: Client[Any]) -> None:
        """Start with no request made."""
        self._client = client
        self.limiter = Limiter(client.rates)
        self.today = DayCount()
        # First come, first served: no recipient gets ahead of others by sending much.
        self._turn = asyncio.Lock()

    async def begin(self, part: Part, patience: float) -> None:
        """Wait until a request may be made, and count it; `end` has to follow.

        Args:
            part: what is to be sent.
            patience: seconds to wait at most.

        Raises:
            LimitError: that would take longer.

        """
        requests = self._client.counted(part)
        if (name := self.today.used_up(requests, self._client.quota)) is not None:
            raise LimitError(
                Problem.QUOTA_USED,
                retry_after=seconds_left(),
                limit=self._client.quota(name) or 0,
                name=name,
            )
        charged = self._client.charged(part)
        alone = self._client.one_at_a_time
        if (
            self._turn.locked()
            or self.limiter.account_delay()
            or self.limiter.target_delay(charged)
        ):
            await self._queue(charged, time.monotonic() + patience)
        elif alone:
            await self._turn.acquire()
        self.limiter.take(charged, self._client.content(part))
        self.today.add(requests)

    def end(self) -> None:
        """Let the next one go."""
        if self._client.one_at_a_time:
            self._turn.release()

    def stored(self) -> dict[str, Any]:
        """Return what is to be known after a restart."""
        return {"windows": self.limiter.stored(), "today": self.today.stored()}

    def restore(self, stored: object) -> None:
        """Take up what was known; what is damaged is left out."""
        match stored:
            case {"windows": windows, "today": today}:
                self.limiter.restore(windows)
                self.today.restore(today)

    async def _queue(self, charged: frozenset[str], deadline: float) -> None:
        """Wait for the turn of a request; keep the turn if requests go one by one."""
        while True:
            # What a target has to wait for concerns no other recipient: not in the turn.
            await _pause(lambda: self.limiter.target_delay(charged), deadline)
            await self._take_turn(deadline)
            kept = False
            try:
                await _pause(self.limiter.account_delay, deadline)
                if self.limiter.target_delay(charged) == 0:
                    kept = self._client.one_at_a_time
                    return
            finally:
                if not kept:
                    self._turn.release()

    async def _take_turn(self, deadline: float) -> None:
        """Wait until all who came before are through."""
        if not self._turn.locked():
            await self._turn.acquire()
            return
        left = deadline - time.monotonic()
        try:
            async with asyncio.timeout(max(left, 0)):
                await self._turn.acquire()
        except TimeoutError:
            raise LimitError(Problem.WAITING_BEHIND, retry_after=1) from None


async def _pause(delay: Callable[[], float], deadline: float) -> None:
    """Wait for as long as there is a delay, or tell at once that there is no time."""
    while (seconds := delay()) > 0:
        if time.monotonic() + seconds > deadline:
            raise LimitError(Problem.TOO_MANY_REQUESTS, retry_after=seconds)
        await asyncio.sleep(seconds)
