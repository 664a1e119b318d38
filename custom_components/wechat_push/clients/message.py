"""What is to be said, and what came of it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

# What one request carries, ready to be kept as JSON; credentials are not in it.
type Part = Mapping[str, Any]


class Format(StrEnum):
    """How the text of a message is written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"


class Overflow(StrEnum):
    """What happens to a text that is longer than the service takes."""

    SPLIT = "split"
    TRUNCATE = "truncate"
    REFUSE = "refuse"


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """What is to be said, in the service's terms no more than needed."""

    text: str
    title: str | None = None
    format: Format = Format.TEXT
    overflow: Overflow = Overflow.SPLIT


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """A target for which the service took the message."""

    target: str
    message_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A target for which the service did not take the message, with its reason."""

    target: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What came of a message, per target."""

    accepted: tuple[Accepted, ...] = ()
    refused: tuple[Refused, ...] = ()

    def __add__(self, other: Receipt) -> Receipt:
        """Return the receipt of both; a target that is refused twice is named once."""
        return Receipt(
            accepted=self.accepted + other.accepted,
            refused=tuple(dict.fromkeys(self.refused + other.refused)),
        )


class Client[TargetT](ABC):
    """Speaks the wire protocol of one service for one account."""

    @abstractmethod
    def prepare(self, message: Message, target: TargetT) -> tuple[Part, ...]:
        """Return the requests that say the message, in their order.

        Args:
            message: what is to be said.
            target: who gets it, in the terms of the service.

        Raises:
            ContentError: the message is empty, or too long and not to be split.

        """

    @abstractmethod
    async def send(self, part: Part) -> Receipt:
        """Send one request.

        Args:
            part: one of those that `prepare` returned.

        Raises:
            ClientError: the service could not be reached or refused the request as a
                whole; a target refused among good ones is in the receipt instead.

        """
