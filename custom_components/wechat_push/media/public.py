"""Serve copies of media at secret URLs, for services that cannot upload them."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
import re
import secrets
from typing import Final
from urllib.parse import quote

from aiohttp import web

from homeassistant.components.http import HomeAssistantView
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.util.hass_dict import HassKey

from ..clients.errors import ContentError
from ..clients.message import Attachment, shortened
from ..clients.uptime import uptime
from ..const import DOMAIN, PROBLEM_NO_EXTERNAL_URL

LIFETIME: Final = timedelta(days=1)
# Published files are kept in memory; the oldest is dropped.
_MAX_BYTES: Final = 64 * 1024 * 1024

# What browsers show without running anything in it.
_SHOWN_TYPES: Final = ("audio/", "video/")
_SHOWN_PICTURES: Final = frozenset(
    {
        *("image/avif", "image/bmp", "image/gif", "image/jpeg", "image/png"),
        *("image/webp", "image/x-ms-bmp"),
    }
)

_PATH: Final = f"/api/{DOMAIN}/media"
_OURS: Final = re.compile(rf"https?://[^/]+({_PATH}/([\w-]+)/[^/?#]*)")

_KEY: HassKey[PublishedFiles] = HassKey(f"{DOMAIN}_media")


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    """A copy of a file.

    Args:
        content: the bytes.
        content_type: MIME type.
        expires_at: by `uptime`: a link lives for a day whatever the clock says.
        owners: recipients of messages with the URL.

    """

    content: bytes = field(repr=False)
    content_type: str
    expires_at: float
    owners: set[str]


class PublishedFiles:
    """The published files, by their keys, the oldest first."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._files: OrderedDict[str, _File] = OrderedDict()
        self._unschedule: CALLBACK_TYPE | None = None

    def add(self, key: str, content: bytes, content_type: str, owner: str) -> None:
        """Serve a file for a day."""
        self._files[key] = _File(
            content=content,
            content_type=content_type,
            expires_at=uptime() + LIFETIME.total_seconds(),
            owners={owner},
        )
        while sum(len(file.content) for file in self._files.values()) > _MAX_BYTES:
            self._files.popitem(last=False)
        self._schedule()

    def renew(self, key: str, owner: str) -> bytes | None:
        """Serve a file for a day from now, also for this owner; return its content.

        Returns:
            None if it is not served any more.

        """
        if (file := self.get(key)) is None:
            return None
        self.add(key, file.content, file.content_type, owner)
        self._files[key].owners.update(file.owners)
        self._files.move_to_end(key)
        return file.content

    def withdraw(self, owners: Iterable[str]) -> None:
        """Drop the files that nobody but these owners has."""
        for key, file in tuple(self._files.items()):
            file.owners.difference_update(owners)
            if not file.owners:
                del self._files[key]

    def get(self, key: str) -> _File | None:
        """Return a file unless it has expired."""
        self._expire()
        return self._files.get(key)

    def _expire(self) -> None:
        """Drop the files that have expired."""
        now = uptime()
        for key, file in tuple(self._files.items()):
            if file.expires_at <= now:
                del self._files[key]

    def _schedule(self) -> None:
        """Free the memory when the oldest file expires, unless that is scheduled."""
        if self._unschedule is not None or not self._files:
            return
        oldest = next(iter(self._files.values()))
        self._unschedule = async_call_later(
            self._hass,
            max(oldest.expires_at - uptime(), 1),
            HassJob(self._async_expired, cancel_on_shutdown=True),
        )

    @callback
    def _async_expired(self, now: datetime) -> None:
        """Handle the end of the oldest file."""
        self._unschedule = None
        self._expire()
        self._schedule()


