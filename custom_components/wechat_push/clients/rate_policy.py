"""Published limits of a service, and what requests count for."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .message import Part


class Scope(StrEnum):
    """What a rate is counted for."""

    ACCOUNT = "account"
    TARGET = "target"
    CONTENT = "content"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """A number of requests per time.

    Args:
        calls: maximum number of requests.
        seconds: length of the sliding window.
        scope: whether requests are counted per account, target or content.

    """

    calls: int
    seconds: float
    scope: Scope = Scope.ACCOUNT


# Among the targets of a request: it reaches targets unknown to us.
EVERYBODY: Final = "*"


class RatePolicy:
    """The limits of a service. The defaults are those of a service without any.

    Every method takes a filled part unless it says otherwise, and is pure.
    """

    # Published rates.
    rates: tuple[Rate, ...] = ()
    # Whether requests must not overlap, also those to different recipients.
    one_at_a_time: bool = False
    # Seconds for which the service drops a repetition of the very same stamped request;
    # 0 if it never does.
    dedup_window: float = 0
    # Requests per day, by the names of `quota_use`.
    quotas: Mapping[str, int] = {}

    def targets(self, part: Part) -> frozenset[str]:
        """Return the targets that a request counts for."""
        return frozenset()

    def content(self, part: Part) -> str | None:
        """Return what the service compares messages by, or None if it never does."""
        return None

    def quota_use(self, part: Part) -> Mapping[str, int]:
        """Return how often a request counts for each of the quotas."""
        return {"messages": 1}

    def vary(self, part: Part, note: str) -> Part | None:
        """Return a request that the service does not take for a repetition.

        Args:
            part: a filled request.
            note: text that no other request contains, like the time of day.

        Returns:
            the request with the note in it, or None where a note would spoil it.

        """
        return None

    def stamp(self, part: Part, key: str, *, said_before: bool) -> Part:
        """Return a request that the service recognises when it is repeated.

        Args:
            part: a request, which may refer to attachments that are not uploaded yet.
            key: idempotency key, unique to this request and the same when it is repeated.
            said_before: another request with the same `content` was sent lately, so that
                the service could take this one for its repetition.

        """
        return part

    def dedup_window_of(self, part: Part) -> float:
        """Return the seconds for which the service drops a repetition of a request.

        Unlike `dedup_window`, it depends on how this request was stamped, and on the
        options of the message.

        Args:
            part: a stamped request.

        """
        return self.dedup_window
