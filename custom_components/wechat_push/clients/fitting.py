"""Bring a text within the limits of a service, by the service's own measure."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
import re
import unicodedata

from .errors import ContentError, Problem
from .message import Format, Overflow

ELLIPSIS = "…"
# More parts than this are no message any more, and would run into every rate limit.
MAX_PARTS = 50

_ZERO_WIDTH_JOINER = "\u200d"
_EMOJI_MODIFIERS = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
_TAG_CHARACTERS = frozenset(map(chr, range(0xE0020, 0xE0080)))
_REGIONAL_INDICATORS = frozenset(map(chr, range(0x1F1E6, 0x1F200)))
_BORDERS = (re.compile(r"\n"), re.compile(r"[\s,.;:!?，。；：！？、）】」』]"))


def utf8_length(text: str) -> int:
    """Return the length of a text in bytes of UTF-8."""
    return len(text.encode())


# What a format cannot do without the other half of.
_MAX_UNIT = 4096
_UNITS = {
    Format.HTML: re.compile(r"<[^<>]*>|&#?\w+;"),
    Format.MARKDOWN: re.compile(r"!?\[[^\[\]\n]*\]\([^()\n]*\)|\\."),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """The most that a service takes of a text, by one measure.

    A measure may not be smaller than the number of characters.
    """

    maximum: int
    size: Callable[[str], int] = len


def fits(text: str, limits: Sequence[Limit]) -> bool:
    """Tell if a text keeps all limits."""
    return all(limit.size(text) <= limit.maximum for limit in limits)


def fit(
    text: str,
    limits: Sequence[Limit],
    overflow: Overflow,
    written: Format = Format.TEXT,
) -> list[str]:
    """Return the text as the parts that the service takes, in their order.

    Args:
        text: what is to be said.
        limits: what the service takes in one message.
        overflow: what to do with a text that is longer.
        written: the format of the text; no tag and no link is cut through.

    Raises:
        ContentError: the text is too long, and not to be split or still too long then.

    """
    if fits(text, limits):
        return [text]
    match overflow:
        case Overflow.TRUNCATE:
            return [truncate(text, limits, written)]
        case Overflow.SPLIT:
            if (parts := split(text, limits, written)) is not None:
                return parts
    exceeded = next(each for each in limits if each.size(text) > each.maximum)
    raise ContentError(Problem.MESSAGE_TOO_LONG, limit=exceeded.maximum)


def truncate(text: str, limits: Sequence[Limit], written: Format = Format.TEXT) -> str:
    """Return the text, cut with an ellipsis where it is too long."""
    if fits(text, limits):
        return text
    longest = _longest(text, limits, ELLIPSIS)
    end = _before_unit(text, longest, written) or longest
    return text[:end].rstrip() + ELLIPSIS


def split(
    text: str, limits: Sequence[Limit], written: Format = Format.TEXT
) -> list[str] | None:
    """Return the text in marked parts, or None if it were too many."""
    line = "<br/>" if written is Format.HTML else "\n"
    for digits in (1, 2):
        mark = f"{line}({'9' * digits}/{'9' * digits})"
        most = min(MAX_PARTS, 10**digits - 1)
        parts = cut(text, limits, reserve=mark, written=written, most=most)
        if len(parts) <= most:
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
    written: Format = Format.TEXT,
    most: int = MAX_PARTS,
) -> list[str]:
    """Return the pieces of a text; joined they give the text again.

    A piece ends at a line, else at a word, else at a character as a person sees it.
    What is left over after the most pieces that are wanted stays one piece.
    """
    pieces: list[str] = []
    while len(pieces) < most and not fits(text + reserve, limits):
        longest = _longest(text, limits, reserve)
        end = _border(text, _before_unit(text, longest, written) or longest, written)
        pieces.append(text[:end])
        text = text[end:]
    pieces.append(text)
    return pieces


def _longest(text: str, limits: Sequence[Limit], reserve: str) -> int:
    """Return how many characters fit, at least one, ending between characters."""
    most = min(len(text), *(limit.maximum for limit in limits))
    # Every measure grows with the text, so the longest that fits can be bisected.
    end = (
        bisect_right(
            range(1, most + 1),
            False,
            key=lambda count: not fits(text[:count] + reserve, limits),
        )
        or 1
    )
    return _between_characters(text, end)


def _before_unit(text: str, end: int, written: Format) -> int:
    """Move a cut before the tag or the link that it would go through."""
    if (units := _UNITS.get(written)) is None:
        return end
    # None is longer than this, so the search need not start further off.
    for match in units.finditer(text, max(end - _MAX_UNIT, 0), end + _MAX_UNIT):
        if match.start() < end < match.end():
            return match.start()
    return end


def _border(text: str, end: int, written: Format) -> int:
    """Return where to cut at the latest at end: after a line, a word or a character."""
    for border in _BORDERS:
        # A border in the first quarter would leave a needlessly short piece.
        found = [match.end() for match in border.finditer(text, end // 4, end)]
        latest = end
        for cut_at in reversed(found):
            # An accent can stand on a space, too.
            if cut_at > latest or _joined(text, cut_at):
                continue
            # No border within a tag or a link counts.
            latest = _before_unit(text, cut_at, written)
            if latest == cut_at:
                return cut_at
    return end


def _between_characters(text: str, end: int) -> int:
    """Move a cut back so that it parts no character that a person sees as one."""
    cut_at = end
    while _joined(text, cut_at):
        cut_at -= 1
    # A heap of marks on one letter may be longer than the limit: then cut through it.
    return cut_at or end


def _joined(text: str, at: int) -> bool:
    """Tell if the characters on both sides belong together."""
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
