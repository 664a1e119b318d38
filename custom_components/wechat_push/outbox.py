"""What waits to be delivered, kept so that neither a restart nor a power cut loses it."""

from collections.abc import Callable, Iterable
import logging
from pathlib import Path
from typing import Any, Final, override

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import STORAGE_DIR, Store
from homeassistant.util.file import WriteError

from .const import DOMAIN
from .queued import QueuedMessage
from .writer import Writer

_LOGGER = logging.getLogger(__name__)

_VERSION: Final = 1
# So many finished messages are only crossed off before the list is written anew.
_MAX_CROSSED_OFF: Final = 50

type Marks = dict[str, list[int]]


class _Store(Store[Any]):
    """A store that tells whether it could be written; that of the base class hides it."""

    failed = False

    @override
    async def _async_write_data(self, data: dict[str, Any]) -> None:
        """Write, and take note if that was not possible."""
        try:
            await super()._async_write_data(data)
        except HomeAssistantError:
            self.failed = True
            raise
        except OSError as err:
            self.failed = True
            # The base class takes care of its own errors alone.
            raise WriteError(err) from err
        self.failed = False


class Outbox:
    """The messages of an account that wait, on disk.

    The list of messages is written when one is added. What comes of them is crossed off
    in a small file of its own, before and after each try: whatever ends Home Assistant,
    it then knows which message may just have been taken by the service.

    Args:
        hass: the Home Assistant that it belongs to.
        entry_id: of the account.
        state: returns what else is to be known after a restart.
        written: called with whether writing failed.

    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry_id: str,
        *,
        state: Callable[[], Any],
        written: Callable[[bool], None],
    ) -> None:
        """Start empty."""
        self._hass = hass
        self._key = storage_key(entry_id)
        self._list = _store(hass, self._key)
        self._progress = _store(hass, f"{self._key}.progress")
        self._state = state
        self._written = written
        self._messages: dict[str, QueuedMessage] = {}
        self._crossed_off: list[str] = []
        self._under_way: Marks = {}
        self._save_list = Writer(self._write_list)
        self._save_progress = Writer(self._write_progress)

    async def load(self) -> tuple[list[QueuedMessage], Any]:
        """Return the messages that waited when Home Assistant ended, and the state."""
        data = await _load(self._list)
        progress = await _load(self._progress)
        done = _texts(progress.get("done"))
        marks = progress.get("under_way")
        # Until the list is written anew, this is still needed.
        self._crossed_off = list(done)
        messages: list[QueuedMessage] = []
        for stored in _items(data.get("messages")):
            try:
                message = QueuedMessage.restored(stored, len(messages))
            except ValueError:
                _LOGGER.warning("A message in the outbox is damaged and was left out")
                continue
            if message.id in done:
                continue
            if isinstance(marks, dict) and _take_up(message, marks.get(message.id)):
                self._under_way[message.id] = [message.parts_done, message.doubts]
            messages.append(message)
        self._messages = {message.id: message for message in messages}
        return messages, data.get("state")

    async def add(self, message: QueuedMessage) -> None:
        """Keep a message; when this returns, it is on disk."""
        self._messages[message.id] = message
        if message.size:
            files = await self._hass.async_add_executor_job(message.files)
            await self._file_store(message).async_save(files)
            # Its store and its list entry go together, so that none is left over.
            if message.id not in self._messages:
                await self._file_store(message).async_remove()
        await self._save_list()

    async def unfold(self, message: QueuedMessage) -> None:
        """Read what is only kept of a message.

        Raises:
            ValueError: it is damaged.

        """
        files = None
        if message.message is None and message.has_files:
            loaded = await _load_any(self._file_store(message))
            files = loaded if isinstance(loaded, list) else None
        message.unfold(files)

    async def begin(self, message: QueuedMessage) -> None:
        """Note that a message is about to be sent."""
        self._under_way[message.id] = [message.parts_done, message.doubts + 1]
        await self._save_progress()

    async def end(self, message: QueuedMessage) -> None:
        """Note what came of sending a message that stays in the outbox."""
        mark = [message.parts_done, message.doubts]
        if self._under_way.get(message.id) != mark:
            self._under_way[message.id] = mark
            await self._save_progress()

    async def drop(self, message: QueuedMessage) -> None:
        """Cross off a message that is delivered or given up."""
        self._under_way.pop(message.id, None)
        if self._messages.pop(message.id, None) is None:
            return
        if message.has_files:
            await self._file_store(message).async_remove()
        self._crossed_off.append(message.id)
        if len(self._crossed_off) > _MAX_CROSSED_OFF or not self._messages:
            await self._save_list()
        else:
            await self._save_progress()

    async def save(self) -> None:
        """Write all of it."""
        await self._save_list()

    async def remove(self) -> None:
        """Delete all that was kept, for an account that is removed."""
        await remove_files(self._hass, self._key)

    async def _write_list(self) -> None:
        """Write the list; what was crossed off is not in it any more."""
        crossed_off = len(self._crossed_off)
        # One whose caller waited may come to be kept after others that came later.
        messages = sorted(self._messages.values(), key=lambda each: each.number)
        await self._list.async_save(
            {
                "messages": [each.stored() for each in messages],
                "state": self._state(),
            }
        )
        if not self._list.failed:
            del self._crossed_off[:crossed_off]
        self._written(self._list.failed)

    async def _write_progress(self) -> None:
        """Write what came of the messages since the list was written."""
        await self._progress.async_save(
            {"done": list(self._crossed_off), "under_way": dict(self._under_way)}
        )
        self._written(self._progress.failed)

    def _file_store(self, message: QueuedMessage) -> _Store:
        """Return where the files of a message are kept."""
        return _store(self._hass, f"{self._key}.{message.id}")


def storage_key(entry_id: str) -> str:
    """Return what the files of an account's outbox are called."""
    return f"{DOMAIN}.outbox.{entry_id}"


