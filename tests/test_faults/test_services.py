"""Each service fails in each way, for one message or for a while."""

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import HomeAssistant
from tests.samples import Sample
from tests.simulators import Pushjet, Simulator

from .faults import FAULTS, MESSAGES, Fault
from .home import complaints, open_garden, set_up


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_fault(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    fault: Fault,
) -> None:
    """Test that no message is lost, overtaken, or there more often than it may be."""
    open_garden(pushjet)
    home = await set_up(hass, sample, simulator, freezer)
    await home.send(2)
    async with fault.spell(simulator, sample.path):
        await home.send(MESSAGES)
        await home.pass_time(60)
    await home.send(2)
    await home.drain()
    home.check(copies=fault.copies)
    for person in home.people:
        assert len(person.given_up) <= fault.failing_at(sample.service)
        # Before it, everything goes out at once.
        assert person.answers[:2] == ["sent", "sent"]
    # It has left its mark: messages waited, or were sent once more.
    answers = [answer for person in home.people for answer in person.answers]
    assert "queued" in answers or len(simulator.requests_to(sample.path)) > len(answers)
    assert complaints(caplog) == []
