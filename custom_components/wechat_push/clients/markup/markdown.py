"""Reader of Markdown as people, programs and language models write it.

It reads CommonMark, the tables and the strikethrough of GitHub, and keeps what is
written: the number of each point of a list, and single line breaks.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
import re
from typing import Final

from . import html as html_reader, inline
from .inline import References, Source
from .tokens import NO_ATTRIBUTES, Kind, Token

# Lists and quotes in each other; the marks of deeper ones are text.
_MAX_DEPTH: Final = 24
# Columns.
_TAB: Final = 4
_CODE_INDENT: Final = 4
_MAX_CELLS: Final = 200

_INDENT: Final = re.compile(r"[ \t]*")
_FENCE: Final = re.compile(r"(`{3,})([^`\n]*)$|(~{3,})(.*)$")
_HEADING: Final = re.compile(r"(#{1,6})(?:[ \t]+|$)")
_UNDERLINE: Final = re.compile(r"(=+|-+)[ \t]*$")
_RULE: Final = re.compile(
    r"(?:(?:\*[ \t]*+){3,}+|(?:-[ \t]*+){3,}+|(?:_[ \t]*+){3,}+)$"
)
_BULLET: Final = re.compile(r"([-+*])(?=[ \t]|$)")
_NUMBER: Final = re.compile(r"([0-9]{1,9})([.)])(?=[ \t]|$)")
_DELIMITERS: Final = re.compile(
    r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$"
)
_PIPE: Final = re.compile(r"\\.|\|")
_DEFINITION: Final = re.compile(
    rf"\[((?:\\.|[^\[\]\\]){{1,999}})\]:\s*+(?=\S)({inline.DESTINATION})"
    rf"(?:[ \t]*+(?:\n[ \t]*+)?(?<=\s)({inline.TITLE})[ \t]*+(?=\n|$)|[ \t]*+(?=\n|$))",
    re.DOTALL,
)
_HTML: Final = (
    (
        re.compile(r"<(?:script|pre|style|textarea)(?:[\s>]|$)", re.IGNORECASE),
        re.compile(r"</(?:script|pre|style|textarea)>", re.IGNORECASE),
    ),
    (re.compile(r"<!--"), re.compile(r"-->")),
    (re.compile(r"<\?"), re.compile(r"\?>")),
    (re.compile(r"<!\[CDATA\["), re.compile(r"\]\]>")),
    (re.compile(r"<![A-Za-z]"), re.compile(r">")),
    (
        re.compile(
            r"""</?(?:address|article|aside|base|basefont|blockquote|body|caption|center
            |col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure
            |footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link
            |main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section
            |summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul)(?:\s|/?>|$)""",
            re.IGNORECASE | re.VERBOSE,
        ),
        None,
    ),
)
_WHOLE_TAG: Final = re.compile(rf"(?:{inline.TAG.pattern})[ \t]*$", re.VERBOSE)


@dataclass(kw_only=True, slots=True)
class _Container:
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
class _Leaf:
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


def read(text: str, budget: int) -> list[Token]:
    """Return the tokens of Markdown.

    Args:
        text: the Markdown.
        budget: characters that the addresses of references may add.

    """
    return _Reader(text, budget).tokens()


def inlined(text: str, budget: int) -> str:
    """Return Markdown with the address of each link at the link.

    Args:
        text: the Markdown.
        budget: characters that these addresses may add.

    """
    reader = _Reader(text, budget)
    tokens = reader.tokens()
    if not reader.references.used:
        return text
    changes = [
        (token.start, token.end, f"]({_escaped(target)})")
        for target, token in _ends_of_links(tokens)
        if text.startswith("]", token.start) and not text.startswith("](", token.start)
    ]
    changes += [
        (token.start, token.end, f"![{token.attributes['alt']}]({_escaped(source)})")
        for token in tokens
        if token.value == "img"
        and text.startswith("![", token.start)
        and not text.endswith(")", token.start, token.end)
        and (source := token.attributes["src"])
    ]
    changes += [(start, end, "") for start, end in reader.definitions]
    pieces, at = [], 0
    for start, end, new in sorted(changes):
        if start >= at:
            pieces += [text[at:start], new]
            at = end
    return "".join([*pieces, text[at:]])


def _escaped(target: str) -> str:
    """Return an address that a parenthesis or a space does not end."""
    return target.replace("(", "%28").replace(")", "%29").replace(" ", "%20")


def _ends_of_links(tokens: list[Token]) -> Iterator[tuple[str, Token]]:
    """Return the ends of links, with the address."""
    target = ""
    for token in tokens:
        if token.value == "a" and token.kind is Kind.START:
            target = token.attributes.get("href", "")
        elif token.value == "a" and token.kind is Kind.END:
            yield target, token


class _Reader:
    """Reads the lines of a text."""

    def __init__(self, text: str, budget: int) -> None:
        self._text = text
        self.references = References(budget=budget)
        # Places of the definitions that links refer to.
        self.definitions: list[tuple[int, int]] = []
        self._found: list[Token | _Leaf] = []
        self._containers: list[_Container] = []
        self._leaf: _Leaf | None = None

    def tokens(self) -> list[Token]:
        """Return the tokens."""
        at = 0
        for line in self._text.split("\n"):
            _Line(self, line, at).read()
            at += len(line) + 1
        self.close(0, len(self._text))
        leaves = {
            place: self._read_leaf(leaf)
            for place, leaf in enumerate(self._found)
            if isinstance(leaf, _Leaf) and not leaf.defines
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
    def containers(self) -> list[_Container]:
        """Return the open containers, the outermost first."""
        return self._containers

    @property
    def length(self) -> int:
        """Return the length of the text."""
        return len(self._text)

    def drop_leaf(self) -> None:
        """Forget the open block."""
        self._leaf = None

    @property
    def leaf(self) -> _Leaf | None:
        """Return the open block."""
        return self._leaf

    def open_leaf(self, leaf: _Leaf) -> None:
        """Start a block."""
        self._leaf = leaf
        if self._containers:
            self._containers[-1].empty = False

    def open(
        self,
        container: _Container,
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

    def add_leaf(self, leaf: _Leaf) -> None:
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

    def add_definitions(self, leaf: _Leaf) -> _Leaf:
        """Add the definitions that a paragraph begins with; return the rest of it."""
        lines, first = leaf.lines, 0
        while first < len(lines) and lines[first][0].startswith("["):
            # Long titles are no use to anybody.
            text = "\n".join(line for line, _ in lines[first : first + 8])
            match = _DEFINITION.match(text)
            if match is None or not match[1].strip():
                break
            name = inline.normal(match[1])
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

    def _read_leaf(self, leaf: _Leaf) -> list[Token]:
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

    def _read_inline(self, leaf: _Leaf) -> list[Token]:
        """Return the tokens of the text of a block."""
        if not leaf.lines:
            return []
        references = References(budget=0) if leaf.defines else self.references
        return inline.read(Source.of(leaf.lines), references)


def _read_code(leaf: _Leaf) -> list[Token]:
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


class _Line:
    """Reads one line."""

    def __init__(self, reader: _Reader, line: str, at: int) -> None:
        self._reader = reader
        self._line = line
        self._at = at
        self._position = 0
        self._column = 0
        # Containers that go on in this line.
        self._depth = 0
        self._is_new = False

    def read(self) -> None:
        """Read the line."""
        reader = self._reader
        self._match()
        goes_on = self._depth == len(reader.containers)
        leaf = reader.leaf
        if goes_on and leaf is not None and self._add_to_raw(leaf):
            return
        while True:
            width, start = self._indent()
            if start == len(self._line):
                self._empty(goes_on=goes_on and not self._is_new)
                return
            leaf = reader.leaf if not self._is_new else None
            is_text = leaf is not None and leaf.name == "p"
            if width >= _CODE_INDENT:
                if not is_text:
                    self._code()
                    return
                break
            if not self._container(width, start, interrupts=is_text and goes_on):
                break
        if width < _CODE_INDENT and self._block(
            width, start, leaf if goes_on else None, is_text=is_text
        ):
            return
        text, place = self._line[start:], self._at + start
        if is_text and leaf is not None:
            leaf.lines.append((text, place))
        elif goes_on and leaf is not None and leaf.name == "table":
            self._row(start, "td")
        else:
            self._close()
            reader.open_leaf(
                _Leaf(name="p", start=place, opened=place, lines=[(text, place)])
            )

    def _match(self) -> None:
        """Find the containers that go on in this line."""
        for container in self._reader.containers:
            width, start = self._indent()
            is_empty = start == len(self._line)
            match container.name:
                case "blockquote":
                    if width >= _CODE_INDENT or self._line[start : start + 1] != ">":
                        return
                    self._quote(width, start)
                case "li":
                    if container.empty if is_empty else width < container.indent:
                        return
                    if not is_empty:
                        self._advance(container.indent)
            self._depth += 1

    def _indent(self) -> tuple[int, int]:
        """Return the columns of white space that follow, and the place after them."""
        match = _INDENT.match(self._line, self._position)
        assert match is not None
        if "\t" not in match[0]:
            return len(match[0]), match.end()
        column = self._column
        for each in match[0]:
            column += 1 if each == " " else _TAB - column % _TAB
        return column - self._column, match.end()

    def _advance(self, columns: int) -> None:
        """Go on by columns of white space."""
        wanted = self._column + columns
        while self._column < wanted and self._line[
            self._position : self._position + 1
        ] in (" ", "\t"):
            is_tab = self._line[self._position] == "\t"
            self._column += _TAB - self._column % _TAB if is_tab else 1
            self._position += 1

    def _quote(self, width: int, start: int) -> None:
        """Go on after the mark of a quote."""
        self._position = start + 1
        self._column += width + 1
        self._advance(1)

    def _close(self) -> None:
        """End what does not go on in this line."""
        containers = self._reader.containers
        if self._depth and containers[self._depth - 1].name in ("ul", "ol"):
            # Nothing but points is in a list.
            self._depth -= 1
        self._reader.close(self._depth, self._at)

    def _empty(self, *, goes_on: bool) -> None:
        """Read an empty line."""
        leaf = self._reader.leaf
        if goes_on and leaf is not None and leaf.name == "code":
            leaf.lines.append(("", self._at + len(self._line)))
        elif not self._is_new:
            self._reader.close(self._depth, self._at)

    def _add_to_raw(self, leaf: _Leaf) -> bool:
        """Add the line to code or HTML; return False if it is in neither."""
        width, start = self._indent()
        rest = self._line[start:]
        if leaf.name == "pre":
            if width < _CODE_INDENT and _ends(leaf.fence, rest):
                leaf.closed = self._at + len(self._line)
                self._reader.close_leaf(self._at)
                return True
            self._advance(min(leaf.indent, width))
        elif leaf.name == "code":
            if width < _CODE_INDENT or not rest:
                return False
            self._advance(_CODE_INDENT)
        elif leaf.name != "html" or not (rest or leaf.until):
            return False
        position = self._position
        leaf.lines.append((self._line[position:], self._at + position))
        if leaf.until and leaf.until.search(self._line, position):
            self._reader.close_leaf(self._at)
        return True

    def _container(self, width: int, start: int, *, interrupts: bool) -> bool:
        """Start a quote or a point of a list; return False if there is none."""
        reader = self._reader
        if len(reader.containers) >= _MAX_DEPTH:
            return False
        place = self._at + start
        if self._line[start] == ">":
            self._close()
            self._quote(width, start)
            reader.open(_Container(name="blockquote"), place, self._at + self._position)
        elif _RULE.match(self._line, start):
            return False
        elif match := _BULLET.match(self._line, start):
            if interrupts and match.end() == len(self._line.rstrip()):
                return False
            self._point(width, match, "ul", match[1])
        elif match := _NUMBER.match(self._line, start):
            if interrupts and (
                int(match[1]) != 1 or match.end() == len(self._line.rstrip())
            ):
                return False
            self._point(width, match, "ol", match[2])
        else:
            return False
        self._depth = len(reader.containers)
        self._is_new = True
        return True

    def _point(self, width: int, match: re.Match[str], name: str, mark: str) -> None:
        """Start a point of a list."""
        reader, place = self._reader, self._at + match.start()
        reader.close(self._depth, self._at)
        last = reader.containers[-1] if reader.containers else None
        if last is not None and last.name in ("ul", "ol"):
            if (last.name, last.mark) != (name, mark):
                self._depth -= 1
                reader.close(self._depth, self._at)
                last = None
        else:
            last = None
        number = match[1] if name == "ol" else ""
        if last is None:
            more = {"start": str(int(number))} if number else {}
            reader.open(_Container(name=name, mark=mark), place, place, more)
        self._position = match.end()
        self._column += width + len(match[0])
        spaces, start = self._indent()
        is_empty = start == len(self._line)
        indent = 1 if is_empty or spaces > _CODE_INDENT else spaces
        self._advance(indent)
        marker = {":marker": number + mark, "value": str(int(number))} if number else {}
        reader.open(
            _Container(
                name="li", indent=width + len(match[0]) + indent, empty=is_empty
            ),
            place,
            self._at + self._position,
            marker,
        )

    def _code(self) -> None:
        """Start code by indentation."""
        if not self._is_new:
            self._close()
        start = self._at + self._position
        self._advance(_CODE_INDENT)
        position = self._position
        self._reader.open_leaf(
            _Leaf(
                name="code",
                start=start,
                opened=self._at + position,
                lines=[(self._line[position:], self._at + position)],
            )
        )

    def _block(
        self, width: int, start: int, leaf: _Leaf | None, *, is_text: bool
    ) -> bool:
        """Start a block; return False if the line is text."""
        line, reader = self._line, self._reader
        place, end = self._at + start, self._at + len(self._line)
        rest = line[start:]
        paragraph = leaf if leaf is not None and leaf.name == "p" else None
        if paragraph is not None and self._turns(paragraph, rest):
            return True
        if match := _FENCE.match(rest):
            self._close()
            fence = match[1] or match[3]
            reader.open_leaf(
                _Leaf(
                    name="pre",
                    start=place,
                    opened=min(end + 1, reader.length),
                    fence=fence,
                    indent=width,
                )
            )
            return True
        if match := _HEADING.match(rest):
            self._close()
            text, opened = rest[match.end() :].rstrip(), place + match.end()
            # It may end in signs as well.
            shown = text.rstrip("#")
            if not shown or shown[-1] in " \t":
                text = shown.rstrip()
            reader.add_leaf(
                _Leaf(
                    name=f"h{len(match[1])}",
                    start=place,
                    opened=opened,
                    lines=[(text, opened)],
                    closed=end,
                )
            )
            return True
        if _RULE.match(rest):
            self._close()
            reader.add(Kind.START, "hr", place, end)
            return True
        return self._html(start, is_text=is_text)

    def _turns(self, paragraph: _Leaf, rest: str) -> bool:
        """Turn a paragraph into a heading or a table, if this line says so."""
        reader, end = self._reader, self._at + len(self._line)
        last, place = paragraph.lines[-1]
        if "|" in rest and "|" in last and _DELIMITERS.match(rest):
            cells = _cells(last)
            if len(cells) == len(_cells(rest)):
                paragraph.lines.pop()
                if not paragraph.lines:
                    reader.drop_leaf()
                reader.close_leaf(place)
                head = {":open": f"{last}\n{rest}\n"}
                reader.add(Kind.START, "table", place, place, head)
                self._cells(cells, place, "th", end)
                reader.open_leaf(_Leaf(name="table", start=place, opened=place))
                return True
        if match := _UNDERLINE.match(rest):
            paragraph = reader.add_definitions(paragraph)
            reader.drop_leaf()
            if not paragraph.lines:
                return False
            name = "h1" if match[1][0] == "=" else "h2"
            reader.add_leaf(replace(paragraph, name=name, closed=end))
            return True
        return False

    def _html(self, start: int, *, is_text: bool) -> bool:
        """Start HTML; return False if there is none."""
        line, place = self._line, self._at + self._position
        if line[start] != "<":
            return False
        for opening, until in _HTML:
            if opening.match(line, start):
                break
        else:
            if is_text or not _WHOLE_TAG.match(line, start):
                return False
            until = None
        self._close()
        leaf = _Leaf(name="html", start=place, opened=place, until=until)
        leaf.lines.append((line[self._position :], place))
        self._reader.open_leaf(leaf)
        if until is not None and until.search(line, start):
            self._reader.close_leaf(self._at)
        return True

    def _row(self, start: int, name: str) -> None:
        """Add a row to the table."""
        line = self._line[start:]
        self._cells(_cells(line), self._at + start, name, self._at + len(self._line))

    def _cells(
        self, cells: list[tuple[int, str]], place: int, name: str, end: int
    ) -> None:
        """Add the cells of a row."""
        reader, last = self._reader, place
        reader.add(Kind.START, "tr", place, place)
        for at, text in cells:
            start = place + at
            reader.add(Kind.START, name, last, start)
            lines = [(text, start)]
            reader.add_leaf(_Leaf(name="cell", start=start, opened=start, lines=lines))
            last = start + len(text)
            reader.add(Kind.END, name, last, last)
        reader.add(Kind.END, "tr", last, end)


def _ends(fence: str, line: str) -> bool:
    """Return if a line ends a block of code."""
    signs = line.rstrip(" \t")
    return len(signs) >= len(fence) and not signs.strip(fence[0])


def _cells(row: str) -> list[tuple[int, str]]:
    """Return the cells of a row, and where each starts."""
    borders = [each.start() for each in _PIPE.finditer(row) if each[0] == "|"]
    starts = [0, *(border + 1 for border in borders)]
    cells = []
    for start, end in zip(starts, [*borders, len(row)], strict=True):
        text = row[start:end]
        cells.append((start + len(text) - len(text.lstrip()), text.strip()))
    if cells and not cells[-1][1] and borders:
        cells.pop()
    if cells and not cells[0][1] and borders and row.lstrip().startswith("|"):
        del cells[0]
    return cells
