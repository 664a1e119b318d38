"""What could not be sent at once: kept, delivered later in order, or given up."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
import logging
from typing import Any, Final

from .attempts import Attempts
from .clients.errors import (
    ActionNeededError,
    ClientError,
    ContentError,
    CredentialsError,
    LimitError,
    Problem,
)
from .clients.message import Message, Part
from .gate import Gate, Start
from .lines import Addressee, Line
from .outbox import Outbox
from .queued import QueuedMessage
from .reports import Event, failure

_LOGGER = logging.getLogger(__name__)

# What may wait for an account: messages, and bytes of their files.
MAX_KEPT: Final = 1000
MAX_KEPT_BYTES: Final = 32 * 1024 * 1024
# What comes later than this says when it was meant for.
_LATE: Final = 30.0
# Seconds that a message of the outbox stands in line for the limits of the service.
_PATIENCE: Final = 15.0
# A message that fails again and again is tried no less often than that.
_MAX_PAUSE: Final = 30.0
# Unless a person has to do something first.
_MAX_PAUSE_PERSON: Final = 900.0
# Whoever waits looks around so often: a message that came later may end earlier.
_NAP: Final = 60.0
# The end of an account waits so long for requests that are under way.
CLOSING: Final = 5.0

type Tell = Callable[[Line, QueuedMessage, Event, ClientError | None], None]


class Backlog:
    """The messages of an account that wait, and their delivery.

    Args:
        lines: of the recipients, by their IDs.
        outbox: keeps the messages on disk.
        gate: tells when it is worth trying.
        attempts: tries.
        start: runs something in the background.
        tell: is told what comes of the messages.
        drops_repeats: for so many seconds the service may drop what is sent twice.

    """

    def __init__(
        self,
        lines: Mapping[str, Line],
        *,
        outbox: Outbox,
        gate: Gate,
        attempts: Attempts,
        start: Start,
        tell: Tell,
        drops_repeats: float,
    ) -> None:
        """Start with nothing."""
        self._lines = lines
        self._outbox = outbox
        self._gate = gate
        self._attempts = attempts
        self._start = start
        self._tell = tell
        self._drops_repeats = drops_repeats
        self._closing = False
        self._closed = False

    @property
    def queued(self) -> int:
        """Return how many messages wait."""
        return sum(len(line.kept) for line in self._lines.values())

    async def load(self) -> tuple[int, Any]:
        """Take up what waited when Home Assistant ended; return how many, and the state."""
        messages, state = await self._outbox.load()
        strays: list[QueuedMessage] = []
        for message in messages:
            if (line := self._lines.get(message.recipient_id)) is not None:
                line.join(message)
            else:
                strays.append(message)
        if strays:
            _LOGGER.warning(
                "Queued messages were dropped, as their recipients are gone: %s",
                len(strays),
            )
            await asyncio.gather(*(self._outbox.drop(each) for each in strays))
        return len(messages), state

    def start(self) -> None:
        """Begin to deliver what waits, at once where somebody rests."""
        for line in self._lines.values():
            line.stir()
            self._deliver_later(line)

    def hold(self, line: Line, message: QueuedMessage, reason: ClientError) -> None:
        """Put a message where it waits, in its order; `keep` has to follow.

        Raises:
            ClientError: it cannot wait, for the reason it would have to, or for want of
                room.

        """
        if message.remaining <= 0:
            raise ContentError(Problem.EXPIRED)
        if not line.addressee.keeps or self._closed:
            raise reason
        wait = reason.retry_after if isinstance(reason, LimitError) else None
        if wait is not None and wait >= message.remaining:
            raise reason
        if self.queued >= MAX_KEPT or self._bytes() + message.size > MAX_KEPT_BYTES:
            raise LimitError(Problem.OUTBOX_FULL, limit=MAX_KEPT)
        message.kept = True
        self._outbox.enter(message)
        line.join(message)

    async def keep(
        self, line: Line, message: QueuedMessage, reason: ClientError
    ) -> None:
        """Keep a message that is held; when this returns, it is on disk."""
        self._tell(line, message, Event.QUEUED, reason)
        self._deliver_later(line)
        await self._outbox.save(message)

    async def clear(self) -> dict[str, int]:
        """Drop what waits; return how many messages of each recipient that were."""
        dropped: dict[str, int] = {}
        for key, line in self._lines.items():
            gone = [each for each in line.kept if not each.under_way]
            line.kept = [each for each in line.kept if each.under_way]
            for message in gone:
                message.life = 0
                line.stir()
                self._tell(line, message, Event.CLEARED, None)
            await asyncio.gather(*(self._outbox.drop(each) for each in gone))
            if gone:
                dropped[key] = len(gone)
        return dropped

    def stop(self) -> None:
        """Begin no further delivery; `close` has to follow."""
        self._closing = True

    def take_over(self) -> None:
        """Keep the messages whose requests nobody will see the end of."""
        for line in self._lines.values():
            if (message := line.direct) is not None and not message.kept:
                # The service may have it by now.
                message.doubts += 1
                with suppress(ClientError):
                    self.hold(line, message, LimitError(Problem.WAITING_BEHIND))

    async def close(self) -> None:
        """End what is going on, or see it end if it is a request."""
        tasks: list[asyncio.Task[None]] = []
        for line in self._lines.values():
            own = [task for task in (line.delivering, line.attempt) if task is not None]
            tasks += own
            if not line.under_way:
                for task in own:
                    task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSING)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._closed = True

    def _bytes(self) -> int:
        """Return how many bytes the files of all messages have."""
        return sum(each.size for line in self._lines.values() for each in line.kept)

    def _deliver_later(self, line: Line) -> None:
        """See to it that somebody delivers what waits for a recipient."""
        busy = line.delivering is not None or line.attempting
        if line.kept and not busy and not self._closing:
            line.delivering = self._start(self._deliver_all(line), "delivery")

    async def _deliver_all(self, line: Line) -> None:
        """Deliver what waits for a recipient, one message after the other."""
        try:
            async with line.turn:
                while line.kept and not self._closing:
                    for message in [each for each in line.kept if each.remaining <= 0]:
                        expired = ContentError(Problem.EXPIRED)
                        await self._finish(line, message, expired)
                    soon = min(line.patience, _NAP)
                    if line.pause > 0:
                        await line.rest(soon)
                        continue
                    # While it waits, a person may clear the outbox.
                    if await self._gate.opened(soon) and line.kept:
                        # When Home Assistant stops, it first cancels what runs in the
                        # background, and a request that was begun is better ended.
                        line.attempt = asyncio.get_running_loop().create_task(
                            self._try(line, line.kept[0])
                        )
                        await asyncio.shield(line.attempt)
        finally:
            line.delivering = None

    async def _try(self, line: Line, message: QueuedMessage) -> None:
        """Try to deliver a message, and stand whatever happens."""
        try:
            await self._deliver(line, message)
        except Exception:
            # Those behind it would wait for ever if this ended.
            _LOGGER.exception("Delivering a message from the outbox failed")
            line.pause = _MAX_PAUSE

    async def _deliver(self, line: Line, message: QueuedMessage) -> None:
        """Try to deliver a message."""
        try:
            await self._prepare(line, message)
            reason = await self._attempts.run(message, line.addressee, _PATIENCE)
        except CredentialsError, ActionNeededError:
            # Once the person has done something about it, the message goes out. Until
            # then, every try is a request that some services count.
            await self._outbox.end(message)
            message.tries += 1
            line.pause = min(_MAX_PAUSE * 2.0**message.tries, _MAX_PAUSE_PERSON)
            return
        except ClientError as err:
            await self._finish(line, message, err)
            return
        if reason is None:
            await self._finish(line, message, None)
            return
        await self._outbox.end(message)
        message.tries += 1
        # Beside the gate, which opens when any other message goes through.
        if not isinstance(reason, LimitError):
            first = message.tries == 1 and not message.doubts
            line.pause = 0 if first else min(2.0 ** (message.tries - 1), _MAX_PAUSE)
        elif self._gate.hindrance is None:
            # A limit of the recipient's or its channel's own.
            line.pause = reason.retry_after or 1

    async def _prepare(self, line: Line, message: QueuedMessage) -> None:
        """Make the requests that say a message which comes later than it was meant to."""
        try:
            await self._outbox.unfold(message)
        except ValueError as err:
            raise ContentError(Problem.DAMAGED) from err
        original = message.message
        assert original is not None
        if message.parts and message.parts_done:
            return
        # What is left has to fit what was sent, and a repetition that the service may
        # drop has to be the very same.
        same = message.doubts and message.age < self._drops_repeats
        if message.age > _LATE and not (message.parts_done or same):
            message.late = True
        message.parts = self._parts(line.addressee, original, message)

    def _parts(
        self, addressee: Addressee, original: Message, message: QueuedMessage
    ) -> tuple[Part, ...]:
        """Return the requests that say a message, with a note if it is late."""
        if message.late:
            late = addressee.delayed(original, message.given, message.created)
            try:
                return addressee.prepare(late, message.given)
            except ContentError:
                # With the note it became too long for a message of its kind.
                _LOGGER.debug("A late message has no room to say so")
        return addressee.prepare(original, message.given)

    async def _finish(
        self, line: Line, message: QueuedMessage, err: ClientError | None
    ) -> None:
        """Be done with a message, for better or worse."""
        if message not in line.kept:
            # A person has cleared the outbox in the meantime.
            return
        event = Event.DELIVERED_LATE if err is None else failure(err)
        # Until that is on disk, it would be sent again after a restart.
        message.under_way = True
        await self._outbox.drop(message)
        line.kept.remove(message)
        self._tell(line, message, event, err)
