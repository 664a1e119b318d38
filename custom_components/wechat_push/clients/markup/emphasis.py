"""Emphasis in Markdown: which runs of signs start and end it."""

from dataclasses import dataclass, field
import unicodedata

from .tokens import Kind, Token


@dataclass(kw_only=True, slots=True)
class Run:
    """Tokens at a place, or a run of signs that may turn out to be emphasis.

    Args:
        start: where it starts.
        end: where it ends.
        tokens: its tokens.
        sign: sign of a run.
        closes: elements that end at the start of the run, and the signs they take.
        opens: elements that start at the end of the run, the innermost first.

    """

    start: int
    end: int
    tokens: list[Token] = field(default_factory=list)
    sign: str = ""
    can_open: bool = False
    can_close: bool = False
    left: int = 0
    closes: list[tuple[str, int]] = field(default_factory=list)
    opens: list[tuple[str, int]] = field(default_factory=list)


def tokens_of(node: Run, text: str) -> list[Token]:
    """Return the tokens of a node."""
    if not node.sign:
        return node.tokens
    at, tokens = node.start, []
    for name, length in node.closes:
        tokens.append(Token(Kind.END, name, at, at + length))
        at += length
    end = node.end - sum(length for _, length in node.opens)
    if at < end:
        tokens.append(Token(Kind.TEXT, text[at:end], at, end))
    for name, length in reversed(node.opens):
        tokens.append(Token(Kind.START, name, end, end + length))
        end += length
    return tokens


def pair(runs: list[Run]) -> None:
    """Find the runs of signs that are emphasis."""
    openers: list[Run] = []
    # Runs before these places match no such end.
    searched: dict[tuple[str, bool, int], int] = {}
    for closer in runs:
        while closer.can_close and closer.left:
            key = (closer.sign, closer.can_open, (closer.end - closer.start) % 3)
            for place in reversed(range(len(openers))):
                opener = openers[place]
                if opener.start < searched.get(key, 0):
                    place = -1
                    break
                if _match(opener, closer):
                    break
            else:
                place = -1
            if place < 0:
                searched[key] = closer.start
                break
            del openers[place + 1 :]
            length = 2 if min(opener.left, closer.left) >= 2 else 1
            name = "s" if closer.sign == "~" else ("em", "strong")[length - 1]
            opener.opens.append((name, length))
            closer.closes.append((name, length))
            opener.left -= length
            closer.left -= length
            if not opener.left:
                openers.pop()
        if closer.can_open and closer.left:
            openers.append(closer)


def _match(opener: Run, closer: Run) -> bool:
    """Return if two runs are the start and the end of one emphasis."""
    if opener.sign != closer.sign:
        return False
    if not (opener.can_close or closer.can_open):
        return True
    # The rule of three: **a*b** has no emphasis within.
    whole, other = opener.end - opener.start, closer.end - closer.start
    return bool((whole + other) % 3) or not (whole % 3 or other % 3)


def hugs(inner: str, outer: str) -> bool:
    """Return if a run between two characters belongs to the inner one.

    Unlike CommonMark, Chinese and its punctuation need no spaces around.
    """
    if inner.isspace():
        return False
    return (
        not is_sign(inner)
        or outer.isspace()
        or is_sign(outer)
        or unicodedata.east_asian_width(outer) in "WF"
    )


def is_sign(character: str) -> bool:
    """Return if a character is punctuation or a symbol."""
    return unicodedata.category(character)[0] in "PS"
