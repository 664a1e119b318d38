"""Markdown is read as it was meant; the library `markdown-it-py` judges."""

from html.parser import HTMLParser
import json
from pathlib import Path
import re
from typing import Final, override

from hypothesis import given, settings, strategies as st
from markdown_it import MarkdownIt
import pytest

from custom_components.wechat_push.clients.conversion import convert
from custom_components.wechat_push.clients.message import Format

# The examples of CommonMark 0.31.2 by John MacFarlane, under CC-BY-SA 4.0.
EXAMPLES: Final[list[str]] = json.loads(
    (Path(__file__).parent / "data" / "commonmark.json").read_text(encoding="utf-8")
)
JUDGE: Final = MarkdownIt("commonmark").enable(["table", "strikethrough"])
often = settings(max_examples=500, deadline=None, database=None, derandomize=True)


class Words(HTMLParser):
    """Collects the words that HTML shows, addresses of links included."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._links: list[str] = []
        self._silent = 0

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._silent += tag in ("script", "style", "textarea", "title")
        if tag == "a":
            self._links.append(values.get("href") or "")
        elif tag == "img":
            self._add(values.get("alt") or "")
        elif tag == "ol":
            self._add(values.get("start") or "")

    @override
    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style", "textarea", "title")
        if tag == "a" and self._links:
            self._add(self._links.pop())

    @override
    def handle_data(self, data: str) -> None:
        if self._silent <= 0:
            self._add(data)

    def _add(self, text: str) -> None:
        self.words += re.findall(r"\w+", text)


def words(page: str) -> str:
    """Return the words of HTML, without what is between them."""
    reader = Words()
    reader.feed(page)
    reader.close()
    return "".join(reader.words)
