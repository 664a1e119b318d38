"""Splitting and truncating texts, by the measure of a service."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
import re
import unicodedata

from .errors import ContentError, Problem
from .message import Format, Overflow

ELLIPSIS = "…"
# More parts than this would run into every rate limit.
MAX_PARTS = 50

_ZERO_WIDTH_JOINER = "\u200d"
_EMOJI_MODIFIERS = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
_TAG_CHARACTERS = frozenset(map(chr, range(0xE0020, 0xE0080)))
_REGIONAL_INDICATORS = frozenset(map(chr, range(0x1F1E6, 0x1F200)))
_BORDERS = (re.compile(r"\n"), re.compile(r"[\s,.;:!?，。；：！？、）】」』]"))


def utf8_length(text: str) -> int:
    """Return the length of a text in bytes of UTF-8."""
    return len(text.encode())


# Characters of the longest tag, entity, link or escape that is kept intact.
_MAX_UNIT = 4096
_UNITS = {
    Format.HTML: re.compile(r"<[^<>]*>|&#?\w+;"),
    Format.MARKDOWN: re.compile(r"!?\[[^\[\]\n]*\]\([^()\n]*\)|\\."),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """A limit of the length of a text.

    Args:
        maximum: the greatest length.
        size: measure of the length: never less than the number of characters, and
            growing with the text.

    """

    maximum: int
    size: Callable[[str], int] = len


def fits(text: str, limits: Sequence[Limit]) -> bool:
    """Return if a text is within all limits."""
    return all(limit.size(text) <= limit.maximum for limit in limits)


def fit(
    text: str,
    limits: Sequence[Limit],
    overflow: Overflow,
    text_format: Format = Format.TEXT,
) -> list[str]:
    """Return the text in parts that are within the limits, in order.

    Args:
        text: the text.
        limits: limits of one part.
        overflow: treatment of a longer text.
        text_format: format of the text; tags and links are kept intact.

    Raises:
        ContentError: the text is too long, and not to be split, or into too many parts.

    """
    if fits(text, limits):
        return [text]
    match overflow:
        case Overflow.TRUNCATE:
            return [truncate(text, limits, text_format)]
        case Overflow.SPLIT:
            if (parts := split(text, limits, text_format)) is not None:
                return parts
    exceeded = next(each for each in limits if each.size(text) > each.maximum)
    raise ContentError(Problem.MESSAGE_TOO_LONG, limit=exceeded.maximum)


def truncate(
    text: str, limits: Sequence[Limit], text_format: Format = Format.TEXT
) -> str:
    """Return the text, truncated with an ellipsis if it is too long."""
    if fits(text, limits):
        return text
    longest = _longest(text, limits, ELLIPSIS)
    end = _before_unit(text, longest, text_format) or longest
    return text[:end].rstrip() + ELLIPSIS


def split(
    text: str, limits: Sequence[Limit], text_format: Format = Format.TEXT
) -> list[str] | None:
    """Return the text in numbered parts, or None if there would be too many."""
    line = "<br/>" if text_format is Format.HTML else "\n"
    for digits in (1, 2):
        mark = f"{line}({'9' * digits}/{'9' * digits})"
        max_pieces = min(MAX_PARTS, 10**digits - 1)
        parts = cut(
            text, limits, reserve=mark, text_format=text_format, max_pieces=max_pieces
        )
        if len(parts) <= max_pieces:
            return [
                f"{part.strip('\n')}{line}({number}/{len(parts)})"
                for number, part in enumerate(parts, 1)
            ]
    return None


def cut(
    text: str,
    limits: Sequence[Limit],
    *,
    reserve: str = "",
    text_format: Format = Format.TEXT,
    max_pieces: int = MAX_PARTS,
) -> list[str]:
    """Return the pieces of a text; joined they are the text again.

    A piece ends at a line, else at a word, else between characters as readers see them.

    Args:
        text: the text.
        limits: limits of one piece.
        reserve: text that is going to be added to each piece.
        text_format: format of the text.
        max_pieces: number of pieces after which the rest stays one piece.

    """
    pieces: list[str] = []
    while len(pieces) < max_pieces and not fits(text + reserve, limits):
        longest = _longest(text, limits, reserve)
        end = _border(
            text, _before_unit(text, longest, text_format) or longest, text_format
        )
        pieces.append(text[:end])
        text = text[end:]
    pieces.append(text)
    return pieces


def _longest(text: str, limits: Sequence[Limit], reserve: str) -> int:
    """Return how many characters fit, at least one, without parting a character."""
    longest = min(len(text), *(limit.maximum for limit in limits))
    end = (
        bisect_right(
            range(1, longest + 1),
            False,
            key=lambda count: not fits(text[:count] + reserve, limits),
        )
        or 1
    )
    return _between_characters(text, end)


def _before_unit(text: str, end: int, text_format: Format) -> int:
    """Move a cut before the tag or the link that it would go through."""
    units = _units(text, max(end - _MAX_UNIT, 0), end + _MAX_UNIT, text_format)
    return _outside(units, end)


def _units(
    text: str, start: int, end: int, text_format: Format
) -> list[tuple[int, int]]:
    """Return where the tags and links in a part of a text start and end."""
    if (pattern := _UNITS.get(text_format)) is None:
        return []
    return [match.span() for match in pattern.finditer(text, start, end)]


def _outside(units: Sequence[tuple[int, int]], at: int) -> int:
    """Move a cut before the unit that it would go through."""
    nearest = bisect_left(units, (at, 0)) - 1
    if nearest >= 0 and at < units[nearest][1]:
        return units[nearest][0]
    return at


def _border(text: str, end: int, text_format: Format) -> int:
    """Return where to cut, at the latest at end: after a line, a word or a character."""
    # A border in the first quarter would leave a needlessly short piece.
    first = end // 4
    units = _units(text, max(first - _MAX_UNIT, 0), end + _MAX_UNIT, text_format)
    for border in _BORDERS:
        found = [match.end() for match in border.finditer(text, first, end)]
        for cut_at in reversed(found):
            # Ignore borders in a tag or a link, and spaces that carry an accent.
            if _outside(units, cut_at) == cut_at and not _joined(text, cut_at):
                return cut_at
    return end


def _between_characters(text: str, end: int) -> int:
    """Move a cut back so that it does not part a character as readers see it."""
    cut_at = end
    while _joined(text, cut_at):
        cut_at -= 1
    # Many marks on one letter can be longer than the limit: then part it.
    return cut_at or end


def _joined(text: str, at: int) -> bool:
    """Return if the code points on both sides are one character."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if _ZERO_WIDTH_JOINER in (before, after) or (before, after) == ("\r", "\n"):
        return True
    if after in _REGIONAL_INDICATORS and before in _REGIONAL_INDICATORS:
        run = at
        while run and text[run - 1] in _REGIONAL_INDICATORS:
            run -= 1
        # Two letters make a flag; between two flags a cut is fine.
        return (at - run) % 2 == 1
    return (
        after in _EMOJI_MODIFIERS
        or after in _TAG_CHARACTERS
        or unicodedata.category(after).startswith("M")
    )
