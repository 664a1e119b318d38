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
    LimitError,
    Problem,
    RecipientError,
    TemporaryError,
)
from .fitting import Limit, fit, truncate, utf8_length
from .message import Accepted, Client, Format, Message, Part, Receipt
from .text import compose, one_line
from .transport import Answer, Endpoint, Json, Transport

SECRET_PATTERN: Final = re.compile(r"[a-zA-Z0-9]{32}")


class _Error(IntEnum):
    """The numbers of the server's errors."""

    INVALID_SECRET = 3
    SLOW_DOWN = 5
    SERVICE_NOT_FOUND = 6
    MISSING_ARGUMENT = 7


# Where a server sends those who ask for its front page.
_DOCUMENTS: Final = "docs.pushjet.io"
_MESSAGE_LIMITS = (Limit(maximum=65_535, size=utf8_length),)
_TITLE_LIMITS = (Limit(maximum=255),)


class PushjetProblem(StrEnum):
    """What goes wrong with Pushjet alone."""

    MALFORMED_SECRET = "pushjet_malformed_secret"
    UNKNOWN_SECRET = "pushjet_unknown_secret"


@dataclass(frozen=True, kw_only=True, slots=True)
class PushjetTarget:
    """The service whose subscribers get a message."""

    secret: str = field(repr=False)
    # Names the service in receipts, where the secret may not stand.
    public: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PushjetService:
    """What the server tells of a service."""

    public: str
    name: str


class PushjetClient(Client[PushjetTarget]):
    """Speaks to one Pushjet server.

    The protocol is that of Pushjet-Server-Api, in its README and source.

    Args:
        session: the aiohttp session to use.
        endpoint: where the server is reached.

    """

    has_levels = True

    def __init__(self, session: aiohttp.ClientSession, endpoint: Endpoint) -> None:
        """Keep the way to the server."""
        self._transport = Transport(
            session, endpoint, recognise=_is_answer, elsewhere=(_DOCUMENTS,)
        )

    @override
    def prepare(self, message: Message, target: PushjetTarget) -> tuple[Part, ...]:
        """Return the requests that say the message.

        At most 65,535 bytes of UTF-8 go into one message and 255 characters into a
        title; the server itself would answer an error or cut in silence. The server
        knows plain text alone, so Markdown and HTML become readable text.

        Args:
            message: what is to be said; its level goes from 1 to 5.
            target: who gets it.

        Raises:
            ContentError: the message is empty, or too long and not to be split.

        """
        # A picture's address is the link when nothing else is.
        pictures = [each.url for each in message.attachments if each.url]
        link = message.url or next(iter(pictures), None)
        text, _ = compose(message, (Format.TEXT,), title=None, link=False)
        common: Json = {"secret": target.secret, "public": target.public}
        if link:
            common["link"] = link
        if message.level is not None:
            common["level"] = message.level
        if title := one_line(message.title):
            common["title"] = truncate(title, _TITLE_LIMITS)
        return tuple(
            {**common, "message": piece}
            for piece in fit(text, _MESSAGE_LIMITS, message.overflow)
        )

    @override
    async def reach(self) -> None:
        """Make sure that the service answers at all (`GET /`).

        Raises:
            TemporaryError: it does not.

        """
        await self._transport.reach()

    @override
    async def send(self, part: Part, *, key: str = "") -> Receipt:
        """Send one request (`POST /message`).

        The server tells nothing of who gets it: without a subscriber it throws the
        message away and answers "ok".

        Args:
            part: one of those that `prepare` returned.
            key: of no use to a server that drops no repetition.

        Raises:
            RecipientError: the secret is malformed or unknown to the server.
            CredentialsError: a proxy in front wants another login.
            ContentError: the server refuses the request.
            LimitError: HTTP 429 or the server's own "slow down".
            TemporaryError: no answer of a Pushjet server; `doubtful` for an error 500
                too, which a server answers for a stored message when Google's push
                service is out of reach.

        """
        form = {key: str(value) for key, value in part.items() if key != "public"}
        # No trailing slash: the server answers 404 to it.
        answer = await self._transport.post_form("/message", form)
        if answer.status == HTTPStatus.OK and answer.json.get("status") == "ok":
            return Receipt(accepted=(Accepted(target=str(part["public"])),))
        raise self._refusal(answer, part["secret"])

    async def service(self, secret: str) -> PushjetService:
        """Return the service that a secret belongs to (`GET /service`).

        Sends no message.

        Args:
            secret: 32 letters and digits; the server does not mind their case.

        Raises:
            RecipientError: the secret is malformed or unknown to the server.
            CredentialsError: a proxy in front wants another login.
            TemporaryError: no answer of a Pushjet server.

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
        """Make sure that a Pushjet server answers, without any secret.

        Raises:
            CredentialsError: a proxy in front wants another login.
            TemporaryError: no answer of a Pushjet server.

        """
        answer = await self._transport.get("/service", {})
        if _error_id(answer.json) != _Error.MISSING_ARGUMENT:
            raise TemporaryError(Problem.NOT_THIS_SERVICE, status=answer.status)

    def _refusal(self, answer: Answer, secret: str) -> ClientError:
        """Return what an answer says; old servers send errors with HTTP 200."""
        match code := _error_id(answer.json):
            case None:
                return TemporaryError(
                    Problem.NOT_THIS_SERVICE, doubtful=True, status=answer.status
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
    """Return the number of the error that an answer holds."""
    error = answer.get("error")
    number = error.get("id") if isinstance(error, dict) else None
    return number if type(number) is int else None


def _is_answer(answer: Json) -> bool:
    """Tell if a JSON object is an answer of a Pushjet server."""
    return (
        answer.get("status") == "ok"
        or isinstance(answer.get("service"), dict)
        or _error_id(answer) is not None
    )
