"""What the tests of the blueprints share."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from homeassistant.core import HomeAssistant
from homeassistant.util.async_ import get_scheduled_timer_handles
from tests.simulators import Simulator

ROOT: Final = Path(__file__).parents[2]
BLUEPRINTS: Final = ROOT / "blueprints" / "automation" / "wechat_push"

# A Saturday.
THEN: Final = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)


async def until(done: Callable[[], bool]) -> None:
    """Wait until something has happened."""
    turns = 0
    while not done():
        # The clock stands still, so that only this ends a wait in vain.
        turns += 1
        assert turns < 100_000
        await asyncio.sleep(0)


def waits(hass: HomeAssistant, time: timedelta) -> bool:
    """Return if something began to wait for so long at this moment."""
    now, seconds = hass.loop.time(), time.total_seconds()
    return any(
        not timer.cancelled() and abs(timer.when() - now - seconds) < 0.001
        for timer in get_scheduled_timer_handles(hass.loop)
    )


async def happen() -> None:
    """Let everything happen that needs no time; a run that waits goes on waiting."""
    for _ in range(100):
        await asyncio.sleep(0)


async def pass_time(
    hass: HomeAssistant, clock: FrozenDateTimeFactory, time: timedelta
) -> None:
    """Let time pass, and everything happen that has waited for it."""
    clock.tick(time)
    async_fire_time_changed(hass)
    await happen()


def set_state(
    hass: HomeAssistant, entity_id: str, state: str, **attributes: Any
) -> None:
    """Set the state of an entity."""
    hass.states.async_set(entity_id, state, attributes)


def shown(simulator: Simulator) -> list[tuple[str, str]]:
    """Return what the phones show: who, and what."""
    return [(each.recipient, each.text) for each in simulator.notifications]
