"""HTTP requests: session, timeouts, size limits, JSON, redaction."""

import asyncio
from base64 import b64encode
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
import json
import logging
import re
from typing import Any, Final, override
from urllib.parse import quote, urlencode

import aiohttp
from aiohttp.abc import AbstractStreamWriter
import orjson
from yarl import URL

from .errors import (
    ClientError,
    ContentError,
    CredentialsError,
    EndpointError,
    LimitError,
    Problem,
    TemporaryError,
    UnreachableError,
)
from .message import one_line, plain_json
from .uptime import uptime

_LOGGER = logging.getLogger(__name__)

# Bytes. No answer of these services comes near.
MAX_BODY = 1024 * 1024
# Characters of a service's own words in an error.
MAX_TEXT = 300
REDACTED = "**REDACTED**"
# Characters of a text that are looked at.
_MAX_CLEANED = 10_000
# Bytes of a file that are written at once.
_CHUNK = 64 * 1024
# Bytes of JSON that are parsed in a few milliseconds.
_QUICK = 64 * 1024

# Bounds of Retry-After in seconds, whatever a proxy says.
_MIN_RETRY_AFTER: Final = 1
_MAX_RETRY_AFTER: Final = 24 * 3600
_MAX_REDIRECTS: Final = 5

_SECRET_PARAMETER = re.compile(
    r"(?i)(access_token|app_?token|corpsecret|secret|token|key)=[^&\s\"'<>]+"
)

