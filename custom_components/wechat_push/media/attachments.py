"""Attach media to messages, as uploads or links."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
import logging
from typing import Any, Final

from homeassistant.core import HomeAssistant

from ..clients.client import Client
from ..clients.errors import ContentError, Problem
from ..clients.message import Attachment, AttachmentKind, Message
from ..delivery.capacity import Room
from .public import current_url
from .slots import NoRoomError, Reserve, async_media_slots
from .source import MediaReference, check_size

_LOGGER = logging.getLogger(__name__)

ATTR_FILE: Final = "file"
ATTR_IMAGE: Final = "image"

# Some services treat voice and video files differently; these also take any file.
_FILE_KINDS = (AttachmentKind.VOICE, AttachmentKind.VIDEO, AttachmentKind.FILE)
# Not every system has a MIME type for it.
_AMR_MAGIC = b"#!AMR\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Addressed[TargetT]:
    """A message with what decides how its media are attached.

    Args:
        client: of the account.
        target: the recipients, in terms of the service.
        owner: ID of the recipient.
        message: without attachments.
        left_out: what the message goes without anyhow.
        error: why.

    """

    client: Client[TargetT]
    target: TargetT
    owner: str
    message: Message
    left_out: tuple[str, ...] = ()
    error: ContentError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Attached:
    """A message with its attachments.

    Args:
        message: with the attachments that could be had, and a note about the others.
        rooms: reserved for the content of the attachments; the caller releases them.
        left_out: names of the attachments that could not be had, and of links.

    """

    message: Message
    rooms: tuple[Room, ...] = ()
    left_out: tuple[str, ...] = ()


def as_sent[TargetT](
    hass: HomeAssistant, client: Client[TargetT], message: Message, target: TargetT
) -> Message:
    """Return a message whose linked attachments are their links alone.

    Args:
        hass: Home Assistant.
        client: of the account.
        message: as it is kept.
        target: the recipients, in terms of the service.

    """
    if not message.attachments:
        return message
    attachments: list[Attachment] = []
    for each in message.attachments:
        shown = each
        if each.url is not None:
            shown = replace(each, url=current_url(hass, each.url))
            if not client.takes_upload(each.kind, message, target):
                shown = replace(shown, content=b"", size=0)
        attachments.append(shown)
    return replace(message, attachments=tuple(attachments))


async def async_attach(
    hass: HomeAssistant,
    addressed: Addressed[Any],
    media: Mapping[str, MediaReference],
    reserve: Reserve,
    note: Callable[[str], str],
) -> Attached:
    """Add media to a message, uploaded or linked as its service requires.

    A message goes without a medium that cannot be had, and says so.

    Args:
        hass: Home Assistant.
        addressed: the message.
        media: by field.
        reserve: reserves room for an upload in bytes; returns None if there is none.
        note: returns the text in place of an attachment.

    Raises:
        ContentError: the message would be empty. All rooms are released.

    """
    attachments: list[Attachment] = []
    rooms: list[Room] = []
    left_out = [*addressed.left_out]
    error = addressed.error
    with ExitStack() as undo:
        for field, reference in media.items():
            try:
                attachment, room = await _async_attachment(
                    hass, addressed, field, reference, reserve
                )
            except NoRoomError:
                left_out.append(reference.shown)
            except ContentError as err:
                _LOGGER.info("A message goes without %s: %s", reference.shown, err)
                left_out.append(reference.shown)
                error = error or err
            else:
                attachments.append(attachment)
                if room is not None:
                    rooms.append(room)
                    undo.callback(room.release)
        message = replace(addressed.message, attachments=tuple(attachments))
        if left_out:
            text = note(", ".join(left_out))
            message = await hass.async_add_executor_job(
                _noted, hass, replace(addressed, message=message), text, error
            )
        undo.pop_all()
    return Attached(message=message, rooms=tuple(rooms), left_out=tuple(left_out))


def _noted(
    hass: HomeAssistant,
    addressed: Addressed[Any],
    note: str,
    error: ContentError | None,
) -> Message:
    """Return a message with a note, unless the note makes it too long.

    Raises:
        ContentError: without its media, the message is empty.

    """
    client, message, target = addressed.client, addressed.message, addressed.target
    plain = client.sendable(message, target)
    noted = client.with_note(plain, target, note)
    try:
        client.prepare(as_sent(hass, client, plain, target), target)
    except ContentError as err:
        if err.problem == Problem.MESSAGE_EMPTY and error is not None:
            raise error from None
        # The delivery reports whatever else is wrong with it.
        return noted
    try:
        client.prepare(as_sent(hass, client, noted, target), target)
    except ContentError:
        return plain
    return noted


async def _async_attachment(
    hass: HomeAssistant,
    addressed: Addressed[Any],
    field: str,
    reference: MediaReference,
    reserve: Reserve,
) -> tuple[Attachment, Room | None]:
    """Return an attachment, and the room for its content if it has some."""
    client = addressed.client
    kinds = (AttachmentKind.IMAGE,) if field == ATTR_IMAGE else _FILE_KINDS
    limits = {
        kind: client.attachment_limits[kind]
        for kind in kinds
        if client.takes_upload(kind, addressed.message, addressed.target)
    }
    async with async_media_slots(hass).slot():
        if not limits:
            return await _async_link(addressed, kinds[-1], reference, reserve)
        slots = async_media_slots(hass)
        async with slots.reserved(client, reserve, max(limits.values())) as room:
            if field == ATTR_IMAGE:
                attachment = await reference.fitted(limits[AttachmentKind.IMAGE])
                if client.links_refused_uploads:
                    attachment = await _async_with_link(
                        addressed, attachment, reference
                    )
            else:
                attachment = _file(await reference.read(), reference, limits)
            room.shrink(len(attachment.content))
    return attachment, room


async def _async_link(
    addressed: Addressed[Any],
    kind: AttachmentKind,
    reference: MediaReference,
    reserve: Reserve,
) -> tuple[Attachment, Room | None]:
    """Return an attachment that is linked, and the room for its content.

    The content is kept with the message, as the link is served from memory. Without room,
    a message that waits over a restart has a link that leads nowhere.
    """
    url, content = await reference.publish(
        addressed.owner, is_picture=kind is AttachmentKind.IMAGE
    )
    room = reserve(len(content)) if content else None
    attachment = Attachment(
        kind=kind,
        name=reference.name,
        content_type=reference.content_type,
        content=b"" if room is None else content,
        url=url,
    )
    return attachment, room


async def _async_with_link(
    addressed: Addressed[Any], attachment: Attachment, reference: MediaReference
) -> Attachment:
    """Return an attachment that is linked if its upload is refused, where possible."""
    try:
        url, _ = await reference.publish(addressed.owner)
    except ContentError:
        return attachment
    return replace(attachment, url=url)


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
