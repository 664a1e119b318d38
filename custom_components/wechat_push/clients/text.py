"""Put title, text, pictures and link together, in a format that the service shows."""

from collections.abc import Callable, Collection
import html
import re
from typing import Final

from .conversion import convert
from .errors import ContentError, Problem
from .message import Attachment, AttachmentKind, Format, Message

# Set a line off from the one above.
LINE_BREAKS: Final = {
    Format.TEXT: "\n",
    Format.MARKDOWN: "\n\n",
    Format.HTML: "<br/>",
}

_MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]()#+\-!|<>~])")


def one_line(text: str | None) -> str:
    """Return a title on one line, or nothing where there is none."""
    return " ".join(text.split()) if text else ""


def heading(title: str) -> str:
    """Return a title as a heading of Markdown, with the signs of Markdown escaped."""
    return f"### {escape(title)}\n\n"


def compose(
    message: Message,
    formats: Collection[Format],
    *,
    title: Callable[[str], str] | None = heading,
    link: bool = True,
) -> tuple[str, Format]:
    """Return all that a message says as one text, and the format of that.

    A format that the service does not show is converted; attachments that have an
    address are shown or linked below the text.

    Args:
        message: what is to be said.
        formats: those that the service shows.
        title: writes the title above a text in Markdown; none leaves the title out.
        link: the link goes below the text, as the service has no field for it.

    Raises:
        ContentError: there is nothing to be said, which every service refuses.

    """
    wanted = message.format
    if wanted not in formats:
        wanted = Format.TEXT if Format.TEXT in formats else Format.HTML
    if wanted is Format.TEXT and Format.HTML in formats and picture_addresses(message):
        # Plain text shows no pictures.
        wanted = Format.HTML
    if not (text := body(message, wanted, link=link)):
        raise ContentError(Problem.MESSAGE_EMPTY)
    if title is not None and (line := one_line(message.title)):
        text = _title(line, wanted, title) + text
    return text, wanted


def body(message: Message, wanted: Format, *, link: bool) -> str:
    """Return the text of a message with what stands below it, without the title.

    Args:
        message: what is to be said.
        wanted: the format that the text is brought into.
        link: the link goes below the text, too.

    """
    blocks = [convert(message.text, message.format, wanted)]
    blocks += [_shown(each, wanted) for each in message.attachments if each.url]
    if link and message.url:
        blocks.append(_link(message.url, one_line(message.url_label), wanted))
    return LINE_BREAKS[wanted].join(block for block in blocks if block.strip())


def picture_addresses(message: Message) -> list[str]:
    """Return the addresses of a message's pictures; one to be uploaded has none."""
    return [
        each.url
        for each in message.attachments
        if each.url and each.kind is AttachmentKind.IMAGE
    ]


def _title(title: str, wanted: Format, markdown: Callable[[str], str]) -> str:
    """Return a title as it stands above the text."""
    match wanted:
        case Format.HTML:
            return f"<h3>{html.escape(title)}</h3>"
        case Format.MARKDOWN:
            return markdown(title)
    return f"{title}\n"


def _shown(attachment: Attachment, wanted: Format) -> str:
    """Return a picture as the format shows it, or a link to another attachment."""
    address, name = attachment.url or "", attachment.name
    if attachment.kind is AttachmentKind.IMAGE and wanted is Format.HTML:
        return f'<img src="{html.escape(address)}" alt="{html.escape(name)}"/>'
    if attachment.kind is AttachmentKind.IMAGE and wanted is Format.MARKDOWN:
        return f"!{_link(address, name, wanted)}"
    return _link(address, name, wanted)


def _link(address: str, label: str, wanted: Format) -> str:
    """Return a link with its label, as the format writes it."""
    match wanted:
        case Format.HTML:
            shown = html.escape(label or address)
            return f'<a href="{html.escape(address)}">{shown}</a>'
        case Format.MARKDOWN:
            # A bracket would end the address, and a space break it.
            safe = address.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
            return f"[{escape(label or address)}]({safe})"
    return f"{label}: {address}" if label else address


def escape(text: str) -> str:
    """Return a text with all Markdown characters escaped."""
    return _MARKDOWN_SIGNS.sub(r"\\\1", text)
