"""What belongs together stays together at a border, and what is open goes on after it."""

from html.parser import HTMLParser
import re
from typing import Final, override

from hypothesis import given, settings, strategies as st
from markdown_it import MarkdownIt
import pytest

from custom_components.wechat_push.clients.fitting import (
    Limit,
    cut,
    fits,
    truncate,
    utf8_length,
)
from custom_components.wechat_push.clients.message import Format

JUDGE: Final = MarkdownIt("commonmark").enable(["table", "strikethrough"])
often = settings(max_examples=300, deadline=None, database=None, derandomize=True)
MARKS: Final = frozenset(
    {"a", "b", "code", "em", "i", "li", "pre", "s", "strong", "td"}
)


class Letters(HTMLParser):
    """Collects the letters of HTML, each with the marks that it has."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[tuple[str, frozenset[str]]] = []
        self._open: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in MARKS:
            self._open.append(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            del self._open[len(self._open) - 1 - self._open[::-1].index(tag)]

    @override
    def handle_data(self, data: str) -> None:
        marks = frozenset(self._open) - {"li"}
        self.letters += [(each, marks) for each in data if not each.isspace()]


def letters(*pages: str) -> list[tuple[str, frozenset[str]]]:
    """Return the letters of pages."""
    found = []
    for page in pages:
        reader = Letters()
        reader.feed(page)
        reader.close()
        found += reader.letters
    return found


@pytest.mark.parametrize(
    "whole",
    [
        "21.6℃",
        "21.6 °C",
        "-5°C",
        "1,234.5 kWh",
        "1 234,5 W",
        "80%",
        "08:15:30",
        "8:15 pm",
        "2026-11-27",
        "2026-11-27 08:15",
        "27.11.2026",
        "2026. 11. 27.",
        "27. November",
        "Nov 27, 2026",
        "2026年11月27日",
        "8点15分",
        "12 分钟",
        "¥12.50",
        "192.168.1.20",
        "https://example.com/a.b?c=1,2",
        "someone@example.com",
        "homeassistant.local",
    ],
)
@pytest.mark.parametrize(
    "before", ["客厅的温度和湿度都在上升", "One two three four five "]
)
def test_whole(whole: str, before: str) -> None:
    """No number, time, address or link is cut where there is another border."""
    text = f"{before}{whole} after"
    for room in range(len(before) + 1, len(before) + len(whole)):
        limits = (Limit(maximum=room),)
        first, *rest = cut(text, limits)
        assert len(first) <= len(before)
        assert "".join([first, *rest]) == text
        shown = truncate(text, limits).removesuffix("…")
        assert before.startswith(shown)
        assert len(shown) >= room // 4


@pytest.mark.parametrize(
    ("text", "room", "expected"),
    [
        ("温度21.6℃，湿度40%。", 7, ["温度", "21.6℃，", "湿度40%。"]),
        ("门开了。窗关了。", 6, ["门开了。", "窗关了。"]),
        ("他说：“好！”然后走了", 7, ["他说：“好！”", "然后走了"]),
        ("警报（客厅）响了", 4, ["警报", "（客厅）", "响了"]),
        (
            "请看看看看看https://x.y/a点这里",
            15,
            ["请看看看看看", "https://x.y/a点这", "里"],
        ),
        ("one.two three", 8, ["one.two ", "three"]),
        ("a.b.c.d.e.f.g.h", 8, ["a.b.c.d.", "e.f.g.h"]),
        ("x" * 12, 8, ["x" * 8, "x" * 4]),
        ("1" * 12, 8, ["1" * 8, "1" * 4]),
    ],
)
def test_text(text: str, room: int, expected: list[str]) -> None:
    """Chinese punctuation ends a word; a full stop does so before white space only."""
    assert cut(text, (Limit(maximum=room),)) == expected


@pytest.mark.parametrize(
    ("text", "room", "expected"),
    [
        pytest.param(
            "a **bold words here** b", 16, ["a **bold words**", "**here** b"], id="bold"
        ),
        pytest.param(
            "**one *two three* four**",
            16,
            ["**one *two***", "***three* four**"],
            id="bold_and_italic",
        ),
        pytest.param("`one two three`", 10, ["`one two`", "`three`"], id="code"),
        pytest.param(
            "see [the very long label](u) now",
            18,
            ["see [the very](u)", "[long label](u) ", "now"],
            id="link",
        ),
        pytest.param(
            "```py\nab 1\ncd 2\nef 3\n```\nx",
            20,
            ["```py\nab 1\ncd 2\n```", "```py\nef 3\n```\nx"],
            id="fence",
        ),
        pytest.param(
            "> one two three four", 12, ["> one two ", "> three four"], id="quote"
        ),
        pytest.param(
            "> one\n> two\n> thr", 12, ["> one\n> two\n", "> thr"], id="quotes"
        ),
        pytest.param(
            "- one\n  - two\n  - three\n- four",
            16,
            ["- one\n  - two\n", "- three\n- four"],
            id="list",
        ),
        pytest.param(
            "1. one two three\n   four\n2. five",
            14,
            ["1. one two ", "three\nfour\n", "2. five"],
            id="point",
        ),
        pytest.param(
            "|a|b|\n|-|-|\n|1|2|\n|3|4|\n|5|6|\n|7|8|\n|9|0|",
            37,
            ["|a|b|\n|-|-|\n|1|2|\n|3|4|\n|5|6|\n|7|8|\n", "|a|b|\n|-|-|\n|9|0|"],
            id="table",
        ),
        pytest.param(
            "It has - 5 °C now ok", 10, ["It ", "has - 5 °C", " now ok"], id="minus"
        ),
        pytest.param(
            "Title words\n===\nab", 14, ["Title ", "words\n===\nab"], id="underline"
        ),
        pytest.param(
            "[a b][1] and more words\n\n[1]: https://b.c",
            24,
            ["[a b](https://b.c) and ", "more words\n\n"],
            id="reference",
        ),
        pytest.param("one\\*two", 4, ["one", "\\*", "two"], id="escape"),
    ],
)
def test_markdown(text: str, room: int, expected: list[str]) -> None:
    """What is open at a border is closed, and opened again in the next piece."""
    assert cut(text, (Limit(maximum=room),), text_format=Format.MARKDOWN) == expected


@pytest.mark.parametrize(
    ("text", "room", "expected"),
    [
        pytest.param(
            "<p>one <b>two three</b></p>",
            24,
            ["<p>one <b>two</b></p>", "<p><b>three</b></p>"],
            id="bold",
        ),
        pytest.param(
            f"<ol><li>one<li>{'two ' * 9}<li>{'x' * 15}</ol>",
            60,
            [
                "<ol><li>one<li>two two two two two two two two two</ol>",
                '<ol start="3"><li>xxxxxxxxxxxxxxx</ol>',
            ],
            id="numbers",
        ),
        pytest.param(
            "<p>one</p><p>two</p>", 12, ["<p>one</p>", "<p>two</p>"], id="paragraphs"
        ),
        pytest.param("one<br>two", 8, ["one<br>", "two"], id="lines"),
        pytest.param(
            f'<a href="https://x.y">{"one two " * 9}</a>',
            70,
            [
                '<a href="https://x.y">one two one two one two one two one two one</a>',
                '<a href="https://x.y">two one two one two one two </a>',
            ],
            id="link",
        ),
        pytest.param("a &amp; b &lt;", 6, ["a ", "&amp; ", "b &lt;"], id="entities"),
    ],
)
def test_html(text: str, room: int, expected: list[str]) -> None:
    """Elements are closed and opened again; lists go on with their numbers."""
    assert cut(text, (Limit(maximum=room),), text_format=Format.HTML) == expected


@pytest.mark.parametrize(
    ("text", "text_format", "expected"),
    [
        ("a **bold words**", Format.MARKDOWN, "a **bold…**"),
        (
            f"<p>a <b>{'bold ' * 9}</b></p>",
            Format.HTML,
            "<p>a <b>bold bold bold bold bold…</b></p>",
        ),
        ("客厅温度21.6℃，很热很热很热", Format.TEXT, "客厅温度21.6℃，很热很…"),
    ],
)
def test_truncated(text: str, text_format: Format, expected: str) -> None:
    """What is open at the ellipsis is closed."""
    limits = (Limit(maximum=len(expected)),)
    assert truncate(text, limits, text_format) == expected


INLINE = st.recursive(
    st.sampled_from(
        ["one", "two 2", "中文", "21.5 °C", "，", "a_b", "x.", "\\*", "&lt;", "é", "🇨🇳"]
    ),
    lambda inner: st.one_of(
        st.builds("**{}**".format, inner),
        st.builds("_{}_".format, inner),
        st.just("~~gone~~"),
        st.builds("[{}](https://x.y)".format, inner),
        st.builds("{} {}".format, inner, inner),
        st.just("`c d`"),
    ),
    max_leaves=8,
)
BLOCKS = st.lists(
    st.one_of(
        INLINE,
        st.builds("# {}".format, INLINE),
        st.builds("> {}\n> {}".format, INLINE, INLINE),
        st.builds("- {}\n  - {}\n- {}".format, INLINE, INLINE, INLINE),
        st.builds("1. {}\n1. {}".format, INLINE, INLINE),
        st.builds("| {} | b |\n|---|---|\n| {} | c |".format, INLINE, INLINE),
        st.just("```\nx = 1\n  y\n\nz\n```"),
    ),
    min_size=1,
    max_size=8,
).map("\n\n".join)


@often
@given(text=BLOCKS, room=st.integers(min_value=60, max_value=160))
def test_pieces_of_markdown(text: str, room: int) -> None:
    """All pieces keep the limit, and together have all letters of the text."""
    limits = (Limit(maximum=room, size=utf8_length),)
    pieces = cut(text, limits, text_format=Format.MARKDOWN)
    assert all(fits(each, limits) for each in pieces)
    whole, parts = letters(JUDGE.render(text)), letters(*map(JUDGE.render, pieces))
    # A row that is cut, or a head that is said again, may differ.
    if "|" not in text:
        assert parts == whole


HTML = st.recursive(
    st.sampled_from(["one", "two 2", "中文，", "21.5 °C", "x &lt; y", "é", "<br>"]),
    lambda inner: st.one_of(
        st.builds("<b>{}</b>".format, inner),
        st.builds('<a href="https://x.y">{}</a>'.format, inner),
        st.builds("<div>{}</div>{}".format, inner, inner),
        st.builds("<ul><li>{}</li><li>{}</li></ul>".format, inner, inner),
        st.builds("<ol><li>{}<li>{}</ol>".format, inner, inner),
        st.builds("<table><tr><td>{}</td></tr></table>".format, inner),
        st.builds("<pre>{}</pre>".format, inner),
    ),
    max_leaves=20,
)


@often
@given(
    text=st.lists(HTML, min_size=4, max_size=12).map("".join),
    room=st.integers(min_value=500, max_value=700),
)
def test_pieces_of_html(text: str, room: int) -> None:
    """All pieces keep the limit, and their letters look as they did in the text."""
    limits = (Limit(maximum=room),)
    pieces = cut(text, limits, text_format=Format.HTML)
    assert all(fits(each, limits) for each in pieces)
    assert letters(*pieces) == letters(text)


@often
@given(
    text=st.text(st.sampled_from("*_`[]()<>ab \n|-#&;:.1中"), max_size=200),
    text_format=st.sampled_from(Format),
    room=st.integers(min_value=12, max_value=60),
)
def test_any_text(text: str, text_format: Format, room: int) -> None:
    """However broken a text is, its pieces keep the limit and all its words."""
    limits = (Limit(maximum=room),)
    pieces = cut(text, limits, text_format=text_format, max_pieces=1000)
    assert all(fits(each, limits) for each in pieces)
    if text_format is Format.TEXT:
        assert "".join(pieces) == text
    rest = iter("".join(pieces))
    if text_format is not Format.MARKDOWN or "]:" not in text:
        assert all(each in rest for each in re.findall(r"\w", text))
