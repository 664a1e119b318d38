"""Daily quota: requests per day, which begins at midnight in China."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..clients.china_time import day_of

_HOUR: Final = 3600.0
_DAY: Final = 24 * _HOUR


@dataclass(kw_only=True, slots=True)
class _Hour:
    """Requests of an hour at most.

    Args:
        last: moment of the last of them.
        counts: how many there were, by the names that the service counts them by.

    """

    last: float
    counts: Counter[str]


class DailyQuota:
    """Counts the requests of a day by the names that the service counts them by.

    Which of them are of today is asked of the wall clock as it is set now, so that a
    clock that is set, or was wrong for a while, makes nothing forgotten.
    """

    def __init__(self) -> None:
        # In their order; those of the last day at least.
        self._hours: list[_Hour] = []
        self.has_unrecorded = False

    def counts(self, now: float, wall: float) -> Mapping[str, int]:
        """Return the requests of today."""
        total: Counter[str] = Counter()
        for hour in self._hours:
            if _is_today(hour, now, wall):
                total.update(hour.counts)
        return total

    def charge(self, use: Mapping[str, int], now: float, wall: float) -> None:
        """Count a request that is being made."""
        last = self._hours[-1] if self._hours else None
        if (
            last is None
            or last.last // _HOUR != now // _HOUR
            or not _is_today(last, now, wall)
        ):
            self._hours = [each for each in self._hours if now - each.last < _DAY]
            last = _Hour(last=now, counts=Counter())
            self._hours.append(last)
        last.last = now
        last.counts.update(use)
        self.has_unrecorded = True

    def correct(self, counts: Mapping[str, int], now: float, wall: float) -> None:
        """Take over larger counts of the service: other programs send as well."""
        if missing := Counter(counts) - Counter(self.counts(now, wall)):
            self.charge(missing, now, wall)

    def uncharge(self, use: Mapping[str, int]) -> None:
        """Take back the charge of a request that did not reach the service."""
        left = Counter(use)
        for hour in reversed(self._hours):
            taken = left & hour.counts
            hour.counts -= taken
            left -= taken

    def exceeded(
        self, use: Mapping[str, int], quotas: Mapping[str, int], now: float, wall: float
    ) -> str | None:
        """Return the name of a quota that a request would exceed, if any."""
        if use.keys().isdisjoint(quotas):
            return None
        counts = self.counts(now, wall)
        for name, number in use.items():
            if name in quotas and counts.get(name, 0) + number > quotas[name]:
                return name
        return None

    def dump(self, now: float) -> list[Any]:
        """Return the counts as JSON; their requests count as recorded."""
        self.has_unrecorded = False
        return [[now - hour.last, hour.counts] for hour in self._hours]

    def load(self, stored: object, at: float) -> None:
        """Restore counts that were stored at a moment; damaged ones are left out."""
        hours = []
        for each in stored if isinstance(stored, list) else ():
            match each:
                case [int() | float() as age, dict(counts)] if all(
                    type(number) is int for number in counts.values()
                ):
                    hours.append(_Hour(last=at - age, counts=Counter(counts)))
        # Some may have been made before the disk could be read.
        self._hours = [*hours, *self._hours]


def _is_today(hour: _Hour, now: float, wall: float) -> bool:
    """Return if requests are of the same day as the present."""
    return day_of(wall - (now - hour.last)) == day_of(wall)
