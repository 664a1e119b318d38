"""Where a text can be cut: lines, words, and what stays whole."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
import re
from typing import Final

from .conversion import MAX_EXPANSION, read
from .graphemes import between, is_joined
from .markup import markdown
from .markup.tokens import VOID, Kind, Token
from .markup.tree import Tree
from .message import Format
from .open_elements import INLINE, OpenElements

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
    [a-zA-Z][a-zA-Z0-9+.-]{{0,30}}://[^\s<>"'\[\]){_IDEOGRAPH}{_AFTER}{_BEFORE}]+
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
# Marks before a text that belong to it.
_LEADING: Final = frozenset({"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "li"})


class Borders:
    """The places where a text can be cut.

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
        self.open: OpenElements | None = None
        units: list[tuple[int, int]] = []
        bare: list[tuple[int, int]] = []
        wholes: list[tuple[int, int]] = []
        if text_format is not Format.TEXT:
            tree = read(text, text_format)
            self.open = OpenElements(text, text_format, tree)
            units += self._units(tree)
            bare += ((each.start, each.end) for each in _markup(tree))
            wholes += self._rows_and_links(tree)
        # Markup, with what it must stay with, and without.
        self._markup = _merged(units)
        self._bare = _merged(bare)
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
        for units in (self._markup, self._bare):
            if (place := self._fallback(units, start + 1, end)) is not None:
                return place
        place = between(self.text, end)
        return place if place > start else end

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
                before = is_tag or token.value in INLINE | _LEADING
                after = not is_tag and token.value in INLINE | {"pre"}
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


def _markup(tree: Tree) -> Iterator[Token]:
    """Return the tokens that are no text."""
    return (each for each in tree.tokens if each.kind is not Kind.TEXT)


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
