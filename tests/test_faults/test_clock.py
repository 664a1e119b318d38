"""The clock on the wall jumps, while time passes as ever."""

from collections.abc import Iterator
import sys
import time
from types import SimpleNamespace
from typing import Final

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import HomeAssistant
from tests.issues import titles
from tests.samples import PUSHPLUS, Sample
from tests.simulators import Pushjet, PushPlus, Simulator

from .home import open_garden, set_up

HOUR: Final = 3600.0
YEAR: Final = 365 * 24 * HOUR


class Clock:
    """A clock on the wall, which somebody may put forward or back."""

    def __init__(self) -> None:
        """Start with the right time."""
        self.wrong_by = 0.0
        # Nothing but the time of day is different.
        own = {"time": self.time, "time_ns": lambda: int(self.time() * 1e9)}
        self.module = SimpleNamespace(**{**vars(time), **own})

    def time(self) -> float:
        """Return the time that it shows."""
        return time.time() + self.wrong_by


@pytest.fixture
def clock(freezer: FrozenDateTimeFactory) -> Iterator[Clock]:
    """Return the clock that the integration looks at."""
    clock = Clock()
    with pytest.MonkeyPatch.context() as patched:
        for name, module in tuple(sys.modules.items()):
            own = name.startswith("custom_components.wechat_push")
            if own and vars(module).get("time") is time:
                patched.setattr(module, "time", clock.module)
        yield clock


both_ways = pytest.mark.parametrize(
    "jump", [YEAR, HOUR, -HOUR, -YEAR], ids=["year", "hour", "hour-back", "year-back"]
)


@both_ways
async def test_jump_while_waiting(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    clock: Clock,
    jump: float,
) -> None:
    """Test that what waits neither ends nor is forgotten by a jump, nor held up by it."""
    open_garden(pushjet)
    home = await set_up(hass, sample, simulator, freezer)
    await home.send(2)
    await simulator.stop()
    await home.send(2)
    clock.wrong_by = jump
    await home.send(1)
    await home.pass_time(60)
    await simulator.start(port=simulator.port)
    await home.drain(hours=0.2)
    await home.send(2)
    await home.drain(hours=0.2)
    home.check_all_arrived()


@pytest.mark.parametrize("jump", [HOUR / 2, -HOUR, -YEAR])
async def test_jump_while_away(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    clock: Clock,
    jump: float,
) -> None:
    """Test a restart with another time, which a small computer gets from the network."""
    open_garden(pushjet)
    home = await set_up(hass, sample, simulator, freezer)
    await home.send(2)
    await simulator.stop()
    await home.send(2)
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    clock.wrong_by = jump
    await home.load()
    await home.send(1)
    await home.pass_time(60)
    await simulator.start(port=simulator.port)
    await home.drain(hours=0.2)
    home.check_all_arrived()


async def test_jump_beyond_life(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    clock: Clock,
) -> None:
    """Test that a person is told of what seems to be too old after a restart."""
    open_garden(pushjet)
    home = await set_up(hass, sample, simulator, freezer)
    await simulator.stop()
    await home.send(2)
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    clock.wrong_by = YEAR
    await home.load()
    await home.drain(hours=0.2)
    assert len(titles(hass)) == 2
    await simulator.start(port=simulator.port)
    await home.send(1)
    await home.drain(hours=0.2)
    assert [home.arrived(person) for person in home.people] == [[2], [2]]


@both_ways
async def test_jump_while_restricted(
    hass: HomeAssistant,
    pushplus: PushPlus,
    freezer: FrozenDateTimeFactory,
    clock: Clock,
    jump: float,
) -> None:
    """Test that a restriction of PushPlus ends in its time, whatever the clock shows."""
    home = await set_up(hass, PUSHPLUS, pushplus, freezer)
    pushplus.restrict(days=2)
    await home.send(1)
    clock.wrong_by = jump
    pushplus.requests.clear()
    await home.pass_time(int(47 * HOUR), step=600)
    await home.send(1)
    assert pushplus.requests == []
    await home.pass_time(int(2 * HOUR), step=600)
    await home.send(1)
    assert [home.arrived(person) for person in home.people] == [[2], [2]]


async def test_jump_back_before_a_restriction(
    hass: HomeAssistant,
    pushplus: PushPlus,
    freezer: FrozenDateTimeFactory,
    clock: Clock,
) -> None:
    """Test that a clock put back by a year does not make a restriction last as long."""
    home = await set_up(hass, PUSHPLUS, pushplus, freezer)
    pushplus.restrict(days=2)
    await home.send(1)
    clock.wrong_by = -YEAR
    await home.restart()
    await home.pass_time(int(8.1 * 24 * HOUR), step=3600)
    await home.send(1)
    assert [home.arrived(person) for person in home.people] == [[1], [1]]
