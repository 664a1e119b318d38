"""Reporter: tells callers and observers what becomes of messages."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from ..clients.errors import ClientError
from .errors import DeliveryError, DeliveryProblem
from .outbox_message import Answer, OutboxMessage, State
from .ports import Ports
from .reports import DeliveryStatus, Report, Undelivered, all_refused

_FACT: Final = "undelivered:"
_STATUS: Final = {
    State.SENT: DeliveryStatus.SENT,
    State.REFUSED: DeliveryStatus.REFUSED,
    State.GIVEN_UP: DeliveryStatus.REFUSED,
    State.EXPIRED: DeliveryStatus.EXPIRED,
    State.CLEARED: DeliveryStatus.CLEARED,
}


class Reporter:
    """Tells of messages that wait or have ended, and of those that were given up.

    Args:
        ports: clock and observer.

    """

    def __init__(self, ports: Ports) -> None:
        self.last_error: ClientError | None = None
        self._clock = ports.clock
        self._observer = ports.observer
        # What was given up and nobody has seen yet, by recipient.
        self._undelivered: dict[str, Undelivered] = {}
        # Of recipients, those that were removed included.
        self._names: dict[str, str] = {}
        # Observers are about to be told of another state.
        self._is_changing = False

    def queued(self, message: OutboxMessage, reason: ClientError) -> None:
        """Report that the caller of a message is told that it waits."""
        if reason.problem != DeliveryProblem.WAITING_BEHIND:
            self.last_error = reason
        self._report(message, DeliveryStatus.QUEUED, reason)

    def ended(
        self, message: OutboxMessage, error: ClientError | None
    ) -> Mapping[str, Any]:
        """Answer the caller of a message that has ended, and report it.

        Args:
            message: in its final state.
            error: why it was not sent.

        Returns:
            facts to write with that.

        """
        status, facts, receipt = _STATUS[message.state], {}, message.receipt
        if status is DeliveryStatus.SENT:
            if receipt.refused and not receipt.accepted:
                status, error = DeliveryStatus.REFUSED, all_refused(receipt)
            elif message.is_told:
                status = DeliveryStatus.DELIVERED_LATE
        if error is not None:
            self.last_error = error
            if message.is_queued:
                facts = self._give_up(message, error)
        elif message.state is State.SENT:
            self.last_error = None
        answer: Answer | ClientError = Answer(
            handle=message.handle, receipt=receipt, left_out=message.left_out
        )
        if message.state is State.CLEARED:
            answer = DeliveryError(DeliveryProblem.CLEARED)
        elif message.state is not State.SENT and error is not None:
            answer = error
        message.set_answer(answer)
        self._report(message, status, error)
        return facts

    def name(self, recipient_id: str, name: str) -> None:
        """Take over the name of a recipient."""
        self._names[recipient_id] = name

    def load(self, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        """Restore what was given up; what is damaged is left out.

        Returns:
            facts to write, as some was given up before the disk could be read.

        """
        more = {}
        for key, fact in facts.items():
            if not key.startswith(_FACT) or not (known := Undelivered.load(fact)):
                continue
            recipient_id = key.removeprefix(_FACT)
            if (later := self._undelivered.get(recipient_id)) is not None:
                known = replace(later, count=known.count + later.count)
                more[key] = known.dump()
            self._undelivered[recipient_id] = known
        return more

    def repeat(self) -> None:
        """Report again what was given up."""
        for recipient_id, undelivered in self._undelivered.items():
            self._observer.undelivered(recipient_id, undelivered)

    def acknowledge(self, recipient_id: str) -> Mapping[str, Any]:
        """Forget what was given up, as a person has seen it; return facts to write."""
        known = self._undelivered.pop(recipient_id, None)
        return {} if known is None else {_FACT + recipient_id: None}

    def changed(self) -> None:
        """Report another state of the account."""
        self._is_changing = False
        self._observer.changed()

    def _report(
        self, message: OutboxMessage, status: DeliveryStatus, error: ClientError | None
    ) -> None:
        content, receipt = message.content, message.receipt
        report = Report(
            status=status,
            handle=message.handle,
            accepted=receipt.accepted,
            refused=receipt.refused,
            error=error,
            meant_for=self._meant_for(message),
            left_out=message.left_out,
            upload_error=message.upload_error,
            with_attachments=bool(content and content.message.attachments),
            override=content.override if content else None,
        )
        self._observer.report(message.recipient_id, report)
        if status is DeliveryStatus.SENT:
            self._observer.counted()
        elif not self._is_changing:
            # Of many that are reported together, observers look at the last state.
            self._is_changing = True
            asyncio.get_running_loop().call_soon(self.changed)

    def _give_up(self, message: OutboxMessage, error: ClientError) -> dict[str, Any]:
        """Return the fact that a message was given up, for a person to see."""
        recipient_id = message.recipient_id
        before = self._undelivered.get(recipient_id)
        undelivered = self._undelivered[recipient_id] = Undelivered(
            recipient=self._names.get(recipient_id, "?"),
            count=1 if before is None else before.count + 1,
            error=error,
            meant_for=self._meant_for(message),
        )
        self._observer.undelivered(recipient_id, undelivered)
        return {_FACT + recipient_id: undelivered.dump()}

    def _meant_for(self, message: OutboxMessage) -> float:
        """Return when a message was handed over, in seconds since 1970."""
        return self._clock.wall() - (self._clock.now() - message.born)
