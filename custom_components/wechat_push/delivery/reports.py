"""Reports on what has become of messages, and of the file that keeps them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

from ..clients.errors import ClientError, RecipientError
from ..clients.message import shortened
from ..clients.receipt import Accepted, Receipt, Refused
from .errors import dump_error, load_error

# A message to hundreds of targets must not fill the screen with those refused.
_MAX_NAMED: Final = 10


class DeliveryStatus(StrEnum):
    """What can become of a message."""

    # The service took it, which does not mean that it reached anybody yet.
    SENT = "sent"
    QUEUED = "queued"
    DELIVERED_LATE = "delivered_late"
    REFUSED = "refused"
    EXPIRED = "expired"
    CLEARED = "cleared"
    # Outcomes that the service tells later.
    CONFIRMED = "confirmed"
    FAILED = "failed"
    # An outcome from a service that promises nothing about it.
    HINT = "hint"


class StorageProblem(StrEnum):
    """Why the outbox cannot be used as it should."""

    UNWRITABLE = "storage_unwritable"
    DAMAGED = "storage_damaged"
    NEWER = "storage_newer"


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What has become of one message to one recipient.

    Args:
        status: what it is.
        handle: of the message.
        accepted: the targets for which the service took it.
        refused: the targets for which it did not.
        error: why the message was not sent, or not at once.
        meant_for: when it was handed over, in seconds since 1970.
        outcome: the service's own words about what became of it later.
        left_out: attachments, and what else was given, that the message went without.
        upload_error: why the last of them was left out, if the service told.
        with_attachments: the message went with attachments.
        override: the caller's target, instead of the recipient's own.

    """

    status: DeliveryStatus
    handle: str = ""
    accepted: tuple[Accepted, ...] = ()
    refused: tuple[Refused, ...] = ()
    error: ClientError | None = None
    meant_for: float
    outcome: str = ""
    left_out: tuple[str, ...] = ()
    upload_error: ClientError | None = None
    with_attachments: bool = False
    override: Mapping[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Undelivered:
    """Kept messages to one recipient that were given up and that nobody has seen yet.

    Args:
        recipient: the name that it had, as it may have been removed.
        count: how many.
        error: why the last one was.
        meant_for: when the last one was handed over, in seconds since 1970.

    """

    recipient: str
    count: int
    error: ClientError
    meant_for: float

    def dump(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "recipient": self.recipient,
            "count": self.count,
            "error": dump_error(self.error),
            "meant_for": self.meant_for,
        }

    @classmethod
    def load(cls, stored: object) -> Self | None:
        """Return what was stored, or None if it is damaged."""
        match stored:
            case {
                "recipient": str(name),
                "count": int(count),
                "error": error,
                "meant_for": int() | float() as when,
            }:
                if (err := load_error(error)) is not None:
                    return cls(recipient=name, count=count, error=err, meant_for=when)
        return None


def all_refused(receipt: Receipt) -> RecipientError:
    """Return the error for a message that no target took."""
    return RecipientError("all_refused", refused=name_refused(receipt.refused))


def name_refused(refused: Sequence[Refused]) -> str:
    """Return the refused targets with the reasons of the service."""
    return listed([f"{shortened(each.target)} ({each.reason})" for each in refused])


def listed(names: Sequence[str]) -> str:
    """Return names for an error, but not all of many."""
    shown = [*names[:_MAX_NAMED]]
    if len(names) > _MAX_NAMED:
        shown.append(f"+{len(names) - _MAX_NAMED}")
    return ", ".join(shown)
