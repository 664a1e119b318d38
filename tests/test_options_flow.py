"""What an account does besides sending is a matter of choice."""

from typing import Any

import pytest

from custom_components.wechat_push.options import AccountOptions, account_options
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from tests.samples import PUSHPLUS, WECOM, Sample, entity_ids, send, set_up, suggested
from tests.simulators import PushPlus, Simulator, WeCom

GENERAL: dict[str, Any] = {
    "expires_after": {"days": 0, "hours": 1, "minutes": 0},
    "repeat": "until_certain",
    "notify_actions": True,
}


async def open_form(hass: HomeAssistant, entry: ConfigEntry) -> dict[str, Any]:
    """Open the form of an account's options."""
    form = await hass.config_entries.options.async_init(entry.entry_id)
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == entry.data["provider"]
    return dict(form)


async def fill_in(
    hass: HomeAssistant, form: dict[str, Any], fields: dict[str, Any]
) -> dict[str, Any]:
    """Fill in the form."""
    result = await hass.config_entries.options.async_configure(form["flow_id"], fields)
    await hass.async_block_till_done()
    return dict(result)


async def test_defaults(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that what the form offers is what holds before anybody has chosen."""
    entry = await set_up(hass, sample, simulator)
    options = AccountOptions(ask_results=sample.options.get("ask_results", False))
    assert account_options(entry) == options
    form = await open_form(hass, entry)
    offered = form["data_schema"]({})
    assert offered == {**GENERAL, **sample.options}
    result = await fill_in(hass, form, offered)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert account_options(entry) == options


async def test_choices(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that what a person chose holds, and is shown when the form opens again."""
    entry = await set_up(hass, sample, simulator)
    chosen = {
        "expires_after": {"days": 1, "hours": 2, "minutes": 30},
        "repeat": "never",
        "notify_actions": False,
        **{key: not default for key, default in sample.options.items()},
    }
    result = await fill_in(hass, await open_form(hass, entry), chosen)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {**chosen, "expires_after": 95_400}
    options = account_options(entry)
    assert options.expires_after == 95_400
    assert options.repetitions == 0
    assert suggested(await open_form(hass, entry)) == chosen


@pytest.mark.parametrize(
    "typed",
    [
        {"minutes": 0},
        {"hours": 0, "minutes": 0, "seconds": 59},
        {"days": 7, "minutes": 1},
    ],
    ids=["nothing", "seconds", "more-than-a-week"],
)
async def test_wrong_time(
    hass: HomeAssistant, wecom: WeCom, typed: dict[str, int]
) -> None:
    """Test that messages wait neither too long nor no time at all."""
    entry = await set_up(hass, WECOM, wecom)
    form = await open_form(hass, entry)
    form = await fill_in(hass, form, {"expires_after": typed, "repeat": "never"})
    assert form["type"] is FlowResultType.FORM
    assert form["errors"] == {"expires_after": "expires_after_range"}
    # What was typed is still there.
    assert suggested(form) == {
        "expires_after": typed,
        "repeat": "never",
        "notify_actions": True,
        "has_callback": False,
    }
    assert account_options(entry).expires_after == 3600
    result = await fill_in(hass, form, {"expires_after": {"days": 7}})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert account_options(entry).expires_after == 604_800


@pytest.mark.parametrize("chosen", [True, False])
async def test_notify_actions(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, *, chosen: bool
) -> None:
    """Test that a person may do without an action for each recipient."""
    entry = await set_up(hass, sample, simulator)
    before = hass.services.async_services_for_domain("notify").keys()
    form = await open_form(hass, entry)
    await fill_in(hass, form, {"notify_actions": chosen})
    after = hass.services.async_services_for_domain("notify").keys()
    assert len(before - after) == int(not chosen)
    # The entities are there either way.
    assert len(entity_ids(hass)) == 1
    await send(hass, "Someone is there.")
    assert len(simulator.notifications) == 1


async def test_member(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that a member of PushPlus may write longer titles than others."""
    pushplus.account.member = True
    entry = await set_up(hass, PUSHPLUS, pushplus)
    title = "门" * 150
    await send(hass, "Someone is there.", title)
    await fill_in(hass, await open_form(hass, entry), {"member": True})
    await send(hass, "Someone is there again.", title)
    first, second = pushplus.notifications
    assert first.title != title
    assert second.title == title
