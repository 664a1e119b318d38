"""Everything that can keep an account's next request from being made."""

import asyncio
from collections.abc import Mapping, Set as AbstractSet
import copy
from dataclasses import dataclass
from typing import Any, Final

from ..clients.china_time import seconds_left
from ..clients.errors import (
    ActionNeededError,
    ClientError,
    CredentialsError,
    LimitError,
    Problem,
    TemporaryError,
)
from ..clients.message import Part
from ..clients.rate_policy import RatePolicy
from .circuit_breaker import BreakerState, CircuitBreaker
from .cooldown import Cooldown
from .daily_quota import DailyQuota
from .errors import DeliveryProblem
from .outbox import Outbox
from .ports import Clock, Connection, Ports
from .rate_limiter import RateLimiter
from .refused_credentials import RefusedCredentials
from .retry_policy import Verdict

# Seconds until those who wait for others look again, if nothing wakes them.
_MOMENT: Final = 1.0
_FACT: Final = "obstacles"
REFUSED: Final = "refused"


@dataclass(frozen=True, kw_only=True, slots=True)
class Obstacle:
    """What keeps a request from being made.

    Args:
        error: the reason.
        delay: seconds until it is over; None until something happens.
        look: seconds until one looks again if nothing does.

    """

    error: ClientError
    delay: float | None = None
    look: float | None = None


