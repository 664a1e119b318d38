"""Links in messages to pages of Home Assistant."""

from typing import Any

import pytest

from custom_components.wechat_push.clients.errors import ContentError
from custom_components.wechat_push.media.links import async_external_link
from homeassistant.core import HomeAssistant
from tests.messages import (
    PUSHPLUS_SEND,
    WECOM_SEND,
    WXPUSHER_SEND,
    body,
    refusal,
    say,
    tell,
)
from tests.pictures import set_up_camera
from tests.samples import (
    PUSHJET,
    PUSHPLUS,
    WECOM,
    WXPUSHER,
    Sample,
    set_up,
    take_clicks,
)
from tests.simulators import Pushjet, PushPlus, Simulator, WeCom, WxPusher

OUTSIDE = "https://ha.example.com"
INSIDE = "http://192.168.1.2:8123"


@pytest.mark.parametrize(
    ("given", "link"),
    [
        ("/lovelace/0", f"{OUTSIDE}/lovelace/0"),
        (" /lovelace/0?edit=1#top\n", f"{OUTSIDE}/lovelace/0?edit=1#top"),
        ("/", f"{OUTSIDE}/"),
        (" /a b?c=d\u3000e ", f"{OUTSIDE}/a%20b?c=d%E3%80%80e"),
        (f"{INSIDE}/a b", f"{OUTSIDE}/a%20b"),
        ("https://example.com/a b%20c", "https://example.com/a%20b%20c"),
        ("/love\x00lace\n/0", f"{OUTSIDE}/lovelace/0"),
        (f"{INSIDE}/lovelace/0?a=%20b", f"{OUTSIDE}/lovelace/0?a=%20b"),
        (INSIDE, OUTSIDE),
        (f"{OUTSIDE}/lovelace/0", f"{OUTSIDE}/lovelace/0"),
        ("homeassistant://navigate/lovelace/0", "homeassistant://navigate/lovelace/0"),
        ("https://example.com/x ", "https://example.com/x"),
        ("http://192.168.1.77/", "http://192.168.1.77/"),
        ("http://[::1", "http://[::1"),
        ("weixin://dl/business", "weixin://dl/business"),
        ("//example.com", "//example.com"),
        ("noaction", None),
        ("noAction", None),
        ("  ", None),
        ("", None),
        (None, None),
    ],
)
async def test_link(hass: HomeAssistant, given: str | None, link: str | None) -> None:
    """Test that a link opens outside of the home."""
    hass.config.internal_url, hass.config.external_url = INSIDE, OUTSIDE
    assert async_external_link(hass, given) == link


@pytest.mark.parametrize("given", ["/lovelace/0?token=x", f"{INSIDE}/lovelace/0?a=b"])
async def test_no_external_url(hass: HomeAssistant, given: str) -> None:
    """Test that a link that nobody could open is an error, without its query."""
    hass.config.internal_url = INSIDE
    with pytest.raises(ContentError) as caught:
        async_external_link(hass, given)
    assert caught.value.problem == "no_external_url"
    assert caught.value.details == {"name": "/lovelace/0"}


LINKS = {
    "quote": {"title": "Rule", "url": "/local/rules.txt"},
    "items": [{"name": "Door", "value": "open", "url": " /lovelace/door "}],
    "links": [{"title": "Open", "url": f"{INSIDE}/lovelace/0"}],
}


@pytest.fixture
def outside(hass: HomeAssistant) -> None:
    """Give Home Assistant an address that can be reached from outside."""
    hass.config.internal_url, hass.config.external_url = INSIDE, OUTSIDE


async def test_message(hass: HomeAssistant, wxpusher: WxPusher, outside: None) -> None:
    """Test a page of Home Assistant in both actions."""
    await set_up(hass, WXPUSHER, wxpusher)
    await tell(hass, "Door", url=" /lovelace/0\n")
    assert body(wxpusher, WXPUSHER_SEND)["url"] == f"{OUTSIDE}/lovelace/0"
    wxpusher.reset()
    data = {"message": "Door", "data": {"clickAction": "/lovelace/0"}}
    await hass.services.async_call("notify", "zhang_san_wxpusher", data, blocking=True)
    assert body(wxpusher, WXPUSHER_SEND)["url"] == f"{OUTSIDE}/lovelace/0"
    wxpusher.reset()
    data = {"message": "Door", "data": {"url": "noaction"}}
    await hass.services.async_call("notify", "zhang_san_wxpusher", data, blocking=True)
    assert "url" not in body(wxpusher, WXPUSHER_SEND)


