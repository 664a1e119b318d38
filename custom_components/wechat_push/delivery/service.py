"""The delivery of one account: takes messages over, and sees each to its end.

It outlives reloads: a client is attached to it and detached from it.
"""

import asyncio
from collections.abc import Mapping, Set as AbstractSet
from contextlib import suppress
import copy
from enum import Enum, auto
import logging
from pathlib import Path
import secrets
from typing import Any, Final

from ..clients.errors import ClientError, CredentialsError, Problem, TemporaryError
from ..clients.message import Part
from ..clients.receipt import Receipt
from .circuit_breaker import BreakerState
from .errors import DeliveryError, DeliveryProblem, dump_error, load_error
from .obstacles import Obstacles
from .outbox import Outbox, Stored
from .outbox_message import MAX_LIFE, Answer, Content, OutboxMessage, State
from .ports import Connection, Ports
from .recipient_queue import RecipientQueue
from .reports import DeliveryStatus, Report, Undelivered, all_refused
from .retry_policy import Verdict
from .sent_messages import SentMessages

_LOGGER = logging.getLogger(__name__)

# Bounds of an account: messages, and bytes with their attachments.
MAX_MESSAGES: Final = 1000
MAX_BYTES: Final = 32 * 1024 * 1024
# Seconds that a caller waits for an answer, and after the shutdown has begun.
PATIENCE: Final = 15.0
_PATIENCE_AT_SHUTDOWN: Final = 1.0
# Seconds that requests under way are given when nothing new is sent.
GRACE: Final = 5.0
_SWEEP: Final = 0.25
# Seconds between two records of the counts.
_RECORD: Final = 1.0
# Requests to a target that may be made before they are on disk: so many more reach the
# service after a power cut. With so many, a record begins.
_MAX_UNRECORDED: Final = 3
_RECORD_FROM: Final = 2
_UNDELIVERED: Final = "undelivered:"
_REFUSED: Final = "refused"
_DEFAULT_LIFE: Final = 3600.0

_STATUS: Final = {
    State.SENT: DeliveryStatus.SENT,
    State.REFUSED: DeliveryStatus.REFUSED,
    State.GIVEN_UP: DeliveryStatus.REFUSED,
    State.EXPIRED: DeliveryStatus.EXPIRED,
    State.CLEARED: DeliveryStatus.CLEARED,
}


class Phase(Enum):
    """What the delivery does with messages."""

    # It takes them over, and sends nothing.
    DETACHED = auto()
    ATTACHED = auto()
    # Home Assistant ends: they go straight to disk.
    STOPPED = auto()


class Room:
    """Room in the outbox that is reserved for an attachment before it is read."""

    def __init__(self, service: DeliveryService, size: int) -> None:
        self.size = size
        self._service = service

    def shrink(self, size: int) -> None:
        """Keep no more than what turned out to be needed."""
        self.size = min(self.size, size)
        self._service.freed()

    def release(self) -> None:
        """Give the room back, or leave it to the message that was handed over."""
        self.shrink(0)


