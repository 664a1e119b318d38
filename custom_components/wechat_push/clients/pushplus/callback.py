"""Callbacks of PushPlus: the outcome of a message, friends and members of groups."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

from ..receipt import Fate, Outcome
from .codes import NOT_SENT, read_outcome, whole_number, without_tokens

# The first is PushPlus's own spelling, which may get corrected.
_EVENTS: Final = frozenset({"message_complate", "message_complete"})


class CallbackEvent(StrEnum):
    """Events of an account, as PushPlus names them."""

    ADD_FRIEND = "add_friend"
    ADD_TOPIC_USER = "add_topic_user"


# The object with what is told of an event, and its fields. A friend token is none of
# them: anyone can send to a friend with it.
_DETAILS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    CallbackEvent.ADD_FRIEND: (
        "friendInfo",
        {"friendId": "friend_id", "nickName": "nickname"},
    ),
    CallbackEvent.ADD_TOPIC_USER: (
        "topicUserInfo",
        {
            "id": "user_id",
            "nickName": "nickname",
            "topicCode": "group_code",
            "topicName": "group_name",
        },
    ),
}


# Returns a text for display, without the secrets of the account and those given.
type Clean = Callable[..., str]


def read_callback(payload: object, clean: Clean) -> tuple[str, Outcome] | None:
    """Return the short code and the outcome in a callback, or None if it has none.

    PushPlus also calls on other events, and may repeat a callback.

    Args:
        payload: the JSON of the request; untrusted.
        clean: removes secrets from a text.

    """
    match payload:
        case {
            "event": str(event),
            "messageInfo": {"shortCode": str(short_code), "sendStatus": status} as info,
        } if event in _EVENTS and short_code:
            # With the short code, anyone can read the message.
            text = without_tokens(clean(info.get("message"), short_code))
            if whole_number(status) == NOT_SENT:
                # There will be no other callback.
                return short_code, Outcome(fate=Fate.FAILED, reason=text)
            return short_code, read_outcome(status, text)
    return None


def read_event(
    payload: object, clean: Clean
) -> tuple[CallbackEvent, dict[str, Any]] | None:
    """Return the event of the account in a callback and its details, or None.

    Args:
        payload: the JSON of the request; untrusted.
        clean: removes secrets from a text.

    Returns:
        the event, and what is told of it: texts without secrets, and numbers.

    """
    if not isinstance(payload, dict) or payload.get("event") not in [*CallbackEvent]:
        return None
    event = CallbackEvent(payload["event"])
    holder, names = _DETAILS[event]
    if not isinstance(info := payload.get(holder), dict):
        return None
    fields = {names[key]: value for key, value in info.items() if key in names}
    if event is CallbackEvent.ADD_FRIEND:
        # The parameter of the QR code that was scanned.
        fields["qr_code"] = payload.get("qrCode")
    token = info.get("token")
    secrets = (token,) if isinstance(token, str) and token else ()
    details = {
        key: value if type(value) is int else without_tokens(clean(value, *secrets))
        for key, value in fields.items()
    }
    return event, {key: value for key, value in details.items() if value != ""}
