"""Tests of emojis by their names."""

import pytest

from custom_components.wechat_push.clients.emojis import replace_emojis


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("good :+1:", "good 👍"),
        (":thumbsup::-1:", "👍👎"),
        ("Front:none:door:bell:", "Front:none🚪bell:"),
        (":WARNING: :fire::fire:", "⚠️ 🔥🔥"),
        (":cn:", "🇨🇳"),
        ("at 12:30:45, a::b, :nothing: here", "at 12:30:45, a::b, :nothing: here"),
        ("https://example.com:8080/a:b", "https://example.com:8080/a:b"),
        ("", ""),
    ],
)
def test_replace(text: str, expected: str) -> None:
    """Names between colons become emojis, and nothing else changes."""
    assert replace_emojis(text) == expected


def test_long() -> None:
    """The time grows with the length alone."""
    assert replace_emojis(":no" * 50_000) == ":no" * 50_000
    assert replace_emojis(":+1:" * 20_000) == "👍" * 20_000
