"""Writer of plain text that reads as it was meant."""

from dataclasses import dataclass
import re
from typing import Final

from .tokens import BLOCKS, Kind, Token
from .tree import Tree

# Blocks on lines of their own; other blocks are separated by an empty line.
_LINES: Final = frozenset(
    {
        "body", "caption", "center", "dd", "div", "dt", "figcaption", "head", "html",
        "legend", "li", "option", "select", "summary", "tbody", "td", "tfoot", "th",
        "thead", "tr",
    }
)  # fmt: skip
_SILENT: Final = frozenset({"script", "style", "template", "title"})
_WHITE_SPACE: Final = re.compile(r"[ \t\r\n\f]+")
_LISTS: Final = frozenset({"ul", "ol", "menu", "dir"})
# Elements with lines of their own in a cell make it a part of a layout.
_IN_LAYOUTS: Final = BLOCKS - {"td", "th", "tr", "tbody", "thead", "tfoot", "caption"}
# Levels of indentation; a phone is narrow.
_MAX_INDENT: Final = 8
_INDENT: Final = "  "
BULLET: Final = "•"
RULE: Final = "———"


@dataclass(kw_only=True, slots=True)
class _List:
    """An open list.

    Args:
        number: number of its next point; None has bullets.

    """

    number: int | None


@dataclass(kw_only=True, slots=True)
class _Row:
    """The row of a table that is read.

    Args:
        separator: whether its cells are separated by a sign; False puts each cell of
            a layout on a line of its own.
        headed: whether its table has headings, so that empty cells count.
        cells: how many cells there are before.
        signs: separators before the next text.
        written: whether a cell has text.

    """

    separator: bool
    headed: bool
    cells: int = 0
    signs: int = 0
    written: bool = False


