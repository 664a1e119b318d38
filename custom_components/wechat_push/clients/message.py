"""Messages and their attachments, the same for every service."""

from collections.abc import Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from .errors import ContentError, Problem

# The content of one request as plain JSON, without credentials.
type Part = Mapping[str, Any]

# In characters. No service takes more, and longer texts take seconds to convert.
MAX_TEXT: Final = 100_000


class Format(StrEnum):
    """Formats of a text."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"


class Overflow(StrEnum):
    """Treatments of a text that is longer than the service allows."""

    SPLIT = "split"
    TRUNCATE = "truncate"
    REFUSE = "refuse"


class AttachmentKind(StrEnum):
    """Kinds of attachments."""

    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A picture or a file of a message, with content, a URL, or both.

    Args:
        kind: kind of the attachment.
        name: file name, or the label of a link.
        content_type: MIME type.
        content: the bytes. May be dropped once `size` is known, and is only needed for
            an upload.
        size: bytes of the content; 0 means that there is a URL alone. Derived from the
            content where there is some.
        url: address that the service or the reader can open.

    """

    kind: AttachmentKind
    name: str
    content_type: str
    content: bytes = field(default=b"", repr=False)
    size: int = 0
    url: str | None = None

    def __post_init__(self) -> None:
        """Derive the size from the content."""
        if self.content:
            object.__setattr__(self, "size", len(self.content))


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A message to be sent.

    Text, title, URL and options are made valid UTF-8 and plain JSON.

    Args:
        text: the message itself, up to 100,000 characters.
        title: title above the text.
        format: format of the text.
        overflow: treatment of a text that is too long for the service.
        url: URL that opens on a tap.
        url_label: label of that link.
        level: importance, from 1 (lowest) to 5 (highest).
        expires_after: seconds from now after which it must not be delivered.
        attachments: pictures and files.
        options: options of the service at hand; see `prepare` of its client.

    Raises:
        ContentError: the text is too long.

    """

    text: str
    title: str | None = None
    format: Format = Format.TEXT
    overflow: Overflow = Overflow.SPLIT
    url: str | None = None
    url_label: str | None = None
    level: int | None = None
    expires_after: float | None = None
    attachments: tuple[Attachment, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check the length of the text and normalize all fields."""
        # First, since everything else takes longer the longer the text is.
        if len(self.text) > MAX_TEXT:
            raise ContentError(Problem.MESSAGE_TOO_LONG, limit=MAX_TEXT)
        for name in ("text", "title", "url", "url_label", "options"):
            object.__setattr__(self, name, plain_json(getattr(self, name)))
        object.__setattr__(self, "title", self.title or None)


def plain_json(value: Any) -> Any:
    """Return a value as plain JSON in valid UTF-8.

    Two escapes of a template can hold the halves of one character: they are joined, and
    a half alone is replaced. What JSON has no type for becomes text.

    Args:
        value: any value, for example from a template.

    """
    match value:
        case str():
            try:
                value.encode()
            except UnicodeEncodeError:
                pairs = value.encode("utf-16", "surrogatepass")
                return pairs.decode("utf-16", "replace")
            return value
        case None | bool() | int() | float():
            return value
        case Mapping():
            return {
                str(plain_json(key)): plain_json(each) for key, each in value.items()
            }
        case bytes() | bytearray():
            return str(value)
        case Sequence() | AbstractSet():
            return [plain_json(each) for each in value]
    return str(value)
