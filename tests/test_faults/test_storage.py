"""The disk is full, or what is read from it is not what was written."""

from collections.abc import Callable, Generator
import gc
import json
from pathlib import Path
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.const import DOMAIN
from custom_components.wechat_push.queued import QueuedMessage
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.util.file import WriteError
from tests.issues import titles
from tests.samples import PUSHJET
from tests.simulators import Pushjet

from .home import Home, complaints, open_garden, set_up

UNWRITABLE: Final = "127.0.0.1: waiting messages cannot be saved"
# To each of two people.
MANY: Final = 250
MOST: Final = 500

# As they are before a test has its own in their place.
_READ: Final = vars(Store)["_async_load"]
_WRITE: Final = vars(Store)["_async_write_data"]

type Disk = Callable[[Exception | None], None]


@pytest.fixture
async def home(
    hass: HomeAssistant, pushjet: Pushjet, freezer: FrozenDateTimeFactory
) -> Home:
    """Return two people at the service that takes whatever it is sent."""
    open_garden(pushjet)
    return await set_up(hass, PUSHJET, pushjet, freezer)


@pytest.fixture
def disk(storage: dict[str, Any]) -> Generator[Disk]:
    """Return what makes the disk fail, or work again."""
    write = vars(Store)["_async_write_data"]
    failure: Exception | None = None

    async def try_to_write(store: Store[Any], data: dict[str, Any]) -> None:
        if failure is not None and store.key.startswith(DOMAIN):
            raise failure
        await write(store, data)

    def change(error: Exception | None) -> None:
        nonlocal failure
        failure = error

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Store, "_async_write_data", try_to_write)
        yield change


