"""How much PushPlus takes, from ordinary people and from its paying members."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ..fitting import Limit
from ..message import Rate, Scope

# The same content comes through three times within the hour.
_SAME_CONTENT: Final = Rate(calls=3, seconds=3600, scope=Scope.CONTENT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one kind of account may do.

    Args:
        title: the most characters of a title.
        content: the most characters of a text, tags included.
        friends: more of them in one request are dropped in silence.
        seconds: in which five requests are taken.
        quotas: requests of a day by channel; refused ones count, too. Beyond them the
            account is blocked for the day, and far beyond them for good.

    """

    title: int
    content: int
    friends: int
    seconds: float
    quotas: Mapping[str, int] = field(default_factory=dict)

    @property
    def rates(self) -> tuple[Rate, ...]:
        """Return how many requests are taken in a while."""
        return Rate(calls=5, seconds=self.seconds), _SAME_CONTENT

    @property
    def title_limits(self) -> tuple[Limit, ...]:
        """Return the limit of a title."""
        return (Limit(maximum=self.title),)

    @property
    def content_limits(self) -> tuple[Limit, ...]:
        """Return the limit of a text."""
        return (Limit(maximum=self.content),)


ORDINARY: Final = Limits(
    title=100,
    content=20_000,
    friends=10,
    seconds=60,
    quotas={"wechat": 200, "cp": 1000, "webhook": 1000, "mail": 200, "qq": 200},
)
MEMBER: Final = Limits(
    title=200,
    content=100_000,
    friends=100,
    seconds=10,
    quotas={"wechat": 2000, "cp": 10_000, "webhook": 10_000, "mail": 1000, "qq": 1000},
)
