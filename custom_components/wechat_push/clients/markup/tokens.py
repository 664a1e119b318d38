"""Tokens: what readers find in a text, and writers write."""

from array import array
from collections.abc import Iterator, Mapping
from enum import Enum, auto
from itertools import batched, chain
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


class Tokens:
    """Tokens as columns of plain values, of which a token is made when it is asked for.

    The garbage collector stops all threads while it looks at every object it tracks, for
    a fifth of a second in a large home, and does so whenever enough of them survive. A
    text can have 100,000 tokens; strings and numbers are not tracked.
    """

    def __init__(self) -> None:
        self._kinds: list[Kind] = []
        # Names of the elements and texts.
        self.values: list[str] = []
        self._starts = array("l")
        self._ends = array("l")
        # Names and values in turns, by place; tuples of strings are not tracked for long.
        self._attributes: dict[int, tuple[str, ...]] = {}

    def append(self, token: Token) -> None:
        """Add a token."""
        kind, value, start, end, attributes = token
        if attributes:
            self._attributes[len(self.values)] = _flat(attributes)
        self._kinds.append(kind)
        self.values.append(value)
        self._starts.append(start)
        self._ends.append(end)

    def __len__(self) -> int:
        """Return how many tokens there are."""
        return len(self.values)

    def __getitem__(self, place: int) -> Token:
        """Return the token at a place."""
        return Token(
            self._kinds[place],
            self.values[place],
            self._starts[place],
            self._ends[place],
            self._mapping(place) if place in self._attributes else NO_ATTRIBUTES,
        )

    def __setitem__(self, place: int, token: Token) -> None:
        """Put another token in a place; attributes are not taken away."""
        if token.attributes:
            self._attributes[place] = _flat(token.attributes)
        self._kinds[place] = token.kind
        self.values[place] = token.value
        self._starts[place] = token.start
        self._ends[place] = token.end

    def __iter__(self) -> Iterator[Token]:
        """Return the tokens, one after the other."""
        return self.between(0, len(self))

    def between(self, first: int, last: int) -> Iterator[Token]:
        """Return the tokens from one place until before another."""
        columns = zip(
            range(first, last),
            self._kinds[first:last],
            self.values[first:last],
            self._starts[first:last],
            self._ends[first:last],
            strict=True,
        )
        for place, kind, value, start, end in columns:
            if place in self._attributes:
                yield Token(kind, value, start, end, self._mapping(place))
            else:
                yield Token(kind, value, start, end)

    def _mapping(self, place: int) -> dict[str, str]:
        """Return the attributes of a token that has some."""
        return dict(batched(self._attributes[place], 2, strict=True))

    def cut(self, place: int) -> None:
        """Take away the tokens from a place on."""
        for each in range(place, len(self)):
            self._attributes.pop(each, None)
        del self._kinds[place:], self.values[place:]
        del self._starts[place:], self._ends[place:]


def _flat(attributes: Mapping[str, str]) -> tuple[str, ...]:
    """Return names and values in turns."""
    return tuple(chain.from_iterable(attributes.items()))
