"""Composition of title, text, pictures and link into one text."""

from collections.abc import Callable, Collection
import html
import re
from typing import Final

from .conversion import bare_url, convert
from .errors import ContentError, Problem
from .message import Attachment, AttachmentKind, Format, Message, one_line

# Separators between two blocks.
LINE_BREAKS: Final = {
    Format.TEXT: "\n",
    Format.MARKDOWN: "\n\n",
    Format.HTML: "<br/>",
}

# Formats for a text that the service cannot show as it is, the best first.
_FALLBACKS: Final = (Format.TEXT, Format.HTML, Format.MARKDOWN)
_MARKDOWN_CHARACTERS = re.compile(r"([\\`*_{}\[\]()#+\-!|<>~])")


def heading(title: str) -> str:
    """Return a title as a Markdown heading."""
    return f"### {escape(title)}\n\n"


def compose(
    message: Message,
    formats: Collection[Format],
    *,
    title: Callable[[str], str] | None = heading,
    link: bool = True,
) -> tuple[str, Format]:
    """Return a message as one text, and the format of the text.

    The text is converted to a format that the service supports; attachments with a URL
    are shown or linked below it.

    Args:
        message: the message.
        formats: formats that the service supports.
        title: returns the title above Markdown; None omits the title in every format.
        link: whether to add the URL of the message below the text.

    Raises:
        ContentError: the message is empty.

    """
    target = message.format
    if target not in formats:
        target = next(each for each in _FALLBACKS if each in formats)
    if target is Format.TEXT and Format.HTML in formats and picture_urls(message):
        # Plain text shows no pictures.
        target = Format.HTML
    if not (text := body(message, target, link=link)):
        raise ContentError(Problem.MESSAGE_EMPTY)
    if title is not None and (line := one_line(message.title)):
        text = _title(line, target, title) + text
    return text, target


def body(message: Message, target: Format, *, link: bool) -> str:
    """Return the text, attachments and URL of a message, without the title.

    Args:
        message: the message.
        target: format of the result.
        link: whether to add the URL of the message.

    """
    blocks = [convert(message.text, message.format, target)]
    blocks += [_attachment(each, target) for each in message.attachments if each.url]
    if link and message.url:
        blocks.append(_link(message.url, one_line(message.url_label), target))
    return LINE_BREAKS[target].join(block for block in blocks if block.strip())


def picture_urls(message: Message) -> list[str]:
    """Return the URLs of the pictures of a message."""
    return [
        each.url
        for each in message.attachments
        if each.url and each.kind is AttachmentKind.IMAGE
    ]


def _title(title: str, target: Format, markdown: Callable[[str], str]) -> str:
    """Return a title above the text."""
    match target:
        case Format.HTML:
            return f"<h3>{html.escape(title)}</h3>"
        case Format.MARKDOWN:
            return markdown(title)
    return f"{title}\n"


def _attachment(attachment: Attachment, target: Format) -> str:
    """Return a picture in a format, or a link to another attachment."""
    url, name = attachment.url or "", attachment.name
    if attachment.kind is AttachmentKind.IMAGE and target is Format.HTML:
        return f'<img src="{html.escape(url)}" alt="{html.escape(name)}"/>'
    if attachment.kind is AttachmentKind.IMAGE and target is Format.MARKDOWN:
        return f"!{_link(url, name, target)}"
    return _link(url, name, target)


def _link(url: str, label: str, target: Format) -> str:
    """Return a link in a format."""
    match target:
        case Format.HTML:
            shown = html.escape(label or url)
            return f'<a href="{html.escape(url)}">{shown}</a>'
        case Format.MARKDOWN:
            return f"[{escape(label or url)}]({bare_url(url)})"
    return f"{label}: {url}" if label else url


def escape(text: str) -> str:
    """Return a text with all Markdown characters escaped."""
    return _MARKDOWN_CHARACTERS.sub(r"\\\1", text)
