"""What services tell later of the messages that they took, whether asked or not."""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
import logging
import time
from typing import Any, Final, Protocol

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..clients.client import Client
from ..clients.errors import ActionNeededError, ClientError, CredentialsError
from ..clients.receipt import Accepted, Fate, Outcome
from ..const import DOMAIN
from ..reports import Event, Report

_LOGGER = logging.getLogger(__name__)

# Seconds between a message, the first question about it and the further ones: they are
# asked 15 seconds, 1 minute, 5 minutes and 30 minutes after it was taken.
_WAITS: Final = (15, 45, 240, 1500)
# Seconds between two questions, so that they do not use up what messages may.
_PAUSE: Final = 1
# The messages of an account that are remembered; beyond that the oldest is given up.
_MAX_FOLLOWED: Final = 200
# A service may tell what became of a message before its answer, that it took the message,
# has been read. So many results wait for their message, and so many seconds.
_MAX_EARLY: Final = 50
_MAX_EARLY_SECONDS: Final = 60


class Reporter(Protocol):
    """Who tells a person what came of a message."""

    def async_report(self, report: Report) -> None:
        """Tell what came of a message."""


@dataclass(kw_only=True, slots=True)
class _Followed:
    """A message that was taken, of which the service keeps a record."""

    reporter: Reporter
    accepted: tuple[Accepted, ...]
    created: float
    # Until the next questions; none are left once the outcome is known.
    waits: Iterator[int]
    known: bool = False
    cancel: CALLBACK_TYPE | None = None


class Results:
    """Finds out what became of the messages of one account, and tells it.

    Args:
        hass: Home Assistant.
        client: of the account.
        account: what the person calls the account.
        asks: the service is asked, if it can be.

    """

    def __init__(
        self, hass: HomeAssistant, client: Client[Any], *, account: str, asks: bool
    ) -> None:
        """Start with nothing to find out."""
        # Set by whoever listens to what the service tells by itself.
        self.listens = False
        self._hass = hass
        self._client = client
        self._account = account
        self._asks = asks and client.has_outcomes
        # By the ID of the record at the service, the oldest first.
        self._followed: dict[str, _Followed] = {}
        # Told by the service, with the time, of messages that are not known yet.
        self._early: dict[str, tuple[Outcome, float]] = {}
        # Whom the next questions are about; only one is asked at a time.
        self._due: deque[str] = deque()
        self._question: asyncio.Task[None] | None = None
        self._end_pause: CALLBACK_TYPE | None = None

    @callback
    def async_follow(
        self, reporter: Reporter, accepted: Iterable[Accepted], created: float
    ) -> None:
        """Find out what becomes of a message that was taken.

        Args:
            reporter: is told of it.
            accepted: the targets for which the service took the message.
            created: when it was meant to be sent, in seconds since 1970.

        """
        if not self._asks and not self.listens:
            return
        records: dict[str, tuple[Accepted, ...]] = {}
        for each in accepted:
            if each.record_id is not None and each.record_id not in self._followed:
                records[each.record_id] = (*records.get(each.record_id, ()), each)
        for record_id, targets in records.items():
            followed = self._followed[record_id] = _Followed(
                reporter=reporter,
                accepted=targets,
                created=created,
                waits=iter(_WAITS if self._asks else ()),
            )
            outcome, told = self._early.pop(record_id, (None, 0.0))
            if outcome is not None and time.monotonic() - told <= _MAX_EARLY_SECONDS:
                self._settle(followed, outcome)
            else:
                self._wait(record_id, followed)
        while len(self._followed) > _MAX_FOLLOWED:
            self._stop(self._followed.pop(next(iter(self._followed))))

    @callback
    def async_tell(self, record_id: str, outcome: Outcome) -> None:
        """Take note of what the service told by itself; it may do so more than once."""
        if not self.listens or outcome.fate is Fate.WAITING:
            return
        if (followed := self._followed.get(record_id)) is not None:
            self._settle(followed, outcome)
            return
        self._early[record_id] = (outcome, time.monotonic())
        if len(self._early) > _MAX_EARLY:
            del self._early[next(iter(self._early))]

    @callback
    def async_close(self) -> None:
        """Ask nothing any more, and forget all messages."""
        self.listens = False
        self._end_asking()
        self._followed.clear()
        self._early.clear()
        if self._question is not None:
            self._question.cancel()
        if self._end_pause is not None:
            self._end_pause()

    def _settle(self, followed: _Followed, outcome: Outcome) -> None:
        """Tell what became of a message, once."""
        if followed.known:
            return
        followed.known = True
        self._stop(followed)
        event = Event.CONFIRMED if outcome.fate is Fate.DELIVERED else Event.FAILED
        followed.reporter.async_report(
            Report(
                event=event if outcome.certain else Event.HINT,
                accepted=followed.accepted,
                created=followed.created,
                # The words of a service that promises nothing are of no use.
                outcome=outcome.reason if outcome.certain else outcome.fate,
            )
        )

    def _wait(self, record_id: str, followed: _Followed) -> None:
        """Ask about a message after a while, unless it was asked often enough."""
        if (seconds := next(followed.waits, None)) is None:
            return

        @callback
        def ask(now: datetime) -> None:
            """Put the question behind those that are due already."""
            followed.cancel = None
            self._due.append(record_id)
            self._ask_next()

        followed.cancel = async_call_later(
            self._hass, seconds, HassJob(ask, cancel_on_shutdown=True)
        )

    def _ask_next(self) -> None:
        """Ask the question that is due first, unless it is too early for that."""
        if self._end_pause is not None:
            return
        if self._question is not None and not self._question.done():
            return
        while self._due:
            record_id = self._due.popleft()
            followed = self._followed.get(record_id)
            if followed is not None and not followed.known:
                self._question = self._hass.async_create_background_task(
                    self._ask(record_id, followed), f"{DOMAIN} result"
                )
                return

    async def _ask(self, record_id: str, followed: _Followed) -> None:
        """Ask what became of a message, and rest for a moment."""
        try:
            outcome = await self._client.outcome(record_id)
        except (ActionNeededError, CredentialsError) as err:
            # Asking again would not help, and refused credentials must not be repeated.
            _LOGGER.warning(
                "Results of messages through %s are not asked for any more until it is"
                " reloaded: %s",
                self._account,
                err,
            )
            self._end_asking()
            return
        except ClientError as err:
            _LOGGER.debug("A result is not known: %s", err.problem)
            outcome = Outcome(fate=Fate.WAITING)
        if outcome.fate is not Fate.WAITING:
            self._settle(followed, outcome)
        elif not followed.known and record_id in self._followed:
            self._wait(record_id, followed)

        @callback
        def go_on(now: datetime) -> None:
            """Let the next question be asked."""
            self._end_pause = None
            self._ask_next()

        self._end_pause = async_call_later(
            self._hass, _PAUSE, HassJob(go_on, cancel_on_shutdown=True)
        )

    def _stop(self, followed: _Followed) -> None:
        """Ask nothing any more about a message."""
        if followed.cancel is not None:
            followed.cancel()
            followed.cancel = None

    def _end_asking(self) -> None:
        """Ask nothing any more."""
        self._asks = False
        self._due.clear()
        for followed in self._followed.values():
            self._stop(followed)
