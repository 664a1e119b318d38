"""Everything between "send this" and the client of an account."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
import copy
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
import time
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from .attempts import Attempts
from .backlog import CLOSING, Backlog
from .clients.client import Client
from .clients.errors import (
    ClientError,
    CredentialsError,
    LimitError,
    Problem,
    TemporaryError,
)
from .clients.message import Message
from .clients.receipt import Receipt
from .errors import all_refused
from .gate import Gate, Probe
from .issues import AccountIssues
from .lines import Addressee, Line
from .listeners import Listeners
from .outbox import Outbox
from .pace import Pace
from .queued import QueuedMessage
from .reports import Event, Report, failure

# Whoever sends a message waits no longer than this for those before it.
SHORT_WAIT: Final = 15.0
# An outage that lasts longer is worth telling a person about.
_LASTING: Final = 15 * 60.0

_CLOSED_GATES: HassKey[set[Gate]] = HassKey("wechat_push_closed_gates")


class Delivery:
    """Delivers the messages of one account, in order for each recipient.

    Args:
        hass: the Home Assistant that the account belongs to.
        entry: the account.
        client: speaks to the service.
        issues: tell the person what only a person can mend.
        probe: asks the service something that means nothing.
        repeats: a message that may have been taken is repeated, once.
        check_proves: a good check of the account shows that nothing is left to mend.
        life: seconds for which a message is wanted that says nothing about that.

    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        client: Client[Any],
        *,
        issues: AccountIssues,
        probe: Probe,
        repeats: bool,
        check_proves: bool,
        life: float,
    ) -> None:
        """Start with nothing to deliver."""
        self._client = client
        self._issues = issues
        start = self._start = partial(entry.async_create_background_task, hass)
        self._life = life
        self._lines: dict[str, Line] = {}
        self._watchers = Listeners[()]()
        self._counters = Listeners[()]()
        self._last_error: ClientError | None = None
        self._unproven: set[str] = set()  # Something may be left to mend for these.
        self._number = 0
        self._sending = 0
        self._idle = asyncio.Event()
        self._closing = False
        self._used = False
        self._troubled = False
        self._check_proves = check_proves
        self._pace = Pace(client)
        self._outbox = Outbox(
            hass,
            entry.entry_id,
            state=self._state,
            written=lambda failed: issues.storage(failed=failed),
        )
        self._gate = Gate(
            entry.title,
            probe,
            start=start,
            changed=self._gate_changed,
            blocked=self._save_later,
            unblocked=self._block_over,
            refused=partial(entry.async_start_reauth, hass),
            closed_gates=hass.data.setdefault(_CLOSED_GATES, set()),
        )
        self._attempts = Attempts(
            client,
            pace=self._pace,
            gate=self._gate,
            outbox=self._outbox,
            issues=issues,
            repeats=repeats,
            check_proves=check_proves,
        )
        self._backlog = Backlog(
            self._lines,
            outbox=self._outbox,
            gate=self._gate,
            attempts=self._attempts,
            start=start,
            tell=self._tell,
            drops_repeats=client.drops_repeats,
        )

    @property
    def queued(self) -> int:
        """Return how many messages are in the outbox."""
        return self._backlog.queued

    @property
    def blocked_until(self) -> datetime | None:
        """Return when the service takes messages again that wants to be left alone."""
        if (block := self._gate.block) is None:
            return None
        return dt_util.utcnow() + timedelta(seconds=block.retry_after or 0)

    @property
    def last_error(self) -> str | None:
        """Return what was wrong with the last message, if anything."""
        return None if self._last_error is None else self._last_error.problem

    @property
    def sent_today(self) -> Mapping[str, int]:
        """Return how many requests of each kind were made today, as the service counts."""
        return self._pace.today.counts

    def quota(self, name: str) -> int | None:
        """Return how many requests of a kind the service takes on one day."""
        return self._client.quota(name)

    @callback
    def async_listen(
        self, listener: Callable[[], None], *, counts: bool = False
    ) -> CALLBACK_TYPE:
        """Call a listener whenever there is something else to see.

        Args:
            listener: looks at what there is to see.
            counts: it looks at how many messages were sent, which changes most often.

        """
        return (self._counters if counts else self._watchers).add(listener)

    def add_recipient(self, addressee: Addressee) -> None:
        """Take note of somebody whom messages go to."""
        self._lines[addressee.id] = Line(addressee)
        self._unproven.add(addressee.id)

    async def async_load(self) -> None:
        """Take up what waited when Home Assistant ended."""
        self._number, state = await self._backlog.load()
        self._used = self.queued > 0
        self._restore(state)

    @callback
    def async_start(self) -> None:
        """Begin to deliver what waits."""
        self._backlog.start()

    async def async_check(self) -> None:
        """Find out whether the account works, now.

        Raises:
            ClientError: it does not.

        """
        try:
            await self._gate.check()
        except ClientError as err:
            self._issues.raise_for(err)
            raise
        self._issues.solved()

    async def send(
        self,
        addressee: Addressee,
        message: Message,
        given: Mapping[str, Any] | None = None,
    ) -> Receipt:
        """Deliver a message, or keep it for later; return what came of it, per target.

        Args:
            addressee: who gets it.
            message: what is to be said.
            given: what the caller said of who gets it; nothing means the addressee.

        Raises:
            ClientError: the message could not be delivered, and was not kept.

        """
        parts = addressee.prepare(message, given)
        self._number += 1
        queued = QueuedMessage.of_now(
            message,
            number=self._number,
            recipient_id=addressee.id,
            given=given,
            parts=parts,
            life=self._life,
        )
        line = self._lines[addressee.id]
        self._sending += 1
        try:
            reason = await self._send(line, queued)
        except ClientError as err:
            err.parts_done, err.parts = queued.parts_done, len(parts)
            self._tell(line, queued, failure(err), err)
            raise
        finally:
            self._sending -= 1
            if self._closing and not self._sending:
                self._idle.set()
        if reason is None:
            self._tell(line, queued, Event.SENT)
            return queued.receipt
        return replace(queued.receipt, queued=reason)

    async def recall(self, message_id: str) -> None:
        """Take a message back.

        Args:
            message_id: as it stands in the receipt.

        Raises:
            ClientError: the message could not be taken back.

        """
        self._gate.raise_if_refused()
        try:
            await self._client.recall(message_id)
        except CredentialsError as err:
            self._gate.refuse(err)
            raise

    @callback
    def lift_block(self) -> None:
        """Forget that the service wants to be left alone: the person knows better."""
        self._gate.lift()
        self._save_later()
        self._backlog.start()

    async def async_clear(self) -> Mapping[str, int]:
        """Drop what waits; return how many messages of each recipient that were."""
        dropped = await self._backlog.clear()
        self._watchers.tell()
        return dropped

    async def async_close(self) -> None:
        """Stop; what still waits is on disk when this returns."""
        if self._closing:
            return
        self._closing = True
        self._gate.close()
        self._backlog.stop()
        for line in self._lines.values():
            line.end_waiting()
        if self._sending:
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSING):
                    await self._idle.wait()
        self._backlog.take_over()
        await self._backlog.close()
        if self._used:
            await self._outbox.save_all()

    async def _send(self, line: Line, message: QueuedMessage) -> ClientError | None:
        """Send a message; return why it has to wait, if it has to."""
        if (reason := self._hindrance(line)) is not None:
            self._backlog.hold(line, message, reason)
        else:
            reason = await self._send_in_turn(line, message)
        if reason is not None:
            self._used = True
            await self._backlog.keep(line, message, reason)
        return reason

    async def _send_in_turn(
        self, line: Line, message: QueuedMessage
    ) -> ClientError | None:
        """Send a message after those before it; return why it waits, if it has to."""
        deadline = time.monotonic() + SHORT_WAIT
        if not await line.take_turn(SHORT_WAIT):
            behind = LimitError(Problem.WAITING_BEHIND)
            self._backlog.hold(line, message, behind)
            return behind
        try:
            if (reason := self._hindrance(line)) is None:
                reason = await self._gate.unblocked(deadline)
            if reason is None:
                self._used = True
                left = deadline - time.monotonic()
                with line.sending(message):
                    reason = await self._attempts.run(message, line.addressee, left)
            if reason is not None:
                self._backlog.hold(line, message, reason)
            return reason
        finally:
            line.turn.release()

    def _hindrance(self, line: Line) -> ClientError | None:
        """Return why a new message has to wait, if it has to.

        Raises:
            CredentialsError: they were refused, and nothing goes out before that is mended.

        """
        self._gate.raise_if_refused()
        if line.kept or self._closing:
            self._gate.poke()
            return self._gate.block or LimitError(Problem.WAITING_BEHIND)
        trouble = self._gate.trouble
        # What only a person can mend may be mended; and who does not wait tries at once.
        if isinstance(trouble, TemporaryError) and line.addressee.keeps:
            self._gate.poke()
            return copy.copy(trouble)
        block = self._gate.block
        if block is not None and (block.retry_after or 0) > SHORT_WAIT:
            return block
        return None

    def _tell(
        self,
        line: Line,
        message: QueuedMessage,
        event: Event,
        err: ClientError | None = None,
    ) -> None:
        """Tell what came of a message to all who want to know."""
        addressee, receipt = line.addressee, message.receipt
        sent = event in (Event.SENT, Event.DELIVERED_LATE)
        before = self._last_error
        if sent and receipt.refused and not receipt.accepted:
            event, err = Event.REFUSED, all_refused(receipt)
        elif sent:
            self._last_error = None
            self._proved(addressee, message)
        if err is not None and err.problem != Problem.WAITING_BEHIND:
            self._last_error = err
            self._unproven.update(self._lines)
        if message.kept and err is not None and event is not Event.QUEUED:
            meant_for = dt_util.utc_from_timestamp(message.created)
            self._issues.undelivered(addressee, err, meant_for)
        addressee.async_report(
            Report(
                event=event,
                accepted=receipt.accepted,
                refused=receipt.refused,
                error=err,
                created=message.created,
            )
        )
        self._counters.tell()
        if message.kept or self._last_error is not before:
            self._watchers.tell()

    def _proved(self, addressee: Addressee, message: QueuedMessage) -> None:
        """Take note that nothing is left to mend for messages like one that went out."""
        pictures = bool(message.message and message.message.attachments)
        if pictures or addressee.id in self._unproven:
            self._unproven.discard(addressee.id)
            self._issues.solved(addressee.id, with_attachments=pictures)

    def _gate_changed(self) -> None:
        """Take note that the account may send again, or may not any more."""
        trouble = self._gate.trouble
        if trouble is not None:
            self._issues.raise_for(trouble)
        if isinstance(trouble, TemporaryError) and self._gate.lasts >= _LASTING:
            self._issues.connection(trouble, lasting=True)
        if self._troubled and trouble is None:
            self._issues.reached()
            if self._check_proves:
                self._issues.solved()
                self._backlog.start()
        self._troubled = trouble is not None
        self._watchers.tell()

    def _block_over(self, problem: str) -> None:
        """Take note that the service may be asked again that wanted to be left alone."""
        self._issues.ended(problem)
        self._watchers.tell()

    def _save_later(self) -> None:
        """Keep what a restart must not forget."""
        self._used = True
        self._start(self._outbox.save_all(), "save")

    def _state(self) -> dict[str, Any]:
        """Return what is to be known after a restart beside the messages."""
        return {"block": self._gate.stored(), "pace": self._pace.stored()}

    def _restore(self, state: object) -> None:
        """Take up what was known; what is damaged is left out."""
        match state:
            case {"block": block, "pace": pace}:
                self._pace.restore(pace)
                if (err := self._gate.restore(block)) is not None:
                    self._issues.raise_for(err)
