"""Tokens: what readers find in a text, and writers write."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final, NamedTuple


class Kind(Enum):
    """Kinds of tokens."""

    START = auto()
    END = auto()
    TEXT = auto()


NO_ATTRIBUTES: Final[Mapping[str, str]] = {}

# Elements without content.
VOID: Final = frozenset(
    {
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta",
        "param", "source", "track", "wbr",
    }
)  # fmt: skip
# Elements that begin on a line of their own.
BLOCKS: Final = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd",
        "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption",
        "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head",
        "header", "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol",
        "option", "p", "pre", "search", "section", "select", "summary", "table",
        "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
    }
)  # fmt: skip


class Token(NamedTuple):
    """A part of a text.

    Attributes:
        kind: start or end of an element, or text.
        value: name of the element, or the text as it is read.
        start: where it starts in the source.
        end: where it ends in the source; the start if the source leaves it out.
        attributes: attributes of the element.

    """

    kind: Kind
    value: str
    start: int
    end: int
    attributes: Mapping[str, str] = NO_ATTRIBUTES
