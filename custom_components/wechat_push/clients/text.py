"""Put title and text together, in the format that a message is written in."""

from collections.abc import Callable, Container
import html
import re

from .errors import ContentError, Problem
from .message import Format, Message

_MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]()#+\-!|<>~])")


def one_line(text: str | None) -> str:
    """Return a title on one line, or nothing where there is none."""
    return " ".join(text.split()) if text else ""


def require_text(message: Message) -> str:
    """Return the text of a message.

    Raises:
        ContentError: there is none; every service refuses an empty message.

    """
    if not message.text.strip():
        raise ContentError(Problem.MESSAGE_EMPTY)
    return message.text


def require_format(message: Message, supported: Container[Format]) -> None:
    """Make sure that a service can show the format of a message.

    Raises:
        ContentError: it cannot.

    """
    if message.format not in supported:
        raise ContentError(Problem.FORMAT_NOT_SUPPORTED, format=message.format)


def heading(title: str) -> str:
    """Return a title as a heading of Markdown, with the signs of Markdown escaped."""
    return f"### {_MARKDOWN_SIGNS.sub(r'\\\1', title)}\n\n"


def titled(message: Message, *, markdown_title: Callable[[str], str] = heading) -> str:
    """Return the text with the title above it; without a title just the text.

    Args:
        message: what is to be said.
        markdown_title: writes the title in Markdown.

    Raises:
        ContentError: the text is empty.

    """
    text = require_text(message)
    if not (title := one_line(message.title)):
        return text
    match message.format:
        case Format.HTML:
            return f"<h3>{html.escape(title)}</h3>{text}"
        case Format.MARKDOWN:
            return markdown_title(title) + text
    return f"{title}\n{text}"
