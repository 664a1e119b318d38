"""Blocks of Markdown: quotes, lists, and what is in them."""

from dataclasses import dataclass, field, replace
import re
from typing import Final

from . import html as html_reader, inline
from .source import References, Source, normal
from .tokens import NO_ATTRIBUTES, Kind, Token

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
    """A block of lines, which is read at the end, when all references are known.

    Args:
        name: name of its element; `html` for HTML, `code` for code by indentation,
            `cell` for what a cell of a table holds.
        start: where it starts in the source.
        opened: where its text starts.
        lines: the lines, and where they start.
        closed: where it ends in the source; 0 if its text ends it.
        defines: label that it defines, unless nothing refers to it.
        fence: the fence that ends it.
        indent: columns by which the fence is indented.
        until: pattern of the line that ends HTML; None is an empty line.

    """

    name: str
    start: int
    opened: int
    lines: list[tuple[str, int]] = field(default_factory=list)
    closed: int = 0
    defines: str = ""
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
        budget: characters that the addresses of references may add.

    """

    def __init__(self, length: int, budget: int) -> None:
        self.length = length
        self.references = References(budget=budget)
        # Places of the definitions that links refer to.
        self.definitions: list[tuple[int, int]] = []
        self._found: list[Token | Leaf] = []
        self._containers: list[Container] = []
        self._leaf: Leaf | None = None

    def tokens(self) -> list[Token]:
        """End all that is open; return the tokens."""
        self.close(0, self.length)
        leaves = {
            place: self._read_leaf(leaf)
            for place, leaf in enumerate(self._found)
            if isinstance(leaf, Leaf) and not leaf.defines
        }
        tokens: list[Token] = []
        for place, each in enumerate(self._found):
            if isinstance(each, Token):
                tokens.append(each)
            elif not each.defines:
                tokens += leaves[place]
            elif each.defines in self.references.used:
                self.definitions.append((each.start, each.end))
            else:
                # What no link refers to was not meant as a definition.
                tokens += self._read_leaf(each)
        return tokens

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
        self._found.append(Token(kind, name, start, end, attributes or NO_ATTRIBUTES))

    def add_leaf(self, leaf: Leaf) -> None:
        """Add a block."""
        self._found.append(leaf)
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
            self._found.append(leaf)
        else:
            rest = self.add_definitions(leaf)
            if rest.lines:
                self._found.append(rest)

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
            start = lines[first][1]
            self._found.append(
                replace(
                    leaf,
                    start=start,
                    opened=start,
                    lines=lines[first:last],
                    defines=name,
                )
            )
            first = last
        if not first:
            return leaf
        start = lines[first][1] if first < len(lines) else leaf.start
        return replace(leaf, start=start, opened=start, lines=lines[first:])

    def _read_leaf(self, leaf: Leaf) -> list[Token]:
        """Return the tokens of a block."""
        match leaf.name:
            case "html":
                source = Source.of(leaf.lines)
                return [source.placed(each) for each in html_reader.read(source.text)]
            case "pre" | "code":
                return _read_code(leaf)
            case "cell":
                return [_in_cell(each) for each in self._read_inline(leaf)]
        line, start = leaf.lines[-1]
        leaf.lines[-1] = (line.rstrip(" \t"), start)
        end = leaf.closed or leaf.end
        return [
            Token(Kind.START, leaf.name, leaf.start, leaf.opened),
            *self._read_inline(leaf),
            Token(Kind.END, leaf.name, leaf.end, end),
        ]

    def _read_inline(self, leaf: Leaf) -> list[Token]:
        """Return the tokens of the text of a block."""
        if not leaf.lines:
            return []
        references = References(budget=0) if leaf.defines else self.references
        return inline.read(Source.of(leaf.lines), references)


def _read_code(leaf: Leaf) -> list[Token]:
    """Return the tokens of a block of code."""
    ends = {":close": f"\n{leaf.fence}"} if leaf.fence else NO_ATTRIBUTES
    if leaf.name == "code":
        # Empty lines after it do not belong to it.
        while not leaf.lines[-1][0].strip():
            leaf.lines.pop()
    last = len(leaf.lines) - 1
    return [
        Token(Kind.START, "pre", leaf.start, leaf.opened, ends),
        *(
            Token(Kind.TEXT, line + "\n" * more, start, start + len(line) + more)
            for number, (line, start) in enumerate(leaf.lines)
            for more in (number < last,)
        ),
        Token(Kind.END, "pre", leaf.end, leaf.closed or leaf.end),
    ]


def _in_cell(token: Token) -> Token:
    """Return a token in a cell; in code, too, a pipe is escaped there."""
    return token._replace(value=token.value.replace("\\|", "|"))
