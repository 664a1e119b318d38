"""No cut goes through a character as readers see it."""

from pathlib import Path
from typing import Final

from hypothesis import given, settings, strategies as st
import pytest
import regex

from custom_components.wechat_push.clients.fitting import Limit, cut
from custom_components.wechat_push.clients.graphemes import between, is_joined

from . import make_grapheme_table

# Of Unicode 18.0, under the Unicode License V3.
UNICODE_TEST: Final = Path(__file__).parent / "data" / "GraphemeBreakTest.txt"
often = settings(max_examples=300, deadline=None, database=None, derandomize=True)


def characters(text: str) -> list[str]:
    """Return the characters of a text."""
    borders = [at for at in range(1, len(text)) if not is_joined(text, at)]
    return [
        text[start:end]
        for start, end in zip([0, *borders], [*borders, len(text)], strict=True)
    ]


def samples() -> list[list[str]]:
    """Return the samples of Unicode, each with its characters."""
    lines = UNICODE_TEST.read_text(encoding="utf-8").splitlines()
    samples = [line.partition("#")[0].strip(" \t÷") for line in lines]
    return [
        [
            "".join(chr(int(code, 16)) for code in character.split("×"))
            for character in sample.split("÷")
        ]
        for sample in samples
        if sample
    ]


def test_samples_of_unicode() -> None:
    """Every sample of the Unicode Character Database has the characters it says."""
    assert len(samples()) > 800
    for sample in samples():
        assert characters("".join(sample)) == sample


def test_table() -> None:
    """The table is that of the latest version of Unicode."""
    made = make_grapheme_table.source()
    assert make_grapheme_table.FILE.read_text(encoding="utf-8") == made


@often
@given(
    text=st.lists(
        st.one_of(
            st.characters(exclude_categories=["Cs"]),
            st.sampled_from([each for sample in samples() for each in sample]),
        ),
        min_size=1,
        max_size=30,
    ).map("".join)
)
def test_like_another_library(text: str) -> None:
    """Any text has the characters that the package `regex` finds in it."""
    assert characters(text) == regex.findall(r"\X", text)


@pytest.mark.parametrize(
    "character",
    [
        pytest.param("น้ำ", id="thai"),
        pytest.param("ນ້ຳ", id="lao"),
        pytest.param("\u1100\u1161\u11a8", id="korean_letters"),
        pytest.param("ｶﾞ", id="half_width"),
        pytest.param("क्ष", id="hindi"),
        pytest.param("👨‍👩‍👧‍👦", id="family"),
        pytest.param("🏴󠁧󠁢󠁥󠁮󠁧󠁿", id="england"),
        pytest.param("🇨🇳", id="flag"),
        pytest.param("1️⃣", id="key"),
        pytest.param("\r\n", id="line_break"),
    ],
)
def test_cut(character: str) -> None:
    """A piece ends before a character that has no room."""
    text = f"{'x' * 9}{character}{'x' * 20}"
    assert cut(text, (Limit(maximum=10),))[0] == "x" * 9
    assert between(text, 9 + len(character)) == 9 + len(character)
    assert between(text, 8 + len(character)) == 9
