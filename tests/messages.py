"""Send messages through the actions, and read the requests they make."""

from typing import Any, Final
from unittest.mock import ANY

import pytest

from custom_components.wechat_push.const import DOMAIN
from homeassistant.core import HomeAssistant, ServiceResponse
from homeassistant.exceptions import ServiceValidationError
from tests.samples import entity_ids
from tests.simulators import Simulator

# Paths of the services.
WXPUSHER_SEND = "/api/send/message"
WECOM_SEND = "/cgi-bin/message/send"
WECOM_RECALL = "/cgi-bin/message/recall"
PUSHPLUS_SEND = "/send"
PUSHPLUS_BATCH = "/batchSend"
PUSHJET_SEND = "/message"

# The fields of WeCom's duplicate check. Tests that set them use other intervals than
# those that are added by default.
_DUPLICATE_CHECK = ("enable_duplicate_check", "duplicate_check_interval")
_OWN_INTERVALS = range(1800, 2400)

# What the answer to a message has that was sent at once and whole.
SENT: Final[dict[str, Any]] = {
    "status": "sent",
    "reason": None,
    "handle": ANY,
    "durable": False,
    "left_out": [],
}

# A URL, so that no file is read or published; an IP address needs no resolver.
PICTURE = "https://93.184.215.14/door.jpg"


async def say(
    hass: HomeAssistant, message: str | None = None, **fields: Any
) -> dict[str, Any]:
    """Send a message, by default to all recipients; return the answer."""
    response = await _call(hass, message, fields, answer=True)
    assert isinstance(response, dict)
    return response


async def tell(hass: HomeAssistant, message: str | None = None, **fields: Any) -> None:
    """Send a message without requesting the answer."""
    assert await _call(hass, message, fields, answer=False) is None


async def refusal(
    hass: HomeAssistant, message: str | None = None, **fields: Any
) -> str:
    """Return the error of a message that is refused without a request."""
    with pytest.raises(ServiceValidationError) as raised:
        await _call(hass, message, fields, answer=False)
    return str(raised.value)


async def recall(hass: HomeAssistant, **fields: Any) -> None:
    """Recall a message, by default from all recipients."""
    await hass.services.async_call(
        DOMAIN,
        "recall_message",
        {"entity_id": entity_ids(hass), **fields},
        blocking=True,
    )


def bodies(simulator: Simulator, path: str) -> list[dict[str, Any]]:
    """Return the JSON of the requests to a path, without the default duplicate check."""
    return [_as_asked(request.json) for request in simulator.requests_to(path)]


def body(simulator: Simulator, path: str) -> dict[str, Any]:
    """Return the JSON of the only request to a path."""
    (only,) = bodies(simulator, path)
    return only


def _as_asked(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body without the default duplicate check."""
    added = body.get("duplicate_check_interval") in _OWN_INTERVALS
    fields = _DUPLICATE_CHECK if added else ()
    return {name: value for name, value in body.items() if name not in fields}


async def _call(
    hass: HomeAssistant, message: str | None, fields: dict[str, Any], *, answer: bool
) -> ServiceResponse:
    """Call the action."""
    given = {} if message is None else {"message": message}
    # The call may have another target than entities.
    named = {
        "entity_id",
        "device_id",
        "area_id",
        "floor_id",
        "label_id",
    } & fields.keys()
    target = {} if named else {"entity_id": entity_ids(hass)}
    return await hass.services.async_call(
        DOMAIN,
        "send_message",
        {**target, **given, **fields},
        blocking=True,
        return_response=answer,
    )
