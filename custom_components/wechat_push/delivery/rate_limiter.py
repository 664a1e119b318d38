"""Rate limiter: sliding windows of the rates that a service has published."""

from collections import Counter
from collections.abc import Iterable, Set as AbstractSet
import hashlib
from typing import Any, Final

from ..clients.rate_policy import EVERYBODY, Rate, RatePolicy, Scope

# Seconds by which a window is longer here than there: the service's clock and the way to
# it make it look shorter.
_MARGIN: Final = 1.0
# Shorter windows are over before Home Assistant has started again.
_LASTING: Final = 60.0
# Requests that a record counts in advance, as if they were made so many seconds later. It
# is replaced by an exact one by then.
_AHEAD: Final = 10
_AHEAD_SECONDS: Final = 2.0
# A service drops a repetition for some time beyond what it promises at least.
_DEDUP_FACTOR: Final = 1.5
_ACCOUNT: Final = ""


class RateLimiter:
    """Counts the requests of an account in the windows of its rates.

    Moments are seconds of the engine's clock.

    Args:
        policy: of the client.

    """

    def __init__(self, policy: RatePolicy) -> None:
        self._windows: dict[tuple[int, str], list[float]] = {}
        # By target, requests that are not on disk yet, and that are being written; less
        # than none if some to come are on disk already.
        self._unrecorded: Counter[str] = Counter()
        self._recording: Counter[str] = Counter()
        self.has_unrecorded = False
        self.use(policy)

    def use(self, policy: RatePolicy) -> None:
        """Apply the rates of another policy to the same requests."""
        rates = policy.rates
        if policy.dedup_window:
            seconds = policy.dedup_window * _DEDUP_FACTOR
            rates += (Rate(calls=1, seconds=seconds, scope=Scope.CONTENT),)
        self._rates = tuple(
            (number, rate, rate.seconds + _MARGIN) for number, rate in enumerate(rates)
        )

    @property
    def is_lasting(self) -> bool:
        """Return if there are windows that a restart must not forget."""
        return any(rate.seconds >= _LASTING for _, rate, _ in self._rates)

    def unrecorded(self, targets: frozenset[str]) -> int:
        """Return how many requests that count for the same are not on disk yet.

        It is less than none if some to come are on disk already.
        """
        if any(
            rate.scope is Scope.ACCOUNT and rate.seconds >= _LASTING
            for _, rate, _ in self._rates
        ):
            return self._unrecorded_of(_ACCOUNT)
        known: AbstractSet[str] = targets
        if EVERYBODY in targets:
            known = self._unrecorded.keys() | self._recording.keys()
        own = max(map(self._unrecorded_of, known - {_ACCOUNT, EVERYBODY}), default=0)
        return own + self._unrecorded_of(EVERYBODY)

    def _unrecorded_of(self, target: str) -> int:
        return self._unrecorded[target] + self._recording[target]

    def account_delay(self, now: float) -> float:
        """Return the seconds until a request to whomever has room."""
        return max(
            (
                self._delay(number, _ACCOUNT, rate, window, now)
                for number, rate, window in self._rates
            ),
            default=0.0,
        )

    def target_delay(self, targets: frozenset[str], now: float) -> float:
        """Return the seconds until a request has room at each of its targets."""
        delay = 0.0
        for number, rate, window in self._rates:
            if rate.scope is not Scope.TARGET:
                continue
            everybody = self._windows.get((number, EVERYBODY), ())
            # A request to everybody counts for each of them, whoever that is.
            reached: AbstractSet[str] = targets
            if EVERYBODY in targets:
                reached = {key for which, key in self._windows if which == number}
            for target in {*reached, EVERYBODY}:
                own = self._windows.get((number, target), ())
                both = own if target == EVERYBODY else sorted((*own, *everybody))
                delay = max(delay, _until_free(both, rate, window, now))
        return delay

    def is_repeated(self, content: str | None, now: float) -> bool:
        """Return if a content was sent as often as the service takes it, or lately."""
        return content is not None and any(
            self._delay(number, _digest(content), rate, window, now) > 0
            for number, rate, window in self._rates
            if rate.scope is Scope.CONTENT
        )

    def charge(self, targets: frozenset[str], content: str | None, now: float) -> None:
        """Count a request that is being made."""
        for number, rate, window in self._rates:
            keys: Iterable[str]
            match rate.scope:
                case Scope.ACCOUNT:
                    keys = (_ACCOUNT,)
                case Scope.TARGET:
                    keys = targets
                case Scope.CONTENT:
                    keys = () if content is None else (_digest(content),)
            for key in keys:
                held = self._windows.setdefault((number, key), [])
                held[:] = [*(each for each in held if each > now - window), now]
        if self.is_lasting:
            self.has_unrecorded = True
            for key in (*targets, _ACCOUNT):
                self._unrecorded[key] += 1

    def uncharge(
        self, targets: frozenset[str], content: str | None, moment: float
    ) -> None:
        """Take back a charge: of what did not happen, or of a content not taken.

        Args:
            targets: of a request that did not reach the service; none if it did.
            content: of the request.
            moment: of the charge.

        """
        keys = {*targets, *((_ACCOUNT,) if targets else ())}
        keys |= set() if content is None else {_digest(content)}
        for (_, key), moments in self._windows.items():
            if key in keys and moment in moments:
                moments.remove(moment)

    def dump(self, now: float, *, ahead: bool = False) -> list[Any]:
        """Return the windows as JSON.

        Args:
            now: the present moment.
            ahead: count some more requests to each target that has had some lately, so
                that those need not be written before the next ones are made.

        """
        self._forget(now)
        lasting = {n for n, rate, _ in self._rates if rate.seconds >= _LASTING}
        more = [-_AHEAD_SECONDS] * _AHEAD
        return [
            [
                number,
                key,
                [
                    *(now - moment for moment in moments),
                    *(more if ahead and key in self._unrecorded else ()),
                ],
            ]
            for (number, key), moments in self._windows.items()
            if number in lasting
        ]

    def take_unrecorded(self) -> Counter[str]:
        """Return the requests of which a record begins; see `recorded`."""
        taken = Counter({key: max(n, 0) for key, n in self._unrecorded.items()})
        self._recording += taken
        self._unrecorded.clear()
        self.has_unrecorded = False
        return taken

    def recorded(
        self, taken: Counter[str], *, is_written: bool, ahead: bool = False
    ) -> None:
        """Handle the end of a record."""
        self._recording -= taken
        if not is_written:
            self._unrecorded.update(taken)
            self.has_unrecorded = True
        elif ahead:
            self._unrecorded.subtract(dict.fromkeys(taken, _AHEAD))

    def load(self, stored: object, at: float) -> None:
        """Restore windows that were stored; what is damaged is left out.

        Args:
            stored: what `dump` returned.
            at: the moment of that.

        """
        for each in stored if isinstance(stored, list) else ():
            match each:
                case [int(number), str(key), list(ages)]:
                    past = [at - age for age in ages if isinstance(age, int | float)]
                    known = self._windows.setdefault((number, key), [])
                    known[:] = sorted((*past, *known))

    def _delay(
        self, number: int, key: str, rate: Rate, window: float, now: float
    ) -> float:
        return _until_free(self._windows.get((number, key), ()), rate, window, now)

    def _forget(self, now: float) -> None:
        """Drop the windows that are over."""
        lengths = {number: window for number, _, window in self._rates}
        for (number, key), moments in tuple(self._windows.items()):
            since = now - lengths.get(number, 0)
            moments[:] = [each for each in moments if each > since]
            if not moments:
                del self._windows[number, key]


def _until_free(
    moments: Iterable[float], rate: Rate, window: float, now: float
) -> float:
    """Return the seconds until a window has room for one more request."""
    held = [moment for moment in moments if moment > now - window]
    return 0 if len(held) < rate.calls else held[-rate.calls] + window - now


def _digest(content: str) -> str:
    """Return what stands for a content without showing it."""
    return hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:24]
