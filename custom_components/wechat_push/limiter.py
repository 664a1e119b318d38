"""How fast an account may send: the rates and the quotas that its service has published."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
import hashlib
import time
from typing import Any, Final

from .clients.china_time import today
from .clients.rate_policy import EVERYBODY, Rate, Scope

# The service's clock and the way to it make a window look shorter there than it is here.
_MARGIN: Final = 1.0
# Windows of targets and contents that were not used for long are forgotten beyond this.
_MAX_WINDOWS: Final = 4000
_ACCOUNT: Final = ""

type Requests = Mapping[str, int]


class Limiter:
    """Counts the requests of an account against the rates of its service.

    Args:
        rates: how many requests the service takes in a while.

    """

    def __init__(self, rates: tuple[Rate, ...]) -> None:
        """Start without any request."""
        self._rates = tuple(
            (rate, rate.seconds + _MARGIN, number) for number, rate in enumerate(rates)
        )
        self._windows: dict[tuple[int, str], deque[float]] = {}

    def account_delay(self) -> float:
        """Return for how many seconds a request to whomever has to wait."""
        now = time.monotonic()
        delay = 0.0
        for rate, window, number in self._rates:
            if rate.scope is Scope.ACCOUNT:
                moments = self._windows.get((number, _ACCOUNT), ())
                delay = max(delay, _until_free(moments, rate, window, now))
        return delay

    def target_delay(self, targets: frozenset[str]) -> float:
        """Return for how many seconds a request has to wait because of its targets.

        Args:
            targets: whom it is counted for, as the client says.

        """
        now = time.monotonic()
        delay = 0.0
        for rate, window, number in self._rates:
            if rate.scope is Scope.TARGET:
                own = self._delay_of(rate, window, number, targets, now)
                delay = max(delay, own)
        return delay

    def repeated(self, content: str | None) -> float:
        """Return for how many seconds the same content is not taken again."""
        delay = 0.0
        if content is None:
            return delay
        now = time.monotonic()
        for rate, window, number in self._rates:
            if rate.scope is Scope.CONTENT:
                moments = self._windows.get((number, _digest(content)), ())
                delay = max(delay, _until_free(moments, rate, window, now))
        return delay

    def take(self, targets: frozenset[str], content: str | None) -> None:
        """Count a request that is being made."""
        if not self._rates:
            return
        now = time.monotonic()
        for rate, _, number in self._rates:
            keys: Iterable[str]
            match rate.scope:
                case Scope.ACCOUNT:
                    keys = (_ACCOUNT,)
                case Scope.TARGET:
                    keys = targets
                case Scope.CONTENT:
                    keys = () if content is None else (_digest(content),)
            for key in keys:
                window = self._windows.get((number, key))
                if window is None:
                    window = self._windows[number, key] = deque(maxlen=rate.calls)
                window.append(now)
        if len(self._windows) > _MAX_WINDOWS:
            self._forget(now)

    def stored(self) -> list[Any]:
        """Return what is to be known of the last requests after a restart."""
        shift = time.time() - time.monotonic()
        now = time.monotonic()
        self._forget(now)
        return [
            [number, key, [round(moment + shift, 3) for moment in window]]
            for (number, key), window in self._windows.items()
        ]

    def restore(self, stored: object) -> None:
        """Take up what was known of the last requests; what is damaged is left out."""
        shift = time.monotonic() - time.time()
        now = time.monotonic()
        for each in stored if isinstance(stored, list) else ():
            match each:
                case [int(number), str(key), list(moments)] if (
                    0 <= number < len(self._rates)
                ):
                    # A moment in the future comes from a clock that was put back.
                    past = [
                        min(moment + shift, now)
                        for moment in moments
                        if isinstance(moment, int | float)
                    ]
                    self._windows[number, key] = deque(
                        sorted(past), maxlen=self._rates[number][0].calls
                    )
        self._forget(now)

    def _delay_of(
        self,
        rate: Rate,
        window: float,
        number: int,
        targets: frozenset[str],
        now: float,
    ) -> float:
        """Return for how long a rate per target lets a request wait."""
        everybody = self._windows.get((number, EVERYBODY), ())
        # What reaches everybody counts for each of them, whoever that is.
        reached: Iterable[str] = targets
        if EVERYBODY in targets:
            reached = [key for which, key in self._windows if which == number]
        delay = _until_free(everybody, rate, window, now)
        for target in reached:
            own = self._windows.get((number, target), ())
            if target != EVERYBODY and own:
                both = sorted((*own, *everybody)) if everybody else own
                delay = max(delay, _until_free(both, rate, window, now))
        return delay

    def _forget(self, now: float) -> None:
        """Drop the windows that hold nothing any more."""
        for (number, key), window in tuple(self._windows.items()):
            if not window or window[-1] + self._rates[number][1] <= now:
                del self._windows[number, key]


class DayCount:
    """Counts the requests of a day, which begins at midnight in China."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._day = today()
        self._counts: dict[str, int] = {}

    @property
    def counts(self) -> Requests:
        """Return how many requests of each kind were made today."""
        self._turn_over()
        return self._counts

    def add(self, requests: Requests) -> None:
        """Count requests."""
        self._turn_over()
        for name, number in requests.items():
            self._counts[name] = self._counts.get(name, 0) + number

    def used_up(
        self, requests: Requests, quota_of: Callable[[str], int | None]
    ) -> str | None:
        """Return the kind of which not enough is left for some requests, if any."""
        self._turn_over()
        for name, number in requests.items():
            quota = quota_of(name)
            if quota is not None and self._counts.get(name, 0) + number > quota:
                return name
        return None

    def stored(self) -> dict[str, Any]:
        """Return what is to be known after a restart."""
        return {"day": self._day, "counts": dict(self.counts)}

    def restore(self, stored: object) -> None:
        """Take up what was known; what is damaged or of another day is left out."""
        match stored:
            case {"day": int(day), "counts": dict(counts)} if day == today():
                self._counts = {
                    name: number
                    for name, number in counts.items()
                    if isinstance(name, str) and type(number) is int
                }

    def _turn_over(self) -> None:
        """Begin anew on a new day."""
        now = today()
        # A clock that is set right around midnight has not begun the day before anew.
        if now > self._day or now < self._day - 1:
            self._day, self._counts = now, {}


def _until_free(
    moments: Iterable[float], rate: Rate, window: float, now: float
) -> float:
    """Return the seconds until a window has room for one more."""
    held = _within(moments, now - window)
    if len(held) < rate.calls:
        return 0
    return held[-rate.calls] + window - now


def _within(moments: Iterable[float], since: float) -> list[float]:
    """Return the moments after another one."""
    return [moment for moment in moments if moment > since]


def _digest(content: str) -> str:
    """Return what stands for a content without showing it."""
    return hashlib.sha256(content.encode()).hexdigest()[:24]
