"""Data that is meant for other notifiers never costs the message."""

import logging
from pathlib import Path
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.setup import async_setup_component
from tests.entities import recipient_entity, state_of
from tests.messages import (
    PICTURE,
    PUSHPLUS_SEND,
    WECOM_SEND,
    WXPUSHER_SEND,
    bodies,
    body,
    refusal,
)
from tests.pictures import picture
from tests.samples import PUSHJET, PUSHPLUS, UID_LI, UID_ZHANG, WECOM, WXPUSHER, set_up
from tests.simulators import Pushjet, PushPlus, WeCom, WxPusher

LINK = "https://example.com/door"

# What blueprints for the companion app send.
COMPANION: dict[str, Any] = {
    "tag": "door",
    "group": "security",
    "ttl": 0,
    "priority": "high",
    "channel": "Motion",
    "importance": "max",
    "sticky": True,
    "push": {"sound": {"name": "default", "critical": 1, "volume": 1.0}},
    "actions": [{"action": "URI", "title": "Open", "uri": "/lovelace/0"}],
    "clickAction": LINK,
    "level": "critical",
}


async def call(hass: HomeAssistant, action: str, **fields: Any) -> None:
    """Call an action of the domain notify."""
    await hass.services.async_call("notify", action, fields, blocking=True)


def left_out(hass: HomeAssistant, entry: Any) -> list[str]:
    """Return what the event of the last message says that it went without."""
    event = recipient_entity(hass, entry, "delivery")
    names: list[str] = state_of(hass, event).attributes.get("left_out", [])
    return names


async def test_companion_app(
    hass: HomeAssistant, wxpusher: WxPusher, caplog: pytest.LogCaptureFixture
) -> None:
    """Test that the text goes out, and that what it goes without is told once."""
    caplog.set_level(logging.INFO)
    entry = await set_up(hass, WXPUSHER, wxpusher)
    for _ in range(2):
        await call(
            hass, "zhang_san_wxpusher", message="Somebody rings.", data=COMPANION
        )
    sent = body_of_all(wxpusher)
    assert [each["content"] for each in sent] == ["Somebody rings."] * 2
    assert [each["url"] for each in sent] == [LINK] * 2
    expected = COMPANION.keys() - {"clickAction"}
    assert {*left_out(hass, entry)} == expected
    for key in expected:
        assert caplog.text.count(f"was sent without {key}, ") == 1


def body_of_all(wxpusher: WxPusher) -> list[dict[str, Any]]:
    """Return all messages."""
    return bodies(wxpusher, WXPUSHER_SEND)


@pytest.mark.parametrize(
    ("data", "missing"),
    [
        ({"level": 9}, ["level"]),
        ({"format": "rtf"}, ["format"]),
        ({"kind": "textcard"}, ["kind"]),
        ({"level": 5}, ["level"]),
        ({"image": {"x": 1}}, ["image"]),
        ({"url": {"a": 1}}, ["url"]),
        ({"url": 5}, ["url"]),
        ({"url": True}, ["url"]),
        ({"url": "lovelace/0"}, ["url"]),
        ({"clickAction": "entityId:light.hall"}, ["clickAction"]),
        ({"clickAction": "app://com.example"}, ["clickAction"]),
        ({"url": "JavaScript:alert(1)"}, ["url"]),
        ({"url": " javascript://%0aalert(1)"}, ["url"]),
        ({"url": "java\nscript:alert(1)"}, ["url"]),
        ({"url": "data:text/html,x"}, ["url"]),
        ({"url": "http://[::1"}, ["url"]),
        ({"url": "https://"}, ["url"]),
        ({"url": "homeassistant://navigate/lovelace/0"}, []),
        ({"url": "weixin://dl/business"}, []),
        ({"url": "noAction"}, []),
        ({"url": "https://例子.cn/门 前"}, []),
        ({"expires_after": "soon"}, ["expires_after"]),
        ({"expires_after": float("inf")}, ["expires_after"]),
        ({"entity_id": "notify.x"}, ["entity_id"]),
        ({"template": "html", "type": "news"}, ["template", "type"]),
        ({1: "x", None: "y", "a\nb": "z"}, ["1", "None", "a b"]),
        ({"x" * 100: 1}, ["x" * 50 + "…"]),
        (["a", "b"], ["data"]),
        ("not JSON", ["data"]),
        ('{"push": {"sound": "x"}}', ["push"]),
        ('{"broken": ', ["data"]),
        (7, ["data"]),
        ({"push": "", "tag": None, "actions": [], "channel": " "}, []),
        ({"url": "unavailable", "image": "None", "format": ""}, []),
        (None, []),
        ({}, []),
        ("", []),
        (" None ", []),
    ],
    ids=str,
)
async def test_left_out(
    hass: HomeAssistant, wxpusher: WxPusher, data: Any, missing: list[str]
) -> None:
    """Test that a key that is not understood, or cannot be meant, is left out."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await call(hass, "zhang_san_wxpusher", message="Somebody rings.", data=data)
    assert body(wxpusher, WXPUSHER_SEND)["content"] == "Somebody rings."
    assert left_out(hass, entry) == missing


async def test_json(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that data that is JSON text is read."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await call(
        hass,
        "zhang_san_wxpusher",
        message="Hello.",
        data=f' {{"url": "{LINK}", "format": "x"}}',
    )
    assert body(wxpusher, WXPUSHER_SEND)["url"] == LINK
    assert left_out(hass, entry) == ["format"]


async def test_beside_data(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that what stands beside data instead of in it is understood as well."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await call(hass, "zhang_san_wxpusher", message="Hello.", url=LINK, tag="x")
    assert body(wxpusher, WXPUSHER_SEND)["url"] == LINK
    assert left_out(hass, entry) == ["tag"]


@pytest.mark.parametrize(
    ("data", "url"),
    [
        ({"url": LINK}, LINK),
        ({"clickAction": LINK}, LINK),
        ({"clickAction": "https://example.com/other", "url": LINK}, LINK),
        ({"clickAction": LINK, "url": ""}, LINK),
    ],
)
async def test_link(
    hass: HomeAssistant, wxpusher: WxPusher, data: dict[str, str], url: str
) -> None:
    """Test the names of a link; our own comes first."""
    await set_up(hass, WXPUSHER, wxpusher)
    await call(hass, "zhang_san_wxpusher", message="Hello.", data=data)
    assert body(wxpusher, WXPUSHER_SEND)["url"] == url


@pytest.mark.parametrize(
    "data",
    [
        {"image": PICTURE},
        {"attachment": {"url": PICTURE, "content-type": "jpeg"}},
        {"attachment": {"url": PICTURE, "hide-thumbnail": False}},
        {"picurl": PICTURE},
        {"imagepath": PICTURE},
    ],
    ids=str,
)
async def test_picture(
    hass: HomeAssistant, wxpusher: WxPusher, data: dict[str, Any]
) -> None:
    """Test the names of a picture."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await call(hass, "zhang_san_wxpusher", message="Hello.", data=data)
    assert f'<img src="{PICTURE}"' in body(wxpusher, WXPUSHER_SEND)["content"]
    assert not left_out(hass, entry)


