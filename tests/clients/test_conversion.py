"""Texts are turned into the formats that a service shows, and stay readable."""

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.wechat_push.clients.conversion import beginning, convert
from custom_components.wechat_push.clients.message import Format

often = settings(max_examples=80, deadline=None, database=None, derandomize=True)
# Pieces that mean something to Markdown or HTML, and some that do not.
fragments = st.lists(
    st.sampled_from(
        [
            *"<>&[]()*_#`~!|- \n\t",
            *("text", "&amp;", "&#x1F6AA;", "</", "<!--", "-->", "<![CDATA["),
            *("<p>", "</p>", "<br>", "<ul>", "<ol>", "<li>", "</ol>", "<tr>", "<td>"),
            *(
                "<pre>",
                "</pre>",
                "<script>",
                "</script>",
                "<a href='u'>",
                "</a>",
                "<hr>",
            ),
            *("<img alt=i>", "1. ", "- ", "> ", "```\n", "\n\n", "---\n", "|a|\n|-|\n"),
        ]
    ),
    max_size=40,
).map("".join)


@often
@given(
    text=fragments,
    source=st.sampled_from(Format),
    target=st.sampled_from(Format),
)
def test_anything_goes(text: str, source: Format, target: Format) -> None:
    """No text is so broken that nothing comes of it."""
    assert isinstance(convert(text, source, target), str)


@pytest.mark.parametrize("text", ["", " a <b>*c*\n"])
@pytest.mark.parametrize(
    ("source", "target"),
    [(each, each) for each in Format] + [(Format.TEXT, Format.MARKDOWN)],
)
def test_nothing_to_do(text: str, source: Format, target: Format) -> None:
    """A text in the right format is not touched."""
    assert convert(text, source, target) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a < b & "c"\nd', 'a &lt; b &amp; "c"<br/>d'),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ],
)
def test_text_to_html(text: str, expected: str) -> None:
    """Plain text looks the same as HTML."""
    assert convert(text, Format.TEXT, Format.HTML) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "# A\n\n**b** *c* ~~d~~",
            "<h1>A</h1>\n<p><strong>b</strong> <em>c</em> <s>d</s></p>",
        ),
        ("a <br> b", "<p>a <br> b</p>"),
        (
            "[a](https://example.com/?b&c)",
            '<p><a href="https://example.com/?b&amp;c">a</a></p>',
        ),
    ],
)
def test_markdown_to_html(text: str, expected: str) -> None:
    """Markdown becomes HTML, and HTML in it stays."""
    assert convert(text, Format.MARKDOWN, Format.HTML) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("**a** _b_ ~~c~~ `d`", "a b c d", id="marks"),
        pytest.param("# A\n\nb\nc", "A\n\nb c", id="heading"),
        pytest.param("a  \nb\\\nc", "a\nb\nc", id="line_breaks"),
        pytest.param("- a\n- b\n  - c\n- d", "• a\n• b\n  • c\n• d", id="list"),
        pytest.param("1. a\n2. b", "1. a\n2. b", id="numbers"),
        pytest.param("> a\n\nb", "a\n\nb", id="quote"),
        pytest.param("a\n\n---\n\nb", "a\n\n———\n\nb", id="rule"),
        pytest.param("```\na  b\n c\n```\nd", "a  b\n c\n\nd", id="code"),
        pytest.param("| a | b |\n|---|---|\n| 1 | 2 |", "a | b\n1 | 2", id="table"),
        pytest.param("[a](https://b.c)", "a (https://b.c)", id="link"),
        pytest.param("<https://b.c>", "https://b.c", id="address"),
        pytest.param("<a@b.c>", "a@b.c", id="mail"),
        pytest.param("![a](https://b.c/d)", "a (https://b.c/d)", id="picture"),
        pytest.param("\\*a\\* &lt; <b>b</b>", "*a* < b", id="escapes"),
    ],
)
def test_markdown_to_text(text: str, expected: str) -> None:
    """Of Markdown remains what a person would read."""
    assert convert(text, Format.MARKDOWN, Format.TEXT) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(" a\n  b ", "a b", id="white_space"),
        pytest.param("a<br>b<br/>c", "a\nb\nc", id="line_breaks"),
        pytest.param("a<br><br><br><br>b", "a\n\nb", id="many_line_breaks"),
        pytest.param("<p>a</p><p>b</p>", "a\n\nb", id="paragraphs"),
        pytest.param("<div>a</div><div>b</div>c", "a\nb\nc", id="divisions"),
        pytest.param("a &lt;b&gt; &amp; &#38; &#x4e2d;", "a <b> & & 中", id="entities"),
        pytest.param("<b>a</b><i> b</i>", "a b", id="inline"),
        pytest.param("<pre> a\n  b</pre>c", "a\n  b\n\nc", id="preformatted"),
        pytest.param(
            "<ul><li>a<li>b<ol><li>c<li>d</ol></ul>e",
            "• a\n• b\n  1. c\n  2. d\n\ne",
            id="lists",
        ),
        pytest.param("<li>a", "• a", id="item_alone"),
        pytest.param("</ul></a></pre></script>a", "a", id="ends_alone"),
        pytest.param(
            "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
            "a | b\nc",
            id="table",
        ),
        pytest.param(
            "<table><tr><td>a </td> <td>b</td></tr></table>", "a | b", id="wide_cells"
        ),
        pytest.param("<a href='https://b.c'>a</a>", "a (https://b.c)", id="link"),
        pytest.param("<a href='https://b.c'></a>", "https://b.c", id="bare_link"),
        pytest.param("<a href='mailto:b@c'>b@c</a>", "b@c", id="mail"),
        pytest.param("<a>a</a>", "a", id="anchor"),
        pytest.param(
            "<img alt='a' src='b'><img src='HTTPS://c'><img src='data:d'><img>",
            "aHTTPS://c",
            id="pictures",
        ),
        pytest.param("a<script>b</script><style>c</style>d", "ad", id="silent"),
        pytest.param("a<!-- b -->c", "ac", id="comment"),
        pytest.param("<head><title>a</title><body>b", "b", id="unended_head"),
        pytest.param("<hr>a", "———\n\na", id="rule"),
        pytest.param("a < b > c <", "a < b > c <", id="no_tags"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_html_to_text(text: str, expected: str) -> None:
    """Of HTML remains what a person would read."""
    assert convert(text, Format.HTML, Format.TEXT) == expected


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
    assert len(convert(text, Format.MARKDOWN, target)) <= len(text) + 50


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<a href='u'>a<a href='v'>b</a>c</a>d", "a (u)b (v)cd"),
        ("<a href='u'>a", "a"),
    ],
)
def test_links_in_links(text: str, expected: str) -> None:
    """A link ends where the next one begins."""
    assert convert(text, Format.HTML, Format.TEXT) == expected


def test_long_plain_text() -> None:
    """Plain text needs no reading."""
    assert len(convert("<" * 100_001, Format.TEXT, Format.HTML)) == 400_004


@pytest.mark.parametrize("source", Format)
def test_beginning(source: Format) -> None:
    """The beginning of any text can be read."""
    assert beginning("a\n" * 1_000_000, source).startswith("a")
