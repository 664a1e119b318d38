"""The common part of the simulators: serving, recording, scripted misbehaviour."""

import asyncio
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
import contextlib
from dataclasses import dataclass, replace
from email.utils import formatdate
import socket
import ssl
import struct
import time
from types import TracebackType
from typing import Any, ClassVar, Self

from aiohttp import ClientError, web

from .answers import (
    BAD_ANSWERS,
    Answer,
    Reset,
    basic_auth_page,
    json_answer,
    nginx_page,
)
from .handshakes import expect_refused_handshakes
from .recorded import Part, RecordedRequest

__all__ = [
    "BAD_ANSWERS",
    "Answer",
    "Handler",
    "Notification",
    "Part",
    "RecordedRequest",
    "Reset",
    "Simulator",
    "json_answer",
    "nginx_page",
]

type Handler = Callable[[RecordedRequest], Answer]

_CHUNK = 64 * 1024
_NOT_FOUND = nginx_page(404, "Not Found")
_NOT_ALLOWED = nginx_page(405, "Not Allowed")
_LOGIN = basic_auth_page("Simulator")
_TOO_LARGE = nginx_page(413, "Request Entity Too Large")


def now() -> float:
    """Return the time of day, also where a test has frozen it."""
    return time.time()


@dataclass(frozen=True, kw_only=True, slots=True)
class Notification:
    """What a simulated phone shows."""

    service: str
    recipient: str
    title: str
    text: str
    kind: str
    channel: str = ""
    received: float


