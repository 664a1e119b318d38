"""Daily quota: requests per day, which begins at midnight in China."""

from collections.abc import Mapping
from typing import Any, Final

from ..clients.china_time import day_of

_DAY: Final = 24 * 3600.0


class DailyQuota:
    """Counts the requests of a day by the names that the service counts them by."""

    def __init__(self) -> None:
        self._day = 0
        self._since = 0.0
        self._counts: dict[str, int] = {}
        self.has_unrecorded = False

    def counts(self, now: float, wall: float) -> Mapping[str, int]:
        """Return the requests of today."""
        day = day_of(wall)
        # An earlier day is a clock that was set back: the count stays, for a day at most.
        if day > self._day or now - self._since >= _DAY:
            self._day, self._since, self._counts = day, now, {}
        return self._counts

    def charge(self, use: Mapping[str, int], now: float, wall: float) -> None:
        """Count a request that is being made."""
        self.counts(now, wall)
        for name, number in use.items():
            self._counts[name] = self._counts.get(name, 0) + number
        self.has_unrecorded = True

    def correct(self, counts: Mapping[str, int], now: float, wall: float) -> None:
        """Take over larger counts of the service: other programs send as well."""
        known = self.counts(now, wall)
        for name, number in counts.items():
            if number > known.get(name, 0):
                self._counts[name] = number
                self.has_unrecorded = True

    def uncharge(self, use: Mapping[str, int]) -> None:
        """Take back the charge of a request that did not reach the service."""
        for name, number in use.items():
            self._counts[name] = max(self._counts.get(name, 0) - number, 0)

    def exceeded(
        self, use: Mapping[str, int], quotas: Mapping[str, int], now: float, wall: float
    ) -> str | None:
        """Return the name of a quota that a request would exceed, if any."""
        counts = self.counts(now, wall)
        for name, number in use.items():
            if name in quotas and counts.get(name, 0) + number > quotas[name]:
                return name
        return None

    def dump(self, now: float) -> dict[str, Any]:
        """Return the counts as JSON; their requests count as recorded."""
        self.has_unrecorded = False
        return {"day": self._day, "age": now - self._since, "counts": self._counts}

    def load(self, stored: object, at: float) -> None:
        """Restore counts that were stored at a moment; damaged ones are left out."""
        match stored:
            case {
                "day": int(day),
                "age": int() | float() as age,
                "counts": dict(counts),
            }:
                self._day, self._since = day, at - age
                self._counts = {
                    str(name): number
                    for name, number in counts.items()
                    if type(number) is int
                }
