"""The day as the services count it: it begins at midnight in China.

Here it begins a minute later, as clocks differ: what the service still counts for the
day before may cost the account the whole day.
"""

import time
from typing import Final

_DAY: Final = 24 * 3600
# China has no summer time.
_AHEAD: Final = 8 * 3600 - 60


def today() -> int:
    """Return the number of the day."""
    return int((time.time() + _AHEAD) // _DAY)


def seconds_left() -> float:
    """Return the seconds until the next day."""
    return _DAY - (time.time() + _AHEAD) % _DAY