# Java cuts texts in the middle of an emoji. Group 1 matches what is intact.
_HALF_CHARACTER = re.compile(
    rb"(\\\\|\\u[dD][89aAbB]..\\u[dD][c-fC-F]..)|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)

# Nothing in it ends a link or a picture of Markdown.
_WEB_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'()\[\]]+", re.IGNORECASE)

type Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """Address of a service, and how to connect to it.

    Args:
        url: base URL; a path in it is kept as a prefix.
        username: user of a reverse proxy (HTTP basic authentication).
        password: password of that user.
        connect_timeout: seconds to wait for the connection, name resolution included.
        read_timeout: seconds to wait for the complete answer after that.
        proxy: address of a forward proxy, `http://user:password@host:port`; a secret.
        follow_redirects: follow redirects, but not to another host and not from https to
            http. The method and the body stay.

    """

    url: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    connect_timeout: float = 10
    read_timeout: float = 30
    proxy: str | None = field(default=None, repr=False)
    follow_redirects: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An answer of the service, whatever it says."""

    status: int
    json: Json


class Transport:
    """Sends requests to one endpoint and returns the answers of the service.

    Args:
        session: aiohttp session of the caller; None opens one for each request.
        endpoint: address of the service.
        recognise: returns if a JSON object is an answer of this service.
        secrets: secrets to keep out of errors and logs.
        redirect_hosts: hosts that the front page of the service may redirect to.

    """

    def __init__(
        self,
        session: aiohttp.ClientSession | None,
        endpoint: Endpoint,
        *,
        recognise: Callable[[Json], bool],
        secrets: tuple[str, ...] = (),
        redirect_hosts: tuple[str, ...] = (),
    ) -> None:
        self._session = session
        self._base = endpoint.url.rstrip("/")
        self._recognise = recognise
        self._elsewhere = redirect_hosts
        self._hops = _MAX_REDIRECTS if endpoint.follow_redirects else 0
        self._timeout = aiohttp.ClientTimeout(
            # A server that drips bytes would never run into a read timeout.
            total=endpoint.connect_timeout + endpoint.read_timeout,
            connect=endpoint.connect_timeout,
        )
        self._headers: dict[str, str] = {}
        all_secrets = [secret for secret in secrets if secret]
        if endpoint.username is not None:
            login = f"{endpoint.username}:{endpoint.password or ''}"
            encoded = b64encode(login.encode()).decode()
            self._headers["Authorization"] = f"Basic {encoded}"
            all_secrets += [each for each in (encoded, endpoint.password) if each]
        self._has_login = endpoint.username is not None
        # aiohttp takes the login out of it.
        self._proxy = endpoint.proxy
        if endpoint.proxy is not None and (password := URL(endpoint.proxy).password):
            all_secrets.append(password)
        # As they are in a path, too.
        quoted = [quote(each, safe="", errors="replace") for each in all_secrets]
        self._secrets = tuple(dict.fromkeys([*all_secrets, *quoted]))
        self._passing_secrets: deque[str] = deque(maxlen=4)
        # Time of the server minus our uptime, and what said it last.
        self._server_offset: float | None = None
        self._server_date = ""

    @property
    def server_time(self) -> float | None:
        """Return the time of the server in seconds since 1970, once an answer said it.

        Unlike the clock of this machine, it is what the service measures deadlines by.
        """
        if self._server_offset is None:
            return None
        return uptime() + self._server_offset

    def hide(self, secret: str) -> None:
        """Redact a secret that was received later, such as an access token."""
        self._passing_secrets.append(secret)

    def clean(self, text: object, *secrets: str) -> str:
        """Return a text of the service for display: short, without secrets."""
        return clean(text, (*self._secrets, *self._passing_secrets, *secrets))

    def cleaned(self, answer: Answer, *secrets: str) -> Answer:
        """Return an answer whose texts may be shown."""
        payload = _each_text(answer.json, lambda text: self.clean(text, *secrets))
        return Answer(status=answer.status, json=payload)

    def reason(self, text: object, code: object, *secrets: str) -> str:
        """Return the reason of a refusal: the service's own words, or else its code."""
        return self.clean(text, *secrets) or self.clean(str(code), *secrets) or "?"

    async def reach(self) -> None:
        """Check that the server answers (`GET /`), whatever it says.

        Raises:
            UnreachableError: no connection.
            EndpointError: it redirects to another host, as the login page of a network.
            TemporaryError: no answer in time, or a server error.

        """
        try:
            async with self._response("GET", "/") as response:
                status = response.status
                if 300 <= status < 400 and not self._is_own(response):
                    raise _redirected(response)
                self._note_time(response)
        except TemporaryError as err:
            # The request has no effect.
            err.uncertain = False
            raise
        if status >= 500:
            raise TemporaryError(Problem.SERVER_ERROR, status=status)

    def _is_own(self, response: aiohttp.ClientResponse) -> bool:
        """Return if a redirect stays on the host or an allowed one."""
        try:
            host = response.url.join(URL(response.headers.get("Location", ""))).host
        except ValueError:
            return False
        return host in (response.url.host, *self._elsewhere)

    async def get(self, path: str, query: Mapping[str, str]) -> Answer:
        """Send a GET request.

        Args:
            path: path below the base URL.
            query: query parameters.

        Raises:
            ClientError: as `request`.

        """
        return await self.request("GET", path, query=query)

    async def post_json(
        self, path: str, body: Json, *, query: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a POST request with a JSON body in raw UTF-8, without escapes.

        Args:
            path: path below the base URL.
            body: the body.
            query: query parameters.

        Raises:
            ClientError: as `request`.

        """
        return await self.request(
            "POST",
            path,
            query=query,
            data=dump(body),
            headers={"Content-Type": "application/json; charset=utf-8"},
        )

    async def post_form(self, path: str, form: Mapping[str, str]) -> Answer:
        """Send a POST request with a form.

        Args:
            path: path below the base URL.
            form: the fields.

        Raises:
            ClientError: as `request`.

        """
        return await self.request(
            "POST",
            path,
            # Three times as fast as aiohttp's own form.
            data=urlencode(plain_json(form)).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request and return the answer of the service.

        Args:
            method: HTTP method.
            path: path below the base URL.
            query: query parameters.
            data: body, as aiohttp takes it, or what makes one that can be used only once.
            headers: additional headers.

        Raises:
            UnreachableError: no connection; nothing was sent.
            EndpointError: the answer is not the service's.
            TemporaryError: no answer in time, a server error, or a network that wants a
                login; `uncertain` where the request may have been processed.
            CredentialsError: a proxy refuses the configured login.
            ContentError: the body is too large for a proxy.
            LimitError: HTTP 429.

        """
        async with self._response(
            method, path, params=plain_json(query), data=data, headers=headers
        ) as response:
            if 300 <= response.status < 400:
                raise _redirected(response)
            if response.status == HTTPStatus.TOO_MANY_REQUESTS:
                raise LimitError(
                    Problem.TOO_MANY_REQUESTS, retry_after=_retry_after(response)
                )
            body = await _read(response)
            # A long answer, such as a list of members, takes a while to parse.
            payload = (
                _parse(body)
                if len(body) <= _QUICK
                else await asyncio.to_thread(_parse, body)
            )
            if (
                payload is not None
                and response.status < 500
                and self._recognise(payload)
            ):
                self._note_time(response)
                return Answer(status=response.status, json=payload)
            if (
                self._proxy is not None
                and response.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED
            ):
                # For http, it answers in place of the service.
                raise _refused_by_proxy(response.status)
            raise self._not_the_service(response.status)

    @asynccontextmanager
    async def _response(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        data: Any = None,
        params: Any = None,
    ) -> AsyncGenerator[aiohttp.ClientResponse]:
        """Send a request; translate the errors of aiohttp."""
        # As text: aiohttp reports an invalid URL by an error of its own.
        url: str | URL = self._base + path
        # aiohttp exceptions contain the URL, and the URL may contain a secret: raise
        # without a cause.
        try:
            async with self._open_session() as session:
                for left in range(self._hops, -1, -1):
                    async with session.request(
                        method,
                        url,
                        headers={**self._headers, **(headers or {})},
                        timeout=self._timeout,
                        # aiohttp turns a POST into a GET and sends secrets elsewhere.
                        allow_redirects=False,
                        # Those of Home Assistant make a lost connection of some redirects.
                        middlewares=(),
                        data=data() if callable(data) else data,
                        params=params,
                        proxy=self._proxy,
                    ) as response:
                        self._log(method, path, f"answered HTTP {response.status}")
                        if left and (target := _redirect_within(response)) is not None:
                            # The query is part of it.
                            url, params = target, None
                            continue
                        yield response
                        return
        except (aiohttp.ClientError, TimeoutError, OSError) as err:
            self._log(method, path, f"failed: {type(err).__name__}")
            raise _no_answer(err) from None

    def _log(self, method: str, path: str, outcome: str) -> None:
        """Log a request; some services have the key in the path."""
        if _LOGGER.isEnabledFor(logging.DEBUG):
            _LOGGER.debug("%s %s %s", method, self.clean(path), outcome)

    def _note_time(self, response: aiohttp.ClientResponse) -> None:
        """Remember the time of the server."""
        date = response.headers.get("Date", "")
        # Another answer of the same second says nothing new.
        if date != self._server_date and (moment := _date(date)) is not None:
            self._server_date = date
            self._server_offset = moment.timestamp() - uptime()

    def _open_session(self) -> AbstractAsyncContextManager[aiohttp.ClientSession]:
        """Return the session of the caller, which stays open, or else a new one."""
        if self._session is None:
            return aiohttp.ClientSession()
        return nullcontext(self._session)

    def _not_the_service(self, status: int) -> ClientError:
        """Return the error for an answer that is not the service's."""
        if status in (401, 407):
            if self._has_login:
                return CredentialsError(Problem.PROXY_LOGIN, status=status)
            # The login page of a network: it may be gone soon.
            return TemporaryError(Problem.PROXY_LOGIN, status=status)
        if status == 413:
            # A proxy will never accept a body of this size.
            return ContentError(Problem.HTTP_REFUSED, status=status)
        if status >= 500:
            # 503 means that the request was not processed.
            uncertain = status != HTTPStatus.SERVICE_UNAVAILABLE
            return TemporaryError(
                Problem.SERVER_ERROR, uncertain=uncertain, status=status
            )
        problem = Problem.HTTP_REFUSED
        if status in (200, 404, 405):
            problem = Problem.NOT_THIS_SERVICE
        return EndpointError(problem, uncertain=status < 300, status=status)


class Content(aiohttp.Payload):
    """Content of a file in a multipart body.

    Written in chunks with breaks in between, and never copied as a whole: aiohttp does
    one with bytes and the other with a BytesIO.

    Args:
        content: the bytes.
        content_type: MIME type.

    """

    _value: bytes
    _autoclose = True

    def __init__(
        self, content: bytes, content_type: str = "application/octet-stream"
    ) -> None:
        super().__init__(content, content_type=content_type)
        self._size = len(content)

    @override
    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Return the content as text."""
        return self._value.decode(encoding, errors)

    @override
    async def write(self, writer: AbstractStreamWriter) -> None:
        """Write the content."""
        view = memoryview(self._value)
        for start in range(0, len(view), _CHUNK):
            await writer.write(view[start : start + _CHUNK])
            await asyncio.sleep(0)


def clean(text: object, secrets: Iterable[str] = ()) -> str:
    """Return a text of a service for display: short, without secrets."""
    if not isinstance(text, str):
        return ""
    for secret in filter(None, secrets):
        text = text.replace(secret, REDACTED)
    # A stranger's text can be long; few of its characters are going to be shown.
    text = text[:_MAX_CLEANED]
    text = one_line(_SECRET_PARAMETER.sub(rf"\1={REDACTED}", text))
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    """Return JSON with all texts changed, but for the names of fields."""
    match value:
        case str():
            return change(value)
        case dict():
            return {name: _each_text(each, change) for name, each in value.items()}
        case list():
            return [_each_text(each, change) for each in value]
    return value


def text_of(value: object) -> str:
    """Return a value of an answer if it is a text, else an empty one."""
    return value if isinstance(value, str) else ""


def web_address(value: object) -> str:
    """Return a value of an answer if it is an address that forms can show, or nothing."""
    text = text_of(value)
    return text if _WEB_ADDRESS.fullmatch(text) else ""


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Read a body; return nothing where it exceeds the limit."""
    chunks: list[bytes] = []
    left = MAX_BODY
    while left >= 0 and (chunk := await response.content.read(left + 1)):
        chunks.append(chunk)
        left -= len(chunk)
    return b"".join(chunks) if left >= 0 else b""


def _parse(body: bytes) -> Json | None:
    """Return the JSON object in a body, whatever its content type, or None."""
    try:
        # Most answers have no escapes, and searching takes longer than parsing.
        whole = _HALF_CHARACTER.sub(_repair, body) if rb"\u" in body else body
        payload = json.loads(whole)
    except ValueError, RecursionError:
        return None
    return payload if isinstance(payload, dict) else None


def _repair(escape: re.Match[bytes]) -> bytes:
    """Replace half a character, which cannot be encoded as UTF-8."""
    return escape[1] or rb"\ufffd"


def dump(body: Json) -> bytes:
    """Return a body as JSON in raw UTF-8; what JSON has no type for becomes text."""
    try:
        return orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS, default=str)
    except TypeError:
        # orjson is limited to integers of 64 bits and to valid UTF-8.
        return json.dumps(plain_json(body), ensure_ascii=False).encode()


def _redirect_within(response: aiohttp.ClientResponse) -> URL | None:
    """Return where a response redirects to, if that is safe on the same host."""
    if not 300 <= response.status < 400:
        return None
    try:
        target = response.url.join(URL(response.headers["Location"]))
    except KeyError, ValueError:
        return None
    is_same = target.host == response.url.host
    schemes = (response.url.scheme, target.scheme)
    is_safe = target.scheme == "https" or schemes == ("http", "http")
    return target if is_same and is_safe else None


def _redirected(response: aiohttp.ClientResponse) -> EndpointError:
    """Return the error for a redirect. It names the host only: a path may be secret."""
    try:
        location = str(
            response.url.join(URL(response.headers.get("Location", ""))).origin()
        )
    except ValueError:
        location = "?"
    return EndpointError(Problem.REDIRECTED, location=location)


def _date(text: str) -> datetime | None:
    """Return the date in a header of HTTP, or None."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError, OverflowError:
        return None
    # Always UTC, but "-0000" gives a naive one.
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def _retry_after(response: aiohttp.ClientResponse) -> float | None:
    """Return the seconds until the next request, if the answer says so."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isdecimal():
        try:
            seconds = float(int(text))
        except ValueError, OverflowError:
            return None
    elif (moment := _date(text)) is not None:
        # By the server's clock where possible: that of this machine may be wrong.
        now = _date(response.headers.get("Date", "")) or datetime.now(UTC)
        seconds = (moment - now).total_seconds()
    else:
        return None
    return min(max(seconds, _MIN_RETRY_AFTER), _MAX_RETRY_AFTER)


def _refused_by_proxy(status: int) -> ClientError:
    """Return the error for a forward proxy that makes no connection."""
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return CredentialsError(Problem.FORWARD_PROXY_LOGIN, status=status)
    return UnreachableError(Problem.FORWARD_PROXY_REFUSED, status=status)


def _no_answer(err: Exception) -> ClientError:
    """Return the error for a request without a complete answer."""
    match err:
        case aiohttp.ClientConnectorCertificateError():
            return UnreachableError(Problem.INVALID_CERTIFICATE)
        case aiohttp.ClientSSLError():
            return UnreachableError(Problem.TLS_FAILED)
        case aiohttp.ClientProxyConnectionError():
            return UnreachableError(Problem.FORWARD_PROXY)
        case aiohttp.ClientHttpProxyError():
            return _refused_by_proxy(err.status)
        case aiohttp.ClientConnectorDNSError():
            return UnreachableError(Problem.HOST_NOT_FOUND)
        case (
            aiohttp.ClientConnectorError()
            | aiohttp.InvalidURL()
            | aiohttp.NonHttpUrlClientError()
        ):
            return UnreachableError(Problem.CANNOT_CONNECT)
        case aiohttp.ConnectionTimeoutError():
            return UnreachableError(Problem.TIMEOUT)
        case TimeoutError():
            return TemporaryError(Problem.TIMEOUT, uncertain=True)
        case aiohttp.ClientResponseError():
            # The peer does not speak HTTP.
            return EndpointError(Problem.NOT_THIS_SERVICE, uncertain=True, status="-")
    return TemporaryError(Problem.CONNECTION_LOST, uncertain=True)
