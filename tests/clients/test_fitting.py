"""Texts are brought within the limits of a service without harm to what they say."""

import re

from hypothesis import assume, given, settings, strategies as st
import pytest

from custom_components.wechat_push.clients.errors import ContentError, Problem
from custom_components.wechat_push.clients.fitting import (
    ELLIPSIS,
    MAX_PARTS,
    Limit,
    cut,
    fit,
    fits,
    split,
    truncate,
    utf8_length,
)
from custom_components.wechat_push.clients.message import Format, Overflow

BYTES = utf8_length
MARK = re.compile(r"\n\((\d+)/(\d+)\)$")

# What a person sees as one character, and must not be parted.
FAMILY = "👨\u200d👩\u200d👧\u200d👦"
CHARACTERS = [
    *"ab1 \t\n,.!。，）中文é…\u3000",
    "\r\n",
    "e\u0301",
    "o\u0323\u0302",
    " \u0301",
    "，\u0301",
    "\u0e19\u0e49\u0e33",
    "\u1100\u1161\u11a8",
    "ｶ\uff9e",
    "हि",
    "🙂",
    "👍🏽",
    "❤️",
    "1️⃣",
    "🏳️\u200d🌈",
    FAMILY,
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "🇨🇳",
    "🇩🇪",
]
LONGEST = max(map(BYTES, CHARACTERS))
RESERVE = "\n(99/99)"

# Sorted by what they are made of: characters seen as one, and any text at all.
# Long enough that most are cut.
seen_characters = st.lists(st.sampled_from(CHARACTERS), min_size=60, max_size=200)
any_text = st.text(st.characters(exclude_categories=["Cs"]), min_size=60, max_size=200)
texts = st.one_of(any_text, seen_characters.map("".join))
maxima = st.integers(min_value=LONGEST + len(RESERVE), max_value=300)
limits = st.one_of(
    maxima.map(lambda maximum: (Limit(maximum=maximum),)),
    maxima.map(lambda maximum: (Limit(maximum=maximum, size=BYTES),)),
    st.tuples(maxima, maxima).map(
        lambda both: (
            Limit(maximum=both[0]),
            Limit(maximum=both[1], size=BYTES),
        )
    ),
)
often = settings(max_examples=80, deadline=None, database=None, derandomize=True)


def bodies_and_marks(parts: list[str]) -> list[tuple[str, str, str]]:
    """Take parts into what they say, their number, and the number of all."""
    found = [(part, MARK.search(part)) for part in parts]
    return [(part[: mark.start()], mark[1], mark[2]) for part, mark in found if mark]


@often
@given(text=texts, limits=limits)
def test_pieces_give_the_text_again(text: str, limits: tuple[Limit, ...]) -> None:
    """Nothing is lost, added or put in another order."""
    assert "".join(cut(text, limits, reserve=RESERVE)) == text


@often
@given(characters=seen_characters, limits=limits)
def test_no_character_is_parted(
    characters: list[str], limits: tuple[Limit, ...]
) -> None:
    """A piece ends between characters as a person sees them."""
    borders = {0}
    for character in characters:
        borders.add(max(borders) + len(character))
    end = 0
    ends = [
        end := end + len(piece)
        for piece in cut("".join(characters), limits, reserve=RESERVE)
    ]
    assert set(ends) <= borders


@pytest.mark.parametrize("character", [each for each in CHARACTERS if len(each) > 1])
def test_character_at_the_cut(character: str) -> None:
    """Where a character would be parted, a piece ends before it."""
    text = f"{'x' * 9}{character}{'x' * 20}"
    limits = (Limit(maximum=10),)
    assert cut(text, limits)[0] == "x" * 9
    assert truncate(text, (Limit(maximum=11),)) == f"{'x' * 9}…"


@often
@given(text=texts, limits=limits)
def test_no_part_exceeds_a_limit(text: str, limits: tuple[Limit, ...]) -> None:
    """Every part keeps every limit, its mark included."""
    parts = split(text, limits) or []
    assert all(fits(part, limits) for part in parts)


