"""Limits of PushPlus, for ordinary accounts and for paying members."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, override

from ..fitting import Limit, truncate
from ..message import Format, Part
from ..rate_policy import Rate, RatePolicy, Scope
from ..text import LINE_BREAKS

# Counts requests that leave the channel to the settings of the account.
ACCOUNT_DEFAULT: Final = "account_default"

# Templates that show the text as it is.
PLAIN_TEMPLATES: Final = {
    "txt": Format.TEXT,
    "markdown": Format.MARKDOWN,
    "html": Format.HTML,
}

_SAME_CONTENT: Final = Rate(calls=3, seconds=3600, scope=Scope.CONTENT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Limits of one kind of account.

    Args:
        title: characters of a title.
        content: characters of a text, tags included.
        friends: friends per request; PushPlus drops more of them without notice.
        seconds: time in which five requests are accepted.
        quotas: requests per day by channel, refused ones included. Above them the
            account is restricted for the day, and far above them for good.

    """

    title: int
    content: int
    friends: int
    seconds: float
    quotas: Mapping[str, int] = field(default_factory=dict)

    @property
    def rates(self) -> tuple[Rate, ...]:
        """Return the rates."""
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
    quotas={
        "wechat": 200,
        "cp": 1000,
        "webhook": 1000,
        "mail": 200,
        "extension": 1000,
        "app": 200,
        "clawbot": 1000,
        "qq": 200,
    },
)
MEMBER: Final = Limits(
    title=200,
    content=100_000,
    friends=100,
    seconds=10,
    quotas={
        "wechat": 2000,
        "cp": 10_000,
        "webhook": 10_000,
        "mail": 1000,
        "extension": 10_000,
        "app": 2000,
        "clawbot": 10_000,
        "qq": 1000,
    },
)


class PushPlusRatePolicy(RatePolicy):
    """The limits of PushPlus, for one account and all of its recipients together.

    Args:
        limits: limits of the kind of account.

    """

    one_at_a_time = True

    def __init__(self, limits: Limits) -> None:
        self.rates = limits.rates
        self.quotas = limits.quotas
        self._limits = limits

    @override
    def content(self, part: Part) -> str | None:
        """Return the text, whatever its title and recipients."""
        return str(part["content"])

    @override
    def quota_use(self, part: Part) -> Mapping[str, int]:
        """Return how often a request counts for each channel."""
        return Counter(part.get("channel", ACCOUNT_DEFAULT).split(","))

    @override
    def vary(self, part: Part, note: str) -> Part | None:
        """Return a request with a note below its text, which is truncated if necessary.

        Args:
            part: a filled request.
            note: text that no other request contains.

        Returns:
            the request, or None if a template reads the text as data.

        """
        if (shown := PLAIN_TEMPLATES.get(part["template"])) is None:
            return None
        end = LINE_BREAKS[shown] + note
        limit = Limit(maximum=self._limits.content - len(end))
        return {**part, "content": truncate(part["content"], (limit,), shown) + end}
