"""Uptime: a clock that is never set, and that goes on while the system sleeps."""

import time

# Linux alone has it; the monotonic clock stands still in sleep there.
_CLOCK: int | None = getattr(time, "CLOCK_BOOTTIME", None)


def uptime() -> float:
    """Return the seconds since the system started, or since some other moment."""
    return time.monotonic() if _CLOCK is None else time.clock_gettime(_CLOCK)
