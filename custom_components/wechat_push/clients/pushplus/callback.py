"""What PushPlus tells of a message by itself, once all is over."""

from typing import Final

from ..message import Fate, Outcome
from ..transport import clean
from .codes import NOT_SENT, read_outcome, whole_number

# The first is PushPlus's own spelling, which it may mend one day.
_EVENTS: Final = frozenset({"message_complate", "message_complete"})


def read_callback(payload: object) -> tuple[str, Outcome] | None:
    """Return which message a callback of PushPlus is about, and what became of it.

    PushPlus calls for other reasons as well, and may send the same twice.

    Args:
        payload: the JSON of the request; anyone may have sent it.

    """
    match payload:
        case {
            "event": str(event),
            "messageInfo": {"shortCode": str(short_code), "sendStatus": status} as info,
        } if event in _EVENTS and short_code:
            text = clean(info.get("message"))
            if whole_number(status) == NOT_SENT:
                # It calls when all is over.
                return short_code, Outcome(fate=Fate.FAILED, reason=text)
            return short_code, read_outcome(status, text)
    return None
