"""The day of the services: it begins at midnight in China.

Here it begins a minute later, as clocks differ: a request that the service still counts
for the day before may get the account restricted.
"""

import time
from typing import Final

_DAY: Final = 24 * 3600
# China has no daylight saving time.
_OFFSET: Final = 8 * 3600 - 60


def day_of(wall: float) -> int:
    """Return the number of the day.

    Args:
        wall: seconds since 1970.

    """
    return int((wall + _OFFSET) // _DAY)


def seconds_left(wall: float | None = None) -> float:
    """Return the seconds until the next day.

    Args:
        wall: seconds since 1970; by default the present.

    """
    return _DAY - ((time.time() if wall is None else wall) + _OFFSET) % _DAY
