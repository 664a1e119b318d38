"""Let time pass in tests whose clock is frozen."""

import asyncio
from collections.abc import Awaitable, Callable
import math
import time
from typing import Any
from weakref import WeakKeyDictionary

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import DATA_CONNECTOR
from homeassistant.util.async_ import get_scheduled_timer_handles
from tests.simulators import Simulator

# Turns of the event loop that may go on without time passing.
_MOST_TURNS = 1000
# Turns after which a socket would have woken somebody up.
_QUIET_TURNS = 3
# Times that disk and network get a chance to go on; some jobs may be blocked. Each is
# longer than the one before by so many seconds, five seconds in all: on a busy machine,
# a disk takes its time.
_MOST_CHANCES = 140
_CHANCE = 0.0005

# The jobs of an event loop's executor that are waiting or running.
_JOBS: WeakKeyDictionary[asyncio.AbstractEventLoop, set[asyncio.Future[Any]]] = (
    WeakKeyDictionary()
)


def track_jobs(
    loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Track the jobs of the executor, so that `settle` can wait for them."""
    jobs = _JOBS[loop] = set()
    run_in_executor = loop.run_in_executor

    def run(*args: Any) -> asyncio.Future[Any]:
        job = run_in_executor(*args)
        jobs.add(job)
        job.add_done_callback(jobs.discard)
        return job

    monkeypatch.setattr(loop, "run_in_executor", run)


async def settle(hass: HomeAssistant) -> bool:
    """Run what can run without time passing; return if nothing is left."""
    loop, jobs = hass.loop, _JOBS[hass.loop]
    quiet = chances = 0
    for _ in range(_MOST_TURNS):
        await asyncio.sleep(0)
        quiet = 0 if _is_busy(loop) else quiet + 1
        if quiet < _QUIET_TURNS:
            continue
        if not jobs and not _asks(hass):
            return True
        if chances == _MOST_CHANCES:
            # They are blocked, and need not be waited for again.
            jobs.clear()
            return False
        await hass.async_add_executor_job(time.sleep, chances * _CHANCE)
        chances += 1
    return False


async def pass_time(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    seconds: int = 1,
    *,
    step: int = 1,
) -> None:
    """Let time pass.

    Args:
        hass: runs meanwhile.
        freezer: moves the clock.
        seconds: to pass.
        step: in seconds; timers run at the end of the step in which they are due.

    """
    await _advance(hass, freezer, math.ceil(seconds / step), step, lambda: False)


async def during[ResultT](
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    awaitable: Awaitable[ResultT],
) -> ResultT:
    """Let time pass until an awaitable is done; return its result."""
    task = asyncio.ensure_future(awaitable)
    while not task.done():
        await _advance(hass, freezer, 60, 1, task.done)
    return task.result()


async def drain(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: Any,
    *,
    hours: float = 1,
    step: int = 1,
) -> None:
    """Let time pass until no message of an account is queued."""
    delivery = entry.runtime_data.delivery
    steps = math.ceil(hours * 3600 / step)
    await _advance(hass, freezer, steps, step, lambda: delivery.queued == 0)
    assert delivery.queued == 0


async def _advance(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    steps: int,
    step: int,
    done: Callable[[], bool],
) -> None:
    """Move the clock on by a number of steps, or until something is done.

    Steps in which nothing can happen are made at once.
    """
    settled = await settle(hass)
    while steps and not done():
        if not settled and step > 1:
            # A request under way must not time out for want of turns.
            settled = await settle(hass)
        passed = _steps_until_due(hass.loop, steps, step) if settled else 1
        freezer.tick(passed * step)
        steps -= passed
        settled = await settle(hass)


def _steps_until_due(loop: asyncio.AbstractEventLoop, most: int, step: int) -> int:
    """Return the number of steps after which the next timer is due, at least one."""
    timers = get_scheduled_timer_handles(loop)
    due = [timer.when() for timer in timers if not timer.cancelled()]
    if not due:
        return most
    return max(1, min(most, math.ceil((min(due) - loop.time()) / step)))


def _asks(hass: HomeAssistant) -> bool:
    """Return if a request of Home Assistant is under way that is not kept waiting."""
    for connector in hass.data.get(DATA_CONNECTOR, {}).values():
        for connection in connector._acquired:  # noqa: SLF001
            # None while it is being opened.
            transport = getattr(connection, "transport", None)
            if (
                transport is None
                or transport.get_extra_info("sockname") not in Simulator.kept_waiting
            ):
                return True
    return False


def _is_busy(loop: asyncio.AbstractEventLoop) -> bool:
    """Return if anything but the current task is ready to run."""
    return bool(loop._ready)  # type: ignore[attr-defined]  # noqa: SLF001
