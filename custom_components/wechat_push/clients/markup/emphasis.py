"""Emphasis in Markdown: which runs of signs start and end it."""

from array import array
from collections.abc import Iterator, Sequence
import unicodedata

from .tokens import Kind, Token


class Runs:
    """Runs of signs, each of which may turn out to be emphasis; columns, as `Tokens`.

    Args:
        text: the text that they are in.

    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = array("l")
        self._ends = array("l")
        self._can_open = bytearray()
        self._can_close = bytearray()
        # Signs that belong to no emphasis.
        self._left = array("l")
        # Signs of each element that ends at the start of the run, and of each that starts
        # at its end, the innermost first.
        self._closes: list[str] = []
        self._opens: list[str] = []

    def add(self, start: int, end: int, *, can_open: bool, can_close: bool) -> int:
        """Add a run; return its number."""
        self._starts.append(start)
        self._ends.append(end)
        self._can_open.append(can_open)
        self._can_close.append(can_close)
        self._left.append(end - start)
        self._closes.append("")
        self._opens.append("")
        return len(self._starts) - 1

    def tokens(self, run: int) -> Iterator[Token]:
        """Return the tokens of a run."""
        at, opens = self._starts[run], [*map(int, self._opens[run])]
        for length in map(int, self._closes[run]):
            yield Token(Kind.END, self._element(run, length), at, at + length)
            at += length
        end = self._ends[run] - sum(opens)
        if at < end:
            yield Token(Kind.TEXT, self._text[at:end], at, end)
        for length in reversed(opens):
            yield Token(Kind.START, self._element(run, length), end, end + length)
            end += length

    def pair(self, runs: Sequence[int]) -> None:
        """Find those of the runs that are emphasis."""
        openers: list[int] = []
        left = self._left
        # Runs before these places match no such end.
        searched: dict[tuple[str, int, int], int] = {}
        for closer in runs:
            while self._can_close[closer] and left[closer]:
                key = (
                    self._sign(closer),
                    self._can_open[closer],
                    self._size(closer) % 3,
                )
                unmatched = searched.get(key, 0)
                for place in reversed(range(len(openers))):
                    opener = openers[place]
                    if self._starts[opener] < unmatched:
                        place = -1
                        break
                    if self._match(opener, closer):
                        break
                else:
                    place = -1
                if place < 0:
                    searched[key] = self._starts[closer]
                    break
                del openers[place + 1 :]
                length = 2 if min(left[opener], left[closer]) >= 2 else 1
                self._opens[opener] += str(length)
                self._closes[closer] += str(length)
                left[opener] -= length
                left[closer] -= length
                if not left[opener]:
                    openers.pop()
            if self._can_open[closer] and left[closer]:
                openers.append(closer)

    def _match(self, opener: int, closer: int) -> bool:
        """Return if two runs are the start and the end of one emphasis."""
        if self._sign(opener) != self._sign(closer):
            return False
        if not (self._can_close[opener] or self._can_open[closer]):
            return True
        # The rule of three: **a*b** has no emphasis within.
        whole, other = self._size(opener), self._size(closer)
        return bool((whole + other) % 3) or not (whole % 3 or other % 3)

    def _sign(self, run: int) -> str:
        """Return the sign of a run."""
        return self._text[self._starts[run]]

    def _size(self, run: int) -> int:
        """Return how many signs a run has."""
        return self._ends[run] - self._starts[run]

    def _element(self, run: int, length: int) -> str:
        """Return the element that signs start or end."""
        return "s" if self._sign(run) == "~" else ("em", "strong")[length - 1]


def hugs(inner: str, outer: str) -> bool:
    """Return if a run between two characters belongs to the inner one.

    Unlike CommonMark, Chinese and its punctuation need no spaces around.
    """
    if inner.isspace():
        return False
    return (
        not is_sign(inner)
        or outer.isspace()
        or is_sign(outer)
        or unicodedata.east_asian_width(outer) in "WF"
    )


def is_sign(character: str) -> bool:
    """Return if a character is punctuation or a symbol."""
    return unicodedata.category(character)[0] in "PS"
