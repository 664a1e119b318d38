"""Reader of HTML as mail programs, web pages and people write it."""

from collections.abc import Iterator
import html
import re
from typing import Final

from .tokens import NO_ATTRIBUTES, Kind, Token

# Quotes around a value that ends nowhere are no quotes.
_TAG: Final = re.compile(
    r"""<(/?)([a-zA-Z][^\s/>]*+)((?:[^=>]++|=\s*+(?:"[^"]*+"|'[^']*+')|=)*+)>"""
)
_ANY_TAG: Final = re.compile(r"<(/?)([a-zA-Z][^\s/>]*+)([^>]*+)>")
_ATTRIBUTE: Final = re.compile(
    r"""([^\s/=>"']+)(?:\s*+=\s*+("[^"]*"|'[^']*'|[^\s>]*))?"""
)
# In the value of an attribute, `&copy=` is no entity.
_ENTITY: Final = re.compile(r"&#?\w+;")
# What is in them is no HTML.
RAW: Final = frozenset({"script", "style", "textarea", "title", "xmp"})
EMPTY_COMMENT: Final = re.compile(r"<!--(?:-?>)")
_DECLARATIONS: Final = (("<!--", "-->"), ("<!", ">"), ("<?", ">"))


def read(text: str, offset: int = 0) -> Iterator[Token]:
    """Return the tokens of HTML.

    What is not complete is text: no word is lost in a tag that does not end.

    Args:
        text: the HTML.
        offset: where the text starts in the source.

    """
    tokens = _Reader(text).tokens()
    if not offset:
        return tokens
    return (
        token._replace(start=token.start + offset, end=token.end + offset)
        for token in tokens
    )


class _Reader:
    """Splits HTML into tokens."""

    def __init__(self, text: str) -> None:
        self._text = text
        # Ends that were searched for in vain are not searched for again.
        self._missing: set[str] = set()
        self._tag = _TAG

    def tokens(self) -> Iterator[Token]:
        """Return the tokens."""
        at = written = 0
        while (at := self._text.find("<", at)) >= 0:
            if (found := self._markup(at)) is None:
                at += 1
                continue
            if written < at:
                yield self._read_text(written, at)
            token, at = found
            written = at
            if token is None:
                continue
            yield token
            if token.kind is Kind.START and token.value in RAW:
                end = self._find(f"</{token.value}", at)
                if written < end:
                    yield self._raw_text(token.value, written, end)
                at = written = end
        if written < len(self._text):
            yield self._read_text(written, len(self._text))

    def _markup(self, at: int) -> tuple[Token | None, int] | None:
        """Return the tag or the comment at a place and where it ends, or None."""
        if match := EMPTY_COMMENT.match(self._text, at):
            return None, match.end()
        for opening, closing in _DECLARATIONS:
            if self._text.startswith(opening, at):
                end = self._find(closing, at + len(opening))
                return None if end < 0 else (None, end + len(closing))
        if ">" in self._missing or (match := self._match(at)) is None:
            return None
        name, end = match[2].lower(), match.end()
        if match[1]:
            return Token(Kind.END, name, at, end), end
        if name in RAW and self._find(f"</{name}", end) < 0:
            # Without an end it would hide all that follows.
            return None, end
        attributes = _attributes(match[3]) if match[3] else NO_ATTRIBUTES
        return Token(Kind.START, name, at, end, attributes), end

    def _match(self, at: int) -> re.Match[str] | None:
        """Return the tag at a place."""
        match = self._tag.match(self._text, at)
        if match is None and self._text[at + 1 : at + 3].strip("/")[:1].isalpha():
            if self._find(">", at) < 0:
                return None
            # It ends within quotes only, and so does every other that follows.
            self._tag = _ANY_TAG
            match = self._tag.match(self._text, at)
        return match

    def _find(self, end: str, start: int) -> int:
        """Return where an end is found, whatever its case, or -1."""
        if end in self._missing:
            return -1
        if end.startswith("</"):
            match = re.compile(re.escape(end), re.IGNORECASE).search(self._text, start)
            found = match.start() if match else -1
        else:
            found = self._text.find(end, start)
        if found < 0:
            self._missing.add(end)
        return found

    def _read_text(self, start: int, end: int) -> Token:
        """Return text with its entities."""
        return Token(Kind.TEXT, html.unescape(self._text[start:end]), start, end)

    def _raw_text(self, name: str, start: int, end: int) -> Token:
        """Return text in which nothing but entities is markup, or not even these."""
        if name in ("textarea", "title"):
            return self._read_text(start, end)
        return Token(Kind.TEXT, self._text[start:end], start, end)


def _attributes(text: str) -> dict[str, str]:
    """Return the attributes in a tag; the first one of a name counts."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(text):
        value = match[2] or ""
        if value[:1] in ("'", '"') and value[-1:] == value[:1]:
            value = value[1:-1]
        value = _ENTITY.sub(lambda entity: html.unescape(entity[0]), value)
        found.setdefault(match[1].lower(), value)
    return found