@pytest.mark.parametrize(
    "data",
    [
        {"attachment": {"url": "https://93.184.215.14/a.mp4"}},
        {"attachment": {"url": "https://93.184.215.14/a", "content-type": "mp4"}},
        {"video": "https://93.184.215.14/a.mp4"},
        {"videopath": "https://93.184.215.14/a.mp4"},
    ],
    ids=str,
)
async def test_video(
    hass: HomeAssistant, wxpusher: WxPusher, data: dict[str, Any]
) -> None:
    """Test that what is no picture is a file."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await call(hass, "zhang_san_wxpusher", message="Hello.", data=data)
    content = body(wxpusher, WXPUSHER_SEND)["content"]
    assert "https://93.184.215.14/a" in content
    assert "<img" not in content
    assert not left_out(hass, entry)


async def test_wework_notify(hass: HomeAssistant, wecom: WeCom, tmp_path: Path) -> None:
    """Test the calls of ha-wework_notify."""
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    (tmp_path / "x.jpg").write_bytes(picture())
    await set_up(hass, WECOM, wecom, recipient={**WECOM.recipient, "name": "All"})
    await call(
        hass,
        "all",
        message="Somebody rings.",
        title="Door",
        target="zhangsan|lisi",
        data={"type": "textcard", "url": LINK},
    )
    await call(
        hass,
        "all",
        message="Somebody rings.",
        title="Door",
        data={"type": "news", "url": LINK, "picurl": PICTURE},
    )
    await call(
        hass,
        "all",
        message="",
        data={"type": "image", "imagepath": str(tmp_path / "x.jpg"), "safe": 1},
    )
    card, news, image = (request.json for request in wecom.requests_to(WECOM_SEND))
    assert card["touser"] == "lisi|zhangsan"
    assert card["textcard"]["url"] == LINK
    (article,) = news["news"]["articles"]
    assert (article["url"], article["picurl"]) == (LINK, PICTURE)
    assert (image["msgtype"], image["safe"]) == ("image", 1)


@pytest.mark.parametrize(
    ("data", "missing"),
    [
        ({"type": "textcard"}, {"kind"}),
        ({"type": "image"}, {"kind"}),
        ({"card_type": "button_interaction"}, {"card_type"}),
        ({"kind": "textcard", "url": f"https://x/{'x' * 3000}"}, {"kind", "url"}),
        ({"safe": True, "kind": "news", "url": LINK}, {"safe", "kind", "url"}),
        ({"overflow": "refuse"}, set()),
    ],
    ids=str,
)
async def test_impossible_together(
    hass: HomeAssistant, wecom: WeCom, data: dict[str, Any], missing: set[str]
) -> None:
    """Test that a kind of message that cannot be made is sent as text."""
    recipient = {**WECOM.recipient, "name": "All"}
    entry = await set_up(hass, WECOM, wecom, recipient=recipient)
    await call(hass, "all", message="Somebody rings.", title="Door", data=data)
    sent = body(wecom, WECOM_SEND)
    assert sent["text"]["content"] == "Door\nSomebody rings."
    assert {*left_out(hass, entry)} == missing


async def test_link_in_card(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that what cannot be meant as a link is no link of a card either."""
    recipient = {**WECOM.recipient, "name": "All"}
    entry = await set_up(hass, WECOM, wecom, recipient=recipient)
    data = {
        "links": [{"title": "Open", "url": "entityId:light.hall"}],
        "quote": {"text": "Rule", "url": "5"},
        "items": [{"name": "Door", "value": "open", "url": LINK}],
        "url": LINK,
    }
    await call(hass, "all", message="Somebody rings.", title="Door", data=data)
    card = body(wecom, WECOM_SEND)["template_card"]
    assert {"jump_list", "quote_area"}.isdisjoint(card)
    assert card["horizontal_content_list"][0]["url"] == LINK
    assert {*left_out(hass, entry)} == {"links", "quote"}