class PlainWriter:
    """Writes the readable text of a tree.

    Args:
        tree: the tree.
        show_all: whether to show hidden elements as well.

    """

    def __init__(self, tree: Tree, *, show_all: bool = False) -> None:
        self._tree = tree
        self._show_all = show_all
        self._pieces: list[str] = []
        # Line breaks before the next text, and spaces.
        self._breaks = 0
        self._space = False
        self._lists: list[_List] = []
        # Level of the list whose mark has been written, and nothing after it.
        self._marked: int | None = None
        self._code = 0
        self._is_code_new = False
        # Address of the open link, and where it starts.
        self._link: tuple[str, int] | None = None
        self._rows: list[_Row] = []
        self._layouts, self._headed = _tables(tree)
        # Places of the open tables.
        self._tables: list[int] = []

    def text(self) -> str:
        """Return the text."""
        tokens, place = self._tree.tokens, 0
        while place < len(tokens):
            token = tokens[place]
            match token.kind:
                case Kind.TEXT:
                    self._add_text(token.value)
                case Kind.END:
                    self._end(token)
                case Kind.START if self._is_hidden(token):
                    place = self._tree.ends[place]
                case Kind.START:
                    self._start(token, place)
            place += 1
        self._end_link()
        text = "".join(self._pieces)
        return "\n".join(line.rstrip(" \t") for line in text.split("\n")).strip("\n")

    def _is_hidden(self, token: Token) -> bool:
        """Return if nobody is to see an element."""
        if token.value in _SILENT:
            return not (self._show_all and token.value == "title")
        attributes = token.attributes
        if self._show_all or not attributes:
            return False
        return "hidden" in attributes or _hides(attributes.get("style", ""))

    def _start(self, token: Token, place: int) -> None:
        """Write what an element starts with."""
        name = token.value
        if name in BLOCKS:
            self._break_before(name)
        match name:
            case "br":
                self._line_break()
            case "hr":
                self._write(RULE)
                self._break(2)
            case "img":
                self._picture(token)
            case "a":
                # Links cannot be nested.
                self._end_link()
                self._link = (token.attributes.get("href", ""), len(self._pieces))
            case "ul" | "menu" | "dir":
                self._lists.append(_List(number=None))
            case "ol":
                self._lists.append(_List(number=_number(token, "start", 1)))
            case "li":
                self._point(token)
            case "table":
                self._tables.append(place)
            case "tr":
                table = self._tables[-1] if self._tables else -1
                is_headed = table in self._headed
                is_data = is_headed or table not in self._layouts
                self._rows.append(_Row(separator=is_data, headed=is_headed))
            case "td" | "th":
                self._cell()
            case "pre":
                self._code += 1
                self._is_code_new = True

    def _end(self, token: Token) -> None:
        """Write what an element ends with."""
        name = token.value
        match name:
            case "a":
                self._end_link()
            case "ul" | "ol" | "menu" | "dir" if self._lists:
                self._lists.pop()
            case "tr" if self._rows:
                self._rows.pop()
            case "table" if self._tables:
                self._tables.pop()
            case "li":
                self._marked = None
            case "pre" if self._code:
                self._code -= 1
                self._breaks = min(self._breaks, 2)
        if name in BLOCKS and not self._is_in_row(name):
            self._break(self._distance(name))

    def _distance(self, name: str) -> int:
        """Return how many line breaks there are around an element."""
        if name in _LINES or (name in ("p", *_LISTS) and self._lists):
            # A list in a list needs no empty line, nor do its points.
            return 1
        return 2

    def _is_in_row(self, name: str) -> bool:
        """Return if an element is a cell beside others, or in one."""
        if not (self._rows and self._rows[-1].separator):
            return False
        self._space = True
        return name in ("td", "th", "p", "div", "center")

    def _break_before(self, name: str) -> None:
        """Start a new line for an element, unless one has been started."""
        if self._is_in_row(name):
            return
        if self._marked is not None and (
            name != "li" or len(self._lists) - 1 > self._marked
        ):
            # It goes on beside the mark of the point.
            return
        self._break(self._distance(name))

    def _break(self, count: int) -> None:
        """Have at least this many line breaks before the next text."""
        if self._pieces:
            self._breaks = max(self._breaks, count)

    def _line_break(self) -> None:
        """Add a line break; an empty line is the most."""
        if self._pieces:
            self._breaks = min(self._breaks + 1, 2)

    def _add_text(self, text: str) -> None:
        """Add text; white space in it is one space."""
        if self._code:
            self._verbatim(text)
            return
        folded = _WHITE_SPACE.sub(" ", text)
        if folded.startswith(" "):
            self._space = True
        if words := folded.strip(" "):
            self._write(words)
            self._space = folded.endswith(" ")

    def _verbatim(self, text: str) -> None:
        """Add text with its spaces and its lines."""
        if self._is_code_new:
            text = text.removeprefix("\n")
            self._is_code_new = False
        for number, line in enumerate(text.split("\n")):
            if number:
                self._breaks += 1
            if line.strip():
                self._write(line)
            elif line and not self._breaks and self._pieces:
                self._pieces.append(line)

    def _write(self, text: str) -> None:
        """Write text at the end of the line, or on a new one."""
        if self._breaks or not self._pieces:
            self._pieces.append("\n" * self._breaks + self._margin())
            self._breaks = 0
            self._separate(at_start=True)
        elif not self._separate() and self._space and not self._code:
            self._pieces.append(" ")
        self._space = False
        self._marked = None
        self._pieces.append(text)

    def _separate(self, *, at_start: bool = False) -> bool:
        """Write the separators between cells; return False if there are none."""
        if not self._rows:
            return False
        row = self._rows[-1]
        signs, row.signs = row.signs, 0
        # Empty cells at the start of a row mean nothing without headings.
        if not signs or not (row.written or row.headed):
            row.written = True
            return False
        row.written = True
        self._pieces.append("| " * signs if at_start else f"{' |' * signs} ")
        return True

    def _margin(self) -> str:
        """Return what every line starts with."""
        return _INDENT * min(len(self._lists), _MAX_INDENT)

    def _point(self, token: Token) -> None:
        """Write the mark of a point of a list."""
        mark = BULLET
        if self._lists and (count := self._lists[-1].number) is not None:
            number = _number(token, "value", count)
            self._lists[-1].number = number + 1
            mark = token.attributes.get(":marker", f"{number}.")
        # The mark stands to the left of the lines of the point.
        inner = self._lists.pop() if self._lists else None
        self._write(mark)
        if inner is not None:
            self._lists.append(inner)
        self._space = True
        self._marked = len(self._lists) - 1

    def _cell(self) -> None:
        """Separate a cell from the one before."""
        if self._rows and (row := self._rows[-1]).separator:
            row.signs += bool(row.cells)
            row.cells += 1

    def _picture(self, token: Token) -> None:
        """Write the text of a picture, and its address if a reader can open it."""
        shown = " ".join(token.attributes.get("alt", "").split())
        address = token.attributes.get("src", "").strip()
        if not is_web(address) or _is_pixel(token):
            address = ""
        text = f"{shown} ({address})" if shown and address else shown or address
        if text:
            self._write(text)

    def _end_link(self) -> None:
        """Write the address of the open link after its text, unless it is the same."""
        if self._link is None:
            return
        address, start = self._link
        self._link = None
        shown = "".join(self._pieces[start:]).strip()
        if shown_address := link_address(address, shown):
            space, self._space = self._space, bool(shown)
            self._write(f"({shown_address})" if shown else shown_address)
            self._space = space


