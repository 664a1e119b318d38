"""Circuit breaker: opens when the service cannot be reached or does not work."""

from enum import Enum, auto
import random
from typing import Final

from ..clients.errors import (
    ActionNeededError,
    ClientError,
    EndpointError,
    Problem,
    TemporaryError,
    UnreachableError,
)

# Seconds between two probes: doubled each time, up to a maximum.
_FIRST_DELAY: Final = 2.0
_MAX_DELAY: Final = 300.0
# Nothing reaches the service, so that trying often does not trouble it.
_MAX_DELAY_UNREACHABLE: Final = 30.0
# A person takes some time, and some services count each try.
_FIRST_DELAY_PERSON: Final = 30.0
_MAX_DELAY_PERSON: Final = 900.0
_MIN_DELAY_PERSON: Final = 300.0
# Probes after which no second message is tried beside the oldest one, and no hint counts.
_TRIES_PERSON: Final = 3
_JITTER: Final = 0.2
# A hint that the network works brings a probe no sooner than this after the last one.
_MIN_DELAY: Final = 5.0
# A message that is about to expire brings one no sooner than this.
_MIN_DELAY_WANTED: Final = 30.0
# A login page of a stranger that stays for so long, over so many tries, is to stay.
_LOGIN_LASTS: Final = 300.0
_LOGIN_TRIES: Final = 3

type OutageError = ActionNeededError | TemporaryError


class BreakerState(Enum):
    """Whether requests may be made."""

    CLOSED = auto()
    # Nothing but the probe.
    OPEN = auto()
    # The oldest message alone, as a trial.
    HALF_OPEN = auto()


