"""What messages cost: memory while they wait, and turns of the event loop."""

from asyncio.events import Handle
from collections.abc import Iterator
from contextlib import contextmanager
import gc
from pathlib import Path
from time import thread_time
import tracemalloc
from typing import Any, Final
from unittest.mock import patch

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from tests.messages import say
from tests.moments import settle
from tests.samples import PUSHJET, WECOM, WXPUSHER, Sample, send, set_up
from tests.simulators import Pushjet, Simulator, WeCom
from tests.test_delivery.disk import outbox, waiting

KILOBYTE: Final = 1000
# Of 100,000 characters: as long as a text may be.
LONG: Final = {
    "prose": (
        "**Someone** is at the *door*, see [it](https://example.com).\n\n" * 1700
    )[:100_000],
    "brackets": "[" * 100_000,
    "tags": "<" * 100_000,
}
# Seconds of CPU time that the event loop may stand still: far less than it did, and more
# than a slow machine needs.
STALL: Final = 0.08


class Stalls:
    """The longest turn of a callback."""

    longest = 0.0


@contextmanager
def watched() -> Iterator[Stalls]:
    """Measure the CPU time of every callback of the event loop."""
    run, stalls = Handle._run, Stalls()  # noqa: SLF001

    def measured(handle: Handle) -> None:
        """Run a callback."""
        begun = thread_time()
        run(handle)
        stalls.longest = max(stalls.longest, thread_time() - begun)

    with patch.object(Handle, "_run", measured):
        yield stalls


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
@pytest.mark.parametrize("sample", [PUSHJET, WXPUSHER], ids=["pushjet", "wxpusher"])
async def test_long_text(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, text: str
) -> None:
    """Test that a long text does not stop everything else in the house."""
    await set_up(hass, sample, simulator)
    # The first one loads libraries.
    await say(hass, "**Hi**", format="markdown")
    with watched() as stalls:
        await say(hass, text, format="markdown")
    assert stalls.longest < STALL


async def test_large_text(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test that a text that is far too long costs next to nothing."""
    await set_up(hass, PUSHJET, pushjet)
    with watched() as stalls, pytest.raises(HomeAssistantError):
        await say(hass, "x" * 1000 * KILOBYTE)
    assert stalls.longest < STALL


async def test_memory_of_what_waits(
    hass: HomeAssistant, pushjet: Pushjet, outboxes: Path
) -> None:
    """Test that texts that wait lie on disk, and not in memory as well."""
    entry = await set_up(hass, PUSHJET, pushjet)
    await pushjet.stop()
    await send(hass, "The first one.")
    text = "x" * 20 * KILOBYTE
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(50):
            await send(hass, f"{number} {text}")
        await settle(hass)
        gc.collect()
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(waiting(outbox(outboxes, entry))) == 51
    assert used < 50 * len(text) / 4


async def test_memory_of_files_that_wait(
    hass: HomeAssistant, wecom: WeCom, outboxes: Path, tmp_path: Path
) -> None:
    """Test that the same holds for files, however many callers wait for an answer."""
    size = 2000 * KILOBYTE
    (tmp_path / "log.bin").write_bytes(bytes(range(250)) * (size // 250))
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    entry = await set_up(hass, WECOM, wecom)
    await wecom.stop()
    fields: dict[str, Any] = {"file": str(tmp_path / "log.bin")}
    await say(hass, "The first one.", **fields)
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(5):
            await say(hass, f"No. {number}", **fields)
        await settle(hass)
        gc.collect()
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    files = [each.files for each in waiting(outbox(outboxes, entry))]
    assert [len(content) for (content,) in files] == [size] * 6
    # The last one may still be on its way.
    assert used < 2 * size
