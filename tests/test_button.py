"""Buttons send a test message to a recipient, and empty the outbox of an account."""

import asyncio
import logging
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.const import STATE_UNKNOWN, EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from tests.entities import (
    account_entity,
    come_back,
    press,
    queue,
    recipient_entity,
    state_of,
    until,
)
from tests.moments import drain, during, settle
from tests.samples import (
    PUSHPLUS,
    UID_LI,
    WECOM,
    WXPUSHER,
    Sample,
    add_recipient,
    arrival,
    devices_of,
    entity_ids,
    send,
    set_up,
)
from tests.simulators import BAD_ANSWERS, Answer, PushPlus, Simulator, WeCom, WxPusher
from tests.troubles import answering, leave, restrict


def notifications(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Return the notifications in Home Assistant."""
    shown = hass.data.get("persistent_notification", {})
    return list(shown.values())


LOGGER = "custom_components.wechat_push.button"


async def test_entities(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
) -> None:
    """Test that each button stands on the device that it is about."""
    recipient = {**sample.recipient, "name": "妈妈"}
    entry = await set_up(hass, sample, simulator, recipient=recipient)
    devices = devices_of(device_registry, entry)
    test = entity_registry.async_get(recipient_entity(hass, entry, "test_message"))
    clear = entity_registry.async_get(account_entity(hass, entry, "clear_outbox"))
    assert test is not None
    assert clear is not None
    assert (test.domain, clear.domain) == ("button", "button")
    assert test.device_id == devices["妈妈"]
    assert clear.device_id == devices[sample.title_at(simulator)]
    assert test.original_name == "Send a test message"
    assert clear.original_name == "Clear the outbox"
    assert test.entity_category is EntityCategory.DIAGNOSTIC
    assert clear.entity_category is EntityCategory.CONFIG


@pytest.mark.parametrize(
    ("language", "title", "text"),
    [
        (
            "en",
            "Home Assistant is connected",
            "messages from Home Assistant are delivered",
        ),
        ("zh-Hans", "Home Assistant 已连接", "收到这条消息"),
    ],
)
async def test_test_message(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
    language: str,
    title: str,
    text: str,
) -> None:
    """Test that the message arrives with the time, and counts as one of the entity."""
    hass.config.language = language
    entry = await set_up(hass, sample, simulator)
    (notify,) = entity_ids(hass)
    assert state_of(hass, notify).state == STATE_UNKNOWN
    await hass.config.async_set_time_zone("Asia/Shanghai")
    freezer.move_to("2026-11-21 06:05:32+00:00")
    await press(hass, recipient_entity(hass, entry, "test_message"))
    (shown,) = simulator.notifications
    assert title in shown.title + shown.text
    assert text in shown.text
    assert "(2026-11-21 14:05:32)" in shown.text
    assert state_of(hass, notify).state == "2026-11-21T06:05:32+00:00"


async def test_one_of_two(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that the message goes to the recipient of the button alone."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await add_recipient(
        hass, entry, {"name": "Li Si", "targets": [UID_LI], "format": "text"}
    )
    await press(hass, recipient_entity(hass, entry, "test_message", title="Li Si"))
    assert [shown.recipient for shown in wxpusher.notifications] == [UID_LI]


async def test_told(hass: HomeAssistant, sample: Sample, simulator: Simulator) -> None:
    """Test that a person reads that the service took the message, for once."""
    recipient = {**sample.recipient, "name": "[Mum]"}
    entry = await set_up(hass, sample, simulator, recipient=recipient)
    button = recipient_entity(hass, entry, "test_message")
    await press(hass, button)
    await press(hass, button)
    (shown,) = notifications(hass)
    assert shown["title"] == "Test message sent"
    assert "accepted the test message for \\[Mum\\] at " in shown["message"]
    simulator.always(BAD_ANSWERS["error_500"], sample.path)
    with pytest.raises(HomeAssistantError):
        await press(hass, button)
    assert notifications(hass) == []


async def test_told_in_chinese(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a person reads the name of the service in the household's language."""
    await hass.config.async_update(language="zh-Hans")
    entry = await set_up(hass, WECOM, wecom)
    await press(hass, recipient_entity(hass, entry, "test_message"))
    (shown,) = notifications(hass)
    assert shown["title"] == "测试消息已发送"
    assert shown["message"].startswith("“企业微信”已于 ")


async def test_outage(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that a message that cannot go out fails with the reason, and is not kept."""
    entry = await set_up(hass, sample, simulator)
    button = recipient_entity(hass, entry, "test_message")
    await simulator.stop()
    for _ in range(2):
        with pytest.raises(HomeAssistantError, match="Cannot connect to the server"):
            await press(hass, button)
    event = state_of(hass, recipient_entity(hass, entry, "delivery"))
    assert event.attributes["event_type"] == "refused"
    await queue(hass, simulator, "Someone is there.")
    with pytest.raises(HomeAssistantError, match="Cannot connect to the server"):
        await press(hass, button)
    await simulator.start(port=simulator.port)
    # Whoever presses it need not wait until the outage is found to be over.
    await press(hass, button)
    assert "Home Assistant is connected" in str(simulator.notifications[-1])
    assert len(simulator.notifications) == 2


async def test_hanging(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that nobody waits for a service that is known not to answer."""
    entry = await set_up(hass, sample, simulator)
    simulator.always(Answer(hang=True))
    await during(hass, freezer, send(hass, "Someone is there."))
    await until(hass, lambda: entry.runtime_data.delivery.outage is not None)
    began = hass.loop.time()
    with pytest.raises(HomeAssistantError, match="did not respond in time"):
        await during(
            hass, freezer, press(hass, recipient_entity(hass, entry, "test_message"))
        )
    assert hass.loop.time() - began < 5


async def test_behind_another(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that nobody waits for a message that is tried again soon."""
    entry = await set_up(hass, sample, simulator)
    simulator.always(BAD_ANSWERS["error_500"], sample.path)
    await during(hass, freezer, send(hass, "Someone is there."))
    simulator.always(None, sample.path)
    assert entry.runtime_data.delivery.queued == 1
    # The clock stands still: what waits for a moment never comes.
    button = recipient_entity(hass, entry, "test_message")
    pressing = asyncio.create_task(press(hass, button))
    for _ in range(50):
        await settle(hass)
    assert pressing.done()
    await pressing
    (shown,) = simulator.notifications
    assert "Home Assistant is connected" in str(shown)
    await drain(hass, freezer, entry)
    assert "Someone is there." in str(simulator.notifications[-1])


async def test_cooldown(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that a service that wants to be left alone is left alone."""
    entry = await set_up(hass, PUSHPLUS, pushplus)
    restrict(pushplus)
    with pytest.raises(HomeAssistantError):
        await send(hass, "Someone is there.")
    pushplus.requests.clear()
    with pytest.raises(HomeAssistantError, match="PushPlus has restricted the account"):
        await press(hass, recipient_entity(hass, entry, "test_message"))
    assert pushplus.requests == []


async def test_cooldown_in_an_outage(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that it is left alone as well when that is all that it answers."""
    entry = await set_up(hass, WECOM, wecom)
    button = recipient_entity(hass, entry, "test_message")
    await queue(hass, wecom, "Someone is there.")
    answering("/cgi-bin/agent/get", errcode=45009, errmsg="too often")(wecom)
    await wecom.start(port=wecom.port)
    with pytest.raises(HomeAssistantError, match="too many requests"):
        await press(hass, button)
    await until(hass, lambda: entry.runtime_data.delivery.blocked_until is not None)
    wecom.requests.clear()
    with pytest.raises(HomeAssistantError, match="too many requests"):
        await press(hass, button)
    assert wecom.requests == []


async def test_outage_in_a_cooldown(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that it is left alone as well when it went away after it had said so."""
    entry = await set_up(hass, WECOM, wecom)
    await add_recipient(
        hass, entry, {"name": "Li Si", "targets": ["@lisi"], "format": "text"}
    )
    first, second = entity_ids(hass)
    wecom.always(Answer(hang=True), WECOM.path)
    hanging = asyncio.create_task(send(hass, "Someone is there.", entity_id=first))
    await arrival(wecom, WECOM.path)
    answering(WECOM.path, errcode=45009, errmsg="too often")(wecom)
    await send(hass, "Someone is there.", entity_id=second)
    await wecom.stop()
    await hanging
    delivery = entry.runtime_data.delivery
    await until(hass, lambda: delivery.outage is not None)
    assert delivery.blocked_until is not None
    await wecom.start(port=wecom.port)
    wecom.requests.clear()
    with pytest.raises(HomeAssistantError, match="connection was lost"):
        await press(hass, recipient_entity(hass, entry, "test_message", title="Li Si"))
    assert wecom.requests == []


async def test_credentials(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that credentials that were refused are not tried again."""
    entry = await set_up(hass, WECOM, wecom)
    WECOM.renewal.happens(wecom)
    wecom.tokens.clear()
    await send(hass, "Someone is there.")
    wecom.requests.clear()
    with pytest.raises(HomeAssistantError, match="WeCom refused the secret"):
        await press(hass, recipient_entity(hass, entry, "test_message"))
    assert wecom.requests == []


async def test_refused(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a person reads why the message was refused."""
    gone = {"targets": ["@lisi"], "format": "text"}
    entry = await set_up(hass, WECOM, wecom, recipient=gone)
    leave(wecom)
    with pytest.raises(HomeAssistantError, match="The targets do not exist"):
        await press(hass, recipient_entity(hass, entry, "test_message"))
    assert wecom.notifications == []


async def test_clear(
    hass: HomeAssistant, wxpusher: WxPusher, caplog: pytest.LogCaptureFixture
) -> None:
    """Test that what waited is dropped, and that the log tells how much of whose."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await add_recipient(
        hass, entry, {"name": "Li Si", "targets": [UID_LI], "format": "text"}
    )
    await queue(hass, wxpusher, "Someone is there.", "Someone is there again.")
    clear = account_entity(hass, entry, "clear_outbox")
    caplog.clear()
    await press(hass, clear)
    (record,) = (each for each in caplog.records if each.name == LOGGER)
    assert record.levelno == logging.WARNING
    assert record.getMessage() == (
        "The outbox of WxPusher · Home alarms was cleared,"
        " dropped messages: Zhang San (WxPusher): 2, Li Si: 2"
    )
    assert "Someone" not in caplog.text
    await hass.async_block_till_done()
    assert state_of(hass, account_entity(hass, entry, "queued")).state == "0"
    await come_back(hass, wxpusher, entry)
    await send(hass, "All is well.")
    assert {shown.text for shown in wxpusher.notifications} == {"All is well."}


async def test_nothing_to_clear(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Test that an empty outbox is nothing to tell of."""
    entry = await set_up(hass, sample, simulator)
    await press(hass, account_entity(hass, entry, "clear_outbox"))
    assert [each for each in caplog.records if each.name == LOGGER] == []
