"""A clock that is set right changes nothing about what waits."""

from dataclasses import dataclass
import time
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push import gate, limiter, queued, recipient
from homeassistant.core import HomeAssistant
from tests.moments import drain, pass_time, settle
from tests.samples import PUSHJET, PUSHPLUS, Sample, send, set_up
from tests.simulators import Pushjet, PushPlus, Simulator
from tests.test_delivery.common import numbers, status
from tests.troubles import told

YEAR = 365 * 24 * 3600

jumps = pytest.mark.parametrize("seconds", [YEAR, -YEAR], ids=["ahead", "back"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """A clock on the wall that differs from the one that only measures."""

    ahead: float

    def time(self) -> float:
        """Return what the clock on the wall shows."""
        return time.time() + self.ahead

    def time_ns(self) -> int:
        """Return the same in nanoseconds."""
        return int(self.time() * 1e9)

    def monotonic(self) -> float:
        """Return what no hand can change."""
        return time.monotonic()


def set_clock(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Set the clock on the wall ahead, or back."""
    for module in (gate, limiter, queued, recipient):
        monkeypatch.setattr(module, "time", Clock(ahead=seconds))


@jumps
async def test_while_waiting(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    seconds: float,
) -> None:
    """Test that messages are neither lost nor kept for too long."""
    entry = await set_up(hass, sample, simulator)
    await simulator.stop()
    await send(hass, "No. 0")
    set_clock(monkeypatch, seconds)
    assert (await status(hass, "No. 1", expires_after={"minutes": 1}))[0] == "queued"
    await send(hass, "No. 2")
    await pass_time(hass, freezer, 120, step=5)
    assert told(hass)["undelivered"]["count"] == "1"
    assert entry.runtime_data.delivery.queued == 2
    await simulator.start(port=simulator.port)
    await drain(hass, freezer, entry)
    assert numbers(simulator) == [0, 2]


async def test_set_back_over_restart(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Test a computer without a clock of its own, which starts in the past."""
    entry = await set_up(hass, sample, simulator)
    await simulator.stop()
    await send(hass, "No. 0")
    assert await hass.config_entries.async_unload(entry.entry_id)
    set_clock(monkeypatch, -YEAR)
    await simulator.start(port=simulator.port)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    await drain(hass, freezer, entry)
    assert numbers(simulator) == [0]
    # What was sent before does not hold anything up, though it is in the future.
    assert (await status(hass, "No. 1"))[0] == "sent"


async def test_set_back_ends(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Test that a message from the future is not kept until then."""
    entry = await set_up(hass, PUSHJET, pushjet)
    await pushjet.stop()
    await send(hass, "No. 0")
    assert await hass.config_entries.async_unload(entry.entry_id)
    set_clock(monkeypatch, -YEAR)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await pass_time(hass, freezer, 3500, step=50)
    assert entry.runtime_data.delivery.queued == 1
    await pass_time(hass, freezer, 200, step=50)
    assert entry.runtime_data.delivery.queued == 0
    assert told(hass)["undelivered"]["count"] == "1"


async def test_block_over_restart(
    hass: HomeAssistant,
    pushplus: PushPlus,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Test that a clock that was put back does not make a restriction last for years."""
    entry = await set_up(hass, PUSHPLUS, pushplus)
    pushplus.restrict(2)
    long: dict[str, Any] = {"expires_after": {"days": 7}}
    assert (await status(hass, "No. 0", **long))[0] == "queued"
    assert await hass.config_entries.async_unload(entry.entry_id)
    set_clock(monkeypatch, -YEAR)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    left = entry.runtime_data.delivery.blocked_until.timestamp() - time.time()
    assert 2 * 24 * 3600 <= left <= 8 * 24 * 3600
