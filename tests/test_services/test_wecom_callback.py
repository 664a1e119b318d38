"""Tests for WeCom's cards that need a callback address in the console."""

from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError
from tests.issues import confirm, issues, open_repair, titles
from tests.messages import WECOM_SEND, refusal, tell
from tests.samples import WECOM, send, set_up, take_clicks
from tests.simulators import WeCom
from tests.simulators.wecom_accounts import AGENT_ID
from tests.test_options_flow import fill_in, open_form

BUTTONS = [{"text": "Disarm", "key": "disarm"}]
CLICKABLE: list[dict[str, Any]] = [
    {"buttons": BUTTONS},
    {"choices": [{"options": ["Yes", "No"]}]},
    {"choices": [{"options": ["Heat"]}, {"options": ["Cool"]}]},
]
TITLE = "WeCom · Home alarms: no callback URL"


@pytest.mark.parametrize("fields", CLICKABLE)
async def test_option_is_off(
    hass: HomeAssistant, wecom: WeCom, fields: dict[str, Any]
) -> None:
    """Test that such a card is refused before it is sent, and nothing else is."""
    await set_up(hass, WECOM, wecom)
    text = await refusal(hass, "Alarm", **fields)
    assert "applications without a callback URL (code 43012)" in text
    assert "turn on “Callback URL is set”" in text
    assert not wecom.requests_to(WECOM_SEND)
    assert issues(hass) == []
    await tell(hass, "Alarm", url="https://example.com", card_type="text_notice")
    assert len(wecom.notifications) == 1


@pytest.mark.parametrize("fields", CLICKABLE)
async def test_option_is_on(
    hass: HomeAssistant, wecom: WeCom, fields: dict[str, Any]
) -> None:
    """Test that the card is sent once a person has switched on the option."""
    entry = await set_up(hass, WECOM, wecom)
    wecom.agents[AGENT_ID].callback_url_configured = True
    form = await open_form(hass, entry)
    chosen = {**form["data_schema"]({}), "has_callback": True}
    result = await fill_in(hass, form, chosen)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await tell(hass, "Alarm", **fields)
    assert len(wecom.notifications) == 1


async def test_console_says_otherwise(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that WeCom's refusal becomes a repair issue, and holds up nothing else."""
    await take_clicks(hass, wecom, await set_up(hass, WECOM, wecom))
    wecom.agents[AGENT_ID].callback_url_configured = False
    with pytest.raises(ServiceValidationError) as raised:
        await tell(hass, "Alarm", buttons=BUTTONS)
    assert raised.value.translation_key == "wecom_callback_missing"
    assert titles(hass) == [TITLE]
    # Plain messages neither wait for it nor show that it is solved.
    await send(hass, "Someone is there.")
    assert len(wecom.notifications) == 1
    assert titles(hass) == [TITLE]
    wecom.agents[AGENT_ID].callback_url_configured = True
    result = await confirm(hass, await open_repair(hass, TITLE))
    # WeCom cannot be asked about it.
    assert result["step_id"] == "next_message"
    result = await confirm(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert titles(hass) == []
