"""Download files, but not from the home network unless that is allowed."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
import re
from typing import Final

import aiohttp
from yarl import URL

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import (
    SERVER_SOFTWARE,
    async_get_clientsession,
)
from homeassistant.util.ssl import get_default_context

from ..clients.errors import ContentError
from ..clients.message import shortened
from ..clients.public_network import is_public, pinned_connector, resolve
from ..const import (
    PROBLEM_MEDIA_NOT_ALLOWED,
    PROBLEM_MEDIA_NOT_FOUND,
    PROBLEM_MEDIA_SCHEME,
)

# Seconds for the whole file, redirects included.
_FETCH_SECONDS = 30
_MAX_REDIRECTS = 3
_CHUNK = 64 * 1024
_SCHEMES: Final = frozenset({"http", "https"})
# Names of query parameters whose value gives access.
_SECRET: Final = re.compile(
    r"(?i)(?:.*[-_.])?(?:(?:access|auth|api)?_?(?:token|key|sig)|signature|pass(?:wd|word)?"
    r"|pwd|psw|pin|login_?pass?|secret|auth(?:orization)?|bearer|jwt|sign|cred(?:ential)?s?"
    r"|session(?:_?id)?|sid)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class WebFile:
    """A downloaded file; its content is incomplete if it exceeds the limit."""

    content: bytes
    content_type: str
    name: str


def parse_url(text: str) -> URL:
    """Return a text as a URL of the web.

    Raises:
        ContentError: this is not such a URL. As the text may hold a secret, the error
            shows only the scheme.

    """
    scheme = text.partition("://")[0].lower()
    if scheme not in _SCHEMES:
        raise ContentError(PROBLEM_MEDIA_SCHEME, scheme=shortened(scheme))
    try:
        url = URL(text)
    except ValueError:
        url = URL()
    if not url.host:
        raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=f"{scheme}://…")
    return url


def shown_host(url: URL) -> str:
    """Return the host of a URL for errors: its path and query may be secret."""
    return shortened(url.host or "?")


def holds_secret(url: URL) -> bool:
    """Return if a URL has a login, or a query that looks like one."""
    if url.raw_user is not None or url.raw_password is not None:
        return True
    # Some servers take a semicolon between parameters; scripts read the fragment.
    parameters = re.split("[&;]", f"{url.query_string}&{url.fragment}")
    return any(_SECRET.fullmatch(each.partition("=")[0]) for each in parameters)


async def async_is_public(url: URL) -> bool:
    """Return if a URL leads to the public internet.

    Raises:
        ContentError: the host is unknown.

    """
    return all(map(is_public, await _async_resolve(url)))


async def async_fetch(hass: HomeAssistant, url: URL, limit: int) -> WebFile:
    """Download a file and check the address of each redirect.

    Args:
        hass: Home Assistant.
        url: of the file. It may hold a secret: errors show only the host.
        limit: in bytes; the download ends soon after it.

    Raises:
        ContentError: there is no such file, or one of the addresses is not allowed.

    """
    try:
        async with asyncio.timeout(_FETCH_SECONDS):
            for _ in range(_MAX_REDIRECTS + 1):
                result = await _async_request(hass, url, limit)
                if isinstance(result, WebFile):
                    return result
                url = result
    except aiohttp.ClientError, TimeoutError, OSError, ValueError:
        # These exceptions contain the URL; raise without a cause.
        pass
    raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=shown_host(url))


async def _async_request(hass: HomeAssistant, url: URL, limit: int) -> WebFile | URL:
    """Return the file of a URL, or the URL that it redirects to."""
    if hass.config.is_allowed_external_url(str(url.with_user(None))):
        return await async_get(async_get_clientsession(hass), url, limit)
    addresses = await _async_resolve(url)
    if not all(map(is_public, addresses)):
        raise ContentError(PROBLEM_MEDIA_NOT_ALLOWED, name=shown_host(url))
    connector = pinned_connector(addresses, get_default_context())
    async with aiohttp.ClientSession(
        connector=connector, headers={"User-Agent": SERVER_SOFTWARE}
    ) as session:
        return await async_get(session, url, limit)


async def async_get(
    session: aiohttp.ClientSession, url: URL, limit: int
) -> WebFile | URL:
    """Send a request for a URL; return the file, or the URL that it redirects to.

    Raises:
        ContentError: it redirects to something else than a URL of the web.
        aiohttp.ClientError: there is no such file.

    """
    async with session.get(url, allow_redirects=False) as response:
        if 300 <= response.status < 400:
            return parse_url(str(url.join(URL(response.headers.get("Location", "")))))
        if response.status != HTTPStatus.OK:
            raise aiohttp.ClientError
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.content.iter_chunked(_CHUNK):
            chunks.append(chunk)
            size += len(chunk)
            if size > limit:
                break
        return WebFile(
            content=b"".join(chunks),
            content_type=response.content_type,
            name=url.name,
        )


async def _async_resolve(url: URL) -> list[str]:
    """Return the addresses of the host of a URL."""
    try:
        return await resolve(url.host or "", url.port)
    except OSError:
        raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=shown_host(url)) from None
