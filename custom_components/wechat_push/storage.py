"""Storage: the outbox file of each account, and the clocks that its moments are in."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
import logging
import os
from pathlib import Path
import time
from typing import Final
import uuid

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util import dt as dt_util

from .clients.uptime import uptime
from .const import DOMAIN

_LOGGER = logging.getLogger(__name__)

# Seconds since 1970 that no clock shows.
_NEVER: Final = 2.0**33
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


def outbox_path(hass: HomeAssistant, entry_id: str) -> Path:
    """Return the path of the outbox of an account."""
    return Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.outbox.{entry_id}.sqlite"))


class SystemClock:
    """The clocks of the system."""

    def __init__(self) -> None:
        try:
            self.boot_id = _BOOT_ID.read_text("ascii").strip()
        except OSError:
            # Each run is a boot of its own.
            self.boot_id = uuid.uuid4().hex

    def now(self) -> float:
        """Return the seconds since the system started."""
        return uptime()

    def wall(self) -> float:
        """Return the seconds since 1970."""
        return time.time()

    def time_of_day(self) -> str:
        """Return the time of day in the household's time zone."""
        return f"{dt_util.now():%H:%M:%S}"

    def watch(self, stepped: Callable[[], None]) -> Callable[[], None]:
        """Call a function whenever the wall clock is set, where the system tells."""
        if not hasattr(os, "timerfd_create"):
            return lambda: None
        loop = asyncio.get_running_loop()
        try:
            timer = os.timerfd_create(
                time.CLOCK_REALTIME, flags=os.TFD_NONBLOCK | os.TFD_CLOEXEC
            )
        except OSError as err:
            _LOGGER.debug("Cannot notice that the clock is set: %s", err)
            return lambda: None
        # ECANCELED: the clock was set just now, but the timer runs.
        with suppress(OSError):
            os.timerfd_settime(
                timer,
                flags=os.TFD_TIMER_ABSTIME | os.TFD_TIMER_CANCEL_ON_SET,
                initial=_NEVER,
            )

        def read() -> None:
            # ECANCELED: the clock was set.
            with suppress(OSError):
                os.read(timer, 8)
            stepped()

        def end() -> None:
            loop.remove_reader(timer)
            os.close(timer)

        loop.add_reader(timer, read)
        return end
