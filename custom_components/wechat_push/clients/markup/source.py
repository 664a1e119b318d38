"""Where a paragraph of Markdown comes from, and what it refers to."""

from bisect import bisect_right
from dataclasses import dataclass, field

from .tokens import Token


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Lines of a text without the marks of the lists and quotes that they are in.

    Args:
        text: the lines.
        starts: where each line starts in this text.
        places: where each line starts in the source.

    """

    text: str
    starts: tuple[int, ...]
    places: tuple[int, ...]

    @classmethod
    def of(cls, lines: list[tuple[str, int]]) -> Source:
        """Return the source of lines and the places where they start."""
        starts, at = [], 0
        for line, _ in lines:
            starts.append(at)
            at += len(line) + 1
        return cls(
            text="\n".join(line for line, _ in lines),
            starts=tuple(starts),
            places=tuple(place for _, place in lines),
        )

    def place(self, at: int) -> int:
        """Return the place in the source."""
        if len(self.starts) == 1:
            return self.places[0] + at
        line = bisect_right(self.starts, at) - 1
        return self.places[line] + at - self.starts[line]

    def placed(self, token: Token) -> Token:
        """Return a token with its place in the source."""
        kind, value, first, last, attributes = token
        start = self.place(first)
        end = self.place(last - 1) + 1 if last > first else start
        return Token(kind, value, start, end, attributes)


@dataclass(kw_only=True, slots=True)
class References:
    """Definitions of links, and which of them are used.

    Args:
        addresses: addresses by label.
        budget: characters that addresses may add: a long one that is used often would
            fill the memory.

    """

    addresses: dict[str, str] = field(default_factory=dict)
    budget: int
    used: set[str] = field(default_factory=set)

    def address(self, label: str) -> str | None:
        """Return the address of a label that is used."""
        name = normal(label)
        if (address := self.addresses.get(name)) is None:
            return None
        self.budget -= len(address)
        if self.budget < 0:
            return None
        self.used.add(name)
        return address


def normal(label: str) -> str:
    """Return a label as it is compared."""
    return " ".join(label.split()).casefold()
