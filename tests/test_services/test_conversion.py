"""Tests for the conversion of text formats."""

import re

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.wechat_push.clients.conversion import convert, html_to_text
from custom_components.wechat_push.clients.message import Format

TAGS = [
    *("a", "b", "blockquote", "body", "br", "code", "dd", "div", "dl", "dt", "em"),
    *("h1", "h3", "head", "hr", "html", "img", "li", "ol", "p", "pre", "script"),
    *("span", "style", "table", "td", "template", "th", "title", "tr", "ul", "u"),
]
# Their content is not shown.
SILENT = {"head", "script", "style", "template", "title"}
PIECES = [
    *(f"<{tag}>" for tag in TAGS),
    *(f"</{tag}>" for tag in TAGS),
    *("<br/>", '<a href="https://x.y/?a=1&amp;b=2">', '<img src="s" alt="A">'),
    *("<!-- note -->", "<!doctype html>", "<![CDATA[x]]>", "<?php x ?>"),
    *("&amp;", "&lt;b&gt;", "&nbsp;", "&#20013;", "&#0;", "&#xD800;", "&nope;", "&"),
    *("<", ">", "</", "<a", '<a href="', "<!--", "\x00", "\r\n", "  ", "中文", "word"),
]
MARKS = [
    *("# ", "## ", "- ", "1. ", "> ", "| a | b |\n", "|---|---|\n", "```\n", "    "),
    *("**", "*", "_", "`", "~~", "[a](", "![b](", ")", "](https://x.y)", "<b>", "\n"),
    *("\n\n", "\\", "---\n", "&lt;", "word", "中文", " ", "\t", "\x00", "<div>\n"),
]
ALL_CHARACTERS = st.characters(exclude_categories=["Cs"])

any_text = st.text(ALL_CHARACTERS, max_size=60)
html_pieces = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
markdown_pieces = st.lists(st.sampled_from(MARKS), max_size=40).map("".join)
words = st.text(st.characters(categories=["L", "N", "P"], exclude_characters="<&"))
often = settings(max_examples=300, deadline=None, database=None, derandomize=True)


def trees() -> st.SearchStrategy[str]:
    """Return a strategy for nested, well-formed HTML."""
    shown = [
        tag for tag in TAGS if tag not in SILENT and tag not in ("br", "hr", "img")
    ]
    return st.recursive(
        words,
        lambda inner: st.builds(
            lambda tag, children: f"<{tag} class='x'>{''.join(children)}</{tag}>",
            st.sampled_from(shown),
            st.lists(inner, max_size=4),
        ),
        max_leaves=20,
    )


@often
@given(
    text=st.one_of(any_text, html_pieces, markdown_pieces),
    source=st.sampled_from(Format),
    target=st.sampled_from(Format),
)
def test_anything_can_be_converted(text: str, source: Format, target: Format) -> None:
    """Test that any text can be converted."""
    assert isinstance(convert(text, source, target), str)


@often
@given(text=trees())
def test_no_tags_are_left(text: str) -> None:
    """Test that the words of well-formed HTML remain, in order, and no tags."""
    read = html_to_text(text)
    assert "<" not in read
    # Leave out the characters that represent lists and tables.
    signs = r"[•|.\d\s]"
    written = re.sub(r"<[^<>]*>", " ", text)
    assert re.sub(signs, "", read) == re.sub(signs, "", written)


@often
@given(text=any_text)
def test_text_comes_back(text: str) -> None:
    """Test that a text survives the conversion to HTML and back, but for white space."""
    page = convert(text, Format.TEXT, Format.HTML)
    assert html_to_text(page).split() == text.split()


