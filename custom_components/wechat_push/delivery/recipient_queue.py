"""Recipient queue: the messages of one recipient, and the worker that sends them.

The queue owns its messages from their hand-over to their end, and is the only one that
changes them. Its worker lives while there is something to do.
"""

import asyncio
from bisect import insort
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
import logging
from typing import Any, Final, Protocol

from ..clients.errors import (
    ClientError,
    ContentError,
    EndpointError,
    LimitError,
    Problem,
    TemporaryError,
    UnreachableError,
    UploadRefusedError,
)
from ..clients.message import Part
from ..clients.receipt import Receipt
from .circuit_breaker import BreakerState
from .errors import DeliveryError, DeliveryProblem
from .obstacles import Obstacles
from .outbox import Outbox
from .outbox_message import NO_HISTORY, Answer, OutboxMessage, Requests, State
from .ports import Connection, Ports, Recipient
from .requests import finalise, is_late, is_short, usable_requests, without_attachments
from .retry_policy import Action, Evidence, Verdict, decide, due_at, is_one_too_many

_LOGGER = logging.getLogger(__name__)

# Seconds of rest after an unexpected exception, or while the disk cannot be read.
_REST: Final = 30.0
# Attempts to upload an attachment before the message goes without it.
_MAX_UPLOADS: Final = 2
# Seconds after which a message that is not sent is kept on disk.
_UNKEPT: Final = 1.0
# Seconds for which a message waits for its turn that is wanted now or never.
_NOW: Final = 3.0
# Seconds before the end of a message's life at which an outage is probed at the latest.
_LAST_PROBE: Final = 30.0
# Callers that are told at a time that their messages wait.
_AT_ONCE: Final = 50
# Failures of an upload that concern it alone: the message goes without.
_OF_THE_UPLOAD: Final = (ContentError, EndpointError, UploadRefusedError)


class Account(Protocol):
    """The account that a queue belongs to."""

    connection: Connection | None
    """What to send with; None while nothing may be sent."""
    patience: float
    """Seconds that a caller waits for an answer, without further tries."""
    is_stopping: bool
    """Home Assistant is about to stop, and callers wait no more."""

    @property
    def is_attached(self) -> bool:
        """Return if messages are sent."""

    def message_queued(self, message: OutboxMessage, reason: ClientError) -> None:
        """Handle that the caller of a message is told that it waits."""

    def message_ended(
        self, message: OutboxMessage, error: ClientError | None
    ) -> Mapping[str, Any]:
        """Handle the end of a message; return facts to write with that."""

    def record_before(self, part: Part) -> asyncio.Future[bool] | None:
        """Return the record of other requests that a request has to wait for, if any."""

    def hurry(self, moment: float | None = None) -> None:
        """Probe no later than a moment."""

    def obstacles_changed(self) -> None:
        """Handle another state of the obstacles, or the end of a request."""


