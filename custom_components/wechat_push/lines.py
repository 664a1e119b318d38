"""Lines: the messages of each recipient of an account, in their order."""

import asyncio
from bisect import insort
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
import time
from typing import Any, Final, Protocol

from .clients.errors import LimitError, Problem
from .clients.message import Message, Part
from .queued import QueuedMessage
from .reports import Report

# A recipient for which more messages than this wait will not get them in time anyway.
MAX_WAITING: Final = 500


class Addressee(Protocol):
    """Whom messages go to."""

    @property
    def id(self) -> str:
        """Return what it is kept by."""

    @property
    def name(self) -> str:
        """Return what it is called."""

    @property
    def keeps(self) -> bool:
        """Tell if what cannot be delivered now is to be delivered later."""

    def prepare(
        self, message: Message, given: Mapping[str, Any] | None
    ) -> tuple[Part, ...]:
        """Return the requests that say a message.

        Args:
            message: what is to be said.
            given: what the caller said of who gets it; nothing means the addressee.

        Raises:
            ContentError: they cannot be made.

        """

    def delayed(
        self, message: Message, given: Mapping[str, Any] | None, created: float
    ) -> Message:
        """Return a message that says when it was meant for."""

    def async_report(self, report: Report) -> None:
        """Tell what came of a message."""


class Line:
    """The messages of one recipient.

    Args:
        addressee: the recipient.

    """

    def __init__(self, addressee: Addressee) -> None:
        """Start with nobody waiting."""
        self.addressee = addressee
        # Held by whoever sends to the recipient.
        self.turn = asyncio.Lock()
        # The patience of those whose callers wait for their turn.
        self._waiting: set[asyncio.Timeout] = set()
        # The one whose caller sends it right now.
        self.direct: QueuedMessage | None = None
        # Those in the outbox, the first one first.
        self.kept: list[QueuedMessage] = []
        self.delivering: asyncio.Task[None] | None = None
        # The last attempt to deliver one of them.
        self.attempt: asyncio.Task[None] | None = None
        self._rests_until = 0.0
        self._stirred = asyncio.Event()

    async def take_turn(self, patience: float) -> bool:
        """Wait until nobody else sends to the recipient; return whether that is so.

        Args:
            patience: seconds to wait at most.

        Raises:
            LimitError: too many wait already.

        """
        if not self.turn.locked():
            return await self.turn.acquire()
        if len(self._waiting) >= MAX_WAITING:
            raise LimitError(Problem.QUEUE_FULL, limit=MAX_WAITING)
        try:
            async with asyncio.timeout(patience) as waiting:
                self._waiting.add(waiting)
                try:
                    return await self.turn.acquire()
                finally:
                    self._waiting.discard(waiting)
        except TimeoutError:
            return False

    @contextmanager
    def sending(self, message: QueuedMessage) -> Iterator[None]:
        """Take note of a message while its caller sends it."""
        self.direct = message
        try:
            yield
        finally:
            self.direct = None

    def end_waiting(self) -> None:
        """Let nobody wait any more."""
        now = asyncio.get_running_loop().time()
        for waiting in self._waiting:
            waiting.reschedule(now)

    @property
    def attempting(self) -> bool:
        """Tell if somebody tries to deliver one of the outbox."""
        return self.attempt is not None and not self.attempt.done()

    @property
    def pause(self) -> float:
        """Return the seconds until the next message of the outbox is to be tried."""
        return self._rests_until - time.monotonic()

    @pause.setter
    def pause(self, seconds: float) -> None:
        self._rests_until = time.monotonic() + seconds

    async def rest(self, most: float) -> None:
        """Wait until the pause is over or somebody ends it, but no longer than told."""
        self._stirred.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(min(self.pause, most)):
                await self._stirred.wait()

    def stir(self) -> None:
        """End the pause."""
        self._rests_until = 0.0
        self._stirred.set()

    def join(self, message: QueuedMessage) -> None:
        """Put a message in its place: who came first may have waited longer."""
        insort(self.kept, message, key=lambda each: each.number)

    @property
    def patience(self) -> float:
        """Return the seconds until nobody wants one of the messages any more."""
        return max(min((each.remaining for each in self.kept), default=0), 0)

    @property
    def under_way(self) -> bool:
        """Tell if a message of the outbox is being sent right now."""
        return any(message.under_way for message in self.kept[:1])
