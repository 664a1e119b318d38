"""Writing to disk for many at once: whoever asks while it goes on shares the next time."""

import asyncio
from collections.abc import Awaitable, Callable


class Writer:
    """Writes one thing, never twice at the same time, and never for one caller alone.

    Args:
        write: writes all that there is to be written at that moment.

    """

    def __init__(self, write: Callable[[], Awaitable[None]]) -> None:
        """Start with nothing to write."""
        self._write = write
        self._writing = asyncio.Lock()
        self._asked = 0
        self._done = 0

    async def __call__(self) -> None:
        """Return when all that was there to be written at the call is on disk."""
        self._asked += 1
        # Whoever gives up waiting must not let the next one write beside this.
        await asyncio.shield(asyncio.ensure_future(self._cover(self._asked)))

    async def _cover(self, mine: int) -> None:
        """Write unless what was asked for is written already."""
        async with self._writing:
            if self._done >= mine:
                return
            covered = self._asked
            await self._write()
            self._done = covered
