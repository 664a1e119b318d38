"""What clients of simple services share: a text in, an answer at once."""

from abc import abstractmethod
from collections.abc import Collection, Sequence
from typing import ClassVar, override

import aiohttp

from .client import Client
from .conversion import first_line
from .errors import ClientError, LimitError
from .fitting import Limit, fit, truncate
from .message import Format, Message, Part, one_line, plain_json
from .receipt import Accepted, Receipt
from .text import compose, heading
from .transport import Answer, Endpoint, Json, Transport

# Name of the target in a part; the service does not get it.
_TARGET = "target"


class SimpleClient[TargetT](Client[TargetT]):
    """Client of a service that takes a text, and answers at once whether it took it.

    A service says what it takes in the attributes below, and has four methods: `recognise`
    an answer, make a `request`, `post` it, and sort a `failure`.

    Args:
        session: aiohttp session; None opens one for each request.
        endpoint: address of the service.
        secrets: secrets to keep out of errors and logs.
        redirect_hosts: hosts that the front page of the service may redirect to.

    """

    # Formats that the service shows, and limits of a text and of a title.
    formats: ClassVar[Collection[Format]] = (Format.TEXT,)
    limits: ClassVar[Sequence[Limit]] = ()
    title_limits: ClassVar[Sequence[Limit]] = ()
    # Whether a message without a title gets its first line as one.
    needs_title: ClassVar[bool] = False
    # Whether the URL of a message has a field of its own.
    has_link: ClassVar[bool] = False
    # Seconds to wait after HTTP 429 if the answer does not say.
    pause: float | None = None

    def __init__(
        self,
        session: aiohttp.ClientSession | None,
        endpoint: Endpoint,
        *,
        secrets: tuple[str, ...] = (),
        redirect_hosts: tuple[str, ...] = (),
    ) -> None:
        self._transport = Transport(
            session,
            endpoint,
            recognise=self.recognise,
            secrets=secrets,
            redirect_hosts=redirect_hosts,
        )

    @staticmethod
    @abstractmethod
    def recognise(answer: Json) -> bool:
        """Return if a JSON object is an answer of this service."""

    @abstractmethod
    def request(self, message: Message, target: TargetT, text: str, title: str) -> Json:
        """Return the request for a text; fields that are empty or None are left out.

        Args:
            message: the message that the text is from, or a part of it.
            target: the recipients.
            text: the text, in one of the formats and within the limits.
            title: the title, truncated to its limits; may be empty.

        Raises:
            ContentError: something else of the message is too long.

        """

    @abstractmethod
    async def post(self, request: Json) -> Answer:
        """Send a request; return the answer, whatever it says."""

    @abstractmethod
    def failure(self, answer: Answer) -> ClientError | None:
        """Return the error of an answer, or None if it is a success.

        Args:
            answer: an answer, whose texts hold no secrets and may be shown.

        """

    def name(self, target: TargetT) -> str:
        """Return the name of a target in receipts, without secrets."""
        return "owner"

    def secrets(self, request: Json) -> tuple[str, ...]:
        """Return the secrets in a request, apart from those of the account."""
        return ()

    @override
    def prepare(self, message: Message, target: TargetT) -> tuple[Part, ...]:
        """Return the requests for a message.

        Args:
            message: the message.
            target: the recipients.

        Raises:
            ContentError: the message is empty, or too long and not to be split.

        """
        whole = one_line(message.title)
        title = truncate(whole, self.title_limits)
        text, shown = compose(
            message,
            self.formats,
            # What is cut off a title is read below it.
            title=None if title == whole else heading,
            link=not self.has_link,
        )
        if not title and self.needs_title:
            first = first_line(message.text, message.format) or first_line(text, shown)
            title = truncate(first, self.title_limits)
        requests = (
            self.request(message, target, piece, title)
            for piece in fit(text, self.limits, message.overflow, shown)
        )
        return tuple(
            plain_json(
                {
                    _TARGET: self.name(target),
                    **{
                        name: value
                        for name, value in request.items()
                        if value not in (None, "")
                    },
                }
            )
            for request in requests
        )

    @override
    async def send(self, part: Part, *, remaining: float | None = None) -> Receipt:
        """Send one request.

        Args:
            part: a part of `prepare`.
            remaining: unused, there is no expiry.

        Raises:
            ClientError: as `Transport.request` and `failure`.

        """
        request = {name: value for name, value in part.items() if name != _TARGET}
        try:
            answer = await self.post(request)
        except LimitError as err:
            if err.retry_after is None:
                err.retry_after = self.pause
            raise
        cleaned = self._transport.cleaned(answer, *self.secrets(request))
        if (failure := self.failure(cleaned)) is not None:
            raise failure
        return Receipt(accepted=(Accepted(target=part[_TARGET]),))


def first_text(answer: Json, *names: str) -> str:
    """Return the first text in some fields of an answer; empty if there is none."""
    values = (answer.get(name) for name in names)
    return next((value for value in values if isinstance(value, str) and value), "")
