"""Everything between "send this" and the client of an account."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
import copy
from functools import partial
import logging
import time
from typing import Any

from .clients.errors import (
    ContentError,
    CredentialsError,
    LimitError,
    Problem,
    TemporaryError,
)
from .clients.message import Client, Message, Receipt

_LOGGER = logging.getLogger(__name__)

# A recipient for which more messages than this wait will not get them in time anyway.
MAX_WAITING = 500


class Delivery:
    """Delivers the messages of one account, in order for each recipient.

    Args:
        client: speaks to the service.
        on_credentials_refused: called when new credentials are needed.

    """

    def __init__(
        self, client: Client[Any], on_credentials_refused: Callable[[], None]
    ) -> None:
        """Start with nothing to deliver."""
        self._client = client
        self._on_credentials_refused = on_credentials_refused
        self._refusal: CredentialsError | None = None
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waiting: defaultdict[str, int] = defaultdict(int)

    async def send(self, recipient_id: str, message: Message, target: Any) -> Receipt:
        """Deliver a message and return what came of it, per target.

        Args:
            recipient_id: whose messages keep their order.
            message: what is to be said.
            target: who gets it, in the terms of the client.

        Raises:
            ClientError: the message could not be delivered.

        """
        parts = self._client.prepare(message, target)
        if self._waiting[recipient_id] >= MAX_WAITING:
            raise LimitError(Problem.QUEUE_FULL, limit=MAX_WAITING)
        self._waiting[recipient_id] += 1
        try:
            async with self._turns[recipient_id]:
                receipt = Receipt()
                for part in parts:
                    if message.expires_at is not None and (
                        time.time() >= message.expires_at
                    ):
                        raise ContentError(Problem.EXPIRED)
                    receipt += await self._attempt(partial(self._client.send, part))
                return receipt
        finally:
            self._waiting[recipient_id] -= 1

    async def recall(self, message_id: str) -> None:
        """Take a message back.

        Args:
            message_id: as it stands in the receipt.

        Raises:
            ClientError: the message could not be taken back.

        """
        await self._attempt(lambda: self._client.recall(message_id))

    async def _attempt[T](self, request: Callable[[], Awaitable[T]]) -> T:
        """Send one request; a connection that broke is tried once more."""
        if self._refusal is not None:
            # Repeating refused credentials gets the address banned.
            raise copy.copy(self._refusal)
        try:
            try:
                return await request()
            except TemporaryError as err:
                # A connection kept open may have died unnoticed while nothing was sent.
                if err.problem != Problem.CONNECTION_LOST:
                    raise
                _LOGGER.debug("The connection was lost, sending once more")
                return await request()
        except CredentialsError as err:
            self._refusal = err
            self._on_credentials_refused()
            raise
