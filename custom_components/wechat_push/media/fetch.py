"""Files from the web: each address on the way is checked, and only that one is asked."""

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

# For the file as a whole, redirects included.
_FETCH_SECONDS = 30
_MAX_REDIRECTS = 3
_CHUNK = 64 * 1024
_SCHEMES: Final = frozenset({"http", "https"})


@dataclass(frozen=True, kw_only=True, slots=True)
class WebFile:
    """A file that was fetched; its content ends where it exceeds the limit."""

    content: bytes
    content_type: str
    name: str


class _CheckedResolver(AbstractResolver):
    """Knows the addresses that were checked, so that no name can change in between."""

    def __init__(self, addresses: list[str]) -> None:
        """Keep the addresses."""
        self._addresses = addresses

    @override
    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,
    ) -> list[ResolveResult]:
        """Return the addresses, whatever the name server would say by now."""
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


def web_address(text: str) -> URL:
    """Return a text as an address of the web.

    Raises:
        ContentError: it is none; what stands in it may be a secret, so that the scheme
            alone is told.

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


async def async_is_inside(hass: HomeAssistant, url: URL) -> bool:
    """Tell if an address leads to the home network, or to none.

    Raises:
        ContentError: its host is unknown.

    """
    return _any_inside(await _async_addresses(hass, url))


async def async_fetch(hass: HomeAssistant, url: URL, limit: int) -> WebFile:
    """Fetch a file, step by step where its address redirects.

    Args:
        hass: the Home Assistant that fetches it.
        url: its address, which may hold a secret; its host is all that errors tell.
        limit: no more than one byte beyond this is read.

    Raises:
        ContentError: it is not there, or one of the addresses is not allowed.

    """
    try:
        async with asyncio.timeout(_FETCH_SECONDS):
            for _ in range(_MAX_REDIRECTS + 1):
                answer = await _async_ask(hass, url, limit)
                if isinstance(answer, WebFile):
                    return answer
                url = answer
    except aiohttp.ClientError, TimeoutError, OSError, ValueError:
        # They hold the address: none is chained to what leaves here.
        pass
    raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=url.host or "?")


async def _async_ask(hass: HomeAssistant, url: URL, limit: int) -> WebFile | URL:
    """Return the file at an address, or the address that it redirects to."""
    if hass.config.is_allowed_external_url(str(url.with_user(None))):
        return await _async_get(async_get_clientsession(hass), url, limit)
    addresses = await _async_addresses(hass, url)
    if _any_inside(addresses):
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
    """Ask one address."""
    async with session.get(url, allow_redirects=False) as response:
        if 300 <= response.status < 400:
            return web_address(str(url.join(URL(response.headers.get("Location", "")))))
        if response.status != HTTPStatus.OK:
            raise aiohttp.ClientError
        content = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK):
            content += chunk
            if len(content) > limit:
                break
        return WebFile(
            content=bytes(content[: limit + 1]),
            content_type=response.content_type,
            name=url.name,
        )


async def _async_addresses(hass: HomeAssistant, url: URL) -> list[str]:
    """Return the addresses that the host of a URL has."""
    try:
        found = await hass.loop.getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
    except OSError, UnicodeError:
        raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=url.host or "?") from None
    return list(dict.fromkeys(str(address[4][0]) for address in found))


def _any_inside(addresses: list[str]) -> bool:
    """Tell if any of the addresses belongs to no place on the public internet."""
    return any(
        not ipaddress.ip_address(address.partition("%")[0]).is_global
        for address in addresses
    )
