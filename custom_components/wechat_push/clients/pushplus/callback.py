"""Callbacks of PushPlus: the outcome of a message."""

from typing import Final

from ..receipt import Fate, Outcome
from ..transport import clean
from .codes import NOT_SENT, read_outcome, whole_number

# The first is PushPlus's own spelling, which may get corrected.
_EVENTS: Final = frozenset({"message_complate", "message_complete"})


def read_callback(payload: object) -> tuple[str, Outcome] | None:
    """Return the short code and the outcome in a callback, or None if it has none.

    PushPlus also calls on other events, and may repeat a callback.

    Args:
        payload: the JSON of the request; untrusted.

    """
    match payload:
        case {
            "event": str(event),
            "messageInfo": {"shortCode": str(short_code), "sendStatus": status} as info,
        } if event in _EVENTS and short_code:
            text = clean(info.get("message"))
            if whole_number(status) == NOT_SENT:
                # There will be no other callback.
                return short_code, Outcome(fate=Fate.FAILED, reason=text)
            return short_code, read_outcome(status, text)
    return None
