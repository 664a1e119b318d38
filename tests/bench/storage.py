"""Count what is written to disk, and time how what waits there is taken up again."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
import gc
from time import perf_counter
from typing import Any
from unittest.mock import patch

from custom_components.wechat_push.account import WeChatPushConfigEntry
from custom_components.wechat_push.backlog import MAX_KEPT
from custom_components.wechat_push.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from ..samples import send
from .accounts import Account, loaded
from .errors import BenchError
from .people import RECIPIENTS
from .rounds import Figure
from .services import Services


@dataclass(frozen=True, kw_only=True, slots=True)
class Restore:
    """Seconds that setting up an account takes, without and with what waits."""

    empty: Figure
    full: Figure


@contextmanager
def watched_storage() -> Iterator[list[str]]:
    """Yield what WeChat Push writes, or means to write soon, by the name of the file."""
    written: list[str] = []

    def watch(original: Callable[..., Any]) -> Callable[..., Any]:
        """Return a method that takes note and does what it always does."""

        def watched(store: Store[Any], *args: Any, **kwargs: Any) -> Any:
            """Take note of one call."""
            if store.key.startswith(DOMAIN):
                written.append(store.key)
            return original(store, *args, **kwargs)

        return watched

    with ExitStack() as stack:
        for name in ("async_save", "async_delay_save"):
            watched = watch(getattr(Store, name))
            stack.enter_context(patch.object(Store, name, watched))
        yield written


async def measure_restore(
    hass: HomeAssistant, services: Services, account: Account, times: int
) -> Restore:
    """Return what setting up an account takes while its service is down.

    Raises:
        BenchError: the messages that were sent do not wait, or no longer.

    """
    entry: WeChatPushConfigEntry = account.entry
    async with services.down():
        empty = await _time_set_ups(hass, entry, times)
        await asyncio.gather(
            *(_fill(hass, entity_id) for entity_id in account.entity_ids)
        )
        full = await _time_set_ups(hass, entry, times)
        queued = entry.runtime_data.delivery.queued
        if queued != MAX_KEPT:
            raise BenchError(f"{queued} of {MAX_KEPT} messages wait")
        entry.runtime_data.delivery.clear()
    await entry.runtime_data.delivery.check()
    return Restore(empty=empty, full=full)


async def _fill(hass: HomeAssistant, entity_id: str) -> None:
    """Send one recipient's share of what the outbox has room for."""
    for number in range(MAX_KEPT // RECIPIENTS):
        await send(hass, f"前门有人。Message {number}.", "门铃", entity_id=entity_id)


async def _time_set_ups(
    hass: HomeAssistant, entry: WeChatPushConfigEntry, times: int
) -> Figure:
    """Set up an account again and again, as at a start of Home Assistant."""
    seconds: list[float] = []
    for _ in range(times):
        await hass.config_entries.async_unload(entry.entry_id)
        gc.collect()
        started = perf_counter()
        await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        seconds.append(perf_counter() - started)
        loaded(hass, entry)
    return Figure.of(seconds)
