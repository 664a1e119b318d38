"""Actions of WeChat Push: send a message with all its fields, and recall one."""

import asyncio
from typing import Any, Final

import voluptuous as vol

from homeassistant.components.notify import DOMAIN as NOTIFY_DOMAIN
from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv, service
from homeassistant.helpers.service import EntityServiceResponse

from .const import DOMAIN
from .delivery.outbox_message import Answer
from .message_action import MESSAGE_FIELDS, async_send_to, raise_failures
from .notify import RecipientNotifyEntity
from .recipient import Recipient

SERVICE_RECALL_MESSAGE: Final = "recall_message"
SERVICE_SEND_MESSAGE: Final = "send_message"

ATTR_MESSAGE_ID: Final = "message_id"

SEND_MESSAGE_SCHEMA = cv.make_entity_service_schema(MESSAGE_FIELDS)
RECALL_MESSAGE_SCHEMA = cv.make_entity_service_schema(
    {vol.Optional(ATTR_MESSAGE_ID): cv.string}
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    service.async_register_batched_platform_entity_service(
        hass,
        DOMAIN,
        SERVICE_SEND_MESSAGE,
        entity_domain=NOTIFY_DOMAIN,
        schema=SEND_MESSAGE_SCHEMA,
        func=_async_send_message,
        supports_response=SupportsResponse.OPTIONAL,
    )
    service.async_register_batched_platform_entity_service(
        hass,
        DOMAIN,
        SERVICE_RECALL_MESSAGE,
        entity_domain=NOTIFY_DOMAIN,
        schema=RECALL_MESSAGE_SCHEMA,
        func=_async_recall_message,
    )


async def _async_send_message(
    entities: list[RecipientNotifyEntity], call: ServiceCall
) -> EntityServiceResponse | None:
    """Send a message to all entities of a call."""
    answers = await async_send_to(
        call.hass,
        _get_recipients(entities),
        call.data,
        returns_refused=call.return_response,
    )
    return {entity_id: _response(answer) for entity_id, answer in answers.items()}


async def _async_recall_message(
    entities: list[RecipientNotifyEntity], call: ServiceCall
) -> None:
    """Recall a message of all entities of a call."""
    recipients = _get_recipients(entities)
    message_id = call.data.get(ATTR_MESSAGE_ID)
    results = await asyncio.gather(
        *(recipient.async_recall(message_id) for recipient in recipients.values()),
        return_exceptions=True,
    )
    raise_failures(call.hass, recipients, results)


def _response(answer: Answer) -> dict[str, Any]:
    """Return an answer as response data."""
    queued = answer.queued
    return {
        "status": "sent" if queued is None else "queued",
        "reason": None if queued is None else queued.problem,
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


def _get_recipients(entities: list[RecipientNotifyEntity]) -> dict[str, Recipient]:
    """Return the recipients of entities, in a stable order."""
    return {
        entity.entity_id: entity.recipient
        for entity in sorted(entities, key=lambda each: each.entity_id)
    }
