"""Read media: entities, media sources, files, Home Assistant's web server and the web."""

import base64
import binascii
from dataclasses import dataclass
import mimetypes
import re
from typing import Final
from urllib.parse import unquote_to_bytes

from yarl import URL

from homeassistant.components.media_source import async_resolve_media
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..clients.errors import ContentError, Problem
from ..const import PROBLEM_MEDIA_NOT_ALLOWED, PROBLEM_MEDIA_NOT_FOUND
from ..permission import async_check_read
from .fetch import WebFile, async_fetch, parse_url
from .location import (
    Data,
    Entity,
    Files,
    Item,
    Location,
    Served,
    Web,
    served_location,
    shown_name,
    web_location,
)
from .own_server import async_read_served

# The highest limit of all services, in bytes.
MAX_BYTES: Final = 20 * 1024 * 1024

_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")
# The integration of the media folders.
_MEDIA_SOURCE: Final = "media_source"


@dataclass(frozen=True, kw_only=True, slots=True)
class Medium:
    """A medium as it was read.

    Args:
        content: the bytes; more than the limit if it is too large.
        content_type: MIME type, if known.
        name: of the file, maybe without an extension; empty if there is none.

    """

    content: bytes
    content_type: str | None
    name: str


async def async_read(
    hass: HomeAssistant, location: Location, context: Context
) -> Medium:
    """Read a medium.

    Args:
        hass: Home Assistant.
        location: of the medium.
        context: of the call, whose user needs the permission to read an entity.

    Raises:
        ContentError: it does not exist, or is not allowed.

    """
    match location:
        case Entity():
            return await _async_read_entity(hass, location, context)
        case Item():
            return await _async_read_item(hass, location, context)
        case Files():
            return await hass.async_add_executor_job(
                _read_files, hass, location, shown_name(location)
            )
        case Served():
            if location.entity_id is not None:
                await async_check_read(hass, location.entity_id, context)
            file = await async_read_served(hass, location, context, MAX_BYTES)
            return _from_web(file)
        case Web():
            return _from_web(await async_fetch(hass, location.url, MAX_BYTES))
        case Data():
            return await hass.async_add_executor_job(_decode, location.text)


# These integrations are imported where they are used: their requirements are installed
# only where they are set up.


async def _async_read_entity(
    hass: HomeAssistant, entity: Entity, context: Context
) -> Medium:
    """Return the picture of an entity."""
    entity_id = entity.entity_id
    if entity.domain == "media_player":
        url = URL(f"/api/media_player_proxy/{entity_id}")
        return await async_read(hass, Served(url=url, entity_id=entity_id), context)
    await async_check_read(hass, entity_id, context)
    if entity.domain not in hass.config.components:
        raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=shown_name(entity))
    try:
        if entity.domain == "camera":
            from homeassistant.components import camera  # noqa: PLC0415

            shot = await camera.async_get_image(hass, entity_id)
            content, content_type = shot.content, shot.content_type
        else:
            from homeassistant.components import image  # noqa: PLC0415

            current = await image.async_get_image(hass, entity_id)
            content, content_type = current.content, current.content_type
    except HomeAssistantError, LookupError, ValueError:
        raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=shown_name(entity)) from None
    name = entity_id.replace(".", "_")
    return Medium(content=content, content_type=content_type, name=name)


async def _async_read_item(hass: HomeAssistant, item: Item, context: Context) -> Medium:
    """Return an item of a media source."""
    not_found = ContentError(PROBLEM_MEDIA_NOT_FOUND, name=shown_name(item))
    needed = "tts" if item.source == "tts" else _MEDIA_SOURCE
    if needed not in hass.config.components:
        raise not_found
    try:
        if item.source == "tts":
            return await _async_read_speech(hass, item)
        media = await async_resolve_media(hass, item.identifier, None)
    except HomeAssistantError, LookupError, ValueError, AssertionError:
        # The media folders assert that they know the type of a file.
        raise not_found from None
    if media.path is not None:
        # Other media sources decide about their files themselves.
        may_read = item.source != _MEDIA_SOURCE
        files = Files(paths=(media.path,))
        return await hass.async_add_executor_job(
            _read_files, hass, files, shown_name(item), may_read
        )
    if media.url.startswith("/"):
        location = served_location(hass, media.url)
    else:
        location = web_location(hass, parse_url(media.url))
    medium = await async_read(hass, location, context)
    return Medium(
        content=medium.content,
        content_type=media.mime_type or medium.content_type,
        name=medium.name,
    )


async def _async_read_speech(hass: HomeAssistant, item: Item) -> Medium:
    """Return a text as speech."""
    from homeassistant.components import tts  # noqa: PLC0415

    extension, audio = await tts.async_get_media_source_audio(hass, item.identifier)
    return Medium(content=audio, content_type=None, name=f"speech.{extension}")


def _read_files(
    hass: HomeAssistant,
    files: Files,
    name: str,
    may_read: bool = False,
) -> Medium:
    """Read the first of several files that exists, up to the limit.

    Args:
        hass: Home Assistant.
        files: the paths.
        name: for errors.
        may_read: the files need not be in a folder that Home Assistant allows.

    """
    problem = PROBLEM_MEDIA_NOT_FOUND
    for path in files.paths:
        try:
            if not may_read and not hass.config.is_allowed_path(str(path)):
                problem = PROBLEM_MEDIA_NOT_ALLOWED
            elif path.is_file():
                with path.open("rb", buffering=0) as file:
                    content = file.read(MAX_BYTES + 1)
                return Medium(content=content, content_type=None, name=path.name)
        except OSError, ValueError:
            continue
    raise ContentError(problem, name=name)


def _from_web(file: WebFile) -> Medium:
    """Return a file of the web as a medium."""
    return Medium(content=file.content, content_type=file.content_type, name=file.name)


def _decode(text: str) -> Medium:
    """Return the content of a `data:` URL, after its scheme."""
    head, found, data = text.partition(",")
    content_type, *parameters = (each.strip() for each in head.lower().split(";"))
    if len(data) > 2 * MAX_BYTES:
        raise ContentError(Problem.ATTACHMENT_TOO_LARGE, name="data:", limit=MAX_BYTES)
    try:
        content = unquote_to_bytes(data)
        if "base64" in parameters:
            content = base64.b64decode(b"".join(content.split()) + b"==")
    except binascii.Error, ValueError:
        content = b""
    if not found or not content:
        raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name="data:")
    is_typed = "/" in content_type
    return Medium(
        content=content,
        content_type=content_type if is_typed else None,
        name=content_type.partition("/")[0] if is_typed else "",
    )


def media_type(content_type: str | None, name: str) -> str:
    """Return the MIME type of a medium, without parameters. May read files at first.

    Args:
        content_type: as its source says it, if it does.
        name: of the file.

    """
    kind = (content_type or "").partition(";")[0].strip().lower()
    if _MEDIA_TYPE.fullmatch(kind):
        return kind
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
