"""Attach media to messages, as uploads or links."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, Final

from homeassistant.core import HomeAssistant

from ..clients.client import Client
from ..clients.message import Attachment, AttachmentKind, Message
from ..delivery.service import Room
from .images import fit_image
from .slots import NoRoomError, Reserve, async_media_slots
from .source import MediaReference, check_size

ATTR_FILE: Final = "file"
ATTR_IMAGE: Final = "image"

# Some services treat voice and video files differently; these also take any file.
_FILE_KINDS = (AttachmentKind.VOICE, AttachmentKind.VIDEO, AttachmentKind.FILE)
# Not every system has a MIME type for it.
_AMR_MAGIC = b"#!AMR\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attached:
    """A message with its attachments.

    Args:
        message: with the attachments that there was room for.
        rooms: reserved for the content of the attachments; the caller releases them.
        left_out: names of the attachments that there was no room for.

    """

    message: Message
    rooms: tuple[Room, ...] = ()
    left_out: tuple[str, ...] = ()


async def async_attach(
    hass: HomeAssistant,
    client: Client[Any],
    message: Message,
    media: Mapping[str, MediaReference],
    reserve: Reserve,
) -> Attached:
    """Add media to a message, uploaded or linked as its service requires.

    Args:
        hass: Home Assistant.
        client: of the account.
        message: without attachments.
        media: by field.
        reserve: reserves room for an upload in bytes; returns None if there is none.

    Raises:
        ContentError: a medium cannot be read, is too large, or has no URL that the
            service can open. All rooms are released.

    """
    attachments: list[Attachment] = []
    rooms: list[Room] = []
    left_out: list[str] = []
    with ExitStack() as undo:
        for field, reference in media.items():
            try:
                attachment, room = await _async_attachment(
                    hass, client, message, field, reference, reserve
                )
            except NoRoomError:
                left_out.append(reference.name)
                continue
            attachments.append(attachment)
            if room is not None:
                rooms.append(room)
                undo.callback(room.release)
        undo.pop_all()
    return Attached(
        message=replace(message, attachments=tuple(attachments)),
        rooms=tuple(rooms),
        left_out=tuple(left_out),
    )


async def _async_attachment(
    hass: HomeAssistant,
    client: Client[Any],
    message: Message,
    field: str,
    reference: MediaReference,
    reserve: Reserve,
) -> tuple[Attachment, Room | None]:
    """Return an attachment, and the room for it if it is uploaded."""
    kinds = (AttachmentKind.IMAGE,) if field == ATTR_IMAGE else _FILE_KINDS
    limits = {
        kind: client.attachment_limits[kind]
        for kind in kinds
        if client.takes_upload(kind, message)
    }
    slots = async_media_slots(hass)
    async with slots.slot():
        if not limits:
            url = await reference.publish()
            attachment = Attachment(
                kind=kinds[-1],
                name=reference.name,
                content_type=reference.content_type,
                url=url,
            )
            return attachment, None
        async with slots.reserved(client, reserve, max(limits.values())) as room:
            content = await reference.read()
            if field == ATTR_IMAGE:
                attachment = await hass.async_add_executor_job(
                    fit_image,
                    content,
                    reference.name,
                    limits[AttachmentKind.IMAGE],
                )
            else:
                attachment = _file(content, reference, limits)
            room.shrink(len(attachment.content))
    return attachment, room


def _file(
    content: bytes, reference: MediaReference, limits: Mapping[AttachmentKind, int]
) -> Attachment:
    """Return a file as the kind that the service takes it as."""
    kind = AttachmentKind.FILE
    if content.startswith(_AMR_MAGIC):
        kind = AttachmentKind.VOICE
    elif reference.content_type == "video/mp4":
        kind = AttachmentKind.VIDEO
    # Files may be larger than videos that play in the chat.
    if len(content) > limits.get(kind, 0) and AttachmentKind.FILE in limits:
        kind = AttachmentKind.FILE
    return Attachment(
        kind=kind,
        name=reference.name,
        content_type=reference.content_type,
        content=check_size(content, reference.name, limits[kind]),
    )