class CircuitBreaker:
    """Keeps messages from a service that does not work, and finds out when it does.

    An outage is what concerns every message: the service cannot be reached or is silent,
    a person has to act, or two messages in a row fail alike without a success between.

    Args:
        random: for jitter, so that not all homes probe at once.

    """

    def __init__(self, random: random.Random) -> None:
        self.state = BreakerState.CLOSED
        self.error: OutageError | None = None
        # The service has a probe that shows whether it works.
        self.probe_works = True
        self._random = random
        self._opened_at = 0.0
        self._tried_at = 0.0
        self._retry_at = 0.0
        # Tries without a success between, over outages that a probe has ended.
        self._tries = 0
        # Those of them that a person has to make useful.
        self._tries_person = 0
        # The message that failed last, and how.
        self._suspect: tuple[int, str] | None = None
        # No message was taken since a probe succeeded, so that it proves little.
        self._probe_misleads = False
        # The first trial has failed, which may have been that message's own fault.
        self._is_second_trial = False

    @property
    def is_closed(self) -> bool:
        """Return if requests may be made."""
        return self.state is BreakerState.CLOSED

    @property
    def is_left_to_person(self) -> bool:
        """Return if a person has to end the outage, and has not for some tries."""
        is_for_person = isinstance(self.error, ActionNeededError)
        return is_for_person and self._tries_person > _TRIES_PERSON

    def duration(self, now: float) -> float:
        """Return the seconds since the outage began."""
        return 0.0 if self.is_closed else now - self._opened_at

    def delay(self, now: float) -> float:
        """Return the seconds until the next probe."""
        return max(self._retry_at - now, 0.0)

    def wants_login(self, now: float) -> bool:
        """Return if a proxy has asked for a login for so long that it is to stay."""
        return (
            self.error is not None
            and self.error.problem == Problem.PROXY_LOGIN
            and self._tries >= _LOGIN_TRIES
            and self.duration(now) >= _LOGIN_LASTS
        )

    def suspect(self, seq: int, err: OutageError, now: float) -> None:
        """Handle a failure that may be the message's or the service's own.

        Args:
            seq: of the message.
            err: the failure.
            now: the present moment.

        """
        before, self._suspect = self._suspect, (seq, err.problem)
        alike = before is not None and before[0] != seq and before[1] == err.problem
        if alike or not self.is_closed:
            # A probe does not meet what messages meet.
            self._probe_misleads = True
            self.open(err, now)

    def open(self, err: OutageError, now: float) -> None:
        """Handle a failure that concerns every message.

        Args:
            err: the failure.
            now: the present moment.

        """
        # A probe may not meet what a person has to do.
        self._probe_misleads |= isinstance(err, ActionNeededError)
        self.error = err
        if not isinstance(err, ActionNeededError):
            self._tries_person = 0
        is_trial = self.state is BreakerState.HALF_OPEN
        may_be_the_message = not (
            isinstance(err, UnreachableError) or self.is_left_to_person
        )
        if is_trial and self.probe_works and may_be_the_message:
            self._is_second_trial = not self._is_second_trial
            if self._is_second_trial:
                # The next message has a try at once.
                return
        if self.state is not BreakerState.OPEN:
            if self.is_closed:
                self._opened_at = now
            self.state = BreakerState.OPEN
            self._wait(err, now)

    def probed(self, err: ClientError | None, now: float, *, is_idle: bool) -> None:
        """Handle the result of a probe.

        A good probe closes the breaker, unless messages fail in spite of one; then, and
        where the probe itself is refused, the oldest message is tried.

        Args:
            err: the failure of the probe, if it failed.
            now: the present moment.
            is_idle: no message waits that could be tried.

        """
        match err:
            case EndpointError():
                self.probe_works = False
                self._half_open(is_idle=is_idle)
            case ActionNeededError() | TemporaryError() if self.is_closed:
                self.open(err, now)
            case ActionNeededError() | TemporaryError():
                self._wait(err, now)
            case _ if self._probe_misleads:
                self._half_open(is_idle=is_idle)
            case _:
                self.probe_works = True
                # Should messages fail all the same, the next good probe proves little.
                self._probe_misleads = not self.is_closed
                self._close()

    def succeeded(self) -> None:
        """Handle a message that was taken."""
        self._suspect = None
        self._probe_misleads = False
        # A probe that was refused may have been part of the outage.
        self.probe_works = True
        self._tries = self._tries_person = 0
        self._close()

    def idle(self) -> None:
        """Handle that no message waits: without a trial, nothing is known."""
        if self.state is BreakerState.HALF_OPEN:
            self._close()

    def hurry(self, now: float) -> None:
        """Bring the next probe forward: it may work again."""
        self._retry_at = min(self._retry_at, max(now, self._tried_at + _MIN_DELAY))

    def is_wanted_by(self, moment: float) -> None:
        """Bring the next probe forward to a moment, after which it would be too late."""
        is_for_person = isinstance(self.error, ActionNeededError)
        least = _MIN_DELAY_PERSON if is_for_person else _MIN_DELAY_WANTED
        self._retry_at = min(self._retry_at, max(moment, self._tried_at + least))

    def _half_open(self, *, is_idle: bool) -> None:
        if is_idle:
            self._close()
        elif not self.is_closed:
            self.state = BreakerState.HALF_OPEN
            self._is_second_trial = False

    def _close(self) -> None:
        self.state = BreakerState.CLOSED
        self.error = None

    def _wait(self, err: OutageError, now: float) -> None:
        """Wait for the next probe, longer each time."""
        self._tries += 1
        tries, first, most = self._tries, _FIRST_DELAY, _MAX_DELAY
        if isinstance(err, ActionNeededError):
            self._tries_person += 1
            tries = self._tries_person
            first, most = _FIRST_DELAY_PERSON, _MAX_DELAY_PERSON
        elif isinstance(err, UnreachableError):
            most = _MAX_DELAY_UNREACHABLE
        delay = min(first * 2 ** min(tries - 1, 20), most)
        self.error = err
        self._tried_at = now
        self._retry_at = now + delay * self._random.uniform(1 - _JITTER, 1 + _JITTER)
