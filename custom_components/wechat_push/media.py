"""Pictures and files for messages: from cameras, media, paths and addresses."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
import ipaddress
import mimetypes
from pathlib import Path
import socket
from typing import Any, Final

import aiohttp
from yarl import URL

from homeassistant.components.media_player import BrowseError
from homeassistant.components.media_source import Unresolvable, async_resolve_media
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .clients.errors import ContentError, Problem
from .const import PROBLEM_MEDIA_NOT_ALLOWED, PROBLEM_MEDIA_NOT_FOUND
from .public_media import async_publish, async_publish_path

# The most that any of the services takes.
MAX_BYTES: Final = 20 * 1024 * 1024

_MEDIA_SOURCE = "media_source"
_FETCH_TIMEOUT = aiohttp.ClientTimeout(total=30)
_MAX_REDIRECTS = 3


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
        self._reading = asyncio.Lock()
        self._content: bytes | None = None
        # The path under which Home Assistant itself serves it.
        self._served: str | None = None
        self.content_type = "application/octet-stream"
        self.name = self._given.rpartition("/")[2].partition("?")[0] or "file"

    async def read(self) -> bytes:
        """Return the content.

        Raises:
            ContentError: there is no such thing, it may not be sent, or it is too large.

        """
        async with self._reading:
            if self._content is None:
                self._content = await self._read()
                self._name_by_type()
            return self._content

    async def publish(self) -> str:
        """Return an address under which the service or the reader finds it.

        Raises:
            ContentError: as `read`, or Home Assistant has no external address.

        """
        if self._is_address:
            if not _is_inside(await self._addresses(URL(self._given))):
                return self._given
        elif self._source and self._source not in _ENTITY_SOURCES:
            await self._resolve()
            if self._served is not None:
                return async_publish_path(self._hass, self._served, self.name)
        content = await self.read()
        return async_publish(self._hass, content, self.content_type, self.name)

    @property
    def _is_address(self) -> bool:
        """Tell if this is an address of the web."""
        return self._given.startswith(("http://", "https://"))

    @property
    def _source(self) -> str:
        """Return the domain of the media source, or nothing for anything else."""
        parts = self._given.split("/")
        return parts[2] if self._given.startswith("media-source://") else ""

    async def _read(self) -> bytes:
        """Read the content from where it is."""
        if (read := _ENTITY_SOURCES.get(self._source)) is not None:
            if self._source not in self._hass.config.components:
                raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=self._given)
            try:
                taken = await read(self._hass, self._given)
            except (HomeAssistantError, KeyError) as err:
                raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=self._given) from err
            return self._taken(*taken)
        if self._source:
            if (path := await self._resolve()) is None:
                raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=self._given)
            return await self._hass.async_add_executor_job(self._read_file, path)
        if self._is_address:
            return await self._fetch()
        return await self._hass.async_add_executor_job(self._read_allowed_file)

    def _taken(self, content: bytes, content_type: str | None, name: str) -> bytes:
        """Take a content together with what it is."""
        if content_type:
            self.content_type = content_type
        self.name = name
        return self._within_limit(content)

    def _within_limit(self, content: bytes) -> bytes:
        """Return the content if it is not larger than anything that can be sent."""
        if len(content) > MAX_BYTES:
            raise ContentError(
                Problem.ATTACHMENT_TOO_LARGE, name=self.name, limit=MAX_BYTES
            )
        return content

    async def _resolve(self) -> Path | None:
        """Ask the media source where the item is."""
        if _MEDIA_SOURCE not in self._hass.config.components:
            raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=self._given)
        try:
            media = await async_resolve_media(self._hass, self._given, None)
        except (Unresolvable, BrowseError) as err:
            raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=self._given) from err
        self.content_type = media.mime_type or self.content_type
        if media.url.startswith("/"):
            self._served = media.url.partition("?")[0]
        return media.path

    def _read_allowed_file(self) -> bytes:
        """Read a file, if it is in a folder that Home Assistant may show."""
        if not self._hass.config.is_allowed_path(self._given):
            raise ContentError(PROBLEM_MEDIA_NOT_ALLOWED, name=self._given)
        return self._read_file(Path(self._given))

    def _read_file(self, path: Path) -> bytes:
        """Read a file up to the limit."""
        try:
            with path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except OSError as err:
            raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=self._given) from err
        return self._taken(content, mimetypes.guess_type(path.name)[0], path.name)

    async def _fetch(self) -> bytes:
        """Fetch an address, step by step where it redirects."""
        url = URL(self._given)
        session = async_get_clientsession(self._hass)
        for _ in range(_MAX_REDIRECTS + 1):
            await self._check_address(url)
            try:
                async with session.get(
                    url, allow_redirects=False, timeout=_FETCH_TIMEOUT
                ) as response:
                    if 300 <= response.status < 400:
                        url = url.join(URL(response.headers.get("Location", "")))
                        continue
                    if response.status != HTTPStatus.OK:
                        break
                    content = bytearray()
                    async for chunk in response.content.iter_chunked(64 * 1024):
                        content += chunk
                        if len(content) > MAX_BYTES:
                            break
                    return self._taken(
                        bytes(content), response.content_type, url.name or "file"
                    )
            except aiohttp.ClientError, TimeoutError, OSError, ValueError:
                break
        # The address may hold a secret; its host tells enough.
        raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=url.host or "?") from None

    async def _check_address(self, url: URL) -> None:
        """Refuse addresses of the home network that are not on the allow-list."""
        if url.scheme not in ("http", "https"):
            raise ContentError(PROBLEM_MEDIA_NOT_ALLOWED, name=url.host or "?")
        if self._hass.config.is_allowed_external_url(str(url)):
            return
        if _is_inside(await self._addresses(url)):
            raise ContentError(PROBLEM_MEDIA_NOT_ALLOWED, name=url.host or "?")

    async def _addresses(self, url: URL) -> list[str]:
        """Return the addresses that the host of an URL has."""
        try:
            found = await self._hass.loop.getaddrinfo(
                url.host, url.port, type=socket.SOCK_STREAM
            )
        except OSError as err:
            raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=url.host or "?") from err
        return [str(address[4][0]) for address in found]

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


def _is_inside(addresses: list[str]) -> bool:
    """Tell if any of the addresses belongs to no place on the public internet."""
    return any(
        not ipaddress.ip_address(address.partition("%")[0]).is_global
        for address in addresses
    )
