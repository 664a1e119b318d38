"""Time zones: the names to choose from."""

from functools import cache
from zoneinfo import available_timezones


@cache
def time_zones() -> list[str]:
    """Return the names of all time zones, read from disk when they are first needed."""
    return sorted(available_timezones())
