"""Download files, but not from the home network unless that is allowed."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
import ipaddress
import socket
from typing import Final, override

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import (
    SERVER_SOFTWARE,
    async_get_clientsession,
)
from homeassistant.util.ssl import get_default_context

from ..clients.errors import ContentError
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


@dataclass(frozen=True, kw_only=True, slots=True)
class WebFile:
    """A downloaded file; its content is incomplete if it exceeds the limit."""

    content: bytes
    content_type: str
    name: str


class _CheckedResolver(AbstractResolver):
    """Resolves to the addresses that were checked, so that they cannot change."""

    def __init__(self, addresses: list[str]) -> None:
        self._addresses = addresses

    @override
    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,
    ) -> list[ResolveResult]:
        """Return the checked addresses."""
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses
        ]

    @override
    async def close(self) -> None:
        """Close nothing."""


def parse_url(text: str) -> URL:
    """Return a text as a URL of the web.

    Raises:
        ContentError: this is not such a URL. As the text may hold a secret, the error
            shows only the scheme.

    """
    scheme = text.partition("://")[0].lower()
    if scheme not in _SCHEMES:
        raise ContentError(PROBLEM_MEDIA_SCHEME, scheme=scheme)
    try:
        url = URL(text)
    except ValueError:
        url = URL()
    if not url.host:
        raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=f"{scheme}://…")
    return url


async def async_is_internal(hass: HomeAssistant, url: URL) -> bool:
    """Return if a URL leads to an address that is not on the public internet.

    Raises:
        ContentError: the host is unknown.

    """
    return _any_internal(await _async_resolve(hass, url))


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
    raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=url.host or "?")


async def _async_request(hass: HomeAssistant, url: URL, limit: int) -> WebFile | URL:
    """Return the file of a URL, or the URL that it redirects to."""
    if hass.config.is_allowed_external_url(str(url.with_user(None))):
        return await _async_get(async_get_clientsession(hass), url, limit)
    addresses = await _async_resolve(hass, url)
    if _any_internal(addresses):
        raise ContentError(PROBLEM_MEDIA_NOT_ALLOWED, name=url.host or "?")
    connector = aiohttp.TCPConnector(
        resolver=_CheckedResolver(addresses), ssl=get_default_context()
    )
    async with aiohttp.ClientSession(
        connector=connector, headers={"User-Agent": SERVER_SOFTWARE}
    ) as session:
        return await _async_get(session, url, limit)


async def _async_get(
    session: aiohttp.ClientSession, url: URL, limit: int
) -> WebFile | URL:
    """Send a request for a URL."""
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


async def _async_resolve(hass: HomeAssistant, url: URL) -> list[str]:
    """Return the addresses of the host of a URL."""
    try:
        found = await hass.loop.getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
    except OSError, UnicodeError:
        raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=url.host or "?") from None
    return list(dict.fromkeys(str(address[4][0]) for address in found))


def _any_internal(addresses: list[str]) -> bool:
    """Return if any address is not on the public internet."""
    return any(
        not ipaddress.ip_address(address.partition("%")[0]).is_global
        for address in addresses
    )
