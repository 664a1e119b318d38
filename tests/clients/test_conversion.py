"""Texts are turned into the formats that a service shows, and stay readable."""

import html
import re
import unicodedata

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.wechat_push.clients.conversion import convert, first_line
from custom_components.wechat_push.clients.message import Format

often = settings(max_examples=300, deadline=None, database=None, derandomize=True)
TAGS = [
    *("a", "b", "blockquote", "body", "br", "code", "dd", "div", "dl", "dt", "em"),
    *("h1", "h3", "head", "hr", "html", "img", "li", "ol", "p", "pre", "script"),
    *("span", "style", "table", "td", "template", "th", "title", "tr", "ul", "u"),
]
# Nobody is to read what is in these.
SILENT = {"script", "style", "template", "title"}
# Pieces that mean something to HTML or Markdown, and some that do not.
PIECES = [
    *(f"<{tag}>" for tag in TAGS),
    *(f"</{tag}>" for tag in TAGS),
    *("<br/>", '<a href="https://x.y/?a=1&amp;b=2">', '<img src="s" alt="A">'),
    *("<!-- note -->", "<!doctype html>", "<![CDATA[x]]>", "<?php x ?>", "<p hidden>"),
    *("&amp;", "&lt;b&gt;", "&nbsp;", "&#20013;", "&#0;", "&#xD800;", "&nope;", "&"),
    *("<", ">", "</", "<a", '<a href="', "<!--", "\x00", "\r\n", "  ", "中文", "word"),
    *("# ", "## ", "- ", "1. ", "27. ", "> ", "| a | b |\n", "|---|---|\n", "```\n"),
    *("**", "*", "_", "`", "~~", "[a](", "![b](", ")", "](https://x.y)", "[c]: d\n"),
    *("\n", "\n\n", "\\", "---\n", "    ", "\t", "\x1b[31m", "\ud83d", "21.5", "℃"),
]
any_text = st.text(max_size=60)
pieces = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
words = st.text(st.characters(categories=["L", "N", "P"], exclude_characters="<&"))


def trees() -> st.SearchStrategy[str]:
    """Return well-formed HTML of elements within elements."""
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
    text=st.one_of(any_text, pieces),
    source=st.sampled_from(Format),
    target=st.sampled_from(Format),
)
def test_anything_goes(text: str, source: Format, target: Format) -> None:
    """No text is so broken that nothing comes of it."""
    assert isinstance(convert(text, source, target), str)


@often
@given(text=st.one_of(words, pieces))
def test_no_control_characters(text: str) -> None:
    """Not even entities give control characters."""
    for source in (Format.MARKDOWN, Format.HTML):
        read = convert(html.escape(text) + "&#7;&#27;&#x9b;", source, Format.TEXT)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", read)


@often
@given(text=trees())
def test_no_word_of_html_is_lost(text: str) -> None:
    """Of well-formed HTML the words stay, in their order, and nothing else."""
    read = convert(text, Format.HTML, Format.TEXT)
    assert "<" not in read
    # What lists and tables show by signs of their own is not in the words.
    signs = r"[•|.\d\s]"
    written = unicodedata.normalize("NFC", re.sub(r"<[^<>]*>", " ", text))
    assert re.sub(signs, "", read) == re.sub(signs, "", written)


@often
@given(text=any_text)
def test_text_comes_back(text: str) -> None:
    """A text that went through HTML is the same again, up to white space."""
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", "", text)
    page = convert(text, Format.TEXT, Format.HTML)
    read = convert(page, Format.HTML, Format.TEXT)
    assert read.split() == unicodedata.normalize("NFC", text).split()