@pytest.fixture
def real_disk(
    hass: HomeAssistant, storage: dict[str, Any], tmp_path: Path
) -> Generator[Path]:
    """Return the folder of files that Home Assistant really reads and writes."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Store, "_async_load", _READ)
        patched.setattr(Store, "_async_write_data", _WRITE)
        hass.config.config_dir = str(tmp_path)
        yield tmp_path / ".storage"


@pytest.mark.parametrize(
    ("error", "many"),
    [
        (WriteError("No space left on device"), MANY),
        (OSError(30, "Read-only file system"), 3),
    ],
    ids=["full", "read-only"],
)
async def test_full(
    hass: HomeAssistant,
    pushjet: Pushjet,
    home: Home,
    disk: Disk,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    many: int,
) -> None:
    """Test that hundreds of messages wait without a disk, and that a person is told."""
    await pushjet.stop()
    disk(error)
    await home.send(many)
    assert titles(hass) == [UNWRITABLE]
    assert home.account.delivery.queued == 2 * many
    await pushjet.start(port=pushjet.port)
    await home.drain()
    home.check_all_arrived()
    assert titles(hass) == [UNWRITABLE]
    await pushjet.stop()
    disk(None)
    await home.send(1)
    assert titles(hass) == []
    await pushjet.start(port=pushjet.port)
    await home.drain()
    home.check_all_arrived()
    # Home Assistant itself says that it could not write.
    assert not [each for each in complaints(caplog) if "Error writing" not in each]


async def test_full_for_a_while(
    hass: HomeAssistant, pushjet: Pushjet, home: Home, disk: Disk
) -> None:
    """Test that what the disk did not take at first is on it once there is room."""
    await pushjet.stop()
    disk(WriteError("No space left on device"))
    await home.send(3)
    disk(None)
    await home.send(1)
    await home.restart()
    assert home.account.delivery.queued == 8
    await pushjet.start(port=pushjet.port)
    await home.drain()
    home.check_all_arrived()


def cut(text: str) -> str:
    """Return the first half of a file, as after a power cut."""
    return text[: len(text) // 2]


def empty(text: str) -> str:
    """Return nothing, as after another power cut."""
    return ""


def changed(**data: Any) -> Callable[[str], str]:
    """Return what puts something else into a file that Home Assistant can read."""

    def change(text: str) -> str:
        content = json.loads(text)
        content["data"] |= data
        return json.dumps(content)

    return change


def other_data(data: Any) -> Callable[[str], str]:
    """Return what puts something else in the place of all that is in a file."""
    return lambda text: json.dumps({**json.loads(text), "data": data})


def damage_first(text: str) -> str:
    """Change types in the first message that is kept."""
    content = json.loads(text)
    content["data"]["messages"][0] |= {"created": "yesterday", "parts_done": None}
    return json.dumps(content)


def damage_words(text: str) -> str:
    """Cut what the first message says."""
    content = json.loads(text)
    first = content["data"]["messages"][0]
    first["message"] = cut(first["message"])
    return json.dumps(content)


@pytest.mark.parametrize(
    ("damage", "kept"),
    [
        pytest.param(cut, 0, id="cut"),
        pytest.param(empty, 0, id="empty"),
        pytest.param(other_data([]), 0, id="list"),
        pytest.param(other_data(None), 0, id="nothing"),
        pytest.param(changed(messages={"a": 1}), 0, id="messages"),
        pytest.param(changed(state=["x"]), 6, id="state"),
        pytest.param(changed(state={"block": 7, "pace": {}}), 6, id="parts"),
        pytest.param(damage_first, 5, id="first"),
        pytest.param(damage_words, 5, id="words"),
    ],
)
async def test_damaged(
    hass: HomeAssistant,
    pushjet: Pushjet,
    real_disk: Path,
    home: Home,
    damage: Callable[[str], str],
    kept: int,
) -> None:
    """Test that the account works with damaged files, and that the good part is kept."""
    await pushjet.stop()
    await home.send(3)
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    path = real_disk / f"{DOMAIN}.outbox.{home.entry.entry_id}"
    path.write_text(damage(path.read_text()))
    await pushjet.start(port=pushjet.port)
    await home.load()
    await home.send(1)
    # Beside that of the loop, a file takes a time of its own.
    await home.drain()
    arrived = [home.arrived(person) for person in home.people]
    assert sum(map(len, arrived)) == kept + 2
    assert all(numbers == sorted(set(numbers)) for numbers in arrived)


@pytest.mark.parametrize(
    "progress",
    [
        "",
        "{",
        "[]",
        '{"version": 1, "data": "x"}',
        '{"version": 1, "data": {"done": 7, "under_way": []}}',
        '{"version": 1, "data": {"done": [{}], "under_way": {"a": "b"}}}',
        '{"version": 99, "data": {"done": [], "under_way": {}}}',
    ],
)
async def test_damaged_progress(
    hass: HomeAssistant,
    pushjet: Pushjet,
    real_disk: Path,
    home: Home,
    progress: str,
) -> None:
    """Test that all is delivered if it cannot be read what already was."""
    await pushjet.stop()
    await home.send(3)
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    path = real_disk / f"{DOMAIN}.outbox.{home.entry.entry_id}.progress"
    path.write_text(progress)
    await pushjet.start(port=pushjet.port)
    await home.load()
    await home.drain()
    # No look at what is late: beside that of the loop, a file takes a time of its own.
    assert [home.arrived(person) for person in home.people] == [[0, 1, 2]] * 2


def in_memory() -> int:
    """Return how many messages there are that nobody has forgotten."""
    gc.collect()
    return sum(isinstance(each, QueuedMessage) for each in gc.get_objects())


async def test_most(
    hass: HomeAssistant, pushjet: Pushjet, home: Home, storage: dict[str, Any]
) -> None:
    """Test that no more is kept than there is room for, and nothing of it for ever."""
    before = in_memory()
    await pushjet.stop()
    await home.send(MOST)
    assert {answer for person in home.people for answer in person.answers} == {"queued"}
    await home.send(1)
    assert [person.answers[-1] for person in home.people] == ["outbox_full"] * 2
    assert home.account.delivery.queued == 2 * MOST
    await pushjet.start(port=pushjet.port)
    await home.drain()
    assert [home.arrived(person) for person in home.people] == [[*range(MOST)]] * 2
    await home.send(1)
    home.check()
    outbox = storage[f"{DOMAIN}.outbox.{home.entry.entry_id}"]
    assert outbox["data"]["messages"] == []
    for person in home.people:
        # They hold the errors, and these whatever was going on.
        person.reports.clear()
    # The last error knows of its message.
    assert in_memory() - before < 10
