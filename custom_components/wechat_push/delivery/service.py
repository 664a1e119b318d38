"""The delivery of one account: takes messages over, and sees each to its end.

It outlives reloads: a client is attached to it and detached from it.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Set as AbstractSet
from contextlib import suppress
import copy
from pathlib import Path
import secrets
from typing import Any, Final

from ..clients.errors import ClientError, CredentialsError
from .capacity import Capacity, Room
from .engine import Engine, Phase
from .errors import DeliveryError, DeliveryProblem
from .obstacles import REFUSED, Obstacles
from .outbox import Outbox, Stored
from .outbox_message import MAX_LIFE, Answer, Content, OutboxMessage, State
from .ports import Connection, Ports
from .prober import Prober
from .recipient_queue import RecipientQueue
from .records import Records
from .reporter import Reporter
from .retry_policy import Verdict
from .sent_messages import SentMessages

# Seconds that requests under way are given when nothing new is sent.
GRACE: Final = 5.0
_SWEEP: Final = 0.25
_DEFAULT_LIFE: Final = 3600.0


class DeliveryService:
    """Delivers the messages of one account, in order for each recipient.

    Args:
        path: of the outbox.
        ports: the surroundings.

    """

    def __init__(self, path: Path, ports: Ports) -> None:
        self.obstacles = obstacles = Obstacles(ports)
        self._outbox = outbox = Outbox(path, ports, self._restore, self._give_up)
        self._sent = sent = SentMessages()
        self._engine = Engine(
            ports=ports,
            capacity=Capacity(),
            obstacles=obstacles,
            outbox=outbox,
            records=Records(ports.clock, obstacles, outbox, sent),
            reporter=Reporter(ports),
            sent=sent,
            changed=self._obstacles_changed,
            hurry=self.hurry,
        )
        self._clock, self._observer = ports.clock, ports.observer
        # In handles, as the clock may have been set back since the last run.
        self._run = secrets.token_hex(3)
        self._prober = Prober(self._engine)
        self._queues: dict[str, RecipientQueue] = {}
        # Read from disk, until a client is attached.
        self._facts: Mapping[str, Any] = {}
        self._life = _DEFAULT_LIFE
        self._next_seq = int(ports.clock.wall() * 1_000_000)
        # Set when a request ends.
        self._moved = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._unwatch: Callable[[], None] | None = None
        # The obstacles as they were reported last.
        self._state: tuple[object, ...] = (None, None, None)

    # What there is to see.

    @property
    def connection(self) -> Connection | None:
        """Return what messages are sent with, if they are."""
        return self._engine.connection

    @property
    def last_error(self) -> ClientError | None:
        """Return why the last message was not sent, if it was not."""
        return self._engine.reporter.last_error

    @property
    def queued(self) -> int:
        """Return how many messages wait whose callers have been told so."""
        return sum(each.is_told for each in self._messages())

    @property
    def sent_today(self) -> Mapping[str, int]:
        """Return the requests of today, as the service counts them."""
        return self.obstacles.quota.counts(self._clock.now(), self._clock.wall())

    @property
    def blocked_until(self) -> float | None:
        """Return until when the service wants to be left alone, in seconds since 1970."""
        error = self.obstacles.cooldown.error(self._clock.now())
        return None if error is None else self._clock.wall() + (error.retry_after or 0)

    @property
    def outage(self) -> ClientError | None:
        """Return why nothing can be sent at the moment, but for a cooldown."""
        return self.obstacles.outage

    @property
    def outage_seconds(self) -> float:
        """Return how long the service has not worked."""
        return self.obstacles.breaker.duration(self._clock.now())

    # Messages.

    def hand_over(
        self, recipient_id: str, content: Content, rooms: tuple[Room, ...] = ()
    ) -> OutboxMessage:
        """Take a message over; from here on it is the delivery's.

        Args:
            recipient_id: who gets it.
            content: the message.
            rooms: reserved for its attachments.

        Raises:
            DeliveryError: there is no room for it, or no such recipient any more.

        """
        life, size = content.message.expires_after, content.size
        for room in rooms:
            room.release()
        message = OutboxMessage(
            seq=self._next_seq,
            handle=f"{self._run}{self._next_seq:x}",
            recipient_id=recipient_id,
            born=self._clock.now(),
            life=min(self._life if life is None else life, MAX_LIFE),
            size=size,
            content=content,
            left_out=content.left_out,
            answer=asyncio.get_running_loop().create_future(),
        )
        self._next_seq += 1
        refusal = self._engine.capacity.shortage(size)
        connection = self.connection
        if self._engine.phase is Phase.REMOVED or (
            connection is not None and recipient_id not in connection.recipients
        ):
            refusal = DeliveryError(DeliveryProblem.RECIPIENT_REMOVED)
        if refusal is not None:
            message.state = State.REFUSED
            self._engine.reporter.ended(message, refusal)
            raise refusal
        self._queue(recipient_id).join(message)
        if connection is not None and not self.obstacles.breaker.is_closed:
            self.hint()
        elif self._engine.phase is Phase.STOPPED:
            self._tell_stopping(message)
        self._sweep_later()
        return message

    async def answer(self, message: OutboxMessage) -> Answer:
        """Wait for the answer to a hand-over; cancelling this changes nothing.

        Raises:
            ClientError: the message was not sent, and does not wait.

        """
        assert message.answer is not None
        # Cancelled, it takes no answer any more; nothing else depends on that.
        answer = await message.answer
        if isinstance(answer, ClientError):
            raise copy.copy(answer)
        return answer

    def reserve(self, size: int) -> Room | None:
        """Reserve room for an attachment before it is read, if there is some.

        Args:
            size: in bytes, at most.

        """
        return self._engine.capacity.reserve(size)

    async def recall(self, recipient_id: str, handle: str | None = None) -> bool:
        """Take a message back, before or after it was sent.

        Args:
            recipient_id: who gets it.
            handle: of the message, or the service's own ID; None is the last one.

        Returns:
            Whether there was such a message.

        Raises:
            ClientError: it could not be taken back.

        """
        queue, sent = self._queue(recipient_id), self._sent.of(recipient_id)
        if handle is None:
            handle = self._sent.last_handle(recipient_id)
        removed = False
        if (message := queue.find(handle)) is not None:
            while message.state is State.SENDING:
                self._moved.clear()
                await self._moved.wait()
            if message.requests is None and self._outbox.holds(message.seq):
                try:
                    _, message.requests = await self._outbox.load(message.seq)
                except OSError as err:
                    # Parts of it may have been sent.
                    raise DeliveryError(DeliveryProblem.DAMAGED) from err
                except LookupError:
                    pass
            if removed := queue.remove(message):
                # Those of its parts that were sent may have to be tried again.
                self._sent.remember(message, can_recall=True)
        if handle in sent:
            await self._recall_ids(sent[handle])
            self._sent.forget(recipient_id, handle)
            self._sweep_later()
        elif any(handle in ids for ids in sent.values()):
            await self._recall_ids((handle,))
        else:
            # Whoever may write to one recipient takes nothing back from others.
            return removed
        return True

    def waits(self, recipient_id: str, handle: str | None) -> bool:
        """Return if a message waits: the last one handed over, if there is no handle."""
        queue = self._queue(recipient_id)
        return queue.find(handle or self._sent.last_handle(recipient_id)) is not None

    def clear(self) -> Mapping[str, int]:
        """Drop what waits; return how many messages of each recipient that were."""
        dropped = Counter(
            each.recipient_id
            for each in self._messages()
            if self._queue(each.recipient_id).remove(each)
        )
        # Whoever clears sees at once that nothing is left.
        self._engine.reporter.changed()
        return dropped

    def acknowledge(self, recipient_id: str) -> None:
        """Forget messages that were given up, as a person has seen it."""
        if facts := self._engine.reporter.acknowledge(recipient_id):
            self._outbox.put(facts)

    # The life of an account.

    async def open(self) -> None:
        """Read what waited when Home Assistant ended."""
        await self._outbox.open()
        if self._unwatch is None:
            self._unwatch = self._clock.watch(self._clock_set)

    def attach(self, connection: Connection) -> None:
        """Begin to send, or go on with another client, other recipients or options."""
        if self._engine.phase not in (Phase.RUNNING, Phase.STOPPING):
            # Home Assistant has ended, or the account was removed.
            return
        self._engine.connection, self._life = connection, connection.life
        for recipient_id, recipient in connection.recipients.items():
            self._engine.reporter.name(recipient_id, recipient.name)
        self._begin(connection)

    def _begin(self, connection: Connection) -> None:
        """Begin to send what was read from disk or waits from before."""
        obstacles, facts, reporter = self.obstacles, self._facts, self._engine.reporter
        self._facts = {}
        obstacles.use(connection)
        obstacles.load(facts)
        if obstacles.refused.use(connection.credentials):
            self._credentials_changed()
        removed = DeliveryError(DeliveryProblem.RECIPIENT_REMOVED)
        for message in self._messages():
            if message.recipient_id not in connection.recipients:
                self._queue(message.recipient_id).remove(message, removed)
        self._sent.forget_others(connection.recipients.keys())
        reporter.repeat()
        if obstacles.refused.error is not None:
            self._observer.credentials_needed()
        self._wake()

    def apply_limits(self, counts: Mapping[str, int]) -> None:
        """Apply the present limits of the client, and counts of the service.

        Args:
            counts: requests of today, by the names of the quotas.

        """
        if self.connection is None:
            return
        self.obstacles.use(self.connection)
        self.obstacles.quota.correct(counts, self._clock.now(), self._clock.wall())
        self._observer.counted()
        self._sweep_later()
        self._wake()

    def accept_credentials(self) -> None:
        """Send again after credentials were refused: there are others, or they work."""
        if self.obstacles.refused.accept():
            self._credentials_changed()

    async def pause(self) -> None:
        """Begin no more requests; wait for those under way for as long as it is fair."""
        self._engine.connection = None
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                while any(queue.is_sending for queue in self._queues.values()):
                    self._moved.clear()
                    await self._moved.wait()

    async def detach(self) -> None:
        """Send nothing; when this returns, everything that waits is on disk."""
        while True:
            if self.connection is not None:
                await self.pause()
            await asyncio.gather(*(queue.stop() for queue in self._queues.values()))
            await self._prober.stop()
            await self._keep_all()
            # A client that was attached meanwhile came too early.
            if self.connection is None:
                return

    async def prepare_stop(self) -> None:
        """Keep everything, as Home Assistant is about to stop; callers wait no more."""
        self._engine.phase = Phase.STOPPING
        await self._keep_all()
        self._sweep()

    async def stop(self) -> None:
        """Send nothing more; later messages go straight to disk."""
        self._engine.phase = Phase.STOPPED
        await self._keep_all()
        await self.detach()
        for message in self._messages():
            self._tell_stopping(message)

    async def close(self) -> None:
        """Write what is left, and close the outbox."""
        await self._keep_all()
        self._rest()
        await self._outbox.close()

    async def flush(self) -> None:
        """Wait until everything that is wanted is on disk."""
        await self._outbox.flush()

    async def remove(self) -> None:
        """Give up everything, and delete the outbox."""
        self._engine.phase = Phase.REMOVED
        await self.detach()
        removed = DeliveryError(DeliveryProblem.RECIPIENT_REMOVED)
        for message in self._messages():
            message.set_answer(removed)
        self._rest()
        await self._outbox.delete()

    def _rest(self) -> None:
        """Do nothing more by itself."""
        self._stop_sweeping()
        if self._unwatch is not None:
            self._unwatch()
            self._unwatch = None

    # What keeps messages from being sent.

    async def check(self) -> None:
        """Find out now whether the account works.

        Raises:
            ClientError: it does not.

        """
        await self._prober.check()

    def hurry(self, moment: float | None = None) -> None:
        """Probe soon, as it may work again, or no later than a moment."""
        self._prober.hurry(moment)

    def hint(self) -> None:
        """Probe soon, as the network may be back, unless the outage is left to a person."""
        # Some services count each try.
        if not self.obstacles.breaker.is_left_to_person:
            self.hurry()

    def lift_cooldown(self) -> None:
        """Send again although the service wanted to be left alone."""
        self.obstacles.cooldown.lift()
        self._engine.records.write()
        self._obstacles_changed()

    def _obstacles_changed(self) -> None:
        """Handle another state of the obstacles: wake those whom it may concern."""
        obstacles, breaker = self.obstacles, self.obstacles.breaker
        now, (error_before, refused_before, _) = self._clock.now(), self._state
        self._moved.set()
        if self._engine.records.is_behind:
            # It may be that nobody has handed anything over for long.
            self._sweep_later()
        until = obstacles.cooldown.until(now)
        state = (breaker.error, obstacles.refused.error, until)
        if state == self._state:
            # Nothing is new for those who wait for their turn but for the first of them.
            is_same = breaker.is_closed
            self._wake(
                obstacles.waiting - {obstacles.first} if is_same else frozenset()
            )
            return
        if breaker.is_closed and error_before is not None:
            for queue in self._queues.values():
                queue.recall_aside()
        if obstacles.refused.error is not None and refused_before is None:
            self._outbox.put({REFUSED: obstacles.refused.dump()})
            self._observer.credentials_needed()
        elif breaker.wants_login(now):
            self._observer.credentials_needed()
        if until is not None:
            self._engine.records.write()
        self._state = state
        self._observer.changed()
        self._wake()

    def _wake(self, but: AbstractSet[str] = frozenset()) -> None:
        """Have the workers and the probe look again, but for those of some recipients."""
        for recipient_id, queue in self._queues.items():
            if queue.messages and recipient_id not in but:
                queue.wake()
        self._prober.start()

    def _clock_set(self) -> None:
        """Handle another time of the wall clock."""
        self._outbox.note_clock()
        # Some may wait for midnight.
        self._wake()
        self._observer.changed()
        self._observer.counted()

    def _credentials_changed(self) -> None:
        """Handle that credentials are not refused any more."""
        self._outbox.put({REFUSED: None})
        self._obstacles_changed()

    async def _recall_ids(self, message_ids: tuple[str, ...]) -> None:
        """Have the service take messages back."""
        if self.obstacles.refused.error is not None:
            raise copy.copy(self.obstacles.refused.error)
        if (connection := self.connection) is None:
            raise DeliveryError(DeliveryProblem.STARTING)
        for message_id in message_ids:
            try:
                await connection.client.recall(message_id)
            except CredentialsError as err:
                self.obstacles.failed(
                    Verdict.CREDENTIALS_REFUSED, 0, err, connection.credentials
                )
                self._obstacles_changed()
                raise

    # What waits.

    def _restore(self, stored: Stored) -> None:
        """Take over what waited when Home Assistant ended."""
        self._facts = stored.facts
        self._sent.load(stored.facts)
        if more := self._engine.reporter.load(stored.facts):
            self._outbox.put(more)
        for message in stored.messages:
            self._queue(message.recipient_id).join(message)
        # The clock may have been set back.
        self._next_seq = max(self._next_seq, self._sent.last_seq + 1)
        if self.connection is not None:
            # The disk could not be read before.
            self._begin(self.connection)

    def _give_up(self) -> None:
        """Give up what was on disk alone, as that was damaged."""
        damaged = DeliveryError(DeliveryProblem.DAMAGED)
        for message in self._messages():
            if message.content is None:
                self._queue(message.recipient_id).remove(message, damaged)

    def _queue(self, recipient_id: str) -> RecipientQueue:
        """Return the queue of a recipient."""
        if (queue := self._queues.get(recipient_id)) is None:
            queue = self._queues[recipient_id] = RecipientQueue(
                recipient_id, self._engine
            )
        return queue

    def _messages(self) -> list[OutboxMessage]:
        """Return all messages."""
        return [each for queue in self._queues.values() for each in queue.messages]

    async def _keep_all(self) -> None:
        """Have everything on disk."""
        for message in self._messages():
            self._queue(message.recipient_id).keep(message)
        if self._engine.records.is_behind:
            self._engine.records.write()
        await self._outbox.flush()
        while self._outbox.is_due and any(map(self._outbox.lacks, self._messages())):
            # Others were handed over meanwhile.
            for message in filter(self._outbox.lacks, self._messages()):
                self._queue(message.recipient_id).keep(message)
            await self._outbox.flush()

    def _tell_stopping(self, message: OutboxMessage) -> None:
        """Tell the caller of a message that it waits for the next start."""
        reason = DeliveryError(DeliveryProblem.STOPPING)
        self._queue(message.recipient_id).tell_queued(message, reason)

    def _sweep(self) -> None:
        """Answer callers and write what has waited for long enough."""
        self._stop_sweeping()
        now, records = self._clock.now(), self._engine.records
        for queue in self._queues.values():
            queue.tick(now)
        records.tick()
        known = self._messages()
        waits = records.is_behind or any(map(self._outbox.lacks, known))
        if (waits and self._engine.phase is not Phase.STOPPED) or any(
            each.is_awaited or not each.is_told for each in known
        ):
            self._sweep_later()

    def _sweep_later(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_SWEEP, self._sweep)

    def _stop_sweeping(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
