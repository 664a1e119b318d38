"""Each service fails in each way, for one message or for a while."""

from typing import Final

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import HomeAssistant
from tests.samples import PUSHJET, SAMPLES, WECOM, Sample
from tests.simulators import Simulator

from .faults import FAULTS, MESSAGES, Fault
from .home import complaints, set_up

# These say something of their own to these services as well.
SOME: Final = (
    "refused",
    "reset-after",
    "hang-taken",
    "page",
    "429",
    "500-for-messages",
)
ALL: Final = (WECOM, PUSHJET)


@pytest.mark.parametrize(
    ("sample", "fault"),
    [
        pytest.param(sample, FAULTS[name], id=f"{sample.service}-{name}")
        for sample in SAMPLES.values()
        if sample.person is not None
        for name in (FAULTS if sample in ALL else SOME)
    ],
)
async def test_fault(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    fault: Fault,
) -> None:
    """Test that no message is lost, overtaken, or there more often than it may be."""
    home = await set_up(hass, sample, simulator, freezer)
    await home.send(2)
    async with fault.spell(simulator, sample.path):
        await home.send(MESSAGES)
        await home.pass_time(60, step=5)
    await home.send(2)
    await home.drain()
    copies = fault.copies if sample.copies > 1 else 1
    home.check(copies=copies, unread=fault.unread)
    for person in home.people:
        assert person.given_up == []
        # Before it, everything goes out at once.
        assert person.answers[:2] == ["sent", "sent"]
    # It has left its mark: messages waited, or were sent once more.
    answers = [answer for person in home.people for answer in person.answers]
    assert "queued" in answers or len(simulator.requests_to(sample.path)) > len(answers)
    assert complaints(caplog) == []
