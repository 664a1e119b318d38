"""Accounts go on sending after Home Assistant has reloaded all of its YAML.

On Home Assistant 2026.6 the entities of accounts cannot be unloaded any more from then
on: `group.reload`, which is part of it, replaces what the notify entities are loaded in.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
from tests.messages import say
from tests.moments import drain
from tests.samples import (
    UID_LI,
    UID_ZHANG,
    WXPUSHER,
    add_recipient,
    entity_ids,
    fill_in_recipient,
    send,
    set_up,
)
from tests.simulators import Answer, WxPusher

type Change = Callable[[HomeAssistant, ConfigEntry], Awaitable[None]]

MORE: dict[str, object] = {"targets": [UID_LI], "name": "Li Si", "format": "text"}


@pytest.fixture(autouse=True)
async def yaml(hass: HomeAssistant, tmp_path: Path) -> None:
    """Set up what reloads YAML, with a configuration to reload."""
    hass.config.config_dir = str(tmp_path)
    (tmp_path / "configuration.yaml").write_text("group:\n", encoding="utf-8")
    for integration in ("homeassistant", "group"):
        assert await async_setup_component(hass, integration, {})
    # Themes, which nothing here depends on.
    async_mock_service(hass, "frontend", "reload_themes")


async def reload_all(hass: HomeAssistant) -> None:
    """Reload all YAML, as the developer tools do."""
    await hass.services.async_call("homeassistant", "reload_all", blocking=True)
    await hass.async_block_till_done()


async def let_wait(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Send a message that has to wait, though forms can ask the service."""
    wxpusher.always(Answer(status=503), WXPUSHER.path)
    await send(hass, "Waits")


async def nothing(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Leave the account as it is."""


async def choose(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Choose another option of the account."""
    form = await hass.config_entries.options.async_init(entry.entry_id)
    assert form["data_schema"] is not None
    fields = {**form["data_schema"]({}), "repeat": "never"}
    result = await hass.config_entries.options.async_configure(form["flow_id"], fields)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options["repeat"] == "never"


async def rename(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Give the recipient another name."""
    (recipient_id,) = entry.subentries
    form = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "recipient"),
        context={"source": "reconfigure", "subentry_id": recipient_id},
    )
    fields = {**WXPUSHER.recipient, "name": "Front door"}
    result = await fill_in_recipient(hass, form["flow_id"], entry, fields)
    assert result["reason"] == "reconfigure_successful"
    assert entry.subentries[recipient_id].title == "Front door"


async def add(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Add a recipient."""
    result = await add_recipient(hass, entry, MORE)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def reload(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Reload the account; where that cannot be done, it goes on as it was."""
    await hass.config_entries.async_reload(entry.entry_id)


async def reload_and_add(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Add a recipient to an account that was reloaded, or could not be."""
    await reload(hass, entry)
    await add(hass, entry)


def received(wxpusher: WxPusher) -> list[tuple[str, str]]:
    """Return which messages arrived, and where."""
    return sorted((each.text, each.recipient) for each in wxpusher.notifications)


@pytest.mark.parametrize(
    ("change", "receivers"),
    [
        (nothing, [UID_ZHANG]),
        (choose, [UID_ZHANG]),
        (rename, [UID_ZHANG]),
        (add, [UID_LI, UID_ZHANG]),
        (reload, [UID_ZHANG]),
        (reload_and_add, [UID_LI, UID_ZHANG]),
    ],
)
async def test_change(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    freezer: FrozenDateTimeFactory,
    change: Change,
    receivers: list[str],
) -> None:
    """Test that messages arrive after a change, through each door; what waited as well."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await let_wait(hass, wxpusher)
    await reload_all(hass)
    await change(hass, entry)
    await hass.async_block_till_done()
    assert wxpusher.notifications == []
    wxpusher.always(None, WXPUSHER.path)
    await drain(hass, freezer, entry)
    ((waited, receiver),) = received(wxpusher)
    # With the note that it comes late.
    assert (waited[-5:], receiver) == ("Waits", UID_ZHANG)

    wxpusher.notifications.clear()
    await send(hass, "Entity")
    assert received(wxpusher) == [("Entity", each) for each in receivers]

    wxpusher.notifications.clear()
    answers = await say(hass, "Action")
    assert [answer["status"] for answer in answers.values()] == ["sent"] * len(
        receivers
    )
    assert received(wxpusher) == [("Action", each) for each in receivers]

    wxpusher.notifications.clear()
    for entity_id in entity_ids(hass):
        await hass.services.async_call(
            "notify", entity_id.partition(".")[2], {"message": "Legacy"}, blocking=True
        )
    assert received(wxpusher) == [("Legacy", each) for each in receivers]

    events = hass.states.async_all("event")
    assert [each.attributes.get("event_type") for each in events] == ["sent"] * len(
        receivers
    )
    buttons = hass.states.async_all("button")
    assert STATE_UNAVAILABLE not in {each.state for each in buttons}


async def test_twice(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that it may happen again and again, with changes in between."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await let_wait(hass, wxpusher)
    for change in (choose, rename, reload, add):
        await reload_all(hass)
        await change(hass, entry)
    wxpusher.always(None, WXPUSHER.path)
    await drain(hass, freezer, entry)
    assert [each.text[-5:] for each in wxpusher.notifications] == ["Waits"]
    wxpusher.notifications.clear()
    await send(hass, "Entity")
    assert received(wxpusher) == [("Entity", UID_LI), ("Entity", UID_ZHANG)]


async def test_removal(hass: HomeAssistant, wxpusher: WxPusher, outboxes: Path) -> None:
    """Test that an account that cannot be unloaded can be removed, with what waits."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await let_wait(hass, wxpusher)
    await reload_all(hass)
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert list(outboxes.glob("*.sqlite*")) == []
    assert {each.state for each in hass.states.async_all("notify")} <= {
        STATE_UNAVAILABLE
    }
