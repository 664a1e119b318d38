"""What is under way when an account ends is neither sent twice nor forgotten."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push import PLATFORMS
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import (
    EVENT_HOMEASSISTANT_FINAL_WRITE,
    EVENT_HOMEASSISTANT_STOP,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from tests.entities import state_of
from tests.moments import drain, during, pass_time, settle
from tests.samples import (
    PUSHJET,
    WECOM,
    WXPUSHER,
    add_recipient,
    arrival,
    entity_ids,
    send,
    set_up,
)
from tests.simulators import Answer, Pushjet, WeCom, WxPusher
from tests.test_delivery.common import numbers, reports, status, texts
from tests.test_delivery.disk import outbox, waiting_texts
from tests.troubles import told

HANG = Answer(hang=True)


async def test_stop(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    freezer: FrozenDateTimeFactory,
    outboxes: Path,
) -> None:
    """Test that all is on disk at a stop, and what comes later goes there as well.

    Nothing is sent a second time beside the request that hangs.
    """
    entry = await set_up(hass, WXPUSHER, wxpusher, read_timeout=60)
    wxpusher.always(HANG, WXPUSHER.path)
    early = [
        hass.async_create_task(status(hass, f"No. {number}")) for number in range(2)
    ]
    await arrival(wxpusher, WXPUSHER.path)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await pass_time(hass, freezer, 3)
    late = await during(hass, freezer, status(hass, "No. 2"))
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    later = await during(hass, freezer, status(hass, "No. 3"))
    assert [said for said, _ in (late, later)] == ["queued"] * 2
    answers = await during(hass, freezer, asyncio.gather(*early))
    assert [said for said, _ in answers] == ["queued"] * 2
    path = outbox(outboxes, entry)
    assert waiting_texts(path) == [f"No. {number}" for number in range(4)]
    assert len(wxpusher.requests_to(WXPUSHER.path)) == 1


@pytest.mark.parametrize("read_timeout", [3, 30], ids=["in time", "too late"])
async def test_silent_afterwards(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    read_timeout: int,
) -> None:
    """Test that an account asks nothing any more once it has ended."""
    entry = await set_up(hass, PUSHJET, pushjet, read_timeout=read_timeout)
    pushjet.always(HANG, PUSHJET.path)
    sending = asyncio.ensure_future(status(hass, "No. 1"))
    await arrival(pushjet, PUSHJET.path)
    ending = hass.config_entries.async_unload(entry.entry_id)
    assert await during(hass, freezer, ending)
    assert (await during(hass, freezer, sending))[0] == "queued"
    pushjet.requests.clear()
    await pass_time(hass, freezer, 600, step=5)
    assert pushjet.requests == []


def change_options(hass: HomeAssistant, entry: ConfigEntry) -> Any:
    """Change an option of an account."""
    hass.config_entries.async_update_entry(entry, options={"expires_after": 1800})
    return hass.async_block_till_done()


def reload(hass: HomeAssistant, entry: ConfigEntry) -> Any:
    """Reload an account."""
    return hass.config_entries.async_reload(entry.entry_id)


@pytest.mark.parametrize("change", [change_options, reload])
async def test_change_while_hanging(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    freezer: FrozenDateTimeFactory,
    change: Callable[[HomeAssistant, ConfigEntry], Any],
) -> None:
    """Test that a request that hangs at a change neither doubles nor loses anything."""
    entry = await set_up(hass, WXPUSHER, wxpusher, read_timeout=60)
    wxpusher.script(HANG, path=WXPUSHER.path)
    sending = asyncio.gather(*(status(hass, f"No. {number}") for number in range(3)))
    await arrival(wxpusher, WXPUSHER.path)
    await during(hass, freezer, hass.async_create_task(change(hass, entry)))
    await during(hass, freezer, sending)
    await drain(hass, freezer, entry, step=5)
    assert numbers(wxpusher) == [0, 1, 2]
    assert told(hass) == {}


async def test_removed_while_hanging(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    freezer: FrozenDateTimeFactory,
    outboxes: Path,
) -> None:
    """Test that nothing of an account is left, or comes back, once it is removed."""
    entry = await set_up(hass, WXPUSHER, wxpusher, read_timeout=60)
    wxpusher.always(HANG, WXPUSHER.path)
    sending = asyncio.gather(
        *(status(hass, f"No. {number}") for number in range(3)), return_exceptions=True
    )
    await arrival(wxpusher, WXPUSHER.path)
    await pass_time(hass, freezer, 5)
    assert outbox(outboxes, entry).exists()
    removing = hass.config_entries.async_remove(entry.entry_id)
    await during(hass, freezer, hass.async_create_task(removing))
    await during(hass, freezer, sending)
    await pass_time(hass, freezer, 120, step=5)
    assert list(outboxes.glob("*.sqlite*")) == []
    assert len(wxpusher.requests_to(WXPUSHER.path)) == 1
    assert told(hass) == {}


async def test_caller_ends_while_waiting_for_its_answer(
    hass: HomeAssistant, pushjet: Pushjet, freezer: FrozenDateTimeFactory
) -> None:
    """Test that 15 seconds that run out while the account ends are no accident."""
    entry = await set_up(hass, PUSHJET, pushjet, read_timeout=60)
    pushjet.always(HANG, PUSHJET.path)
    sending = asyncio.ensure_future(status(hass, "No. 1"))
    await arrival(pushjet, PUSHJET.path)
    await pass_time(hass, freezer, 14)
    unloading = hass.config_entries.async_unload(entry.entry_id)
    unloaded = asyncio.ensure_future(unloading)
    await during(hass, freezer, asyncio.gather(sending, unloaded))
    assert unloaded.result()
    assert sending.result()[0] == "queued"
    assert entry.entry_id


async def test_unload_that_fails(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Test that an account whose entities cannot be unloaded goes on sending."""
    entry = await set_up(hass, PUSHJET, pushjet)

    async def fail(*args: Any) -> bool:
        assert args[1] == PLATFORMS
        return False

    with monkeypatch.context() as patch:
        patch.setattr(hass.config_entries, "async_unload_platforms", fail)
        assert not await hass.config_entries.async_unload(entry.entry_id)
    assert await status(hass, "No. 1") == ("sent", None)


