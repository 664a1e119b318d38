"""Services that take as much as they are sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from custom_components.wechat_push.clients.rate_policy import RatePolicy, Scope
from custom_components.wechat_push.delivery.daily_quota import DailyQuota
from custom_components.wechat_push.delivery.rate_limiter import RateLimiter


@contextmanager
def unlimited() -> Iterator[None]:
    """Count and record every request as always, and never wait for a limit."""
    use, exceeded = RateLimiter.use, DailyQuota.exceeded

    def forgetful(limiter: RateLimiter, policy: RatePolicy) -> None:
        """Apply rates whose requests are forgotten in the next moment."""
        use(limiter, policy)
        rates = vars(limiter)["_rates"]
        vars(limiter)["_rates"] = tuple((n, rate, 0.0) for n, rate, _ in rates)

    def never(quota: DailyQuota, *args: Any) -> None:
        """Look as always, and find nothing exceeded."""
        exceeded(quota, *args)

    with (
        patch.object(RateLimiter, "use", forgetful),
        patch.object(DailyQuota, "exceeded", never),
    ):
        yield


@contextmanager
def known_words() -> Iterator[None]:
    """Let all words be those of messages before.

    A service that drops repetitions is told of new words how to drop their repetition,
    differently each time; so no two requests would be the same.
    """

    def said_before(limiter: RateLimiter, *args: Any) -> bool:
        """Return if the service drops repetitions."""
        rates = vars(limiter)["_rates"]
        return any(
            rate.scope is Scope.CONTENT and rate.calls == 1 for _, rate, _ in rates
        )

    with patch.object(RateLimiter, "is_repeated", said_before):
        yield
