"""Extended grapheme clusters: the characters that readers see.

See Unicode Standard Annex #29.
"""

from bisect import bisect_right
from enum import StrEnum
from functools import cache, lru_cache
from typing import Final

from . import grapheme_table

# Seven letters and signs of Hangul make each syllable; those without a final consonant
# come first of every 28.
_HANGUL: Final = range(0xAC00, 0xD7A4)
_FINALS: Final = 28
_INDICATORS: Final = "".join(map(chr, range(0x1F1E6, 0x1F200)))
# Code points of a character; the longest that is in use has ten or so.
_LONGEST: Final = 256


class Break(StrEnum):
    """Classes of code points: Grapheme_Cluster_Break, pictographs and conjuncts."""

    OTHER = ""
    CONTROL = "control"
    EXTEND = "extend"
    ZWJ = "zwj"
    ZWNJ = "zwnj"
    SPACING_MARK = "spacing_mark"
    PREPEND = "prepend"
    REGIONAL_INDICATOR = "regional_indicator"
    L = "l"
    V = "v"
    T = "t"
    LV = "lv"
    LVT = "lvt"
    PICTOGRAPH = "pictograph"
    CONSONANT = "consonant"
    # A linker that extends what is before it, and one that does not.
    LINKER = "linker"
    LINKING_LETTER = "linking_letter"


_EXTENDING = frozenset({Break.EXTEND, Break.ZWJ, Break.ZWNJ, Break.LINKER})
_LINKERS = frozenset({Break.LINKER, Break.LINKING_LETTER})
# What may stand between a linker and the consonant that it joins.
_CONJUNCT = frozenset({Break.EXTEND, Break.ZWJ})
_SYLLABLES = {
    Break.L: frozenset({Break.L, Break.V, Break.LV, Break.LVT}),
    Break.LV: frozenset({Break.V, Break.T}),
    Break.V: frozenset({Break.V, Break.T}),
    Break.LVT: frozenset({Break.T}),
    Break.T: frozenset({Break.T}),
}


def between(text: str, at: int) -> int:
    """Return the last place up to one that parts no character.

    A heap of hundreds of marks on one letter is no character any more.
    """
    for place in range(at, max(at - _LONGEST, -1), -1):
        if not is_joined(text, place):
            return place
    return at


def is_joined(text: str, at: int) -> bool:
    """Return if the code points on both sides of a place are one character."""
    if not 0 < at < len(text):
        return False
    if text[at - 1] < "\u0300" and text[at] < "\u0300":
        # Most texts have no other.
        return text[at - 1] == "\r" and text[at] == "\n"
    before, after = _class(text[at - 1]), _class(text[at])
    if Break.CONTROL in (before, after):
        return False
    if after in _SYLLABLES.get(before, ()):
        return True
    if (
        after in _EXTENDING
        or after is Break.SPACING_MARK
        or before is Break.PREPEND
        or (after is Break.CONSONANT and _ends_in_linker(text, at))
    ):
        return True
    if before is Break.ZWJ and after is Break.PICTOGRAPH:
        return _ends_in_pictograph(text, at - 1)
    if before is after is Break.REGIONAL_INDICATOR:
        # Two make a flag; between two flags is a border.
        return _run_of_indicators(text, at) % 2 == 1
    return False


def _ends_in_linker(text: str, end: int) -> bool:
    """Return if a text up to a place ends in a linker, maybe with marks on it."""
    while end and (found := _class(text[end - 1])) in _CONJUNCT:
        end -= 1
    return end > 0 and found in _LINKERS


def _ends_in_pictograph(text: str, end: int) -> bool:
    """Return if a text up to a place ends in a pictograph, maybe with marks on it."""
    while end and (found := _class(text[end - 1])) in _EXTENDING:
        end -= 1
    return end > 0 and found is Break.PICTOGRAPH


def _run_of_indicators(text: str, end: int) -> int:
    """Return how many regional indicators a text up to a place ends in."""
    return end - len(text[:end].rstrip(_INDICATORS))


@lru_cache(maxsize=4096)
def _class(character: str) -> Break:
    """Return the class of a code point."""
    code = ord(character)
    if code in _HANGUL:
        return Break.LVT if (code - _HANGUL.start) % _FINALS else Break.LV
    starts, ends, classes = _table()
    nearest = bisect_right(starts, code) - 1
    return classes[nearest] if nearest >= 0 and code <= ends[nearest] else Break.OTHER


@cache
def _table() -> tuple[list[int], list[int], list[Break]]:
    """Return the first and the last code points of all ranges, and their classes."""
    ranges = sorted(
        (int(first, 16), int(last or first, 16), Break(name))
        for name, listed in grapheme_table.RANGES.items()
        for first, _, last in (each.partition("-") for each in listed.split())
    )
    starts, ends, classes = zip(*ranges, strict=True)
    return [*starts], [*ends], [*classes]
