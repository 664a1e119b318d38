"""Addresses on the public internet, and connections to these alone."""

import asyncio
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
import socket
import ssl
from typing import Final, override

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

# The last four bytes are the IPv4 address.
_NAT64: Final = IPv6Network("64:ff9b::/96")
# They lead to an IPv4 address, or into a site, though Python calls some of them global.
_NOT_PUBLIC: Final = (
    # IPv4-compatible.
    IPv6Network("::/96"),
    # Teredo.
    IPv6Network("2001::/32"),
    # 6to4.
    IPv6Network("2002::/16"),
    # Site-local.
    IPv6Network("fec0::/10"),
)


def is_public(address: str) -> bool:
    """Return if an IP address is plainly one of the public internet.

    Args:
        address: in the notation of `getaddrinfo`.

    """
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif ip in _NAT64:
            ip = IPv4Address(ip.packed[-4:])
        elif any(ip in network for network in _NOT_PUBLIC):
            return False
    return ip.is_global and not ip.is_multicast


async def resolve(host: str, port: int | None) -> list[str]:
    """Return the IP addresses of a host.

    Args:
        host: name or IP address.
        port: TCP port.

    Raises:
        OSError: the name is unknown.

    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as err:
        raise OSError("Invalid host name") from err
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def pinned_connector(
    addresses: Sequence[str], context: ssl.SSLContext
) -> aiohttp.TCPConnector:
    """Return a connector to IP addresses that were checked, so that they cannot change.

    Args:
        addresses: of the host that is going to be asked.
        context: to check certificates with.

    """
    return aiohttp.TCPConnector(resolver=_PinnedResolver(addresses), ssl=context)


class _PinnedResolver(AbstractResolver):
    """Resolves every name to the same addresses."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses

    @override
    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,
    ) -> list[ResolveResult]:
        """Return the addresses."""
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
