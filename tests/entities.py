"""Entities of accounts and recipients, and outages of services."""

from collections.abc import Callable
import os
from typing import Any

from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wechat_push.const import DOMAIN
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from tests.samples import entity_ids, send
from tests.simulators import Simulator


def account_entity(hass: HomeAssistant, entry: ConfigEntry, key: str) -> str:
    """Return the ID of an entity of an account."""
    return _entity(hass, f"{entry.entry_id}_{key}")


def recipient_entity(
    hass: HomeAssistant, entry: ConfigEntry, key: str, *, title: str | None = None
) -> str:
    """Return the ID of an entity of a recipient, by default the only one."""
    (subentry_id,) = (
        subentry_id
        for subentry_id, subentry in entry.subentries.items()
        if title in (None, subentry.title)
    )
    return _entity(hass, f"{entry.entry_id}_{subentry_id}_{key}")


def state_of(hass: HomeAssistant, entity_id: str) -> State:
    """Return the state of an entity."""
    state = hass.states.get(entity_id)
    assert state is not None, entity_id
    return state


async def press(hass: HomeAssistant, entity_id: str) -> None:
    """Press a button."""
    await hass.services.async_call(
        "button", "press", {"entity_id": entity_id}, blocking=True
    )


async def enable(hass: HomeAssistant, entry: ConfigEntry, entity_id: str) -> None:
    """Enable an entity that is disabled by default."""
    er.async_get(hass).async_update_entity(entity_id, disabled_by=None)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()


async def queue(hass: HomeAssistant, simulator: Simulator, *messages: str) -> None:
    """Stop the service and send messages to all recipients."""
    await simulator.stop()
    for message in messages:
        await send(hass, message, entity_id=entity_ids(hass))


async def come_back(hass: HomeAssistant, simulator: Simulator, entry: Any) -> None:
    """Start the service again and wait for the queued messages to be delivered."""
    await simulator.start(port=simulator.port)
    delivery = entry.runtime_data.delivery
    await delivery.check()
    await until(hass, lambda: delivery.queued == 0)
    await hass.async_block_till_done()


async def until(hass: HomeAssistant, condition: Callable[[], bool]) -> None:
    """Let go on what goes on in the background until something has come of it.

    The clock may be stopped, so that this looks at one that nobody stops.
    """
    deadline = os.times().elapsed + 10
    while not condition():
        assert os.times().elapsed < deadline
        await hass.async_add_executor_job(bool)
        await hass.async_block_till_done()


def _entity(hass: HomeAssistant, unique_id: str) -> str:
    """Return the ID of the entity with a unique ID, whatever its platform."""
    (entity_id,) = (
        entry.entity_id
        for entry in er.async_get(hass).entities.values()
        if entry.platform == DOMAIN and entry.unique_id == unique_id
    )
    return entity_id


async def add_group(hass: HomeAssistant, name: str, *members: str) -> str:
    """Make a group of notify entities as the UI does; return its entity."""
    entry = MockConfigEntry(
        domain="group",
        title=name,
        data={},
        options={
            "group_type": "notify",
            "name": name,
            "entities": list(members),
            "hide_members": False,
        },
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return f"notify.{name.lower()}"
