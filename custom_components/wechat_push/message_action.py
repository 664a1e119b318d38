"""Fields of a message in an action, and sending it to several recipients."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import voluptuous as vol

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv

from .clients.message import Format, Overflow
from .delivery.outbox_message import Answer
from .errors import several_failed, validation_error
from .media.attachments import ATTR_FILE, ATTR_IMAGE
from .media.source import MediaReference
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

# The value of a media selector, a path or a URL.
_MEDIA = vol.Any(
    vol.Schema({vol.Required("media_content_id"): cv.string}, extra=vol.REMOVE_EXTRA),
    cv.string,
)

MESSAGE_FIELDS: Final[dict[vol.Marker, Any]] = {
    vol.Optional(ATTR_MESSAGE, default=""): cv.string,
    vol.Optional(ATTR_TITLE): cv.string,
    vol.Optional(ATTR_FORMAT): vol.Coerce(Format),
    vol.Optional(ATTR_URL): cv.string,
    vol.Optional(ATTR_URL_LABEL): cv.string,
    vol.Optional(ATTR_IMAGE): _MEDIA,
    vol.Optional(ATTR_FILE): _MEDIA,
    vol.Optional(ATTR_LEVEL): vol.All(vol.Coerce(int), vol.Range(min=1, max=5)),
    vol.Optional(ATTR_EXPIRES_AFTER): cv.positive_time_period,
    vol.Optional(ATTR_OVERFLOW): vol.Coerce(Overflow),
    vol.Optional(ATTR_TARGETS): vol.All(cv.ensure_list, [cv.string]),
}
for _provider in PROVIDERS.values():
    MESSAGE_FIELDS.update(_provider.message_schema.schema)


async def async_send_to(
    hass: HomeAssistant,
    recipients: Mapping[str, Recipient],
    fields: Fields,
    *,
    returns_refused: bool = False,
) -> dict[str, Answer]:
    """Send a message to recipients side by side; return their answers.

    Args:
        hass: Home Assistant.
        recipients: by their keys in the result.
        fields: of the action.
        returns_refused: targets that are refused among accepted ones are no error.

    Raises:
        HomeAssistantError: at least one failed; it names each, the others succeeded.

    """
    for field in fields:
        if not any(each.supports_field(field) for each in recipients.values()):
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
            recipient.async_send_fields(fields, media, returns_refused=returns_refused)
            for recipient in recipients.values()
        ),
        return_exceptions=True,
    )
    return raise_failures(hass, recipients, results)


def raise_failures[T](
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
