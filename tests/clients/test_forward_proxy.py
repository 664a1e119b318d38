"""A forward proxy on the way to the service."""

from collections.abc import AsyncGenerator
import ssl

import aiohttp
import pytest

from custom_components.wechat_push.clients.errors import (
    ClientError,
    CredentialsError,
    Problem,
    UnreachableError,
)
from custom_components.wechat_push.clients.message import Message
from custom_components.wechat_push.clients.transport import Endpoint, Transport
from tests.forward_proxy import LOGIN, ForwardProxy, running_proxy
from tests.simulators import Simulator, WxPusher

from .common import Service, endpoint, facts, send, shown


@pytest.fixture(name="proxy")
async def proxy_fixture(socket_enabled: None) -> AsyncGenerator[ForwardProxy]:
    """Run a proxy."""
    async with running_proxy() as proxy:
        yield proxy


def through(simulator: Simulator, proxy: ForwardProxy, login: str = LOGIN) -> Endpoint:
    """Return the way to a simulator through the proxy."""
    return endpoint(simulator, proxy=proxy.url(login))


async def test_every_request_goes_through(
    service: Service,
    simulator: Simulator,
    session: aiohttp.ClientSession,
    proxy: ForwardProxy,
) -> None:
    """Access tokens and uploads are asked for on the same way as messages."""
    client = service.connect(session, through(simulator, proxy))
    await send(client, Message(text="hi"), service.target)
    await client.reach()
    assert proxy.requests
    assert len(simulator.requests) > 1
    assert all("Proxy-Authorization" in each.headers for each in simulator.requests)
    assert simulator.notifications


async def test_tunnel(proxy: ForwardProxy, certificate: ssl.SSLContext) -> None:
    """Over https, the proxy sees nothing but the host."""
    wxpusher = WxPusher()
    await wxpusher.start(ssl_context=certificate)
    connector = aiohttp.TCPConnector(ssl=False)
    async with aiohttp.ClientSession(connector=connector) as session:
        transport = Transport(
            session, through(wxpusher, proxy), recognise=lambda answer: True
        )
        await transport.get("/api/fun/wxuser/v2", {})
    await wxpusher.close()
    assert proxy.requests == [f"CONNECT 127.0.0.1:{wxpusher.port}"]


@pytest.mark.parametrize(
    ("login", "refuses", "expected"),
    [
        ("home:wrong-secret", None, (CredentialsError, Problem.FORWARD_PROXY_LOGIN)),
        (LOGIN, 407, (CredentialsError, Problem.FORWARD_PROXY_LOGIN)),
    ],
)
async def test_login(
    wxpusher: WxPusher,
    session: aiohttp.ClientSession,
    proxy: ForwardProxy,
    login: str,
    refuses: int | None,
    expected: tuple[type[ClientError], Problem],
) -> None:
    """The proxy's refusal is not the service's, and its login stays a secret."""
    proxy.refuses = refuses
    way = through(wxpusher, proxy, login)
    transport = Transport(session, way, recognise=lambda answer: True)
    with pytest.raises(ClientError) as caught:
        await transport.get("/x", {})
    assert facts(caught.value)[:2] == expected
    assert "secret" not in shown(caught.value) + repr(way)


async def test_no_proxy(
    wxpusher: WxPusher, session: aiohttp.ClientSession, proxy: ForwardProxy
) -> None:
    """A proxy that is not there is told as such: nothing was sent."""
    way = endpoint(wxpusher, proxy="http://home:proxy-secret@127.0.0.1:1")
    transport = Transport(session, way, recognise=lambda answer: True)
    with pytest.raises(ClientError) as caught:
        await transport.get("/x", {})
    assert facts(caught.value) == (UnreachableError, Problem.FORWARD_PROXY, False)
    assert "secret" not in shown(caught.value)


async def test_proxy_refuses_a_tunnel(
    session: aiohttp.ClientSession, proxy: ForwardProxy
) -> None:
    """The proxy may not allow the service."""
    proxy.refuses = 403
    way = Endpoint(url="https://127.0.0.1:9", proxy=proxy.url())
    transport = Transport(session, way, recognise=lambda answer: True)
    with pytest.raises(ClientError) as caught:
        await transport.get("/x", {})
    assert facts(caught.value) == (
        UnreachableError,
        Problem.FORWARD_PROXY_REFUSED,
        False,
    )
