"""References to media: of cameras, media sources, paths and URLs."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
import copy
import mimetypes
from pathlib import Path
import re
from typing import Any, Final
from urllib.parse import quote
import weakref

from homeassistant.components.media_source import MEDIA_MIME_TYPES, async_resolve_media
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.hass_dict import HassKey

from ..clients.errors import ContentError, Problem
from ..const import DOMAIN, PROBLEM_MEDIA_NOT_ALLOWED, PROBLEM_MEDIA_NOT_FOUND
from .fetch import async_fetch, async_is_internal, parse_url
from .public import async_publish, async_publish_path

# The highest limit of all services.
MAX_BYTES: Final = 20 * 1024 * 1024
# References that keep their content for the next recipient, by all actions together.
_MAX_CACHED: Final = 2

# The integration of the media folders.
_MEDIA_SOURCE = "media_source"
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]")

_CACHED: HassKey[deque[weakref.ref[MediaReference]]] = HassKey(f"{DOMAIN}_media_cached")


def check_size(content: bytes, name: str, limit: int) -> bytes:
    """Return the content if it is within the limit.

    Args:
        content: of a medium.
        name: of the medium, for the error.
        limit: in bytes.

    Raises:
        ContentError: the content is larger.

    """
    if len(content) > limit:
        raise ContentError(Problem.ATTACHMENT_TOO_LARGE, name=name, limit=limit)
    return content


class MediaReference:
    """Refers to a medium that an action attaches to messages.

    The recipients of an action share a reference, so that the medium is read once.

    Args:
        hass: Home Assistant.
        value: what the media selector or a person entered: an item of a media source,
            a path or a URL.

    """

    def __init__(self, hass: HomeAssistant, value: Mapping[str, Any] | str) -> None:
        self._hass = hass
        self._value = value if isinstance(value, str) else value["media_content_id"]
        parts = self._value.split("/")
        self._is_media = self._value.startswith("media-source://")
        # The domain of the media source.
        self._source = parts[2] if self._is_media else ""
        self._read_lock = asyncio.Lock()
        self._publish_lock = asyncio.Lock()
        self._content: bytes | None = None
        self._error: ContentError | None = None
        self._url: str | None = None
        # The path of the medium at Home Assistant's own web server.
        self._served_path: str | None = None
        self.content_type = "application/octet-stream"
        self.name = "file"
        if not self._is_url:
            # The query of a media source holds its options, such as the text to speak.
            last = parts[-1].partition("?")[0] if self._is_media else parts[-1]
            self._set_name(last)

    async def read(self) -> bytes:
        """Return the content.

        Raises:
            ContentError: the medium does not exist, is not allowed, or is too large.

        """
        async with self._read_lock:
            if self._error is not None:
                # Other recipients do not wait for the same error again.
                raise copy.copy(self._error)
            if self._content is None:
                try:
                    self._content = await self._read()
                except ContentError as err:
                    self._error = err
                    raise
                self._limit_cache()
            return self._content

    async def publish(self) -> str:
        """Return a URL that the service or the reader can open.

        Raises:
            ContentError: as `read`, or Home Assistant has no external URL.

        """
        async with self._publish_lock:
            if self._url is None:
                self._url = await self._publish()
            return self._url

    def _limit_cache(self) -> None:
        """Drop the content that was read first, if there is too much."""
        cached = self._hass.data.setdefault(_CACHED, deque())
        cached.append(weakref.ref(self))
        if len(cached) > _MAX_CACHED and (oldest := cached.popleft()()) is not None:
            oldest.drop_content()

    def drop_content(self) -> None:
        """Free the memory of the content; it is read again when needed."""
        self._content = None

    async def _publish(self) -> str:
        """Find or create a URL."""
        if self._is_url:
            url = parse_url(self._value)
            self._set_name(url.name)
            if not await async_is_internal(self._hass, url):
                return self._value
        elif self._source and self._source not in _ENTITY_SOURCES:
            await self._resolve()
            if self._served_path is not None:
                return async_publish_path(self._hass, self._served_path, self.name)
        content = await self.read()
        return async_publish(self._hass, content, self.content_type, self.name)

    @property
    def _is_url(self) -> bool:
        """Return if this is a URL of the web."""
        return not self._is_media and "://" in self._value

    @property
    def _shown(self) -> str:
        """Return the reference as errors show it."""
        return self._value.partition("?")[0] if self._is_media else self._value

    def _set_name(self, name: str) -> None:
        """Set the name of the file, unless it is empty."""
        self.name = _CONTROL_CHARACTERS.sub("_", name).strip() or self.name

    async def _read(self) -> bytes:
        """Read the content."""
        if self._is_url:
            file = await async_fetch(self._hass, parse_url(self._value), MAX_BYTES)
            medium: _Medium = (file.content, file.content_type, file.name)
        elif (read := _ENTITY_SOURCES.get(self._source)) is not None:
            if self._source not in self._hass.config.components:
                raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=self._shown)
            try:
                medium = await read(self._hass, self._value)
            except (HomeAssistantError, LookupError, ValueError) as err:
                raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=self._shown) from err
        else:
            path = await self._resolve() if self._is_media else Path(self._value)
            if path is None:
                raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=self._shown)
            medium = await self._hass.async_add_executor_job(self._read_file, path)
        content, content_type, name = medium
        self._set_name(name)
        check_size(content, self.name, MAX_BYTES)
        # The first use of MIME types reads files.
        await self._hass.async_add_executor_job(self._set_type, content_type)
        return content

    async def _resolve(self) -> Path | None:
        """Resolve an item of a media source; return its path if it is a file."""
        if _MEDIA_SOURCE not in self._hass.config.components:
            raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=self._shown)
        try:
            media = await async_resolve_media(self._hass, self._value, None)
        except (HomeAssistantError, LookupError, ValueError, AssertionError) as err:
            # The media folders assert that they know the type of a file.
            raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=self._shown) from err
        if media.path is not None:
            await self._hass.async_add_executor_job(self._check_file, media.path)
        self.content_type = media.mime_type or self.content_type
        if self._source != _MEDIA_SOURCE:
            self._served_path = media.url if media.url.startswith("/") else None
        elif self.content_type.partition("/")[0] in MEDIA_MIME_TYPES:
            # It does not quote the name of a file, and serves only these types.
            self._served_path = quote(media.url)
        return media.path

    def _check_file(self, path: Path) -> None:
        """Raise an error unless this is a file in an allowed folder."""
        # Other media sources decide about their files themselves.
        restricted = self._source in ("", _MEDIA_SOURCE)
        try:
            if restricted and not self._hass.config.is_allowed_path(str(path)):
                raise ContentError(PROBLEM_MEDIA_NOT_ALLOWED, name=self._shown)
            if path.is_file():
                return
        except OSError, ValueError:
            pass
        raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=self._shown)

    def _read_file(self, path: Path) -> _Medium:
        """Read a file up to the limit."""
        self._check_file(path)
        try:
            with path.open("rb", buffering=0) as file:
                content = file.read(MAX_BYTES + 1)
        except OSError as err:
            raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=self._shown) from err
        return content, mimetypes.guess_type(path.name)[0], path.name

    def _set_type(self, content_type: str | None) -> None:
        """Set the content type if it is known, and the extension that it requires."""
        self.content_type = content_type or self.content_type
        if "." not in self.name or self._source in _ENTITY_SOURCES:
            extension = mimetypes.guess_extension(self.content_type) or ""
            self.name = self.name.replace(".", "_") + extension


# The content, its type and the name of the file.
type _Medium = tuple[bytes, str | None, str]


# These integrations are imported where they are used: their requirements are installed
# only where they are set up.


async def _read_camera(hass: HomeAssistant, value: str) -> _Medium:
    """Return a snapshot of a camera."""
    from homeassistant.components import camera  # noqa: PLC0415

    entity_id = value.rpartition("/")[2]
    image = await camera.async_get_image(hass, entity_id)
    return image.content, image.content_type, entity_id


async def _read_image(hass: HomeAssistant, value: str) -> _Medium:
    """Return the image of an image entity."""
    from homeassistant.components import image  # noqa: PLC0415

    entity_id = value.rpartition("/")[2]
    current = await image.async_get_image(hass, entity_id)
    return current.content, current.content_type, entity_id


async def _read_speech(hass: HomeAssistant, value: str) -> _Medium:
    """Return a text as speech."""
    from homeassistant.components import tts  # noqa: PLC0415

    extension, audio = await tts.async_get_media_source_audio(hass, value)
    content_type, _ = await hass.async_add_executor_job(
        mimetypes.guess_type, f"speech.{extension}"
    )
    return audio, content_type, "speech"


_ENTITY_SOURCES: Final[
    dict[str, Callable[[HomeAssistant, str], Awaitable[_Medium]]]
] = {
    "camera": _read_camera,
    "image": _read_image,
    "tts": _read_speech,
}
