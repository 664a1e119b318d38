"""What waits outlives the end of Home Assistant, whatever ends it."""

import asyncio
from collections.abc import Callable
import copy
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.const import DOMAIN
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from tests.messages import WXPUSHER_SEND, say
from tests.moments import drain, during, pass_time, settle
from tests.pictures import picture, uploaded
from tests.samples import (
    PUSHJET,
    UID_LI,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    Sample,
    arrival,
    send,
    set_up,
)
from tests.simulators import BAD_ANSWERS, Answer, Pushjet, Simulator, WeCom, WxPusher
from tests.test_delivery.common import numbers, status, texts
from tests.troubles import told


async def end(hass: HomeAssistant, entry: ConfigEntry, storage: dict[str, Any]) -> None:
    """End Home Assistant in good order."""
    assert await hass.config_entries.async_unload(entry.entry_id)


async def kill(
    hass: HomeAssistant, entry: ConfigEntry, storage: dict[str, Any]
) -> None:
    """End Home Assistant by a power cut: nothing that it writes now is kept."""
    on_disk = copy.deepcopy(storage)
    assert await hass.config_entries.async_unload(entry.entry_id)
    storage.clear()
    storage.update(on_disk)


ENDS = {"end": end, "kill": kill}

type End = Callable[[HomeAssistant, ConfigEntry, dict[str, Any]], Any]

ends = pytest.mark.parametrize("finish", ENDS.values(), ids=ENDS)


