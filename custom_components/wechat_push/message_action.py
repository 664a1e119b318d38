"""Sending a message with the fields of an action to several recipients."""

import asyncio
from collections.abc import Mapping, Sequence

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .delivery.outbox_message import Answer
from .errors import (
    field_label,
    service_name,
    several_failed,
    translate_error,
    validation_error,
)
from .media.attachments import ATTR_FILE, ATTR_IMAGE
from .media.source import MediaReference
from .recipient import Fields, Recipient


async def async_send_to(
    hass: HomeAssistant,
    recipients: Mapping[str, Recipient],
    fields: Fields,
    context: Context,
    *,
    unreached: Sequence[str] = (),
    strict_media: bool = False,
    returns_refused: bool = False,
) -> dict[str, Answer]:
    """Send a message to recipients side by side; return their answers.

    Args:
        hass: Home Assistant.
        recipients: by their keys in the result.
        fields: of the action, cleaned and checked.
        context: of the call; its user needs the permission to read what is attached.
        unreached: entities that were named in vain.
        strict_media: a picture or file that cannot be meant is an error.
        returns_refused: targets that are refused among accepted ones are no error.

    Raises:
        HomeAssistantError: at least one failed; it names each, the others succeeded.

    """
    for field in fields if recipients else ():
        if not any(each.supports_field(field) for each in recipients.values()):
            services = {
                service_name(hass, each.provider.key) for each in recipients.values()
            }
            raise validation_error(
                "field_unknown",
                {
                    "field": field_label(hass, [field]),
                    "services": ", ".join(sorted(services)),
                },
            )
    media = references(hass, fields, context)
    for reference in media.values():
        if strict_media and reference.invalid is not None:
            raise translate_error(hass, reference.invalid)
    results = await asyncio.gather(
        *(
            recipient.async_send_fields(fields, media, returns_refused=returns_refused)
            for recipient in recipients.values()
        ),
        return_exceptions=True,
    )
    return raise_failures(hass, recipients, results, unreached)


def references(
    hass: HomeAssistant, fields: Fields, context: Context
) -> dict[str, MediaReference]:
    """Return the media of a message; each is read once, for however many recipients.

    Args:
        hass: Home Assistant.
        fields: of the action, cleaned and checked.
        context: of the call; its user needs the permission to read them.

    """
    return {
        field: MediaReference(hass, fields[field], context)
        for field in (ATTR_IMAGE, ATTR_FILE)
        if field in fields
    }


def raise_failures[T](
    hass: HomeAssistant,
    recipients: Mapping[str, Recipient],
    results: list[T | BaseException],
    unreached: Sequence[str],
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
    if len(recipients) == 1 and failures and not unreached:
        raise failures[0][1]
    if failures or unreached:
        raise several_failed(hass, failures, unreached, succeeded=len(done))
    return done
