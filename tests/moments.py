"""Time that passes when a test tells it to, and whatever is due in it."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from freezegun.api import FrozenDateTimeFactory

from homeassistant.core import HomeAssistant

# Turns of the event loop in which everything happens that needs no time.
_TURNS = 30
# Seconds that are as long as the time-outs of the accounts in the tests.
_LONG_STEP = 5


async def settle(hass: HomeAssistant) -> None:
    """Let everything happen that can without time passing."""
    for _ in range(3):
        for _ in range(_TURNS // 3):
            await asyncio.sleep(0)
        # What reads and writes files has had its turn too.
        await hass.async_add_executor_job(bool)


async def pass_time(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    seconds: int = 1,
    *,
    step: int = 1,
) -> None:
    """Let time pass, in steps that are not too long for what happens in it."""
    for _ in range(0, seconds, step):
        # In a long step, the time of a request that is under way would run out.
        for _ in range(1 if step < _LONG_STEP else 3):
            await settle(hass)
        freezer.tick(step)
    await settle(hass)


async def during[ResultT](
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    awaitable: Awaitable[ResultT],
) -> ResultT:
    """Let time pass until something is done; return what came of it."""
    task = asyncio.ensure_future(awaitable)
    await settle(hass)
    while not task.done():
        await pass_time(hass, freezer)
    return task.result()


async def drain(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: Any,
    *,
    hours: float = 1,
    step: int = 1,
) -> None:
    """Let time pass until no message of an account waits any more."""
    delivery = entry.runtime_data.delivery
    for _ in range(0, int(hours * 3600), step):
        if not delivery.queued:
            break
        await pass_time(hass, freezer, step, step=step)
    assert delivery.queued == 0