async def remove_files(hass: HomeAssistant, key: str) -> None:
    """Delete the files of an outbox."""
    folder = Path(hass.config.path(STORAGE_DIR))
    # Through their stores, which may know of them what is not yet on disk.
    names = await hass.async_add_executor_job(
        lambda: [path.name for path in folder.glob(f"{key}*")]
    )
    for name in {key, f"{key}.progress", *names}:
        await _store(hass, name).async_remove()


def _store(hass: HomeAssistant, key: str) -> _Store:
    """Return a store that survives a power cut."""
    return _Store(
        hass,
        _VERSION,
        key,
        private=True,
        atomic_writes=True,
        serialize_in_event_loop=False,
    )


async def _load(store: _Store) -> dict[str, Any]:
    """Return what a store holds; nothing if that is not what is kept in it."""
    data = await _load_any(store)
    return data if isinstance(data, dict) else {}


async def _load_any(store: _Store) -> Any:
    """Return what a store holds, or nothing if it cannot be read.

    Home Assistant itself tells the person of a damaged file, and puts it aside.
    """
    try:
        return await store.async_load()
    except (HomeAssistantError, OSError, KeyError, TypeError) as err:
        _LOGGER.error("The outbox %s cannot be read: %s", store.key, type(err).__name__)
        return None


def _items(value: object) -> Iterable[Any]:
    """Return what is in a list, if it is one."""
    return value if isinstance(value, list) else ()


def _texts(value: object) -> set[str]:
    """Return the texts in a list, if it is one."""
    return {each for each in _items(value) if isinstance(each, str)}


def _take_up(message: QueuedMessage, mark: object) -> bool:
    """Take note of what came of a message after the list was written, if anything."""
    match mark:
        case [int(parts_done), int(doubts)] if parts_done >= message.parts_done:
            message.parts_done, message.doubts = parts_done, doubts
            return True
    return False
