"""Actions of WeChat Push: send a message with all its fields, and recall one."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import voluptuous as vol

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)

from .const import DOMAIN
from .delivery.outbox_message import Answer
from .errors import validation_error
from .fields import clean, read_fields, shown_key
from .message_action import async_send_to, raise_failures
from .targets import TARGET_FIELDS, Targets, async_resolve_targets

SERVICE_RECALL_MESSAGE: Final = "recall_message"
SERVICE_SEND_MESSAGE: Final = "send_message"

ATTR_MESSAGE_ID: Final = "message_id"

# A schema error is in English, and ends even what goes on after errors. What is wrong
# with a call is found out by its handler.
_ANYTHING: Final = vol.Schema({}, extra=vol.ALLOW_EXTRA)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions.

    They are no entity services, which do not see the members of a notify group.
    """
    hass.services.async_register(
        DOMAIN,
        SERVICE_SEND_MESSAGE,
        _async_send_message,
        schema=_ANYTHING,
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN, SERVICE_RECALL_MESSAGE, _async_recall_message, schema=_ANYTHING
    )


async def _async_send_message(call: ServiceCall) -> ServiceResponse:
    """Send a message to all targets of a call."""
    fields = read_fields(call.hass, _fields(call))
    targets = await _async_targets(call)
    answers = await async_send_to(
        call.hass,
        {key: entity.recipient for key, entity in targets.entities.items()},
        fields,
        call.context,
        unreached=targets.unreached,
        strict_media=True,
        returns_refused=call.return_response,
    )
    if not call.return_response:
        return None
    return {entity_id: _response(answer) for entity_id, answer in answers.items()}


async def _async_recall_message(call: ServiceCall) -> None:
    """Recall a message of all targets of a call."""
    given = _fields(call)
    if unknown := given.keys() - {ATTR_MESSAGE_ID}:
        key = shown_key(min(map(str, unknown)))
        raise validation_error("field_not_known", {"field": key})
    message_id = clean(ATTR_MESSAGE_ID, given.get(ATTR_MESSAGE_ID))
    targets = await _async_targets(call)
    recipients = {key: entity.recipient for key, entity in targets.entities.items()}
    results = await asyncio.gather(
        *(
            recipient.async_recall(None if message_id is None else str(message_id))
            for recipient in recipients.values()
        ),
        return_exceptions=True,
    )
    raise_failures(call.hass, recipients, results, targets.unreached)


def _fields(call: ServiceCall) -> Mapping[str, Any]:
    """Return the data of a call without its target."""
    return {key: value for key, value in call.data.items() if key not in TARGET_FIELDS}


async def _async_targets(call: ServiceCall) -> Targets:
    """Return the targets of a call."""
    target = {key: value for key, value in call.data.items() if key in TARGET_FIELDS}
    return await async_resolve_targets(call.hass, target, call.context)


def _response(answer: Answer) -> dict[str, Any]:
    """Return an answer as response data."""
    reason = answer.failed or answer.queued
    status = "sent" if answer.queued is None else "queued"
    return {
        "status": status if answer.failed is None else "failed",
        "reason": None if reason is None else reason.problem,
        "handle": answer.handle,
        "durable": answer.durable,
        "accepted": [
            {"target": each.target, "message_id": each.message_id}
            for each in answer.receipt.accepted
        ],
        "refused": [
            {"target": each.target, "reason": each.reason}
            for each in answer.receipt.refused
        ],
        "left_out": list(answer.left_out),
    }