class RecipientQueue:
    """The messages of one recipient in their order.

    Args:
        recipient_id: who gets them.
        account: that it belongs to.
        ports: clock, threads and tasks.
        obstacles: of the account.
        outbox: of the account.

    """

    def __init__(
        self,
        recipient_id: str,
        account: Account,
        ports: Ports,
        obstacles: Obstacles,
        outbox: Outbox,
    ) -> None:
        self.recipient_id = recipient_id
        self.messages: list[OutboxMessage] = []
        # Bytes of the messages, kept up because each hand-over asks for them.
        self.size = 0
        self._account = account
        self._ports = ports
        self._obstacles = obstacles
        self._outbox = outbox
        # The moment before which no message expires.
        self._expires = float("inf")
        self._worker: asyncio.Task[None] | None = None
        # The worker is to look again when it is done with what it is at.
        self._is_woken = False
        # Wakes the worker when something is due.
        self._timer: asyncio.TimerHandle | None = None
        self._current: OutboxMessage | None = None
        # The message is tried alone, to see if an outage is over.
        self._is_trial = False

    @property
    def is_sending(self) -> bool:
        """Return if a request is under way."""
        return any(each.state is State.SENDING for each in self.messages)

    def join(self, message: OutboxMessage) -> None:
        """Take over a message, in the order of the hand-over."""
        insort(self.messages, message, key=lambda each: each.seq)
        self.size += message.size
        self._expires = min(self._expires, message.expires)
        self.wake()

    async def stop(self) -> None:
        """Cancel the worker; a request under way becomes an uncertain attempt."""
        self._obstacles.withdraw(self.recipient_id)
        self._set_timer(None)
        if (worker := self._worker) is not None:
            worker.cancel()
            await asyncio.wait((worker,))
            self._worker = None

    def wake(self) -> None:
        """Have the worker look at what there is to do."""
        self._is_woken = True
        if self._worker is None and self._account.is_attached:
            self._set_timer(None)
            name = f"delivery to {self.recipient_id}"
            self._worker = self._ports.start_task(self._work(), name)

    def _set_timer(self, delay: float | None) -> None:
        """Wake the worker later, instead of when it was to be woken."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if delay is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(delay, self.wake)

    def remove(self, message: OutboxMessage, error: ClientError | None = None) -> bool:
        """Drop a message that waits; return if it did."""
        if message.state is not State.WAITING:
            return False
        self._end(message, State.GIVEN_UP if error else State.CLEARED, error)
        self.wake()
        return True

    def recall_aside(self) -> None:
        """Have messages that stepped aside during an outage take their place again."""
        for message in self.messages:
            if message.history.aside and not message.history.uncertain:
                message.history = replace(message.history, aside=False, due=0)

    def tick(self, now: float) -> None:
        """Answer callers who have waited for long, and keep what is not sent by then.

        Args:
            now: the present moment.

        """
        for message in tuple(self.messages):
            age = now - message.born
            if age >= self._patience(message) and not message.is_told:
                self._lose_patience(message)
            wants = age >= _UNKEPT and self._outbox.lacks(message)
            if wants and self._outbox.is_due and self._keeps(message):
                self.keep(message)

    def keep(self, message: OutboxMessage) -> asyncio.Future[bool]:
        """Have a message written, unless it is; return whether it could be."""
        written = self._outbox.add(message)
        written.add_done_callback(partial(self._kept, message))
        return written

    def _kept(self, message: OutboxMessage, written: asyncio.Future[bool]) -> None:
        """Drop from memory what is on disk, unless the worker is at it."""
        is_idle = message.state is State.WAITING and message is not self._current
        if written.result() and is_idle:
            message.content = message.requests = None

    def _keeps(self, message: OutboxMessage) -> bool:
        """Return if a message is kept that cannot be sent now."""
        # Whoever was told that it waits does not hear of an error.
        if message.is_queued:
            return True
        if message.content is not None and not message.content.keeps:
            return False
        connection, recipient = self._account.connection, None
        if connection is not None:
            recipient = connection.recipients.get(self.recipient_id)
        return recipient is None or recipient.keeps

    def _retries(self, message: OutboxMessage) -> tuple[int, float]:
        """Return how often a message is tried again while its caller waits, and when.

        Returns:
            the number of tries, and the seconds between them.

        """
        connection = self._account.connection
        if connection is None or self._keeps(message) or _is_urgent(message):
            return 0, 0
        recipient = connection.recipients[self.recipient_id]
        return recipient.retries, recipient.retry_wait

    def _patience(self, message: OutboxMessage) -> float:
        """Return the seconds that the caller of a message waits for an answer."""
        patience = self._account.patience
        if _is_urgent(message) and message.state is State.WAITING:
            return min(patience, _NOW)
        if self._account.is_stopping:
            return patience
        number, wait = self._retries(message)
        return patience + number * wait

    def _lose_patience(self, message: OutboxMessage) -> None:
        """Answer a caller who has waited for as long as a caller does."""
        reason: ClientError = LimitError(DeliveryProblem.WAITING_BEHIND)
        if message.state is State.SENDING:
            reason = TemporaryError(Problem.TIMEOUT, uncertain=True)
        if self._keeps(message):
            self.tell_queued(message, message.history.error or reason)
        elif message.state is State.WAITING:
            self._end(message, State.REFUSED, message.history.error or reason)
        else:
            message.is_told = True
            message.set_answer(reason)

    def tell_queued(self, message: OutboxMessage, reason: ClientError) -> None:
        """Tell the caller of a message that it waits, once it is on disk."""
        if message.is_told or message.state.is_final:
            return
        message.is_told = message.is_queued = True
        self._account.message_queued(message, reason)
        left_out = message.content.left_out if message.content else ()

        def answer(written: asyncio.Future[bool]) -> None:
            unwritable = DeliveryError(DeliveryProblem.STORAGE_UNWRITABLE)
            message.set_answer(
                Answer(
                    handle=message.handle,
                    queued=reason if written.result() else unwritable,
                    durable=written.result(),
                    left_out=left_out,
                )
            )

        self.keep(message).add_done_callback(answer)

    def _end(
        self, message: OutboxMessage, state: State, error: ClientError | None = None
    ) -> None:
        """End a message."""
        message.state = state
        self.messages.remove(message)
        self.size -= message.size
        self._obstacles.withdraw(self.recipient_id)
        facts = self._account.message_ended(message, error)
        if self._outbox.holds(message.seq) or facts:
            self._outbox.remove(message.seq, facts)

    async def _work(self) -> None:
        """Do what there is to do, until that is nothing for the time being."""
        delay: float | None = 0
        while self._is_woken or delay == 0:
            self._is_woken = False
            try:
                delay = await self._step()
            except Exception:
                # Those behind would wait for ever if the worker died.
                _LOGGER.exception("Delivering a message failed")
                if (message := self._current) is not None:
                    due = self._ports.clock.now() + 2 * _REST
                    message.history = replace(message.history, due=due, aside=True)
                await asyncio.sleep(_REST)
                delay = 0
        self._worker = None
        message, self._current = self._current, None
        if message is not None and message.holds_files:
            # Files of messages that wait are on disk alone.
            if self._outbox.holds(message.seq):
                self.keep(message)
        self._set_timer(delay)

    async def _step(self) -> float | None:
        """Do what is next; return the seconds until there is more to do."""
        now, connection = self._ports.clock.now(), self._account.connection
        self._current = None
        if now >= self._expires:
            self._expire(now)
        if connection is None or self.recipient_id not in connection.recipients:
            return self._until_expiry(now)
        message, delay = self._next(now)
        if message is None:
            self._obstacles.withdraw(self.recipient_id)
            return delay
        self._current = message
        if message.content is None:
            return await self._load(connection, message)
        requests = usable_requests(message, now)
        if requests is None:
            requests = await self._prepare(connection, message, now)
            if requests is None:
                return 0
        client, breaker = connection.client, self._obstacles.breaker
        self._is_trial = breaker.state is BreakerState.HALF_OPEN
        pending = {*client.pending_uploads(requests.next)} - requests.uploads.keys()
        if pending:
            return await self._upload(connection, message, requests, min(pending))
        final = finalise(
            client, self._obstacles.limiter, message, requests, self._ports.clock
        )
        request = client.fill(final.next, final.uploads)
        if (delay := self._blocked(message, request, now)) is not None:
            return delay
        if (record := self._account.record_before(request)) is not None:
            # Unlike the future itself, it always lets others have their turn.
            await asyncio.wait((record,))
            return 0
        if message.history.uncertain and is_one_too_many(
            message.history, self._evidence(connection, message, request)
        ):
            self._end(message, State.REFUSED, message.history.error)
            return 0
        recipient = connection.recipients[self.recipient_id]
        if dead := recipient.renew_links(message.content.message):
            return await self._revive(recipient, message, dead)
        if self._outbox.holds(message.seq) and not await self._note(
            connection, message, request, final
        ):
            return 0
        message.requests = final
        # No await between this and the request: nothing may come between.
        await self._send(connection, message, request, requests)
        return 0

    def _expire(self, now: float) -> None:
        """End the messages that nobody wants any more."""
        for late in [each for each in self.messages if each.expires <= now]:
            # Those behind another one have waited for the same.
            errors = (each.history.error for each in (late, *self.messages))
            expired = DeliveryError(DeliveryProblem.EXPIRED)
            self._end(late, State.EXPIRED, next(filter(None, errors), expired))
        self._expires = min(
            (each.expires for each in self.messages), default=float("inf")
        )

    def _until_expiry(self, now: float) -> float | None:
        """Return the seconds until a message may expire."""
        return max(self._expires - now, 0.001) if self.messages else None

    async def _note(
        self,
        connection: Connection,
        message: OutboxMessage,
        request: Part,
        final: Requests,
    ) -> bool:
        """Note on disk that a request may be taken; return if it can still be made."""
        is_free, requests = False, message.requests
        message.state, message.requests = State.SENDING, final
        try:
            await self._outbox.update(message)
            message.state = State.WAITING
            is_free = (
                self._account.connection is connection
                and self._blocked(message, request, self._ports.clock.now()) is None
                and self._account.record_before(request) is None
            )
        finally:
            message.requests = requests
            if not is_free:
                if message.state is State.SENDING:
                    message.state = State.WAITING
                self._outbox.update(message)
        return is_free

    def _next(self, now: float) -> tuple[OutboxMessage | None, float | None]:
        """Return the message that is due, or the seconds until one is or expires."""
        connection, successes = self._account.connection, self._obstacles.successes
        assert connection is not None
        if not self.messages:
            return None, None
        soonest, is_held = self._expires, False
        for message in self.messages:
            if is_held and not _is_urgent(message):
                continue
            due = due_at(message.history, successes, connection.repetitions)
            if due <= now:
                return message, None
            soonest = min(soonest, due)
            if not message.history.aside and not is_held:
                # It keeps its place before those behind it, who wait for it.
                is_held = True
                if reason := message.history.error:
                    self._tell_all(reason)
        return None, max(soonest - now, 0.001)

    async def _load(self, connection: Connection, message: OutboxMessage) -> float:
        """Read a message from disk."""
        try:
            content, requests = await self._outbox.load(message.seq)
        except OSError:
            return _REST
        except LookupError:
            if not message.state.is_final:
                damaged = DeliveryError(DeliveryProblem.DAMAGED)
                self._end(message, State.GIVEN_UP, damaged)
            return 0
        message.content = content
        message.requests = message.requests or requests
        if message.was_interrupted and not message.state.is_final:
            message.was_interrupted = False
            request = {} if requests is None else requests.next
            self._fail(connection, message, request, _interrupted())
        return 0

    async def _prepare(
        self, connection: Connection, message: OutboxMessage, now: float
    ) -> Requests | None:
        """Make the requests that say a message, unless it ends or time passes."""
        recipient, content = connection.recipients[self.recipient_id], message.content
        assert content is not None
        late_of = self._ports.clock.wall() - (now - message.born)
        make = partial(
            recipient.prepare,
            content.message,
            content.override,
            late_of if is_late(message, now) else None,
        )
        is_quick = is_short(content.message)
        try:
            parts = make() if is_quick else await self._ports.run_blocking(make)
        except ClientError as err:
            if not message.state.is_final:
                self._end(message, State.REFUSED, err)
            return None
        known = message.requests
        message.requests = Requests(
            parts=parts, made=now, uploads={} if known is None else known.uploads
        )
        return message.requests if is_quick else None

    async def _upload(
        self,
        connection: Connection,
        message: OutboxMessage,
        requests: Requests,
        number: int,
    ) -> float | None:
        """Upload an attachment; a message whose attachment is refused goes without."""
        now, content = self._ports.clock.now(), message.content
        assert content is not None
        request = requests.next
        if (delay := self._blocked(message, request, now)) is not None:
            return delay
        file = content.message.attachments[number]
        try:
            if not file.content:
                data = await self._outbox.attachment(message.seq, number)
                file = replace(file, content=data)
            result = await connection.client.upload(file, request)
        except OSError:
            return _REST
        except LookupError:
            damaged = DeliveryError(DeliveryProblem.DAMAGED)
            self._leave_out(connection, message, requests, (number,), damaged)
        except ClientError as err:
            is_own = isinstance(err, TemporaryError) and not (
                isinstance(err, UnreachableError)
                or message.history.failures + 1 < _MAX_UPLOADS
            )
            if not is_own and not isinstance(err, _OF_THE_UPLOAD):
                if not message.state.is_final:
                    self._fail(connection, message, request, err)
                    self._account.obstacles_changed()
                return 0
            self._leave_out(connection, message, requests, (number,), err)
        else:
            uploads = {**requests.uploads, number: result}
            message.requests = replace(requests, uploads=uploads)
        if self._outbox.holds(message.seq):
            self._outbox.update(message)
        return 0

    async def _revive(
        self, recipient: Recipient, message: OutboxMessage, numbers: tuple[int, ...]
    ) -> float:
        """Serve attachments of a message that are only on disk under their links."""
        content = message.content
        assert content is not None
        files = [*content.message.attachments]
        for number in numbers:
            file = files[number]
            try:
                if not file.content:
                    data = await self._outbox.attachment(message.seq, number)
                    file = replace(file, content=data)
            except OSError:
                return _REST
            except LookupError:
                # It is damaged: the link stays dead.
                files[number] = replace(file, size=0)
                content = replace(content, left_out=(*content.left_out, file.name))
            else:
                recipient.revive_link(file)
        named = replace(content.message, attachments=tuple(files))
        message.content = replace(content, message=named)
        return 0

    def _leave_out(
        self,
        connection: Connection,
        message: OutboxMessage,
        requests: Requests,
        numbers: Iterable[int],
        error: ClientError,
    ) -> None:
        """Have a message go without attachments, and say so."""
        _LOGGER.info("A message goes without its attachment: %s", error)
        assert message.content is not None
        message.upload_error = error
        message.content, message.requests = without_attachments(
            connection.client,
            connection.recipients[self.recipient_id],
            message.content,
            requests,
            numbers,
        )

    def _blocked(
        self, message: OutboxMessage, request: Part, now: float
    ) -> float | None:
        """Return the seconds for which an obstacle lasts, if there is one.

        Those who would wait for too long are answered.
        """
        keeps = self._keeps(message)
        rank = (message.history.failures, message.seq)
        obstacle = self._obstacles.find(self.recipient_id, rank, request, keeps=keeps)
        if obstacle is None:
            return None
        error, lasts = obstacle.error, obstacle.delay
        breaker, last = self._obstacles.breaker, message.expires - _LAST_PROBE
        if breaker.state is BreakerState.OPEN and now + breaker.delay(now) > last:
            # The next probe would come too late for it.
            self._account.hurry(last)
        patience = message.born + self._patience(message) - now
        if lasts is None or lasts > patience:
            if not keeps:
                self._end(message, State.REFUSED, error)
                return 0
            message.history = replace(message.history, error=error)
            self._tell_all(error, now + (lasts or 0))
        look = obstacle.look if lasts is None else lasts
        until = self._expires - now
        return max(until if look is None else min(until, look), 0.001)

    def _tell_all(self, reason: ClientError, until: float | None = None) -> None:
        """Tell callers that their messages wait; end those that nobody wants by then.

        Args:
            reason: what they wait for.
            until: the moment until which they all do; None if only those wait for it
                that are kept.

        """
        untold = [each for each in self.messages if not each.is_told]
        if len(untold) > _AT_ONCE:
            # The others are told when everything else has had its turn.
            asyncio.get_running_loop().call_soon(self.wake)
        for message in untold[:_AT_ONCE]:
            if self._keeps(message) and (until is None or until < message.expires):
                self.tell_queued(message, reason)
            elif until is not None:
                self._end(message, State.REFUSED, reason)

    async def _send(
        self,
        connection: Connection,
        message: OutboxMessage,
        request: Part,
        unstamped: Requests,
    ) -> None:
        """Make a request, and handle what becomes of it."""
        content, now = message.content, self._ports.clock.now()
        assert content is not None
        message.state = State.SENDING
        named = content.message.expires_after is not None
        remaining = message.expires - now if named else None
        self._obstacles.begin(self.recipient_id, request)
        try:
            receipt = await connection.client.send(request, remaining=remaining)
        except ClientError as err:
            is_uncertain = isinstance(err, TemporaryError) and err.uncertain
            if not is_uncertain and not message.history.uncertain:
                # Surely not taken: when its turn comes again, it may have to differ.
                message.requests = unstamped
                reached = not isinstance(err, UnreachableError)
                self._obstacles.uncharge(request, now, reached=reached)
            self._fail(connection, message, request, err, now)
        except BaseException:
            # Cancelled by the end, or a mistake of ours.
            self._fail(connection, message, request, _interrupted(), now)
            raise
        else:
            self._taken(message, receipt)
        finally:
            self._obstacles.end(self.recipient_id)
            self._account.obstacles_changed()

    def _taken(self, message: OutboxMessage, receipt: Receipt) -> None:
        """Handle a part that was taken."""
        assert message.requests is not None
        self._obstacles.succeeded()
        message.requests = message.requests.advance(receipt)
        message.history = NO_HISTORY
        message.state = State.WAITING
        if message.requests.done == len(message.requests.parts):
            self._end(message, State.SENT)
        elif self._outbox.holds(message.seq):
            self._outbox.update(message)

    def _fail(
        self,
        connection: Connection,
        message: OutboxMessage,
        request: Part,
        err: ClientError,
        made: float | None = None,
    ) -> None:
        """Handle a part that was not taken, or of which nobody knows.

        Args:
            connection: it was sent with.
            message: the part is of.
            request: that says it.
            err: the failure.
            made: moment of the request, if it is known.

        """
        if message.history.first_at is None and made is not None:
            message.history = replace(message.history, first_at=made)
        evidence = self._evidence(connection, message, request)
        decision = decide(err, message.history, evidence, self._ports.clock.now())
        _LOGGER.debug("A message failed: %s: %s", err.problem, decision.action.name)
        message.history = decision.history
        message.state = State.WAITING
        self._obstacles.failed(decision.verdict, message.seq, err)
        if decision.action is Action.END:
            self._end(message, State.REFUSED, err)
            return
        if (requests := message.requests) is not None:
            if decision.action is Action.UPLOAD_AGAIN:
                message.requests = replace(requests, uploads={})
            elif decision.action is Action.LEAVE_OUT:
                numbers = connection.client.pending_uploads(requests.next)
                self._leave_out(connection, message, requests, numbers, err)
        # A cooldown may last longer than the message: see `_blocked`.
        waits = decision.action is Action.RETRY and self._keeps(message)
        if waits and decision.verdict is not Verdict.COOLDOWN:
            self.tell_queued(message, err)
        if self._outbox.holds(message.seq):
            self._outbox.update(message)

    def _evidence(
        self, connection: Connection, message: OutboxMessage, request: Part
    ) -> Evidence:
        """Return what is known beside a failure."""
        breaker, policy = self._obstacles.breaker, self._obstacles.policy
        window, now = policy.dedup_window_of(request), self._ports.clock.now()
        first_at, uncertain = message.history.first_at, message.history.uncertain
        retries, retry_wait = self._retries(message)
        return Evidence(
            keeps=self._keeps(message),
            retries=retries,
            retry_wait=retry_wait,
            expires=message.expires,
            successes=self._obstacles.successes,
            is_outage=self._is_trial,
            probe_works=breaker.probe_works,
            repetitions=connection.repetitions,
            is_repetition=uncertain > 0 and now >= (first_at or 0) + window,
            dedup_window=window,
            can_vary=not uncertain and policy.vary(request, "·") is not None,
            has_uploads=bool(message.requests and message.requests.uploads),
        )


def _is_urgent(message: OutboxMessage) -> bool:
    """Return if a message is wanted now or never, before those that wait."""
    content = message.content
    return content is not None and not content.keeps and not message.is_queued


def _interrupted() -> TemporaryError:
    """Return the failure of a request of which nobody saw the end."""
    return TemporaryError(DeliveryProblem.UNCERTAIN, uncertain=True)