class Obstacles:
    """The circuit breaker, the cooldown, the quota, the rates and refused credentials.

    Args:
        ports: clock and random numbers.

    """

    def __init__(self, ports: Ports) -> None:
        self.breaker = CircuitBreaker(ports.random)
        self.cooldown = Cooldown()
        self.limiter = RateLimiter(RatePolicy())
        self.quota = DailyQuota()
        self.refused = RefusedCredentials()
        # Requests of the account that were taken.
        self.successes = 0
        self.policy = RatePolicy()
        self._clock: Clock = ports.clock
        # The ranks of messages that wait for the account as a whole, by recipient.
        self._claims: dict[str, tuple[int, int]] = {}
        # What the requests under way say, by recipient.
        self._requests: dict[str, str | None] = {}

    def use(self, connection: Connection) -> None:
        """Apply the rates of a client."""
        self.policy = connection.client.rate_policy
        self.limiter.use(self.policy)

    def find(
        self, recipient_id: str, rank: tuple[int, int], part: Part, *, keeps: bool
    ) -> Obstacle | None:
        """Return what keeps a request from being made, if anything.

        Args:
            recipient_id: who gets it.
            rank: failures in a row, and the order of hand-over. Of the messages that wait
                for the account as a whole, the least goes first: the oldest, but for
                those that were tried in vain.
            part: the request.
            keeps: the message can wait; one that cannot tries its luck in an outage.

        """
        now, policy = self._clock.now(), self.policy
        self._claims.pop(recipient_id, None)
        if self.refused.error is not None:
            return Obstacle(error=copy.copy(self.refused.error))
        is_first = all(rank < other for other in self._claims.values())
        outage = self.breaker.error
        if keeps and outage is not None:
            is_trial = self.breaker.state is BreakerState.HALF_OPEN
            if not is_trial or not is_first or self._requests:
                self._claims[recipient_id] = rank
                # Who is first may change without anything that wakes the others.
                look = _MOMENT if is_trial else None
                return Obstacle(error=copy.copy(outage), look=look)
        if (cooldown := self.cooldown.error(now)) is not None:
            return Obstacle(error=cooldown, delay=cooldown.retry_after)
        use, wall = policy.quota_use(part), self._clock.wall()
        name = self.quota.exceeded(use, policy.quotas, now, wall)
        if name is not None:
            delay = seconds_left(wall)
            error = LimitError(
                DeliveryProblem.QUOTA_USED,
                retry_after=delay,
                limit=policy.quotas[name],
                name=name,
            )
            return Obstacle(error=error, delay=delay)
        if delay := self.limiter.target_delay(policy.targets(part), now):
            # It concerns no other recipient, so there is no claim.
            return Obstacle(error=_too_many(delay), delay=delay)
        if keeps and self._requests and policy.dedup_window:
            content = policy.content(part)
            if content is not None and content in self._requests.values():
                # Whichever came second would be taken for a repetition of the other.
                return Obstacle(error=_too_many(_MOMENT), delay=_MOMENT)
        delay = self.limiter.account_delay(now)
        # In an outage, those before it wait for its end.
        has_turn = is_first or outage is not None
        if delay or not has_turn or (policy.one_at_a_time and self._requests):
            self._claims[recipient_id] = rank
            return Obstacle(error=_too_many(delay), delay=delay or _MOMENT)
        return None

    def withdraw(self, recipient_id: str) -> None:
        """Forget the claim of a recipient whose message does not wait any more."""
        self._claims.pop(recipient_id, None)
        if not self._claims and not self._requests:
            self.breaker.idle()

    @property
    def outage(self) -> ClientError | None:
        """Return why nothing can be sent at the moment, but for a cooldown."""
        return self.refused.error or self.breaker.error

    def error(self, now: float) -> ClientError | None:
        """Return why nothing can be sent at the moment, if nothing can."""
        return self.outage or self.cooldown.error(now)

    @property
    def waiting(self) -> AbstractSet[str]:
        """Return the recipients whose messages wait for the account as a whole."""
        return self._claims.keys()

    @property
    def first(self) -> str | None:
        """Return the one of them whose turn is next."""
        return min(self._claims, key=self._claims.__getitem__, default=None)

    def unrecorded(self, part: Part) -> int:
        """Return how many requests that count for the same are not on disk yet."""
        return self.limiter.unrecorded(self.policy.targets(part))

    def begin(self, recipient_id: str, part: Part) -> float:
        """Charge a request that is made right now; return the moment of the charge."""
        now, policy = self._clock.now(), self.policy
        content = self._requests[recipient_id] = policy.content(part)
        self.limiter.charge(policy.targets(part), content, now)
        self.quota.charge(policy.quota_use(part), now, self._clock.wall())
        self.quota.has_unrecorded &= bool(policy.quotas)
        return now

    def uncharge(self, part: Part, moment: float, *, reached: bool) -> None:
        """Take back what a request was charged that was surely not taken.

        Args:
            part: the request.
            moment: of the charge.
            reached: it reached the service, which counts it all the same.

        """
        policy = self.policy
        targets = frozenset() if reached else policy.targets(part) | {""}
        self.limiter.uncharge(targets, policy.content(part), moment)
        if not reached:
            self.quota.uncharge(policy.quota_use(part))

    def end(self, recipient_id: str) -> None:
        """Handle the end of a request."""
        self._requests.pop(recipient_id, None)

    def failed(
        self, verdict: Verdict, seq: int, err: ClientError, credentials: str
    ) -> None:
        """Handle what a failure tells of the service.

        Args:
            verdict: what it tells.
            seq: of the message.
            err: the failure.
            credentials: digest of those that the request was made with.

        """
        now = self._clock.now()
        match verdict, err:
            case Verdict.CREDENTIALS_REFUSED, CredentialsError():
                self.refused.refuse(err, credentials)
            case Verdict.COOLDOWN, LimitError():
                self.cooldown.start(err, now)
            case Verdict.OUTAGE, ActionNeededError() | TemporaryError():
                self.breaker.open(err, now)
            case Verdict.SUSPECT, TemporaryError():
                self.breaker.suspect(seq, err, now)

    def probed(self, err: ClientError | None, credentials: str) -> None:
        """Handle the result of a probe; None is a good one."""
        match err:
            case CredentialsError():
                self.refused.refuse(err, credentials)
            case LimitError():
                self.cooldown.start(err, self._clock.now())
        self.breaker.probed(err, self._clock.now(), is_idle=not self._claims)

    def succeeded(self) -> None:
        """Handle a request that was taken."""
        self.successes += 1
        self.breaker.succeeded()
        self.cooldown.succeeded(self._clock.now())

    @property
    def has_unrecorded(self) -> bool:
        """Return if something changed that a restart must not forget."""
        return self.limiter.has_unrecorded or self.quota.has_unrecorded

    def record(
        self, outbox: Outbox, others: Mapping[str, Any], *, ahead: bool = False
    ) -> asyncio.Future[bool]:
        """Write what a restart must not forget.

        Args:
            outbox: that it is written to.
            others: facts that are written with it.
            ahead: count some requests in advance.

        """
        now = self._clock.now()
        fact = {
            "at": now,
            "windows": self.limiter.dump(now, ahead=ahead),
            "quota": self.quota.dump(now),
            "cooldown": self.cooldown.dump(now),
        }
        taken = self.limiter.take_unrecorded()

        def recorded(written: asyncio.Future[bool]) -> None:
            self.limiter.recorded(taken, is_written=written.result(), ahead=ahead)

        written = outbox.put({_FACT: fact, **others})
        written.add_done_callback(recorded)
        return written

    def load(self, facts: Mapping[str, Any]) -> None:
        """Restore what was stored; the rates of the client have to be known."""
        now, fact = self._clock.now(), facts.get(_FACT, {})
        at = min(fact.get("at", now), now)
        self.limiter.load(fact.get("windows"), at)
        self.quota.load(fact.get("quota"), at)
        self.cooldown.load(fact.get("cooldown"), at)
        self.refused.load(facts.get(REFUSED))


def _too_many(delay: float) -> LimitError:
    return LimitError(Problem.TOO_MANY_REQUESTS, retry_after=delay)