@pytest.mark.parametrize("text", ["", " a <b>*c*\n"])
@pytest.mark.parametrize(
    ("source", "target"),
    [(each, each) for each in Format],
)
def test_nothing_to_do(text: str, source: Format, target: Format) -> None:
    """A text in the right format is not touched."""
    assert convert(text, source, target) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb\n\n\nc", "a\n\nb\n\nc"),
        ("**a** _b_ `c` [d](e)", r"\*\*a\*\* \_b\_ \`c\` \[d\](e)"),
        ("<b> & &amp; a|b", r"\<b> & \&amp; a\|b"),
        (
            "# 1\n27. November\n- 5 °C\n> 3",
            "\\# 1\n\n27\\. November\n\n\\- 5 °C\n\n\\> 3",
        ),
        ("sensor.front_door: 21-6 ~5 ~~x~~", r"sensor.front\_door: 21-6 ~5 \~\~x\~\~"),
        ("a  b\n    c", "a\u00a0\u00a0b\n\n\u00a0\u00a0\u00a0\u00a0c"),
        (
            "见 https://a.b/c_d(1)?e=*。(https://f.g).",
            r"见 [https://a.b/c\_d(1)?e=\*](https://a.b/c_d%281%29?e=*)。"
            "([https://f.g](https://f.g)).",
        ),
    ],
)
def test_text_as_markdown(text: str, expected: str) -> None:
    """Plain text is read as it is written, and its addresses can be opened."""
    assert convert(text, Format.TEXT, Format.MARKDOWN) == expected


@often
@given(text=st.text(st.sampled_from("ab1 -+*_~`#<>[]()|&;:/.!\\中\n"), max_size=40))
def test_text_as_markdown_and_back(text: str) -> None:
    """Nothing of a plain text is markup."""
    shown = convert(
        convert(text, Format.TEXT, Format.MARKDOWN), Format.MARKDOWN, Format.TEXT
    )
    assert shown.split() == text.split()


def test_html_as_markdown() -> None:
    """A page becomes its text, where Markdown is all that a service shows."""
    shown = convert("<p>1 &lt; <b>2*</b></p><p>c</p>", Format.HTML, Format.MARKDOWN)
    assert shown == "1 \\< 2\\*\n\nc"


