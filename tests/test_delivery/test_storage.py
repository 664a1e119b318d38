"""A disk that cannot be written, or holds something else, stops no message."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.const import DOMAIN
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store
from homeassistant.util.file import WriteError
from tests.moments import drain, pass_time, settle
from tests.pictures import picture
from tests.samples import PUSHJET, WECOM, Sample, send, set_up
from tests.simulators import BAD_ANSWERS, Pushjet, Simulator, WeCom
from tests.test_delivery.common import numbers, status, texts
from tests.troubles import told


@contextmanager
def unwritable(concerned: Callable[[str], bool]) -> Iterator[pytest.MonkeyPatch]:
    """Let some files not be written."""
    write = vars(Store)["_async_write_data"]

    async def try_to_write(store: Store[Any], data: dict[str, Any]) -> None:
        if concerned(store.key):
            raise WriteError("No space left on device")
        await write(store, data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "_async_write_data", try_to_write)
        yield patch


@pytest.fixture
def full_disk(storage: dict[str, Any]) -> Iterator[pytest.MonkeyPatch]:
    """Let no file be written."""
    with unwritable(lambda key: True) as patch:
        yield patch


async def test_full_disk(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
    full_disk: pytest.MonkeyPatch,
) -> None:
    """Test that messages wait in memory, which is told, and are delivered all the same."""
    entry = await set_up(hass, sample, simulator)
    await simulator.stop()
    for number in range(3):
        assert (await status(hass, f"No. {number}"))[0] == "queued"
    assert list(told(hass)) == ["storage_unwritable"]
    await simulator.start(port=simulator.port)
    await drain(hass, freezer, entry)
    assert numbers(simulator) == [0, 1, 2]
    # There is room again, which shows with the next message that has to wait.
    full_disk.undo()
    await simulator.stop()
    await send(hass, "No. 3")
    assert told(hass) == {}


async def test_unwritable_list(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    storage: dict[str, Any],
) -> None:
    """Test that it is told for as long as messages are not on disk, whatever else is."""
    entry = await set_up(hass, PUSHJET, pushjet)
    await pushjet.stop()
    with unwritable(lambda key: key == f"{DOMAIN}.outbox.{entry.entry_id}"):
        await send(hass, "No. 1")
        await send(hass, "No. 2")
        # What comes of each try is written, in a file of its own.
        pushjet.always(BAD_ANSWERS["unavailable_503"], PUSHJET.path)
        await pushjet.start(port=pushjet.port)
        await pass_time(hass, freezer, 30)
        assert len(pushjet.requests_to(PUSHJET.path)) > 1
        assert list(told(hass)) == ["storage_unwritable"]
    # There is room again, which shows with the next try.
    await pass_time(hass, freezer, 60)
    assert told(hass) == {}
    assert len(queue_of(storage, entry)["messages"]) == 2


async def test_unwritable_picture(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory, tmp_path: Path
) -> None:
    """Test that it is told for as long as a message waits whose picture is not on disk."""
    (tmp_path / "door.jpg").write_bytes(picture())
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    entry = await set_up(hass, WECOM, wecom)
    await wecom.stop()
    prefix = f"{DOMAIN}.outbox.{entry.entry_id}."
    lists = {prefix.removesuffix("."), f"{prefix}progress"}
    with unwritable(lambda key: key.startswith(prefix) and key not in lists):
        await status(hass, "No. 1", image=str(tmp_path / "door.jpg"))
    await send(hass, "No. 2")
    assert list(told(hass)) == ["storage_unwritable"]
    await wecom.start(port=wecom.port)
    await drain(hass, freezer, entry)
    assert len(texts(wecom)) == 3
    assert told(hass) == {}


def queue_of(storage: dict[str, Any], entry: ConfigEntry) -> Any:
    """Return what is on disk of an outbox."""
    return storage[f"{DOMAIN}.outbox.{entry.entry_id}"]["data"]


SHAPES: dict[str, Any] = {
    "nothing": None,
    "text": "x",
    "number": 7,
    "list": [],
    "empty": {},
    "no list": {"messages": "x", "state": 7},
    "nulls": {"messages": None, "state": None},
    "rubbish": {
        "messages": [None, 7, "x", [], {}, {"id": 7}],
        "state": {"block": "x", "pace": [7]},
    },
    "deep rubbish": {
        "messages": [[[]]],
        "state": {
            "block": {"problem": 7, "details": [], "until": "x"},
            "pace": {
                "windows": [
                    7,
                    ["x"],
                    [0, "", "x"],
                    [99, "", [1]],
                    [0, "", ["x", None]],
                ],
                "today": {"day": "x", "counts": [7]},
            },
        },
    },
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("where", ["", ".progress"], ids=["list", "progress"])
async def test_wrong_shape(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    storage: dict[str, Any],
    shape: Any,
    where: str,
) -> None:
    """Test that an account works, whatever is found where its outbox was."""
    entry = await set_up(hass, PUSHJET, pushjet)
    assert await hass.config_entries.async_unload(entry.entry_id)
    key = f"{DOMAIN}.outbox.{entry.entry_id}{where}"
    storage[key] = {"version": 1, "minor_version": 1, "key": key, "data": shape}
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert entry.state is ConfigEntryState.LOADED
    await pushjet.stop()
    await send(hass, "No. 1")
    await pushjet.start(port=pushjet.port)
    await drain(hass, freezer, entry)
    assert numbers(pushjet) == [1]


@pytest.mark.parametrize(
    "damage",
    [
        {"id": 7},
        {"recipient": None},
        {"created": "yesterday"},
        {"life": None},
        {"parts_done": "all"},
        {"doubts": None},
        {"files": "x"},
        {"message": {}},
        {"message": "{"},
        {"message": "[]"},
        {"message": "{}"},
        {"message": '{"text": 7}'},
    ],
    ids=str,
)
async def test_damaged_message(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    storage: dict[str, Any],
    damage: dict[str, Any],
) -> None:
    """Test that a damaged message does not take the others with it."""
    entry = await set_up(hass, PUSHJET, pushjet)
    await pushjet.stop()
    for number in range(3):
        await send(hass, f"No. {number}")
    assert await hass.config_entries.async_unload(entry.entry_id)
    queue_of(storage, entry)["messages"][1].update(damage)
    await pushjet.start(port=pushjet.port)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    await drain(hass, freezer, entry)
    assert numbers(pushjet) == [0, 2]
    assert await status(hass, "No. 3") == ("sent", None)


async def test_unreadable(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Test that an account starts though its outbox cannot be read."""
    entry = await set_up(hass, PUSHJET, pushjet)
    assert await hass.config_entries.async_unload(entry.entry_id)

    async def fail(store: Store[Any]) -> Any:
        raise HomeAssistantError("Cannot read")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "async_load", fail)
        assert await hass.config_entries.async_setup(entry.entry_id)
    assert "cannot be read" in caplog.text
    assert await status(hass, "No. 1") == ("sent", None)