@pytest.mark.parametrize(
    "sample", [WXPUSHER, WECOM, PUSHPLUS, PUSHJET], ids=lambda sample: sample.service
)
async def test_message_without_external_url(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that the text goes out, and says that the link is missing."""
    await set_up(hass, sample, simulator)
    (said,) = (await say(hass, "Door", url="/lovelace/0?token=s3cr3t")).values()
    assert said["status"] == "sent"
    assert said["left_out"] == ["/lovelace/0"]
    text = simulator.notifications[-1].text
    assert "Door" in text
    assert "[/lovelace/0 could not be sent]" in text.replace("\\", "")
    assert "s3cr3t" not in text


async def test_nothing_but_a_link(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test that a message that would be empty without its link says why."""
    await set_up(hass, PUSHJET, pushjet)
    assert "no external URL" in await refusal(hass, url="/lovelace/0")
    assert not pushjet.notifications


async def test_link_and_picture(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that one note names all that is missing."""
    await set_up_camera(hass)
    await set_up(hass, WXPUSHER, wxpusher)
    (said,) = (
        await say(hass, "Door", url="/lovelace/0", image="camera.front_door")
    ).values()
    assert said["left_out"] == ["/lovelace/0", "camera.front_door"]
    sent = body(wxpusher, WXPUSHER_SEND)["content"]
    assert sent == "Door\n[/lovelace/0, camera.front_door could not be sent]"


async def test_callback(hass: HomeAssistant, pushplus: PushPlus, outside: None) -> None:
    """Test the address that PushPlus calls."""
    await set_up(hass, PUSHPLUS, pushplus)
    await tell(hass, "Door", callback_url="/api/webhook/x")
    sent = body(pushplus, PUSHPLUS_SEND)
    assert sent["callbackUrl"] == f"{OUTSIDE}/api/webhook/x"


async def test_card(hass: HomeAssistant, wecom: WeCom, outside: None) -> None:
    """Test every link of a card."""
    await set_up(hass, WECOM, wecom)
    await tell(hass, "Door", url="/", card_type="text_notice", **LINKS)
    card = body(wecom, WECOM_SEND)["template_card"]
    assert card["card_action"]["url"] == f"{OUTSIDE}/"
    assert card["quote_area"]["url"] == f"{OUTSIDE}/local/rules.txt"
    assert card["horizontal_content_list"][0]["url"] == f"{OUTSIDE}/lovelace/door"
    assert card["jump_list"][0]["url"] == f"{OUTSIDE}/lovelace/0"


async def test_raw_card(hass: HomeAssistant, wecom: WeCom, outside: None) -> None:
    """Test the links of a card in WeCom's own format."""
    await set_up(hass, WECOM, wecom)
    action = {"type": 1, "url": "/lovelace/0"}
    await tell(hass, "Door", card={"card_type": "text_notice", "card_action": action})
    card = body(wecom, WECOM_SEND)["template_card"]
    assert card["card_action"] == {"type": 1, "url": f"{OUTSIDE}/lovelace/0"}


async def test_button(hass: HomeAssistant, wecom: WeCom, outside: None) -> None:
    """Test a button that opens a page of Home Assistant."""
    await take_clicks(hass, wecom, await set_up(hass, WECOM, wecom))
    await tell(hass, "Door", buttons=[{"text": "Open", "url": "/lovelace/0"}])
    card = body(wecom, WECOM_SEND)["template_card"]
    assert card["button_list"] == [
        {"type": 1, "text": "Open", "url": f"{OUTSIDE}/lovelace/0"}
    ]


@pytest.mark.parametrize("field", ["links", "items", "quote"])
async def test_card_without_external_url(
    hass: HomeAssistant, wecom: WeCom, field: str
) -> None:
    """Test that a card shows what it says, without the link."""
    hass.config.internal_url = INSIDE
    await set_up(hass, WECOM, wecom)
    (said,) = (
        await say(
            hass,
            "Door",
            url="https://example.com/door",
            card_type="text_notice",
            **{field: LINKS[field]},
        )
    ).values()
    assert len(said["left_out"]) == 1
    sent = body(wecom, WECOM_SEND)
    shown = str(sent["template_card"])
    assert {"links": "Open", "items": "open", "quote": "Rule"}[field] in shown
    assert "could not be sent" in shown
    assert "192.168" not in shown


CARDS: dict[str, dict[str, Any]] = {
    "textcard": {"kind": "textcard", "url": "/lovelace/0"},
    "news": {"kind": "news", "url": "/lovelace/0"},
    "card": {"card_type": "text_notice", "url": "/lovelace/0", **LINKS},
    "raw": {
        "card": {
            "card_type": "text_notice",
            "card_action": {"type": 1, "url": "/lovelace/0"},
            "main_title": {"title": "Rule"},
            "horizontal_content_list": [{"keyname": "Door", "value": "open"}],
        }
    },
}


@pytest.mark.parametrize("fields", CARDS.values(), ids=CARDS)
async def test_card_that_needs_a_link(
    hass: HomeAssistant, wecom: WeCom, fields: dict[str, Any]
) -> None:
    """Test that a card that cannot be without a link goes as text, with all its words."""
    await set_up(hass, WECOM, wecom)
    (said,) = (await say(hass, "Somebody rings.", title="Home", **fields)).values()
    assert "/lovelace/0" in said["left_out"]
    sent = body(wecom, WECOM_SEND)
    assert sent["msgtype"] == "text"
    words = sent["text"]["content"]
    assert words.startswith("Home\nSomebody rings.\n")
    assert "/lovelace/0" in words.splitlines()[-1]
    if "kind" not in fields:
        assert "Rule" in words
        assert "Door: open" in words