@pytest.mark.parametrize("source", Format)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tu\u0308r", "T\u00fcr"),
        ("\u1112\u1161\u11ab", "\ud55c"),
        (
            "Tu\u0308r https://x.y/u\u0308?a u\u0308",
            "T\u00fcr https://x.y/u\u0308?a \u00fc",
        ),
    ],
)
def test_composed(source: Format, text: str, expected: str) -> None:
    """Letters are in normal form C; addresses stay as they are."""
    assert convert(text, source, Format.TEXT) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a < b & "c"\nd', 'a &lt; b &amp; "c"<br/>d'),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("  - a\n    - b", "\xa0\xa0- a<br/>\xa0\xa0\xa0\xa0- b"),
        (
            "Hall   21.5\nBath\t 23",
            "Hall\xa0\xa0\xa021.5<br/>Bath\xa0\xa0\xa0\xa0\xa023",
        ),
        ("a b\n c", "a b<br/>\xa0c"),
    ],
)
def test_text_to_html(text: str, expected: str) -> None:
    """Plain text looks the same as HTML, columns and indents included."""
    assert convert(text, Format.TEXT, Format.HTML) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "# A\n\n**b** *c* ~~d~~",
            "<h1>A</h1>\n<p><strong>b</strong> <em>c</em> <s>d</s></p>",
        ),
        ("a <br> b\nc", "<p>a <br/>\n b<br/>\nc</p>"),
        ("<b>a</b>", "<p><b>a</b></p>"),
        ("`<a>`", "<p><code>&lt;a&gt;</code></p>"),
        (
            "[a](https://example.com/?b&c)",
            '<p><a href="https://example.com/?b&amp;c">a</a></p>',
        ),
        ("1. a\n1. b", '<ol>\n<li>a</li>\n<li value="1">b</li>\n</ol>'),
        (
            "3. a\n\n   b\n4. c",
            '<ol start="3">\n<li>a<p>b</p>\n</li>\n<li>c</li>\n</ol>',
        ),
        ("```\na <b>\n c\n```", "<pre><code>a &lt;b&gt;\n c</code></pre>"),
        ("> a\n\n---", "<blockquote>\n<p>a</p>\n</blockquote>\n<hr/>"),
    ],
)
def test_markdown_to_html(text: str, expected: str) -> None:
    """Markdown becomes HTML, and HTML in it stays."""
    assert convert(text, Format.MARKDOWN, Format.HTML) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("**a** _b_ ~~c~~ `d`", "a b c d", id="marks"),
        pytest.param("# A\n\nb\nc", "A\n\nb\nc", id="heading"),
        pytest.param("a  \nb\\\nc", "a\nb\nc", id="line_breaks"),
        pytest.param("- a\n- b\n  - c\n- d", "• a\n• b\n  • c\n• d", id="list"),
        pytest.param("- a\n\n- b\n\n  c", "• a\n• b\n  c", id="loose_list"),
        pytest.param("1. a\n2. b", "1. a\n2. b", id="numbers"),
        pytest.param("1) a\n1) b", "1) a\n1) b", id="numbers_as_written"),
        pytest.param("1. a\n\n2. b", "1. a\n2. b", id="loose_numbers"),
        pytest.param(
            "27. November: paper bins out", "27. November: paper bins out", id="date"
        ),
        pytest.param("3. Stock: empty", "3. Stock: empty", id="ordinal"),
        pytest.param("2026. 11. 27. 08:15", "2026. 11. 27. 08:15", id="korean_date"),
        pytest.param("007. Bond", "007. Bond", id="zeros"),
        pytest.param(
            "1. 关阀门\n2. 拉闸\n\n等五分钟。\n\n3. 开阀门\n4. 合闸",
            "1. 关阀门\n2. 拉闸\n\n等五分钟。\n\n3. 开阀门\n4. 合闸",
            id="steps_and_prose",
        ),
        pytest.param("> a\n> b\n\nc", "a\nb\n\nc", id="quote"),
        pytest.param(
            "> - a\n>   - b\nlazy", "• a\n  • b\n    lazy", id="list_in_quote"
        ),
        pytest.param("a\n\n---\n\nb", "a\n\n———\n\nb", id="rule"),
        pytest.param("```\na  b\n\n\n c\n```\nd", "a  b\n\n\n c\n\nd", id="code"),
        pytest.param(
            "- a\n  ```\n  b\n   c\n  ```", "• a\n\n  b\n   c", id="code_in_list"
        ),
        pytest.param("~~~yaml\na:\n  - b", "a:\n  - b", id="open_code"),
        pytest.param("| a | b |\n|---|---|\n| 1 | 2 |", "a | b\n1 | 2", id="table"),
        pytest.param(
            "房间 | 温度\n--- | ---\n客厅 | 21.6℃ | 高\n卧室 |",
            "房间 | 温度\n客厅 | 21.6℃ | 高\n卧室",
            id="ragged_table",
        ),
        pytest.param("[a](https://b.c)", "a (https://b.c)", id="link"),
        pytest.param('[a](<b c> "d")', "a (b c)", id="link_with_title"),
        pytest.param("[a][1]\n\n[1]: https://b.c", "a (https://b.c)", id="reference"),
        pytest.param("[ERROR]: timeout", "[ERROR]: timeout", id="no_reference"),
        pytest.param("<https://b.c>", "https://b.c", id="address"),
        pytest.param("<a@b.c>", "a@b.c", id="mail"),
        pytest.param("![a](https://b.c/d)", "a (https://b.c/d)", id="picture"),
        pytest.param("\\*a\\* &lt; <b>b</b>", "*a* < b", id="escapes"),
        pytest.param("`a <b> c`", "a <b> c", id="tags_in_code"),
        pytest.param("**温度：**正常，__门__开", "温度：正常，__门__开", id="chinese"),
        pytest.param("~5 °C, ~6 °C, 2*3*4", "~5 °C, ~6 °C, 2*3*4", id="signs"),
        pytest.param("snake_case_name 5*", "snake_case_name 5*", id="no_marks"),
        pytest.param('<font color="info">a</font><script>b</script>', "a", id="html"),
        pytest.param("<script>never ended", "never ended", id="open_script"),
        pytest.param("<div>\na *b*\n</div>\n\n*c*", "a *b*\n\nc", id="html_block"),
        pytest.param("- [x] done\n- [ ] todo", "• [x] done\n• [ ] todo", id="tasks"),
        pytest.param("a\n1986. b\n27. c", "a\n1986. b\n27. c", id="numbers_in_prose"),
    ],
)
def test_markdown_to_text(text: str, expected: str) -> None:
    """Of Markdown remains what a person would read."""
    assert convert(text, Format.MARKDOWN, Format.TEXT) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param(" a\n  b ", "a b", id="white_space"),
        pytest.param("a<br>b<br/>c</br>d", "a\nb\nc\nd", id="line_breaks"),
        pytest.param("a<br><br><br><br>b", "a\n\nb", id="many_line_breaks"),
        pytest.param("<p>a</p><p>b</p>", "a\n\nb", id="paragraphs"),
        pytest.param("<p>a<p>b<div>c", "a\n\nb\n\nc", id="unended_paragraphs"),
        pytest.param("<div>a</div><div>b</div>c", "a\nb\nc", id="divisions"),
        pytest.param("a &lt;b&gt; &amp; &#38; &#x4e2d;", "a <b> & & 中", id="entities"),
        pytest.param("&amp;amp; 1 &lt; 2 & 3 < 4", "&amp; 1 < 2 & 3 < 4", id="and"),
        pytest.param("<b>a</b><i> b</i>", "a b", id="inline"),
        pytest.param("<pre> a\n  b</pre>c", " a\n  b\n\nc", id="preformatted"),
        pytest.param("<code>a  b</code>", "a b", id="code"),
        pytest.param(
            "<ul><li>a<li>b<ol><li>c<li>d</ol></ul>e",
            "• a\n• b\n  1. c\n  2. d\n\ne",
            id="lists",
        ),
        pytest.param("<ul><li><p>a</p><p>b</p></ul>", "• a\n  b", id="long_point"),
        pytest.param("<ol start=5><li>a<li>b</ol>", "5. a\n6. b", id="first_number"),
        pytest.param(
            "<ol><li>a<li value=5>b<li>c</ol>", "1. a\n5. b\n6. c", id="value"
        ),
        pytest.param("<ol start=x><li value=>a</ol>", "1. a", id="no_numbers"),
        pytest.param("<li>a", "• a", id="item_alone"),
        pytest.param("</p></ul></a></pre></script>a", "a", id="ends_alone"),
        pytest.param("<b>a<p>b</b>c</p>d", "a\n\nbc\n\nd", id="crossed"),
        pytest.param("<table><tr><td>a<td>b<tr><td>c</table>", "a | b\nc", id="table"),
        pytest.param(
            "<table><tr><td>a </td> <td>b</td></tr></table>", "a | b", id="wide_cells"
        ),
        pytest.param(
            "<table><tr><th>a<th>b<th>c<tr><td>1<td><td><p>3</p></table>",
            "a | b | c\n1 | | 3",
            id="empty_cell",
        ),
        pytest.param(
            "<table><tr><th><th>°C<tr><th>Hall<td>21.5</table>",
            "| °C\nHall | 21.5",
            id="headings",
        ),
        pytest.param(
            "<table role=presentation><tr><td>a<td>b</table>", "a\nb", id="presentation"
        ),
        pytest.param(
            "<table><tr><td width=9><td><table><tr><td><p>a</p></table>"
            "<td><div>b</div></table>",
            "a\n\nb",
            id="layout",
        ),
        pytest.param("<a href='https://b.c'>a</a>", "a (https://b.c)", id="link"),
        pytest.param(
            "<a href='https://b.c'><b>L</b>ook</a> now",
            "Look (https://b.c) now",
            id="bold_link",
        ),
        pytest.param("<a href='https://b.c'></a>", "https://b.c", id="bare_link"),
        pytest.param("<a href='https://b.c/'>b.c</a>", "b.c", id="short_link"),
        pytest.param("<a href='mailto:b@c'>b@c</a>", "b@c", id="mail"),
        pytest.param("<a>a</a>", "a", id="anchor"),
        pytest.param(
            "<a href=https://x.y/?a=1&amp;b=2&copy=3>L</a>",
            "L (https://x.y/?a=1&b=2&copy=3)",
            id="query",
        ),
        pytest.param(
            "<a href='u'>a<a href='v'>b</a>c</a>d", "a (u)b (v)cd", id="nested"
        ),
        pytest.param("<a href='u'>a", "a (u)", id="open_link"),
        pytest.param(
            "<img alt='a' src='b'><img src='HTTPS://c'><img src='data:d'><img>",
            "aHTTPS://c",
            id="pictures",
        ),
        pytest.param("<img src=https://x.y width=1 height=1>a", "a", id="pixel"),
        pytest.param("a<script>if (1 < 2) '<b>'</script>b", "ab", id="script"),
        pytest.param("<style>b { color: red }</style>a", "a", id="style"),
        pytest.param("<style>a {} b", "a {} b", id="open_style"),
        pytest.param("a<!-- b -->c<!---->d<!-->e", "acde", id="comments"),
        pytest.param("a<!-- b", "a<!-- b", id="open_comment"),
        pytest.param("a<b c='d", "a<b c='d", id="open_tag"),
        pytest.param("<p title='>'>a<p title=\">b", "a\n\nb", id="quotes"),
        pytest.param("a < b > c <", "a < b > c <", id="no_tags"),
        pytest.param("<hr>a", "———\n\na", id="rule"),
        pytest.param("<dl><dt>a<dd>b</dl>", "a\nb", id="definitions"),
        pytest.param(
            "<!doctype html><html><head><title>T</title><style>x</style></head>"
            "<body><!-- note -->Text</body></html>",
            "Text",
            id="page",
        ),
        pytest.param("<head><title>a</title><body>b", "b", id="unended_head"),
        pytest.param("<head><meta x><p>a", "a", id="no_body"),
        pytest.param("<head>a<body>b", "a\nb", id="text_in_head"),
        pytest.param("<p>a</p><body>b</body>c", "a\n\nb\nc", id="late_body"),
        pytest.param("<title>Only this</title>", "Only this", id="title_alone"),
        pytest.param(
            "<div style='display:none; max-height:0'>Pre</div>"
            "<span hidden>no</span><i style='Visibility : Hidden !important'>no</i>"
            "<div style='max-height:0px;overflow:hidden'>no</div>Text",
            "Text",
            id="hidden",
        ),
        pytest.param("<p style='font-size:0'>a</p>", "a", id="not_hidden"),
        pytest.param("<p hidden>All there is</p>", "All there is", id="all_hidden"),
    ],
)
def test_html_to_text(text: str, expected: str) -> None:
    """Of HTML remains what a person would read."""
    assert convert(text, Format.HTML, Format.TEXT) == expected


