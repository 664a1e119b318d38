"""Services that take as much as they are sent, as if all days were over in no time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest.mock import patch

from custom_components.wechat_push import limiter, pace
from custom_components.wechat_push.clients.rate_policy import Rate
from custom_components.wechat_push.limiter import DayCount, Limiter, Requests


@contextmanager
def unlimited() -> Iterator[None]:
    """Count every request against the limits of its service, and never wait for them."""
    used_up = DayCount.used_up

    def passing(rates: tuple[Rate, ...]) -> Limiter:
        """Return a limiter whose requests are forgotten in the next moment."""
        return Limiter(tuple(replace(rate, seconds=0) for rate in rates))

    def never_used_up(
        today: DayCount, requests: Requests, quota_of: Callable[[str], int | None]
    ) -> str | None:
        """Look as always, but at services that have no quotas."""
        return used_up(today, requests, lambda name: None)

    with (
        patch.object(limiter, "_MARGIN", 0),
        patch.object(pace, "Limiter", passing),
        patch.object(DayCount, "used_up", never_used_up),
    ):
        yield
