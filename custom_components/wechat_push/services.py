"""The actions of the domain: send everything a service can say, and take it back."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import voluptuous as vol

from homeassistant.components.notify import DOMAIN as NOTIFY_DOMAIN
from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv, service
from homeassistant.helpers.service import EntityServiceResponse

from .clients.message import Format, Overflow, Receipt
from .const import DOMAIN
from .errors import several_failed, validation_error
from .media.attachments import ATTR_FILE, ATTR_IMAGE
from .media.source import MediaReference
from .notify import RecipientNotifyEntity
from .providers import PROVIDERS
from .recipient import (
    ATTR_EXPIRES_AFTER,
    ATTR_FORMAT,
    ATTR_LEVEL,
    ATTR_MESSAGE,
    ATTR_OVERFLOW,
    ATTR_TARGETS,
    ATTR_TITLE,
    ATTR_URL,
    ATTR_URL_LABEL,
    Fields,
    Recipient,
)

SERVICE_RECALL_MESSAGE: Final = "recall_message"
SERVICE_SEND_MESSAGE: Final = "send_message"

ATTR_MESSAGE_ID: Final = "message_id"

# What the media selector gives, or a path or an address.
_MEDIUM = vol.Any(
    vol.Schema({vol.Required("media_content_id"): cv.string}, extra=vol.REMOVE_EXTRA),
    cv.string,
)

MESSAGE_FIELDS: Final[dict[vol.Marker, Any]] = {
    vol.Optional(ATTR_MESSAGE, default=""): cv.string,
    vol.Optional(ATTR_TITLE): cv.string,
    vol.Optional(ATTR_FORMAT): vol.Coerce(Format),
    vol.Optional(ATTR_URL): cv.string,
    vol.Optional(ATTR_URL_LABEL): cv.string,
    vol.Optional(ATTR_IMAGE): _MEDIUM,
    vol.Optional(ATTR_FILE): _MEDIUM,
    vol.Optional(ATTR_LEVEL): vol.All(vol.Coerce(int), vol.Range(min=1, max=5)),
    vol.Optional(ATTR_EXPIRES_AFTER): cv.positive_time_period,
    vol.Optional(ATTR_OVERFLOW): vol.Coerce(Overflow),
    vol.Optional(ATTR_TARGETS): vol.All(cv.ensure_list, [cv.string]),
}
for _provider in PROVIDERS.values():
    MESSAGE_FIELDS.update(_provider.message_schema.schema)

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


async def async_say_to(
    hass: HomeAssistant,
    recipients: Mapping[str, Recipient],
    fields: Fields,
    *,
    partly: bool = False,
) -> dict[str, Receipt]:
    """Send a message to recipients side by side; return their receipts.

    Args:
        hass: the Home Assistant that reads pictures and files.
        recipients: by what they are called in the answer.
        fields: of the action.
        partly: the caller looks at the receipts, so that a target refused among good
            ones is told there.

    Raises:
        HomeAssistantError: at least one failed; it names each, and the others got theirs.

    """
    for field in fields:
        if not any(recipient.knows(field) for recipient in recipients.values()):
            services = {recipient.provider.name for recipient in recipients.values()}
            raise validation_error(
                "field_unknown",
                {"field": field, "services": ", ".join(sorted(services))},
            )
    # Each is read once, however many recipients there are.
    media = {
        field: MediaReference(hass, fields[field])
        for field in (ATTR_IMAGE, ATTR_FILE)
        if field in fields
    }
    results = await asyncio.gather(
        *(
            recipient.async_say_all(fields, media, partly=partly)
            for recipient in recipients.values()
        ),
        return_exceptions=True,
    )
    return _all_or_raise(hass, recipients, results)


async def _async_send_message(
    entities: list[RecipientNotifyEntity], call: ServiceCall
) -> EntityServiceResponse | None:
    """Send a message to all entities of a call."""
    recipients = _by_entity(entities)
    receipts = await async_say_to(
        call.hass, recipients, call.data, partly=call.return_response
    )
    return {
        entity_id: {
            "status": "queued" if receipt.queued else "sent",
            "reason": receipt.queued.problem if receipt.queued else None,
            "accepted": [
                {"target": each.target, "message_id": each.message_id}
                for each in receipt.accepted
            ],
            "refused": [
                {"target": each.target, "reason": each.reason}
                for each in receipt.refused
            ],
        }
        for entity_id, receipt in receipts.items()
    }


def _by_entity(entities: list[RecipientNotifyEntity]) -> dict[str, Recipient]:
    """Return the recipients of a call by their entities, in an order that stays."""
    return {
        entity.entity_id: entity.recipient
        for entity in sorted(entities, key=lambda each: each.entity_id)
    }


async def _async_recall_message(
    entities: list[RecipientNotifyEntity], call: ServiceCall
) -> None:
    """Take a message back at all entities of a call."""
    recipients = _by_entity(entities)
    message_id = call.data.get(ATTR_MESSAGE_ID)
    results = await asyncio.gather(
        *(recipient.async_recall(message_id) for recipient in recipients.values()),
        return_exceptions=True,
    )
    _all_or_raise(call.hass, recipients, results)


def _all_or_raise[T](
    hass: HomeAssistant,
    recipients: Mapping[str, Recipient],
    results: list[T | BaseException],
) -> dict[str, T]:
    """Return the results by recipient, or raise an error that names each failure."""
    # Two recipients may have the same name.
    failures: list[tuple[str, HomeAssistantError]] = []
    done: dict[str, T] = {}
    for (key, recipient), result in zip(recipients.items(), results, strict=True):
        if isinstance(result, HomeAssistantError):
            failures.append((recipient.name, result))
        elif isinstance(result, BaseException):
            raise result
        else:
            done[key] = result
    if len(recipients) == 1 and failures:
        raise failures[0][1]
    if failures:
        raise several_failed(hass, failures)
    return done
