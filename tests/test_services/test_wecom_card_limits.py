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
        ({"card_type": "text_notice"}, "This message type requires the field Link"),
        (
            {"card_type": "text_notice", "url": LINK, "message": ""},
            "The message is empty.",
        ),
        (
            {"card_type": "news_notice", "image": PICTURE},
            "This message type requires the field Link",
        ),
        (
            {"card_type": "news_notice", "url": LINK},
            "This message type requires the field Picture",
        ),
        (
            {"card_type": "news_notice", "url": LINK, "image": PICTURE, "message": ""},
            "This message type requires the field Title",
        ),
        (
            {"card_type": "button_interaction"},
            "This message type requires the field Buttons",
        ),
        (
            {"message": "", "buttons": [{"text": "Off"}]},
            "This message type requires the field Title",
        ),
        (
            {"card_type": "vote_interaction"},
            "This message type requires the field Questions",
        ),
        (
            {"card_type": "multiple_interaction"},
            "This message type requires the field Questions",
        ),
        (
            {"message": "", "choices": [MODES]},
            "This message type requires the field Title",
        ),
        (
            {"card": {"card_type": "vote_interaction", "main_title": {"title": "x"}}},
            "This message type requires the field Questions",
        ),
        (
            {"emphasis": {"title": "x"}, "buttons": [{"text": "Off"}]},
            "Not supported here: Highlighted value (Buttons). Use Text notice (text_notice) instead",
        ),
        (
            {"links": [JUMP], "choices": [MODES]},
            "Not supported here: Links (Vote). Use Text notice (text_notice), Picture notice (news_notice) instead",
        ),
        (
            {"card_type": "text_notice", "url": LINK, "buttons": [{"text": "Off"}]},
            "Not supported here: Buttons (Text notice). Use Buttons (button_interaction) instead",
        ),
        (
            {"card_type": "news_notice", "choices": [MODES]},
            "Not supported here: Questions (Picture notice). Use Buttons (button_interaction), Vote (vote_interaction), Multiple choice (multiple_interaction) instead",
        ),
        (
            {"card_type": "vote_interaction", "choices": [MODES, MODES]},
            "The field Questions (Vote) has too many entries. The limit is 1",
        ),
        (
            {"buttons": [{"text": "Off"}] * 7},
            "The field Buttons has too many entries. The limit is 6",
        ),
        (
            {"url": LINK, "items": [ITEM] * 7},
            "The field Rows has too many entries. The limit is 6",
        ),
        (
            {"url": LINK, "links": [JUMP] * 4},
            "The field Links has too many entries. The limit is 3",
        ),
        (
            {"choices": [MODES] * 4},
            "The field Questions has too many entries. The limit is 3",
        ),
        (
            {"choices": [{"options": FORTY[:21]}]},
            "The field Questions: Answers has too many entries. The limit is 20",
        ),
        (
            {"choices": [MODES, {"options": FORTY[:11]}]},
            "The field Questions: Answers has too many entries. The limit is 10",
        ),
        (
            {"buttons": [{"text": "Off", "key": "键" * 342}]},
            "The field Buttons: Key is too long. The limit for this message type is 1024 bytes",
        ),
        (
            {"choices": [{**MODES, "key": "k" * 1025}]},
            "The field Questions: Key is too long. The limit for this message type is 1024 bytes",
        ),
        (
            {"choices": [{"options": ["i" * 129]}]},
            "The field Questions: Answers is too long. The limit for this message type is 128 bytes",
        ),
        (
            {"choices": [MODES], "submit_key": "k" * 1025},
            "The field Submit button key is too long. The limit for this message type is 1024 bytes",
        ),
        (
            {"url": LINK, "card": {"task_id": "t" * 129}},
            "The field task_id is too long. The limit for this message type is 128 bytes",
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
            "The service refused the request (code 40058): card_action.url missing or invalid "
            "Request Parameter",
        ),
        (
            {"url": LINK, "card": {"jump_list": [{"type": 1, "url": LINK}]}},
            "The service refused the request (code 40058): jump_list.title missing or invalid "
            "Request Parameter",
        ),
        (
            {"url": LINK, "card": {"main_title": "Door"}},
            "The service refused the request (code 40058): template_card.main_title missing or "
            "invalid Request Parameter",
        ),
        (
            {"url": LINK, "card": {"horizontal_content_list": ["Area", {}]}},
            "The service refused the request (code 40058): "
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
