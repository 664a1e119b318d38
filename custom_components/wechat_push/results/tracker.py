"""Track what becomes of accepted messages."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
import logging
import time
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..clients.client import Client
from ..clients.errors import ActionNeededError, ClientError, CredentialsError
from ..clients.receipt import Accepted, Fate, Outcome
from ..const import DOMAIN

_LOGGER = logging.getLogger(__name__)

# Seconds before each query: 15 seconds, 1 minute, 5 minutes and 30 minutes after the
# message was accepted.
_INTERVALS: Final = (15, 45, 240, 1500)
# Seconds between two queries, so that they leave the service's rate limit to messages.
_PAUSE: Final = 1
# Records of an account; the oldest is dropped.
_MAX_RECORDS: Final = 200
# A service may report an outcome before its answer to the message has been read.
_MAX_EARLY: Final = 50
_MAX_EARLY_SECONDS: Final = 60

# Recipient ID, outcome, targets, and seconds since 1970 when the message was created.
type ReportOutcome = Callable[[str, Outcome, tuple[Accepted, ...], float], None]


@dataclass(kw_only=True, slots=True)
class _Record:
    """A record of a message at the service.

    Args:
        recipient_id: of the message.
        accepted: the targets that the record covers.
        created: seconds since 1970 when the message was created.
        intervals: seconds before the remaining queries.
        query_at: monotonic time of the next query; None if there is none.
        settled: the outcome is known.

    """

    recipient_id: str
    accepted: tuple[Accepted, ...]
    created: float
    intervals: Iterator[int]
    query_at: float | None = None
    settled: bool = False

    def schedule(self) -> None:
        """Schedule the next query, if one is left."""
        seconds = next(self.intervals, None)
        self.query_at = None if seconds is None else time.monotonic() + seconds


class ResultsTracker:
    """Track the outcomes of the messages of one account.

    A tracker outlives reloads of the account: a client is attached at set-up and detached
    at unload. While it is detached, nothing is queried; what has become due is queried
    after the next attach.

    Args:
        hass: Home Assistant.
        report: called with each outcome, only while a client is attached.

    """

    def __init__(self, hass: HomeAssistant, report: ReportOutcome) -> None:
        self._hass = hass
        self._report = report
        self._client: Client[Any] | None = None
        self._account = ""
        self._queries = False
        self._listens = False
        # By the ID at the service, the oldest first.
        self._records: dict[str, _Record] = {}
        # Outcomes of messages that are not known yet, with their monotonic times.
        self._early: dict[str, tuple[Outcome, float]] = {}
        self._resume_at = 0.0
        self._query: asyncio.Task[None] | None = None
        self._timer: CALLBACK_TYPE | None = None

    @callback
    def async_attach(
        self, client: Client[Any], *, account: str, asks: bool, listens: bool
    ) -> None:
        """Start to track with the client of a loaded account.

        Args:
            client: of the account.
            account: its title, for the log.
            asks: query the service, if it supports that.
            listens: the service reports outcomes to `async_receive`.

        """
        self.async_detach()
        self._client = client
        self._account = account
        self._queries = asks and client.has_outcomes
        self._listens = listens
        self._schedule()

    @callback
    def async_detach(self) -> None:
        """Stop until the next client is attached; a query in flight is repeated then."""
        self._client = None
        self._queries = self._listens = False
        self._cancel_timer()
        if self._query is not None:
            self._query.cancel()
            self._query = None

    @callback
    def async_close(self) -> None:
        """Stop and forget all messages."""
        self.async_detach()
        self._records.clear()
        self._early.clear()

    @callback
    def async_follow(
        self, recipient_id: str, accepted: Iterable[Accepted], created: float
    ) -> None:
        """Track a message that was accepted.

        Args:
            recipient_id: of the message; passed on with the outcome.
            accepted: the targets that were accepted.
            created: seconds since 1970 when the message was created.

        """
        if not self._queries and not self._listens:
            return
        records: dict[str, tuple[Accepted, ...]] = {}
        for each in accepted:
            if each.record_id is not None and each.record_id not in self._records:
                records[each.record_id] = (*records.get(each.record_id, ()), each)
        for record_id, targets in records.items():
            record = self._records[record_id] = _Record(
                recipient_id=recipient_id,
                accepted=targets,
                created=created,
                intervals=iter(_INTERVALS),
            )
            outcome, received_at = self._early.pop(record_id, (None, 0.0))
            age = time.monotonic() - received_at
            if outcome is not None and age <= _MAX_EARLY_SECONDS:
                self._settle(record, outcome)
            else:
                record.schedule()
        while len(self._records) > _MAX_RECORDS:
            del self._records[next(iter(self._records))]
        self._schedule()

    @callback
    def async_receive(self, record_id: str, outcome: Outcome) -> None:
        """Handle an outcome that the service reports, possibly more than once."""
        if not self._listens or outcome.fate is Fate.WAITING:
            return
        if (record := self._records.get(record_id)) is not None:
            self._settle(record, outcome)
            self._schedule()
            return
        self._early[record_id] = (outcome, time.monotonic())
        if len(self._early) > _MAX_EARLY:
            del self._early[next(iter(self._early))]

    def _settle(self, record: _Record, outcome: Outcome) -> None:
        """Report the outcome of a record once."""
        if record.settled:
            return
        record.settled = True
        record.query_at = None
        self._report(record.recipient_id, outcome, record.accepted, record.created)

    def _schedule(self) -> None:
        """Set the timer for the next query; one runs at a time."""
        self._cancel_timer()
        if not self._queries:
            return
        if self._query is not None and not self._query.done():
            return
        if (record_id := self._next()) is None:
            return
        query_at = self._records[record_id].query_at
        assert query_at is not None
        delay = max(query_at, self._resume_at) - time.monotonic()
        self._timer = async_call_later(
            self._hass,
            max(delay, 0),
            HassJob(self._async_query_next, cancel_on_shutdown=True),
        )

    def _cancel_timer(self) -> None:
        """Cancel the timer for the next query."""
        if self._timer is not None:
            self._timer()
            self._timer = None

    def _next(self) -> str | None:
        """Return the ID of the record that is to be queried first."""
        times = {
            record_id: record.query_at
            for record_id, record in self._records.items()
            if record.query_at is not None
        }
        return min(times, key=times.__getitem__, default=None)

    @callback
    def _async_query_next(self, now: datetime) -> None:
        """Query the record that is due first."""
        self._timer = None
        if (record_id := self._next()) is not None and self._client is not None:
            self._query = self._hass.async_create_background_task(
                self._query_record(self._client, record_id),
                f"{DOMAIN} result",
                # An eager task could end before it is assigned.
                eager_start=False,
            )

    async def _query_record(self, client: Client[Any], record_id: str) -> None:
        """Query one record, then schedule the next query."""
        record = self._records[record_id]
        try:
            outcome = await client.outcome(record_id)
        except (ActionNeededError, CredentialsError) as err:
            # Repeating does not help, and refused credentials must not be repeated.
            _LOGGER.warning(
                "Results of messages through %s are not queried until it is reloaded: %s",
                self._account,
                err,
            )
            self._queries = False
            self._query = None
            return
        except ClientError as err:
            _LOGGER.debug("Cannot query a result: %s", err.problem)
            outcome = Outcome(fate=Fate.WAITING)
        if outcome.fate is not Fate.WAITING:
            self._settle(record, outcome)
        elif not record.settled:
            record.schedule()
        self._query = None
        self._resume_at = time.monotonic() + _PAUSE
        self._schedule()
