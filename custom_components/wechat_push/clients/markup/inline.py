"""Reader of what a paragraph of Markdown holds: emphasis, code, links, pictures."""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
import html
import re
from typing import Final

from . import html as html_reader
from .emphasis import Run, hugs, is_sign, pair, tokens_of
from .source import References, Source
from .tokens import Kind, Token

# Where something other than text may start.
_SPECIAL: Final = re.compile(r"[\\`*_~\[\]!<&\n]")
_BACKTICKS: Final = re.compile(r"`+")
_RUN: Final = re.compile(r"\*+|_+|~+")
_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|\w{1,32});")
_ESCAPE: Final = re.compile(r"""\\([!-/:-@\[-`{-~])""")
_AUTOLINK: Final = re.compile(r"<([a-zA-Z][a-zA-Z0-9+.-]{1,31}:[^\s<>]*)>")
_MAIL: Final = re.compile(
    r"<([\w.!#$%&'*+/=?^`{|}~-]+@[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*)>"
)
TAG: Final = re.compile(
    r"""<(?:[a-zA-Z][a-zA-Z0-9-]*
        (?:\s+[a-zA-Z_:][\w.:-]*(?:\s*=\s*(?:[^\s"'=<>`]+|'[^']*'|"[^"]*"))?)*
        \s*/?|/[a-zA-Z][a-zA-Z0-9-]*\s*)>""",
    re.VERBOSE,
)
_DECLARATIONS: Final = (
    ("<!--", "-->"),
    ("<?", "?>"),
    ("<![CDATA[", "]]>"),
    ("<!", ">"),
)
# Parentheses in an address, up to some levels.
_FLAT: Final = r"(?:\\[^ \t\n]|[^ \t\n()\\]|\\(?=[ \t\n]))*+"
_NESTED: Final = rf"{_FLAT}(?:\({_FLAT}(?:\({_FLAT}\){_FLAT})*+\){_FLAT})*+"
DESTINATION: Final = rf"(?:<(?:\\.|[^<>\\\n])*+>|(?!<){_NESTED})"
TITLE: Final = r"""(?:"(?:\\.|[^"\\])*+"|'(?:\\.|[^'\\])*+'|\((?:\\.|[^()\\])*+\))"""
_TARGET: Final = re.compile(
    rf"\([ \t\n]*+({DESTINATION}?)(?:[ \t\n]++({TITLE}))?+[ \t\n]*+\)", re.DOTALL
)
_LABEL: Final = re.compile(r"\[((?:\\.|[^\[\]\\]){0,999})\]", re.DOTALL)


def plain(text: str) -> str:
    """Return an address or a title without escapes and entities."""
    return _ENTITY.sub(lambda match: html.unescape(match[0]), _ESCAPE.sub(r"\1", text))


def address(destination: str) -> str:
    """Return the address of a destination."""
    if destination.startswith("<"):
        destination = destination[1:-1]
    return plain(destination)


def read(source: Source, references: References) -> list[Token]:
    """Return the tokens of a paragraph.

    Args:
        source: the paragraph.
        references: definitions of links.

    """
    tokens = _Reader(source.text, references).tokens()
    return [source.placed(token) for token in tokens]


@dataclass(kw_only=True, slots=True)
class _Bracket:
    """A bracket that may turn out to start a link or a picture.

    Args:
        node: place of its node.
        runs: how many runs of signs there are before it.
        picture: whether it has an exclamation mark.
        holds_bracket: whether another one follows.

    """

    node: int
    runs: int
    picture: bool
    holds_bracket: bool = False


