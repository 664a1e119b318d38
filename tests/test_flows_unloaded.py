"""Flows of accounts that do not run, and forms that are filled in twice."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from tests.samples import (
    PUSHPLUS,
    WECOM,
    add_recipient,
    fill_in as fill_in_account,
    send,
    set_up,
    suggested,
)
from tests.simulators import PushPlus, WeCom
from tests.test_options_flow import fill_in, open_form
from tests.test_reconfigure import open_form as open_reconfigure_form, without_secret


async def test_reconfigure(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that an account that was not loaded is loaded after it was changed."""
    entry = await set_up(hass, WECOM, wecom)
    await hass.config_entries.async_unload(entry.entry_id)
    form = await open_reconfigure_form(hass, entry)
    changed = without_secret(WECOM, wecom, read_timeout=6)
    result = await fill_in_account(hass, form, changed)
    assert result["reason"] == "reconfigure_successful"
    assert entry.state is ConfigEntryState.LOADED
    await send(hass, "Someone is there.")
    assert len(wecom.notifications) == 1


async def test_recipient(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that an account that is not loaded is asked with one and the same client."""
    entry = await set_up(hass, WECOM, wecom)
    await hass.config_entries.async_unload(entry.entry_id)
    wecom.gettoken_count = 0
    form = await add_recipient(hass, entry, {"targets": ["@nobody"], "format": "text"})
    assert form["errors"] == {"targets": "wecom_member_not_found"}
    recipients = hass.config_entries.subentries
    typed: dict[str, Any] = {"targets": ["@lisi"]}
    result = await recipients.async_configure(form["flow_id"], typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert wecom.gettoken_count == 1


async def test_callback_address(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that the callback address stays while the form is corrected."""
    await hass.config.async_update(external_url="https://home.example.com")
    entry = await set_up(hass, PUSHPLUS, pushplus)
    form = await open_form(hass, entry)
    address = suggested(form)["callback_url"]
    assert address.startswith("https://home.example.com/")
    again = await fill_in(hass, form, {"expires_after": {"minutes": 0}})
    assert again["errors"] == {"expires_after": "expires_after_range"}
    assert suggested(again)["callback_url"] == address