class Simulator:
    """A stand-in for one service."""

    name: ClassVar[str]
    title: ClassVar[str]
    server: ClassVar[str] = "nginx"
    closes_connections: ClassVar[bool] = False

    def __init__(self) -> None:
        """Set up with the initial accounts."""
        self.requests: list[RecordedRequest] = []
        self.notifications: list[Notification] = []
        self.url = ""
        self.port = 0
        self.clock: Callable[[], float] = now
        # Of a reverse proxy in front of the service.
        self.prefix = ""
        self.basic_auth: tuple[str, str] | None = None
        self.body_limit: int | None = None
        self._once: dict[str | None, deque[Answer]] = {}
        self._always: dict[str | None, Answer] = {}
        self._runner: web.ServerRunner | None = None
        self._end_tls: Callable[[], None] | None = None
        self._stopping = asyncio.Event()
        self._held: set[asyncio.Task[Any]] = set()
        self._jobs: set[asyncio.Task[None]] = set()
        self._routes = self.routes()
        self.restore()

    def routes(self) -> Mapping[str, Mapping[str, Handler]]:
        """Return the handlers by path and method."""
        raise NotImplementedError

    def restore(self) -> None:
        """Put the initial accounts in place."""
        raise NotImplementedError

    def script(self, *answers: Answer, path: str | None = None) -> None:
        """Give these answers to the next requests, each once and in order."""
        self._once.setdefault(path, deque()).extend(answers)

    def always(self, answer: Answer | None, path: str | None = None) -> None:
        """Give this answer to every request until called with None."""
        if answer is None:
            self._always.pop(path, None)
        else:
            self._always[path] = answer

    def requests_to(self, path: str) -> list[RecordedRequest]:
        """Return the requests to one path, in order."""
        return [request for request in self.requests if request.path == path]

    def reset(self) -> None:
        """Forget what was recorded and scripted, restore the initial accounts."""
        self.requests.clear()
        self.notifications.clear()
        self._once.clear()
        self._always.clear()
        self.clock = now
        self.prefix = ""
        self.basic_auth = None
        self.body_limit = None
        self.restore()

    async def start(
        self,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """Listen; with port 0 on any free port."""
        self._stopping = asyncio.Event()
        runner = web.ServerRunner(
            web.Server(self._handle, access_log=None), shutdown_timeout=10
        )
        await runner.setup()
        site = web.TCPSite(runner, host, port, ssl_context=ssl_context)
        try:
            await site.start()
        except OSError, OverflowError:
            await runner.cleanup()
            raise
        if ssl_context is not None:
            self._end_tls = expect_refused_handshakes(asyncio.get_running_loop())
        self._runner = runner
        self.port = runner.addresses[0][1]
        scheme = "http" if ssl_context is None else "https"
        self.url = f"{scheme}://{host}:{self.port}"

    async def stop(self) -> None:
        """Close all connections at once, those kept waiting too."""
        if (runner := self._runner) is None:
            return
        self._runner = None
        self._stopping.set()
        for job in self._jobs:
            job.cancel()
        held = {*self._held, *self._jobs}
        await runner.cleanup()
        if held:
            await asyncio.wait(held, timeout=10)
        if self._end_tls is not None:
            self._end_tls()
            self._end_tls = None

    async def __aenter__(self) -> Self:
        """Start on any free port."""
        await self.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        await self.stop()

    # For the services

    def respond(self, request: RecordedRequest) -> Answer:
        """Do what the service does for this request."""
        methods = self._routes.get(request.path)
        if methods is None:
            return self.not_found(request)
        handler = methods.get(request.method)
        return self.not_allowed(request) if handler is None else handler(request)

    def not_found(self, request: RecordedRequest) -> Answer:
        """Answer for a path that does not exist."""
        return _NOT_FOUND

    def not_allowed(self, request: RecordedRequest) -> Answer:
        """Answer for a method that a path does not have."""
        return _NOT_ALLOWED

    def deliver(
        self, *, recipient: str, title: str, text: str, kind: str, channel: str = ""
    ) -> None:
        """Show a message on the recipient's phone."""
        self.notifications.append(
            Notification(
                service=self.name,
                recipient=recipient,
                title=title,
                text=text,
                kind=kind,
                channel=channel,
                received=time.time(),
            )
        )

    def run_job(self, job: Coroutine[Any, Any, None]) -> None:
        """Run something beside the requests until the simulator stops."""
        task = asyncio.get_running_loop().create_task(job)
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)

    # Serving

    async def _handle(self, incoming: web.BaseRequest) -> web.StreamResponse:
        """Record one request and answer it."""
        url = incoming.rel_url
        scripted = self._next_scripted(url.path)
        early = scripted is not None and scripted.reset is Reset.BEFORE
        try:
            body = b"" if early else await incoming.content.read()
        except OSError, ClientError, web.RequestPayloadError:
            return self._break_off(incoming)
        request = RecordedRequest(
            method=incoming.method,
            path=url.path,
            raw_path=url.raw_path,
            query=dict(url.query),
            headers=incoming.headers,
            body=body,
        )
        self.requests.append(request)
        if scripted is None:
            return self._whole(self._behind_proxy(request))
        if early:
            return self._break_off(incoming)
        return await self._misbehave(incoming, request, scripted)

    def _next_scripted(self, path: str) -> Answer | None:
        """Take the scripted answer for a path, the one bound to it first."""
        if self._once:
            for key in (path, None):
                if answers := self._once.get(key):
                    return answers.popleft()
        if self._always:
            return self._always.get(path) or self._always.get(None)
        return None

    def _behind_proxy(self, request: RecordedRequest) -> Answer:
        """Answer as the reverse proxy does, if there is one, and the service behind it."""
        if self.basic_auth is not None:
            login = b64encode(":".join(self.basic_auth).encode()).decode()
            if request.headers.get("Authorization") != f"Basic {login}":
                return _LOGIN
        if self.body_limit is not None and len(request.body) > self.body_limit:
            return _TOO_LARGE
        if self.prefix:
            if not request.path.startswith(f"{self.prefix}/"):
                return _NOT_FOUND
            request = replace(
                request,
                path=request.path.removeprefix(self.prefix),
                raw_path=request.raw_path.removeprefix(self.prefix),
            )
        return self.respond(request)

    async def _misbehave(
        self, incoming: web.BaseRequest, request: RecordedRequest, scripted: Answer
    ) -> web.StreamResponse:
        """Carry out a scripted answer."""
        answer = scripted
        if scripted.act or scripted.genuine or scripted.reset is Reset.AFTER:
            own = self._behind_proxy(request)
            if scripted.genuine:
                answer = replace(own, drip=scripted.drip, reset=scripted.reset)
        if scripted.hang or scripted.delay:
            await self._pause(None if scripted.hang else scripted.delay)
        if scripted.hang or scripted.reset is Reset.AFTER or self._stopping.is_set():
            return self._break_off(incoming)
        if answer.plain:
            return self._whole(answer)
        with contextlib.suppress(OSError):
            return await self._in_pieces(incoming, answer)
        return self._break_off(incoming)

    async def _pause(self, seconds: float | None) -> None:
        """Wait, but no longer than until the simulator stops."""
        task = asyncio.current_task()
        assert task is not None
        self._held.add(task)
        task.add_done_callback(self._held.discard)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    def _head(self, answer: Answer) -> dict[str, str]:
        """Return the headers of an answer."""
        return {
            "Server": self.server,
            "Date": formatdate(self.clock(), usegmt=True),
            "Content-Type": answer.content_type,
            **answer.headers,
        }

    def _whole(self, answer: Answer) -> web.Response:
        """Send an answer at once."""
        response = web.Response(
            status=answer.status,
            reason=answer.reason,
            body=answer.payload,
            headers=self._head(answer),
        )
        if self.closes_connections:
            response.force_close()
        return response

    async def _in_pieces(
        self, incoming: web.BaseRequest, answer: Answer
    ) -> web.StreamResponse:
        """Send an answer byte by byte, padded, or only in part."""
        response = web.StreamResponse(
            status=answer.status, reason=answer.reason, headers=self._head(answer)
        )
        if self.closes_connections:
            response.force_close()
        payload = answer.payload
        response.content_length = answer.padding + len(payload)
        if answer.padding:
            # Without a length, so that only counting what arrives tells how much it is.
            response.content_length = None
            response.enable_chunked_encoding()
        await response.prepare(incoming)
        if answer.reset is Reset.DURING:
            await response.write(payload[: len(payload) // 2])
            if incoming.transport is not None:
                incoming.transport.close()
            return response
        for start in range(0, answer.padding, _CHUNK):
            await response.write(b" " * min(_CHUNK, answer.padding - start))
        if answer.drip is None:
            await response.write(payload)
        else:
            for byte in payload:
                await response.write(bytes((byte,)))
                await self._pause(answer.drip)
                if self._stopping.is_set():
                    return self._break_off(incoming)
        await response.write_eof()
        return response

    @staticmethod
    def _break_off(incoming: web.BaseRequest) -> web.Response:
        """Abort the connection, so that the other side sees a reset."""
        if (transport := incoming.transport) is not None:
            peer: socket.socket | None = transport.get_extra_info("socket")
            if peer is not None:
                # Closing with unsent data dropped makes the kernel send RST, not FIN.
                linger = struct.pack("ii", 1, 0)
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            transport.abort()
        return web.Response()
