"""What an account may do besides is a matter of choice."""

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from tests.samples import Sample, entity_ids, send, set_up, suggested
from tests.simulators import Simulator


@pytest.mark.parametrize("chosen", [True, False])
async def test_notify_actions(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, *, chosen: bool
) -> None:
    """Test that a person may do without an action for each recipient."""
    entry = await set_up(hass, sample, simulator)
    before = hass.services.async_services_for_domain("notify").keys()
    form = await hass.config_entries.options.async_init(entry.entry_id)
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == "init"
    assert form["data_schema"] is not None
    assert form["data_schema"]({}) == {"notify_actions": True}
    result = await hass.config_entries.options.async_configure(
        form["flow_id"], {"notify_actions": chosen}
    )
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    after = hass.services.async_services_for_domain("notify").keys()
    assert len(before - after) == int(not chosen)
    again = await hass.config_entries.options.async_init(entry.entry_id)
    assert suggested(dict(again)) == {"notify_actions": chosen}
    # The entities are there either way.
    assert len(entity_ids(hass)) == 1
    await send(hass, "Someone is there.")
    assert len(simulator.notifications) == 1
