"""What is to be said, and what came of it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from .errors import ClientError, ContentError, Problem

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
    """A target for which the service took the message.

    Args:
        target: as the service names it, without secrets.
        message_id: what the message can be taken back by.
        record_id: what the service can be asked by for what became of it.

    """

    target: str
    message_id: str | None = None
    record_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A target for which the service did not take the message, with its reason."""

    target: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What came of a message, per target.

    Args:
        accepted: those for which the service took all of the message.
        refused: those for which it did not.
        queued: why the message, or what is left of it, waits to be delivered later.

    """

    accepted: tuple[Accepted, ...] = ()
    refused: tuple[Refused, ...] = ()
    queued: ClientError | None = None

    def __add__(self, other: Receipt) -> Receipt:
        """Return the receipt of both; who refused one of them has not got the message."""
        refused = tuple(dict.fromkeys(self.refused + other.refused))
        without = {each.target for each in refused}
        return Receipt(
            accepted=tuple(
                each
                for each in self.accepted + other.accepted
                if each.target not in without
            ),
            refused=refused,
            queued=other.queued or self.queued,
        )


class Fate(StrEnum):
    """What a service says in the end of a message that it had accepted."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of a message, and why if it failed.

    Args:
        fate: how far it has come.
        reason: the service's own words, without secrets.
        certain: a service may promise nothing about what it tells.

    """

    fate: Fate
    reason: str = ""
    certain: bool = True


class Scope(StrEnum):
    """What a rate is counted for."""

    ACCOUNT = "account"
    TARGET = "target"
    CONTENT = "content"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """How many requests a service takes in a while.

    Args:
        calls: at most so many.
        seconds: in any stretch of time as long as this.
        scope: of the account as a whole, of each target, or of each content.

    """

    calls: int
    seconds: float
    scope: Scope = Scope.ACCOUNT


# Among the targets that a request is counted for: it reaches targets unknown to us.
EVERYBODY: Final = "*"


class Client[TargetT](ABC):
    """Speaks the wire protocol of one service for one account."""

    # What the service takes at most, as it has published.
    rates: tuple[Rate, ...] = ()
    # Whether requests go one after the other, also those to different recipients.
    one_at_a_time: bool = False
    # Seconds for which the service drops a request that it is sent a second time.
    drops_repeats: float = 0
    # Whether `outcome` can tell what became of a message.
    has_outcomes: bool = False

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
    async def send(self, part: Part, *, key: str = "") -> Receipt:
        """Send one request.

        Args:
            part: one of those that `prepare` returned.
            key: tells the request from others with the same words, and is the same
                when it is repeated, so that a service that can may drop the repetition.

        Raises:
            ClientError: the service could not be reached or refused the request as a
                whole; a target refused among good ones is in the receipt instead.

        """

    @abstractmethod
    async def reach(self) -> None:
        """Make sure that the service answers at all, with a request that means nothing.

        Raises:
            TemporaryError: it does not.

        """

    def charged(self, part: Part) -> frozenset[str]:
        """Return the targets that a request is counted for by rates per target."""
        return frozenset()

    def content(self, part: Part) -> str | None:
        """Return what makes two requests the same for rates per content."""
        return None

    def distinct(self, part: Part, note: str) -> Part | None:
        """Return a request that a service does not take for the same as another.

        Args:
            part: one of those that `prepare` returned.
            note: what no other request holds, like the time of day.

        Returns:
            the request with the note in it, or nothing where it would spoil it.

        """
        return None

    def counted(self, part: Part) -> Mapping[str, int]:
        """Return how often a request counts for each of the quotas of the day."""
        return {"messages": 1}

    def quota(self, name: str) -> int | None:
        """Return how many requests of a kind the service takes on one day, if it says."""
        return None

    def delayed(self, message: Message, target: TargetT, note: str) -> Message:
        """Return a message that says that it comes late.

        Args:
            message: what is to be said.
            target: who gets it.
            note: when it was meant for, in a few words.

        """
        if message.title:
            return replace(message, title=f"{note} {message.title}")
        # What opens a block in Markdown or HTML has to stand at the start of its line.
        inline = message.format is Format.TEXT or message.text[:1].isalnum()
        if inline or not message.text:
            return replace(message, text=f"{note} {message.text}".rstrip())
        gap = "<br>" if message.format is Format.HTML else "\n\n"
        return replace(message, text=f"{note}{gap}{message.text}")

    async def outcome(self, record_id: str) -> Outcome:
        """Ask what became of a message that was accepted.

        Args:
            record_id: as it stands in the receipt.

        Raises:
            ClientError: the service could not be reached or refused.

        """
        return Outcome(fate=Fate.WAITING)

    def shown_id(self, message_id: str) -> str:
        """Return a message ID as anyone may see it; with some, anyone reads the message."""
        return message_id

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