class _Reader:
    """Reads one paragraph."""

    def __init__(self, text: str, references: References) -> None:
        self._text = text
        self._references = references
        self._nodes: list[Run] = []
        self._runs: list[Run] = []
        self._brackets: list[_Bracket] = []
        # Brackets up to here are in a link already.
        self._linked = 0
        self._ticks: dict[int, list[int]] | None = None
        self._missing: set[str] = set()
        self._readers: Mapping[str, Callable[[int], int]] = {
            "\\": self._escape,
            "`": self._code,
            "*": self._emphasis,
            "_": self._emphasis,
            "~": self._emphasis,
            "[": self._open_bracket,
            "!": self._open_bracket,
            "]": self._close_bracket,
            "<": self._markup,
            "&": self._entity,
            "\n": self._line_break,
        }

    def tokens(self) -> list[Token]:
        """Return the tokens."""
        at, text = 0, self._text
        while at < len(text):
            match = _SPECIAL.search(text, at)
            special = match.start() if match else len(text)
            if at < special:
                self._add_text(at, special)
            if special == len(text):
                break
            at = self._readers[text[special]](special)
        pair(self._runs)
        return [token for node in self._nodes for token in tokens_of(node, text)]

    def _add(self, start: int, end: int, *tokens: Token) -> int:
        """Add tokens; return where they end."""
        self._nodes.append(Run(start=start, end=end, tokens=[*tokens]))
        return end

    def _add_text(self, start: int, end: int, shown: str | None = None) -> int:
        """Add text; return where it ends."""
        shown = self._text[start:end] if shown is None else shown
        return self._add(start, end, Token(Kind.TEXT, shown, start, end))

    def _escape(self, at: int) -> int:
        """Read a backslash."""
        following = self._text[at + 1 : at + 2]
        if following == "\n":
            return self._add_break(at, at + 2)
        if _ESCAPE.match(self._text, at):
            return self._add_text(at, at + 2, following)
        return self._add_text(at, at + 1)

    def _line_break(self, at: int) -> int:
        """Read a line break, with the spaces before it."""
        last = self._nodes[-1].tokens if self._nodes else []
        if last and last[-1].kind is Kind.TEXT:
            token = last[-1]
            shown = token.value.rstrip(" ")
            cut = len(token.value) - len(shown)
            if cut and token.end - token.start == len(token.value):
                last[-1] = token._replace(value=shown, end=token.end - cut)
        return self._add_break(at, at + 1)

    def _add_break(self, start: int, end: int) -> int:
        """Add a line break: in a message, every one is meant."""
        return self._add(start, end, Token(Kind.START, "br", start, end))

    def _code(self, at: int) -> int:
        """Read code, or backticks that have no end."""
        if self._ticks is None:
            self._ticks = {}
            for match in _BACKTICKS.finditer(self._text):
                self._ticks.setdefault(len(match[0]), []).append(match.start())
        opening = _BACKTICKS.match(self._text, at)
        assert opening is not None
        start, length = opening.end(), len(opening[0])
        places = self._ticks.get(length, [])
        nearest = bisect_right(places, at)
        if nearest == len(places):
            return self._add_text(at, start)
        end = places[nearest]
        code = self._text[start:end].replace("\n", " ")
        if code.strip() and code[0] == code[-1] == " ":
            start, end, code = start + 1, end - 1, code[1:-1]
        after = places[nearest] + length
        return self._add(
            at,
            after,
            Token(Kind.START, "code", at, start),
            Token(Kind.TEXT, code, start, end),
            Token(Kind.END, "code", end, after),
        )

    def _emphasis(self, at: int) -> int:
        """Read a run of signs."""
        match = _RUN.match(self._text, at)
        assert match is not None
        sign, end = match[0][0], match.end()
        if sign == "~" and end - at != 2:
            # One is a sign of its own: ~5 °C.
            return self._add_text(at, end)
        before = self._text[at - 1 : at] or " "
        after = self._text[end : end + 1] or " "
        # A product of numbers is no emphasis: 2*3*4.
        is_product = before.isdecimal() and after.isdecimal()
        opens = hugs(after, before) and not is_product
        closes = hugs(before, after) and not is_product
        if sign == "_":
            opens, closes = (
                opens and (not closes or is_sign(before)),
                closes and (not opens or is_sign(after)),
            )
        node = Run(
            start=at,
            end=end,
            sign=sign,
            can_open=opens,
            can_close=closes,
            left=end - at,
        )
        self._nodes.append(node)
        self._runs.append(node)
        return end

    def _open_bracket(self, at: int) -> int:
        """Read the start of a link or a picture."""
        picture = self._text[at] == "!"
        if picture and not self._text.startswith("![", at):
            return self._add_text(at, at + 1)
        if self._brackets:
            self._brackets[-1].holds_bracket = True
        self._brackets.append(
            _Bracket(node=len(self._nodes), runs=len(self._runs), picture=picture)
        )
        return self._add_text(at, at + 1 + picture)

    def _close_bracket(self, at: int) -> int:
        """Read the end of a link or a picture, or a bracket."""
        if not self._brackets:
            return self._add_text(at, at + 1)
        bracket = self._brackets.pop()
        linked = len(self._brackets) < self._linked and not bracket.picture
        self._linked = min(self._linked, len(self._brackets))
        if linked or (found := self._target(bracket, at)) is None:
            return self._add_text(at, at + 1)
        target, end = found
        pair(self._runs[bracket.runs :])
        del self._runs[bracket.runs :]
        opening = self._nodes[bracket.node]
        if bracket.picture:
            inner = self._nodes[bracket.node + 1 :]
            del self._nodes[bracket.node :]
            tokens = (token for node in inner for token in tokens_of(node, self._text))
            token = Token(
                Kind.START,
                "img",
                opening.start,
                end,
                {"alt": "".join(map(_alternative, tokens)), "src": target},
            )
            return self._add(opening.start, end, token)
        self._linked = len(self._brackets)
        start = Token(Kind.START, "a", opening.start, opening.end, {"href": target})
        opening.tokens = [start]
        return self._add(at, end, Token(Kind.END, "a", at, end))

    def _target(self, bracket: _Bracket, at: int) -> tuple[str, int] | None:
        """Return the address that follows a bracket or that it refers to, and the end."""
        if match := _TARGET.match(self._text, at + 1):
            return address(match[1]), match.end()
        end, label = at + 1, ""
        if match := _LABEL.match(self._text, end):
            end, label = match.end(), match[1]
        if not label.strip() and not bracket.holds_bracket:
            label = self._text[self._nodes[bracket.node].end : at]
        if not label.strip() or len(label) > 999:
            return None
        target = self._references.address(label)
        return None if target is None else (target, end)

    def _markup(self, at: int) -> int:
        """Read an address or HTML."""
        text = self._text
        for pattern, scheme in ((_AUTOLINK, ""), (_MAIL, "mailto:")):
            if match := pattern.match(text, at):
                end = match.end()
                target = {"href": scheme + match[1]}
                return self._add(
                    at,
                    end,
                    Token(Kind.START, "a", at, at + 1, target),
                    Token(Kind.TEXT, match[1], at + 1, end - 1),
                    Token(Kind.END, "a", end - 1, end),
                )
        if match := TAG.match(text, at):
            end = self._end_of_raw(match)
            return self._add(at, end, *html_reader.read(text[at:end], at))
        for opening, closing in _DECLARATIONS:
            if match := html_reader.EMPTY_COMMENT.match(text, at):
                return self._add(at, match.end())
            if text.startswith(opening, at) and closing not in self._missing:
                end = text.find(closing, at + len(opening))
                if end < 0:
                    self._missing.add(closing)
                else:
                    return self._add(at, end + len(closing))
        return self._add_text(at, at + 1)

    def _end_of_raw(self, tag: re.Match[str]) -> int:
        """Return the end of a tag, and of all that is in it if it is no Markdown."""
        name = tag[0].strip("</>").split()[0].lower()
        if name in html_reader.RAW and not tag[0].startswith("</"):
            closing = re.compile(rf"</{name}\s*>", re.IGNORECASE)
            if name not in self._missing:
                if match := closing.search(self._text, tag.end()):
                    return match.end()
                self._missing.add(name)
        return tag.end()

    def _entity(self, at: int) -> int:
        """Read an entity."""
        if match := _ENTITY.match(self._text, at):
            shown = html.unescape(match[0])
            if shown != match[0]:
                return self._add_text(at, match.end(), shown)
        return self._add_text(at, at + 1)


def _alternative(token: Token) -> str:
    """Return what a token says in the place of a picture."""
    if token.kind is Kind.TEXT:
        return token.value
    return token.attributes.get("alt", " " if token.value == "br" else "")
