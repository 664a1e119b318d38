"""Lines of Markdown: what each of them starts, goes on with, or ends."""

from dataclasses import replace
import re
from typing import Final

from . import inline
from .blocks import Blocks, Container, Leaf
from .tokens import Kind

# Lists and quotes in each other; the marks of deeper ones are text.
_MAX_DEPTH: Final = 24
# Columns.
_TAB: Final = 4
_CODE_INDENT: Final = 4

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


class Line:
    """Reads one line."""

    def __init__(self, blocks: Blocks, line: str, at: int) -> None:
        self._blocks = blocks
        self._line = line
        self._at = at
        self._position = 0
        self._column = 0
        # Containers that go on in this line.
        self._depth = 0
        self._is_new = False

    def read(self) -> None:
        """Read the line."""
        blocks = self._blocks
        self._match()
        goes_on = self._depth == len(blocks.containers)
        leaf = blocks.leaf
        if goes_on and leaf is not None and self._add_to_raw(leaf):
            return
        while True:
            width, start = self._indent()
            if start == len(self._line):
                self._empty(goes_on=goes_on and not self._is_new)
                return
            leaf = blocks.leaf if not self._is_new else None
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
            blocks.open_leaf(
                Leaf(name="p", start=place, opened=place, lines=[(text, place)])
            )

    def _match(self) -> None:
        """Find the containers that go on in this line."""
        for container in self._blocks.containers:
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
        containers = self._blocks.containers
        if self._depth and containers[self._depth - 1].name in ("ul", "ol"):
            # Nothing but points is in a list.
            self._depth -= 1
        self._blocks.close(self._depth, self._at)

    def _empty(self, *, goes_on: bool) -> None:
        """Read an empty line."""
        leaf = self._blocks.leaf
        if goes_on and leaf is not None and leaf.name == "code":
            leaf.lines.append(("", self._at + len(self._line)))
        elif not self._is_new:
            self._blocks.close(self._depth, self._at)

    def _add_to_raw(self, leaf: Leaf) -> bool:
        """Add the line to code or HTML; return False if it is in neither."""
        width, start = self._indent()
        rest = self._line[start:]
        if leaf.name == "pre":
            if width < _CODE_INDENT and _ends(leaf.fence, rest):
                leaf.closed = self._at + len(self._line)
                self._blocks.close_leaf(self._at)
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
            self._blocks.close_leaf(self._at)
        return True

    def _container(self, width: int, start: int, *, interrupts: bool) -> bool:
        """Start a quote or a point of a list; return False if there is none."""
        blocks = self._blocks
        if len(blocks.containers) >= _MAX_DEPTH:
            return False
        place = self._at + start
        if self._line[start] == ">":
            self._close()
            self._quote(width, start)
            blocks.open(Container(name="blockquote"), place, self._at + self._position)
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
        self._depth = len(blocks.containers)
        self._is_new = True
        return True

    def _point(self, width: int, match: re.Match[str], name: str, mark: str) -> None:
        """Start a point of a list."""
        blocks, place = self._blocks, self._at + match.start()
        blocks.close(self._depth, self._at)
        last = blocks.containers[-1] if blocks.containers else None
        if last is not None and last.name in ("ul", "ol"):
            if (last.name, last.mark) != (name, mark):
                self._depth -= 1
                blocks.close(self._depth, self._at)
                last = None
        else:
            last = None
        number = match[1] if name == "ol" else ""
        if last is None:
            more = {"start": str(int(number))} if number else {}
            blocks.open(Container(name=name, mark=mark), place, place, more)
        self._position = match.end()
        self._column += width + len(match[0])
        spaces, start = self._indent()
        is_empty = start == len(self._line)
        indent = 1 if is_empty or spaces > _CODE_INDENT else spaces
        self._advance(indent)
        marker = {":marker": number + mark, "value": str(int(number))} if number else {}
        blocks.open(
            Container(name="li", indent=width + len(match[0]) + indent, empty=is_empty),
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
        self._blocks.open_leaf(
            Leaf(
                name="code",
                start=start,
                opened=self._at + position,
                lines=[(self._line[position:], self._at + position)],
            )
        )

    def _block(
        self, width: int, start: int, leaf: Leaf | None, *, is_text: bool
    ) -> bool:
        """Start a block; return False if the line is text."""
        line, blocks = self._line, self._blocks
        place, end = self._at + start, self._at + len(self._line)
        rest = line[start:]
        paragraph = leaf if leaf is not None and leaf.name == "p" else None
        if paragraph is not None and self._turns(paragraph, rest):
            return True
        if match := _FENCE.match(rest):
            self._close()
            fence = match[1] or match[3]
            blocks.open_leaf(
                Leaf(
                    name="pre",
                    start=place,
                    opened=min(end + 1, blocks.length),
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
            blocks.add_leaf(
                Leaf(
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
            blocks.add(Kind.START, "hr", place, end)
            return True
        return self._html(start, is_text=is_text)

    def _turns(self, paragraph: Leaf, rest: str) -> bool:
        """Turn a paragraph into a heading or a table, if this line says so."""
        blocks, end = self._blocks, self._at + len(self._line)
        last, place = paragraph.lines[-1]
        if "|" in rest and "|" in last and _DELIMITERS.match(rest):
            cells = _cells(last)
            if len(cells) == len(_cells(rest)):
                paragraph.lines.pop()
                if not paragraph.lines:
                    blocks.drop_leaf()
                blocks.close_leaf(place)
                head = {":open": f"{last}\n{rest}\n"}
                blocks.add(Kind.START, "table", place, place, head)
                self._cells(cells, place, "th", end)
                blocks.open_leaf(Leaf(name="table", start=place, opened=place))
                return True
        if match := _UNDERLINE.match(rest):
            paragraph = blocks.add_definitions(paragraph)
            blocks.drop_leaf()
            if not paragraph.lines:
                return False
            name = "h1" if match[1][0] == "=" else "h2"
            blocks.add_leaf(replace(paragraph, name=name, closed=end))
            return True
        return False

    def _html(self, start: int, *, is_text: bool) -> bool:
        """Start HTML; return False if there is none."""
        line, place = self._line, self._at + self._position
        if line[start] != "<":
            return False
        kinds = ((until,) for opening, until in _HTML if opening.match(line, start))
        # Other tags start HTML if they are alone in the line.
        if (kind := next(kinds, None)) is None and (
            is_text or not _WHOLE_TAG.match(line, start)
        ):
            return False
        until = kind[0] if kind else None
        self._close()
        leaf = Leaf(name="html", start=place, opened=place, until=until)
        leaf.lines.append((line[self._position :], place))
        self._blocks.open_leaf(leaf)
        if until is not None and until.search(line, start):
            self._blocks.close_leaf(self._at)
        return True

    def _row(self, start: int, name: str) -> None:
        """Add a row to the table."""
        line = self._line[start:]
        self._cells(_cells(line), self._at + start, name, self._at + len(self._line))

    def _cells(
        self, cells: list[tuple[int, str]], place: int, name: str, end: int
    ) -> None:
        """Add the cells of a row."""
        blocks, last = self._blocks, place
        blocks.add(Kind.START, "tr", place, place)
        for at, text in cells:
            start = place + at
            blocks.add(Kind.START, name, last, start)
            lines = [(text, start)]
            blocks.add_leaf(Leaf(name="cell", start=start, opened=start, lines=lines))
            last = start + len(text)
            blocks.add(Kind.END, name, last, last)
        blocks.add(Kind.END, "tr", last, end)


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
