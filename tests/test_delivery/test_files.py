"""The files of messages that wait: none is missing, and none is left over."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from tests.moments import drain, pass_time, settle
from tests.pictures import picture
from tests.samples import WECOM, set_up
from tests.simulators import WeCom
from tests.test_delivery.common import numbers, reports, status, texts
from tests.test_delivery.test_outbox import stored
from tests.test_delivery.test_restart import begin
from tests.troubles import told

type Keys = Callable[[str], bool]


@pytest.fixture
def image(hass: HomeAssistant, tmp_path: Path) -> str:
    """Return the path of a picture that may be sent."""
    path = tmp_path / "door.jpg"
    path.write_bytes(picture())
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    return str(path)


@contextmanager
def slow_disk(slow: Keys) -> Iterator[asyncio.Event]:
    """Let files be written only once it is said so; yield what says so."""
    write = vars(Store)["_async_write_data"]
    go = asyncio.Event()

    async def write_later(store: Store[Any], data: dict[str, Any]) -> None:
        if slow(store.key):
            await go.wait()
        await write(store, data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "_async_write_data", write_later)
        yield go


def lists(storage: dict[str, Any]) -> set[str]:
    """Return the names of files that an outbox has, also with nothing in it."""
    return {name for name in stored(storage) if is_list(name)}


def is_list(name: str) -> bool:
    """Tell if a file holds no files of a message."""
    return name.count(".") == 2 or name.endswith(".progress")


def is_file(name: str) -> bool:
    """Tell if a file holds the files of a message."""
    return not is_list(name)


async def let_wait(hass: HomeAssistant, wecom: WeCom, image: str) -> ConfigEntry:
    """Let a picture wait, and words behind it."""
    entry = await set_up(hass, WECOM, wecom)
    await wecom.stop()
    assert (await status(hass, "No. 0", image=image))[0] == "queued"
    assert (await status(hass, "No. 1"))[0] == "queued"
    return entry


@pytest.mark.parametrize("slow", [is_list, is_file], ids=["list", "file"])
async def test_cleared_while_written(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    storage: dict[str, Any],
    image: str,
    slow: Keys,
) -> None:
    """Test that a picture that is dropped while it is being written leaves nothing."""
    entry = await set_up(hass, WECOM, wecom)
    delivery = entry.runtime_data.delivery
    await wecom.stop()
    with slow_disk(slow) as go:
        words = asyncio.ensure_future(status(hass, "0"))
        await pass_time(hass, freezer, 6)
        look = asyncio.ensure_future(status(hass, "1", image=image))
        await pass_time(hass, freezer, 2)
        assert delivery.queued == 2
        clearing = asyncio.ensure_future(delivery.async_clear())
        await settle(hass)
        go.set()
        await asyncio.gather(words, look, clearing)
    await settle(hass)
    assert delivery.queued == 0
    assert stored(storage) == lists(storage)


async def test_killed_while_removed(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    storage: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    image: str,
) -> None:
    """Test that a picture that was delivered is not lost, whenever the power goes."""
    entry = await let_wait(hass, wecom, image)
    on_disk: list[dict[str, Any]] = []
    remove = vars(Store)["async_remove"]

    async def remove_and_look(store: Store[Any]) -> None:
        await remove(store)
        on_disk.append(dict(storage))

    with monkeypatch.context() as patch:
        patch.setattr(Store, "async_remove", remove_and_look)
        await wecom.start(port=wecom.port)
        await drain(hass, freezer, entry)
    assert await hass.config_entries.async_unload(entry.entry_id)
    storage.clear()
    storage.update(on_disk[0])
    await begin(hass, entry)
    await drain(hass, freezer, entry)
    assert texts(wecom).count("door.jpg") == 1
    assert told(hass) == {}


async def test_left_over(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    storage: dict[str, Any],
    image: str,
    tmp_path: Path,
) -> None:
    """Test that files of messages that are gone are removed, and no others."""
    entry = await let_wait(hass, wecom, image)
    assert await hass.config_entries.async_unload(entry.entry_id)
    (kept,) = filter(is_file, stored(storage))
    prefix, _ = kept.rsplit(".", 1)
    needed = stored(storage)
    # Home Assistant puts damaged files aside under such a name.
    aside = f"{kept}.corrupt.2026-11-21T08:30:20+00:00"
    for name in (f"{prefix}.18791d5a3c0-1f", aside):
        storage[name] = dict(storage[kept])
    # The storage is in memory, but what there is to remove is looked for on the disk.
    hass.config.config_dir = str(tmp_path)
    (tmp_path / ".storage").mkdir()
    for name in stored(storage):
        (tmp_path / ".storage" / name).touch()
    await begin(hass, entry)
    assert stored(storage) - lists(storage) == {kept, aside}
    assert needed <= stored(storage)
    await wecom.start(port=wecom.port)
    await drain(hass, freezer, entry)
    assert texts(wecom).count("door.jpg") == 1


@pytest.mark.parametrize(
    "damaged",
    ["x", {}, [], [7], ["x"], ["not base64"], ["", ""]],
    ids=str,
)
async def test_damaged(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    storage: dict[str, Any],
    image: str,
    damaged: object,
) -> None:
    """Test that a person is told of a picture that was damaged on the disk."""
    entry = await let_wait(hass, wecom, image)
    assert await hass.config_entries.async_unload(entry.entry_id)
    (kept,) = filter(is_file, stored(storage))
    storage[kept]["data"] = damaged
    await begin(hass, entry)
    heard = reports(entry)
    await wecom.start(port=wecom.port)
    await drain(hass, freezer, entry)
    assert numbers(wecom) == [1]
    assert heard[0].error is not None
    assert heard[0].error.problem == "damaged"
    assert told(hass)["undelivered"]["count"] == "1"
