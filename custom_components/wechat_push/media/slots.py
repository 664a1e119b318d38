"""Limits for the media that are in memory at a time."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Final
from weakref import WeakKeyDictionary

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..delivery.capacity import Room

_MAX_READ: Final = 2
# Seconds to wait for a slot, or for room that another medium may return.
_WAIT_SECONDS: Final = 30

_KEY: HassKey[MediaSlots] = HassKey(f"{DOMAIN}_media_slots")


type Reserve = Callable[[int], Room | None]


class NoRoomError(Exception):
    """There is no memory for a medium."""


class MediaSlots:
    """Limits how many media are read at a time, by all accounts together."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(_MAX_READ)
        self._reserving = asyncio.Lock()
        # The media of each account that have room and are being read.
        self._reading: WeakKeyDictionary[object, int] = WeakKeyDictionary()
        # Set when one of them has been read.
        self._read = asyncio.Event()

    @asynccontextmanager
    async def slot(self) -> AsyncGenerator[None]:
        """Wait for a slot and hold it.

        Raises:
            NoRoomError: no slot became free in time.

        """
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                await self._slots.acquire()
        except TimeoutError:
            raise NoRoomError from None
        try:
            yield
        finally:
            self._slots.release()

    @asynccontextmanager
    async def reserved(
        self, account: object, reserve: Reserve, size: int
    ) -> AsyncGenerator[Room]:
        """Reserve room to read a medium; it is released if that fails.

        The size is the most that the medium may have. While other media of the account
        are being read, more is reserved than will be needed, so wait for them.

        Args:
            account: any object that identifies the account.
            reserve: reserves room, or returns None if there is none.
            size: in bytes.

        Raises:
            NoRoomError: there is no room.

        """
        room = await self._room(account, reserve, size)
        try:
            yield room
        except BaseException:
            room.release()
            raise
        finally:
            self._reading[account] -= 1
            self._read.set()
            self._read = asyncio.Event()

    async def _room(self, account: object, reserve: Reserve, size: int) -> Room:
        """Return room, as soon as there is some."""
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                while True:
                    async with self._reserving:
                        read = self._read
                        room = reserve(size)
                        reading = self._reading.get(account, 0)
                        if room is not None:
                            self._reading[account] = reading + 1
                            return room
                    if not reading:
                        raise NoRoomError
                    await read.wait()
        except TimeoutError:
            raise NoRoomError from None


@callback
def async_media_slots(hass: HomeAssistant) -> MediaSlots:
    """Return the slots that all accounts share."""
    return hass.data.setdefault(_KEY, MediaSlots())
