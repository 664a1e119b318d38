"""What is stored of accounts and recipients is read, whatever is missing of it."""

from types import MappingProxyType
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wechat_push.const import DOMAIN
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from tests.samples import (
    ONESELF,
    PUSHJET,
    PUSHPLUS,
    SAMPLES,
    WAY,
    WECOM,
    WXPUSHER,
    Sample,
    add_recipient,
    entity_ids,
    send,
    set_up,
)
from tests.simulators import PushPlus, Simulator
from tests.test_options_flow import open_form as open_options
from tests.test_recipient_changes import open_form as open_recipient
from tests.test_reconfigure import open_form as open_account


def stored(
    sample: Sample, simulator: Simulator, *recipients: dict[str, Any]
) -> MockConfigEntry:
    """Return an account as version 1.1 stored it."""
    service = sample.service
    return MockConfigEntry(
        domain=DOMAIN,
        title=sample.title,
        version=1,
        minor_version=1,
        data={
            "provider": service,
            **sample.stored_account,
            "url": simulator.url,
            **WAY,
        },
        subentries_data=[
            ConfigSubentryData(
                data=data,
                subentry_type="recipient",
                title=f"Recipient {number}",
                unique_id=f"old-{number}",
            )
            for number, data in enumerate(recipients)
        ],
    )


async def test_migration(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that an account of version 1.1 works, and knows its recipients again."""
    kept = {**sample.stored_recipient, "when_down": "keep"}
    entry = stored(sample, simulator, kept)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert (entry.version, entry.minor_version) == (1, 2)
    await send(hass, "Someone is there.")
    assert [shown.recipient for shown in simulator.notifications] == sample.receivers
    result = await add_recipient(hass, entry, sample.recipient)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


async def test_migration_of_equal_recipients(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that recipients that only differ in their defaults both stay."""
    data = sample.stored_recipient
    kept, failing = ({**data, "when_down": each} for each in ("keep", "fail"))
    entry = stored(sample, simulator, kept, failing)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert len(entry.subentries) == 2
    await send(hass, "Someone is there.")
    assert len(simulator.notifications) == 2


@pytest.mark.parametrize(
    ("version", "state"),
    [
        ((1, 9), ConfigEntryState.LOADED),
        ((2, 1), ConfigEntryState.MIGRATION_ERROR),
    ],
)
async def test_newer(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    version: tuple[int, int],
    state: ConfigEntryState,
) -> None:
    """Test that what a newer version stored is read if it says so, and never changed."""
    entry = stored(sample, simulator, sample.stored_recipient)
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        entry, version=version[0], minor_version=version[1]
    )
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is state
    assert (entry.version, entry.minor_version) == version


@pytest.mark.parametrize(
    ("sample", "missing"),
    [
        pytest.param(sample, name, id=f"{sample.service}-{name}")
        for sample in SAMPLES.values()
        for name in sample.stored_recipient
        if name not in sample.needed
    ],
)
async def test_recipient_with_a_missing_field(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, missing: str
) -> None:
    """Test that a field that is missing in a recipient has its default."""
    whole = sample.stored_recipient
    data = {key: value for key, value in whole.items() if key != missing}
    entry = stored(sample, simulator, data, {**whole, "of_a_newer_version": 1})
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await send(hass, "Someone is there.")
    assert [shown.recipient for shown in simulator.notifications] == (
        sample.receivers * 2
    )
    form = await open_recipient(hass, entry, next(iter(entry.subentries)))
    assert form["type"] is FlowResultType.FORM


@pytest.mark.parametrize("value", ["of_a_newer_version", None])
async def test_choice_of_a_newer_version(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, value: str | None
) -> None:
    """Test that a choice that this version does not have breaks no account."""
    newer = dict.fromkeys(("format", "when_down", "kind"), value)
    whole = sample.stored_recipient
    entry = stored(sample, simulator, {**whole, **newer}, whole)
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, options={"repeat": value})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await send(hass, "Someone is there.")
    assert len(simulator.notifications) == 2
    subentry_id = next(iter(entry.subentries))
    assert (await open_recipient(hass, entry, subentry_id))["type"] is (
        FlowResultType.FORM
    )
    assert (await open_options(hass, entry))["type"] is FlowResultType.FORM


async def test_empty_recipient(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that a recipient without anything does not break the others."""
    entry = stored(sample, simulator, {}, sample.stored_recipient)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    other = entity_ids(hass)[-1]
    await send(hass, "Someone is there.", entity_id=other)
    assert [shown.recipient for shown in simulator.notifications] == sample.receivers


@pytest.mark.parametrize("missing", WAY)
async def test_account_with_a_missing_field(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, missing: str
) -> None:
    """Test that a field that is missing in an account has its default."""
    entry = stored(sample, simulator, sample.stored_recipient)
    entry.add_to_hass(hass)
    data = {key: value for key, value in entry.data.items() if key != missing}
    hass.config_entries.async_update_entry(entry, data=data)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await send(hass, "Someone is there.")
    assert [shown.recipient for shown in simulator.notifications] == sample.receivers
    assert (await open_account(hass, entry))["type"] is FlowResultType.FORM
    assert (await open_options(hass, entry))["type"] is FlowResultType.FORM


async def test_account_without_anything(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that an account without credentials loads, so that it can be mended."""
    entry = stored(sample, simulator)
    entry.add_to_hass(hass)
    bare = MappingProxyType({"provider": sample.service, "url": simulator.url})
    hass.config_entries.async_update_entry(entry, data=bare)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize(
    ("sample", "changes"),
    [
        (WXPUSHER, {"format": "html"}),
        (WECOM, {"format": "markdown"}),
        (WECOM, {"ordinary_wechat": True}),
        (PUSHPLUS, {"format": "html"}),
        (PUSHPLUS, {"template": "json"}),
        (PUSHJET, {"name": "Another name"}),
    ],
)
async def test_same_recipient(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, changes: dict[str, Any]
) -> None:
    """Test that defaults do not make another recipient."""
    entry = await set_up(hass, sample, simulator)
    result = await add_recipient(hass, entry, {**sample.recipient, **changes})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


async def test_other_address(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that a webhook is another recipient than its owner's WeChat."""
    entry = await set_up(hass, PUSHPLUS, pushplus, recipient=ONESELF)
    webhook = {**ONESELF, "channel": "webhook", "option": "bark"}
    result = await add_recipient(hass, entry, webhook)
    assert result["type"] is FlowResultType.CREATE_ENTRY
