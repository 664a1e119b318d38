"""Blocks of Markdown: quotes, lists, and what is in them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
import re
from typing import Final

from . import html as html_reader, inline
from .source import References, Source, normal
from .tokens import NO_ATTRIBUTES, Kind, Token, Tokens

_DEFINITION: Final = re.compile(
    rf"\[((?:\\.|[^\[\]\\]){{1,999}})\]:\s*+(?=\S)({inline.DESTINATION})"
    rf"(?:[ \t]*+(?:\n[ \t]*+)?(?<=\s)({inline.TITLE})[ \t]*+(?=\n|$)|[ \t]*+(?=\n|$))",
    re.DOTALL,
)


@dataclass(kw_only=True, slots=True)
class Container:
    """A quote, a list or a point of a list.

    Args:
        name: name of its element.
        indent: columns by which what is in a point is indented.
        mark: sign of a list, or the one after its numbers.
        empty: whether nothing is in the point yet.

    """

    name: str
    indent: int = 0
    mark: str = ""
    empty: bool = False


@dataclass(kw_only=True, slots=True)
class Leaf:
    """A block of lines.

    Args:
        name: name of its element; `html` for HTML, `code` for code by indentation,
            `cell` for what a cell of a table holds.
        start: where it starts in the source.
        opened: where its text starts.
        lines: the lines, and where they start.
        closed: where it ends in the source; 0 if its text ends it.
        fence: the fence that ends it.
        indent: columns by which the fence is indented.
        until: pattern of the line that ends HTML; None is an empty line.

    """

    name: str
    start: int
    opened: int
    lines: list[tuple[str, int]] = field(default_factory=list)
    closed: int = 0
    fence: str = ""
    indent: int = 0
    until: re.Pattern[str] | None = None

    @property
    def end(self) -> int:
        """Return where its text ends."""
        if not self.lines:
            return self.opened
        line, start = self.lines[-1]
        return start + len(line)


class Blocks:
    """The blocks of a text.

    Args:
        length: length of the text.
        references: definitions of links; those of the text are added.
        define_only: whether to find nothing but definitions.

    """

    def __init__(
        self, length: int, references: References, *, define_only: bool = False
    ) -> None:
        self.length = length
        self.references = references
        # Places of the definitions that links refer to.
        self.definitions: list[tuple[int, int]] = []
        self._define_only = define_only
        self._tokens = Tokens()
        # Definitions: how many tokens are before, the label and the lines.
        self._defined: list[tuple[int, str, tuple[tuple[str, int], ...]]] = []
        self._containers: list[Container] = []
        self._leaf: Leaf | None = None

    def tokens(self) -> Iterator[Token]:
        """Return the tokens, when all lines have been read."""
        at = 0
        for place, name, lines in self._defined:
            yield from self._tokens.between(at, place)
            at = place
            start = lines[0][1]
            leaf = Leaf(name="p", start=start, opened=start, lines=[*lines])
            if name in self.references.used:
                self.definitions.append((start, leaf.end))
            else:
                # What no link refers to was not meant as a definition.
                yield from _tokens_of(leaf, References(budget=0))
        yield from self._tokens.between(at, len(self._tokens))

    @property
    def containers(self) -> list[Container]:
        """Return the open containers, the outermost first."""
        return self._containers

    def drop_leaf(self) -> None:
        """Forget the open block."""
        self._leaf = None

    @property
    def leaf(self) -> Leaf | None:
        """Return the open block."""
        return self._leaf

    def open_leaf(self, leaf: Leaf) -> None:
        """Start a block."""
        self._leaf = leaf
        if self._containers:
            self._containers[-1].empty = False

    def open(
        self,
        container: Container,
        start: int,
        end: int,
        attributes: dict[str, str] | None = None,
    ) -> None:
        """Start a container."""
        if self._containers:
            self._containers[-1].empty = False
        self._containers.append(container)
        self.add(Kind.START, container.name, start, end, attributes)

    def add(
        self,
        kind: Kind,
        name: str,
        start: int,
        end: int,
        attributes: dict[str, str] | None = None,
    ) -> None:
        """Add a token."""
        self._tokens.append(Token(kind, name, start, end, attributes or NO_ATTRIBUTES))

    def add_leaf(self, leaf: Leaf) -> None:
        """Add a block."""
        self._read(leaf)
        if self._containers:
            self._containers[-1].empty = False

    def close(self, depth: int, at: int) -> None:
        """End the open block, and the containers from a depth on."""
        self.close_leaf(at)
        while len(self._containers) > depth:
            self.add(Kind.END, self._containers.pop().name, at, at)

    def close_leaf(self, at: int) -> None:
        """End the open block."""
        leaf, self._leaf = self._leaf, None
        if leaf is None:
            return
        if leaf.name == "table":
            self.add(Kind.END, "table", at, at)
        elif leaf.name != "p":
            self._read(leaf)
        else:
            rest = self.add_definitions(leaf)
            if rest.lines:
                self._read(rest)

    def add_definitions(self, leaf: Leaf) -> Leaf:
        """Add the definitions that a paragraph begins with; return the rest of it."""
        lines, first = leaf.lines, 0
        while first < len(lines) and lines[first][0].startswith("["):
            # Long titles are no use to anybody.
            text = "\n".join(line for line, _ in lines[first : first + 8])
            match = _DEFINITION.match(text)
            if match is None or not match[1].strip():
                break
            name = normal(match[1])
            self.references.addresses.setdefault(name, inline.address(match[2]))
            last = first + match[0].count("\n") + 1
            if not self._define_only:
                self._defined.append(
                    (len(self._tokens), name, tuple(lines[first:last]))
                )
            first = last
        if not first:
            return leaf
        start = lines[first][1] if first < len(lines) else leaf.start
        return replace(leaf, start=start, opened=start, lines=lines[first:])

    def _read(self, leaf: Leaf) -> None:
        """Add the tokens of a block."""
        if not self._define_only:
            for token in _tokens_of(leaf, self.references):
                self._tokens.append(token)


def _tokens_of(leaf: Leaf, references: References) -> Iterator[Token]:
    """Return the tokens of a block."""
    match leaf.name:
        case "html":
            source = Source.of(leaf.lines)
            yield from map(source.placed, html_reader.read(source.text))
            return
        case "pre" | "code":
            yield from _code(leaf)
            return
        case "cell":
            # In code, too, a pipe is escaped there.
            for token in inline.read(Source.of(leaf.lines), references):
                yield token._replace(value=token.value.replace("\\|", "|"))
            return
    line, start = leaf.lines[-1]
    leaf.lines[-1] = (line.rstrip(" \t"), start)
    yield Token(Kind.START, leaf.name, leaf.start, leaf.opened)
    yield from inline.read(Source.of(leaf.lines), references)
    yield Token(Kind.END, leaf.name, leaf.end, leaf.closed or leaf.end)


def _code(leaf: Leaf) -> Iterator[Token]:
    """Return the tokens of a block of code."""
    ends = {":close": f"\n{leaf.fence}"} if leaf.fence else NO_ATTRIBUTES
    if leaf.name == "code":
        # Empty lines after it do not belong to it.
        while not leaf.lines[-1][0].strip():
            leaf.lines.pop()
    last = len(leaf.lines) - 1
    yield Token(Kind.START, "pre", leaf.start, leaf.opened, ends)
    for number, (line, start) in enumerate(leaf.lines):
        more = number < last
        yield Token(Kind.TEXT, line + "\n" * more, start, start + len(line) + more)
    yield Token(Kind.END, "pre", leaf.end, leaf.closed or leaf.end)
