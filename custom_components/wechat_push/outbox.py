"""What waits to be delivered, kept so that neither a restart nor a power cut loses it."""

from collections.abc import Callable, Iterable
import logging
from pathlib import Path
import re
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
_MESSAGE_ID: Final = re.compile(r"[0-9a-f]+-[0-9a-f]+")
# So many finished messages are only crossed off before the list is written anew.
_MAX_CROSSED_OFF: Final = 50

# How many parts are done, how many doubts there are, and whether it says it is late.
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
        # Those whose files could not be written.
        self._unsaved: set[str] = set()
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
                mark = [message.parts_done, message.doubts, message.late]
                self._under_way[message.id] = mark
            messages.append(message)
        self._messages = {message.id: message for message in messages}
        await self._remove_left_over()
        return messages, data.get("state")

    def enter(self, message: QueuedMessage) -> None:
        """Take a message in; `save` puts it on disk."""
        message.has_files = message.size > 0
        self._messages[message.id] = message

    async def save(self, message: QueuedMessage) -> None:
        """Keep a message; when this returns, it is on disk."""
        if message.has_files:
            files = await self._hass.async_add_executor_job(message.files)
            store = self._file_store(message)
            await store.async_save(files)
            if message.id not in self._messages:
                # It was delivered or dropped in the meantime.
                await self._remove_files(message)
            elif store.failed:
                self._unsaved.add(message.id)
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
        await self._mark(message, message.doubts + 1)

    async def end(self, message: QueuedMessage) -> None:
        """Note what came of sending a message that stays in the outbox."""
        if message.id in self._messages:
            await self._mark(message, message.doubts)

    async def drop(self, message: QueuedMessage) -> None:
        """Cross off a message that is delivered or given up."""
        self._under_way.pop(message.id, None)
        if self._messages.pop(message.id, None) is None:
            return
        self._unsaved.discard(message.id)
        self._crossed_off.append(message.id)
        if len(self._crossed_off) > _MAX_CROSSED_OFF or not self._messages:
            await self._save_list()
        else:
            await self._note()
        # Not before: without its files, it would be taken for damaged.
        if message.has_files:
            await self._remove_files(message)

    async def save_all(self) -> None:
        """Write what is to be known after a restart."""
        await self._save_list()

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
            # What could not be noted is in the list now.
            self._progress.failed = False
        self._tell()

    async def _write_progress(self) -> None:
        """Write what came of the messages since the list was written."""
        await self._progress.async_save(
            {"done": list(self._crossed_off), "under_way": dict(self._under_way)}
        )
        self._tell()

    async def _mark(self, message: QueuedMessage, doubts: int) -> None:
        """Write down how far a message is, unless that is known."""
        mark = [message.parts_done, doubts, message.late]
        if self._under_way.get(message.id) != mark:
            self._under_way[message.id] = mark
            await self._note()

    async def _note(self) -> None:
        """Write what came of the messages, and the list if that failed before."""
        if self._list.failed:
            await self._save_list()
        await self._save_progress()

    def _tell(self) -> None:
        """Tell whether all there is could be written."""
        failed = self._list.failed or self._progress.failed or bool(self._unsaved)
        self._written(failed)

    async def _remove_files(self, message: QueuedMessage) -> None:
        """Remove the files of a message that nobody needs any more."""
        try:
            await self._file_store(message).async_remove()
        except OSError as err:
            _LOGGER.warning("Files in the outbox stay on disk: %s", type(err).__name__)

    async def _remove_left_over(self) -> None:
        """Remove files of messages that are not there: Home Assistant was killed then."""
        prefix = f"{self._key}."
        known = {f"{prefix}{each.id}" for each in self._messages.values()}
        names = await self._hass.async_add_executor_job(_names, self._hass, prefix)
        for name in names:
            # Damaged files that Home Assistant has put aside have longer names.
            if name not in known and _MESSAGE_ID.fullmatch(name.removeprefix(prefix)):
                await _store(self._hass, name).async_remove()

    def _file_store(self, message: QueuedMessage) -> _Store:
        """Return where the files of a message are kept."""
        return _store(self._hass, f"{self._key}.{message.id}")


def storage_key(entry_id: str) -> str:
    """Return what the files of an account's outbox are called."""
    return f"{DOMAIN}.outbox.{entry_id}"


async def remove_files(hass: HomeAssistant, key: str) -> None:
    """Delete the files of an outbox."""
    # Through their stores, which may know of them what is not yet on disk.
    names = await hass.async_add_executor_job(_names, hass, key)
    for name in {key, f"{key}.progress", *names}:
        await _store(hass, name).async_remove()


def _names(hass: HomeAssistant, prefix: str) -> list[str]:
    """Return the names of files in the storage; runs in the executor."""
    folder = Path(hass.config.path(STORAGE_DIR))
    return [path.name for path in folder.glob(f"{prefix}*")]


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
        case [int(parts_done), int(doubts), bool(late)]:
            if parts_done >= message.parts_done:
                message.parts_done, message.doubts = parts_done, doubts
                message.late = late
                return True
    return False
