"""Tests for the required fields and limits of WeCom's template cards."""

from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from tests.messages import PICTURE, WECOM_SEND, refusal, tell
from tests.samples import WECOM, set_up
from tests.simulators import WeCom

from .common import LINK

ITEM = {"name": "Area", "value": "Hall"}
JUMP = {"title": "Open HA", "url": LINK}
MODES = {"key": "mode", "options": ["heat", "cool"]}
FORTY = [str(number) for number in range(40)]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"card_type": "text_notice"}, "This kind of message needs the field Link."),
        (
            {"card_type": "text_notice", "url": LINK, "message": ""},
            "The message is empty.",
        ),
        (
            {"card_type": "news_notice", "image": PICTURE},
            "This kind of message needs the field Link.",
        ),
        (
            {"card_type": "news_notice", "url": LINK},
            "This kind of message needs the field Picture.",
        ),
        (
            {"card_type": "news_notice", "url": LINK, "image": PICTURE, "message": ""},
            "This kind of message needs the field Title.",
        ),
        (
            {"card_type": "button_interaction"},
            "This kind of message needs the field Buttons.",
        ),
        (
            {"message": "", "buttons": [{"text": "Off"}]},
            "This kind of message needs the field Title.",
        ),
        (
            {"card_type": "vote_interaction"},
            "This kind of message needs the field Questions.",
        ),
        (
            {"card_type": "multiple_interaction"},
            "This kind of message needs the field Questions.",
        ),
        (
            {"message": "", "choices": [MODES]},
            "This kind of message needs the field Title.",
        ),
        (
            {"card": {"card_type": "vote_interaction", "main_title": {"title": "x"}}},
            "This kind of message needs the field Questions.",
        ),
        (
            {"emphasis": {"title": "x"}, "buttons": [{"text": "Off"}]},
            "Not possible here: Large text (Buttons). Use instead: Text notice (text_notice)",
        ),
        (
            {"links": [JUMP], "choices": [MODES]},
            "Not possible here: Links (Vote). "
            "Use instead: Text notice (text_notice), Picture notice (news_notice)",
        ),
        (
            {"card_type": "text_notice", "url": LINK, "buttons": [{"text": "Off"}]},
            "Not possible here: Buttons (Text notice). Use instead: Buttons (button_interaction)",
        ),
        (
            {"card_type": "news_notice", "choices": [MODES]},
            "Not possible here: Questions (Picture notice). "
            "Use instead: Buttons (button_interaction), Vote (vote_interaction), Several choices (multiple_interaction)",
        ),
        (
            {"card_type": "vote_interaction", "choices": [MODES, MODES]},
            "The field Questions (Vote) has too many entries: it takes 1",
        ),
        (
            {"buttons": [{"text": "Off"}] * 7},
            "The field Buttons has too many entries: it takes 6 at most",
        ),
        (
            {"url": LINK, "items": [ITEM] * 7},
            "The field Rows has too many entries: it takes 6 at most",
        ),
        (
            {"url": LINK, "links": [JUMP] * 4},
            "The field Links has too many entries: it takes 3 at most",
        ),
        (
            {"choices": [MODES] * 4},
            "The field Questions has too many entries: it takes 3 at most",
        ),
        (
            {"choices": [{"options": FORTY[:21]}]},
            "The field Questions: Answers has too many entries: it takes 20 at most",
        ),
        (
            {"choices": [MODES, {"options": FORTY[:11]}]},
            "The field Questions: Answers has too many entries: it takes 10 at most",
        ),
        (
            {"buttons": [{"text": "Off", "key": "键" * 342}]},
            "The field Buttons: Key that a click tells is too long: this kind of message"
            " takes 1024 bytes at most",
        ),
        (
            {"choices": [{**MODES, "key": "k" * 1025}]},
            "The field Questions: Key that an answer tells is too long: this kind of message takes 1024 bytes",
        ),
        (
            {"choices": [{"options": ["i" * 129]}]},
            "The field Questions: Answers is too long: this kind of message takes 128 bytes at most",
        ),
        (
            {"choices": [MODES], "submit_key": "k" * 1025},
            "The field Key of the submit button is too long: this kind of message takes 1024 bytes at most",
        ),
        (
            {"url": LINK, "card": {"task_id": "t" * 129}},
            "The field task_id is too long: this kind of message takes 128 bytes at most",
        ),
    ],
)
async def test_refused(
    hass: HomeAssistant, wecom: WeCom, fields: dict[str, Any], text: str
) -> None:
    """Test that an invalid card is refused without a request."""
    await set_up(hass, WECOM, wecom)
    said = await refusal(hass, **{"message": "Done", **fields})
    assert said.startswith(text)
    assert not wecom.requests_to(WECOM_SEND)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (
            {"url": "example.com", "card": {"card_action": {"type": 1}}},
            "The service refuses this (code 40058): card_action.url missing or invalid "
            "Request Parameter",
        ),
        (
            {"url": LINK, "card": {"jump_list": [{"type": 1, "url": LINK}]}},
            "The service refuses this (code 40058): jump_list.title missing or invalid "
            "Request Parameter",
        ),
        (
            {"url": LINK, "card": {"main_title": "Door"}},
            "The service refuses this (code 40058): template_card.main_title missing or "
            "invalid Request Parameter",
        ),
        (
            {"url": LINK, "card": {"horizontal_content_list": ["Area", {}]}},
            "The service refuses this (code 40058): "
            "template_card.horizontal_content_list missing or invalid Request Parameter",
        ),
    ],
)
async def test_refused_by_wecom(
    hass: HomeAssistant, wecom: WeCom, fields: dict[str, Any], text: str
) -> None:
    """Test that WeCom's own refusals are shown."""
    await set_up(hass, WECOM, wecom)
    with pytest.raises(ServiceValidationError) as raised:
        await tell(hass, "Done", **fields)
    assert str(raised.value) == text
    assert len(wecom.requests_to(WECOM_SEND)) == 1
    assert not wecom.notifications
