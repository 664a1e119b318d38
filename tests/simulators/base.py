"""The common part of the simulators: serve, record and misbehave as scripted."""

import asyncio
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
import contextlib
from dataclasses import dataclass, replace
from email.utils import formatdate
from functools import partial
import socket
import ssl
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
from .blocks import Block
from .handshakes import expect_refused_handshakes
from .recorded import Part, RecordedRequest
from .script import Condition, Script
from .trouble import Trouble
from .wire import break_off, in_pieces, whole

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

SLOWNESS = 20.0

_NOT_FOUND = nginx_page(404, "Not Found")
_NOT_ALLOWED = nginx_page(405, "Not Allowed")
_LOGIN = basic_auth_page("Simulator")
_TOO_LARGE = nginx_page(413, "Request Entity Too Large")


def now() -> float:
    """Return the time of day, which tests may freeze."""
    return time.time()


@dataclass(frozen=True, kw_only=True, slots=True)
class Notification:
    """A message as shown on a simulated phone."""

    service: str
    recipient: str
    title: str
    text: str
    kind: str
    channel: str = ""
    # What the service calls the recipient, if it knows a name.
    recipient_name: str = ""
    # Of a scale from 1 to 5; 0 if the service has none.
    level: int = 0
    blocks: Sequence[Block] = ()
    received: float


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredFile:
    """A file that a service keeps, for phones to show."""

    content: bytes
    content_type: str


