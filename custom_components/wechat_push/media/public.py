"""Serve media at signed URLs, for services that cannot upload them."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
import secrets
import time
from typing import Final
from urllib.parse import quote

from aiohttp import web
from yarl import URL

from homeassistant.components.http import HomeAssistantView
from homeassistant.components.http.auth import SIGN_QUERY_PARAM, async_sign_path
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.util.hass_dict import HassKey

from ..clients.errors import ContentError
from ..const import DOMAIN, PROBLEM_NO_EXTERNAL_URL

LIFETIME: Final = timedelta(days=1)
# Published files are kept in memory; the oldest is dropped.
_MAX_BYTES = 64 * 1024 * 1024

_KEY: HassKey[PublishedFiles] = HassKey(f"{DOMAIN}_media")


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    """A published file."""

    content: bytes
    content_type: str
    expires_at: float


class PublishedFiles:
    """Store the published files."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, _File] = OrderedDict()

    def add(self, content: bytes, content_type: str) -> str:
        """Add a file and return its key."""
        key = secrets.token_urlsafe(16)
        self._files[key] = _File(
            content=content,
            content_type=content_type,
            expires_at=time.time() + LIFETIME.total_seconds(),
        )
        while self._has_excess():
            self._files.popitem(last=False)
        return key

    def _has_excess(self) -> bool:
        """Return if the oldest file has expired or exceeds the memory limit."""
        oldest = next(iter(self._files.values()))
        total = sum(len(file.content) for file in self._files.values())
        return oldest.expires_at <= time.time() or total > _MAX_BYTES

    def get(self, key: str) -> _File | None:
        """Return a file unless it has expired."""
        file = self._files.get(key)
        return file if file is not None and file.expires_at > time.time() else None


class MediaView(HomeAssistantView):
    """Serve published files at signed URLs."""

    url = f"/api/{DOMAIN}/media/{{key}}/{{name}}"
    name = f"api:{DOMAIN}:media"

    def __init__(self, files: PublishedFiles) -> None:
        self._files = files

    async def get(self, request: web.Request, key: str, name: str) -> web.Response:
        """Return a file."""
        if (file := self._files.get(key)) is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        return web.Response(
            body=file.content,
            content_type=file.content_type,
            headers={
                "Cache-Control": "private, max-age=3600",
                # Scripts of a file must not run with the rights of the frontend.
                "Content-Security-Policy": "script-src 'none'",
                "X-Content-Type-Options": "nosniff",
            },
        )


@callback
def async_setup_public_media(hass: HomeAssistant) -> None:
    """Register the view."""
    files = hass.data[_KEY] = PublishedFiles()
    hass.http.register_view(MediaView(files))


@callback
def async_publish(
    hass: HomeAssistant, content: bytes, content_type: str, name: str
) -> str:
    """Publish a file for a day and return its URL.

    Raises:
        ContentError: Home Assistant has no external URL.

    """
    # Do not store a file that nobody can reach.
    _external_url(hass, name)
    key = hass.data[_KEY].add(content, content_type)
    path = f"/api/{DOMAIN}/media/{key}/{quote(name, safe='')}"
    return async_publish_path(hass, path, name)


@callback
def async_publish_path(hass: HomeAssistant, path: str, name: str) -> str:
    """Sign a path of Home Assistant for a day and return its URL.

    Args:
        hass: Home Assistant.
        path: percent-encoded; may have a query.
        name: of the medium, for the error.

    Raises:
        ContentError: Home Assistant has no external URL.

    """
    base = _external_url(hass, name)
    url = URL(path, encoded=True).without_query_params(SIGN_QUERY_PARAM)
    # The signed path is decoded; use only its signature.
    signed = async_sign_path(hass, str(url), LIFETIME, use_content_user=True)
    signature = signed.rpartition(f"{SIGN_QUERY_PARAM}=")[2]
    return f"{base}{url.update_query({SIGN_QUERY_PARAM: signature})}"


def _external_url(hass: HomeAssistant, name: str) -> str:
    """Return the external URL of Home Assistant."""
    try:
        return get_url(hass, allow_internal=False, prefer_external=True)
    except NoURLAvailableError as err:
        raise ContentError(PROBLEM_NO_EXTERNAL_URL, name=name) from err
