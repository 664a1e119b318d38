"""Turn a text from one format into another, for services that know fewer of them."""

import html
from html.parser import HTMLParser
import re
from typing import override

from markdown_it import MarkdownIt

from .errors import ContentError, Problem
from .message import Format

# Tables and struck-out text beside what every Markdown has; HTML within is kept.
_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])

_BLOCKS = frozenset(
    {
        "address", "article", "blockquote", "div", "dl", "dt", "dd", "figure", "footer",
        "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "nav", "ol",
        "p", "pre", "section", "table", "ul",
    }
)  # fmt: skip
# Between these stands one line break, between other blocks an empty line.
_LINES = frozenset({"li", "tr", "dt", "dd", "div"})
# In characters; no service that needs a conversion takes more in all its parts.
_MAX_READ = 100_000
_ENOUGH = 10_000
# A phone is narrow.
_MAX_INDENT = 8
_SILENT = frozenset({"head", "script", "style", "template", "title"})


def convert(text: str, source: Format, target: Format) -> str:
    """Return a text in another format.

    Args:
        text: what to convert.
        source: the format it is in.
        target: the format it is wanted in; Markdown is made of plain text alone.

    Raises:
        ContentError: the text is so long that reading it would take seconds.

    """
    if Format.TEXT is not source is not target and len(text) > _MAX_READ:
        raise ContentError(Problem.MESSAGE_TOO_LONG, limit=_MAX_READ)
    match source, target:
        case Format.MARKDOWN, Format.HTML:
            return str(_MARKDOWN.render(text)).strip()
        case Format.MARKDOWN, Format.TEXT:
            return html_to_text(_MARKDOWN.render(text))
        case Format.HTML, Format.TEXT:
            return html_to_text(text)
        case Format.TEXT, Format.HTML:
            return html.escape(text, quote=False).replace("\n", "<br/>")
    return text


def beginning(text: str, source: Format) -> str:
    """Return the beginning of a text as one without any format, enough for a title."""
    return convert(text[:_ENOUGH], source, Format.TEXT).strip()


def html_to_text(text: str) -> str:
    """Return what a person would read of a piece of HTML, as plain text."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    """Collects the readable text of HTML, line by line."""

    def __init__(self) -> None:
        """Start with nothing read."""
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._silent = 0
        self._preformatted = 0
        self._lists: list[int | None] = []
        self._links: list[tuple[str, int]] = []
        self._cells = 0

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a block, a list, a cell or a link."""
        values = dict(attrs)
        if tag in _SILENT:
            self._silent += 1
        self._break(tag)
        match tag:
            case "body":
                # The end of the head may be left out.
                self._silent = 0
            case "a":
                self._links.append((values.get("href") or "", len(self._pieces)))
            case "br":
                self._add("\n")
            case "img":
                self._add_picture(values.get("alt") or "", values.get("src") or "")
            case "ul":
                self._lists.append(None)
            case "ol":
                self._lists.append(0)
            case "li":
                self._begin_item()
            case "tr":
                self._cells = 0
            case "td" | "th":
                if self._cells:
                    self._add("| " if self._ends_with(" ") else " | ")
                self._cells += 1
            case "pre":
                self._preformatted += 1
            case "hr":
                self._add("———")
                self._break(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        """End a block, a list or a link."""
        match tag:
            case "a" if self._links:
                self._end_link(*self._links.pop())
            case "ul" | "ol" if self._lists:
                self._lists.pop()
            case "pre" if self._preformatted:
                self._preformatted -= 1
        if tag in _SILENT and self._silent:
            self._silent -= 1
        self._break(tag)

    @override
    def handle_data(self, data: str) -> None:
        """Take text, with its white space as HTML means it."""
        if self._preformatted:
            self._add(data)
            return
        folded = re.sub(r"[ \t\r\n\f]+", " ", data)
        at_start = not self._pieces or self._ends_with("\n", " ")
        self._add(folded.lstrip(" ") if at_start else folded)

    def text(self) -> str:
        """Return what was read."""
        lines = "".join(self._pieces).split("\n")
        text = "\n".join(line.rstrip(" \t") for line in lines)
        return re.sub(r"\n{3,}", "\n\n", text).strip()

    def _add(self, text: str) -> None:
        """Take a piece of text."""
        if text and not self._silent:
            self._pieces.append(text)

    def _ends_with(self, *ends: str) -> bool:
        """Tell if what was read so far ends with one of these."""
        return bool(self._pieces) and self._pieces[-1].endswith(ends)

    def _break(self, tag: str) -> None:
        """Begin a new line or a new paragraph, unless one has begun."""
        if tag in _LINES:
            wanted = 1
        elif tag in _BLOCKS:
            # A list within a list goes on from line to line.
            wanted = 1 if tag in ("ul", "ol") and self._lists else 2
        else:
            return
        tail = "".join(self._pieces[-3:])
        begun = len(tail) - len(tail.rstrip("\n"))
        if self._pieces and begun < wanted:
            self._add("\n" * (wanted - begun))

    def _begin_item(self) -> None:
        """Write the sign or the number of a list item."""
        indent = "  " * min(max(len(self._lists) - 1, 0), _MAX_INDENT)
        number = self._lists[-1] if self._lists else None
        if number is None:
            self._add(f"{indent}• ")
            return
        self._lists[-1] = number + 1
        self._add(f"{indent}{number + 1}. ")

    def _add_picture(self, shown: str, address: str) -> None:
        """Write what stands for a picture, and where it is if a reader can open it."""
        if not address.lower().startswith(("http://", "https://")):
            self._add(shown)
        else:
            self._add(f"{shown} ({address})" if shown else address)

    def _end_link(self, address: str, start: int) -> None:
        """Write the address of a link behind its text, where that is not the same."""
        shown = "".join(self._pieces[start:]).strip()
        if address and address not in (shown, f"mailto:{shown}"):
            self._add(f" ({address})" if shown else address)
