"""Measure for how long inputs stall the event loop."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
import gc
import os
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Final

from custom_components.wechat_push.account import WeChatPushConfigEntry
from custom_components.wechat_push.delivery.capacity import MAX_MESSAGES
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .accounts import Account
from .errors import BenchError
from .people import RECIPIENTS
from .services import Services

# Seconds between two looks at the clock.
_LOOK_EVERY: Final = 0.0005
# Seconds of CPU time that a stall may take.
STALL_BOUND: Final = 0.02
# Seconds that filling an outbox may take, and bytes that a full one may hold in memory.
FILL_BOUND: Final = 5.0
MEMORY_BOUND: Final = 32 * 1024 * 1024
# The generation whose collection is a full one.
_FULL: Final = 2
_LENGTH: Final = 100_000
_MEBIBYTE: Final = 1024 * 1024

_PARAGRAPH: Final = (
    "## 前门 Front door\n\n"
    "**Someone** is at the *front door*, see [the camera](https://example.com/door).\n\n"
    "- one\n- two `code`\n\n> quoted\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
)
_MARKDOWN: Final = (_PARAGRAPH * (_LENGTH // len(_PARAGRAPH) + 1))[:_LENGTH]
# Of 20 kB in UTF-8.
_LARGE: Final = "前门有人。" * 1333
_BURST: Final = f"{MAX_MESSAGES:,} × 20 kB"
AT_ONCE: Final = "at once"
NOTHING: Final = f"{_BURST} {AT_ONCE}, to entities that do nothing"
_LISTS: Final = [
    {
        "title": f"Question {number}",
        "options": [{"id": f"{n}", "text": f"Option {n}"} for n in range(10)],
    }
    for number in range(3)
]
_BUTTONS: Final = [{"text": f"Button {number}"} for number in range(6)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stall:
    """What an input did to the event loop.

    Args:
        seconds: until it was done.
        stall: longest time between two turns of the loop in which this process was at
            work, in seconds, but for full garbage collections.
        collection: longest full garbage collection, in seconds. It looks at all of Home
            Assistant, and comes sooner or later whoever makes objects.
        memory: bytes that the process holds more than before.
        error: the problem, if the message was refused.

    """

    seconds: float
    stall: float
    collection: float
    memory: int
    error: str | None = None


class Watch:
    """Looks at the clock as often as the event loop lets it."""

    def __init__(self) -> None:
        self.longest = self.longest_collection = 0.0
        self._is_over = False
        # Seconds of collections since the last look, and when the present one began.
        self._collected = self._began = 0.0

    async def look(self) -> None:
        """Look until it is over.

        What other processes take of the processors is no stall, so of the time that
        passed and the CPU time of all threads of this process, the shorter counts.
        """
        gc.callbacks.append(self._note_collection)
        before, worked = perf_counter(), process_time()
        while not self._is_over:
            await asyncio.sleep(_LOOK_EVERY)
            if self._began:
                # Another thread is about to tell how long it took.
                continue
            now, work = perf_counter(), process_time()
            late = now - before - _LOOK_EVERY
            own = min(late, work - worked) - self._collected
            self.longest = max(self.longest, own)
            before, worked, self._collected = now, work, 0.0
        gc.callbacks.remove(self._note_collection)

    def _note_collection(self, phase: str, info: Mapping[str, int]) -> None:
        """Note how long a full garbage collection takes."""
        if info["generation"] < _FULL:
            return
        if phase == "start":
            self._began = perf_counter()
            return
        took, self._began = perf_counter() - self._began, 0.0
        self._collected += took
        self.longest_collection = max(self.longest_collection, took)

    def end(self) -> None:
        """Look no more."""
        self._is_over = True


async def _watched(work: Awaitable[object]) -> Stall:
    """Return what a piece of work does to the event loop."""
    gc.collect()
    watch = Watch()
    looking = asyncio.create_task(watch.look())
    await asyncio.sleep(0.05)
    held = _resident()
    watch.longest = watch.longest_collection = 0.0
    started, error = perf_counter(), None
    try:
        await work
    except HomeAssistantError as err:
        error = err.translation_key
    seconds = perf_counter() - started
    # What goes on behind the answer counts as well.
    await asyncio.sleep(0.3)
    watch.end()
    await looking
    gc.collect()
    return Stall(
        seconds=seconds,
        stall=watch.longest,
        collection=watch.longest_collection,
        memory=_resident() - held,
        error=error,
    )


def _resident() -> int:
    """Return the bytes of memory that this process holds."""
    pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


async def measure_stalls(
    hass: HomeAssistant, accounts: Mapping[str, Account], folder: Path
) -> dict[str, Stall]:
    """Return what each of the worst inputs does, by service and input."""
    large = folder / "large.bin"
    large.write_bytes(bytes(range(256)) * (20 * _MEBIBYTE // 256 - 1))
    hass.config.allowlist_external_dirs |= {str(folder)}
    texts: dict[str, dict[str, Any]] = {
        f"{style}, {name}": {"message": text, "format": style}
        for style in ("text", "markdown", "html")
        for name, text in (
            (f"{_LENGTH:,} characters", _MARKDOWN),
            (f"[ × {_LENGTH:,}", "[" * _LENGTH),
            (f"< × {_LENGTH:,}", "<" * _LENGTH),
            (f"*_ × {_LENGTH // 2:,}", "*_" * (_LENGTH // 2)),
            (f"1. a × {_LENGTH // 5:,}", "1. a\n" * (_LENGTH // 5)),
        )
    }
    texts["a text of 1 MB"] = {"message": "x" * _MEBIBYTE}
    cards: dict[str, dict[str, Any]] = {
        "a card": {"title": "Alarm", "message": "x" * 500, "buttons": _BUTTONS},
        "a card with lists": {"title": "Climate", "choices": _LISTS},
        "a vote": {
            "title": "Dinner",
            "choices": [{"options": [f"{n}" for n in range(20)]}],
        },
        "a file of 20 MB": {"message": "Log", "file": str(large)},
    }
    stalls: dict[str, Stall] = {}
    for fields in cards.values():
        fields.setdefault("url", "https://example.com/door")
    for title, account in accounts.items():
        own = texts
        if account.entry.data["provider"] == "wecom":
            own = {**texts, **cards}
            hass.config_entries.async_update_entry(
                account.entry, options={"has_callback": True}
            )
        for name, fields in own.items():
            sending = _send(hass, account.entity_ids[0], fields)
            stalls[f"{title}: {name}"] = await _watched(sending)
    return stalls


async def _send(hass: HomeAssistant, entity_id: str, fields: Mapping[str, Any]) -> None:
    """Send one message."""
    await hass.services.async_call(
        "wechat_push",
        "send_message",
        {"entity_id": entity_id, **fields},
        blocking=True,
    )


async def measure_outbox(
    hass: HomeAssistant, services: Services, account: Account, nothing: Account
) -> dict[str, Stall]:
    """Return what bursts do, and filling and reading an outbox.

    Args:
        hass: Home Assistant.
        services: the simulators.
        account: of the service that can be stopped.
        nothing: account whose entities do nothing, for what Home Assistant takes itself.

    Raises:
        BenchError: the messages that were sent do not wait.

    """
    entry: WeChatPushConfigEntry = account.entry
    delivery = entry.runtime_data.delivery
    stalls = {
        NOTHING: await _watched(_burst(hass, nothing)),
        f"{_BURST} {AT_ONCE}": await _watched(_burst(hass, account)),
    }
    async with services.down():
        for name, work in (
            (f"{_BURST} {AT_ONCE}, service down", _burst(hass, account)),
            (f"outbox filled with {_BURST}", _fill(hass, account)),
        ):
            delivery.clear()
            stalls[name] = await _watched(work)
            if delivery.queued != MAX_MESSAGES:
                raise BenchError(f"{delivery.queued} of {MAX_MESSAGES} messages wait")
        reloading = hass.config_entries.async_reload(entry.entry_id)
        stalls["account reloaded with a full outbox"] = await _watched(reloading)
        delivery.clear()
    await _until(lambda: delivery.outage is None)
    return stalls


async def _burst(hass: HomeAssistant, account: Account) -> None:
    """Send as many large messages at once as an account has room for."""
    await asyncio.gather(
        *(_notify(hass, account, number) for number in range(MAX_MESSAGES))
    )


async def _fill(hass: HomeAssistant, account: Account) -> None:
    """Send each recipient's share of large messages, one after the other."""

    async def send_share(first: int) -> None:
        """Send the messages of one recipient."""
        for number in range(first, MAX_MESSAGES, RECIPIENTS):
            await _notify(hass, account, number)

    await asyncio.gather(*map(send_share, range(RECIPIENTS)))


async def _notify(hass: HomeAssistant, account: Account, number: int) -> None:
    """Send a large message as every automation can."""
    await hass.services.async_call(
        "notify",
        "send_message",
        {
            "entity_id": account.entity_ids[number % RECIPIENTS],
            "message": f"{number}. {_LARGE}",
        },
        blocking=True,
    )


async def _until(condition: Callable[[], bool]) -> None:
    """Wait until the service has been found to work."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.1)
