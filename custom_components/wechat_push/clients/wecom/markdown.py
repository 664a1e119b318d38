"""Writer of WeCom's Markdown.

It shows headings, bold text, links, inline code, quotes and three colours, and nothing
else: see WeCom's developer document 90236. All other elements become text.
"""

from dataclasses import dataclass
from typing import Final, override

from ..conversion import composed, read
from ..markup.plain import PlainWriter, is_web
from ..markup.tokens import Token
from ..markup.tree import Tree
from ..message import Format, clean

_COLOURS: Final = frozenset({"info", "comment", "warning"})
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CODE_INDENT: Final = "    "


def shown(text: str, source: Format) -> str:
    """Return Markdown or HTML as WeCom can show it.

    Args:
        text: the text.
        source: format of the text.

    """
    return clean(_Writer(read(composed(text), source)).text())


@dataclass(kw_only=True, slots=True)
class _Mark:
    """Marks around a text.

    Args:
        name: name of the element.
        opening: mark before the text.
        closing: mark after it.
        is_open: whether the mark before the text has been written.

    """

    name: str
    opening: str
    closing: str
    is_open: bool = False


class _Writer(PlainWriter):
    """Writes a tree as WeCom's Markdown."""

    def __init__(self, tree: Tree) -> None:
        super().__init__(tree)
        self._marks: list[_Mark] = []
        self._heading = ""
        self._quotes = 0
        self._is_code = 0
        # Text, line breaks and space before the open link.
        self._outer: tuple[list[str], int, bool] | None = None

    @override
    def _start(self, token: Token, place: int) -> None:
        super()._start(token, place)
        name = token.value
        match name:
            case "strong" | "b":
                if all(mark.name not in ("strong", "b") for mark in self._marks):
                    mark = _Mark(name=name, opening="**", closing="**")
                    self._marks.append(mark)
            case "font":
                colour = token.attributes.get("color", "")
                if colour in _COLOURS:
                    opening = f'<font color="{colour}">'
                    mark = _Mark(name=name, opening=opening, closing="</font>")
                    self._marks.append(mark)
            case "code":
                self._is_code += 1
            case "blockquote":
                self._quotes += 1
            case "a":
                self._outer = (self._pieces, self._breaks, self._space)
                self._pieces, self._breaks, self._space = [], 0, False
            case _ if name in _HEADINGS:
                self._heading = "#" * int(name[1]) + " "

    @override
    def _end(self, token: Token) -> None:
        match token.value:
            case "code" if self._is_code:
                self._is_code -= 1
            case "blockquote" if self._quotes:
                self._quotes -= 1
            case name if self._marks and self._marks[-1].name == name:
                mark = self._marks.pop()
                if mark.is_open:
                    self._pieces.append(mark.closing)
            case name if name in _HEADINGS:
                self._heading = ""
        super()._end(token)

    @override
    def _distance(self, name: str) -> int:
        # An empty line ends a quote.
        return 1 if self._quotes and name != "blockquote" else super()._distance(name)

    @override
    def _margin(self) -> str:
        quote = "> " if self._quotes else ""
        code = _CODE_INDENT if self._code else ""
        return quote + super()._margin() + code

    @override
    def _add_text(self, text: str) -> None:
        words = " ".join(text.split())
        if not self._is_code or self._code or not words or "`" in words:
            super()._add_text(text)
        else:
            self._write(f"`{words}`")

    @override
    def _write(self, text: str) -> None:
        opening = ""
        if self._outer is None:
            if self._breaks:
                # They end with the line.
                for mark in reversed(self._marks):
                    if mark.is_open:
                        self._pieces.append(mark.closing)
                    mark.is_open = False
            opening, self._heading = self._heading, ""
            for mark in self._marks:
                if not mark.is_open:
                    opening += mark.opening
                mark.is_open = True
        super()._write(opening + text)

    @override
    def _picture(self, token: Token) -> None:
        label = " ".join(token.attributes.get("alt", "").split())
        address = token.attributes.get("src", "").strip()
        if self._outer is not None or not is_web(address):
            # There is no link in a link.
            super()._picture(token._replace(attributes={"alt": label}))
        else:
            self._write(_link(label, address))

    @override
    def _end_link(self) -> None:
        if self._link is None or self._outer is None:
            return
        address, _ = self._link
        label = " ".join("".join(self._pieces).split())
        self._link = None
        ends_in_space = self._space
        self._pieces, self._breaks, self._space = self._outer
        self._outer = None
        if not address or address.startswith("#"):
            if label:
                self._write(label)
        elif label or is_web(address):
            self._write(_link(label, address))
        self._space = self._space or ends_in_space


def _link(label: str, address: str) -> str:
    """Return a link."""
    target = address.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
    return f"[{label.replace('[', '(').replace(']', ')') or address}]({target})"
