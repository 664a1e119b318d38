"""Measure the time and memory that setting up an account takes."""

from dataclasses import dataclass
import gc
from time import perf_counter
import tracemalloc

from homeassistant.config_entries import ConfigEntry, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance

from .accounts import Account, loaded
from .rounds import Figure


@dataclass(frozen=True, kw_only=True, slots=True)
class SetUp:
    """What it takes: seconds, and bytes that stay in use."""

    time: Figure
    memory: Figure


async def measure_set_up(hass: HomeAssistant, account: Account, times: int) -> SetUp:
    """Return what it takes from adding the entry until all of its entities are there."""
    entry = account.entry
    seconds: list[float] = []
    for _ in range(times):
        entry = await _afresh(hass, entry)
        gc.collect()
        started = perf_counter()
        await hass.config_entries.async_add(entry)
        seconds.append(perf_counter() - started)
        loaded(hass, entry)
    # Not together with the time, which counting the memory prolongs.
    sizes: list[float] = []
    tracemalloc.start()
    try:
        for _ in range(times):
            entry = await _afresh(hass, entry)
            await _recorded(hass)
            before, _peak = tracemalloc.get_traced_memory()
            await hass.config_entries.async_add(entry)
            await _recorded(hass)
            after, _peak = tracemalloc.get_traced_memory()
            sizes.append(after - before)
            loaded(hass, entry)
    finally:
        tracemalloc.stop()
    return SetUp(time=Figure.of(seconds), memory=Figure.of(sizes))


async def _afresh(hass: HomeAssistant, entry: ConfigEntry) -> ConfigEntry:
    """Remove an account, and return an entry to add it anew with all its recipients."""
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    anew: ConfigEntry = ConfigEntry(
        data=entry.data,
        discovery_keys=entry.discovery_keys,
        domain=entry.domain,
        minor_version=entry.minor_version,
        options=entry.options,
        source=entry.source,
        subentries_data=[
            ConfigSubentryData(
                data=recipient.data,
                subentry_type=recipient.subentry_type,
                title=recipient.title,
                unique_id=recipient.unique_id,
            )
            for recipient in entry.subentries.values()
        ],
        title=entry.title,
        unique_id=entry.unique_id,
        version=entry.version,
    )
    return anew


async def _recorded(hass: HomeAssistant) -> None:
    """Wait until the recorder holds no rows that it is about to write."""
    await hass.async_block_till_done()
    await get_instance(hass).async_block_till_done()
    gc.collect()
