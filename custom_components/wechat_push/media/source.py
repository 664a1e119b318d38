"""References to media, shared by the recipients of an action."""

import asyncio
from collections import deque
from collections.abc import Mapping
import copy
import mimetypes
from typing import Any, Final
import weakref

from homeassistant.core import Context, HomeAssistant
from homeassistant.util.hass_dict import HassKey

from ..clients.errors import ContentError, Problem
from ..clients.message import Attachment
from ..const import DOMAIN, PROBLEM_NOT_A_PICTURE
from .fetch import async_is_public, holds_secret
from .images import fit_image
from .location import Web, clean_name, parse_location, shown_name
from .public import async_publish, async_renew
from .readers import MAX_BYTES, Medium, async_read, media_type

# References that keep their content for the next recipient, by all actions together.
_MAX_CACHED: Final = 2

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

    The recipients of an action share a reference, so that the medium is read, and a
    picture is scaled, once.

    Args:
        hass: Home Assistant.
        value: what the media selector or a person entered: an entity ID, an item of a
            media source, a path or a URL.
        context: of the call; its user needs the permission to read an entity.

    """

    def __init__(
        self,
        hass: HomeAssistant,
        value: Mapping[str, Any] | str,
        context: Context | None = None,
    ) -> None:
        self._hass = hass
        self._context = context or Context()
        self._lock = asyncio.Lock()
        self._fit_lock = asyncio.Lock()
        self._publish_lock = asyncio.Lock()
        self._content: bytes | None = None
        self._fitted: dict[int, Attachment] = {}
        self._error: ContentError | None = None
        self._published: str | None = None
        self.content_type = "application/octet-stream"
        # Of the file.
        self.name = "file"
        # For errors, notes and logs.
        self.shown = "?"
        # What cannot be meant, whatever the state of the house.
        self.invalid: ContentError | None = None
        try:
            text = value if isinstance(value, str) else value["media_content_id"]
            self._location = parse_location(hass, text)
            self.shown = shown_name(self._location)
        except ContentError as err:
            self.invalid = self._error = err
            self.shown = next(iter(err.details.values()), self.shown)

    async def read(self) -> bytes:
        """Return the content.

        Raises:
            ContentError: the medium does not exist, is not allowed, or is too large.

        """
        async with self._lock:
            return await self._read()

    async def fitted(self, limit: int) -> Attachment:
        """Return the medium as a picture within a limit in bytes.

        Raises:
            ContentError: as `read`, or it is not a picture.

        """
        async with self._fit_lock:
            if (fitted := self._fitted.get(limit)) is None:
                content = await self.read()
                try:
                    fitted = await self._hass.async_add_executor_job(
                        fit_image, content, self.name, limit
                    )
                except ContentError as err:
                    self._error = err
                    raise
                self._fitted[limit] = fitted
            return fitted

    async def publish(
        self, owner: str, *, is_picture: bool = False
    ) -> tuple[str, bytes]:
        """Return a URL that the service or the reader can open.

        Args:
            owner: recipient of the message; see `async_withdraw`.
            is_picture: it is shown as a picture.

        Returns:
            the URL, and what is served there; nothing if it is of the web.

        Raises:
            ContentError: as `read`, it is not a picture, or Home Assistant has no external
                URL.

        """
        async with self._publish_lock:
            if self._published is not None:
                content = async_renew(self._hass, self._published, owner)
                if content is not None:
                    return self._published, content
            if (url := await self._public_url()) is not None:
                return url, b""
            content = await self.read()
            if is_picture and not self.content_type.startswith("image/"):
                raise ContentError(PROBLEM_NOT_A_PICTURE, name=self.shown)
            self._published = async_publish(
                self._hass, content, self.content_type, self.name, owner
            )
            return self._published, content

    def drop_content(self) -> None:
        """Free the memory of the content; it is read again when needed."""
        self._content = None
        self._fitted.clear()

    async def _public_url(self) -> str | None:
        """Return the URL of the medium itself, if everybody may have it."""
        if not isinstance(self._location, Web) or holds_secret(self._location.url):
            return None
        self._set_name(self._location.url.name)
        if not await async_is_public(self._location.url):
            return None
        return str(self._location.url)

    async def _read(self) -> bytes:
        """Read the content, unless that was done."""
        if self._error is not None:
            # Other recipients do not wait for the same error again.
            raise copy.copy(self._error)
        if self._content is None:
            try:
                medium = await async_read(self._hass, self._location, self._context)
                content = check_size(medium.content, self.shown, MAX_BYTES)
            except ContentError as err:
                self._error = err
                raise
            # The first use of MIME types reads files.
            await self._hass.async_add_executor_job(self._describe, medium)
            self._content = content
            self._limit_cache()
        return self._content

    def _limit_cache(self) -> None:
        """Drop the content that was read first, if there is too much."""
        cached = self._hass.data.setdefault(_CACHED, deque())
        cached.append(weakref.ref(self))
        if len(cached) > _MAX_CACHED and (oldest := cached.popleft()()) is not None:
            oldest.drop_content()

    def _set_name(self, name: str) -> None:
        """Set the name of the file, unless it is empty."""
        self.name = clean_name(name) or self.name

    def _describe(self, medium: Medium) -> None:
        """Set the type, and the name with the extension that the type requires."""
        self._set_name(medium.name)
        self.content_type = media_type(medium.content_type, self.name)
        if "." not in self.name:
            self.name += mimetypes.guess_extension(self.content_type) or ""
