"""Splitting and truncating texts, by the measure of a service."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from .borders import Borders
from .errors import ContentError, Problem
from .message import Format, Overflow
from .open_elements import dedented
from .text import LINE_BREAKS

ELLIPSIS: Final = "…"
# More parts than this would run into every rate limit.
MAX_PARTS: Final = 50
# Characters that are read after a border.
_FOLLOWING: Final = 2048
# Tries to find a border with room for what closes all that is open there.
_TRIES: Final = 4


def utf8_length(text: str) -> int:
    """Return the length of a text in bytes of UTF-8."""
    return len(text.encode())


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

    @property
    def problem(self) -> Problem:
        """Return the problem of a message that exceeds the limit."""
        if self.size is len:
            return Problem.MESSAGE_TOO_LONG
        return Problem.MESSAGE_TOO_LARGE


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
        text_format: format of the text; what is open at the end of a part is closed,
            and opened again in the next one.

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
    most = exceeded.maximum
    if overflow is Overflow.SPLIT:
        most = MAX_PARTS * (most - exceeded.size(_mark(text_format, "99", "99")))
    raise ContentError(exceeded.problem, limit=most)


def truncate(
    text: str, limits: Sequence[Limit], text_format: Format = Format.TEXT
) -> str:
    """Return the text, truncated with an ellipsis if it is too long.

    No number and no link is cut through, unless little would be left.
    """
    if fits(text, limits):
        return text
    # No more than this can be left, and some of what follows decides where to cut.
    most = min(limit.maximum for limit in limits) + _FOLLOWING
    borders = Borders(text[:most], text_format)
    end, closing = _end(borders, "", 0, limits, ELLIPSIS, borders.within)
    return borders.text[:end].rstrip() + ELLIPSIS + closing


def split(
    text: str, limits: Sequence[Limit], text_format: Format = Format.TEXT
) -> list[str] | None:
    """Return the text in numbered parts, or None if there would be too many."""
    for digits in (1, 2):
        mark = _mark(text_format, "9" * digits, "9" * digits)
        max_pieces = min(MAX_PARTS, 10**digits - 1)
        parts = cut(
            text, limits, reserve=mark, text_format=text_format, max_pieces=max_pieces
        )
        if len(parts) <= max_pieces:
            return [
                part.strip("\n") + _mark(text_format, str(number), str(len(parts)))
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
    """Return the pieces of a text; joined, those of plain text are the text again.

    A piece ends at a line, else at a word, else between characters as readers see them;
    not in a number with its unit, a time, an address or a link if there is any other
    border nearby.

    Args:
        text: the text.
        limits: limits of one piece.
        reserve: text that is going to be added to each piece.
        text_format: format of the text.
        max_pieces: number of pieces after which the rest stays one piece.

    """
    if fits(text + reserve, limits):
        return [text]
    borders = Borders(text, text_format)
    text = borders.text
    pieces: list[str] = []
    start, opening, margin, at_line = 0, "", 0, True
    while len(pieces) < max_pieces and not fits(
        opening + text[start:] + reserve, limits
    ):
        end, closing = _end(borders, opening, start, limits, reserve, borders.best)
        piece = dedented(text[start:end], margin, at_line=at_line)
        pieces.append(opening + (piece.rstrip() if closing else piece) + closing)
        start, opening, margin, at_line = end, "", 0, text[end - 1] == "\n"
        if borders.open is not None:
            margin = borders.open.margin(end)
            opening, goes_on = borders.open.opening(end)
            if _is_short(opening, limits):
                start = goes_on
            else:
                opening = ""
    pieces.append(opening + dedented(text[start:], margin, at_line=at_line))
    return pieces


def _mark(text_format: Format, number: str, count: str) -> str:
    """Return the number of a part, on a line of its own."""
    return f"{LINE_BREAKS[text_format]}({number}/{count})"


def _end(
    borders: Borders,
    opening: str,
    start: int,
    limits: Sequence[Limit],
    reserve: str,
    find: Callable[[int, int], int],
) -> tuple[int, str]:
    """Return where a piece ends, and what closes all that is open there.

    Args:
        borders: the text.
        opening: what the piece starts with.
        start: where its text starts.
        limits: limits of the piece.
        reserve: text that is going to be added.
        find: returns the best border between two places.

    """
    closing = ""
    for _ in range(_TRIES):
        full = _longest(borders.text, opening, start, limits, closing + reserve)
        end = find(start, full)
        needed = borders.open.closing(end) if borders.open else ""
        piece = borders.text[start:end].rstrip()
        if fits(opening + piece + needed + reserve, limits):
            return end, needed
        if not _is_short(needed, limits):
            break
        closing = max(closing, needed, key=len)
    return find(start, _longest(borders.text, opening, start, limits, reserve)), ""


def _is_short(markup: str, limits: Sequence[Limit]) -> bool:
    """Return if markup leaves most of a piece for the text."""
    return all(limit.size(markup) <= limit.maximum // 3 for limit in limits)


def _longest(
    text: str, opening: str, start: int, limits: Sequence[Limit], reserve: str
) -> int:
    """Return where a piece is full; it has one character at least."""
    most = min(len(text) - start, *(limit.maximum for limit in limits))
    count = bisect_right(
        range(1, most + 1),
        False,
        key=lambda count: (
            not fits(opening + text[start : start + count] + reserve, limits)
        ),
    )
    return start + max(count, 1)
