"""Tests for WeCom's template cards, built from fields or given as a whole."""

import re
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from tests.messages import PICTURE, WECOM_SEND, body, tell
from tests.samples import WECOM, set_up, take_clicks
from tests.simulators import WeCom

LINK = "https://example.com/door"
QUOTE = {"title": "Rule", "text": "Shut the door", "url": LINK}
ITEMS = [
    {"name": "Area", "value": "Hall"},
    {"name": "Log", "value": "now", "url": LINK},
]
LINKS = [{"title": "Open HA", "url": LINK}]
MODES = {
    "key": "mode",
    "title": "Mode",
    "options": [{"id": "h", "text": "Heat"}, {"id": "c", "text": "Cool"}],
}
MODE_OPTIONS = [{"id": "h", "text": "Heat"}, {"id": "c", "text": "Cool"}]
ACTION = {"type": 1, "url": LINK}


async def card_of(hass: HomeAssistant, wecom: WeCom, **fields: Any) -> dict[str, Any]:
    """Send a card; return it as sent, without its task ID."""
    await take_clicks(hass, wecom, await set_up(hass, WECOM, wecom))
    await tell(hass, **fields)
    sent = body(wecom, WECOM_SEND)
    assert sent["msgtype"] == "template_card"
    assert len(wecom.notifications) == 1
    card = dict(sent["template_card"])
    task_id = card.pop("task_id", "0")
    assert re.fullmatch(r"[0-9A-Za-z_\-@]{1,128}", task_id)
    return card


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"message": "Door", "url": LINK, "kind": "template_card"},
            {
                "card_type": "text_notice",
                "sub_title_text": "Door",
                "card_action": ACTION,
            },
        ),
        (
            {"title": " The\ndoor ", "url": LINK, "card_type": "text_notice"},
            {
                "card_type": "text_notice",
                "main_title": {"title": "The door"},
                "card_action": ACTION,
            },
        ),
        (
            {
                "title": "Door",
                "message": "**Open** since\n10:30",
                "format": "markdown",
                "url": LINK,
                "source": "Home",
                "quote": QUOTE,
                "emphasis": {"title": 21.5, "description": "°C"},
                "items": ITEMS,
                "links": LINKS,
            },
            {
                "card_type": "text_notice",
                "source": {"desc": "Home"},
                "main_title": {"title": "Door"},
                "emphasis_content": {"title": "21.5", "desc": "°C"},
                "quote_area": {
                    "type": 1,
                    "url": LINK,
                    "title": "Rule",
                    "quote_text": "Shut the door",
                },
                "sub_title_text": "Open since\n10:30",
                "horizontal_content_list": [
                    {"keyname": "Area", "value": "Hall"},
                    {"type": 1, "keyname": "Log", "value": "now", "url": LINK},
                ],
                "jump_list": [{"type": 1, "title": "Open HA", "url": LINK}],
                "card_action": ACTION,
            },
        ),
        (
            {"message": "Door", "url": LINK, "quote": {"text": "Shut"}, "items": []},
            {
                "card_type": "text_notice",
                "quote_area": {"type": 0, "quote_text": "Shut"},
                "sub_title_text": "Door",
                "card_action": ACTION,
            },
        ),
        (
            {
                "card_type": "text_notice",
                "message": "Door",
                "url": LINK,
                "image": PICTURE,
            },
            {
                "card_type": "text_notice",
                "sub_title_text": f"Door\ndoor.jpg: {PICTURE}",
                "card_action": ACTION,
            },
        ),
    ],
)
async def test_text_notice(
    hass: HomeAssistant,
    wecom: WeCom,
    fields: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    """Test text cards, which need only a link."""
    assert await card_of(hass, wecom, **fields) == expected


@pytest.mark.parametrize(
    ("fields", "main_title"),
    [
        ({"title": "Camera", "message": "Door\nopen"}, ("Camera", "Door\nopen")),
        ({"message": "Camera\nDoor\nopen"}, ("Camera", "Door\nopen")),
        ({"title": "Camera"}, ("Camera", None)),
    ],
)
async def test_news_notice(
    hass: HomeAssistant,
    wecom: WeCom,
    fields: dict[str, str],
    main_title: tuple[str, str | None],
) -> None:
    """Test picture cards; a text without a title keeps all lines."""
    card = await card_of(
        hass,
        wecom,
        kind="template_card",
        image=PICTURE,
        url=LINK,
        source="Home",
        quote=QUOTE,
        items=ITEMS[:1],
        links=LINKS,
        **fields,
    )
    main = card.pop("main_title")
    assert (main["title"], main.get("desc")) == main_title
    assert card == {
        "card_type": "news_notice",
        "source": {"desc": "Home"},
        "card_image": {"url": PICTURE, "aspect_ratio": 1.6},
        "quote_area": {
            "type": 1,
            "url": LINK,
            "title": "Rule",
            "quote_text": "Shut the door",
        },
        "horizontal_content_list": [{"keyname": "Area", "value": "Hall"}],
        "jump_list": [{"type": 1, "title": "Open HA", "url": LINK}],
        "card_action": ACTION,
    }


async def test_buttons(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test cards with buttons that open a URL or send a key."""
    card = await card_of(
        hass,
        wecom,
        message="Alarm\nat the door\nnow",
        url=LINK,
        quote={"title": "Rule"},
        items=ITEMS[:1],
        buttons=[
            {"text": "Disarm", "key": "DISARM", "style": 1.0},
            {"text": "Ignore", "url": ""},
            {"text": "Look", "url": LINK, "style": "2"},
        ],
        choices=[{**MODES, "selected": "c"}],
    )
    assert card == {
        "card_type": "button_interaction",
        "main_title": {"title": "Alarm"},
        "sub_title_text": "at the door\nnow",
        "quote_area": {"type": 0, "title": "Rule"},
        "horizontal_content_list": [{"keyname": "Area", "value": "Hall"}],
        "button_selection": {
            "question_key": "mode",
            "title": "Mode",
            "option_list": MODE_OPTIONS,
            "selected_id": "c",
        },
        "button_list": [
            {"type": 0, "text": "Disarm", "style": 1, "key": "DISARM"},
            {"type": 0, "text": "Ignore", "key": "Ignore"},
            {"type": 1, "text": "Look", "style": 2, "url": LINK},
        ],
        "card_action": ACTION,
    }


@pytest.mark.parametrize(
    ("choice", "checkbox"),
    [
        (
            {**MODES, "selected": ["h"], "multiple": True},
            {
                "question_key": "mode",
                "mode": 1,
                "option_list": [
                    {"id": "h", "text": "Heat", "is_checked": True},
                    {"id": "c", "text": "Cool", "is_checked": False},
                ],
            },
        ),
        (
            {"options": ["a", "ab", 3], "selected": "ab"},
            {
                "question_key": "choice",
                "mode": 0,
                "option_list": [
                    {"id": "a", "text": "a", "is_checked": False},
                    {"id": "ab", "text": "ab", "is_checked": True},
                    {"id": "3", "text": "3", "is_checked": False},
                ],
            },
        ),
    ],
)
async def test_vote(
    hass: HomeAssistant,
    wecom: WeCom,
    choice: dict[str, Any],
    checkbox: dict[str, Any],
) -> None:
    """Test cards with checkboxes, which have no link."""
    card = await card_of(
        hass,
        wecom,
        title="Dinner",
        message="What?",
        url=LINK,
        source="Home",
        choices=[choice],
        submit_label="Tell",
        submit_key="dinner",
    )
    assert card == {
        "card_type": "vote_interaction",
        "source": {"desc": "Home"},
        "main_title": {"title": "Dinner", "desc": f"What?\n{LINK}"},
        "checkbox": checkbox,
        "submit_button": {"text": "Tell", "key": "dinner"},
    }


async def test_several_choices(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test cards with select lists."""
    card = await card_of(
        hass,
        wecom,
        title="Climate",
        choices=[
            {**MODES, "selected": "h"},
            {"title": "Fan", "options": "auto"},
        ],
    )
    assert card == {
        "card_type": "multiple_interaction",
        "main_title": {"title": "Climate"},
        "select_list": [
            {
                "question_key": "mode",
                "title": "Mode",
                "option_list": MODE_OPTIONS,
                "selected_id": "h",
            },
            {
                "question_key": "Fan",
                "title": "Fan",
                "option_list": [{"id": "auto", "text": "auto"}],
            },
        ],
        "submit_button": {"text": "OK", "key": "submit"},
    }


async def test_tasks_differ(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that each card has a task ID of its own."""
    await take_clicks(hass, wecom, await set_up(hass, WECOM, wecom))
    for _ in range(2):
        await tell(hass, "Alarm", buttons=[{"text": "Off"}])
    first, second = (each.json for each in wecom.requests_to(WECOM_SEND))
    assert first["template_card"]["task_id"] != second["template_card"]["task_id"]
    assert len(wecom.response_codes) == 2


WHOLE: dict[str, dict[str, Any]] = {
    "text": {
        "card_type": "text_notice",
        "source": {"desc": "Home", "desc_color": 2},
        "main_title": {"title": "Door open", "desc": "front"},
        "card_action": {"type": 2, "appid": "wx1", "pagepath": "p"},
        "action_menu": {
            "desc": "More",
            "action_list": [{"text": "Mute", "key": "mute"}],
        },
        "task_id": "door_1",
    },
    "news": {
        "card_type": "news_notice",
        "main_title": {"title": "Camera"},
        "image_text_area": {"type": 0, "title": "Front", "image_url": PICTURE},
        "vertical_content_list": [{"title": "Area", "desc": "Hall"}],
        "card_action": ACTION,
    },
    "vote": {
        "card_type": "vote_interaction",
        "task_id": "vote-1@home",
        "main_title": {"title": "Pick"},
        "checkbox": {
            "question_key": "q",
            "option_list": [
                {"id": str(number), "text": str(number)} for number in range(20)
            ],
        },
        "submit_button": {"text": "OK", "key": "k"},
    },
}


@pytest.mark.parametrize("card", WHOLE.values(), ids=list(WHOLE))
async def test_whole_card(
    hass: HomeAssistant, wecom: WeCom, card: dict[str, Any]
) -> None:
    """Test that a complete card in WeCom's format is sent unchanged."""
    await card_of(hass, wecom, card=card)
    assert body(wecom, WECOM_SEND)["template_card"] == card


async def test_fields_and_card(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a card in WeCom's format overrides fields."""
    card = await card_of(
        hass,
        wecom,
        title="Door",
        message="Open",
        url=LINK,
        items=ITEMS[:1],
        card={
            "main_title": {"title": "Gate", "desc": "front"},
            "sub_title_text": None,
            "action_menu": {"action_list": [{"text": "Mute", "key": "mute"}]},
        },
    )
    assert card == {
        "card_type": "text_notice",
        "main_title": {"title": "Gate", "desc": "front"},
        "horizontal_content_list": [{"keyname": "Area", "value": "Hall"}],
        "card_action": ACTION,
        "action_menu": {"action_list": [{"text": "Mute", "key": "mute"}]},
    }
    # Interactive cards need a task ID.
    assert body(wecom, WECOM_SEND)["template_card"]["task_id"]


async def test_long_texts(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that long display texts are neither refused nor cut."""
    long = "很长" * 500
    card = await card_of(
        hass,
        wecom,
        title=long,
        message=long,
        url=LINK,
        source=long,
        quote={"title": long, "text": long},
        emphasis={"title": long, "description": long},
        items=[{"name": long, "value": long}] * 6,
        links=[{"title": long, "url": LINK}] * 3,
    )
    assert card["main_title"]["title"] == card["sub_title_text"] == long
    assert len(card["horizontal_content_list"]) == 6
