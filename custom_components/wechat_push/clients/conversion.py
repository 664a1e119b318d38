"""Conversion of texts between formats."""

from functools import cache
import html
from html.parser import HTMLParser
import re
from typing import TYPE_CHECKING, override

from .message import MAX_TEXT, Format

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_BLOCKS = frozenset(
    {
        "address", "article", "blockquote", "div", "dl", "dt", "dd", "figure", "footer",
        "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "nav", "ol",
        "p", "pre", "section", "table", "ul",
    }
)  # fmt: skip
# Blocks on lines of their own; other blocks are separated by an empty line.
_LINES = frozenset({"li", "tr", "dt", "dd", "div"})
# Characters of HTML that references of Markdown may expand to: a long URL that is used
# often would fill the memory.
_MAX_EXPANSION = 2 * MAX_TEXT
# Characters from which a title is made.
_MAX_BEGINNING = 10_000
# Levels of indentation; a phone is narrow.
_MAX_INDENT = 8
_SILENT = frozenset({"head", "script", "style", "template", "title"})


def convert(text: str, source: Format, target: Format) -> str:
    """Return a text in another format.

    Args:
        text: text to convert. Takes up to a second for 100,000 characters of Markdown.
        source: format of the text.
        target: format to convert to. Markdown is left as it is when converted from, and
            plain text is taken for Markdown.

    """
    match source, target:
        case Format.MARKDOWN, Format.HTML:
            return _render(text).strip()
        case Format.MARKDOWN, Format.TEXT:
            return html_to_text(_render(text))
        case Format.HTML, Format.TEXT:
            return html_to_text(text)
        case Format.TEXT, Format.HTML:
            return html.escape(text, quote=False).replace("\n", "<br/>")
    return text


def beginning(text: str, source: Format) -> str:
    """Return the beginning of a text without any format, enough for a title."""
    return convert(text[:_MAX_BEGINNING], source, Format.TEXT).strip()


@cache
def _parser(*, references: bool) -> MarkdownIt:
    """Return a Markdown parser."""
    # Slow to import, and needed by few messages.
    from markdown_it import MarkdownIt  # noqa: PLC0415

    # HTML in the text is kept.
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return parser if references else parser.disable("reference")


def _render(text: str) -> str:
    """Return Markdown as HTML."""
    parser = _parser(references=True)
    tokens = parser.parse(text)
    expansion = sum(
        len(str(value))
        for block in tokens
        for token in block.children or ()
        for value in token.attrs.values()
    )
    if expansion > _MAX_EXPANSION:
        # Each URL in the text itself is used once, so these are references.
        parser = _parser(references=False)
        tokens = parser.parse(text)
    return str(parser.renderer.render(tokens, parser.options, {}))


def html_to_text(text: str) -> str:
    """Return HTML as plain text that reads well."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    """Collects the readable text of HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._silent = 0
        self._preformatted = 0
        self._lists: list[int | None] = []
        # URL and start of the open link.
        self._link: tuple[str, int] | None = None
        self._cells = 0

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Handle the start of a block, a list, a cell or a link."""
        values = dict(attrs)
        if tag in _SILENT:
            self._silent += 1
        self._break(tag)
        match tag:
            case "body":
                # The end tag of the head is optional.
                self._silent = 0
            case "a":
                # Links cannot be nested.
                self._end_link()
                self._link = (values.get("href") or "", len(self._pieces))
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
        """Handle the end of a block, a list or a link."""
        match tag:
            case "a":
                self._end_link()
            case "ul" | "ol" if self._lists:
                self._lists.pop()
            case "pre" if self._preformatted:
                self._preformatted -= 1
        if tag in _SILENT and self._silent:
            self._silent -= 1
        self._break(tag)

    @override
    def handle_data(self, data: str) -> None:
        """Handle text; collapse its white space."""
        if self._preformatted:
            self._add(data)
            return
        folded = re.sub(r"[ \t\r\n\f]+", " ", data)
        at_start = not self._pieces or self._ends_with("\n", " ")
        self._add(folded.lstrip(" ") if at_start else folded)

    def text(self) -> str:
        """Return the text."""
        lines = "".join(self._pieces).split("\n")
        text = "\n".join(line.rstrip(" \t") for line in lines)
        return re.sub(r"\n{3,}", "\n\n", text).strip()

    def _add(self, text: str) -> None:
        """Add a piece of text."""
        if text and not self._silent:
            self._pieces.append(text)

    def _ends_with(self, *ends: str) -> bool:
        """Return if the text so far ends with one of these."""
        return bool(self._pieces) and self._pieces[-1].endswith(ends)

    def _break(self, tag: str) -> None:
        """Begin a new line or paragraph, unless one has begun."""
        if tag in _LINES:
            wanted = 1
        elif tag in _BLOCKS:
            # A list in a list needs no empty line.
            wanted = 1 if tag in ("ul", "ol") and self._lists else 2
        else:
            return
        # At most two line breaks count, and a piece can be long.
        tail = "".join(piece[-2:] for piece in self._pieces[-3:])
        begun = len(tail) - len(tail.rstrip("\n"))
        if self._pieces and begun < wanted:
            self._add("\n" * (wanted - begun))

    def _begin_item(self) -> None:
        """Add the bullet or number of a list item."""
        indent = "  " * min(max(len(self._lists) - 1, 0), _MAX_INDENT)
        number = self._lists[-1] if self._lists else None
        if number is None:
            self._add(f"{indent}• ")
            return
        self._lists[-1] = number + 1
        self._add(f"{indent}{number + 1}. ")

    def _add_picture(self, shown: str, address: str) -> None:
        """Add the text of a picture, and its URL if a reader can open it."""
        if not address.lower().startswith(("http://", "https://")):
            self._add(shown)
        else:
            self._add(f"{shown} ({address})" if shown else address)

    def _end_link(self) -> None:
        """Add the URL of the open link after its text, unless it is the same."""
        if self._link is None:
            return
        address, start = self._link
        self._link = None
        shown = "".join(self._pieces[start:]).strip()
        if address and address not in (shown, f"mailto:{shown}"):
            self._add(f" ({address})" if shown else address)
