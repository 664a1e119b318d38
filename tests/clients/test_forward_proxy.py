"""A forward proxy on the way to the service."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncGenerator
import contextlib
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
from tests.simulators import Simulator, WxPusher

from .common import Service, endpoint, facts, send, shown

LOGIN = "home:proxy-secret"


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy one direction of a connection."""
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


class Proxy:
    """A forward proxy with a login."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.port = 0
        # Instead of a connection.
        self.refuses: int | None = None

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Connect a client to where it wants to go."""
        head = await reader.readuntil(b"\r\n\r\n")
        first, _, headers = head.decode().partition("\r\n")
        method, target, _ = first.split(" ")
        self.requests.append(f"{method} {target}")
        login = f"Basic {b64encode(LOGIN.encode()).decode()}"
        status = self.refuses
        if f"proxy-authorization: {login}".lower() not in headers.lower():
            status = 407
        if status is not None:
            writer.write(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode())
            writer.close()
            return
        is_tunnel = method == "CONNECT"
        authority = target if is_tunnel else target.split("/")[2]
        host, _, port = authority.partition(":")
        server_reader, server_writer = await asyncio.open_connection(host, int(port))
        if is_tunnel:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            server_writer.write(head)
        await asyncio.gather(copy(reader, server_writer), copy(server_reader, writer))


@pytest.fixture
async def proxy(socket_enabled: None) -> AsyncGenerator[Proxy]:
    """Run a proxy."""
    proxy = Proxy()
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    yield proxy
    server.close()


def through(simulator: Simulator, proxy: Proxy, login: str = LOGIN) -> Endpoint:
    """Return the way to a simulator through the proxy."""
    return endpoint(simulator, proxy=f"http://{login}@127.0.0.1:{proxy.port}")


async def test_every_request_goes_through(
    service: Service,
    simulator: Simulator,
    session: aiohttp.ClientSession,
    proxy: Proxy,
) -> None:
    """Access tokens and uploads are asked for on the same way as messages."""
    client = service.connect(session, through(simulator, proxy))
    await send(client, Message(text="hi"), service.target)
    await client.reach()
    assert proxy.requests
    assert len(simulator.requests) > 1
    assert all("Proxy-Authorization" in each.headers for each in simulator.requests)
    assert simulator.notifications


async def test_tunnel(proxy: Proxy, certificate: ssl.SSLContext) -> None:
    """Over https, the proxy sees nothing but the host."""
    wxpusher = WxPusher()
    await wxpusher.start(ssl_context=certificate)
    connector = aiohttp.TCPConnector(ssl=False)
    async with aiohttp.ClientSession(connector=connector) as session:
        transport = Transport(
            session, through(wxpusher, proxy), recognise=lambda answer: True
        )
        await transport.get("/api/fun/wxuser/v2", {})
    await wxpusher.stop()
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
    proxy: Proxy,
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
    wxpusher: WxPusher, session: aiohttp.ClientSession, proxy: Proxy
) -> None:
    """A proxy that is not there is told as such: nothing was sent."""
    way = endpoint(wxpusher, proxy="http://home:proxy-secret@127.0.0.1:1")
    transport = Transport(session, way, recognise=lambda answer: True)
    with pytest.raises(ClientError) as caught:
        await transport.get("/x", {})
    assert facts(caught.value) == (UnreachableError, Problem.FORWARD_PROXY, False)
    assert "secret" not in shown(caught.value)


async def test_proxy_refuses_a_tunnel(
    session: aiohttp.ClientSession, proxy: Proxy
) -> None:
    """The proxy may not allow the service."""
    proxy.refuses = 403
    way = Endpoint(
        url="https://127.0.0.1:9", proxy=f"http://{LOGIN}@127.0.0.1:{proxy.port}"
    )
    transport = Transport(session, way, recognise=lambda answer: True)
    with pytest.raises(ClientError) as caught:
        await transport.get("/x", {})
    assert facts(caught.value) == (
        UnreachableError,
        Problem.FORWARD_PROXY_REFUSED,
        False,
    )
