"""A forward proxy with a login."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncGenerator
import contextlib

LOGIN = "home:proxy-secret"


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy one direction of a connection."""
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


class ForwardProxy:
    """A forward proxy with a login."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.port = 0
        self.login = LOGIN
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
        login = f"Basic {b64encode(self.login.encode()).decode()}"
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
            # The next request has to show its login again.
            server_writer.write(head[:-2] + b"Connection: close\r\n\r\n")
        await asyncio.gather(copy(reader, server_writer), copy(server_reader, writer))

    def url(self, login: str = LOGIN) -> str:
        """Return the address of the proxy."""
        return f"http://{login}@127.0.0.1:{self.port}"


@contextlib.asynccontextmanager
async def running_proxy() -> AsyncGenerator[ForwardProxy]:
    """Run a proxy."""
    proxy = ForwardProxy()
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    yield proxy
    server.close()