class DeliveryService:
    """Delivers the messages of one account, in order for each recipient.

    Args:
        path: of the outbox.
        ports: the surroundings.

    """

    def __init__(self, path: Path, ports: Ports) -> None:
        self.connection: Connection | None = None
        self.patience = PATIENCE
        self.is_stopping = False
        self.phase = Phase.DETACHED
        self.last_error: ClientError | None = None
        self.obstacles = Obstacles(ports)
        self._ports = ports
        self._clock = ports.clock
        self._outbox = Outbox(path, ports, self._restore)
        # Read from disk, until a client is attached.
        self._facts: Mapping[str, Any] = {}
        self._refused_credentials: str | None = None
        self._queues: dict[str, RecipientQueue] = {}
        self._sent = SentMessages()
        # The handles of the messages that were handed over last.
        self._last: dict[str, str] = {}
        self._undelivered: dict[str, Undelivered] = {}
        # Of recipients, those that were removed included.
        self._names: dict[str, str] = {}
        self._rooms: set[Room] = set()
        self._next_seq = int(ports.clock.wall() * 1_000_000)
        # Set when a request ends or room is given back.
        self._moved = asyncio.Event()
        self._hurried = asyncio.Event()
        self._probing: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._recorded_at = 0.0
        # The record that is being written.
        self._recording: asyncio.Future[bool] | None = None
        self._life = _DEFAULT_LIFE
        # Observers are about to be told of another state.
        self._is_changing = False
        # The obstacles as they were reported last.
        self._state: tuple[object, ...] = (None, None, None)

    # What there is to see.

    @property
    def is_attached(self) -> bool:
        """Return if messages are sent."""
        return self.phase is Phase.ATTACHED

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
        return self.obstacles.refused or self.obstacles.breaker.error

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
            DeliveryError: there is no room for it.

        """
        now, life = self._clock.now(), content.message.expires_after
        size = content.size
        for room in rooms:
            room.release()
        message = OutboxMessage(
            seq=self._next_seq,
            handle=secrets.token_hex(8),
            recipient_id=recipient_id,
            born=now,
            life=min(self._life if life is None else life, MAX_LIFE),
            size=size,
            content=content,
            answer=asyncio.get_running_loop().create_future(),
        )
        self._next_seq += 1
        if not self._has_room(size, messages=1):
            error = DeliveryError(DeliveryProblem.OUTBOX_FULL, limit=MAX_MESSAGES)
            message.state = State.REFUSED
            self.message_ended(message, error)
            raise error
        self._last[recipient_id] = message.handle
        self._queue(recipient_id).join(message)
        if self.is_attached and not self.obstacles.breaker.is_closed:
            self.hurry()
        elif self.phase is Phase.STOPPED:
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
        if not self._has_room(size):
            return None
        room = Room(self, size)
        self._rooms.add(room)
        return room

    def freed(self) -> None:
        """Handle that reserved room was given back."""
        self._rooms = {room for room in self._rooms if room.size}
        self._moved.set()

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
            handle = self._last.get(recipient_id, "")
        message = next((each for each in queue.messages if each.handle == handle), None)
        if message is not None:
            while message.state is State.SENDING:
                self._moved.clear()
                await self._moved.wait()
            if message.requests is None and self._outbox.holds(message.seq):
                with suppress(OSError, LookupError):
                    _, message.requests = await self._outbox.load(message.seq)
            if queue.remove(message):
                # Some of its parts may have been sent.
                await self._recall_ids(message.sent_ids)
                return True
        if handle in sent:
            await self._recall_ids(sent[handle])
            self._sent.forget(recipient_id, handle)
        elif any(handle in ids for ids in sent.values()):
            await self._recall_ids((handle,))
        else:
            # Whoever may write to one recipient takes nothing back from others.
            return False
        return True

    def waits(self, recipient_id: str, handle: str | None) -> bool:
        """Return if a message waits: the last one handed over, if there is no handle."""
        known = {each.handle for each in self._queue(recipient_id).messages}
        return (self._last.get(recipient_id) if handle is None else handle) in known

    def clear(self) -> Mapping[str, int]:
        """Drop what waits; return how many messages of each recipient that were."""
        dropped: dict[str, int] = {}
        for message in self._messages():
            if self._queues[message.recipient_id].remove(message):
                count = dropped.get(message.recipient_id, 0)
                dropped[message.recipient_id] = count + 1
        # Whoever clears sees at once that nothing is left.
        self._changed()
        return dropped

    def acknowledge(self, recipient_id: str) -> None:
        """Forget messages that were given up, as a person has seen it."""
        if self._undelivered.pop(recipient_id, None) is not None:
            self._outbox.put({_UNDELIVERED + recipient_id: None})

    # The life of an account.

    async def open(self) -> None:
        """Read what waited when Home Assistant ended."""
        await self._outbox.open()

    def attach(self, connection: Connection) -> None:
        """Begin to send, or go on with another client, other recipients or options."""
        self.obstacles.use(
            connection.client.rate_policy, probe_proves=connection.probe_proves
        )
        self.connection, self.phase = connection, Phase.ATTACHED
        self._life = connection.life
        for recipient_id, recipient in connection.recipients.items():
            self._names[recipient_id] = recipient.name
        self._begin(connection)

    def _begin(self, connection: Connection) -> None:
        """Begin to send what was read from disk or waits from before."""
        obstacles, facts = self.obstacles, self._facts
        self._facts = {}
        obstacles.load(facts)
        if isinstance(refused := load_error(facts.get(_REFUSED)), CredentialsError):
            obstacles.refused = refused
            self._refused_credentials = facts.get(_REFUSED, {}).get("credentials")
        if self._refused_credentials != connection.credentials:
            self.accept_credentials()
        removed = DeliveryError(DeliveryProblem.RECIPIENT_REMOVED)
        for queue in self._queues.values():
            if queue.recipient_id not in connection.recipients:
                for message in tuple(queue.messages):
                    queue.remove(message, removed)
        for recipient_id, undelivered in self._undelivered.items():
            self._ports.observer.undelivered(recipient_id, undelivered)
        if obstacles.refused is not None:
            self._ports.observer.credentials_needed()
        self._wake()

    def apply_limits(self, counts: Mapping[str, int]) -> None:
        """Apply the present limits of the client, and counts of the service.

        Args:
            counts: requests of today, by the names of the quotas.

        """
        if (connection := self.connection) is None:
            return
        self.obstacles.use(
            connection.client.rate_policy, probe_proves=connection.probe_proves
        )
        self.obstacles.quota.correct(counts, self._clock.now(), self._clock.wall())
        self._ports.observer.counted()
        self._wake()

    def accept_credentials(self) -> None:
        """Send again after credentials were refused: there are others, or they work."""
        if self.obstacles.refused is not None:
            self.obstacles.refused = self._refused_credentials = None
            self._outbox.put({_REFUSED: None})
            self.obstacles_changed()

    async def pause(self) -> None:
        """Begin no more requests; wait for those under way for as long as it is fair."""
        self.connection = None
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                while any(queue.is_sending for queue in self._queues.values()):
                    self._moved.clear()
                    await self._moved.wait()

    async def detach(self) -> None:
        """Send nothing; when this returns, everything that waits is on disk."""
        if self.is_attached:
            self.phase = Phase.DETACHED
        if self.connection is not None:
            await self.pause()
        await asyncio.gather(*(queue.stop() for queue in self._queues.values()))
        if self._probing is not None:
            self._probing.cancel()
            await asyncio.wait((self._probing,))
        await self._keep_all()

    async def prepare_stop(self) -> None:
        """Keep everything, as Home Assistant is about to stop; callers wait no more."""
        self.patience, self.is_stopping = _PATIENCE_AT_SHUTDOWN, True
        await self._keep_all()
        self._sweep()

    async def stop(self) -> None:
        """Send nothing more; later messages go straight to disk."""
        self.phase = Phase.STOPPED
        await self._keep_all()
        await self.detach()
        for message in self._messages():
            self._tell_stopping(message)

    async def close(self) -> None:
        """Write what is left, and close the outbox."""
        await self._keep_all()
        if self._timer is not None:
            self._timer.cancel()
        await self._outbox.close()

    async def flush(self) -> None:
        """Wait until everything that is wanted is on disk."""
        await self._outbox.flush()

    async def remove(self) -> None:
        """Give up everything, and delete the outbox."""
        self.phase = Phase.STOPPED
        await self.detach()
        removed = DeliveryError(DeliveryProblem.RECIPIENT_REMOVED)
        for message in self._messages():
            message.set_answer(removed)
        if self._timer is not None:
            self._timer.cancel()
        await self._outbox.delete()

    async def check(self) -> None:
        """Find out now whether the account works.

        Raises:
            ClientError: it does not.

        """
        if self.obstacles.refused is not None:
            raise copy.copy(self.obstacles.refused)
        if (connection := self.connection) is None:
            raise DeliveryError(DeliveryProblem.STARTING)
        error: ClientError | None = None
        try:
            await connection.probe()
        except ClientError as err:
            error = err
        except Exception:
            # Nothing would be sent any more if this ended the outage's probes.
            _LOGGER.exception("Checking the account failed")
            error = TemporaryError(Problem.SERVER_ERROR, status="?")
        if self.connection is connection:
            self.obstacles.probed(error)
            if error is None and connection.probe_proves:
                self._ports.observer.proved()
            self.obstacles_changed()
        if error is not None:
            raise error

    def hurry(self, moment: float | None = None) -> None:
        """Probe soon, as the network may be back, or no later than a moment."""
        now = self._clock.now()
        self.obstacles.breaker.hurry(now if moment is None else max(moment, now))
        self._hurried.set()

    def lift_cooldown(self) -> None:
        """Send again although the service wanted to be left alone."""
        self.obstacles.cooldown.lift()
        self._record()
        self.obstacles_changed()

    # What the recipient queues report.

    def message_queued(self, message: OutboxMessage, reason: ClientError) -> None:
        """Handle that the caller of a message is told that it waits."""
        if reason.problem != DeliveryProblem.WAITING_BEHIND:
            self.last_error = reason
        self._report(message, DeliveryStatus.QUEUED, reason)

    def message_ended(
        self, message: OutboxMessage, error: ClientError | None
    ) -> Mapping[str, Any]:
        """Handle the end of a message; return facts to write with that."""
        status, requests = _STATUS[message.state], message.requests
        receipt = Receipt() if requests is None else requests.receipt
        if status is DeliveryStatus.SENT:
            if receipt.refused and not receipt.accepted:
                status, error = DeliveryStatus.REFUSED, all_refused(receipt)
            elif message.is_told:
                status = DeliveryStatus.DELIVERED_LATE
        facts: dict[str, Any] = {}
        if status in (DeliveryStatus.SENT, DeliveryStatus.DELIVERED_LATE):
            self.last_error = None
            connection = self.connection
            can_recall = connection is not None and connection.client.has_recall
            self._sent.remember(message, can_recall=can_recall)
        elif error is not None:
            self.last_error = error
            if message.is_queued:
                facts = self._give_up(message, error)
        answer: Answer | ClientError = Answer(
            handle=message.handle,
            receipt=receipt,
            left_out=message.content.left_out if message.content else (),
        )
        if message.state is State.CLEARED:
            answer = DeliveryError(DeliveryProblem.CLEARED)
        elif message.state is not State.SENT and error is not None:
            answer = error
        message.set_answer(answer)
        self._report(message, status, error)
        return facts

    def record_before(self, part: Part) -> asyncio.Future[bool] | None:
        """Return the record of other requests that a request has to wait for, if any.

        It begins before one has to wait for it.
        """
        number = self.obstacles.unrecorded(part)
        if number < _RECORD_FROM or not self._outbox.is_due:
            return None
        if self._recording is None:
            self._record(ahead=True)
        return self._recording if number >= _MAX_UNRECORDED else None

    def obstacles_changed(self) -> None:
        """Handle another state of the obstacles: wake those whom it may concern."""
        obstacles, observer = self.obstacles, self._ports.observer
        now, breaker = self._clock.now(), obstacles.breaker
        self._moved.set()
        until = obstacles.cooldown.until(now)
        state = (breaker.error, obstacles.refused, until)
        if state != self._state:
            was_closed = self._state[0] is None
            if breaker.is_closed and not was_closed:
                for queue in self._queues.values():
                    queue.recall_aside()
            if obstacles.refused is not None and self._state[1] is None:
                self._refuse(obstacles.refused)
            elif breaker.wants_login(now):
                observer.credentials_needed()
            if until is not None:
                self._record()
            self._state = state
            observer.changed()
        elif breaker.is_closed:
            # Nothing is new for those who wait for their turn but for the first of them.
            self._wake(obstacles.waiting - {obstacles.first})
            return
        self._wake()

    def _wake(self, but: AbstractSet[str] = frozenset()) -> None:
        """Have the workers and the probe look again, but for those of some recipients."""
        for recipient_id, queue in self._queues.items():
            if queue.messages and recipient_id not in but:
                queue.wake()
        is_open = self.obstacles.breaker.state is BreakerState.OPEN
        if is_open and self.connection is not None and self._probing is None:
            self._probing = self._ports.start_task(self._probe(), "probe")

    def _refuse(self, err: CredentialsError) -> None:
        """Remember refused credentials: to repeat them gets the address banned."""
        if self.connection is not None:
            self._refused_credentials = self.connection.credentials
            fact = {**dump_error(err), "credentials": self._refused_credentials}
            self._outbox.put({_REFUSED: fact})
        self._ports.observer.credentials_needed()

    async def _probe(self) -> None:
        """Probe until the outage is over, or messages are the better probe."""
        breaker = self.obstacles.breaker
        try:
            while (
                breaker.state is BreakerState.OPEN
                and self.connection is not None
                and self.obstacles.refused is None
            ):
                if delay := breaker.delay(self._clock.now()):
                    self._hurried.clear()
                    with suppress(TimeoutError):
                        async with asyncio.timeout(delay):
                            await self._hurried.wait()
                    continue
                with suppress(ClientError):
                    await self.check()
        finally:
            self._probing = None

    def _restore(self, stored: Stored) -> None:
        """Take over what waited when Home Assistant ended."""
        self._facts = stored.facts
        self._sent.load(stored.facts)
        for key, fact in stored.facts.items():
            if key.startswith(_UNDELIVERED) and (known := Undelivered.load(fact)):
                self._undelivered[key.removeprefix(_UNDELIVERED)] = known
        for message in stored.messages:
            self._queue(message.recipient_id).join(message)
            self._next_seq = max(self._next_seq, message.seq + 1)
            self._last[message.recipient_id] = message.handle
        if self.connection is not None:
            # The disk could not be read before.
            self._begin(self.connection)

    def _queue(self, recipient_id: str) -> RecipientQueue:
        """Return the queue of a recipient."""
        if (queue := self._queues.get(recipient_id)) is None:
            queue = self._queues[recipient_id] = RecipientQueue(
                recipient_id, self, self._ports, self.obstacles, self._outbox
            )
        return queue

    def _messages(self) -> list[OutboxMessage]:
        """Return all messages."""
        return [each for queue in self._queues.values() for each in queue.messages]

    def _has_room(self, size: int, *, messages: int = 0) -> bool:
        """Return if there is room for so many more bytes and messages."""
        queues = self._queues.values()
        messages += sum(len(queue.messages) for queue in queues)
        size += sum(queue.size for queue in queues)
        size += sum(room.size for room in self._rooms)
        return messages <= MAX_MESSAGES and size <= MAX_BYTES

    async def _keep_all(self) -> None:
        """Have everything on disk."""
        if self._has_unrecorded:
            self._record()
        for message in self._messages():
            self._queues[message.recipient_id].keep(message)
        await self._outbox.flush()
        while self._outbox.is_due and any(map(self._outbox.lacks, self._messages())):
            # Others were handed over meanwhile.
            for message in filter(self._outbox.lacks, self._messages()):
                self._queues[message.recipient_id].keep(message)
            await self._outbox.flush()

    @property
    def _has_unrecorded(self) -> bool:
        """Return if something changed that a restart must not forget."""
        return self.obstacles.has_unrecorded or self._sent.has_unrecorded

    def _record(self, *, ahead: bool = False) -> None:
        """Write the obstacles, and with them what can be recalled."""
        sent = self._sent.take_unrecorded()
        written = self.obstacles.record(self._outbox, sent, ahead=ahead)
        self._recording = written
        written.add_done_callback(self._recorded)

    def _recorded(self, written: asyncio.Future[bool]) -> None:
        if self._recording is written:
            self._recording = None

    def _tell_stopping(self, message: OutboxMessage) -> None:
        reason = DeliveryError(DeliveryProblem.STOPPING)
        self._queues[message.recipient_id].tell_queued(message, reason)

    def _sweep_later(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_SWEEP, self._sweep)

    def _sweep(self) -> None:
        """Answer callers and write what has waited for long enough."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now = self._clock.now()
        for queue in self._queues.values():
            queue.tick(now)
        is_due = now - self._recorded_at >= _RECORD and self._outbox.is_due
        if self._has_unrecorded and is_due:
            self._recorded_at = now
            self._record()
        known = self._messages()
        waits = self._has_unrecorded or any(map(self._outbox.lacks, known))
        if (waits and self.phase is not Phase.STOPPED) or any(
            not each.is_told for each in known
        ):
            self._sweep_later()

    def _report(
        self, message: OutboxMessage, status: DeliveryStatus, error: ClientError | None
    ) -> None:
        """Report what has become of a message."""
        content, requests = message.content, message.requests
        receipt = Receipt() if requests is None else requests.receipt
        report = Report(
            status=status,
            handle=message.handle,
            accepted=receipt.accepted,
            refused=receipt.refused,
            error=error,
            meant_for=self._clock.wall() - (self._clock.now() - message.born),
            left_out=content.left_out if content else (),
            upload_error=message.upload_error,
            with_attachments=bool(content and content.message.attachments),
            override=content.override if content else None,
        )
        observer = self._ports.observer
        observer.report(message.recipient_id, report)
        if status is DeliveryStatus.SENT:
            observer.counted()
        elif not self._is_changing:
            # Of many that are reported together, observers look at the last state.
            self._is_changing = True
            asyncio.get_running_loop().call_soon(self._changed)

    def _changed(self) -> None:
        self._is_changing = False
        self._ports.observer.changed()

    def _give_up(self, message: OutboxMessage, error: ClientError) -> dict[str, Any]:
        """Return the fact that a message was given up, for a person to see."""
        before = self._undelivered.get(message.recipient_id)
        undelivered = self._undelivered[message.recipient_id] = Undelivered(
            recipient=self._names.get(message.recipient_id, "?"),
            count=1 if before is None else before.count + 1,
            error=error,
            meant_for=self._clock.wall() - (self._clock.now() - message.born),
        )
        self._ports.observer.undelivered(message.recipient_id, undelivered)
        return {_UNDELIVERED + message.recipient_id: undelivered.dump()}

    async def _recall_ids(self, message_ids: tuple[str, ...]) -> None:
        """Have the service take messages back."""
        if self.obstacles.refused is not None:
            raise copy.copy(self.obstacles.refused)
        if (connection := self.connection) is None:
            raise DeliveryError(DeliveryProblem.STARTING)
        for message_id in message_ids:
            try:
                await connection.client.recall(message_id)
            except CredentialsError as err:
                self.obstacles.failed(Verdict.CREDENTIALS_REFUSED, 0, err)
                self.obstacles_changed()
                raise