@pytest.mark.parametrize(
    ("text", "source", "expected"),
    [
        ("\n \n洗衣机  完成\n取衣服", Format.TEXT, "洗衣机 完成"),
        ("# 洗衣机\n完成", Format.MARKDOWN, "洗衣机"),
        ("27. November: bins\nx", Format.MARKDOWN, "27. November: bins"),
        ("", Format.HTML, ""),
        (
            f"<!DOCTYPE html><html><head><style>{'p {} ' * 9_000}</style>"
            "<div style='display:none'>Preheader</div><h1>Alarm</h1><p>Door",
            Format.HTML,
            "Alarm",
        ),
    ],
)
def test_first_line(text: str, source: Format, expected: str) -> None:
    """The first readable line of any text is found, however late it comes."""
    assert first_line(text, source) == expected


def test_deep_lists() -> None:
    """Lists in lists do not run off a phone's screen."""
    text = "<ul><li>a" * 100
    last = convert(text, Format.HTML, Format.TEXT).splitlines()[-1]
    assert last == f"{'  ' * 8}• a"


@pytest.mark.parametrize("target", [Format.HTML, Format.TEXT])
@pytest.mark.parametrize("sign", ["", "!"])
def test_references(target: Format, sign: str) -> None:
    """References are followed, but not as often as it takes to fill the memory."""
    used = f"{sign}[a] " * 20_000
    shown = convert(f"[a]: https://b.c\n\n{sign}[a]", Format.MARKDOWN, target)
    assert "https://b.c" in shown
    text = f"[a]: https://b.c/{'d' * 30_000}\n\n{used}"
    assert len(convert(text, Format.MARKDOWN, target)) <= len(text) + 200_000


def test_long_plain_text() -> None:
    """Plain text needs no reading."""
    assert len(convert("<" * 100_001, Format.TEXT, Format.HTML)) == 400_004
