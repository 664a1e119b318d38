"""Turn the pictures and files of a message into what its service takes."""

from collections.abc import Mapping
from dataclasses import replace
import mimetypes
from pathlib import Path
from typing import Any, Final

from homeassistant.core import HomeAssistant

from ..clients.client import Client
from ..clients.message import Attachment, AttachmentKind, Message
from . import images
from .source import Medium, within

ATTR_FILE: Final = "file"
ATTR_IMAGE: Final = "image"

# Services that tell files apart have kinds for speech and films.
_FILE_KINDS = (AttachmentKind.VOICE, AttachmentKind.VIDEO, AttachmentKind.FILE)
# Not every system knows a type for it.
_AMR = b"#!AMR\n"


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
    elif any(client.takes_upload(each, message) for each in _FILE_KINDS):
        kind = _kind(await medium.read(), medium.content_type)
    else:
        kind = AttachmentKind.FILE
    if not client.takes_upload(kind, message):
        url = await medium.publish()
        return Attachment(
            kind=kind, name=medium.name, content_type=medium.content_type, url=url
        )
    content, content_type = await medium.read(), medium.content_type
    name, limits = medium.name, client.attachment_limits
    if kind is AttachmentKind.IMAGE:
        content, content_type = await hass.async_add_executor_job(
            images.fitted, content, name, limits[kind]
        )
        name = _named(name, content_type)
    elif len(content) > limits[kind] and AttachmentKind.FILE in limits:
        # As a file, a film may be larger than one that plays in the chat.
        kind = AttachmentKind.FILE
    return Attachment(
        kind=kind,
        name=name,
        content_type=content_type,
        content=within(content, name, limits[kind]),
    )


def _kind(content: bytes, content_type: str) -> AttachmentKind:
    """Return what a file is to services that tell files apart."""
    if content.startswith(_AMR):
        return AttachmentKind.VOICE
    return AttachmentKind.VIDEO if content_type == "video/mp4" else AttachmentKind.FILE


def _named(name: str, content_type: str) -> str:
    """Return a name with the ending of its type, which a conversion may change."""
    if mimetypes.guess_type(name)[0] == content_type:
        return name
    return f"{Path(name).stem}{mimetypes.guess_extension(content_type) or ''}"
