"""Reader of what a paragraph of Markdown holds: emphasis, code, links, pictures."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
import html
import re
from typing import Final

from . import html as html_reader
from .emphasis import Runs, hugs, is_sign
from .source import References, Source
from .tokens import Kind, Token, Tokens

# Where something other than text may start; what follows tells most signs that are text,
# each of which would be a token. Every branch starts with a character, so that the regular
# expression is searched for as fast as a set of them.
_SPECIAL: Final = re.compile(r"\\|`|\*|_|~|\[|\]|\n|!(?=\[)|<(?=[^\s<>])|&(?=[#\w])")
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


def read(source: Source, references: References) -> Iterator[Token]:
    """Return the tokens of a paragraph.

    Args:
        source: the paragraph.
        references: definitions of links.

    """
    return map(source.placed, _Reader(source.text, references).tokens())


class _Reader:
    """Reads one paragraph."""

    def __init__(self, text: str, references: References) -> None:
        self._text = text
        self._references = references
        # A run of signs is text until it is known what it is; its number, by its place.
        self._tokens = Tokens()
        self._runs = Runs(text)
        self._run_at: dict[int, int] = {}
        # Runs that are in no link.
        self._free: list[int] = []
        # Brackets that may turn out to start a link or a picture: place of the token, free
        # runs before it, number of the bracket.
        self._brackets: list[tuple[int, int, int]] = []
        self._opened = 0
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

    def tokens(self) -> Iterator[Token]:
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
        self._runs.pair(self._free)
        return self._since(0)

    def _since(self, place: int) -> Iterator[Token]:
        """Return the tokens from a place on, with those of the runs of signs."""
        tokens = self._tokens.between(place, len(self._tokens))
        for at, token in enumerate(tokens, place):
            if (run := self._run_at.get(at)) is None:
                yield token
            else:
                yield from self._runs.tokens(run)

    def _add(self, end: int, *tokens: Token) -> int:
        """Add tokens; return where they end."""
        for token in tokens:
            self._tokens.append(token)
        return end

    def _add_text(self, start: int, end: int, shown: str | None = None) -> int:
        """Add text; return where it ends."""
        shown = self._text[start:end] if shown is None else shown
        return self._add(end, Token(Kind.TEXT, shown, start, end))

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
        last = len(self._tokens) - 1
        if last >= 0 and self._text[at - 1] == " ":
            token = self._tokens[last]
            shown = token.value.rstrip(" ")
            cut = len(token.value) - len(shown)
            is_plain = token.end == at and token.end - token.start == len(token.value)
            if token.kind is Kind.TEXT and is_plain:
                self._tokens[last] = token._replace(value=shown, end=at - cut)
        return self._add_break(at, at + 1)

    def _add_break(self, start: int, end: int) -> int:
        """Add a line break: in a message, every one is meant."""
        return self._add(end, Token(Kind.START, "br", start, end))

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
        run = self._runs.add(at, end, can_open=opens, can_close=closes)
        self._run_at[len(self._tokens)] = run
        self._free.append(run)
        return self._add_text(at, end)

    def _open_bracket(self, at: int) -> int:
        """Read the start of a link or a picture."""
        picture = self._text[at] == "!"
        self._opened += 1
        self._brackets.append((len(self._tokens), len(self._free), self._opened))
        return self._add_text(at, at + 1 + picture)

    def _close_bracket(self, at: int) -> int:
        """Read the end of a link or a picture, or a bracket."""
        if not self._brackets:
            return self._add_text(at, at + 1)
        place, runs, number = self._brackets.pop()
        opening = self._tokens[place]
        picture = opening.value == "!["
        linked = len(self._brackets) < self._linked and not picture
        self._linked = min(self._linked, len(self._brackets))
        if linked or (found := self._target(opening, number, at)) is None:
            return self._add_text(at, at + 1)
        target, end = found
        self._runs.pair(self._free[runs:])
        del self._free[runs:]
        if picture:
            shown = "".join(map(_alternative, self._since(place + 1)))
            self._tokens.cut(place)
            while self._run_at and next(reversed(self._run_at)) > place:
                self._run_at.popitem()
            attributes = {"alt": shown, "src": target}
            return self._add(
                end, Token(Kind.START, "img", opening.start, end, attributes)
            )
        self._linked = len(self._brackets)
        self._tokens[place] = Token(
            Kind.START, "a", opening.start, opening.end, {"href": target}
        )
        return self._add(end, Token(Kind.END, "a", at, end))

    def _target(self, opening: Token, number: int, at: int) -> tuple[str, int] | None:
        """Return the address that follows a bracket or that it refers to, and the end."""
        if match := _TARGET.match(self._text, at + 1):
            return address(match[1]), match.end()
        end, label = at + 1, ""
        if match := _LABEL.match(self._text, end):
            end, label = match.end(), match[1]
        if not label.strip() and self._opened == number:
            # No other bracket is in it.
            label = self._text[opening.end : at]
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
                    end,
                    Token(Kind.START, "a", at, at + 1, target),
                    Token(Kind.TEXT, match[1], at + 1, end - 1),
                    Token(Kind.END, "a", end - 1, end),
                )
        if match := TAG.match(text, at):
            end = self._end_of_raw(match)
            return self._add(end, *html_reader.read(text[at:end], at))
        for opening, closing in _DECLARATIONS:
            if match := html_reader.EMPTY_COMMENT.match(text, at):
                return match.end()
            if text.startswith(opening, at) and closing not in self._missing:
                end = text.find(closing, at + len(opening))
                if end < 0:
                    self._missing.add(closing)
                else:
                    return end + len(closing)
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
