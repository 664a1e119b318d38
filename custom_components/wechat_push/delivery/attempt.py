"""Attempt: makes the next request of a message, and sees what becomes of it."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
import logging
from math import inf
from typing import Final, Protocol

from ..clients.errors import (
    ClientError,
    ContentError,
    EndpointError,
    TemporaryError,
    UnreachableError,
    UploadRefusedError,
)
from ..clients.message import Attachment, Part
from ..clients.receipt import Receipt
from .circuit_breaker import BreakerState
from .engine import Engine
from .errors import DeliveryError, DeliveryProblem
from .outbox_message import NO_HISTORY, Content, OutboxMessage, Requests, State
from .ports import Connection
from .requests import finalise, is_late, is_short, usable_requests, without_attachments
from .retry_policy import Action, Evidence, Verdict, decide, is_one_too_many

_LOGGER = logging.getLogger(__name__)

# Seconds after which a message is tried again that could not be read, or that met an
# unexpected exception.
REST: Final = 30.0
# Attempts to upload an attachment before the message goes without it.
_MAX_UPLOADS: Final = 2
# Seconds before the end of a message's life at which an outage is probed at the latest:
# others may go first, and use up the rate of a minute.
_LAST_PROBE: Final = 90.0
# Failures of an upload that concern it alone: the message goes without.
_OF_THE_UPLOAD: Final = (ContentError, EndpointError, UploadRefusedError)


class Queue(Protocol):
    """The queue that a message is in."""

    def keeps(self, message: OutboxMessage) -> bool:
        """Return if a message is kept that cannot be sent now."""

    def retries(self, message: OutboxMessage) -> tuple[int, float]:
        """Return how often a message is tried again that is not kept, and when."""

    def patience(self, message: OutboxMessage) -> float:
        """Return the seconds that the caller of a message waits for an answer."""

    def tell_queued(self, message: OutboxMessage, reason: ClientError) -> None:
        """Tell the caller of a message that it waits."""

    def tell_all(self, reason: ClientError, until: float | None = None) -> None:
        """Tell callers that their messages wait; end those that nobody wants by then."""

    def end(
        self, message: OutboxMessage, state: State, error: ClientError | None = None
    ) -> None:
        """End a message."""


class Attempt:
    """An attempt to send the next request of a message.

    Args:
        engine: of the account.
        queue: that the message is in.
        connection: to send with.
        message: that is due.

    """

    def __init__(
        self,
        engine: Engine,
        queue: Queue,
        connection: Connection,
        message: OutboxMessage,
    ) -> None:
        self._engine = engine
        self._queue = queue
        self._connection = connection
        self._recipient = connection.recipients[message.recipient_id]
        self._message = message
        # The message is tried alone, to see if an outage is over.
        self._is_trial = engine.obstacles.breaker.state is BreakerState.HALF_OPEN

    async def make(self) -> float:
        """Do what is next for the message.

        Returns:
            seconds for which nothing can be done for it.

        """
        engine, client, message = self._engine, self._connection.client, self._message
        now = engine.ports.clock.now()
        if message.content is None:
            return await self._load()
        requests = usable_requests(message, now) or await self._prepare(now)
        if requests is None:
            return 0
        if pending := {*client.pending_uploads(requests.next)} - {*requests.uploads}:
            return await self._upload(requests, min(pending))
        limiter = engine.obstacles.limiter
        final = finalise(client, limiter, message, requests, engine.ports.clock)
        request = client.fill(final.next, final.uploads)
        if (delay := self._blocked(request, now)) is not None:
            return delay
        if (record := engine.records.before(request)) is not None:
            # Unlike the future itself, it always lets others have their turn.
            await asyncio.wait((record,))
            return 0
        if message.history.uncertain and is_one_too_many(
            message.history, self._evidence(request)
        ):
            self._queue.end(message, State.REFUSED, message.history.error)
            return 0
        if dead := self._recipient.renew_links(message.content.message):
            return await self._revive(message.content, dead)
        if engine.outbox.holds(message.seq) and not await self._note(request, final):
            return 0
        message.requests = final
        # No await between this and the request: nothing may come between.
        await self._send(request, requests)
        return 0

    async def _load(self) -> float:
        """Read the message from disk."""
        message = self._message
        try:
            content, requests = await self._engine.outbox.load(message.seq)
        except OSError:
            return self._step_aside()
        except LookupError:
            if not message.state.is_final:
                damaged = DeliveryError(DeliveryProblem.DAMAGED)
                self._queue.end(message, State.GIVEN_UP, damaged)
            return 0
        message.content = content
        message.requests = message.requests or requests
        error = message.history.error
        if error is not None and error.problem == DeliveryProblem.DAMAGED:
            # It could not be read for a while, which is no reason any more.
            message.history = replace(message.history, error=None)
        if message.was_interrupted and not message.state.is_final:
            message.was_interrupted = False
            self._fail({} if requests is None else requests.next, _interrupted())
        return 0

    async def _prepare(self, now: float) -> Requests | None:
        """Make the requests of the message, unless it ends or time passes."""
        engine, message = self._engine, self._message
        content, known = message.content, message.requests
        assert content is not None
        late_of = engine.ports.clock.wall() - (now - message.born)
        make = partial(
            self._recipient.prepare,
            content.message,
            content.override,
            late_of if is_late(message, now) else None,
        )
        is_quick = is_short(content.message)
        try:
            parts = make() if is_quick else await engine.ports.run_blocking(make)
        except ClientError as err:
            if not message.state.is_final:
                self._queue.end(message, State.REFUSED, err)
            return None
        message.requests = Requests(
            parts=parts, made=now, uploads={} if known is None else known.uploads
        )
        return message.requests if is_quick else None

    async def _upload(self, requests: Requests, number: int) -> float:
        """Upload an attachment; if it is refused, the message goes without."""
        engine, message, content = self._engine, self._message, self._message.content
        assert content is not None
        request = requests.next
        if (delay := self._blocked(request, engine.ports.clock.now())) is not None:
            return delay
        try:
            file = await self._with_bytes(content, number)
            if not self._is_free(request):
                return 0
            result = await self._connection.client.upload(file, request)
        except OSError:
            return self._step_aside()
        except LookupError:
            damaged = DeliveryError(DeliveryProblem.DAMAGED)
            self._leave_out(requests, (number,), damaged)
        except ClientError as err:
            is_last = message.history.failures + 1 >= _MAX_UPLOADS
            if not isinstance(err, _OF_THE_UPLOAD) and (
                not isinstance(err, TemporaryError)
                or isinstance(err, UnreachableError)
                or not is_last
            ):
                if not message.state.is_final:
                    self._fail(request, err)
                    engine.changed()
                return 0
            self._leave_out(requests, (number,), err)
        else:
            uploads = {**requests.uploads, number: result}
            message.requests = replace(requests, uploads=uploads)
        engine.outbox.update(message)
        return 0

    def _step_aside(self) -> float:
        """Let others go first while the disk cannot be read; it concerns no other one."""
        message = self._message
        message.history = replace(
            message.history,
            due=self._engine.ports.clock.now() + REST,
            aside=True,
            error=DeliveryError(DeliveryProblem.DAMAGED),
        )
        return 0

    async def _with_bytes(self, content: Content, number: int) -> Attachment:
        """Return an attachment with its content, from disk if need be.

        Raises:
            LookupError: it is damaged.
            OSError: the disk cannot be read at the moment.

        """
        file = content.message.attachments[number]
        if file.content:
            return file
        data = await self._engine.outbox.attachment(self._message.seq, number)
        return replace(file, content=data)

    async def _revive(self, content: Content, numbers: tuple[int, ...]) -> float:
        """Serve attachments of the message that are only on disk under their links."""
        files = [*content.message.attachments]
        for number in numbers:
            try:
                file = await self._with_bytes(content, number)
            except OSError:
                return self._step_aside()
            except LookupError:
                # It is damaged: the link stays dead.
                file = files[number] = replace(files[number], size=0)
                if file.name not in self._message.left_out:
                    self._message.left_out += (file.name,)
            else:
                files[number] = file
                self._recipient.revive_link(file)
        named = replace(content.message, attachments=tuple(files))
        self._message.content = replace(content, message=named)
        return 0

    def _leave_out(
        self, requests: Requests, numbers: Iterable[int], error: ClientError
    ) -> None:
        """Have the message go without attachments, and say so."""
        _LOGGER.info("A message goes without its attachment: %s", error)
        message = self._message
        assert message.content is not None
        message.upload_error = error
        names, message.requests = without_attachments(
            self._connection.client,
            self._recipient,
            message.content.message,
            requests,
            numbers,
        )
        message.left_out += names

    def _blocked(self, request: Part, now: float) -> float | None:
        """Return the seconds for which an obstacle lasts, if there is one.

        Those who would wait for too long are answered.
        """
        engine, queue, message = self._engine, self._queue, self._message
        keeps, rank = queue.keeps(message), (message.history.failures, message.seq)
        obstacle = engine.obstacles.find(
            message.recipient_id, rank, request, keeps=keeps
        )
        if obstacle is None:
            return None
        error, lasts = obstacle.error, obstacle.delay
        last = message.expires - _LAST_PROBE
        if now + engine.obstacles.breaker.delay(now) > last:
            # The next probe would come too late for it.
            engine.hurry(last)
        patience = message.born + queue.patience(message) - now
        if lasts is None or lasts > patience:
            if not keeps:
                queue.end(message, State.REFUSED, error)
                return 0
            if not message.history.uncertain:
                message.history = replace(message.history, error=error)
            queue.tell_all(error, now + (lasts or 0))
        if lasts is None:
            return inf if obstacle.look is None else obstacle.look
        return lasts

    def _is_free(self, request: Part) -> bool:
        """Return if a request can still be made, after the disk was waited for."""
        return (
            self._message.state is State.WAITING
            and self._engine.connection is self._connection
            and self._blocked(request, self._engine.ports.clock.now()) is None
        )

    async def _note(self, request: Part, final: Requests) -> bool:
        """Note on disk that a request may be taken; return if it can still be made."""
        engine, message, is_free = self._engine, self._message, False
        was_repeated, first_at = self._is_repeated(request), message.history.first_at
        self._begin(engine.ports.clock.now())
        try:
            await engine.outbox.note_attempt(message, final)
            is_free = (
                self._is_free(request)
                and engine.records.before(request) is None
                # Another message may have said the same meanwhile.
                and self._is_repeated(request) <= was_repeated
            )
        finally:
            if not is_free:
                message.history = replace(message.history, first_at=first_at)
                engine.outbox.update(message)
        return is_free

    def _is_repeated(self, request: Part) -> bool:
        """Return if the service may take a request for the repetition of another."""
        obstacles = self._engine.obstacles
        content, now = obstacles.policy.content(request), self._engine.ports.clock.now()
        return obstacles.limiter.is_repeated(content, now)

    async def _send(self, request: Part, unstamped: Requests) -> None:
        """Make a request, and handle what becomes of it."""
        engine, message, obstacles = self._engine, self._message, self._engine.obstacles
        assert message.content is not None
        message.state = State.SENDING
        now = obstacles.begin(message.recipient_id, request)
        self._begin(now)
        named = message.content.message.expires_after is not None
        remaining = message.expires - now if named else None
        try:
            receipt = await self._connection.client.send(request, remaining=remaining)
        except ClientError as err:
            is_uncertain = isinstance(err, TemporaryError) and err.uncertain
            if not is_uncertain and not message.history.uncertain:
                # Surely not taken: when its turn comes again, it may have to differ.
                message.requests = unstamped
                reached = not isinstance(err, UnreachableError)
                obstacles.uncharge(request, now, reached=reached)
            self._fail(request, err)
        except BaseException:
            # Cancelled by the end, or a mistake of ours.
            self._fail(request, _interrupted())
            raise
        else:
            self._taken(receipt)
        finally:
            obstacles.end(message.recipient_id)
            engine.changed()

    def _taken(self, receipt: Receipt) -> None:
        """Handle a part that was taken."""
        engine, message = self._engine, self._message
        assert message.requests is not None
        engine.obstacles.succeeded()
        message.requests = message.requests.advance(receipt)
        message.history = NO_HISTORY
        message.state = State.WAITING
        if message.requests.done < len(message.requests.parts):
            engine.outbox.update(message)
            return
        engine.sent.remember(message, can_recall=self._connection.client.has_recall)
        self._queue.end(message, State.SENT)

    def _begin(self, now: float) -> None:
        """Remember when the first request of a part was made: a kill may come next."""
        message = self._message
        if message.history.first_at is None:
            message.history = replace(message.history, first_at=now)

    def _fail(self, request: Part, err: ClientError) -> None:
        """Handle a part that was not taken, or of which nobody knows."""
        engine, queue, message = self._engine, self._queue, self._message
        now, evidence = engine.ports.clock.now(), self._evidence(request)
        decision = decide(err, message.history, evidence, now)
        _LOGGER.debug("A message failed: %s: %s", err.problem, decision.action.name)
        message.history = decision.history
        message.state = State.WAITING
        engine.obstacles.failed(
            decision.verdict, message.seq, err, self._connection.credentials
        )
        if decision.action is Action.END:
            queue.end(message, State.REFUSED, err)
            return
        if (requests := message.requests) is not None:
            if decision.action is Action.UPLOAD_AGAIN:
                message.requests = replace(requests, uploads={})
            elif decision.action is Action.LEAVE_OUT:
                numbers = self._connection.client.pending_uploads(requests.next)
                self._leave_out(requests, numbers, err)
        # A cooldown may last longer than the message: see `_blocked`.
        waits = decision.action is Action.RETRY and evidence.keeps
        if waits and decision.verdict is not Verdict.COOLDOWN:
            queue.tell_queued(message, err)
        engine.outbox.update(message)

    def _evidence(self, request: Part) -> Evidence:
        """Return what is known beside a failure."""
        message, obstacles = self._message, self._engine.obstacles
        policy, now = obstacles.policy, self._engine.ports.clock.now()
        window = policy.dedup_window_of(request)
        first_at, uncertain = message.history.first_at, message.history.uncertain
        retries, retry_wait = self._queue.retries(message)
        return Evidence(
            keeps=self._queue.keeps(message),
            retries=retries,
            retry_wait=retry_wait,
            expires=message.expires,
            successes=obstacles.successes,
            is_outage=self._is_trial,
            probe_works=obstacles.breaker.probe_works,
            repetitions=self._connection.repetitions,
            is_repetition=uncertain > 0 and now >= (first_at or 0) + window,
            dedup_window=window,
            can_vary=not uncertain and policy.vary(request, "·") is not None,
            has_uploads=bool(message.requests and message.requests.uploads),
        )


def _interrupted() -> TemporaryError:
    """Return the failure of a request of which nobody saw the end."""
    return TemporaryError(DeliveryProblem.UNCERTAIN, uncertain=True)