async def test_entities_do_not_wait(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that recipients are there at once while their service hangs at a start.

    What is sent to an entity that is not there is lost without an error.
    """
    entry = await set_up(hass, WECOM, wecom)
    assert await hass.config_entries.async_unload(entry.entry_id)
    wecom.always(HANG)
    assert await hass.config_entries.async_setup(entry.entry_id)
    (entity_id,) = entity_ids(hass)
    assert state_of(hass, entity_id).state == "unknown"
    sending = status(hass, "No. 1")
    assert (await during(hass, freezer, sending))[0] == "queued"
    wecom.always(None)
    await drain(hass, freezer, entry, step=5)
    assert [text[-5:] for text in texts(wecom)] == ["No. 1"]


async def test_recipient_added_while_it_is_set_up(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a recipient may be added at any moment."""
    entry = await set_up(hass, WECOM, wecom)
    wecom.always(Answer(genuine=True, delay=2))
    reloading = hass.async_create_task(hass.config_entries.async_reload(entry.entry_id))
    adding = hass.async_create_task(
        add_recipient(hass, entry, {"targets": ["@lisi"], "format": "text"})
    )
    await during(hass, freezer, asyncio.gather(reloading, adding))
    assert adding.result()["type"] == "create_entry", adding.result()
    assert reloading.result()
    assert len(entity_ids(hass)) == 2
    wecom.always(None)
    await send(hass, "No. 1")
    assert texts(wecom) == ["No. 1"] * 2


async def test_sent_while_it_is_checked(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that what is sent while an account asks for its access token arrives."""
    entry = await set_up(hass, WECOM, wecom)
    wecom.always(Answer(genuine=True, delay=1), "/cgi-bin/gettoken")
    reloading = hass.async_create_task(hass.config_entries.async_reload(entry.entry_id))
    await settle(hass)
    # No time has passed.
    assert reloading.done()
    sending = hass.async_create_task(status(hass, "No. 1"))
    assert await during(hass, freezer, sending) == ("sent", None)
    assert numbers(wecom) == [1]


@pytest.mark.parametrize("stop", ["restart", "turn_off"])
async def test_callers_that_are_cancelled(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    freezer: FrozenDateTimeFactory,
    stop: str,
) -> None:
    """Test that no message is lost with the automation that sends it.

    A script in mode "restart" is cancelled whenever it is called again.
    """
    entry = await set_up(hass, WXPUSHER, wxpusher, read_timeout=5)
    heard = reports(entry)
    await async_setup_component(
        hass,
        "script",
        {
            "script": {
                "alarm": {
                    "mode": "restart",
                    "sequence": [
                        {
                            "action": "notify.send_message",
                            "target": {"entity_id": "notify.zhang_san_wxpusher"},
                            "data": {"message": "No. {{ number }}"},
                        }
                    ],
                }
            }
        },
    )
    wxpusher.always(HANG, WXPUSHER.path)
    for number in range(10):
        await hass.services.async_call("script", "alarm", {"number": number})
        await pass_time(hass, freezer, 1)
        if stop == "turn_off":
            await hass.services.async_call(
                "script", "turn_off", {"entity_id": "script.alarm"}
            )
        await pass_time(hass, freezer, 1)
    wxpusher.always(None, WXPUSHER.path)
    await drain(hass, freezer, entry, step=5)
    await pass_time(hass, freezer, 60, step=5)
    assert sorted(set(numbers(wxpusher))) == list(range(10))
    assert {each.status for each in heard} <= {"queued", "delivered_late", "sent"}
    assert told(hass) == {}


async def test_recipient_removed_while_it_waits(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a person is told of what waited for a recipient that was removed."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await add_recipient(hass, entry, {"targets": ["8001"], "format": "text"})
    first, second = entry.subentries
    await wxpusher.stop()
    for number in range(2):
        await send(hass, f"No. {number}")
    hass.config_entries.async_remove_subentry(entry, second)
    await hass.async_block_till_done()
    assert told(hass)["undelivered"]["count"] == "2"
    assert told(hass)["undelivered"]["recipient"] == "8001 (WxPusher)"
    await wxpusher.start(port=wxpusher.port)
    await drain(hass, freezer, entry)
    assert [shown.recipient for shown in wxpusher.notifications] == [
        *WXPUSHER.receivers * 2
    ]
    assert list(entry.subentries) == [first]


async def test_message_at_the_start(
    hass: HomeAssistant, pushjet: Pushjet, freezer: FrozenDateTimeFactory
) -> None:
    """Test that what is said before the network is up arrives."""
    entry = await set_up(hass, PUSHJET, pushjet)
    assert await hass.config_entries.async_unload(entry.entry_id)
    await pushjet.stop()
    assert await hass.config_entries.async_setup(entry.entry_id)
    hass.bus.async_fire("homeassistant_start")
    assert (await during(hass, freezer, status(hass, "No. 1")))[0] == "queued"
    await pushjet.start(port=pushjet.port)
    await drain(hass, freezer, entry, hours=timedelta(minutes=3).seconds / 3600)
    assert numbers(pushjet) == [1]


async def test_account_that_failed_to_unload_can_be_removed(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    outboxes: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Test that removal leaves nothing even if unloading failed."""
    entry = await set_up(hass, PUSHJET, pushjet)
    await pushjet.stop()
    await send(hass, "No. 1")
    await settle(hass)
    assert outbox(outboxes, entry).exists()

    async def fail(*args: Any) -> bool:
        raise HomeAssistantError("Config entry was never loaded!")

    monkeypatch.setattr(hass.config_entries, "async_unload_platforms", fail)
    await hass.config_entries.async_remove(entry.entry_id)
    await pass_time(hass, freezer, 60, step=5)
    assert list(outboxes.glob("*.sqlite*")) == []
