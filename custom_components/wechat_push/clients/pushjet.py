"""Pushjet: messages to the subscribers of a service on a self-hosted server."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from http import HTTPStatus
import re
from typing import Final, override

import aiohttp

from .client import Client
from .errors import (
    ClientError,
    ContentError,
    EndpointError,
    LimitError,
    Problem,
    RecipientError,
)
from .fitting import Limit, fit, truncate, utf8_length
from .message import Format, Message, Part, one_line, plain_json
from .receipt import Accepted, Receipt
from .text import compose
from .transport import Answer, Endpoint, Json, Transport

SECRET_PATTERN: Final = re.compile(r"[a-zA-Z0-9]{32}")


class _Error(IntEnum):
    """Error numbers of the server."""

    INVALID_SECRET = 3
    SLOW_DOWN = 5
    SERVICE_NOT_FOUND = 6
    MISSING_ARGUMENT = 7


# The front page of a server redirects here.
_DOCUMENTATION: Final = "docs.pushjet.io"
_MAX_LINK: Final = 65_535
_MESSAGE_LIMITS = (Limit(maximum=65_535, size=utf8_length),)
_TITLE_LIMITS = (Limit(maximum=255),)


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


class PushjetClient(Client[PushjetTarget]):
    """Client of one Pushjet server.

    See the README and the source of Pushjet-Server-Api. There is no public server.

    Args:
        session: aiohttp session; None opens one for each request.
        endpoint: address of the server.

    """

    has_levels = True

    def __init__(
        self, session: aiohttp.ClientSession | None, endpoint: Endpoint
    ) -> None:
        self._transport = Transport(
            session, endpoint, recognise=_is_answer, redirect_hosts=(_DOCUMENTATION,)
        )

    @override
    def prepare(self, message: Message, target: PushjetTarget) -> tuple[Part, ...]:
        """Return the requests for a message.

        The limits are 65,535 bytes of UTF-8 for the text and the link, and 255
        characters for the title; the server itself answers an error or cuts without
        notice. Markdown and HTML are converted to plain text.

        Args:
            message: the message; its level goes from 1 to 5.
            target: the recipients.

        Raises:
            ContentError: the message is empty, or too long and not to be split.

        """
        # The address of a picture is the link if there is no other.
        pictures = [each.url for each in message.attachments if each.url]
        link = message.url or next(iter(pictures), None)
        text, _ = compose(message, (Format.TEXT,), title=None, link=False)
        common: Json = {"secret": target.secret, "public": target.public}
        if link:
            if utf8_length(link) > _MAX_LINK:
                raise ContentError(
                    Problem.FIELD_TOO_LARGE, field="url", limit=_MAX_LINK
                )
            common["link"] = link
        if message.level is not None:
            common["level"] = message.level
        if title := one_line(message.title):
            common["title"] = truncate(title, _TITLE_LIMITS)
        return tuple(
            plain_json({**common, "message": piece})
            for piece in fit(text, _MESSAGE_LIMITS, message.overflow)
        )

    @override
    async def reach(self) -> None:
        """Check that the server answers (`GET /`).

        Raises:
            TemporaryError: it does not.

        """
        await self._transport.reach()

    @override
    async def send(self, part: Part, *, remaining: float | None = None) -> Receipt:
        """Send one request (`POST /message`).

        The server does not say who gets it: without a subscriber it drops the message
        and answers "ok".

        Args:
            part: a part of `prepare`.
            remaining: unused, the server has no expiry.

        Raises:
            RecipientError: the secret is malformed or unknown.
            ContentError: the server refuses the request.
            LimitError: HTTP 429 or the server's own "slow down".
            ClientError: as `Transport.request`. An error 500 is uncertain: a server
                answers it for a stored message if Google's push service is unreachable.

        """
        form = {key: str(value) for key, value in part.items() if key != "public"}
        # No trailing slash: it gives a 404.
        answer = await self._transport.post_form("/message", form)
        if answer.status == HTTPStatus.OK and answer.json.get("status") == "ok":
            return Receipt(accepted=(Accepted(target=str(part["public"])),))
        raise self._refusal(answer, part["secret"])

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
        raise self._refusal(answer, secret)

    async def probe(self) -> None:
        """Check that this is a Pushjet server, without a secret.

        Raises:
            EndpointError: it is not.
            ClientError: as `Transport.request`.

        """
        answer = await self._transport.get("/service", {})
        if _error_id(answer.json) != _Error.MISSING_ARGUMENT:
            raise EndpointError(Problem.NOT_THIS_SERVICE, status=answer.status)

    def _refusal(self, answer: Answer, secret: str) -> ClientError:
        """Return the error of an answer; old servers send errors with HTTP 200."""
        match code := _error_id(answer.json):
            case None:
                return EndpointError(
                    Problem.NOT_THIS_SERVICE, uncertain=True, status=answer.status
                )
            case _Error.INVALID_SECRET:
                return RecipientError(PushjetProblem.MALFORMED_SECRET)
            case _Error.SERVICE_NOT_FOUND:
                return RecipientError(PushjetProblem.UNKNOWN_SECRET)
            case _Error.SLOW_DOWN:
                return LimitError(Problem.TOO_MANY_REQUESTS)
        text = self._transport.clean(answer.json["error"].get("message"), secret)
        return ContentError(Problem.SERVICE_REFUSED, code=code, text=text)


def _error_id(answer: Json) -> int | None:
    """Return the error number in an answer, or None."""
    error = answer.get("error")
    number = error.get("id") if isinstance(error, dict) else None
    return number if type(number) is int else None


def _is_answer(answer: Json) -> bool:
    """Return if a JSON object is an answer of a Pushjet server."""
    return (
        answer.get("status") == "ok"
        or isinstance(answer.get("service"), dict)
        or _error_id(answer) is not None
    )
