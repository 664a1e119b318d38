"""Cooldown: the time for which a service wants to be left alone."""

import copy
from typing import Any, Final

from ..clients.errors import LimitError
from .errors import dump_error, load_error

# Seconds where the service does not say for how long.
_DEFAULT: Final = 60.0
_MAX_GROWN: Final = 3600.0
# Bound against an absurd value, from the service or from disk.
_LONGEST: Final = 8 * 24 * 3600.0


class Cooldown:
    """Holds back the requests of an account after the service refused one.

    It lasts as long as the service says, and longer each time that this was not enough.
    """

    def __init__(self) -> None:
        self._error: LimitError | None = None
        self._until = 0.0
        self._starts = 0

    def start(self, err: LimitError, now: float) -> None:
        """Begin a cooldown, unless a longer one is under way."""
        least = min(err.retry_after or _DEFAULT, _LONGEST)
        if self.error(now) is None:
            # Of many requests that are refused together, the first one counts.
            self._starts += 1
        grown = least * 2 ** min(self._starts - 1, 10)
        until = now + max(least, min(grown, _MAX_GROWN))
        if until > self._until:
            self._error, self._until = err, until

    def error(self, now: float) -> LimitError | None:
        """Return why the service wants to be left alone, with the seconds left."""
        if self._error is None or now >= self._until:
            return None
        error = copy.copy(self._error)
        error.retry_after = self._until - now
        return error

    def until(self, now: float) -> float | None:
        """Return the moment of its end, while it lasts."""
        return None if self.error(now) is None else self._until

    def succeeded(self, now: float) -> None:
        """Handle a request that was taken: the next cooldown is a first one."""
        if self.error(now) is None:
            self._starts = 0

    def lift(self) -> None:
        """End the cooldown early."""
        self._until = 0.0

    def dump(self, now: float) -> dict[str, Any] | None:
        """Return the cooldown as JSON, while it lasts."""
        error = self.error(now)
        if error is None:
            return None
        return {"error": dump_error(error), "left": error.retry_after}

    def load(self, stored: object, at: float) -> None:
        """Restore a cooldown that was stored at a moment."""
        match stored:
            case {"error": error, "left": int() | float() as left} if isinstance(
                loaded := load_error(error), LimitError
            ):
                # Another one may have begun before the disk could be read.
                if (until := at + min(left, _LONGEST)) > self._until:
                    self._error, self._until, self._starts = loaded, until, 1