def _hides(style: str) -> bool:
    """Return if a style hides an element."""
    declarations = (each.partition(":") for each in style.lower().split(";"))
    rules = {
        name.strip(): value.replace("!important", "").strip()
        for name, _, value in declarations
    }
    return (
        rules.get("display") == "none"
        or rules.get("visibility") == "hidden"
        or rules.get("opacity") in ("0", "0.0")
        or (
            rules.get("max-height") in ("0", "0px")
            and rules.get("overflow") == "hidden"
        )
    )


def is_web(address: str) -> bool:
    """Return if a reader can open an address."""
    return address.lower().startswith(("http://", "https://"))


def link_address(address: str, shown: str) -> str:
    """Return the address of a link, or nothing if it says no more than the text."""
    address = address.strip()
    bare = address.lower().removeprefix("mailto:").removeprefix("tel:")
    if address == "#" or bare.startswith("javascript:"):
        return ""
    texts = (shown.lower(), f"https://{shown}".lower(), f"http://{shown}".lower())
    return "" if {address.lower(), bare, bare.removesuffix("/")} & {*texts} else address


def _number(token: Token, name: str, default: int) -> int:
    """Return a number in an attribute."""
    value = token.attributes.get(name, "").strip()
    try:
        return int(value[:12])
    except ValueError:
        return default


def _is_pixel(token: Token) -> bool:
    """Return if a picture is too small to be seen."""
    sizes = (token.attributes.get(name, "").strip() for name in ("width", "height"))
    return any(size.removesuffix("px") in ("0", "1") for size in sizes)


def _tables(tree: Tree) -> tuple[set[int], set[int]]:
    """Return where the tables start that are a layout, and those that have headings.

    A layout says so, or has other tables or blocks in its cells.
    """
    layouts: set[int] = set()
    headed: set[int] = set()
    # Places of the open tables.
    tables: list[int] = []
    for place, token in enumerate(tree.tokens):
        while tables and tree.ends[tables[-1]] < place:
            tables.pop()
        if token.kind is not Kind.START:
            continue
        if token.value == "table":
            layouts.update(tables)
            tables.append(place)
            if token.attributes.get("role", "").lower() in ("presentation", "none"):
                layouts.add(place)
        elif tables and token.value == "th":
            headed.add(tables[-1])
        elif tables and token.value in _IN_LAYOUTS:
            layouts.add(tables[-1])
    return layouts, headed
