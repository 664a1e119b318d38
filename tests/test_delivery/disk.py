"""The outbox of an account as it lies on disk, and ends that it has to survive."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
import json
from pathlib import Path
import shutil
import sqlite3
import tempfile

from freezegun.api import FrozenDateTimeFactory

from custom_components.wechat_push.account import Account
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from tests.moments import during, settle


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A message in an outbox."""

    text: str
    files: tuple[bytes, ...]


def outbox(folder: Path, entry: ConfigEntry) -> Path:
    """Return the file of an account's outbox."""
    return folder / f"{entry.entry_id}.sqlite"


def waiting(path: Path) -> list[Waiting]:
    """Return the messages in an outbox, in their order."""
    if not path.exists():
        return []
    with _opened(path) as db:
        files: dict[int, list[bytes]] = {}
        rows = db.execute("SELECT message, bytes FROM attachments ORDER BY number")
        for message, content in rows:
            files.setdefault(message, []).append(content)
        rows = db.execute("SELECT seq, content FROM messages ORDER BY seq")
        return [
            Waiting(
                text=json.loads(content)["message"]["text"],
                files=tuple(files.get(seq, ())),
            )
            for seq, content in rows
        ]


def waiting_texts(path: Path) -> list[str]:
    """Return the texts of the messages in an outbox, in their order."""
    return [each.text for each in waiting(path)]


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy: the file may be in use, or have a journal that is not to be lost."""
    with tempfile.TemporaryDirectory() as folder:
        copied = _copy(path, Path(folder))
        with closing(sqlite3.connect(copied)) as db:
            yield db


def _copy(path: Path, folder: Path) -> Path:
    """Copy an outbox and its journal to another folder."""
    for name in (path.name, f"{path.name}-journal"):
        if (file := path.with_name(name)).exists():
            shutil.copy2(file, folder / name)
    return folder / path.name


async def end(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    folder: Path,
    entry: ConfigEntry[Account],
    *,
    killed: bool = False,
) -> None:
    """Let everything end that a process knows; only the outbox is left.

    Args:
        hass: Home Assistant.
        freezer: moves the clock while requests end.
        folder: of the outbox.
        entry: the account.
        killed: what is written from now on is lost.

    """
    account, path = entry.runtime_data, outbox(folder, entry)
    await settle(hass)
    with tempfile.TemporaryDirectory() as temporary:
        kept = Path(temporary)
        if killed:
            _copy(path, kept)
        unloading = hass.config_entries.async_unload(entry.entry_id)
        assert await during(hass, freezer, unloading)
        if not killed:
            _copy(path, kept)
        # It forgets all that is in memory, and deletes the file as well.
        await during(hass, freezer, account.async_remove())
        _copy(kept / path.name, folder)


async def begin(hass: HomeAssistant, entry: ConfigEntry[Account]) -> None:
    """Start again with what the outbox holds."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
