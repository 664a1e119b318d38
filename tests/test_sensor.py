"""Each account has sensors that show how its delivery is doing."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.wechat_push.clients.errors import ClientError
from custom_components.wechat_push.providers import PROVIDERS
from homeassistant.const import STATE_UNKNOWN, EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from tests.entities import account_entity, come_back, enable, queue, state_of, until
from tests.samples import PUSHJET, PUSHPLUS, WECOM, Sample, devices_of, send, set_up
from tests.simulators import Pushjet, PushPlus, Simulator, WeCom
from tests.simulators.base import json_answer
from tests.texts import ENGLISH
from tests.troubles import leave

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MIDNIGHT_IN_CHINA = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
ENABLED = ("queued", "last_error")
DISABLED = ("sent_today", "blocked_until")


async def test_entities(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
) -> None:
    """Test that the sensors stand on the account's device, the rarer ones disabled."""
    entry = await set_up(hass, sample, simulator)
    account = devices_of(device_registry, entry)[sample.title_at(simulator)]
    for key in (*ENABLED, *DISABLED):
        entity = entity_registry.async_get(account_entity(hass, entry, key))
        assert entity is not None
        assert entity.domain == "sensor"
        assert entity.device_id == account
        assert entity.config_subentry_id is None
        assert entity.entity_category is EntityCategory.DIAGNOSTIC
        assert entity.disabled == (key in DISABLED)
        name = ENGLISH["entity"]["sensor"][key]["name"]
        assert entity.original_name == name


async def test_at_first(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test the states while nothing has happened, and the words for what may."""
    entry = await set_up(hass, sample, simulator)
    queued = state_of(hass, account_entity(hass, entry, "queued"))
    assert queued.state == "0"
    assert queued.attributes["state_class"] == "measurement"
    last_error = state_of(hass, account_entity(hass, entry, "last_error"))
    assert last_error.state == "none"
    options = last_error.attributes["options"]
    assert set(options) <= set(ENGLISH["entity"]["sensor"]["last_error"]["state"])
    # Nobody is shown what can only go wrong with another service.
    problems = {key: {*provider.problems} for key, provider in PROVIDERS.items()}
    own = problems.pop(sample.service)
    assert own <= set(options)
    assert set(options).isdisjoint(set().union(*problems.values()) - own)


async def test_outage(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that what waits is counted until it is sent, and why it waits is shown."""
    entry = await set_up(hass, sample, simulator)
    queued = account_entity(hass, entry, "queued")
    last_error = account_entity(hass, entry, "last_error")
    await queue(hass, simulator, "Someone is there.", "Someone is there again.")
    assert state_of(hass, queued).state == "2"
    assert state_of(hass, last_error).state == "cannot_connect"
    await come_back(hass, simulator, entry)
    assert len(simulator.notifications) == 2
    assert state_of(hass, queued).state == "0"
    assert state_of(hass, last_error).state == "none"


async def test_refused(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that the last error is that of the last message."""
    gone = {"targets": ["@lisi"], "format": "text"}
    entry = await set_up(hass, WECOM, wecom, recipient=gone)
    last_error = account_entity(hass, entry, "last_error")
    wecom.script(json_answer({"errcode": 85002}), path=WECOM.path)
    with pytest.raises(HomeAssistantError, match="forbidden words"):
        await send(hass, "Someone is there.")
    assert state_of(hass, last_error).state == "wecom_forbidden_words"
    await send(hass, "Someone is there.")
    assert state_of(hass, last_error).state == "none"
    leave(wecom)
    with pytest.raises(HomeAssistantError):
        await send(hass, "Someone is there again.")
    assert state_of(hass, last_error).state == "wecom_not_visible"


async def test_unknown_error(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test that an error without words of its own does no harm."""
    entry = await set_up(hass, PUSHJET, pushjet)
    runtime = entry.runtime_data
    error = ClientError("of_another_time")
    with patch.object(type(runtime.delivery), "last_error", error):
        runtime.changed()
    assert state_of(hass, account_entity(hass, entry, "last_error")).state == "other"
    await send(hass, "Someone is there again.")
    assert state_of(hass, account_entity(hass, entry, "last_error")).state == "none"


async def test_sent_today(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that the messages of the day are counted, those that were refused as well."""
    entry = await set_up(hass, sample, simulator)
    sent_today = account_entity(hass, entry, "sent_today")
    await enable(hass, entry, sent_today)
    assert state_of(hass, sent_today).state == "0"
    assert state_of(hass, sent_today).attributes["state_class"] == "total_increasing"
    await send(hass, "Someone is there.")
    await send(hass, "Someone is there again.")
    assert state_of(hass, sent_today).state == "2"


async def test_sent_by_channel(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that each channel of PushPlus is counted against its own quota."""
    entry = await set_up(hass, PUSHPLUS, pushplus)
    sent_today = account_entity(hass, entry, "sent_today")
    await enable(hass, entry, sent_today)
    await send(hass, "Someone is there.")
    attributes = state_of(hass, sent_today).attributes
    assert attributes["by_channel"] == {"wechat": 1}
    assert attributes["quotas"] == {"wechat": 200}


async def test_new_day(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that the count begins anew at midnight in China, though nothing is sent."""
    freezer.move_to(NOON)
    entry = await set_up(hass, PUSHPLUS, pushplus)
    sent_today = account_entity(hass, entry, "sent_today")
    await enable(hass, entry, sent_today)
    await send(hass, "Someone is there.")
    freezer.move_to(MIDNIGHT_IN_CHINA - timedelta(seconds=1))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert state_of(hass, sent_today).state == "1"
    # Clocks differ, so the day begins a minute later here.
    freezer.move_to(MIDNIGHT_IN_CHINA + timedelta(minutes=1))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert state_of(hass, sent_today).state == "0"


async def test_blocked(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that the end of a block is shown, and nothing once it has come."""
    freezer.move_to(NOON)
    entry = await set_up(hass, WECOM, wecom)
    blocked_until = account_entity(hass, entry, "blocked_until")
    await enable(hass, entry, blocked_until)
    assert state_of(hass, blocked_until).state == STATE_UNKNOWN
    wecom.script(json_answer({"errcode": 45009}), path=WECOM.path)
    await send(hass, "Someone is there.")
    shown = state_of(hass, blocked_until)
    assert shown.attributes["device_class"] == "timestamp"
    end = datetime.fromisoformat(shown.state)
    assert NOON + timedelta(seconds=30) <= end <= NOON + timedelta(hours=1)
    # A second message waits as well, and does not put off the end.
    freezer.tick(timedelta(seconds=5))
    await send(hass, "Someone is there again.")
    assert datetime.fromisoformat(state_of(hass, blocked_until).state) == end
    freezer.move_to(end + timedelta(seconds=1))
    async_fire_time_changed(hass)
    await until(hass, lambda: len(wecom.notifications) == 2)
    assert state_of(hass, blocked_until).state == STATE_UNKNOWN
