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


def convert(text: str, source: Format, target: Format) -> str:
    """Return a text in another format, in Unicode's normal form C.

    Args:
        text: text to convert.
        source: format of the text.
        target: format to convert to. Markdown is left as it is when converted from, and
            plain text is taken for Markdown.

    """
    text = composed(text)
    match source, target:
        case Format.MARKDOWN, Format.HTML:
            return page.write(read(text, source))
        case ((Format.MARKDOWN | Format.HTML), Format.TEXT):
            return _plain(read(text, source))
        case Format.TEXT, Format.HTML:
            return _page(text)
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
    spaced = _COLUMNS.sub(lambda match: "\u00a0" * len(match[0]), text.expandtabs(_TAB))
    return html.escape(spaced, quote=False).replace("\n", "<br/>")
