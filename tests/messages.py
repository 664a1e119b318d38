"""Messages through the actions of the integration, and what services get of them."""

from typing import Any

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

# The fields by which WeCom drops repetitions. Who chooses them in a test chooses another
# interval than those that every message without a choice gets.
_DUPLICATE_CHECK = ("enable_duplicate_check", "duplicate_check_interval")
_OWN_INTERVALS = range(1800, 2400)

# On the web, so that nothing has to be read or published. A number needs no name server.
PICTURE = "https://93.184.215.14/door.jpg"


async def say(
    hass: HomeAssistant, message: str | None = None, **fields: Any
) -> dict[str, Any]:
    """Send a message to all recipients, unless it is told to which; return the answer."""
    response = await _call(hass, message, fields, answer=True)
    assert isinstance(response, dict)
    return response


async def tell(hass: HomeAssistant, message: str | None = None, **fields: Any) -> None:
    """Send a message as `say`, without asking what came of it."""
    assert await _call(hass, message, fields, answer=False) is None


async def refusal(
    hass: HomeAssistant, message: str | None = None, **fields: Any
) -> str:
    """Return what a person reads about a message that is refused before it is sent."""
    with pytest.raises(ServiceValidationError) as raised:
        await _call(hass, message, fields, answer=False)
    return str(raised.value)


async def recall(hass: HomeAssistant, **fields: Any) -> None:
    """Take a message back at all recipients, unless it is told at which."""
    await hass.services.async_call(
        DOMAIN,
        "recall_message",
        {"entity_id": entity_ids(hass), **fields},
        blocking=True,
    )


def bodies(simulator: Simulator, path: str) -> list[dict[str, Any]]:
    """Return the JSON of the requests to a path, in order, without our own additions."""
    return [_as_asked(request.json) for request in simulator.requests_to(path)]


def body(simulator: Simulator, path: str) -> dict[str, Any]:
    """Return the JSON of the only request to a path."""
    (only,) = bodies(simulator, path)
    return only


def _as_asked(body: dict[str, Any]) -> dict[str, Any]:
    """Leave out the check that makes WeCom drop repetitions, unless a person chose it."""
    added = body.get("duplicate_check_interval") in _OWN_INTERVALS
    fields = _DUPLICATE_CHECK if added else ()
    return {name: value for name, value in body.items() if name not in fields}


async def _call(
    hass: HomeAssistant, message: str | None, fields: dict[str, Any], *, answer: bool
) -> ServiceResponse:
    """Call the action."""
    given = {} if message is None else {"message": message}
    # An area, a device or a label instead of the entity.
    named = {"entity_id", "device_id", "area_id", "label_id"} & fields.keys()
    target = {} if named else {"entity_id": entity_ids(hass)}
    return await hass.services.async_call(
        DOMAIN,
        "send_message",
        {**target, **given, **fields},
        blocking=True,
        return_response=answer,
    )