class Simulator:
    """The simulator of one service."""

    name: ClassVar[str]
    title: ClassVar[str]
    chinese_title: ClassVar[str]
    # Of its phone.
    colour: ClassVar[str]
    badge: ClassVar[str]
    server: ClassVar[str] = "nginx"
    closes_connections: ClassVar[bool] = False
    # Addresses of clients that any simulator keeps waiting.
    kept_waiting: ClassVar[set[tuple[str, int]]] = set()

    def __init__(self) -> None:
        self.requests: list[RecordedRequest] = []
        self.notifications: list[Notification] = []
        self.url = ""
        self.port = 0
        self._host = ""
        self._ssl_context: ssl.SSLContext | None = None
        self._script = Script()
        self._runner: web.ServerRunner | None = None
        self._held_port: socket.socket | None = None
        self._end_tls: Callable[[], None] | None = None
        self._stopping = asyncio.Event()
        self._held: set[asyncio.Task[Any]] = set()
        self._jobs: set[asyncio.Task[None]] = set()
        self._routes = self.routes()
        self._set_defaults()
        self.restore()

    def _set_defaults(self) -> None:
        """Set the clock and the reverse proxy to the defaults."""
        self.clock: Callable[[], float] = now
        # Seconds that the Date header is ahead of the clock.
        self.date_skew = 0.0
        # Of a reverse proxy in front of the service.
        self.prefix = ""
        self.basic_auth: tuple[str, str] | None = None
        self.body_limit: int | None = None
        # Paths that it passes on; None for all.
        self.passed_paths: Collection[str] | None = None
        # Seconds that an answer takes while the service is slow.
        self.slowness = SLOWNESS
        self._trouble: Trouble | None = None

    def routes(self) -> Mapping[str, Mapping[str, Handler]]:
        """Return the handlers by path and method."""
        raise NotImplementedError

    def restore(self) -> None:
        """Restore the initial accounts."""
        raise NotImplementedError

    def script(
        self, *answers: Answer, path: str | None = None, text: str | None = None
    ) -> None:
        """Give these answers to the next requests, each once and in order.

        Args:
            answers: to give.
            path: of the requests to answer; None for all.
            text: that the body of these requests contains.

        """
        self._script.add(Condition(path, text), *answers)

    def always(
        self, answer: Answer | None, path: str | None = None, text: str | None = None
    ) -> None:
        """Give this answer to every request until called with None.

        Args:
            answer: to give.
            path: of the requests to answer; None for all.
            text: that the body of these requests contains.

        """
        self._script.set(Condition(path, text), answer)

    @property
    def trouble(self) -> Trouble | None:
        """Return what is wrong with the whole service at present."""
        return self._trouble if self._held_port is None else Trouble.DOWN

    async def switch_trouble(self, trouble: Trouble | None) -> None:
        """Have something wrong with the whole service, or nothing with None."""
        if trouble is Trouble.DOWN:
            if self.trouble is not Trouble.DOWN:
                await self.stop()
            return
        if self.trouble is Trouble.DOWN:
            await self.start(
                port=self.port, host=self._host, ssl_context=self._ssl_context
            )
        self._trouble = trouble

    @property
    def can_be_scanned(self) -> bool:
        """Return if the service shows a QR code that nobody has scanned."""
        return False

    def scan_newest(self) -> None:
        """Let somebody scan the newest QR code."""

    def stored_file(self, key: str) -> StoredFile | None:
        """Return a file that phones show."""
        return None

    def enforce_limits(self) -> None:
        """Enforce the published rates and quotas of the service, if it has any."""

    def requests_to(self, path: str) -> list[RecordedRequest]:
        """Return the requests to one path, in order."""
        return [request for request in self.requests if request.path == path]

    def counts(self) -> Counter[str]:
        """Return the number of requests by path."""
        return Counter(request.path for request in self.requests)

    def reset(self) -> None:
        """Drop what was recorded and scripted, restore the initial accounts."""
        self.requests.clear()
        self.notifications.clear()
        self._script.clear()
        self._set_defaults()
        self.restore()

    async def start(
        self,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """Listen on a port, by default any free one."""
        self._release_port()
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
        self._host = host
        self._ssl_context = ssl_context
        self.port = runner.addresses[0][1]
        scheme = "http" if ssl_context is None else "https"
        self.url = f"{scheme}://{host}:{self.port}"

    async def stop(self) -> None:
        """Refuse connections until started on the same port again; abort all others.

        The port stays bound, so that the system gives it to nobody else.
        """
        if (runner := self._runner) is None:
            return
        self._runner = None
        self._stopping.set()
        for job in self._jobs:
            job.cancel()
        held = {*self._held, *self._jobs}
        await runner.cleanup()
        self._held_port = socket.socket()
        self._held_port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._held_port.bind((self._host, self.port))
        if held:
            await asyncio.wait(held, timeout=10)
        if self._end_tls is not None:
            self._end_tls()
            self._end_tls = None

    async def close(self) -> None:
        """Stop for good, and give the port back."""
        await self.stop()
        self._release_port()

    def _release_port(self) -> None:
        """Give a port back that was held without listening."""
        if self._held_port is not None:
            self._held_port.close()
            self._held_port = None

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
        """Close."""
        await self.close()

    # For the services

    def respond(self, request: RecordedRequest) -> Answer:
        """Process a request as the service does."""
        methods = self._routes.get(request.path)
        if methods is None:
            return self.not_found(request)
        handler = methods.get(request.method)
        return self.not_allowed(request) if handler is None else handler(request)

    def not_found(self, request: RecordedRequest) -> Answer:
        """Answer a request for an unknown path."""
        return _NOT_FOUND

    def not_allowed(self, request: RecordedRequest) -> Answer:
        """Answer a request with a method that the path does not support."""
        return _NOT_ALLOWED

    def deliver(
        self,
        *,
        recipient: str,
        title: str,
        text: str,
        kind: str,
        channel: str = "",
        recipient_name: str = "",
        level: int = 0,
        blocks: Sequence[Block] = (),
    ) -> None:
        """Add a notification to the recipient's phone."""
        self.notifications.append(
            Notification(
                service=self.name,
                recipient=recipient,
                title=title,
                text=text,
                kind=kind,
                channel=channel,
                recipient_name=recipient_name,
                level=level,
                blocks=blocks,
                received=time.time(),
            )
        )

    def run_job(self, job: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine in the background until the simulator stops."""
        task = asyncio.get_running_loop().create_task(job)
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)

    # Serving

    async def _handle(self, incoming: web.BaseRequest) -> web.StreamResponse:
        """Record one request and answer it."""
        url = incoming.rel_url
        needs_body = self._script.needs_body
        scripted = None if needs_body else self._script.next(url.path)
        early = scripted is not None and scripted.reset is Reset.BEFORE
        try:
            body = b"" if early else await incoming.content.read()
        except OSError, ClientError, web.RequestPayloadError:
            return break_off(incoming)
        request = RecordedRequest(
            method=incoming.method,
            path=url.path,
            raw_path=url.raw_path,
            query=dict(url.query),
            headers=incoming.headers,
            body=body,
            received=self.clock(),
        )
        self.requests.append(request)
        if needs_body:
            scripted = self._script.next(url.path, request)
        if self.trouble is Trouble.SLOW and not await self._pause(
            incoming, self.slowness
        ):
            return break_off(incoming)
        if scripted is None:
            return self._whole(self._behind_proxy(request))
        if scripted.reset is Reset.BEFORE:
            return break_off(incoming)
        return await self._misbehave(incoming, request, scripted)

    def _behind_proxy(self, request: RecordedRequest) -> Answer:
        """Process a request in the reverse proxy, if any, and then in the service."""
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
        if self.passed_paths is not None and request.path not in self.passed_paths:
            return _NOT_FOUND
        return self.respond(request)

    async def _misbehave(
        self, incoming: web.BaseRequest, request: RecordedRequest, scripted: Answer
    ) -> web.StreamResponse:
        """Give a scripted answer."""
        answer = scripted
        if scripted.act or scripted.genuine or scripted.reset is Reset.AFTER:
            own = self._behind_proxy(request)
            if scripted.genuine:
                answer = replace(own, drip=scripted.drip, reset=scripted.reset)
        if scripted.hang or scripted.delay:
            await self._pause(incoming, None if scripted.hang else scripted.delay)
        if scripted.after is not None:
            await self._pause(incoming, None, scripted.after)
        if scripted.hang or scripted.reset is Reset.AFTER or self._stopping.is_set():
            return break_off(incoming)
        if answer.plain:
            return self._whole(answer)
        with contextlib.suppress(OSError):
            return await in_pieces(
                incoming,
                answer,
                self._head(answer),
                close=self.closes_connections,
                pause=partial(self._pause, incoming),
            )
        return break_off(incoming)

    async def _pause(
        self,
        incoming: web.BaseRequest,
        seconds: float | None,
        end: asyncio.Event | None = None,
    ) -> bool:
        """Wait for some seconds, or an end; return False if the simulator stops before."""
        client = incoming.get_extra_info("peername")
        task = asyncio.current_task()
        assert task is not None
        self._held.add(task)
        task.add_done_callback(self._held.discard)
        self.kept_waiting.add(client)
        ends = [
            asyncio.ensure_future(event.wait())
            for event in (self._stopping, end)
            if event is not None
        ]
        try:
            await asyncio.wait(
                ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for each in ends:
                each.cancel()
            self.kept_waiting.discard(client)
        return not self._stopping.is_set()

    def _head(self, answer: Answer) -> dict[str, str]:
        """Return the headers of an answer."""
        return {
            "Server": self.server,
            "Date": formatdate(self.clock() + self.date_skew, usegmt=True),
            "Content-Type": answer.content_type,
            **answer.headers,
        }

    def _whole(self, answer: Answer) -> web.Response:
        """Return an answer that is sent in one piece."""
        return whole(answer, self._head(answer), close=self.closes_connections)


async def arrival(simulator: Simulator, path: str, *, count: int = 1) -> None:
    """Wait until a service has received requests, answered or not."""
    async with asyncio.timeout(10):
        while len(simulator.requests_to(path)) < count:
            await asyncio.sleep(0)
