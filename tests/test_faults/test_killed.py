"""Home Assistant ends, as it likes or not, while hundreds of messages wait."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
import re
import signal
import sys
from typing import Final

import pytest

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.json import json_bytes
from tests.samples import PUSHJET, add_recipient, arrival, set_up
from tests.simulators import Answer, Pushjet

from . import house
from .home import PEOPLE, open_garden

# To each of two people.
MESSAGES: Final = 250
_ROOT: Final = Path(__file__).parents[2]
_PATIENCE: Final = 60
_NUMBER: Final = re.compile(r"Message (\d+)\.$")


class House:
    """The process of a Home Assistant."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Keep the process."""
        self._process = process

    async def heard(self, *lines: str) -> None:
        """Wait until all of these lines were read, in any order."""
        assert self._process.stdout is not None
        missing = Counter(lines)
        async with asyncio.timeout(_PATIENCE):
            while +missing:
                line = await self._process.stdout.readline()
                assert line, "it ended by itself"
                missing.subtract((line.decode().strip(),))

    async def end(self, how: signal.Signals) -> None:
        """End the process."""
        self._process.send_signal(how)
        async with asyncio.timeout(_PATIENCE):
            # What it still says must not fill the pipe.
            await self._process.communicate()


@asynccontextmanager
async def living(folder: Path, port: int, messages: int = 0) -> AsyncGenerator[House]:
    """Start a Home Assistant that sends messages, and make sure that it is gone."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", house.__name__, str(folder), str(port), str(messages)),
        cwd=_ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield House(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


def move(entry: ConfigEntry, folder: Path) -> None:
    """Write an account to where another Home Assistant looks for it."""
    storage = folder / ".storage"
    storage.mkdir()
    entries = {
        "version": 1,
        "minor_version": 5,
        "key": "core.config_entries",
        "data": {"entries": [entry.as_storage_fragment]},
    }
    (storage / "core.config_entries").write_bytes(json_bytes(entries))


@pytest.fixture
async def folder(hass: HomeAssistant, pushjet: Pushjet, tmp_path: Path) -> Path:
    """Return the folder of a house with an account of two recipients, now out of reach."""
    (first, _), (second, _) = PEOPLE["pushjet"]
    open_garden(pushjet)
    entry = await set_up(hass, PUSHJET, pushjet, recipient=first)
    await add_recipient(hass, entry, second)
    move(entry, tmp_path)
    await hass.config_entries.async_remove(entry.entry_id)
    await pushjet.stop()
    return tmp_path


def arrived(pushjet: Pushjet) -> dict[str, list[int]]:
    """Return the numbers of the messages that each person was shown."""
    found: dict[str, list[int]] = {name: [] for _, name in PEOPLE["pushjet"]}
    for shown in pushjet.notifications:
        match = _NUMBER.search(shown.text)
        assert match is not None
        found[shown.recipient].append(int(match[1]))
    return found


@pytest.mark.parametrize(
    ("how", "copies"),
    [(signal.SIGKILL, 2), (signal.SIGTERM, 1)],
    ids=["killed", "stopped"],
)
async def test_killed_while_waiting(
    pushjet: Pushjet,
    folder: Path,
    unused_tcp_port: int,
    how: signal.Signals,
    copies: int,
) -> None:
    """Test that what waits survives, also an end in the middle of its delivery."""
    sent = [f"{house.SENT} {number}" for number in range(MESSAGES)]
    async with living(folder, unused_tcp_port, MESSAGES) as home:
        await home.heard(*sent, *sent)
        await home.end(how)
    assert pushjet.notifications == []
    await pushjet.start(port=pushjet.port)
    async with living(folder, unused_tcp_port) as home:
        await home.heard(f"{house.WAITING} {2 * MESSAGES - 100}")
        # Each of these is taken at once, and answered when the end has begun.
        pushjet.always(Answer(genuine=True, delay=0.5), PUSHJET.path)
        under_way = len(pushjet.requests) + 2
        await arrival(pushjet, PUSHJET.path, count=under_way)
        await home.end(how)
    pushjet.always(None, PUSHJET.path)
    assert len(pushjet.notifications) < 2 * MESSAGES
    async with living(folder, unused_tcp_port) as home:
        await home.heard(f"{house.WAITING} 0")
        await home.end(signal.SIGTERM)
    for numbers in arrived(pushjet).values():
        assert list(dict.fromkeys(numbers)) == list(range(MESSAGES))
        assert max(Counter(numbers).values()) <= copies
        # No more than what was under way.
        assert len(numbers) < MESSAGES + copies


async def test_killed_while_taking(
    pushjet: Pushjet, folder: Path, unused_tcp_port: int
) -> None:
    """Test that whatever a sender was told is queued is there after a sudden end."""
    told = [f"{house.SENT} {number}" for number in range(100)]
    async with living(folder, unused_tcp_port, MESSAGES) as home:
        await home.heard(*told, *told)
        await home.end(signal.SIGKILL)
    await pushjet.start(port=pushjet.port)
    async with living(folder, unused_tcp_port) as home:
        await home.heard(f"{house.WAITING} 0")
        await home.end(signal.SIGTERM)
    for numbers in arrived(pushjet).values():
        assert numbers[:100] == list(range(100))
        assert numbers == sorted(set(numbers))
