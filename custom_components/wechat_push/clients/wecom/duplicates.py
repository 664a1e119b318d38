"""Have WeCom drop a request that it already took, but not another with the same words."""

from collections import OrderedDict
import hashlib
import time
from typing import ClassVar, Final
from zlib import crc32

from ..transport import Json, dump

# Seconds for which WeCom remembers a request. The number is part of the request, so one
# that depends on the key makes requests with the same words differ.
_INTERVAL: Final = 300
_INTERVALS: Final = 600
_REMEMBERED: Final = _INTERVAL + _INTERVALS
_MAX_REMEMBERED: Final = 1000


class DuplicateCheck:
    """Decides which requests WeCom is asked to drop if it has taken them before.

    WeCom says that it compares whole requests. Should it compare their words alone, it
    would drop the second of two messages that say the same, and answer that all is well:
    "the door is open" twice in ten minutes is meant to arrive twice. So what was said a
    short while ago under another key goes without the check.
    """

    # For so long any request is dropped that is sent again.
    least_seconds: ClassVar[float] = _INTERVAL

    def __init__(self) -> None:
        """Start without any request."""
        # The key under which words went out first, and when they are forgotten; the ones
        # to be forgotten first stand first.
        self._said: OrderedDict[bytes, tuple[str, float]] = OrderedDict()

    def fields(self, body: Json, key: str) -> Json:
        """Return what to add to a request, which is the same when it is repeated.

        Args:
            body: all that the request says, with its targets.
            key: the same for each repetition of a request, and for nothing else.

        """
        if not key or "enable_duplicate_check" in body:
            # A check that the person wants, or not, is left as it is.
            return {}
        now = time.monotonic()
        while self._said and next(iter(self._said.values()))[1] <= now:
            self._said.popitem(last=False)
        words = hashlib.sha256(dump(body)).digest()
        first, _ = self._said.pop(words, (key, now))
        if len(self._said) >= _MAX_REMEMBERED:
            # Whether these words will be said again can no longer be known.
            return {}
        self._said[words] = (first, now + _REMEMBERED)
        if first != key:
            return {}
        return {
            "enable_duplicate_check": 1,
            "duplicate_check_interval": _INTERVAL + crc32(key.encode()) % _INTERVALS,
        }
