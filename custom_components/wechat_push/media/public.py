"""Signed addresses, good for a day, under which a service or a reader finds a file."""

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
# What is shown to the outside is held in memory, the oldest dropped first.
_MAX_BYTES = 64 * 1024 * 1024

_KEY: HassKey[Shelf] = HassKey(f"{DOMAIN}_media")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Item:
    """A file that is shown for a while."""

    content: bytes
    content_type: str
    ends_at: float


class Shelf:
    """Holds the files that have an address."""

    def __init__(self) -> None:
        """Start empty."""
        self._items: OrderedDict[str, _Item] = OrderedDict()

    def put(self, content: bytes, content_type: str) -> str:
        """Keep a file, and return the key that it is found by."""
        key = secrets.token_urlsafe(16)
        self._items[key] = _Item(
            content=content,
            content_type=content_type,
            ends_at=time.time() + LIFETIME.total_seconds(),
        )
        while self._is_over():
            self._items.popitem(last=False)
        return key

    def _is_over(self) -> bool:
        """Tell if the oldest file has to go: its day is over, or there are too many."""
        oldest = next(iter(self._items.values()))
        total = sum(len(item.content) for item in self._items.values())
        return oldest.ends_at <= time.time() or total > _MAX_BYTES

    def get(self, key: str) -> _Item | None:
        """Return a file, as long as it is to be shown."""
        item = self._items.get(key)
        return item if item is not None and item.ends_at > time.time() else None


class MediaView(HomeAssistantView):
    """Shows the files on the shelf to whoever has a signed address."""

    url = f"/api/{DOMAIN}/media/{{key}}/{{name}}"
    name = f"api:{DOMAIN}:media"

    def __init__(self, shelf: Shelf) -> None:
        """Keep the shelf."""
        self._shelf = shelf

    async def get(self, request: web.Request, key: str, name: str) -> web.Response:
        """Answer with a file."""
        if (item := self._shelf.get(key)) is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        return web.Response(
            body=item.content,
            content_type=item.content_type,
            headers={
                "Cache-Control": "private, max-age=3600",
                # A page from elsewhere may not act as one of Home Assistant's own.
                "Content-Security-Policy": "script-src 'none'",
                "X-Content-Type-Options": "nosniff",
            },
        )


@callback
def async_setup_public_media(hass: HomeAssistant) -> None:
    """Make the view known."""
    shelf = hass.data[_KEY] = Shelf()
    hass.http.register_view(MediaView(shelf))


@callback
def async_publish(
    hass: HomeAssistant, content: bytes, content_type: str, name: str
) -> str:
    """Return an address that shows a file for a day.

    Raises:
        ContentError: Home Assistant has no address that the outside can reach.

    """
    # Before the file is kept, in case that nobody could see it.
    _external_url(hass, name)
    key = hass.data[_KEY].put(content, content_type)
    path = f"/api/{DOMAIN}/media/{key}/{quote(name, safe='')}"
    return async_publish_path(hass, path, name)


@callback
def async_publish_path(hass: HomeAssistant, path: str, name: str) -> str:
    """Return an address that opens a path of Home Assistant for a day.

    Args:
        hass: the Home Assistant that serves it.
        path: percent-encoded, perhaps with a query.
        name: what it is called in an error.

    Raises:
        ContentError: Home Assistant has no address that the outside can reach.

    """
    base = _external_url(hass, name)
    url = URL(path, encoded=True).without_query_params(SIGN_QUERY_PARAM)
    # It decodes the path, so that its signature alone can be used.
    signed = async_sign_path(hass, str(url), LIFETIME, use_content_user=True)
    signature = signed.rpartition(f"{SIGN_QUERY_PARAM}=")[2]
    return f"{base}{url.update_query({SIGN_QUERY_PARAM: signature})}"


def _external_url(hass: HomeAssistant, name: str) -> str:
    """Return the address under which the outside reaches Home Assistant."""
    try:
        return get_url(hass, allow_internal=False, prefer_external=True)
    except NoURLAvailableError as err:
        raise ContentError(PROBLEM_NO_EXTERNAL_URL, name=name) from err
