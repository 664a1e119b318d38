"""Pushjet: messages to the subscribers of a service on a self-hosted server."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from http import HTTPStatus
import re
from typing import Final, override

import aiohttp

from .errors import (
    ClientError,
    ContentError,
    EndpointError,
    LimitError,
    Problem,
    RecipientError,
)
from .fitting import Limit, utf8_length
from .message import Message
from .simple_client import SimpleClient, first_text
from .transport import Answer, Endpoint, Json

SECRET_PATTERN: Final = re.compile(r"[a-zA-Z0-9]{32}")
_PUBLIC_PATTERN: Final = re.compile(r"[a-zA-Z0-9-]{40}")


class _Error(IntEnum):
    """Error numbers of the server."""

    INVALID_SECRET = 3
    SLOW_DOWN = 5
    SERVICE_NOT_FOUND = 6
    MISSING_ARGUMENT = 7


# The front page of a server redirects here.
_DOCUMENTATION: Final = "docs.pushjet.io"
_MAX_LINK: Final = 65_535


class PushjetProblem(StrEnum):
    """Problems of Pushjet only."""

    MALFORMED_SECRET = "pushjet_malformed_secret"
    UNKNOWN_SECRET = "pushjet_unknown_secret"


@dataclass(frozen=True, kw_only=True, slots=True)
class PushjetTarget:
    """A service whose subscribers get the message.

    Args:
        secret: secret of the service.
        public: name of the service in receipts, usually its public key.

    """

    secret: str = field(repr=False)
    public: str = "service"


@dataclass(frozen=True, kw_only=True, slots=True)
class PushjetService:
    """A service on the server: its public key and its name."""

    public: str
    name: str


class PushjetClient(SimpleClient[PushjetTarget]):
    """Client of one Pushjet server.

    See the README and the source of Pushjet-Server-Api. There is no public server. The
    limits are 65,535 bytes of UTF-8 for the text and the link, and 255 characters for the
    title; the server itself answers an error or cuts without notice. The level of a message
    goes from 1 to 5.

    The server does not say who gets a message: without a subscriber it drops it and answers
    "ok". An error 500 is uncertain: it answers one for a stored message if Google's push
    service is unreachable.

    Args:
        session: aiohttp session; None opens one for each request.
        endpoint: address of the server.

    """

    limits = (Limit(maximum=65_535, size=utf8_length),)
    title_limits = (Limit(maximum=255),)
    has_link = True
    has_levels = True

    def __init__(
        self, session: aiohttp.ClientSession | None, endpoint: Endpoint
    ) -> None:
        super().__init__(session, endpoint, redirect_hosts=(_DOCUMENTATION,))

    @override
    @staticmethod
    def recognise(answer: Json) -> bool:
        """Return if a JSON object is an answer of a Pushjet server."""
        return (
            answer.get("status") == "ok"
            or isinstance(answer.get("service"), dict)
            or _error_id(answer) is not None
        )

    @override
    def name(self, target: PushjetTarget) -> str:
        return target.public

    @override
    def secrets(self, request: Json) -> tuple[str, ...]:
        return (request.get("secret", ""),)

    @override
    def request(
        self, message: Message, target: PushjetTarget, text: str, title: str
    ) -> Json:
        """Return the request for a text.

        Raises:
            ContentError: the URL is too long.

        """
        # The address of a picture is the link if there is no other.
        pictures = (each.url for each in message.attachments if each.url)
        link = message.url or next(pictures, "")
        if utf8_length(link) > _MAX_LINK:
            raise ContentError(Problem.FIELD_TOO_LARGE, field="url", limit=_MAX_LINK)
        return {
            "secret": target.secret,
            "link": link,
            "level": message.level,
            "title": title,
            "message": text,
        }

    @override
    async def post(self, request: Json) -> Answer:
        """Send a request (`POST /message`)."""
        # No trailing slash: it gives a 404.
        form = {name: str(value) for name, value in request.items()}
        return await self._transport.post_form("/message", form)

    @override
    def failure(self, answer: Answer) -> ClientError | None:
        """Return the error of an answer; old servers send errors with HTTP 200."""
        match code := _error_id(answer.json):
            case None:
                if answer.status == HTTPStatus.OK and "status" in answer.json:
                    return None
                return EndpointError(
                    Problem.NOT_THIS_SERVICE, uncertain=True, status=answer.status
                )
            case _Error.INVALID_SECRET:
                return RecipientError(PushjetProblem.MALFORMED_SECRET)
            case _Error.SERVICE_NOT_FOUND:
                return RecipientError(PushjetProblem.UNKNOWN_SECRET)
            case _Error.SLOW_DOWN:
                return LimitError(Problem.TOO_MANY_REQUESTS)
        text = first_text(answer.json["error"], "message")
        return ContentError(Problem.SERVICE_REFUSED, code=code, text=text)

    async def service(self, secret: str) -> PushjetService:
        """Return the service of a secret (`GET /service`). Sends no message.

        Args:
            secret: 32 letters and digits, in any case.

        Raises:
            RecipientError: the secret is malformed or unknown.
            ClientError: as `Transport.request`.

        """
        answer = await self._transport.get("/service", {"secret": secret})
        service = answer.json.get("service")
        if isinstance(service, dict) and isinstance(service.get("public"), str):
            name = service.get("name")
            return PushjetService(
                public=service["public"], name=name if isinstance(name, str) else ""
            )
        raise self.failure(self._transport.cleaned(answer, secret)) or EndpointError(
            Problem.NOT_THIS_SERVICE, status=answer.status
        )

    async def create_service(self, name: str) -> tuple[str, PushjetService]:
        """Create a service (`POST /service`), which anyone may; return its secret as well.

        Args:
            name: shown with its messages, up to 255 characters.

        Raises:
            EndpointError: the answer holds no service.
            ClientError: as `Transport.request`.

        """
        answer = await self._transport.post_form("/service", {"name": name})
        match answer.json.get("service"):
            case {"secret": str(secret), "public": str(public)} if (
                SECRET_PATTERN.fullmatch(secret) and _PUBLIC_PATTERN.fullmatch(public)
            ):
                return secret.lower(), PushjetService(public=public, name=name)
        raise self.failure(answer) or EndpointError(
            Problem.NOT_THIS_SERVICE, status=answer.status
        )

    async def probe(self) -> None:
        """Check that this is a Pushjet server, without a secret.

        Raises:
            EndpointError: it is not.
            ClientError: as `Transport.request`.

        """
        answer = await self._transport.get("/service", {})
        if _error_id(answer.json) != _Error.MISSING_ARGUMENT:
            raise EndpointError(Problem.NOT_THIS_SERVICE, status=answer.status)


def _error_id(answer: Json) -> int | None:
    """Return the error number in an answer, or None."""
    error = answer.get("error")
    number = error.get("id") if isinstance(error, dict) else None
    return number if type(number) is int else None
