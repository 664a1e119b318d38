"""Lines: the messages of each recipient of an account, in their order."""

import asyncio
from bisect import insort
from collections.abc import Mapping
from typing import Any, Protocol

from .clients.message import Message, Part
from .queued import QueuedMessage
from .reports import Report


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
        self.waiting: set[asyncio.Timeout] = set()
        # Those in the outbox, the first one first.
        self.kept: list[QueuedMessage] = []
        self.delivering: asyncio.Task[None] | None = None

    def join(self, message: QueuedMessage) -> None:
        """Put a message in its place: who came first may have waited longer."""
        insort(self.kept, message, key=lambda each: each.number)

    @property
    def patience(self) -> float:
        """Return the seconds until nobody wants one of the messages any more."""
        return max(min(message.remaining for message in self.kept), 0)

    @property
    def under_way(self) -> bool:
        """Tell if a message of the outbox is being sent right now."""
        return any(message.under_way for message in self.kept[:1])
