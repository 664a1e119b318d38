"""Each service fails in each way, for one message or for a while."""

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import HomeAssistant
from tests.samples import Sample
from tests.simulators import Pushjet, Simulator

from .faults import FAULTS, Fault
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
        await home.send(3)
        await home.pass_time(40)
    await home.send(2)
    await home.drain()
    print([p.answers for p in home.people], [home.arrived(p) for p in home.people], [[r.event for r in p.given_up] for p in home.people])
    home.check(copies=fault.copies)
    assert all(len(person.given_up) <= fault.failing for person in home.people)
    assert complaints(caplog) == []
