"""Addresses that are plainly on the public internet, and all others."""

import pytest

from custom_components.wechat_push.clients.public_network import is_public


@pytest.mark.parametrize(
    "address",
    [
        "93.184.215.14",
        "2606:4700:4700::1111",
        # IPv4-mapped, and NAT64.
        "::ffff:93.184.215.14",
        "64:ff9b::93.184.215.14",
    ],
)
def test_public(address: str) -> None:
    """Test addresses that may be asked."""
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        # IPv4-compatible.
        "::93.184.215.14",
        "::ffff:127.0.0.1",
        "::ffff:192.168.1.1",
        # NAT64.
        "64:ff9b::192.168.1.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b:1::93.184.215.14",
        # 6to4 and Teredo.
        "2002:c0a8:101::1",
        "2001:0:5ef5:79fb::1",
        "fc00::1",
        "fd00::1",
        "fe80::1",
        "fe80::1%eth0",
        # Site-local.
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "2001:db8::1",
    ],
)
def test_not_public(address: str) -> None:
    """Test addresses that may be inside of a home."""
    assert not is_public(address)
