"""Each recipient may have its messages kept while the service is down, or not."""

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from tests.samples import Sample, add_recipient, set_up, suggested
from tests.simulators import Simulator
from tests.test_recipient_changes import fill_in, open_form


async def test_chosen(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that a person may choose, when adding a recipient and later."""
    fail = {**sample.recipient, "when_down": "fail"}
    entry = await set_up(hass, sample, simulator, recipient=fail)
    (recipient,) = entry.subentries.values()
    assert recipient.data["when_down"] == "fail"
    form = await open_form(hass, entry, recipient.subentry_id)
    assert suggested(form)["when_down"] == "fail"
    keep = {**suggested(form), "when_down": "keep"}
    result = await fill_in(hass, form, keep)
    assert result["reason"] == "reconfigure_successful"
    (changed,) = entry.subentries.values()
    assert changed.data == {**recipient.data, "when_down": "keep"}


async def test_older_recipient(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test a recipient that was added before there was a choice."""
    entry = await set_up(hass, sample, simulator)
    (recipient,) = entry.subentries.values()
    older = {k: v for k, v in recipient.data.items() if k != "when_down"}
    hass.config_entries.async_update_subentry(entry, recipient, data=older)
    await hass.async_block_till_done()
    form = await open_form(hass, entry, recipient.subentry_id)
    assert suggested(form)["when_down"] == "keep"
    again = {**sample.recipient, "when_down": "fail"}
    result = await add_recipient(hass, entry, again)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