@pytest.mark.parametrize(
    ("data", "channel", "missing"),
    [
        ({"channel": "Motion"}, "wechat", ["channel"]),
        ({"channel": "alarm_stream", "template": "html"}, "wechat", ["channel"]),
        ({"channel": "mail", "option": "homemail"}, "mail", []),
        ({"channel": ["mail"], "webhook": "homemail"}, "mail", []),
        ({"channel": "webhook"}, "wechat", ["channel"]),
    ],
    ids=str,
)
async def test_channels(
    hass: HomeAssistant,
    pushplus: PushPlus,
    data: dict[str, Any],
    channel: str,
    missing: list[str],
) -> None:
    """Test that a channel of Android is not one of PushPlus."""
    entry = await set_up(hass, PUSHPLUS, pushplus)
    await call(hass, "family_pushplus", message="Hello.", data=data)
    assert body(pushplus, PUSHPLUS_SEND)["channel"] == channel
    assert left_out(hass, entry) == missing


async def test_new_channel(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that our own action passes on a channel that PushPlus may have added."""
    await set_up(hass, PUSHPLUS, pushplus)
    with pytest.raises(HomeAssistantError):
        await hass.services.async_call(
            "wechat_push",
            "send_message",
            {
                "entity_id": "notify.family_pushplus",
                "message": "Hello.",
                "channel": "new",
            },
            blocking=True,
        )
    assert pushplus.requests_to(PUSHPLUS_SEND)[-1].json["channel"] == "new"


async def test_level(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test that a level is understood where there are levels."""
    entry = await set_up(hass, PUSHJET, pushjet)
    await call(hass, "home_alarms_pushjet", message="Fire!", data={"level": "5"})
    assert pushjet.requests_to(PUSHJET.path)[0].form["level"] == "5"
    assert not left_out(hass, entry)


async def test_group_in_yaml(
    hass: HomeAssistant, wxpusher: WxPusher, pushplus: PushPlus
) -> None:
    """Test that foreign data goes through a group as well."""
    services = [{"action": "zhang_san_wxpusher"}, {"action": "family_pushplus"}]
    group = {"platform": "group", "name": "Everybody", "services": services}
    assert await async_setup_component(hass, "group", {})
    assert await async_setup_component(hass, "notify", {"notify": [group]})
    await set_up(hass, WXPUSHER, wxpusher)
    await set_up(hass, PUSHPLUS, pushplus)
    await call(hass, "everybody", message="Somebody rings.", data=COMPANION)
    await hass.async_block_till_done()
    assert len(wxpusher.notifications) == 1
    assert len(pushplus.notifications) == 1


async def test_target(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that a target is no decoration: without it, another one got the message."""
    await set_up(hass, WXPUSHER, wxpusher)
    for data in ({}, {"url": LINK}):
        with pytest.raises(ServiceValidationError, match="nobody! is neither a UID"):
            await call(
                hass,
                "zhang_san_wxpusher",
                message="Hello.",
                target=["nobody!"],
                data=data,
            )
        with pytest.raises(ServiceValidationError, match="nobody! is neither a UID"):
            await call(
                hass,
                "zhang_san_wxpusher",
                message="Hello.",
                data={**data, "extra_targets": "nobody!"},
            )
    assert not wxpusher.requests_to(WXPUSHER_SEND)
    await call(
        hass,
        "zhang_san_wxpusher",
        message="Hello.",
        target=[UID_LI, "", None],
        data=COMPANION,
    )
    assert [each.recipient for each in wxpusher.notifications] == [UID_LI]
    await call(hass, "zhang_san_wxpusher", message="Hello.", target=["", "None"])
    assert wxpusher.notifications[-1].recipient == UID_ZHANG


async def test_our_action_is_strict(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that our own action refuses what it does not understand."""
    await set_up(hass, WXPUSHER, wxpusher)
    for key in ("tag", "clickAction", "type"):
        said = await refusal(hass, "Hello.", **{key: "x"})
        assert said == f"There is no field {key}"
    assert not wxpusher.requests_to(WXPUSHER_SEND)