@often
@given(text=any_text, format_=st.sampled_from(Format))
def test_same_format(text: str, format_: Format) -> None:
    """Test that a text in the right format is not changed."""
    assert convert(text, format_, format_) == text


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("", ""),
        ("  a \n b  ", "a b"),
        ("a<br>b<br/>c<br />d", "a\nb\nc\nd"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("<h1>Title</h1><p>Text <b>bold</b> <i>it</i></p>", "Title\n\nText bold it"),
        ("<ul><li>a</li><li>b</li></ul>", "• a\n• b"),
        ("<ol><li>a</li><li>b</li></ol>c", "1. a\n2. b\n\nc"),
        (
            "<ul><li>a<ol><li>b</li><li>c<ul><li>d</li></ul></li></ol></li>"
            "<li>e</li></ul>",
            "• a\n  1. b\n  2. c\n    • d\n• e",
        ),
        ("<li>alone</li>", "• alone"),
        (
            "<table><tr><th>Room</th><th>°C</th></tr>"
            "<tr><td>Hall</td><td>21.5</td></tr></table>",
            "Room | °C\nHall | 21.5",
        ),
        ("<table><tr><td></td><td>x</td></tr></table>", "| x"),
        ("<table><tr><td>a</td><td></td><td>c</td></tr></table>", "a | | c"),
        ('<a href="https://x.y/?a=1&amp;b=2">Look</a>', "Look (https://x.y/?a=1&b=2)"),
        ('<a href="https://x.y">https://x.y</a>', "https://x.y"),
        ('<a href="mailto:a@b.c">a@b.c</a>', "a@b.c"),
        ('<a href="https://x.y"></a>', "https://x.y"),
        ('<a href="https://x.y"><b>L</b>ook</a> now', "Look (https://x.y) now"),
        ("<a name='x'>Here</a>", "Here"),
        (
            '<img src="https://x.y/z.jpg" alt="The door"> open',
            "The door (https://x.y/z.jpg) open",
        ),
        ('<img src="https://x.y/z.jpg">', "https://x.y/z.jpg"),
        ('a<img src="data:image/png;base64,AAAA">b', "ab"),
        ('<img src="cid:1" alt="Logo">', "Logo"),
        ("<code>a  b</code>", "a b"),
        ("<pre>a  b\n  c</pre>d", "a  b\n  c\n\nd"),
        ("a<hr>b", "a\n\n———\n\nb"),
        ("&lt;b&gt; &amp;amp; &nbsp;&#20013;&#x6587;", "<b> &amp; \xa0中文"),
        ("1 &lt; 2 & 3 < 4", "1 < 2 & 3 < 4"),
        ("a<script>if (1 < 2) alert('<b>')</script>b", "ab"),
        ("<style>b { color: red }</style>a", "a"),
        (
            "<!doctype html><html><head><title>T</title><style>x</style></head>"
            "<body><!-- note -->Text</body></html>",
            "Text",
        ),
        # The end tag of the head is optional.
        ("<html><head><meta charset=utf-8><title>T</title><body>Text", "Text"),
        ("</p></ul></a></pre></script>Text", "Text"),
        ("<dl><dt>a</dt><dd>b</dd></dl>", "a\nb"),
    ],
)
def test_html_to_text(page: str, text: str) -> None:
    """Test the conversion of HTML to plain text."""
    assert convert(page, Format.HTML, Format.TEXT) == text


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("# Title\n\nText **bold** *it* ~~no~~", "Title\n\nText bold it no"),
        ("a\nb", "a b"),
        ("a  \nb", "a\nb"),
        ("- a\n  - b\n    1. c\n- d", "• a\n  • b\n    1. c\n• d"),
        ("1. a\n2. b", "1. a\n2. b"),
        (
            "| Room | °C |\n|---|--:|\n| Hall | 21.5 |\n| Bath | 23 |",
            "Room | °C\nHall | 21.5\nBath | 23",
        ),
        ("[Look](https://x.y)", "Look (https://x.y)"),
        ("<https://x.y>", "https://x.y"),
        ("![The door](https://x.y/z.jpg)", "The door (https://x.y/z.jpg)"),
        ("`a <b> c`", "a <b> c"),
        ("```yaml\na:\n  - b\n```", "a:\n  - b"),
        ("> a\n> b", "a b"),
        ("a &amp; b \\*c\\*", "a & b *c*"),
        ('<font color="info">a</font><script>b</script>', "a"),
    ],
)
def test_markdown_to_text(markdown: str, text: str) -> None:
    """Test the conversion of Markdown to plain text."""
    assert convert(markdown, Format.MARKDOWN, Format.TEXT) == text


@pytest.mark.parametrize(
    ("source", "text", "page"),
    [
        (Format.TEXT, 'a < b & "c"\n<d>', 'a &lt; b &amp; "c"<br/>&lt;d&gt;'),
        (Format.MARKDOWN, "# a\n\nb **c**", "<h1>a</h1>\n<p>b <strong>c</strong></p>"),
        (Format.MARKDOWN, "<b>a</b>", "<p><b>a</b></p>"),
        (Format.HTML, "<b>a</b>", "<b>a</b>"),
    ],
)
def test_to_html(source: Format, text: str, page: str) -> None:
    """Test the conversion of text and Markdown to HTML."""
    assert convert(text, source, Format.HTML) == page
