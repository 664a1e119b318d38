"""Problems that arise in the delivery, and errors as they are stored."""

from enum import StrEnum
from typing import Any

from ..clients import errors
from ..clients.errors import ClientError


class DeliveryProblem(StrEnum):
    """What keeps a message from its service although nothing is wrong with either.

    A value is the key of the text that a person reads.
    """

    CLEARED = "cleared"
    DAMAGED = "damaged"
    EXPIRED = "expired"
    OUTBOX_FULL = "outbox_full"
    QUOTA_USED = "quota_used"
    RECIPIENT_REMOVED = "recipient_removed"
    STARTING = "starting"
    STOPPING = "stopping"
    STORAGE_UNWRITABLE = "not_stored"
    UNCERTAIN = "uncertain"
    WAITING_BEHIND = "waiting_behind"


class DeliveryError(ClientError):
    """The delivery gave a message up, or has no room for it."""


_KINDS: dict[str, type[ClientError]] = {
    kind.__name__: kind
    for kind in (*vars(errors).values(), DeliveryError)
    if isinstance(kind, type) and issubclass(kind, ClientError)
}


def dump_error(err: ClientError) -> dict[str, Any]:
    """Return an error as JSON; it holds no secrets."""
    return {
        "kind": type(err).__name__,
        "problem": err.problem,
        "details": dict(err.details),
    }


def load_error(stored: object) -> ClientError | None:
    """Return an error that was stored, or None if it is damaged."""
    match stored:
        case {"kind": str(kind), "problem": str(problem), "details": dict(details)}:
            texts = {str(key): str(value) for key, value in details.items()}
            return _KINDS.get(kind, DeliveryError)(problem, **texts)
    return None
