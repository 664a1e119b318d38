"""What is told of a message, whenever something comes of it."""

from dataclasses import dataclass
from enum import StrEnum

from .clients.errors import ClientError, Problem
from .clients.receipt import Accepted, Refused


class Event(StrEnum):
    """What can come of a message."""

    # The service took it, which does not mean that it reached anybody yet.
    SENT = "sent"
    QUEUED = "queued"
    DELIVERED_LATE = "delivered_late"
    REFUSED = "refused"
    EXPIRED = "expired"
    CLEARED = "cleared"
    # What the service tells later of a message that it took.
    CONFIRMED = "confirmed"
    FAILED = "failed"
    # The same from a service that promises nothing about it.
    HINT = "hint"


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What came of one message to one recipient.

    Args:
        event: what it was.
        accepted: the targets for which the service took it.
        refused: the targets for which it did not.
        error: why the message was not sent, or not at once.
        created: when it was meant to be sent, in seconds since 1970.
        outcome: the service's own words about what became of it later.

    """

    event: Event
    accepted: tuple[Accepted, ...] = ()
    refused: tuple[Refused, ...] = ()
    error: ClientError | None = None
    created: float
    outcome: str = ""


def failure(err: ClientError) -> Event:
    """Return what has come of a message that failed."""
    return Event.EXPIRED if err.problem == Problem.EXPIRED else Event.REFUSED