@often
@given(text=texts, limits=limits)
def test_parts_are_numbered_in_order(text: str, limits: tuple[Limit, ...]) -> None:
    """The parts of a long text say all of it in order, and carry their numbers."""
    long = f"{text}{'x' * 300}"
    parts = split(long, limits) or []
    assume(parts)
    found = bodies_and_marks(parts)
    assert [number for _, number, _ in found] == [
        str(number) for number in range(1, len(parts) + 1)
    ]
    assert {count for _, _, count in found} == {str(len(parts))}
    said = "".join(body for body, _, _ in found)
    # Only line breaks fall away, and only where a part ends.
    assert said.replace("\n", "") == long.replace("\n", "")


@often
@given(text=texts, limits=limits, overflow=st.sampled_from(Overflow))
def test_short_text_stays_as_it_is(
    text: str, limits: tuple[Limit, ...], overflow: Overflow
) -> None:
    """A text within the limits is not touched, whatever is to be done with others."""
    short = text[: limits[0].maximum // 4]
    assert fit(short, (Limit(maximum=300),), overflow) == [short]


@often
@given(text=texts, limits=limits)
def test_truncated_text(text: str, limits: tuple[Limit, ...]) -> None:
    """A text that is too long keeps its beginning, the limit, and ends in an ellipsis."""
    long = text + "x" * 300
    (result,) = fit(long, limits, Overflow.TRUNCATE)
    assert fits(result, limits)
    assert result.endswith(ELLIPSIS)
    assert long.startswith(result.removesuffix(ELLIPSIS))


@pytest.mark.parametrize(
    ("limit", "text", "expected"),
    [
        pytest.param(Limit(maximum=5), "abcdef", "abcd…", id="characters"),
        pytest.param(Limit(maximum=5, size=BYTES), "abcdef", "ab…", id="bytes"),
        pytest.param(Limit(maximum=9, size=BYTES), "中文中文", "中文…", id="chinese"),
        pytest.param(Limit(maximum=5), "abc def", "abc…", id="no_space_before"),
        pytest.param(Limit(maximum=5), f"ab{FAMILY}", "ab…", id="emoji_stays_whole"),
        pytest.param(Limit(maximum=5), "abcde", "abcde", id="just_fits"),
    ],
)
def test_truncate(limit: Limit, text: str, expected: str) -> None:
    """Of a text that is too long, as much is kept as fits."""
    assert truncate(text, (limit,)) == expected


@pytest.mark.parametrize(
    ("size", "problem"),
    [
        pytest.param(len, Problem.MESSAGE_TOO_LONG, id="characters"),
        pytest.param(BYTES, Problem.MESSAGE_TOO_LARGE, id="bytes"),
    ],
)
def test_refused(size: type[int], problem: Problem) -> None:
    """A text that is too long is refused where the person wants that."""
    limits = (Limit(maximum=10, size=size),)
    with pytest.raises(ContentError) as caught:
        fit("x" * 11, limits, Overflow.REFUSE)
    assert caught.value.problem == problem
    assert caught.value.details == {"limit": "10"}


def test_most_parts() -> None:
    """As many parts as may be are made, and filled to the brim."""
    room = 100 - len("\n(99/99)")
    parts = fit("x" * room * MAX_PARTS, (Limit(maximum=100),), Overflow.SPLIT)
    assert [MARK.sub("", part) for part in parts] == ["x" * room] * MAX_PARTS


def test_too_many_parts() -> None:
    """A text that would be too many parts is refused as a whole."""
    room = 100 - len("\n(99/99)")
    with pytest.raises(ContentError) as caught:
        fit("x" * (room * MAX_PARTS + 1), (Limit(maximum=100),), Overflow.SPLIT)
    assert caught.value.problem == Problem.MESSAGE_TOO_LONG


def test_nine_parts_have_short_marks() -> None:
    """Up to nine parts make do with one digit."""
    room = 100 - len("\n(9/9)")
    parts = fit("x" * room * 9, (Limit(maximum=100),), Overflow.SPLIT)
    assert len(parts) == 9
    assert parts[-1] == "x" * room + "\n(9/9)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("one two\nthree four", ["one two\n", "three four"], id="line"),
        pytest.param("one two three four", ["one two ", "three four"], id="word"),
        pytest.param(
            "一二三，四五六七八九十", ["一二三，", "四五六七八九十"], id="stop"
        ),
        pytest.param("onetwothreefour", ["onetwothre", "efour"], id="character"),
        pytest.param(
            "a\ntwothreefourfive",
            ["a\ntwothree", "fourfive"],
            id="early_line",
        ),
        pytest.param("ab1234567\r\ncd", ["ab1234567", "\r\ncd"], id="crlf"),
        pytest.param(
            "abc\n\u0301ef gh\u0301ij",
            ["abc\n", "\u0301ef gh\u0301ij"],
            id="accent_on_line",
        ),
        pytest.param(
            "abcdef \u0301ghij", ["abcdef \u0301", "ghij"], id="accent_on_space"
        ),
    ],
)
def test_where_a_text_is_cut(text: str, expected: list[str]) -> None:
    """A piece ends at a line, else at a word, else where it is full."""
    assert cut(text, (Limit(maximum=10),)) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("e" + "\u0301" * 500, id="heap_of_marks"),
        pytest.param("\u200d".join("👩" * 300), id="endless_family"),
        pytest.param("🇨" * 501, id="flags"),
        pytest.param("\u0301" * 500, id="marks_alone"),
    ],
)
@pytest.mark.parametrize("size", [len, BYTES])
def test_character_longer_than_the_limit(text: str, size: type[int]) -> None:
    """What cannot stay whole within a limit is cut through, and nothing is lost."""
    limits = (Limit(maximum=100, size=size),)
    pieces = cut(text, limits)
    assert all(fits(piece, limits) for piece in pieces)
    assert "".join(pieces) == text


