"""Messages and their attachments, the same for every service."""

from collections.abc import Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
import json
import re
from typing import Any, Final
import unicodedata
from urllib.parse import quote

from .errors import ContentError, Problem

# The content of one request as plain JSON, without credentials.
type Part = Mapping[str, Any]

# In characters. No service takes more, and longer texts take seconds to convert.
MAX_TEXT: Final = 100_000

# Characters of a value that errors, notes and logs show.
MAX_SHOWN: Final = 100

_WHITE_SPACE: Final = re.compile(r"\s")
_LINE_BREAKS: Final = re.compile(r"\r\n?|[\v\f\x85]")
# Colours and other commands for a terminal, then all other control characters.
_CONTROLS: Final = re.compile(
    r"""
    \x1b[\]PX^_][^\x07\x1b\x9c\n]*(?:\x07|\x9c|\x1b\\)
    |(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]
    |\x1b(?:[ -/][0-~]|[78=>])
    |[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]
    """,
    re.VERBOSE,
)


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

    Name, content type and URL are cleaned.

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
    url: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Clean the texts, and derive the size from the content."""
        for name in ("name", "content_type"):
            object.__setattr__(self, name, one_line(getattr(self, name)))
        object.__setattr__(self, "url", clean_url(self.url))
        if self.content:
            object.__setattr__(self, "size", len(self.content))


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A message to be sent.

    All fields are cleaned: valid UTF-8 without control characters, options as plain
    JSON, and no white space around the URL.

    Args:
        text: the message itself, up to 100,000 characters. A mapping or a list becomes
            JSON.
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

    text: str = field(repr=False)
    title: str | None = field(default=None, repr=False)
    format: Format = Format.TEXT
    overflow: Overflow = Overflow.SPLIT
    url: str | None = field(default=None, repr=False)
    url_label: str | None = field(default=None, repr=False)
    level: int | None = None
    expires_after: float | None = None
    attachments: tuple[Attachment, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Check the length of the text and clean all fields."""
        text = as_text(self.text)
        # First, since everything else takes longer the longer the text is.
        if len(text) > MAX_TEXT:
            raise ContentError(Problem.MESSAGE_TOO_LONG, limit=MAX_TEXT)
        object.__setattr__(self, "text", clean(text))
        for name in ("title", "url_label", "options"):
            object.__setattr__(self, name, plain_json(getattr(self, name)))
        object.__setattr__(self, "title", self.title or None)
        object.__setattr__(self, "url", clean_url(self.url))


def as_text(value: Any) -> str:
    """Return a value from a template as text; a mapping or a list as JSON."""
    match value:
        case str():
            return value
        case None:
            return ""
        case Mapping() | list() | tuple():
            return json.dumps(plain_json(value), ensure_ascii=False)
    return str(value)


def clean(text: str) -> str:
    """Return a text in valid UTF-8 without control characters but tabs and line feeds.

    Two escapes of a template can hold the halves of one character: they are joined, and
    a half alone is replaced. Colours for a terminal are removed.
    """
    if text.isprintable():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        pairs = text.encode("utf-16", "surrogatepass")
        text = pairs.decode("utf-16", "replace")
    return _CONTROLS.sub("", _LINE_BREAKS.sub("\n", text))


def clean_url(url: str | None) -> str | None:
    """Return a URL without control characters and white space around it, or None.

    White space in it is percent-encoded, as the address would end there.
    """
    if not url:
        return None
    link = clean(url).replace("\n", "").replace("\t", "").strip()
    return _WHITE_SPACE.sub(lambda space: quote(space[0]), link) or None


def one_line(text: str | None) -> str:
    """Return a text on one line, in Unicode's normal form C; empty if there is none."""
    if not text:
        return ""
    return " ".join(unicodedata.normalize("NFC", clean(text)).split())


def shortened(text: str) -> str:
    """Return what others wrote for errors and logs: on one line, and not all of it."""
    line = one_line(text)
    return line if len(line) <= MAX_SHOWN else f"{line[: MAX_SHOWN - 1]}…"


def plain_json(value: Any) -> Any:
    """Return a value as plain JSON, with clean texts.

    What JSON has no type for becomes text.

    Args:
        value: any value, for example from a template.

    """
    match value:
        case str():
            return clean(value)
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
