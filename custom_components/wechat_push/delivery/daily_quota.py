"""Daily quota: requests per day, which begins at midnight in China."""

from collections.abc import Mapping
from typing import Any

from ..clients.china_time import day_of


class DailyQuota:
    """Counts the requests of a day by the names that the service counts them by.

    The day is that of the wall clock as it is set now: when the count began is a moment,
    so that a clock that is set takes the count with it.
    """

    def __init__(self) -> None:
        self._since = 0.0
        self._counts: dict[str, int] = {}
        self.has_unrecorded = False

    def counts(self, now: float, wall: float) -> Mapping[str, int]:
        """Return the requests of today."""
        if day_of(wall) != day_of(wall - (now - self._since)):
            self._since, self._counts = now, {}
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
        return {"age": now - self._since, "counts": self._counts}

    def load(self, stored: object, at: float) -> None:
        """Restore counts that were stored at a moment; damaged ones are left out."""
        match stored:
            case {"age": int() | float() as age, "counts": dict(counts)}:
                self._since = at - age
                self._counts = {
                    str(name): number
                    for name, number in counts.items()
                    if type(number) is int
                }
