"""Recipient queue: the messages of one recipient, and the worker that sends them.

The queue owns its messages from their hand-over to their end; nobody but it and the
attempt that its worker is at changes them. The worker lives while there is something to do.
"""

import asyncio
from bisect import insort
from dataclasses import replace
from functools import partial
from itertools import islice
import logging
from math import inf
from typing import Final

from ..clients.errors import ClientError, LimitError, Problem, TemporaryError
from .attempt import REST, Attempt
from .engine import Engine, Phase
from .errors import DeliveryError, DeliveryProblem
from .outbox_message import Answer, OutboxMessage, State
from .ports import Connection
from .retry_policy import due_at

_LOGGER = logging.getLogger(__name__)

# Seconds after which a message that is not sent is kept on disk.
_UNKEPT: Final = 1.0
# Seconds for which a message waits for its turn that is wanted now or never.
_NOW: Final = 3.0
# Messages that end, or whose callers are told that they wait, in one turn of the loop.
_AT_ONCE: Final = 50


class RecipientQueue:
    """The messages of one recipient in their order.

    Args:
        recipient_id: who gets them.
        engine: of the account.

    """

    def __init__(self, recipient_id: str, engine: Engine) -> None:
        self.recipient_id = recipient_id
        self.messages: list[OutboxMessage] = []
        self._engine = engine
        # The moment before which no message expires.
        self._expires = inf
        self._worker: asyncio.Task[None] | None = None
        # Wakes the worker when something is due.
        self._timer: asyncio.TimerHandle | None = None
        self._current: OutboxMessage | None = None

    @property
    def is_sending(self) -> bool:
        """Return if a request is under way."""
        return any(each.state is State.SENDING for each in self.messages)

    def find(self, handle: str) -> OutboxMessage | None:
        """Return a message that waits or is being sent."""
        return next((each for each in self.messages if each.handle == handle), None)

    def join(self, message: OutboxMessage) -> None:
        """Take over a message, in the order of the hand-over."""
        insort(self.messages, message, key=lambda each: each.seq)
        self._engine.capacity.take(message.size)
        is_behind = self._engine.outbox.holds(self.messages[0].seq)
        self._engine.sent.handed_over(message, is_behind=is_behind)
        self._expires = min(self._expires, message.expires)
        self.wake()

    async def stop(self) -> None:
        """Cancel the worker; a request under way becomes an uncertain attempt."""
        self._engine.obstacles.withdraw(self.recipient_id)
        self._set_timer(inf)
        # Another one may begin as soon as it is done.
        while (worker := self._worker) is not None:
            worker.cancel()
            await asyncio.wait((worker,))
            if self._worker is worker:
                self._worker = None

    def wake(self) -> None:
        """Have the worker look at what there is to do; one at work does so anyway."""
        is_idle = self._worker is None or self._worker.done()
        if is_idle and self._engine.connection is not None:
            self._set_timer(inf)
            name = f"delivery to {self.recipient_id}"
            self._worker = self._engine.ports.start_task(self._work(), name)

    def remove(self, message: OutboxMessage, error: ClientError | None = None) -> bool:
        """Drop a message that waits; return if it did."""
        if message.state is not State.WAITING:
            return False
        self.end(message, State.GIVEN_UP if error else State.CLEARED, error)
        self.wake()
        return True

    def end(
        self, message: OutboxMessage, state: State, error: ClientError | None = None
    ) -> None:
        """End a message."""
        outbox = self._engine.outbox
        message.state = state
        self.messages.remove(message)
        self._engine.capacity.release(message.size, messages=1)
        self._engine.obstacles.withdraw(self.recipient_id)
        facts = self._engine.reporter.ended(message, error)
        if outbox.holds(message.seq) or facts:
            outbox.remove(message.seq, facts)

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
        outbox = self._engine.outbox
        for message in tuple(self.messages):
            age = now - message.born
            is_unanswered = message.is_awaited or not message.is_told
            if is_unanswered and age >= self.patience(message):
                self._lose_patience(message)
            wants = age >= _UNKEPT and outbox.lacks(message)
            if wants and outbox.is_due and self.keeps(message):
                self.keep(message)

    def keep(self, message: OutboxMessage) -> asyncio.Future[bool]:
        """Have a message written, unless it is; return whether it could be."""
        self._engine.sent.kept(message)
        written = self._engine.outbox.add(message)
        written.add_done_callback(partial(self._kept, message))
        return written

    def _kept(self, message: OutboxMessage, written: asyncio.Future[bool]) -> None:
        """Drop from memory what is on disk, unless the worker is at it."""
        is_idle = message.state is State.WAITING and message is not self._current
        if written.result() and is_idle:
            message.content = None
            if not self._engine.outbox.owes(message.seq):
                message.requests = None

    # What callers hear.

    def keeps(self, message: OutboxMessage) -> bool:
        """Return if a message is kept that cannot be sent now."""
        # Whoever was told that it waits does not hear of an error.
        if message.is_queued:
            return True
        if message.content is not None and not message.content.keeps:
            return False
        connection, recipient = self._engine.connection, None
        if connection is not None:
            recipient = connection.recipients.get(self.recipient_id)
        return recipient is None or recipient.keeps

    def retries(self, message: OutboxMessage) -> tuple[int, float]:
        """Return how often a message is tried again while its caller waits, and when.

        Returns:
            the number of tries, and the seconds between them.

        """
        connection = self._engine.connection
        if connection is None or self.keeps(message) or message.is_urgent:
            return 0, 0
        recipient = connection.recipients[self.recipient_id]
        return recipient.retries, recipient.retry_wait

    def patience(self, message: OutboxMessage) -> float:
        """Return the seconds that the caller of a message waits for an answer."""
        patience = self._engine.patience
        if message.is_urgent and message.state is State.WAITING:
            return min(patience, _NOW)
        if self._engine.phase is not Phase.RUNNING:
            return patience
        number, wait = self.retries(message)
        return patience + number * wait

    def _lose_patience(self, message: OutboxMessage) -> None:
        """Answer a caller who has waited for as long as a caller does."""
        reason: ClientError = LimitError(DeliveryProblem.WAITING_BEHIND)
        if message.state is State.SENDING:
            reason = TemporaryError(Problem.TIMEOUT, uncertain=True)
        if message.is_told:
            # The disk takes longer than a caller waits.
            left_out = message.left_out
            self._answer_queued(message, reason, left_out, is_written=False)
        elif self.keeps(message):
            self.tell_queued(message, message.history.error or reason)
        elif message.state is State.WAITING:
            self.end(message, State.REFUSED, message.history.error or reason)
        else:
            message.is_told = True
            message.set_answer(reason)

    def tell_queued(self, message: OutboxMessage, reason: ClientError) -> None:
        """Tell the caller of a message that it waits, once it is on disk."""
        if message.is_told or message.state.is_final:
            return
        message.is_told = message.is_queued = True
        self._engine.reporter.queued(message, reason)
        left_out = message.left_out

        def answer(written: asyncio.Future[bool]) -> None:
            self._answer_queued(message, reason, left_out, is_written=written.result())

        self.keep(message).add_done_callback(answer)

    def _answer_queued(
        self,
        message: OutboxMessage,
        reason: ClientError,
        left_out: tuple[str, ...],
        *,
        is_written: bool,
    ) -> None:
        """Answer the caller of a message that waits."""
        unwritable = DeliveryError(DeliveryProblem.STORAGE_UNWRITABLE)
        message.set_answer(
            Answer(
                handle=message.handle,
                queued=reason if is_written else unwritable,
                durable=is_written,
                left_out=left_out,
            )
        )

    def tell_all(self, reason: ClientError, until: float | None = None) -> None:
        """Tell callers that their messages wait; end those that nobody wants by then.

        Args:
            reason: what they wait for.
            until: the moment until which they all do; None if only those wait for it
                that are kept.

        """
        untold = [
            each
            for each in self.messages
            if not each.is_told and (until is not None or self.keeps(each))
        ]
        if len(untold) > _AT_ONCE:
            # The others are told when everything else has had its turn.
            asyncio.get_running_loop().call_soon(self.wake)
        for message in untold[:_AT_ONCE]:
            if self.keeps(message) and (until is None or until < message.expires):
                self.tell_queued(message, reason)
            elif until is not None:
                self.end(message, State.REFUSED, reason)

    # The worker.

    async def _work(self) -> None:
        """Do what there is to do, until that is nothing for the time being."""
        clock, delay = self._engine.ports.clock, 0.0
        while delay <= 0:
            # Whatever happens while it waits, it looks again before it comes to rest.
            try:
                delay = await self._step()
            except Exception:
                # Those behind would wait for ever if the worker died.
                _LOGGER.exception("Delivering a message failed")
                if (message := self._current) is not None:
                    due = clock.now() + 2 * REST
                    message.history = replace(message.history, due=due, aside=True)
                self._engine.obstacles.withdraw(self.recipient_id)
                await asyncio.sleep(REST)
                delay = 0.0
        self._worker = self._current = None
        for message in self.messages:
            # Files of messages that wait are on disk alone.
            if message.holds_files and self._engine.outbox.holds(message.seq):
                self.keep(message)
        self._set_timer(min(delay, self._expires - clock.now()))

    async def _step(self) -> float:
        """Do what is next; return the seconds until there is more to do."""
        now = self._engine.ports.clock.now()
        last, self._current = self._current, None
        while now >= self._expires:
            self._expire(now)
            # The others have their turn when everything else has had its own.
            await asyncio.sleep(0)
        connection = self._engine.connection
        if connection is None:
            return inf
        if self.recipient_id not in connection.recipients:
            if last is not None:
                # The recipient was removed while it was being sent to.
                self.remove(last, DeliveryError(DeliveryProblem.RECIPIENT_REMOVED))
            return inf
        message, delay = self._next(connection, now)
        if message is None:
            self._engine.obstacles.withdraw(self.recipient_id)
            return delay
        self._current = message
        return await Attempt(self._engine, self, connection, message).make()

    def _next(
        self, connection: Connection, now: float
    ) -> tuple[OutboxMessage | None, float]:
        """Return the message that is due, or the seconds until one is."""
        successes, soonest, is_held = self._engine.obstacles.successes, inf, False
        for message in self.messages:
            if is_held and not message.is_urgent:
                continue
            due = due_at(message.history, successes, connection.repetitions)
            if due <= now:
                return message, 0
            soonest = min(soonest, due)
            if not message.history.aside and not is_held:
                # It keeps its place before those behind it, who wait for it.
                is_held = True
                if reason := message.history.error:
                    self.tell_all(reason)
        return None, soonest - now

    def _expire(self, now: float) -> None:
        """End some of the messages that nobody wants any more."""
        # Those behind another one have waited for the same.
        errors = filter(None, (each.history.error for each in self.messages))
        shared = next(errors, None) or self._engine.obstacles.error(now)
        late = (each for each in self.messages if each.expires <= now)
        for message in tuple(islice(late, _AT_ONCE)):
            expired = DeliveryError(DeliveryProblem.EXPIRED)
            error = message.history.error or shared or expired
            self.end(message, State.EXPIRED, error)
        self._expires = min((each.expires for each in self.messages), default=inf)

    def _set_timer(self, delay: float) -> None:
        """Wake the worker later, instead of when it was to be woken."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if delay < inf:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(delay, 0.001), self.wake)