class MediaView(HomeAssistantView):
    """Serve published files to everybody who has the URL."""

    url = f"{_PATH}/{{key}}/{{name}}"
    name = f"api:{DOMAIN}:media"
    # The key is the secret, so that a link outlives a restart with its message.
    requires_auth = False

    def __init__(self, files: PublishedFiles) -> None:
        self._files = files

    async def head(self, request: web.Request, key: str, name: str) -> web.Response:
        """Return the headers of a file."""
        return await self.get(request, key, name)

    async def get(self, request: web.Request, key: str, name: str) -> web.Response:
        """Return a file, or a range of it."""
        if (file := self._files.get(key)) is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        headers = {
            "Accept-Ranges": "bytes",
            "Cache-Control": "private, max-age=3600",
            "Content-Type": file.content_type,
            # Nothing in a file may act with the rights of the frontend.
            "Content-Security-Policy": "sandbox",
            "X-Content-Type-Options": "nosniff",
        }
        if not (
            file.content_type.startswith(_SHOWN_TYPES)
            or file.content_type in _SHOWN_PICTURES
        ):
            headers["Content-Disposition"] = "attachment"
        size = len(file.content)
        wanted = _range(request, size)
        if wanted is None:
            return web.Response(body=file.content, headers=headers)
        if not wanted:
            return web.Response(
                status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
                headers={"Content-Range": f"bytes */{size}"},
            )
        headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{size}"
        return web.Response(
            status=HTTPStatus.PARTIAL_CONTENT,
            body=file.content[wanted.start : wanted.stop],
            headers=headers,
        )


def _range(request: web.Request, size: int) -> range | None:
    """Return the bytes that are asked for; None is the whole file."""
    if "Range" not in request.headers:
        return None
    try:
        return range(*request.http_range.indices(size))
    except ValueError:
        # Several ranges, or another unit.
        return None


@callback
def async_setup_public_media(hass: HomeAssistant) -> None:
    """Register the view."""
    files = hass.data[_KEY] = PublishedFiles(hass)
    hass.http.register_view(MediaView(files))


@callback
def async_publish(
    hass: HomeAssistant, content: bytes, content_type: str, name: str, owner: str
) -> str:
    """Publish a copy of a file for a day; return its URL.

    Args:
        hass: Home Assistant.
        content: the bytes.
        content_type: MIME type.
        name: of the file.
        owner: recipient of the message with the URL.

    Raises:
        ContentError: Home Assistant has no external URL.

    """
    # Do not store a file that nobody can reach.
    base = external_url(hass, name)
    key = secrets.token_urlsafe(16)
    hass.data[_KEY].add(key, content, content_type, owner)
    return f"{base}{_PATH}/{key}/{quote(name, safe='')}"


@callback
def async_renew(hass: HomeAssistant, url: str, owner: str) -> bytes | None:
    """Serve a published file for a day from now; return its content.

    Args:
        hass: Home Assistant.
        url: of the file.
        owner: recipient of a message with the URL.

    Returns:
        None if it is not served any more.

    """
    return hass.data[_KEY].renew(_key(url), owner)


@callback
def async_publish_again(
    hass: HomeAssistant, attachment: Attachment, owner: str
) -> None:
    """Publish an attachment whose link is not served any more, under the same link.

    Args:
        hass: Home Assistant.
        attachment: with its content.
        owner: recipient of the message.

    """
    hass.data[_KEY].add(
        _key(attachment.url), attachment.content, attachment.content_type, owner
    )


def is_published(attachment: Attachment) -> bool:
    """Return if an attachment has a link of ours, and the content to serve there."""
    return bool(attachment.size and _key(attachment.url))


def current_url(hass: HomeAssistant, url: str) -> str:
    """Return the URL of a published file with the present external URL."""
    if (ours := _OURS.fullmatch(url)) is None:
        return url
    try:
        return f"{external_url(hass, '')}{ours[1]}"
    except ContentError:
        return url


def _key(url: str | None) -> str:
    """Return the key of a published file; empty if the URL is not one of ours."""
    ours = _OURS.fullmatch(url or "")
    return ours[2] if ours else ""


@callback
def async_withdraw(hass: HomeAssistant, owners: Iterable[str]) -> None:
    """Drop the files that only messages to some recipients have the URL of.

    Args:
        hass: Home Assistant.
        owners: recipients that are removed.

    """
    hass.data[_KEY].withdraw(owners)


def external_url(hass: HomeAssistant, name: str) -> str:
    """Return the external URL of Home Assistant.

    Args:
        hass: Home Assistant.
        name: of what needs it, for the error.

    Raises:
        ContentError: there is none.

    """
    try:
        return get_url(hass, allow_internal=False, prefer_external=True)
    except NoURLAvailableError:
        raise ContentError(PROBLEM_NO_EXTERNAL_URL, name=shortened(name)) from None
