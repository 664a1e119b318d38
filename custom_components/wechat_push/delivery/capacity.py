"""Capacity: how much may wait in the delivery of an account."""

from typing import Final

from .errors import DeliveryError, DeliveryProblem

# Bounds: messages, and bytes with their attachments.
MAX_MESSAGES: Final = 1000
MAX_BYTES: Final = 32 * 1024 * 1024


class Room:
    """Room that is reserved for an attachment before it is read."""

    def __init__(self, capacity: Capacity, size: int) -> None:
        self.size = size
        self._capacity = capacity

    def shrink(self, size: int) -> None:
        """Keep no more than what turned out to be needed."""
        spare = max(self.size - size, 0)
        self.size -= spare
        self._capacity.release(spare)

    def release(self) -> None:
        """Give the room back, or leave it to the message that was handed over."""
        self.shrink(0)


class Capacity:
    """Counts the messages that wait, and their bytes with what is reserved."""

    def __init__(self) -> None:
        self._messages = 0
        self._bytes = 0

    def shortage(self, size: int) -> DeliveryError | None:
        """Return why there is no room for a message of so many bytes, if there is none."""
        if self._messages < MAX_MESSAGES and self._bytes + size <= MAX_BYTES:
            return None
        return DeliveryError(DeliveryProblem.OUTBOX_FULL, limit=MAX_MESSAGES)

    def reserve(self, size: int) -> Room | None:
        """Reserve room for so many bytes, if there is some."""
        if self._bytes + size > MAX_BYTES:
            return None
        self._bytes += size
        return Room(self, size)

    def take(self, size: int) -> None:
        """Count a message that waits, there being room for it or not."""
        self._messages += 1
        self._bytes += size

    def release(self, size: int, *, messages: int = 0) -> None:
        """Count what waits no more."""
        self._messages -= messages
        self._bytes -= size
