"""Accounts are set up, wait for their service, and leave nothing behind."""

import asyncio
from types import MappingProxyType
from unittest.mock import AsyncMock

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.const import DOMAIN
from homeassistant.config_entries import ConfigEntry, ConfigEntryState, ConfigSubentry
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er
from tests.entities import until
from tests.messages import say
from tests.moments import drain, during, pass_time, settle
from tests.samples import (
    PUSHJET,
    PUSHPLUS,
    SAMPLES,
    SEVERAL,
    UID_LI,
    WECOM,
    WXPUSHER,
    Sample,
    add_recipient,
    arrival,
    devices_of,
    entities_of,
    entity_ids,
    send,
    set_up,
)
from tests.simulators import (
    BAD_ANSWERS,
    Answer,
    Pushjet,
    PushPlus,
    Simulator,
    WeCom,
    WxPusher,
)
from tests.simulators.base import json_answer
from tests.troubles import Cause, close_application, told, trust_nobody


async def test_without_internet(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test a start without the internet: messages wait, and it mends itself."""
    entry = await set_up(hass, sample, simulator)
    await simulator.stop()
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert [state.state for state in hass.states.async_all("notify")] == [STATE_UNKNOWN]
    (answer,) = (await say(hass, "Someone is there.")).values()
    assert (answer["status"], answer["reason"]) == ("queued", "cannot_connect")
    await pass_time(hass, freezer, 600, step=10)
    assert told(hass) == {}
    # It lasts, and somebody may have to do something about it.
    await pass_time(hass, freezer, 600, step=10)
    assert list(told(hass)) == ["connection_trouble"]
    reason = told(hass)["connection_trouble"]["reason"]
    assert reason.startswith("Cannot connect to the server.")
    await simulator.start(port=simulator.port)
    await pass_time(hass, freezer, 60)
    assert [shown.recipient for shown in simulator.notifications] == sample.receivers
    assert told(hass) == {}
    assert hass.config_entries.flow.async_progress() == []


async def test_pushplus_is_not_asked(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that PushPlus, which has no free question, is not asked one at the start."""
    entry = await set_up(hass, PUSHPLUS, pushplus)
    pushplus.requests.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert pushplus.requests == []


@pytest.mark.parametrize(
    ("sample", "cause", "issue", "shown"),
    [
        pytest.param(
            WECOM,
            trust_nobody,
            "wecom_untrusted_ip",
            {"ip": "203.0.113.7", "account": WECOM.title},
            id="wecom-ip",
        ),
        pytest.param(
            WECOM,
            close_application,
            "wecom_app_disabled",
            {"account": WECOM.title},
            id="wecom-disabled",
        ),
        pytest.param(
            WXPUSHER,
            lambda wxpusher: wxpusher.always(BAD_ANSWERS["redirect_302"]),
            "connection_trouble",
            {
                "reason": "The server redirects to https://example.com. Enter the "
                "final address, for example with https instead of http."
            },
            id="wxpusher-redirect",
        ),
        pytest.param(
            PUSHJET,
            lambda pushjet: pushjet.always(BAD_ANSWERS["html_page"]),
            "connection_trouble",
            {
                "reason": "The response did not come from the service (status 200). Check "
                "the address, and any proxy or login page in between."
            },
            id="pushjet-login-page",
        ),
    ],
)
async def test_reason(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
    cause: Cause,
    issue: str,
    shown: dict[str, str],
) -> None:
    """Test that a person is told at once what only a person can mend."""
    entry = await set_up(hass, sample, simulator)
    cause(simulator)
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    await until(hass, lambda: list(told(hass)) == [issue])
    assert told(hass)[issue].items() >= shown.items()
    assert hass.config_entries.flow.async_progress() == []
    simulator.reset()
    await pass_time(hass, freezer, 1200, step=10)
    assert told(hass) == {}
    await send(hass, "Someone is there.")
    assert [each.recipient for each in simulator.notifications] == sample.receivers


async def test_busy_at_start(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that nobody is troubled with what passes by itself."""
    entry = await set_up(hass, WECOM, wecom)
    wecom.always(json_answer({"errcode": -1, "errmsg": "busy"}))
    await hass.config_entries.async_reload(entry.entry_id)
    (answer,) = (await say(hass, "Someone is there.")).values()
    assert (answer["status"], answer["reason"]) == ("queued", "server_error")
    assert told(hass) == {}
    wecom.always(None)
    await pass_time(hass, freezer, 30)
    assert len(wecom.notifications) == 1


@pytest.mark.parametrize("sample", [WXPUSHER, WECOM], ids=["wxpusher", "wecom"])
async def test_refused(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that refused credentials are asked for anew, and not tried again."""
    entry = await set_up(hass, sample, simulator)
    sample.renewal.happens(simulator)
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    await hass.async_block_till_done(wait_background_tasks=True)
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["handler"] == DOMAIN
    assert flow["context"]["source"] == "reauth"
    simulator.requests.clear()
    (answer,) = (await say(hass, "Someone is there.")).values()
    assert answer["status"] == "queued"
    await pass_time(hass, freezer, 1200, step=60)
    assert simulator.requests == []


async def test_login_page(
    hass: HomeAssistant, pushjet: Pushjet, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a login that somebody wants is asked for only if that lasts."""
    entry = await set_up(hass, PUSHJET, pushjet)
    PUSHJET.renewal.happens(pushjet)
    await hass.config_entries.async_reload(entry.entry_id)
    await pass_time(hass, freezer, 240, step=10)
    assert hass.config_entries.flow.async_progress() == []
    await pass_time(hass, freezer, 600, step=10)
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"


async def test_unload(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that an unloaded account does nothing, and comes back as it was."""
    entry = await set_up(hass, sample, simulator)
    await send(hass, "Someone is there.")
    (entity_id,) = entity_ids(hass)
    before = hass.states.get(entity_id)
    assert before is not None
    simulator.requests.clear()
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED
    state = hass.states.get(entity_id)
    assert state is not None
    assert state.state == STATE_UNAVAILABLE
    await send(hass, "Someone is there.", entity_id=entity_id)
    assert simulator.requests == []
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entity_ids(hass) == [entity_id]
    after = hass.states.get(entity_id)
    assert after is not None
    assert after.state == before.state
    await send(hass, "Someone is there again.")
    assert len(simulator.notifications) == 2


async def test_reload(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
) -> None:
    """Test that reloading keeps devices and entities, and doubles none."""
    entry = await set_up(hass, sample, simulator)
    devices = devices_of(device_registry, entry)
    entities = entities_of(entity_registry, entry)
    for _ in range(3):
        assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert devices_of(device_registry, entry) == devices
    assert entities_of(entity_registry, entry) == entities
    await send(hass, "Someone is there.")
    assert len(simulator.notifications) == 1


async def test_reload_while_sending(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that a message that is under way when an account is reloaded arrives."""
    entry = await set_up(hass, sample, simulator)
    simulator.script(Answer(genuine=True, delay=0.1), path=sample.path)
    sending = hass.async_create_task(send(hass, "Someone is there."))
    await arrival(simulator, sample.path)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await sending
    assert len(simulator.notifications) == 1
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize("result", [False, ValueError("never loaded")])
async def test_unload_fails(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    monkeypatch: pytest.MonkeyPatch,
    freezer: FrozenDateTimeFactory,
    result: bool | Exception,
) -> None:
    """Test that entities that cannot be unloaded go on sending."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await wxpusher.stop()
    await send(hass, "Someone is there.")
    unload = AsyncMock(side_effect=[result])
    monkeypatch.setattr(hass.config_entries, "async_unload_platforms", unload)
    assert not await hass.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.FAILED_UNLOAD
    await wxpusher.start(port=wxpusher.port)
    await drain(hass, freezer, entry)
    await send(hass, "Someone is there again.")
    assert len(wxpusher.notifications) == 2


async def test_service_hangs(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that an account does not wait for a service that does not answer."""
    entry = await set_up(hass, sample, simulator)
    simulator.always(Answer(hang=True))
    async with asyncio.timeout(1):
        assert await hass.config_entries.async_reload(entry.entry_id)
    assert [state.state for state in hass.states.async_all("notify")] == [STATE_UNKNOWN]
    (answer,) = (await during(hass, freezer, say(hass, "Someone is there."))).values()
    assert (answer["status"], answer["durable"]) == ("queued", True)
    simulator.always(None)
    await drain(hass, freezer, entry)
    assert [each.recipient for each in simulator.notifications] == sample.receivers


async def test_sent_while_set_up(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that what is sent while an account logs in at its service arrives."""
    entry = await set_up(hass, WECOM, wecom)
    wecom.script(Answer(genuine=True, delay=0.2), path="/cgi-bin/gettoken")
    assert await hass.config_entries.async_reload(entry.entry_id)
    await send(hass, "Someone is there.")
    assert [each.text for each in wecom.notifications] == ["Someone is there."]


async def test_recipient_added_while_set_up(
    hass: HomeAssistant, wxpusher: WxPusher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Test that a recipient may be added at any moment of the set-up."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    (first,) = entry.subentries.values()
    added = [
        ConfigSubentry(
            data=MappingProxyType({**first.data, "targets": [UID_LI]}),
            subentry_type="recipient",
            title=f"Recipient {number}",
            unique_id=str(number),
        )
        for number in range(2)
    ]
    forward = hass.config_entries.async_forward_entry_setups

    async def add_before_and_while(entry: ConfigEntry, platforms: list[str]) -> None:
        """Set the platforms up one after the other, with recipients in between."""
        hass.config_entries.async_add_subentry(entry, added[0])
        await forward(entry, platforms[:2])
        hass.config_entries.async_add_subentry(entry, added[1])
        await forward(entry, platforms[2:])

    monkeypatch.setattr(
        hass.config_entries, "async_forward_entry_setups", add_before_and_while
    )
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert len(hass.states.async_entity_ids("event")) == 3
    assert len(entity_ids(hass)) == 3
    await send(hass, "Someone is there.")
    assert len(wxpusher.notifications) == 3


async def add_second(
    hass: HomeAssistant, entry: ConfigEntry, sample: Sample, pushjet: Pushjet
) -> None:
    """Add a second recipient to an account."""
    pushjet.services.append(Pushjet().services[0])
    pushjet.services[1].secret = "a" * 32
    result = await add_recipient(hass, entry, sample.second)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("sample", SEVERAL, ids=lambda sample: sample.service)
async def test_recipient_added(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, pushjet: Pushjet
) -> None:
    """Test that a further recipient is there at once, beside those there were."""
    entry = await set_up(hass, sample, simulator)
    (first,) = entity_ids(hass)
    await add_second(hass, entry, sample, pushjet)
    assert len(entity_ids(hass)) == 2
    assert first in entity_ids(hass)


@pytest.mark.parametrize("sample", SEVERAL, ids=lambda sample: sample.service)
async def test_recipient_removed(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    pushjet: Pushjet,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
) -> None:
    """Test that a recipient goes with its entity and device; the others stay."""
    entry = await set_up(hass, sample, simulator)
    (recipient_id,) = entry.subentries
    devices = devices_of(device_registry, entry)
    entities = entities_of(entity_registry, entry)
    await add_second(hass, entry, sample, pushjet)
    (second,) = set(entry.subentries) - {recipient_id}
    assert hass.config_entries.async_remove_subentry(entry, second)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert devices_of(device_registry, entry) == devices
    assert entities_of(entity_registry, entry) == entities
    assert len(hass.states.async_all("notify")) == 1


async def test_account_removed(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
) -> None:
    """Test that an account goes with everything that it brought."""
    entry = await set_up(hass, sample, simulator)
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.config_entries.async_entries(DOMAIN) == []
    assert hass.states.async_all("notify") == []
    assert devices_of(device_registry, entry) == {}
    assert entities_of(entity_registry, entry) == set()


async def test_account_renamed(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    device_registry: dr.DeviceRegistry,
) -> None:
    """Test that the device of an account is called what the account is called."""
    entry = await set_up(hass, sample, simulator)
    hass.config_entries.async_update_entry(entry, title="家")
    await hass.async_block_till_done()
    assert set(devices_of(device_registry, entry)) == {"家", sample.recipient_title}


async def test_all_services(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    wecom: WeCom,
    pushplus: PushPlus,
    pushjet: Pushjet,
) -> None:
    """Test accounts of all services side by side, with one message to them all."""
    services = (wxpusher, wecom, pushplus, pushjet)
    for service in services:
        await set_up(hass, SAMPLES[service.name], service)
    assert len(entity_ids(hass)) == 4
    await send(hass, "有人在门口。")
    for service in services:
        assert [shown.text for shown in service.notifications] == ["有人在门口。"]


async def test_reload_that_is_cancelled(
    hass: HomeAssistant, wxpusher: WxPusher
) -> None:
    """Test that an account sends on if whoever reloads it is cancelled."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    delivery = entry.runtime_data.delivery
    wxpusher.script(Answer(hang=True), path=WXPUSHER.path)
    hanging = asyncio.ensure_future(send(hass, "Hangs."))
    await arrival(wxpusher, WXPUSHER.path)
    reloading = asyncio.ensure_future(hass.config_entries.async_reload(entry.entry_id))
    await settle(hass)
    assert delivery.connection is None
    reloading.cancel()
    await asyncio.wait((reloading,))
    await settle(hass)
    assert delivery.connection is not None
    hanging.cancel()
