"""Markdown is read as it was meant; the library `markdown-it-py` judges."""

from html.parser import HTMLParser
import json
from pathlib import Path
import re
from typing import Final, override
import unicodedata
from urllib.parse import unquote

from hypothesis import given, settings, strategies as st
from markdown_it import MarkdownIt

from custom_components.wechat_push.clients.conversion import convert
from custom_components.wechat_push.clients.message import Format

# The examples of CommonMark 0.31.2 by John MacFarlane, under CC-BY-SA 4.0.
EXAMPLES: Final[list[str]] = json.loads(
    (Path(__file__).parent / "data" / "commonmark.json").read_text(encoding="utf-8")
)
# Definitions that no link refers to, and tags without an end, are text: "[INFO]: started".
KEPT: Final = {
    *(156, 157, 158, 173, 207, 208, 210, 317, 536, 537, 538, 545, 563, 565, 567, 571),
    592,
}
PARTS: Final = [
    *("# ", "## ", "- ", "* ", "1. ", "27. ", "2) ", "> ", "```\n", "~~~\n", "    "),
    *("**", "*", "_", "`", "~~", "[a](b)", "![c](d)", "[e]", "<https://f.g>", "\\"),
    *("| h | i |\n", "|---|---|\n", "|", "---", "===", "\n", "\n\n", "\t", " ", "  \n"),
    *("&amp;", "&#21;", "j", "kl", "3", "21.5", "中文", "温度：", "。", "(", ")", "!"),
]
NUMBERED: Final = [
    *("27. November: paper bins out", "3. Stock: 5", "2026. 11. 27. 08:15", "", "1. a"),
    *("1) b", "2) c", "   d 7", "- e 8", "  - f 9", "    3. g", "prose 10", "> 4. h"),
    *("12 | 13", "21.6 °C", "# 14", "15.", "-", "1986.", "10.0.0.1", "温度 21.6℃"),
]
JUDGE: Final = MarkdownIt("commonmark").enable(["table", "strikethrough"])
often = settings(max_examples=500, deadline=None, database=None, derandomize=True)


class Words(HTMLParser):
    """Collects the words that HTML shows, with the addresses of links or without."""

    def __init__(self, *, links: bool) -> None:
        super().__init__()
        self._shows_links = links
        self.words: list[str] = []
        self._links: list[str] = []
        self._silent = 0

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._silent += tag in ("script", "style", "textarea", "title")
        if tag == "a" and self._shows_links:
            self._links.append(unquote(values.get("href") or ""))
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

    @override
    def close(self) -> None:
        super().close()
        for each in reversed(self._links):
            self._add(each)

    def _add(self, text: str) -> None:
        self.words += re.findall(r"[^\W_]+", text)


def words(page: str, *, links: bool = True) -> list[str]:
    """Return the words of HTML, with the addresses of links or without."""
    reader = Words(links=links)
    reader.feed(page)
    reader.close()
    return reader.words


def is_within(part: list[str], whole: list[str]) -> bool:
    """Return if all words of a text are in another one, in their order."""
    rest = iter(whole)
    return all(word in rest for word in part)


def test_examples_of_commonmark() -> None:
    """Every example has the words that CommonMark gives it, in their order."""
    assert len(EXAMPLES) == 652
    for number, text in enumerate(EXAMPLES, 1):
        theirs = "".join(words(JUDGE.render(text)))
        ours = "".join(words(convert(text, Format.MARKDOWN, Format.HTML)))
        if number in KEPT:
            assert is_within([*theirs], [*ours]), text
        else:
            assert ours == theirs, text


def test_examples_as_text() -> None:
    """The text of every example has the words and the numbers of its HTML."""
    for text in EXAMPLES:
        page = convert(text, Format.MARKDOWN, Format.HTML)
        read = convert(text, Format.MARKDOWN, Format.TEXT)
        found = [word.lstrip("0") or word for word in re.findall(r"[^\W_]+", read)]
        shown = [word for word in words(page, links=False) if word in read]
        assert is_within([*"".join(shown)], [*"".join(found)]), text
        again = convert(page, Format.HTML, Format.TEXT)
        assert found == re.findall(r"[^\W_]+", again), text


@often
@given(
    text=st.lists(
        st.one_of(st.sampled_from(PARTS), st.text(max_size=5)), max_size=30
    ).map("".join)
)
def test_like_another_library(text: str) -> None:
    """Any Markdown has the words that CommonMark gives it, in their order."""
    theirs = words(JUDGE.render(unicodedata.normalize("NFC", text)))
    ours = words(convert(text, Format.MARKDOWN, Format.HTML))
    assert is_within([*"".join(theirs)], [*"".join(ours)])


@often
@given(text=st.lists(st.sampled_from(NUMBERED), max_size=12).map("\n".join))
def test_no_number_is_lost(text: str) -> None:
    """All words and numbers of a list stay, in their order."""
    read = convert(text, Format.MARKDOWN, Format.TEXT)
    assert re.findall(r"\w+", read) == re.findall(r"[^\W_]+", text)
