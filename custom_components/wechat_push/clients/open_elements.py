"""What is open where a text is cut: it is closed there, and opened again after it."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
import re
from typing import Final

from .markup.tokens import VOID, Kind, Token
from .markup.tree import Tree
from .message import Format

# Elements of Markdown that are in a line.
INLINE: Final = frozenset({"a", "code", "em", "s", "strong"})
_TAG: Final = re.compile(r"</?[a-zA-Z][\w-]*[\s/>]")
_OWN_MARKS: Final = re.compile(r"[ \t]*(?:>[ \t]?)*")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Element:
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
    outer: _Element | None = None
    number: int = 1
    indent: int = 0


class OpenElements:
    """The elements that are open at each place of a text.

    Args:
        text: the text.
        text_format: format of the text.
        tree: what the text says.

    """

    def __init__(self, text: str, text_format: Format, tree: Tree) -> None:
        self._text = text
        self._format = text_format
        self._places: list[int] = []
        self._states: list[_Element | None] = []
        # Equal elements are one object: a text can have very many.
        self._known: dict[tuple[str, str, str, int, int, int], _Element] = {}
        self._follow(tree)

    def opening(self, place: int) -> tuple[str, int]:
        """Return what opens all that is open at a place, and where the text goes on."""
        state = self._state(place)
        if state is None:
            return "", place
        opened = [*_outwards(state)][::-1]
        if self._format is Format.HTML:
            return "".join(each.opening for each in opened), place
        at_line = self._text[place - 1] == "\n"
        quotes = "> " * sum(each.name == "blockquote" for each in opened)
        blocks = "".join(
            quotes + each.opening
            for each in opened
            if each.name == "pre" or (each.name == "table" and at_line)
        )
        marks = "".join(
            each.opening
            for each in opened
            if each.name in INLINE or each.opening.startswith("<")
        )
        goes_on = place
        own = _OWN_MARKS.match(self._text, place)
        if at_line and own is not None and (marks or quotes):
            # The line has its own marks of quotes, unless it does without.
            goes_on = own.end() if ">" in own[0] or marks else place
            quotes = own[0] if ">" in own[0] else quotes
        elif marks:
            goes_on += len(self._text[place:]) - len(self._text[place:].lstrip(" \t\n"))
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
        if indent and self._text[place - 1] == "\n":
            own = _OWN_MARKS.match(self._text, place)
            return len(own[0]) if own else 0
        return indent

    def _follow(self, tree: Tree) -> None:
        """Note what is open after each token."""
        state: _Element | None = None
        last = 0
        for place, token in enumerate(tree.tokens):
            if token.kind is Kind.TEXT or token.value in VOID:
                continue
            if token.kind is Kind.END:
                state = self._without(state, token.value)
            elif tree.ends[place] != place:
                end = tree.tokens[tree.ends[place]]
                state = self._one(self._opened(state, token, end))
            last = max(last, token.end)
            self._places.append(last)
            self._states.append(state)

    def _one(self, element: _Element) -> _Element:
        """Return the one element that is equal to this."""
        key = (
            element.name,
            element.opening,
            element.closing,
            id(element.outer),
            element.number,
            element.indent,
        )
        return self._known.setdefault(key, element)

    def _opened(self, outer: _Element | None, token: Token, end: Token) -> _Element:
        """Return an element that is opened."""
        name, source = token.value, self._text[token.start : token.end]
        if _TAG.match(source):
            if name == "li" and outer is not None and outer.name == "ol":
                number = _number(token, "value", outer.number)
                outer = self._one(_renumbered(outer, number + 1))
                source = f'<li value="{number}">'
            elif name == "ol":
                return _renumbered(
                    _Element(name=name, closing="</ol>", outer=outer),
                    _number(token, "start", 1),
                )
            if name in ("html", "head"):
                return _Element(name=name, outer=outer)
            return _Element(
                name=name, opening=source, closing=f"</{name}>", outer=outer
            )
        if self._format is Format.HTML or source == "<":
            return _Element(name=name, outer=outer)
        closing = self._text[end.start : end.end]
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
        indent = 0
        if name == "li":
            indent = token.end - self._text.rfind("\n", 0, token.start) - 1
        return _Element(
            name=name,
            opening=source,
            closing=closing,
            outer=outer,
            indent=indent,
        )

    def _without(self, state: _Element | None, name: str) -> _Element | None:
        """Return the open elements without the innermost one of a name."""
        kept = []
        for each in _outwards(state):
            if each.name == name:
                state = each.outer
                break
            kept.append(each)
        for each in reversed(kept):
            state = self._one(replace(each, outer=state))
        return state

    def _state(self, place: int) -> _Element | None:
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


def _renumbered(element: _Element, number: int) -> _Element:
    """Return a list with the number of its next point."""
    return replace(element, opening=f'<ol start="{number}">', number=number)


def _outwards(state: _Element | None) -> Iterator[_Element]:
    """Return the open elements, the innermost first."""
    while state is not None:
        yield state
        state = state.outer
