"""What may wait, for how long, and what becomes of it otherwise."""

import asyncio
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push import backlog
from custom_components.wechat_push.const import DOMAIN
from custom_components.wechat_push.delivery.reports import DeliveryStatus
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from tests.messages import say
from tests.moments import drain, during, pass_time, settle
from tests.pictures import picture
from tests.samples import (
    PUSHJET,
    PUSHPLUS,
    SAMPLES,
    WECOM,
    WXPUSHER,
    Sample,
    add_recipient,
    send,
    set_up,
)
from tests.simulators import Pushjet, Simulator, WeCom, WxPusher
from tests.test_delivery.common import error, numbers, reports, status, texts
from tests.test_faults.home import complaints
from tests.troubles import told

# Minutes for which somebody wants a message.
WANTED = {"Short": 5, "Long": 20}


def stored(storage: dict[str, Any]) -> set[str]:
    """Return the names of all files of outboxes."""
    return {key for key in storage if key.startswith(f"{DOMAIN}.outbox.")}


async def choose(hass: HomeAssistant, entry: ConfigEntry, **options: Any) -> None:
    """Choose options of an account."""
    hass.config_entries.async_update_entry(entry, options={**entry.options, **options})
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    ("sample", "count"),
    [(WXPUSHER, 20), (WECOM, 30), (PUSHPLUS, 5), (PUSHJET, 50)],
    ids=SAMPLES,
)
async def test_nothing_written(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    storage: dict[str, Any],
    freezer: FrozenDateTimeFactory,
    count: int,
) -> None:
    """Test that messages that are delivered at once leave the disk alone."""
    await set_up(hass, sample, simulator)
    await asyncio.gather(*(send(hass, f"No. {number}") for number in range(count)))
    await pass_time(hass, freezer, 600, step=60)
    assert len(texts(simulator)) == count
    assert stored(storage) == set()


@pytest.mark.parametrize("order", [("Short", "Long"), ("Long", "Short")], ids=str)
async def test_expires(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
    order: tuple[str, str],
) -> None:
    """Test that a message ends when nobody wants it any more, and a person is told."""
    entry = await set_up(hass, sample, simulator)
    heard = reports(entry)
    await simulator.stop()
    for text in order:
        await say(hass, text, expires_after={"minutes": WANTED[text]})
    await pass_time(hass, freezer, 290, step=10)
    assert told(hass) == {}
    # Within a minute after that, it is found out.
    await pass_time(hass, freezer, 70, step=10)
    assert [report.status for report in heard] == [
        *[DeliveryStatus.QUEUED] * 2,
        DeliveryStatus.EXPIRED,
    ]
    assert told(hass)["undelivered"]["count"] == "1"
    assert entry.runtime_data.delivery.queued == 1
    await simulator.start(port=simulator.port)
    await drain(hass, freezer, entry)
    assert [text[-4:] for text in texts(simulator)] == ["Long"]


@pytest.mark.parametrize("seconds", [600, 3600])
async def test_default_expiry(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    seconds: int,
) -> None:
    """Test that an account says how long a message is wanted that does not say so."""
    entry = await set_up(hass, PUSHJET, pushjet)
    await choose(hass, entry, expires_after=seconds)
    await pushjet.stop()
    await send(hass, "Someone is there.")
    await pass_time(hass, freezer, seconds - 30, step=30)
    assert entry.runtime_data.delivery.queued == 1
    await pass_time(hass, freezer, 60, step=10)
    assert entry.runtime_data.delivery.queued == 0
    assert told(hass)["undelivered"]["recipient"] == PUSHJET.recipient_title
    await pushjet.start(port=pushjet.port)
    await pass_time(hass, freezer, 60)
    assert pushjet.notifications == []