@pytest.mark.parametrize(
    ("written", "text", "expected"),
    [
        pytest.param(
            Format.HTML,
            'aaaaaaaa<a href="x y">bb</a>',
            ["aaaaaaaa", '<a href="x y">bb</a>'],
            id="tag",
        ),
        pytest.param(
            Format.HTML, "a" * 18 + "&amp;b", ["a" * 18, "&amp;b"], id="entity"
        ),
        pytest.param(
            Format.HTML,
            "1 < 2 and 3 < 4 and so on",
            ["1 < 2 and 3 < 4 and ", "so on"],
            id="no_tag",
        ),
        pytest.param(
            Format.MARKDOWN,
            "aaaaaaaa[b c](http://d.e)",
            ["aaaaaaaa", "[b c](http://d.e)"],
            id="link",
        ),
        pytest.param(
            Format.MARKDOWN,
            "aaaaaaaa![b c](http://d.e)",
            ["aaaaaaaa", "![b c](http://d.e)"],
            id="picture",
        ),
        pytest.param(
            Format.MARKDOWN, "a" * 19 + "\\*b", ["a" * 19, "\\*b"], id="escape"
        ),
        pytest.param(
            Format.TEXT,
            "aaaaaaaa[b c](http://d.e)",
            ["aaaaaaaa[b ", "c](http://d.e)"],
            id="text",
        ),
        pytest.param(
            Format.MARKDOWN,
            "aaa [b c](u)ddddddddddd",
            ["aaa [b c](u)", "ddddddddddd"],
            id="border_in_a_link",
        ),
        pytest.param(
            Format.HTML,
            f"<{'x' * 30}>",
            [f"<{'x' * 19}", f"{'x' * 11}>"],
            id="longer_than_a_piece",
        ),
    ],
)
def test_tags_and_links_stay_whole(
    written: Format, text: str, expected: list[str]
) -> None:
    """No piece ends within what means something only as a whole."""
    assert cut(text, (Limit(maximum=20),), text_format=written) == expected


def test_truncated_before_a_tag() -> None:
    """A text is not cut within a tag either."""
    limits = (Limit(maximum=20),)
    text = 'aaaaaaaa<a href="x y">bb</a>'
    assert truncate(text, limits, Format.HTML) == "aaaaaaaa…"


@pytest.mark.parametrize(
    ("written", "mark"), [(Format.HTML, "<br/>(1/2)"), (Format.MARKDOWN, "\n\n(1/2)")]
)
def test_marks_stand_on_a_line(written: Format, mark: str) -> None:
    """The mark of a part stands on a line of its own, as the format has it."""
    parts = fit("x" * 150, (Limit(maximum=100),), Overflow.SPLIT, written)
    assert parts[0] == "x" * (100 - len(mark)) + mark
