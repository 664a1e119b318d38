"""Messages that were kept and then lost, and kept ones that a restart would lose."""

from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push import account
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util
from tests.issues import (
    confirm,
    description,
    issues,
    open_repair,
    restart,
    title_of,
    titles,
)
from tests.messages import say
from tests.moments import drain, pass_time
from tests.samples import WECOM, send, set_up
from tests.simulators import WeCom
from tests.texts import ENGLISH
from tests.troubles import leave

LI: dict[str, Any] = {"targets": ["@lisi"], "format": "text"}
OUT_OF_SIGHT = "李四 (WeCom): app not visible"
LOST = "李四 (WeCom): messages lost"
LOST_CHINESE = "李四（企业微信）: messages lost"
NO_RECIPIENT = "WeCom · Home alarms: no recipients"


async def lose_messages(
    hass: HomeAssistant,
    wecom: WeCom,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Send messages while the service is down, which it refuses when it is back."""
    wecom.reset()
    leave(wecom)
    await wecom.stop()
    await send(hass, "Someone is there.")
    await send(hass, "Someone is still there.")
    await wecom.start(port=wecom.port)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await drain(hass, freezer, entry)


async def test_undelivered(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a person reads of messages that were kept and then lost."""
    entry = await set_up(hass, WECOM, wecom, recipient=LI)
    await lose_messages(hass, wecom, entry, freezer)
    assert titles(hass) == sorted([LOST, OUT_OF_SIGHT])
    form = await open_repair(hass, LOST)
    shown = description(form)
    assert "Number of messages: 2." in shown
    assert f"The last one was from {dt_util.now():%Y-%m-%d}" in shown
    assert "The targets do not exist or are outside" in shown
    # Another message that goes out does not bring them back.
    wecom.reset()
    await send(hass, "Are you back?")
    assert titles(hass) == [LOST]
    result = await confirm(hass, form)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert issues(hass) == []
    await lose_messages(hass, wecom, entry, freezer)
    shown = description(await open_repair(hass, LOST))
    assert "Number of messages: 2." in shown


async def test_undelivered_restart(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that nobody misses what was lost because of a restart."""
    entry = await set_up(hass, WECOM, wecom, recipient=LI)
    await lose_messages(hass, wecom, entry, freezer)
    await restart(hass, entry)
    assert titles(hass) == [LOST]
    await lose_messages(hass, wecom, entry, freezer)
    form = await open_repair(hass, LOST)
    assert "Number of messages: 4." in description(form)
    # What a person has seen does not come back.
    await confirm(hass, form)
    await restart(hass, entry)
    assert LOST not in titles(hass)


async def test_undelivered_language(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that the reason is told in the language of the household."""
    hass.config.language = "zh-Hans"
    entry = await set_up(hass, WECOM, wecom, recipient=LI)
    await lose_messages(hass, wecom, entry, freezer)
    shown = description(await open_repair(hass, LOST_CHINESE))
    assert "接收对象不存在，或不在应用的可见范围内" in shown


async def test_undelivered_recipient_removed(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that what was lost is told until a person has seen it."""
    entry = await set_up(hass, WECOM, wecom, recipient=LI)
    await lose_messages(hass, wecom, entry, freezer)
    (recipient_id,) = entry.subentries
    hass.config_entries.async_remove_subentry(entry, recipient_id)
    await hass.async_block_till_done()
    assert titles(hass) == sorted([LOST, NO_RECIPIENT])
    await confirm(hass, await open_repair(hass, LOST))
    assert titles(hass) == [NO_RECIPIENT]


async def test_name_of_removed(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that the name of a recipient that was removed outlives a restart."""
    entry = await set_up(hass, WECOM, wecom, recipient=LI)
    await wecom.stop()
    await send(hass, "Someone is there.")
    (recipient_id,) = entry.subentries
    hass.config_entries.async_remove_subentry(entry, recipient_id)
    await hass.async_block_till_done()
    await restart(hass, entry)
    assert titles(hass) == [LOST]
    await wecom.start(port=wecom.port)


async def test_recipient_removed(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that what still waited for a recipient that was removed is told."""
    entry = await set_up(hass, WECOM, wecom, recipient=LI)
    await wecom.stop()
    await send(hass, "Someone is there.")
    (recipient_id,) = entry.subentries
    hass.config_entries.async_remove_subentry(entry, recipient_id)
    await hass.async_block_till_done()
    assert titles(hass) == sorted([LOST, NO_RECIPIENT])
    await wecom.start(port=wecom.port)


async def test_undelivered_account_removed(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that what the recipients of an account missed goes with the account."""
    entry = await set_up(hass, WECOM, wecom, recipient=LI)
    await lose_messages(hass, wecom, entry, freezer)
    await hass.config_entries.async_remove(entry.entry_id)
    assert issues(hass) == []


async def test_disk_full(
    hass: HomeAssistant,
    wecom: WeCom,
    outboxes: Path,
    monkeypatch: pytest.MonkeyPatch,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that a person reads that what waits would not survive a restart."""
    # A folder that cannot be one.
    folder = outboxes / "folder"
    folder.touch()
    monkeypatch.setattr(
        account, "outbox_path", lambda hass, entry_id: folder / f"{entry_id}.sqlite"
    )
    await set_up(hass, WECOM, wecom)
    await wecom.stop()
    (answer,) = (await say(hass, "Someone is there.")).values()
    assert (answer["status"], answer["durable"]) == ("queued", False)
    (issue,) = issues(hass)
    assert title_of(issue) == "WeCom · Home alarms: cannot save messages"
    assert not issue.is_fixable
    text = ENGLISH["issues"][issue.translation_key]["description"]
    assert "Queued messages of WeCom · Home alarms" in text.format(
        **(issue.translation_placeholders or {})
    )
    folder.unlink()
    await pass_time(hass, freezer, 60)
    assert issues(hass) == []
    (answer,) = (await say(hass, "Someone is still there.")).values()
    assert (answer["status"], answer["durable"]) == ("queued", True)