async def begin(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Start Home Assistant again."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)


@ends
async def test_order(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
    storage: dict[str, Any],
    finish: End,
) -> None:
    """Test that nothing is lost, doubled or overtaken, also by newer messages."""
    entry = await set_up(hass, sample, simulator)
    await simulator.stop()
    for number in range(4):
        await send(hass, f"No. {number}")
    await finish(hass, entry, storage)
    freezer.tick(300)
    await begin(hass, entry)
    assert entry.runtime_data.delivery.queued == 4
    # The service is still away.
    assert (await status(hass, "No. 4"))[0] == "queued"
    await pass_time(hass, freezer, 60)
    await simulator.start(port=simulator.port)
    await drain(hass, freezer, entry)
    assert numbers(simulator) == list(range(5))
    assert "delayed" in simulator.notifications[0].text
    assert told(hass) == {}


@ends
async def test_twice(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    freezer: FrozenDateTimeFactory,
    storage: dict[str, Any],
    finish: End,
) -> None:
    """Test that what was delivered before the second end is not delivered again."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await wxpusher.stop()
    for number in range(10):
        await send(hass, f"No. {number}")
    await finish(hass, entry, storage)
    await begin(hass, entry)
    wxpusher.script(
        *[Answer(genuine=True)] * 4,
        *[BAD_ANSWERS["unavailable_503"]] * 20,
        path=WXPUSHER_SEND,
    )
    await wxpusher.start(port=wxpusher.port)
    await pass_time(hass, freezer, 30)
    assert numbers(wxpusher) == list(range(4))
    await finish(hass, entry, storage)
    wxpusher.reset()
    await begin(hass, entry)
    await drain(hass, freezer, entry)
    assert numbers(wxpusher) == list(range(4, 10))


@ends
async def test_parts(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    storage: dict[str, Any],
    finish: End,
) -> None:
    """Test that of a long message only the parts are sent that are missing."""
    entry = await set_up(hass, WECOM, wecom)
    wecom.script(Answer(genuine=True), BAD_ANSWERS["unavailable_503"], path=WECOM.path)
    assert (await status(hass, "x" * 5000))[0] == "queued"
    await finish(hass, entry, storage)
    freezer.tick(300)
    await begin(hass, entry)
    await drain(hass, freezer, entry)
    assert [text[-5:] for text in texts(wecom)] == ["(1/3)", "(2/3)", "(3/3)"]
    assert sum(text.count("x") for text in texts(wecom)) == 5000


@ends
async def test_parts_of_late(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    storage: dict[str, Any],
    finish: End,
) -> None:
    """Test that a long message that says it is late is parted in the same places."""
    entry = await set_up(hass, WECOM, wecom)
    words = [f"{number:04}" for number in range(1000)]
    await wecom.stop()
    assert (await status(hass, " ".join(words)))[0] == "queued"
    await pass_time(hass, freezer, 120, step=5)
    wecom.script(Answer(genuine=True), path=WECOM.path)
    wecom.always(BAD_ANSWERS["unavailable_503"], WECOM.path)
    await wecom.start(port=wecom.port)
    await pass_time(hass, freezer, 60)
    assert len(texts(wecom)) == 1
    await finish(hass, entry, storage)
    wecom.always(None, WECOM.path)
    await begin(hass, entry)
    await drain(hass, freezer, entry)
    shown = " ".join(texts(wecom)).split()
    assert "delayed]" in shown
    assert [word for word in shown if word.isdecimal()] == words


@ends
async def test_picture(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    storage: dict[str, Any],
    tmp_path: Path,
    finish: End,
) -> None:
    """Test that a picture is kept as it was, though its file is gone."""
    path = tmp_path / "door.jpg"
    path.write_bytes(content := picture())
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    entry = await set_up(hass, WECOM, wecom)
    await wecom.stop()
    await say(hass, image=str(path))
    path.unlink()
    await finish(hass, entry, storage)
    await wecom.start(port=wecom.port)
    await begin(hass, entry)
    await drain(hass, freezer, entry)
    assert uploaded(wecom).data == content
    assert texts(wecom) == ["door.jpg"]


async def test_picture_lost(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    storage: dict[str, Any],
    tmp_path: Path,
) -> None:
    """Test that a person is told of a message whose picture is gone from the disk."""
    (tmp_path / "door.jpg").write_bytes(picture())
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    entry = await set_up(hass, WECOM, wecom)
    await wecom.stop()
    await say(hass, image=str(tmp_path / "door.jpg"))
    await send(hass, "No. 1")
    await end(hass, entry, storage)
    kept = {
        key for key in storage if key.startswith(f"{DOMAIN}.outbox.{entry.entry_id}.")
    }
    for key in kept:
        del storage[key]
    await wecom.start(port=wecom.port)
    await begin(hass, entry)
    await drain(hass, freezer, entry)
    assert numbers(wecom) == [1]
    assert told(hass)["undelivered"]["count"] == "1"


@ends
async def test_fields(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    freezer: FrozenDateTimeFactory,
    storage: dict[str, Any],
    finish: End,
) -> None:
    """Test that a message says all that it would have said, to whom it was for."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    fields: dict[str, Any] = {
        "format": "html",
        "url": "https://example.com/door",
        "summary": "Door",
        "targets": [UID_LI, "8001"],
    }
    await say(hass, "<b>Hi</b>", **fields)
    await wxpusher.stop()
    await say(hass, "<b>Hi</b>", **fields)
    await finish(hass, entry, storage)
    await wxpusher.start(port=wxpusher.port)
    await begin(hass, entry)
    await drain(hass, freezer, entry)
    first, second = wxpusher.requests_to(WXPUSHER_SEND)
    assert first.json == second.json
    assert UID_ZHANG not in str(first.json)


