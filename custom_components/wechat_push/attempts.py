"""Sending a message part by part, and sorting what goes wrong: once, for all services."""

from contextlib import suppress
import logging
import time
from typing import Any, Final

from homeassistant.util import dt as dt_util

from .clients.client import Client
from .clients.errors import (
    ActionNeededError,
    ClientError,
    ContentError,
    CredentialsError,
    LimitError,
    Problem,
    TemporaryError,
)
from .clients.message import Part
from .gate import UNREACHED, Gate
from .issues import AccountIssues, Addressee
from .outbox import Outbox
from .pace import Pace
from .queued import QueuedMessage

_LOGGER = logging.getLogger(__name__)

# A message that fails so often while the service works fails because of what it is.
_MAX_FAILURES: Final = 10


class Attempts:
    """Tries to deliver messages, and decides what a failure means.

    A failure is raised where trying again cannot help; it is returned where the message
    is to wait. Before that the gate has closed, where no other message would fare better.

    Args:
        client: speaks to the service.
        pace: keeps to what the service takes.
        gate: closes when there is no use in sending.
        outbox: knows what is being sent, for messages that are in it.
        issues: tell the person what only a person can mend.
        repeats: a message that may have been taken is repeated, once.
        check_proves: a good check of the account shows that nothing is left to mend.

    """

    def __init__(
        self,
        client: Client[Any],
        *,
        pace: Pace,
        gate: Gate,
        outbox: Outbox,
        issues: AccountIssues,
        repeats: bool,
        check_proves: bool,
    ) -> None:
        """Start without an attempt."""
        self._client = client
        self._pace = pace
        self._gate = gate
        self._outbox = outbox
        self._issues = issues
        self._most_doubts = 1 if repeats else 0
        self._check_proves = check_proves

    async def run(
        self, message: QueuedMessage, recipient: Addressee, patience: float
    ) -> ClientError | None:
        """Send what is left of a message; return why it has to wait, if it has to.

        Args:
            message: with its parts.
            recipient: who gets it.
            patience: seconds to wait for the limits of the service.

        Raises:
            ClientError: it will not be delivered.

        """
        deadline = time.monotonic() + patience
        while not message.done:
            if message.doubts > self._most_doubts:
                # Home Assistant ended while it was being sent.
                raise TemporaryError(Problem.UNCERTAIN, doubtful=True)
            part = self._distinct(message)
            try:
                await self._pace.begin(part, deadline - time.monotonic())
            except LimitError as err:
                return err
            try:
                if (reason := await self._send(message, recipient, part)) is not None:
                    return reason
            finally:
                self._pace.end()
        return None

    async def _send(
        self, message: QueuedMessage, recipient: Addressee, part: Part
    ) -> ClientError | None:
        """Send one part; return why the message has to wait, if it has to."""
        # What others have met with while this one waited for its turn.
        self._gate.raise_if_refused()
        if (block := self._gate.block) is not None:
            return block
        if message.remaining <= 0:
            raise ContentError(Problem.EXPIRED)
        message.under_way = True
        try:
            if message.kept:
                await self._outbox.begin(message)
            receipt = await self._client.send(
                part, key=f"{message.id}-{message.parts_done}"
            )
        except ClientError as err:
            if (reason := self._sorted(message, recipient, err)) is not None:
                return reason
            if message.kept:
                await self._outbox.end(message)
            return await self._again() if isinstance(err, TemporaryError) else None
        finally:
            message.under_way = False
        message.advance(receipt)
        self._gate.up()
        return None

    async def _again(self) -> ClientError | None:
        """Return why a message whose connection was lost has to wait, if it has to.

        It may be repeated only once, so not before it is known that the service answers.
        """
        with suppress(ClientError):
            await self._gate.check()
        return self._gate.hindrance

    def _sorted(
        self, message: QueuedMessage, recipient: Addressee, err: ClientError
    ) -> ClientError | None:
        """Return why a message has to wait, or nothing if it is to be tried at once.

        Raises:
            ClientError: trying again cannot help.

        """
        _LOGGER.debug("A message to %s failed: %s", recipient.name, err.problem)
        self._issues.raise_for(err, recipient)
        match err:
            case CredentialsError():
                self._gate.refuse(err)
            case ActionNeededError():
                if self._check_proves or message.kept:
                    self._gate.down(err)
            case LimitError(of_content=True):
                if not message.varied and self._varied(message) is not None:
                    message.varied = True
                    return None
            case LimitError():
                self._gate.limit(err)
                return err
            case TemporaryError(doubtful=True):
                message.doubts += 1
                if message.doubts <= self._most_doubts:
                    if err.problem == Problem.CONNECTION_LOST:
                        # One kept open may have died unnoticed while nothing was sent.
                        return None
                    self._gate.down(err)
                    return err
                self._gate.down(err)
            case TemporaryError():
                # What fails while others are taken fails because of what it is.
                if message.taken not in (None, self._gate.taken):
                    message.failures += err.problem not in UNREACHED
                message.taken = self._gate.taken
                self._gate.down(err)
                if message.failures < _MAX_FAILURES:
                    return err
        raise err

    def _distinct(self, message: QueuedMessage) -> Part:
        """Return the next part, changed if the service has had its like too often."""
        part = message.parts[message.parts_done]
        if not message.varied:
            content = self._client.content(part)
            message.varied = self._pace.limiter.repeated(content) > 0
        return (self._varied(message) if message.varied else None) or part

    def _varied(self, message: QueuedMessage) -> Part | None:
        """Return the next part with the time of day in it, where that does no harm."""
        return self._client.distinct(
            message.parts[message.parts_done], f"{dt_util.now():%H:%M:%S}"
        )
