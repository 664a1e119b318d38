"""Pictures and files for messages: from cameras, media, paths and addresses."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
import copy
import mimetypes
from pathlib import Path
import re
from typing import Any, Final
from urllib.parse import quote

from homeassistant.components.media_source import MEDIA_MIME_TYPES, async_resolve_media
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..clients.errors import ContentError, Problem
from ..const import PROBLEM_MEDIA_NOT_ALLOWED, PROBLEM_MEDIA_NOT_FOUND
from .fetch import async_fetch, async_is_inside, web_address
from .public import async_publish, async_publish_path

# The most that any of the services takes.
MAX_BYTES: Final = 20 * 1024 * 1024

# The media folders, and the integration that has them.
_MEDIA_SOURCE = "media_source"
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]")


def within(content: bytes, name: str, limit: int) -> bytes:
    """Return a content if it is within a limit of bytes.

    Raises:
        ContentError: it is larger.

    """
    if len(content) > limit:
        raise ContentError(Problem.ATTACHMENT_TOO_LARGE, name=name, limit=limit)
    return content


class Medium:
    """A picture or a file that somebody wants to send; it is read once at most.

    Args:
        hass: the Home Assistant that it is read by.
        value: what the media selector or a person gave: an item of a media source, a
            path or an address.

    """

    def __init__(self, hass: HomeAssistant, value: Mapping[str, Any] | str) -> None:
        """Keep what is to be read."""
        self._hass = hass
        self._given = value if isinstance(value, str) else value["media_content_id"]
        parts = self._given.split("/")
        self._is_media = self._given.startswith("media-source://")
        # The domain of the media source.
        self._source = parts[2] if self._is_media else ""
        self._reading = asyncio.Lock()
        self._publishing = asyncio.Lock()
        self._content: bytes | None = None
        self._failure: ContentError | None = None
        self._address: str | None = None
        # The path under which Home Assistant itself serves it.
        self._served: str | None = None
        self.content_type = "application/octet-stream"
        self.name = "file"
        if not self._is_address:
            # What the text of speech or an option of a source is stands behind the "?".
            last = parts[-1].partition("?")[0] if self._is_media else parts[-1]
            self._call(last)

    async def read(self) -> bytes:
        """Return the content.

        Raises:
            ContentError: there is no such thing, it may not be sent, or it is too large.

        """
        async with self._reading:
            if self._failure is not None:
                # Whoever else waited for it need not wait for the same again.
                raise copy.copy(self._failure)
            if self._content is None:
                try:
                    self._content = await self._read()
                except ContentError as err:
                    self._failure = err
                    raise
                self._name_by_type()
            return self._content

    async def publish(self) -> str:
        """Return an address under which the service or the reader finds it.

        Raises:
            ContentError: as `read`, or Home Assistant has no external address.

        """
        async with self._publishing:
            if self._address is None:
                self._address = await self._publish()
            return self._address

    async def _publish(self) -> str:
        """Find or make an address."""
        if self._is_address:
            url = web_address(self._given)
            self._call(url.name)
            if not await async_is_inside(self._hass, url):
                return self._given
        elif self._source and self._source not in _ENTITY_SOURCES:
            await self._resolve()
            if self._served is not None:
                return async_publish_path(self._hass, self._served, self.name)
        content = await self.read()
        return async_publish(self._hass, content, self.content_type, self.name)

    @property
    def _is_address(self) -> bool:
        """Tell if this is meant as an address of the web."""
        return not self._is_media and "://" in self._given

    @property
    def _told(self) -> str:
        """Return what an error calls it."""
        return self._given.partition("?")[0] if self._is_media else self._given

    def _call(self, name: str) -> None:
        """Give it a name, unless there is nothing in it."""
        self.name = _CONTROL_CHARACTERS.sub("_", name).strip() or self.name

    async def _read(self) -> bytes:
        """Read the content from where it is."""
        if self._is_address:
            file = await async_fetch(self._hass, web_address(self._given), MAX_BYTES)
            return self._taken(file.content, file.content_type, file.name)
        if (read := _ENTITY_SOURCES.get(self._source)) is not None:
            if self._source not in self._hass.config.components:
                raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=self._told)
            try:
                taken = await read(self._hass, self._given)
            except (HomeAssistantError, LookupError, ValueError) as err:
                raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=self._told) from err
            return self._taken(*taken)
        path = await self._resolve() if self._is_media else Path(self._given)
        if path is None:
            raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=self._told)
        return await self._hass.async_add_executor_job(self._read_file, path)

    def _taken(self, content: bytes, content_type: str | None, name: str) -> bytes:
        """Take a content together with what it is."""
        if content_type:
            self.content_type = content_type
        self._call(name)
        return within(content, self.name, MAX_BYTES)

    async def _resolve(self) -> Path | None:
        """Ask the media source where the item is."""
        if _MEDIA_SOURCE not in self._hass.config.components:
            raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=self._told)
        try:
            media = await async_resolve_media(self._hass, self._given, None)
        except (HomeAssistantError, LookupError, ValueError, AssertionError) as err:
            # The media folders assert that they know the type of a file.
            raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=self._told) from err
        if media.path is not None:
            await self._hass.async_add_executor_job(self._check_file, media.path)
        self.content_type = media.mime_type or self.content_type
        if self._source != _MEDIA_SOURCE:
            self._served = media.url if media.url.startswith("/") else None
        elif self.content_type.partition("/")[0] in MEDIA_MIME_TYPES:
            # It gives the name of a file as it is, and shows nothing but these types.
            self._served = quote(media.url)
        return media.path

    def _check_file(self, path: Path) -> None:
        """Refuse what is no file, or not in a folder that Home Assistant may show."""
        # What other media sources keep is theirs to show.
        listed = self._source in ("", _MEDIA_SOURCE)
        try:
            if listed and not self._hass.config.is_allowed_path(str(path)):
                raise ContentError(PROBLEM_MEDIA_NOT_ALLOWED, name=self._told)
            if path.is_file():
                return
        except OSError, ValueError:
            pass
        raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=self._told)

    def _read_file(self, path: Path) -> bytes:
        """Read a file up to the limit."""
        self._check_file(path)
        try:
            with path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except OSError as err:
            raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=self._told) from err
        return self._taken(content, mimetypes.guess_type(path.name)[0], path.name)

    def _name_by_type(self) -> None:
        """Give a name without an ending the one of its type."""
        if "." not in self.name or self._source in _ENTITY_SOURCES:
            ending = mimetypes.guess_extension(self.content_type) or ""
            self.name = self.name.replace(".", "_") + ending


# The content, its type and a name. These integrations are imported where they are used:
# what they need is installed only where they are set up.
type _Taken = tuple[bytes, str | None, str]


async def _read_camera(hass: HomeAssistant, given: str) -> _Taken:
    """Take a picture with a camera, now."""
    from homeassistant.components import camera  # noqa: PLC0415

    entity_id = given.rpartition("/")[2]
    shot = await camera.async_get_image(hass, entity_id)
    return shot.content, shot.content_type, entity_id


async def _read_image(hass: HomeAssistant, given: str) -> _Taken:
    """Return the picture of an image entity."""
    from homeassistant.components import image  # noqa: PLC0415

    entity_id = given.rpartition("/")[2]
    picture = await image.async_get_image(hass, entity_id)
    return picture.content, picture.content_type, entity_id


async def _read_speech(hass: HomeAssistant, given: str) -> _Taken:
    """Have a text spoken."""
    from homeassistant.components import tts  # noqa: PLC0415

    extension, audio = await tts.async_get_media_source_audio(hass, given)
    return audio, mimetypes.guess_type(f"speech.{extension}")[0], "speech"


_ENTITY_SOURCES: Final[dict[str, Callable[[HomeAssistant, str], Awaitable[_Taken]]]] = {
    "camera": _read_camera,
    "image": _read_image,
    "tts": _read_speech,
}