async def test_reload_while_waiting(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a reload neither loses nor doubles messages whose callers wait."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    wxpusher.script(Answer(genuine=True, delay=2), path=WXPUSHER_SEND)
    sending = asyncio.gather(*(send(hass, f"No. {number}") for number in range(10)))
    await arrival(wxpusher, WXPUSHER_SEND)
    reloading = hass.async_create_task(hass.config_entries.async_reload(entry.entry_id))
    await during(hass, freezer, asyncio.gather(sending, reloading))
    await drain(hass, freezer, entry)
    assert numbers(wxpusher) == list(range(10))


async def test_stop_while_waiting(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    storage: dict[str, Any],
) -> None:
    """Test that what callers wait for is on disk when Home Assistant has stopped."""
    entry = await set_up(hass, PUSHJET, pushjet)
    pushjet.script(Answer(genuine=True, delay=2), path=PUSHJET.path)
    sending = asyncio.gather(*(send(hass, f"No. {number}") for number in range(10)))
    await arrival(pushjet, PUSHJET.path)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await pass_time(hass, freezer, 10)
    await sending
    assert numbers(pushjet) == [0]
    await kill(hass, entry, storage)
    await begin(hass, entry)
    await drain(hass, freezer, entry)
    assert numbers(pushjet) == list(range(10))


async def test_stop_while_hanging(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    storage: dict[str, Any],
) -> None:
    """Test that a message whose request gets no answer is kept, and all behind it."""
    entry = await set_up(hass, PUSHJET, pushjet, read_timeout=60)
    pushjet.script(Answer(hang=True), path=PUSHJET.path)
    sending = asyncio.gather(
        *(send(hass, f"No. {number}") for number in range(3)), return_exceptions=True
    )
    await arrival(pushjet, PUSHJET.path)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await pass_time(hass, freezer, 8)
    on_disk = str(storage[f"{DOMAIN}.outbox.{entry.entry_id}"])
    assert [f"No. {number}" in on_disk for number in range(3)] == [True] * 3
    assert on_disk.count("'doubts': 1") == 1
    # Whoever sent the first one is not told that all is well.
    assert not sending.done()
    await pushjet.stop()
    told_of_first, *_ = await during(hass, freezer, sending)
    assert isinstance(told_of_first, HomeAssistantError)


@pytest.mark.parametrize(("repeats", "copies"), [(True, 2), (False, 1)])
async def test_killed_while_sending(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    storage: dict[str, Any],
    copies: int,
    *,
    repeats: bool,
) -> None:
    """Test that a message that was just being sent is repeated once, or told of."""
    entry = await set_up(hass, PUSHJET, pushjet)
    options = {**entry.options, "repeat": "until_certain" if repeats else "never"}
    hass.config_entries.async_update_entry(entry, options=options)
    await hass.async_block_till_done()
    await pushjet.stop()
    await send(hass, "No. 0")
    await send(hass, "No. 1")
    pushjet.script(Answer(act=True, hang=True), path=PUSHJET.path)
    await pushjet.start(port=pushjet.port)
    await pass_time(hass, freezer, 4)
    assert numbers(pushjet) == [0]
    # Killed while it waits for the answer.
    on_disk = copy.deepcopy(storage)
    await during(hass, freezer, hass.config_entries.async_unload(entry.entry_id))
    storage.clear()
    storage.update(on_disk)
    await begin(hass, entry)
    await drain(hass, freezer, entry)
    assert numbers(pushjet) == [*[0] * copies, 1]
    assert ("undelivered" in told(hass)) is not repeats


async def test_order_after_hanging(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    storage: dict[str, Any],
) -> None:
    """Test that what was kept after a newer one is still delivered before it."""
    entry = await set_up(hass, PUSHJET, pushjet, read_timeout=30)
    pushjet.script(Answer(hang=True), path=PUSHJET.path)
    first = asyncio.ensure_future(status(hass, "No. 1"))
    await arrival(pushjet, PUSHJET.path)
    second = asyncio.ensure_future(status(hass, "No. 2"))
    assert await during(hass, freezer, second) == ("queued", "waiting_behind")
    await pushjet.stop()
    assert (await during(hass, freezer, first))[0] == "queued"
    await end(hass, entry, storage)
    await pushjet.start(port=pushjet.port)
    await begin(hass, entry)
    await drain(hass, freezer, entry)
    assert numbers(pushjet) == [1, 2]
