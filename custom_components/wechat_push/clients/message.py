"""What is to be said, and what came of it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .errors import ContentError, Problem

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


class AttachmentKind(StrEnum):
    """What an attachment is, as services tell them apart."""

    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A picture or a file that goes with a message.

    It has an address that the service or the reader can open, or its content, or both.
    """

    kind: AttachmentKind
    name: str
    content_type: str
    content: bytes = field(default=b"", repr=False)
    url: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """What is to be said, in the service's terms no more than needed.

    Args:
        text: the message itself.
        title: stands above the text.
        format: how the text is written.
        overflow: what happens to a text that is too long.
        url: what opens on a tap.
        url_label: what the link is called.
        level: from 1, the least, to 5, the most important.
        expires_at: seconds since 1970; later than that it is not to be delivered.
        attachments: pictures and files.
        options: what only the service at hand has.

    """

    text: str
    title: str | None = None
    format: Format = Format.TEXT
    overflow: Overflow = Overflow.SPLIT
    url: str | None = None
    url_label: str | None = None
    level: int | None = None
    expires_at: float | None = None
    attachments: tuple[Attachment, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make sure that all of it can be written as UTF-8."""
        for name in ("text", "title", "url", "url_label", "options"):
            object.__setattr__(self, name, _whole(getattr(self, name)))
        object.__setattr__(self, "title", self.title or None)


def _whole(value: Any) -> Any:
    """Put halves of a character together, as two escapes in a template give them."""
    match value:
        case str():
            try:
                value.encode()
            except UnicodeEncodeError:
                pairs = value.encode("utf-16", "surrogatepass")
                return pairs.decode("utf-16", "replace")
        case Mapping():
            return {key: _whole(each) for key, each in value.items()}
        case list():
            return [_whole(each) for each in value]
    return value


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

    # The attachments that the service takes as they are, with their most bytes.
    attachment_limits: Mapping[AttachmentKind, int] = {}
    # Whether the service shows how important a message is.
    has_levels: bool = False
    # Whether the service can take messages back.
    has_recall: bool = False

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

    def uploads(self, kind: AttachmentKind, message: Message) -> bool:
        """Tell if an attachment of a message is uploaded; else it is linked to.

        Args:
            kind: of the attachment.
            message: which may have reasons of its own to want a link.

        """
        return kind in self.attachment_limits

    async def recall(self, message_id: str) -> None:
        """Take a message back.

        Args:
            message_id: as it stands in the receipt.

        Raises:
            ContentError: the service cannot take messages back, or not this one.
            ClientError: the service could not be reached or refused.

        """
        raise ContentError(Problem.NO_RECALL)
