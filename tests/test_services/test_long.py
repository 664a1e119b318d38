"""Tests for texts and titles above the limits of the services."""

import re

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.wechat_push.clients.fitting import Limit, cut, utf8_length
from custom_components.wechat_push.clients.message import Format
from homeassistant.core import HomeAssistant
from tests.messages import (
    PUSHJET_SEND,
    PUSHPLUS_SEND,
    WXPUSHER_SEND,
    body,
    refusal,
    say,
    tell,
)
from tests.samples import PUSHJET, PUSHPLUS, WECOM, WXPUSHER, Sample, set_up
from tests.simulators import Pushjet, PushPlus, Simulator, WeCom, WxPusher


def long_text(sample: Sample) -> str:
    """Return a text for a few messages, with lines of a hundred units."""
    lines = (sample.parts - 1) * sample.limit // 100 + 5
    return "\n".join(f"{number:04d} {'x' * 94}" for number in range(lines))


async def test_split(hass: HomeAssistant, sample: Sample, simulator: Simulator) -> None:
    """Test that a long text is sent in numbered parts, in order and complete."""
    await set_up(hass, sample, simulator)
    text = long_text(sample)
    answer = await say(hass, text)
    shown = [
        each.text.replace(sample.line_break, "\n") for each in simulator.notifications
    ]
    marks = [each.rpartition("\n")[2] for each in shown]
    parts = sample.parts
    assert marks == [f"({number}/{parts})" for number in range(1, parts + 1)]
    assert "\n".join(each.rpartition("\n")[0] for each in shown) == text
    assert max(map(len, shown)) <= sample.limit
    # The receipt contains all of them.
    ((receipt,),) = [answer.values()]
    assert len(receipt["accepted"]) == parts


async def test_truncate(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that a long text is cut at the limit, if configured."""
    await set_up(hass, sample, simulator)
    await tell(hass, long_text(sample), overflow="truncate")
    (shown,) = simulator.notifications
    assert shown.text.endswith("x…")
    text = shown.text.replace(sample.line_break, "\n")
    assert long_text(sample).startswith(text.removesuffix("…"))
    assert len(shown.text) > sample.limit - 102


async def test_refuse(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that a long text is refused, if configured."""
    await set_up(hass, sample, simulator)
    said = await refusal(hass, long_text(sample), overflow="refuse")
    assert said.startswith("The message is too long")
    assert f" {sample.limit} " in said
    assert not simulator.requests_to(sample.path)


@pytest.mark.parametrize("format_", ["text", "markdown", "html"])
@pytest.mark.parametrize("overflow", ["split", "truncate", "refuse"])
async def test_far_too_long(
    hass: HomeAssistant, wxpusher: WxPusher, format_: str, overflow: str
) -> None:
    """Test that texts above 100,000 characters are refused whatever is chosen."""
    await set_up(hass, WXPUSHER, wxpusher)
    said = await refusal(hass, "x" * 100_001, format=format_, overflow=overflow)
    assert said.startswith("The message is too long. The limit is 100000 characters")
    assert not wxpusher.requests_to(WXPUSHER.path)


@pytest.mark.parametrize(
    ("format_", "unit"),
    [
        ("html", '<a href="https://example.com/a b">Look here</a>'),
        ("markdown", "[Look here](https://example.com/page)"),
    ],
)
@pytest.mark.parametrize("overflow", ["split", "truncate"])
async def test_links_stay_whole(
    hass: HomeAssistant, wxpusher: WxPusher, format_: str, unit: str, overflow: str
) -> None:
    """Test that tags and links are not cut."""
    await set_up(hass, WXPUSHER, wxpusher)
    await tell(hass, unit * 2000, format=format_, overflow=overflow)
    for shown in wxpusher.notifications:
        rest = shown.text.replace(unit, "")
        # The rest of a cut tag has an unbalanced bracket.
        assert rest.count("<") == rest.count(">")
        assert rest.count("[") == rest.count("]")
        assert "https" not in rest or rest.count('"') % 2 == 0
    assert wxpusher.notifications


@pytest.mark.parametrize(
    ("limit", "field"), [(100, "wxpusher"), (100, "pushplus"), (255, "pushjet")]
)
async def test_long_title(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    pushplus: PushPlus,
    pushjet: Pushjet,
    limit: int,
    field: str,
) -> None:
    """Test that a title is cut with an ellipsis at the limit of the service."""
    await set_up(hass, WXPUSHER, wxpusher)
    await set_up(hass, PUSHPLUS, pushplus)
    await set_up(hass, PUSHJET, pushjet)
    await tell(hass, "Done", title="标题" * 200)
    titles = {
        "wxpusher": body(wxpusher, WXPUSHER_SEND)["summary"],
        "pushplus": body(pushplus, PUSHPLUS_SEND)["title"],
        "pushjet": pushjet.requests_to(PUSHJET_SEND)[0].form["title"],
    }
    assert titles[field] == ("标题" * 200)[: limit - 1] + "…"


# With the positions at which a text without tags and links is cut.
LINKS = st.builds(
    lambda label, page: f"[{label}](https://example.com/{'page' * page})",
    st.text("a ,.中", max_size=30),
    st.integers(0, 10),
)
HTML_TAGS = st.builds(
    lambda title: f'<img src="https://example.com/page" title="{title}">',
    st.text("a ,.中", max_size=30),
)
PLAIN = st.text("中中中ab ,\n", max_size=100)
UNITS = {
    Format.MARKDOWN: re.compile(r"\[[^\]]*\]\([^)]*\)"),
    Format.HTML: re.compile(r"<[^<>]*>"),
}


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(
    pieces=st.one_of(
        st.tuples(st.just(Format.MARKDOWN), st.lists(st.one_of(LINKS, PLAIN))),
        st.tuples(st.just(Format.HTML), st.lists(st.one_of(HTML_TAGS, PLAIN))),
    ),
    maximum=st.integers(200, 400),
)
def test_no_unit_is_cut_through(pieces: tuple[Format, list[str]], maximum: int) -> None:
    """Test that a unit that fits one message is not split, whatever its position."""
    written, texts = pieces
    text = "".join(texts)
    parts = cut(text, (Limit(maximum=maximum, size=utf8_length),), text_format=written)
    assert "".join(parts) == text
    units = UNITS[written].findall(text)
    assert [unit for part in parts for unit in UNITS[written].findall(part)] == units


async def test_link_before_a_long_text(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a link across the last border is not split."""
    await set_up(hass, WECOM, wecom)
    link = f"[w w w](https://example.com/{'x' * 900}.html)"
    await tell(hass, link + "中" * 1000, format="markdown")
    first = wecom.notifications[0]
    assert first.text.startswith(f"{link}中")
