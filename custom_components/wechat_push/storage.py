"""Storage: the outbox file of each account, and the clocks that its moments are in."""

from pathlib import Path
import time
from typing import Final
import uuid

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util import dt as dt_util

from .const import DOMAIN

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


def outbox_path(hass: HomeAssistant, entry_id: str) -> Path:
    """Return the path of the outbox of an account."""
    return Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.outbox.{entry_id}.sqlite"))


class SystemClock:
    """The clocks of the system."""

    def __init__(self) -> None:
        # A system without an ID for its boot has no clock that outlives the process.
        self._clock_id: int | None = getattr(time, "CLOCK_BOOTTIME", None)
        try:
            self.boot_id = _BOOT_ID.read_text("ascii").strip()
        except OSError:
            self.boot_id = uuid.uuid4().hex
            self._clock_id = None

    def now(self) -> float:
        """Return the seconds since the system started."""
        if self._clock_id is None:
            return time.monotonic()
        return time.clock_gettime(self._clock_id)

    def wall(self) -> float:
        """Return the seconds since 1970."""
        return time.time()

    def time_of_day(self) -> str:
        """Return the time of day in the household's time zone."""
        return f"{dt_util.now():%H:%M:%S}"
