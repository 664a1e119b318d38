"""Elements in elements: the ends that HTML may leave out, and those that end nothing."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from .tokens import BLOCKS, VOID, Kind, Token, Tokens

# Levels of elements; deeper ones are read, but not as being in another.
_MAX_DEPTH: Final = 128
_IN_HEAD: Final = frozenset(
    {
        "base", "basefont", "bgsound", "link", "meta", "noscript", "script", "style",
        "template", "title",
    }
)  # fmt: skip
# What the start of an element ends, and the elements beyond which it ends nothing.
_TABLE: Final = frozenset({"table"})
_ENDED: Final[dict[str, tuple[frozenset[str], frozenset[str]]]] = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol", "menu", "dir", "table"})),
    **dict.fromkeys(
        ("dt", "dd"), (frozenset({"dt", "dd"}), frozenset({"dl", "table"}))
    ),
    **dict.fromkeys(
        ("td", "th"), (frozenset({"td", "th", "caption"}), frozenset({"tr", "table"}))
    ),
    "tr": (frozenset({"tr", "caption"}), _TABLE),
    **dict.fromkeys(
        ("thead", "tbody", "tfoot"),
        (frozenset({"thead", "tbody", "tfoot", "caption", "tr"}), _TABLE),
    ),
    "option": (frozenset({"option"}), frozenset({"select"})),
}
# A paragraph ends where any other block starts, unless one is in between.
_PARAGRAPH: Final = (frozenset({"p"}), BLOCKS - {"p"})
_PARTS_OF_TABLES: Final = frozenset({"thead", "tbody", "tfoot", "tr", "td", "th"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Tree:
    """Tokens in which every element that is started is ended.

    Args:
        tokens: the tokens.
        ends: place of the end of each element, by the place of its start.

    """

    tokens: Tokens
    ends: dict[int, int]


def balance(tokens: Iterable[Token]) -> Tree:
    """Return tokens with all their ends, and without those that end nothing."""
    builder = _Builder()
    last = 0
    for token in tokens:
        builder.add(token)
        last = token.end
    builder.finish(last)
    return Tree(tokens=builder.tokens, ends=builder.ends)


@dataclass(kw_only=True, slots=True)
class _Builder:
    """Keeps the open elements, as the place of their start."""

    tokens: Tokens = field(default_factory=Tokens)
    ends: dict[int, int] = field(default_factory=dict)
    _open: list[int] = field(default_factory=list)
    # How many are open of each name, to save a search in vain.
    _count: Counter[str] = field(default_factory=Counter)

    def add(self, token: Token) -> None:
        """Add a token."""
        match token.kind:
            case Kind.START:
                self._start(token)
            case Kind.END:
                self._end(token)
            case Kind.TEXT:
                if self._name(-1) == "head" and token.value.strip():
                    self._pop(len(self._open) - 1, token.start)
                self.tokens.append(token)

    def finish(self, at: int) -> None:
        """End all that is open."""
        self._pop(0, at)

    def _start(self, token: Token) -> None:
        """Start an element; end those that cannot hold it."""
        name = token.value
        if self._name(-1) == "head" and name not in _IN_HEAD:
            self._pop(len(self._open) - 1, token.start)
        rules = [_ENDED[name]] if name in _ENDED else []
        if name in BLOCKS:
            rules.append(_PARAGRAPH)
        for ended, barriers in rules:
            if any(self._count[each] for each in ended):
                self._end_open(ended, barriers, token.start)
        if name in VOID:
            self.ends[len(self.tokens)] = len(self.tokens)
        elif len(self._open) < _MAX_DEPTH:
            self._open.append(len(self.tokens))
            self._count[name] += 1
        else:
            self.ends[len(self.tokens)] = len(self.tokens)
        self.tokens.append(token)

    def _end_open(
        self, ended: frozenset[str], barriers: frozenset[str], at: int
    ) -> None:
        """End the outermost of the elements that are named, up to a barrier."""
        found = None
        for place in reversed(range(len(self._open))):
            name = self._name(place)
            if name in ended:
                found = place
            elif name in barriers:
                break
        if found is not None:
            self._pop(found, at)

    def _end(self, token: Token) -> None:
        """End an element."""
        name = token.value
        if name == "br":
            # As browsers do.
            self.add(token._replace(kind=Kind.START))
            return
        if not self._count[name]:
            return
        for place in reversed(range(len(self._open))):
            opened = self._name(place)
            if opened == name:
                break
            if name not in BLOCKS and opened in BLOCKS:
                # It ends across blocks, which stay open.
                self._end_across(token)
                return
            if (
                opened in ("td", "th", "table")
                and name not in _PARTS_OF_TABLES | _TABLE
            ):
                return
        self._pop(place + 1, token.start)
        self._append_end(self._open.pop(), token)

    def _end_across(self, token: Token) -> None:
        """End an element, and leave those in it open."""
        for place in reversed(range(len(self._open))):
            if self._name(place) == token.value:
                self._append_end(self._open.pop(place), token)
                return

    def _pop(self, place: int, at: int) -> None:
        """End the open elements from a place on, which the source leaves out."""
        while len(self._open) > place:
            start = self._open.pop()
            name = self.tokens.values[start]
            self._append_end(start, Token(Kind.END, name, at, at))

    def _append_end(self, start: int, token: Token) -> None:
        """Add the end of an element."""
        self._count[token.value] -= 1
        self.ends[start] = len(self.tokens)
        self.tokens.append(token)

    def _name(self, place: int) -> str:
        """Return the name of an open element; empty if there is none."""
        return self.tokens.values[self._open[place]] if self._open else ""
