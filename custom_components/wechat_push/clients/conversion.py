"""Conversion of texts between formats."""

import html
import re
from typing import Final
import unicodedata

from .markup import html as html_reader, markdown, page
from .markup.plain import PlainWriter
from .markup.tree import Tree, balance
from .message import MAX_TEXT, Format, clean

# Characters of HTML that references of Markdown may expand to.
MAX_EXPANSION: Final = 2 * MAX_TEXT
# An address is one sequence of bytes, whatever it looks like.
_ADDRESS: Final = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]{0,30}://\S+)")
_COLUMNS: Final = re.compile(r"^ +| {2,}", re.MULTILINE)
_TAB: Final = 4
# What is markup in Markdown: anywhere, and at the start of a line only.
_MARKUP: Final = re.compile(r"[\\`*_\[\]<|]|~(?=~)|(?<=~)~|&(?=#?\w+;)")
_BLOCK: Final = re.compile(r"\s*(?:\d{1,9}(?=[.)])|(?=[#>+-]))")
# An address in a sentence; Chinese needs no space after it.
_WEB_ADDRESS: Final = re.compile(
    r"""(https?://[^\s<>"'`\[\]|\\\u2018-\u201d\u2026\u2e80-\u9fff\uf900-\uffef]+
    (?<![.,;:!?)]))""",
    re.IGNORECASE | re.VERBOSE,
)


def convert(text: str, source: Format, target: Format) -> str:
    """Return a text in another format, in Unicode's normal form C.

    Args:
        text: text to convert.
        source: format of the text.
        target: format to convert to.

    """
    text = composed(text)
    match source, target:
        case Format.MARKDOWN, Format.HTML:
            return page.write(read(text, source))
        case ((Format.MARKDOWN | Format.HTML), Format.TEXT):
            return _plain(read(text, source))
        case Format.TEXT, Format.HTML:
            return _page(text)
        case Format.TEXT, Format.MARKDOWN:
            return _escaped(text)
        case Format.HTML, Format.MARKDOWN:
            return _escaped(_plain(read(text, source)))
    return text


def first_line(text: str, source: Format) -> str:
    """Return the first readable line of a text; empty if there is none."""
    lines = convert(text, source, Format.TEXT).split("\n")
    return next((" ".join(line.split()) for line in lines if line.strip()), "")


def composed(text: str) -> str:
    """Return a text in normal form C, with its addresses as they are."""
    if unicodedata.is_normalized("NFC", text):
        return text
    return "".join(
        each if number % 2 else unicodedata.normalize("NFC", each)
        for number, each in enumerate(_ADDRESS.split(text))
    )


def read(text: str, source: Format) -> Tree:
    """Return what Markdown or HTML says."""
    if source is Format.HTML:
        return balance(html_reader.read(text))
    return balance(markdown.read(text, MAX_EXPANSION))


def _plain(tree: Tree) -> str:
    """Return plain text; what is hidden is shown if there is nothing else."""
    text = PlainWriter(tree).text()
    if not text.strip():
        text = PlainWriter(tree, show_all=True).text()
    # Entities can stand for control characters.
    return clean(text)


def _page(text: str) -> str:
    """Return plain text as HTML that keeps its lines and its columns."""
    return html.escape(_spaced(text), quote=False).replace("\n", "<br/>")


def _escaped(text: str) -> str:
    """Return plain text as Markdown that keeps its lines, its columns and its addresses.

    Every line is a paragraph: services differ in what they make of a single line break.
    """
    lines = (line for line in _spaced(text).split("\n") if line.strip())
    return "\n\n".join(map(_escaped_line, lines))


def _escaped_line(line: str) -> str:
    """Return a line of plain text as Markdown."""
    pieces = [
        f"[{_MARKUP.sub(_escape, each)}]({bare_url(each)})"
        if number % 2
        else _MARKUP.sub(_escape, each)
        for number, each in enumerate(_WEB_ADDRESS.split(line))
    ]
    escaped = "".join(pieces)
    start = _BLOCK.match(escaped)
    if start is None:
        return escaped
    return f"{start[0]}\\{escaped[start.end() :]}"


def _escape(sign: re.Match[str]) -> str:
    """Return a character that is no markup."""
    return f"\\{sign[0]}"


def _spaced(text: str) -> str:
    """Return plain text whose columns stay where white space is folded."""
    return _COLUMNS.sub(lambda match: "\u00a0" * len(match[0]), text.expandtabs(_TAB))


def bare_url(url: str) -> str:
    """Return a URL as it can stand in parentheses, which it would end otherwise."""
    return url.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
