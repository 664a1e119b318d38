"""Messages through Home Assistant's own action, to the simulated phones."""

from homeassistant.core import HomeAssistant

from tests.samples import Sample, send, set_up
from tests.simulators import Simulator


async def test_message_arrives(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that an account and a recipient added in the UI get a message."""
    entry = await set_up(hass, sample, simulator)
    assert entry.title == sample.title
    await send(hass, "前门有人。Someone is there.", "门铃 Doorbell")
    assert [n.recipient for n in simulator.notifications] == sample.receivers
