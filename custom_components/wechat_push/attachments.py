"""Turn the pictures and files of a message into what its service takes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from homeassistant.core import HomeAssistant

from . import images
from .clients.errors import ContentError, Problem
from .clients.message import Attachment, AttachmentKind, Client, Message
from .media import Medium

ATTR_FILE: Final = "file"
ATTR_IMAGE: Final = "image"

# What of the files has a kind of its own at services that tell them apart.
_KINDS = {
    "audio/amr": AttachmentKind.VOICE,
    "video/mp4": AttachmentKind.VIDEO,
}


async def async_attach(
    hass: HomeAssistant,
    client: Client[Any],
    message: Message,
    media: Mapping[str, Medium],
) -> Message:
    """Return a message with its attachments, uploaded or linked as the service needs it.

    Args:
        hass: the Home Assistant that reads them.
        client: knows what its service takes.
        message: what is to be said.
        media: by the field that they were given in.

    Raises:
        ContentError: something cannot be read, is too large, or can be reached by
            nobody.

    """
    attachments = [
        await _async_attachment(hass, client, message, field, medium)
        for field, medium in media.items()
    ]
    return replace(message, attachments=tuple(attachments))


async def _async_attachment(
    hass: HomeAssistant,
    client: Client[Any],
    message: Message,
    field: str,
    medium: Medium,
) -> Attachment:
    """Return one attachment."""
    if field == ATTR_IMAGE:
        kind = AttachmentKind.IMAGE
    elif any(client.uploads(each, message) for each in AttachmentKind):
        await medium.read()
        kind = _KINDS.get(medium.content_type, AttachmentKind.FILE)
    else:
        kind = AttachmentKind.FILE
    if not client.uploads(kind, message):
        url = await medium.publish()
        return Attachment(
            kind=kind, name=medium.name, content_type=medium.content_type, url=url
        )
    content, content_type = await medium.read(), medium.content_type
    limit = client.attachment_limits[kind]
    if kind is AttachmentKind.IMAGE:
        content, content_type = await hass.async_add_executor_job(
            images.fitted, content, medium.name, limit
        )
    if len(content) > limit:
        raise ContentError(Problem.ATTACHMENT_TOO_LARGE, name=medium.name, limit=limit)
    return Attachment(
        kind=kind, name=medium.name, content_type=content_type, content=content
    )
