"""Answers of the services to a message: receipts at once, outcomes later."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """A target for which the service accepted the message.

    Args:
        target: name of the target, without secrets.
        message_id: ID for recalling the message.
        record_id: ID for asking for the outcome.

    """

    target: str
    message_id: str | None = None
    record_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A target for which the service refused the message, and the reason."""

    target: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """The answer to a message, per target.

    Args:
        accepted: targets for which the whole message was accepted.
        refused: targets for which it was not.

    """

    accepted: tuple[Accepted, ...] = ()
    refused: tuple[Refused, ...] = ()

    def __add__(self, other: Receipt) -> Receipt:
        """Return the receipt of both parts; a target that refused one is refused."""
        refused = tuple(dict.fromkeys(self.refused + other.refused))
        names = {each.target for each in refused}
        return Receipt(
            accepted=tuple(
                each
                for each in self.accepted + other.accepted
                if each.target not in names
            ),
            refused=refused,
        )


class Fate(StrEnum):
    """Final states of a message that was accepted."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """The outcome of a message that was accepted.

    Args:
        fate: state of the message.
        reason: the service's own words on a failure, without secrets.
        certain: whether the service guarantees this information.

    """

    fate: Fate
    reason: str = ""
    certain: bool = True
