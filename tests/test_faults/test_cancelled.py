"""Whoever sends is stopped while its service hangs, and the message arrives all the same."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from tests.moments import drain, pass_time
from tests.samples import Sample, entity_ids, set_up
from tests.simulators import Answer, Simulator
from tests.test_delivery.common import numbers, reports
from tests.test_delivery.disk import begin, end, outbox, waiting_texts
from tests.troubles import told

MESSAGES: Final = 4
AUTOMATION: Final = "automation.alarm"

type Stop = Callable[[HomeAssistant], Awaitable[None]]


async def restart(hass: HomeAssistant) -> None:
    """Let the next event restart the automation."""


async def turn_off(hass: HomeAssistant) -> None:
    """Turn the automation off and on again."""
    for action in ("turn_off", "turn_on"):
        await hass.services.async_call(
            "automation", action, {"entity_id": AUTOMATION}, blocking=True
        )


@pytest.mark.parametrize("stop", [restart, turn_off])
async def test_cancelled(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
    stop: Stop,
) -> None:
    """Test that a message outlives the automation that said it."""
    entry = await set_up(hass, sample, simulator, read_timeout=5)
    heard = reports(entry)
    await add_automation(hass)
    simulator.always(Answer(hang=True), sample.path)
    for number in range(MESSAGES):
        hass.bus.async_fire("alarm", {"number": number})
        await pass_time(hass, freezer, 1)
        await stop(hass)
        await pass_time(hass, freezer, 1)
    simulator.always(None, sample.path)
    await drain(hass, freezer, entry, step=5)
    await pass_time(hass, freezer, 90, step=5)
    assert sorted(set(numbers(simulator))) == list(range(MESSAGES))
    assert {each.status for each in heard} <= {"queued", "delivered_late", "sent"}
    assert told(hass) == {}


async def test_stopped(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
    outboxes: Path,
) -> None:
    """Test that a message outlives the end of Home Assistant, which ends automations."""
    entry = await set_up(hass, sample, simulator, read_timeout=60)
    await add_automation(hass, mode="parallel")
    simulator.always(Answer(hang=True), sample.path)
    for number in range(MESSAGES):
        hass.bus.async_fire("alarm", {"number": number})
    await pass_time(hass, freezer, 1)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await turn_off(hass)
    await pass_time(hass, freezer, 2)
    # A container is killed a little later.
    texts = waiting_texts(outbox(outboxes, entry))
    assert texts == [f"No. {number}" for number in range(MESSAGES)]
    # Requests under way are given some time.
    await pass_time(hass, freezer, 6)
    await end(hass, freezer, outboxes, entry, killed=True)
    simulator.always(None, sample.path)
    await begin(hass, entry)
    await drain(hass, freezer, entry, step=5)
    assert sorted(set(numbers(simulator))) == list(range(MESSAGES))
    assert told(hass) == {}


async def add_automation(hass: HomeAssistant, mode: str = "restart") -> None:
    """Add an automation that says a number for each event."""
    automation: dict[str, Any] = {
        "alias": "Alarm",
        "mode": mode,
        "max": MESSAGES,
        "triggers": {"trigger": "event", "event_type": "alarm"},
        "actions": {
            "action": "notify.send_message",
            "target": {"entity_id": entity_ids(hass)},
            "data": {"message": "No. {{ trigger.event.data.number }}"},
        },
    }
    if mode == "restart":
        del automation["max"]
    assert await async_setup_component(hass, "automation", {"automation": automation})
    await hass.async_block_till_done()
    assert hass.states.is_state(AUTOMATION, "on")
