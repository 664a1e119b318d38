"""Records: what a restart must not forget, written a little later than it happens."""

import asyncio
from typing import Final

from ..clients.message import Part
from .obstacles import Obstacles
from .outbox import Outbox
from .ports import Clock
from .sent_messages import SentMessages

# Seconds between two records.
_INTERVAL: Final = 1.0
# Requests to a target that may be made before they are on disk: so many more reach the
# service after a power cut. With so many, a record begins.
_MAX_UNRECORDED: Final = 3
_RECORD_FROM: Final = 2


class Records:
    """Writes counts, cooldown, and what can be recalled.

    Args:
        clock: measures time.
        obstacles: with the counts and the cooldown.
        outbox: that they are written to.
        sent: what can be recalled.

    """

    def __init__(
        self, clock: Clock, obstacles: Obstacles, outbox: Outbox, sent: SentMessages
    ) -> None:
        self._clock = clock
        self._obstacles = obstacles
        self._outbox = outbox
        self._sent = sent
        self._written_at = 0.0
        # The record that is being written.
        self._writing: asyncio.Future[bool] | None = None

    @property
    def is_behind(self) -> bool:
        """Return if there is something that a restart would forget."""
        return self._obstacles.has_unrecorded or self._sent.has_unrecorded

    def before(self, part: Part) -> asyncio.Future[bool] | None:
        """Return the record of other requests that a request has to wait for, if any.

        It begins before one has to wait for it.
        """
        number = self._obstacles.unrecorded(part)
        if number < _RECORD_FROM or not self._outbox.is_due:
            return None
        if self._writing is None:
            self.write(ahead=True)
        return self._writing if number >= _MAX_UNRECORDED else None

    def tick(self) -> None:
        """Write what is new, unless that was done lately."""
        now = self._clock.now()
        is_due = now - self._written_at >= _INTERVAL and self._outbox.is_due
        if self.is_behind and is_due:
            self._written_at = now
            self.write()

    def write(self, *, ahead: bool = False) -> None:
        """Write everything.

        Args:
            ahead: count some requests in advance.

        """
        sent = self._sent.take_unrecorded()
        self._writing = self._obstacles.record(self._outbox, sent, ahead=ahead)
        self._writing.add_done_callback(self._written)

    def _written(self, written: asyncio.Future[bool]) -> None:
        if self._writing is written:
            self._writing = None