async def test_expires_at_a_limit(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a message ends while another waits for a limit of the service."""
    entry = await set_up(hass, WECOM, wecom)
    await asyncio.gather(*(send(hass, f"No. {number}") for number in range(30)))
    assert await during(hass, freezer, status(hass, "Long")) == (
        "queued",
        "too_many_requests",
    )
    assert (await status(hass, "Short", expires_after={"seconds": 20}))[0] == "queued"
    await drain(hass, freezer, entry)
    assert told(hass)["undelivered"]["count"] == "1"
    assert texts(wecom)[-1].endswith("Long")


async def test_expired_in_between(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    storage: dict[str, Any],
) -> None:
    """Test that what expires while Home Assistant is off is told, and not sent."""
    entry = await set_up(hass, PUSHJET, pushjet)
    await pushjet.stop()
    await send(hass, "Someone is there.")
    assert await hass.config_entries.async_unload(entry.entry_id)
    freezer.tick(3700)
    await pushjet.start(port=pushjet.port)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await drain(hass, freezer, entry)
    assert pushjet.notifications == []
    assert told(hass)["undelivered"]["count"] == "1"


async def test_expired_at_once(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that what would be wanted only right now is not kept, which is told."""
    entry = await set_up(hass, sample, simulator)
    await simulator.stop()
    assert (await status(hass, "No. 1"))[0] == "queued"
    heard = reports(entry)
    assert await error(hass, "No. 2", expires_after={"seconds": 0}) == "expired"
    assert entry.runtime_data.delivery.queued == 1
    assert [report.status for report in heard] == [DeliveryStatus.EXPIRED]
    # Whoever sent it knows.
    assert told(hass) == {}
    await simulator.start(port=simulator.port)
    await drain(hass, freezer, entry)
    assert numbers(simulator) == [1]


async def test_no_room_for_note(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a message that may not become longer arrives late as it is."""
    entry = await set_up(hass, WECOM, wecom)
    await wecom.stop()
    text = "x" * 2048
    assert (await status(hass, text, overflow="refuse"))[0] == "queued"
    await pass_time(hass, freezer, 400, step=5)
    await wecom.start(port=wecom.port)
    await drain(hass, freezer, entry)
    assert texts(wecom) == [text]
    assert told(hass) == {}


async def test_cleared_at_a_limit(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Test that what is cleared while it stands in line is neither sent nor mourned."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    delivery = entry.runtime_data.delivery
    await wxpusher.stop()
    for number in range(25):
        await send(hass, f"No. {number}")
    heard = reports(entry)
    await wxpusher.start(port=wxpusher.port)
    # There are 20 that may go out at once.
    while len(wxpusher.notifications) < 20:
        await pass_time(hass, freezer)
    assert sum((await delivery.async_clear()).values()) == 5
    await pass_time(hass, freezer, 5)
    # Nobody has to wait for them any more.
    assert await during(hass, freezer, status(hass, "No. 25")) == ("sent", None)
    await pass_time(hass, freezer, 60)
    assert delivery.queued == 0
    assert numbers(wxpusher) == [*range(20), 25]
    assert [report.status for report in heard] == [
        *[DeliveryStatus.DELIVERED_LATE] * 20,
        *[DeliveryStatus.CLEARED] * 5,
        DeliveryStatus.SENT,
    ]
    assert told(hass) == {}
    assert complaints(caplog) == []


async def test_full(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Test that the outbox has an end, that it is told, and that nothing else is lost."""
    monkeypatch.setattr(backlog, "MAX_KEPT", 5)
    entry = await set_up(hass, sample, simulator)
    await simulator.stop()
    for number in range(5):
        await send(hass, f"No. {number}")
    assert await error(hass, "No. 5") == "outbox_full"
    assert entry.runtime_data.delivery.queued == 5
    await simulator.start(port=simulator.port)
    await drain(hass, freezer, entry)
    assert numbers(simulator) == list(range(5))
    assert (await during(hass, freezer, status(hass, "No. 6")))[0] in {"sent", "queued"}


async def test_full_of_files(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Test that pictures do not fill the disk, while words still wait."""
    content = picture()
    (tmp_path / "door.jpg").write_bytes(content)
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    monkeypatch.setattr(backlog, "MAX_KEPT_BYTES", len(content) * 2)
    entry = await set_up(hass, WECOM, wecom)
    await wecom.stop()
    image = str(tmp_path / "door.jpg")
    for number in range(2):
        assert (await status(hass, f"No. {number}", image=image))[0] == "queued"
    assert await error(hass, "No. 2", image=image) == "outbox_full"
    assert (await status(hass, "No. 3"))[0] == "queued"
    await wecom.start(port=wecom.port)
    await drain(hass, freezer, entry)
    shown = [text for text in texts(wecom) if text != "door.jpg"]
    assert [text[-5:] for text in shown] == ["No. 0", "No. 1", "No. 3"]
    assert texts(wecom).count("door.jpg") == 2


async def test_recipient_removed(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Test that what waits for a recipient goes with it, and the rest stays."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await add_recipient(hass, entry, {"targets": ["8001"], "format": "text"})
    first, second = entry.subentries
    await wxpusher.stop()
    for number in range(2):
        await send(hass, f"No. {number}")
    assert entry.runtime_data.delivery.queued == 4
    hass.config_entries.async_remove_subentry(entry, second)
    await hass.async_block_till_done()
    assert "dropped, as their recipients are gone: 2" in caplog.text
    assert entry.runtime_data.delivery.queued == 2
    await wxpusher.start(port=wxpusher.port)
    await drain(hass, freezer, entry)
    assert [shown.recipient for shown in wxpusher.notifications] == [
        *WXPUSHER.receivers * 2
    ]
    assert list(entry.subentries) == [first]


async def test_recipient_with_many_removed(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that the disk is not written for each message that goes with a recipient."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await add_recipient(hass, entry, {"targets": ["8001"], "format": "text"})
    _, second = entry.subentries
    await wxpusher.stop()
    for number in range(60):
        await send(hass, f"No. {number}")
    written: list[str] = []
    write = vars(Store)["_async_write_data"]

    async def count(store: Store[Any], data: dict[str, Any]) -> None:
        written.append(store.key)
        await write(store, data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "_async_write_data", count)
        hass.config_entries.async_remove_subentry(entry, second)
        await hass.async_block_till_done()
    assert entry.runtime_data.delivery.queued == 60
    assert 1 <= len([key for key in written if key.startswith(DOMAIN)]) < 5


async def test_account_removed(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    storage: dict[str, Any],
    tmp_path: Path,
) -> None:
    """Test that an account leaves nothing on disk, not even pictures."""
    (tmp_path / "door.jpg").write_bytes(picture())
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    entry = await set_up(hass, WECOM, wecom)
    await wecom.stop()
    await send(hass, "Someone is there.")
    await say(hass, "Look!", image=str(tmp_path / "door.jpg"))
    assert len(stored(storage)) >= 2
    # The storage is in memory, but what there is to remove is looked for on the disk.
    hass.config.config_dir = str(tmp_path)
    (tmp_path / ".storage").mkdir()
    for name in stored(storage):
        (tmp_path / ".storage" / name).touch()
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert stored(storage) == set()


async def test_emptied(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    storage: dict[str, Any],
    tmp_path: Path,
) -> None:
    """Test that nothing of a message is kept once it is delivered."""
    (tmp_path / "door.jpg").write_bytes(picture())
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    entry = await set_up(hass, WECOM, wecom)
    await wecom.stop()
    await send(hass, "Someone is there.")
    await say(hass, "Look!", image=str(tmp_path / "door.jpg"))
    await wecom.start(port=wecom.port)
    await drain(hass, freezer, entry)
    await settle(hass)
    assert "Someone" not in str(storage)
    assert "Look!" not in str(storage)
    assert stored(storage) <= {
        f"{DOMAIN}.outbox.{entry.entry_id}",
        f"{DOMAIN}.outbox.{entry.entry_id}.progress",
    }
