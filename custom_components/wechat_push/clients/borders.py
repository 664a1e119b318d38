"""Where a text can be cut: lines, words, and what stays whole."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
import re
from typing import Final

from .conversion import MAX_EXPANSION, read
from .graphemes import between, is_joined
from .markup import markdown
from .markup.tokens import VOID, Kind, Token
from .markup.tree import Tree
from .message import Format

_LINES: Final = {
    Format.HTML: re.compile(
        r"\n|<br\s*/?>"
        r"|</(?:p|div|li|tr|table|ul|ol|dl|pre|blockquote|h[1-6])\s*>\s*",
        re.IGNORECASE,
    )
}
_LINE: Final = re.compile(r"\n")
# Chinese punctuation after a word, and before one. ASCII punctuation ends a word before
# white space only.
_AFTER: Final = "，。；：！？、…—）】」』》〉”’〕｝"
_BEFORE: Final = "（【「『《〈“‘〔｛"
_WORD: Final = re.compile(rf"\s+|[{_AFTER}](?![{_AFTER}])|(?=[{_BEFORE}])")
# Chinese and Japanese have words without spaces.
_IDEOGRAPH: Final = (
    r"\u2e80-\u2fff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    r"\U00020000-\U0003ffff"
)
_MONTH: Final = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?\s"
_LETTER: Final = rf"[^\W_{_IDEOGRAPH}]"
_WHOLE: Final = re.compile(
    rf"""
    (?:
    [a-zA-Z][a-zA-Z0-9+.-]{{0,30}}://[^\s<>"'{_AFTER}{_BEFORE}]+
    |[a-zA-Z0-9.+_-]{{1,64}}@[a-zA-Z0-9-]{{1,63}}(?:\.[a-zA-Z0-9-]{{1,63}})*
    |(?:(?<![a-zA-Z]){_MONTH})?
     (?:[-+−±~≈<>≤≥$€£¥￥\#№]\s?)?
     \d+
     (?:(?:[.,:/'’–−-]\s?|[年月日时時分秒点點号號]\s?|[\ \u00a0\u202f])\d+){{0,8}}
     (?:[.,](?=\s?\w))?
     (?:[\ \u00a0\u202f]?[%‰°℃℉Ω′″]+[A-Za-z]?
       |[\ \u00a0\u202f]?[A-Za-zµμ]{{1,10}}[²³]?(?:/[A-Za-zµμ]{{1,4}})?[²³]?
       |\s?[{_IDEOGRAPH}]{{1,2}})?
    |{_LETTER}+(?:[._:/@'’-]{_LETTER}+)*
    |[{_IDEOGRAPH}](?=[{_AFTER}])
    )
    [{_AFTER}.,;:!?)\]}}]*
    """,
    re.VERBOSE,
)
# Characters after a border at which something that crosses it is looked for.
_MAX_WHOLE: Final = 1024
_ENTITY: Final = re.compile(r"&#?\w{1,32};")
# What would be markup at the start of a line.
_MARK: Final = re.compile(
    r"(?:[-+*](?:\s|$)|\d{1,9}[.)](?:\s|$)|#{1,6}\s|[>=|]|~~~|```)"
)
_OWN_MARKS: Final = re.compile(r"[ \t]*(?:>[ \t]?)*")
_INLINE: Final = frozenset({"a", "code", "em", "s", "strong"})
# Marks before a text that belong to it.
_LEADING: Final = frozenset({"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "li"})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Open:
    """An element that is open at a place, and the one that it is in.

    Args:
        name: name of the element.
        opening: what opens it again.
        closing: what closes it.
        outer: the element that it is in.
        number: number of the next point of a list.
        indent: columns by which what is in a point of a list is indented.

    """

    name: str
    opening: str = ""
    closing: str = ""
    outer: _Open | None = None
    number: int = 1
    indent: int = 0


class Borders:
    """The places where a text can be cut, and what is open there.

    Args:
        text: the text.
        text_format: format of the text.

    """

    def __init__(self, text: str, text_format: Format) -> None:
        if text_format is Format.MARKDOWN and "]:" in text:
            # A definition is in one piece only.
            text = markdown.inlined(text, MAX_EXPANSION)
        self.text = text
        self._format = text_format
        self._places: list[int] = []
        self._states: list[_Open | None] = []
        units: list[tuple[int, int]] = []
        wholes: list[tuple[int, int]] = []
        if text_format is not Format.TEXT:
            tree = read(text, text_format)
            self._follow(tree)
            units += self._units(tree)
            wholes += self._rows_and_links(tree)
        self._markup = _merged(units)
        self._linked = _merged(wholes)

    def best(self, start: int, end: int) -> int:
        """Return where to cut, at the latest at end: a line, a word or a character.

        Args:
            start: where the piece starts.
            end: where it is full.

        """
        # A border in the first quarter would leave a needlessly short piece.
        first = start + max((end - start) // 4, 1)
        for units in (self._wholes(start, end), self._markup):
            for border in (_LINES.get(self._format, _LINE), _WORD):
                found = [
                    match.end() for match in border.finditer(self.text, first, end)
                ]
                for place in reversed(found):
                    if place <= end and self._is_border(place, units):
                        return place
            if (last := self._fallback(units, first + 1, end)) is not None:
                return last
        return self._anywhere(start, end)

    def within(self, start: int, end: int) -> int:
        """Return where to cut, at the latest at end, if it need not be a word.

        Args:
            start: where the piece starts.
            end: where it is full.

        """
        first = start + max((end - start) // 4, 1)
        for units in (self._wholes(start, end), self._markup):
            if (place := self._fallback(units, first + 1, end)) is not None:
                return place
        return self._anywhere(start, end)

    def _wholes(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return what stays whole, around the end of a piece."""
        last = end + _MAX_WHOLE
        return _merged(
            [
                *_overlapping(self._markup, start, last),
                *_overlapping(self._linked, start, last),
                *(match.span() for match in _WHOLE.finditer(self.text, start, last)),
            ]
        )

    def _fallback(
        self, units: list[tuple[int, int]], first: int, end: int
    ) -> int | None:
        """Return the last place that parts no unit and no character, or None."""
        place = end
        while place >= first:
            moved = between(self.text, _outside(units, place))
            if moved == place and not self._is_mark(place):
                return place
            place = moved if moved < place else place - 1
        return None

    def _anywhere(self, start: int, end: int) -> int:
        """Return the place for a cut through a unit that is longer than a piece."""
        if (place := self._fallback(self._markup, start + 1, end)) is not None:
            return place
        place = between(self.text, end)
        return place if place > start else end

    def opening(self, place: int) -> tuple[str, int]:
        """Return what opens all that is open at a place, and where the text goes on."""
        state = self._state(place)
        if state is None:
            return "", place
        opened = [*_outwards(state)][::-1]
        if self._format is Format.HTML:
            return "".join(each.opening for each in opened), place
        at_line = self.text[place - 1] == "\n"
        quotes = "> " * sum(each.name == "blockquote" for each in opened)
        blocks = "".join(
            quotes + each.opening
            for each in opened
            if each.name == "pre" or (each.name == "table" and at_line)
        )
        marks = "".join(each.opening for each in opened if each.name in _INLINE)
        goes_on = place
        own = _OWN_MARKS.match(self.text, place)
        if at_line and own is not None and (marks or quotes):
            # The line has its own marks of quotes, unless it does without.
            goes_on = own.end() if ">" in own[0] or marks else place
            quotes = own[0] if ">" in own[0] else quotes
        elif marks:
            goes_on += len(self.text[place:]) - len(self.text[place:].lstrip(" \t\n"))
        return f"{blocks}{quotes}{marks}", goes_on

    def closing(self, place: int) -> str:
        """Return what closes all that is open at a place."""
        opened = [*_outwards(self._state(place))]
        quotes = "> " * sum(each.name == "blockquote" for each in opened)
        return "".join(each.closing.replace("\n", f"\n{quotes}") for each in opened)

    def margin(self, place: int) -> int:
        """Return by how many columns the lines after a place are indented."""
        opened = [*_outwards(self._state(place))]
        if self._format is not Format.MARKDOWN or any(
            each.name == "blockquote" for each in opened
        ):
            return 0
        indent = next((each.indent for each in opened if each.name == "li"), 0)
        if indent and self.text[place - 1] == "\n":
            own = _OWN_MARKS.match(self.text, place)
            return len(own[0]) if own else 0
        return indent

    def _is_border(self, place: int, units: list[tuple[int, int]]) -> bool:
        """Return if a piece can end at a place without harm."""
        return (
            _outside(units, place) == place
            and not is_joined(self.text, place)
            and not self._is_mark(place)
        )

    def _is_mark(self, place: int) -> bool:
        """Return if the text after a place would become markup at the start of a piece."""
        return (
            self._format is Format.MARKDOWN
            and self.text[place - 1 : place] != "\n"
            and _MARK.match(self.text, place) is not None
        )

    def _units(self, tree: Tree) -> Iterator[tuple[int, int]]:
        """Return the places of markup, which means something only as a whole."""
        text = self.text
        is_html = self._format is Format.HTML
        for token in tree.tokens:
            length = token.end - token.start
            if token.kind is Kind.TEXT:
                # An escape or an entity.
                if 1 < length <= 64 and length != len(token.value) and not is_html:
                    yield token.start, token.end
            elif length:
                starts = token.kind is Kind.START and token.value not in VOID
                is_tag = text[token.start] == "<"
                before = is_tag or token.value in _INLINE | _LEADING
                after = not is_tag and token.value in _INLINE | {"pre"}
                yield (
                    token.start - (token.kind is Kind.END and after),
                    token.end + (starts and before),
                )
        if is_html:
            yield from (match.span() for match in _ENTITY.finditer(text))

    def _rows_and_links(self, tree: Tree) -> Iterator[tuple[int, int]]:
        """Return the places of links and of the rows of tables."""
        for place, token in enumerate(tree.tokens):
            if token.kind is Kind.START and token.value in ("a", "tr"):
                yield token.start, tree.tokens[tree.ends[place]].end

    def _follow(self, tree: Tree) -> None:
        """Note what is open after each token."""
        state: _Open | None = None
        states: dict[int, _Open | None] = {}
        last = 0
        for place, token in enumerate(tree.tokens):
            if token.kind is Kind.TEXT or token.value in VOID:
                continue
            if token.kind is Kind.END:
                state = _without(state, token.value)
            elif tree.ends[place] != place:
                state = self._opened(state, token, tree.tokens[tree.ends[place]])
            last = max(last, token.end)
            self._places.append(last)
            self._states.append(state)

    def _opened(self, outer: _Open | None, token: Token, end: Token) -> _Open | None:
        """Return an element that is opened."""
        name, source = token.value, self.text[token.start : token.end]
        if re.match(r"</?[a-zA-Z][\w-]*[\s/>]", source):
            if name == "li" and outer is not None and outer.name == "ol":
                number = _number(token, "value", outer.number)
                outer = _renumbered(outer, number + 1)
                source = f'<li value="{number}">'
            elif name == "ol":
                return _renumbered(
                    _Open(name=name, closing="</ol>", outer=outer),
                    _number(token, "start", 1),
                )
            if name in ("html", "head"):
                return _Open(name=name, outer=outer)
            return _Open(name=name, opening=source, closing=f"</{name}>", outer=outer)
        if self._format is Format.HTML or source == "<":
            return _Open(name=name, outer=outer)
        closing = self.text[end.start : end.end]
        match name:
            case "a" if not closing.startswith("]("):
                source = closing = ""
            case "a" | "code" | "em" | "s" | "strong":
                pass
            case "pre" if ":close" in token.attributes:
                closing = token.attributes[":close"]
            case "table":
                source, closing = token.attributes.get(":open", ""), ""
            case _:
                source = closing = ""
        line = self.text.rfind("\n", 0, token.start) + 1
        return _Open(
            name=name,
            opening=source,
            closing=closing,
            outer=outer,
            indent=token.end - line if name == "li" else 0,
        )

    def _state(self, place: int) -> _Open | None:
        """Return the innermost element that is open at a place."""
        found = bisect_right(self._places, place) - 1
        return self._states[found] if found >= 0 else None


def dedented(piece: str, margin: int, *, at_line: bool) -> str:
    """Return a piece without a margin, as far as its lines have it.

    Args:
        piece: the piece.
        margin: columns of the margin.
        at_line: whether the piece starts with a line.

    """
    lines = piece.split("\n")
    for number in range(0 if at_line else 1, len(lines)):
        line = lines[number]
        if not line.strip():
            continue
        if len(line) - len(line.lstrip(" ")) < margin:
            break
        lines[number] = line[margin:]
    return "\n".join(lines)


def _number(token: Token, name: str, default: int) -> int:
    """Return a number in an attribute."""
    value = token.attributes.get(name, "")[:9]
    return int(value) if value.isdecimal() else default


def _renumbered(element: _Open, number: int) -> _Open:
    """Return a list with the number of its next point."""
    return _Open(
        name=element.name,
        opening=f'<ol start="{number}">',
        closing=element.closing,
        outer=element.outer,
        number=number,
    )


def _outwards(state: _Open | None) -> Iterator[_Open]:
    """Return the open elements, the innermost first."""
    while state is not None:
        yield state
        state = state.outer


def _without(state: _Open | None, name: str) -> _Open | None:
    """Return the open elements without the innermost one of a name."""
    kept = []
    for each in _outwards(state):
        if each.name == name:
            state = each.outer
            break
        kept.append(each)
    for each in reversed(kept):
        state = _Open(
            name=each.name,
            opening=each.opening,
            closing=each.closing,
            outer=state,
            number=each.number,
            indent=each.indent,
        )
    return state


def _merged(units: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return units in order, with those that overlap as one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(units):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _overlapping(
    units: list[tuple[int, int]], start: int, end: int
) -> list[tuple[int, int]]:
    """Return the units that are between two places, at least in part."""
    first = max(bisect_left(units, (start, 0)) - 1, 0)
    return units[first : bisect_left(units, (end, 0))]


def _outside(units: list[tuple[int, int]], at: int) -> int:
    """Return a place before the unit that a cut would go through."""
    nearest = bisect_left(units, (at, 0)) - 1
    if nearest >= 0 and at < units[nearest][1]:
        return units[nearest][0]
    return at
