"""The one place where requests leave: session, time-outs, size limits, JSON, redaction."""

from base64 import b64encode
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
import json
import logging
import re
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
import orjson
from yarl import URL

from .errors import (
    ClientError,
    ContentError,
    CredentialsError,
    LimitError,
    Problem,
    TemporaryError,
)

_LOGGER = logging.getLogger(__name__)

# No answer of these services comes near; it bounds what a stranger can make us hold.
MAX_BODY = 1024 * 1024
MAX_TEXT = 300
REDACTED = "**REDACTED**"

# Whatever a proxy says, seconds to wait before asking again.
_MIN_RETRY_AFTER: Final = 1
_MAX_RETRY_AFTER: Final = 24 * 3600

_SECRET_PARAMETER = re.compile(
    r"(?i)(access_token|app_?token|corpsecret|secret|token|key)=[^&\s\"'<>]+"
)

# Java cuts texts in the middle of an emoji; in group 1 is what is whole.
_HALF_CHARACTER = re.compile(
    rb"(\\\\|\\u[dD][89aAbB]..\\u[dD][c-fC-F]..)|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)

type Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """Where a service is reached, and how.

    Args:
        url: the base address; a path in it is kept as a prefix.
        username: for a reverse proxy that wants a login (HTTP basic authentication).
        password: goes with the user name.
        connect_timeout: seconds until the connection must stand.
        read_timeout: seconds until the whole answer must be there after that.

    """

    url: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    connect_timeout: float = 10
    read_timeout: float = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An answer in the service's own form, with its HTTP status."""

    status: int
    json: Json


class Transport:
    """Sends requests to one endpoint and returns the answers of the service.

    Args:
        session: the aiohttp session to use; it stays the caller's.
        endpoint: where the service is reached.
        recognise: tells whether a JSON object is an answer of this service at all.
        secrets: what may appear in no error and no log line.
        elsewhere: hosts that the server sends those to who ask for nothing special.

    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        endpoint: Endpoint,
        *,
        recognise: Callable[[Json], bool],
        secrets: tuple[str, ...] = (),
        elsewhere: tuple[str, ...] = (),
    ) -> None:
        """Keep what every request needs."""
        self._session = session
        self._base = endpoint.url.rstrip("/")
        self._recognise = recognise
        self._elsewhere = elsewhere
        self._timeout = aiohttp.ClientTimeout(
            # A server that drips bytes would never run into the read time-out alone.
            total=endpoint.connect_timeout + endpoint.read_timeout,
            # The name server's time included: until then, nothing was sent for sure.
            connect=endpoint.connect_timeout,
        )
        self._headers: dict[str, str] = {}
        lasting = [secret for secret in secrets if secret]
        if endpoint.username is not None:
            login = f"{endpoint.username}:{endpoint.password or ''}"
            encoded = b64encode(login.encode()).decode()
            self._headers["Authorization"] = f"Basic {encoded}"
            lasting += [secret for secret in (encoded, endpoint.password) if secret]
        self._secrets = tuple(lasting)
        self._passing_secrets: deque[str] = deque(maxlen=4)

    def hide(self, secret: str) -> None:
        """Keep a secret that was learnt on the way, like an access token, out of texts."""
        self._passing_secrets.append(secret)

    def clean(self, text: object, *secrets: str) -> str:
        """Return a text of the service as it may be shown: short and without secrets."""
        return clean(text, (*self._secrets, *self._passing_secrets, *secrets))

    def reason(self, text: object, code: object, *secrets: str) -> str:
        """Return why a target was refused: the service's own words, or else its code."""
        return self.clean(text, *secrets) or self.clean(str(code), *secrets) or "?"

    async def reach(self) -> None:
        """Make sure that somebody answers at the address, whatever the answer says.

        Raises:
            TemporaryError: nobody does, or only to say that it does not work, or the
                login page of a network sends everybody to itself.

        """
        try:
            async with self._response("GET", "/") as response:
                status = response.status
                if 300 <= status < 400 and not self._is_own(response):
                    raise _redirected(response)
        except TemporaryError as err:
            # It asks for nothing that could be done twice.
            err.doubtful = False
            raise
        if status >= 500:
            raise TemporaryError(Problem.SERVER_ERROR, status=status)

    def _is_own(self, response: aiohttp.ClientResponse) -> bool:
        """Tell if a redirect stays with the server, or goes where the server may send to."""
        try:
            host = response.url.join(URL(response.headers.get("Location", ""))).host
        except ValueError:
            return False
        return host in (response.url.host, *self._elsewhere)

    async def get(self, path: str, query: Mapping[str, str]) -> Answer:
        """Send a GET request.

        Args:
            path: goes below the base address.
            query: the parameters of the address.

        Raises:
            ClientError: there is no answer of this service; see `request`.

        """
        return await self.request("GET", path, query=query)

    async def post_json(
        self, path: str, body: Json, *, query: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a POST request with a JSON body, as raw UTF-8 without escapes.

        Args:
            path: goes below the base address.
            body: what to send.
            query: the parameters of the address.

        Raises:
            ClientError: there is no answer of this service; see `request`.

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
            path: goes below the base address.
            form: the fields.

        Raises:
            ClientError: there is no answer of this service; see `request`.

        """
        return await self.request(
            "POST",
            path,
            # Aiohttp takes the fields as well, but three times as long for them.
            data=urlencode(form).encode(),
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
        """Send a request and return the service's answer, whatever it says.

        Args:
            method: of HTTP.
            path: goes below the base address.
            query: the parameters of the address.
            data: the body, as aiohttp takes it.
            headers: further headers.

        Raises:
            TemporaryError: no connection, no answer in time, or an answer that is not
                the service's; `doubtful` where the request may have been acted upon.
            CredentialsError: a proxy in front wants another login.
            ContentError: the message is too large for a proxy in front.
            LimitError: HTTP 429.

        """
        async with self._response(
            method, path, params=query, data=data, headers=headers
        ) as response:
            if 300 <= response.status < 400:
                raise _redirected(response)
            if response.status == HTTPStatus.TOO_MANY_REQUESTS:
                raise LimitError(
                    Problem.TOO_MANY_REQUESTS, retry_after=_retry_after(response)
                )
            body = await _read(response)
            payload = _parse(body)
            if (
                payload is not None
                and response.status < 500
                and self._recognise(payload)
            ):
                return Answer(status=response.status, json=payload)
            raise _not_the_service(response.status)

    @asynccontextmanager
    async def _response(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        **content: Any,
    ) -> AsyncGenerator[aiohttp.ClientResponse]:
        """Send a request; what goes wrong meanwhile leaves as an error of ours."""
        # Exceptions of aiohttp can hold the address, and the address a secret:
        # none is chained to what leaves here.
        try:
            async with self._session.request(
                method,
                # As text: aiohttp refuses what is no address with an error of its own.
                self._base + path,
                headers={**self._headers, **(headers or {})},
                timeout=self._timeout,
                # A redirect turns a POST into a GET and sends secrets elsewhere.
                allow_redirects=False,
                **content,
            ) as response:
                _LOGGER.debug("%s %s answered HTTP %s", method, path, response.status)
                yield response
        except (aiohttp.ClientError, TimeoutError, OSError) as err:
            _LOGGER.debug("%s %s failed: %s", method, path, type(err).__name__)
            raise _no_answer(err) from None


def clean(text: object, secrets: Iterable[str] = ()) -> str:
    """Return a text of a service as it may be shown: short and without secrets."""
    if not isinstance(text, str):
        return ""
    for secret in secrets:
        text = text.replace(secret, REDACTED)
    text = " ".join(_SECRET_PARAMETER.sub(rf"\1={REDACTED}", text).split())
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Read a body, or nothing where it exceeds the limit."""
    chunks: list[bytes] = []
    left = MAX_BODY
    while left >= 0 and (chunk := await response.content.read(left + 1)):
        chunks.append(chunk)
        left -= len(chunk)
    return b"".join(chunks) if left >= 0 else b""


def _parse(body: bytes) -> Json | None:
    """Return the JSON object in a body, whatever its label says, or None."""
    try:
        # Most answers hold no escapes, and to look for halves takes longer than to parse.
        whole = _HALF_CHARACTER.sub(_mended, body) if rb"\u" in body else body
        payload = json.loads(whole)
    except ValueError, RecursionError:
        return None
    return payload if isinstance(payload, dict) else None


def _mended(escape: re.Match[bytes]) -> bytes:
    """Replace half a character, which could not be written as UTF-8 again."""
    return escape[1] or rb"\ufffd"


def dump(body: Json) -> bytes:
    """Return a body as JSON in raw UTF-8; what JSON has no type for becomes text."""
    try:
        return orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS, default=str)
    except TypeError:
        # It knows no whole numbers beyond 64 bits; the slower one does.
        return json.dumps(body, ensure_ascii=False, default=str).encode()


def _redirected(response: aiohttp.ClientResponse) -> TemporaryError:
    """Return the error for a redirect; it names the host alone, a path may be secret."""
    try:
        location = str(
            response.url.join(URL(response.headers.get("Location", ""))).origin()
        )
    except ValueError:
        location = "?"
    return TemporaryError(Problem.REDIRECTED, location=location)


def _retry_after(response: aiohttp.ClientResponse) -> float | None:
    """Return after how many seconds to ask again, if the answer says so."""
    text = response.headers.get("Retry-After", "").strip()
    try:
        if text.isdecimal():
            seconds = float(int(text))
        else:
            moment = parsedate_to_datetime(text)
            # Such a date is always in UTC; some write that in a way that says nothing.
            moment = moment.replace(tzinfo=moment.tzinfo or UTC)
            seconds = (moment - datetime.now(UTC)).total_seconds()
    except ValueError, OverflowError:
        return None
    return min(max(seconds, _MIN_RETRY_AFTER), _MAX_RETRY_AFTER)


def _not_the_service(status: int) -> ClientError:
    """Return the error for an answer that is not the service's own."""
    if status in (401, 407):
        return CredentialsError(Problem.PROXY_LOGIN, status=status)
    if status == 413:
        # A proxy takes no message of this size, however often it is sent.
        return ContentError(Problem.HTTP_REFUSED, status=status)
    if status >= 500:
        # That the service is unavailable means that the request was not handled.
        doubtful = status != HTTPStatus.SERVICE_UNAVAILABLE
        return TemporaryError(Problem.SERVER_ERROR, doubtful=doubtful, status=status)
    if status in (200, 404, 405):
        return TemporaryError(
            Problem.NOT_THIS_SERVICE, doubtful=status == 200, status=status
        )
    return TemporaryError(Problem.HTTP_REFUSED, doubtful=status < 300, status=status)


def _no_answer(err: Exception) -> TemporaryError:
    """Return the error for a request that got no whole answer."""
    match err:
        case aiohttp.ClientConnectorCertificateError():
            return TemporaryError(Problem.INVALID_CERTIFICATE)
        case aiohttp.ClientSSLError():
            return TemporaryError(Problem.TLS_FAILED)
        case aiohttp.ClientConnectorDNSError():
            return TemporaryError(Problem.HOST_NOT_FOUND)
        case (
            aiohttp.ClientConnectorError()
            | aiohttp.InvalidURL()
            | aiohttp.NonHttpUrlClientError()
        ):
            return TemporaryError(Problem.CANNOT_CONNECT)
        case aiohttp.ConnectionTimeoutError():
            return TemporaryError(Problem.TIMEOUT)
        case TimeoutError():
            return TemporaryError(Problem.TIMEOUT, doubtful=True)
        case aiohttp.ClientResponseError():
            # Whoever answers there does not speak HTTP.
            return TemporaryError(Problem.NOT_THIS_SERVICE, doubtful=True, status="-")
    return TemporaryError(Problem.CONNECTION_LOST, doubtful=True)
