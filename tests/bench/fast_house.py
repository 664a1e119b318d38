"""A Home Assistant in a process of its own, for which time passes faster.

Pauses of minutes would make a run last for hours.
"""

import asyncio
import selectors
import time
from typing import Any, Final, override
from unittest.mock import patch

from custom_components.wechat_push.delivery.outbox_message import Content, OutboxMessage
from custom_components.wechat_push.delivery.service import DeliveryService
from custom_components.wechat_push.storage import SystemClock

from ..test_faults.house import main, tell
from .unlimited import unlimited

FASTER: Final = 20


class FastSelector(selectors.DefaultSelector):
    """Waits for less than it is told to."""

    @override
    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for files that are ready."""
        return super().select(None if timeout is None else timeout / FASTER)


class FastLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock is fast."""

    def __init__(self) -> None:
        super().__init__(FastSelector())

    @override
    def time(self) -> float:
        """Return the seconds by its clock."""
        return time.monotonic() * FASTER


def now(clock: SystemClock) -> float:
    """Return the seconds since the system started, by the fast clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) * FASTER


hand_over = DeliveryService.hand_over


def told_hand_over(
    delivery: DeliveryService, recipient_id: str, content: Content, *args: Any
) -> OutboxMessage:
    """Tell of a message that the delivery takes over."""
    message = hand_over(delivery, recipient_id, content, *args)
    tell(handed_over=content.message.text)
    return message


if __name__ == "__main__":
    with (
        patch.object(SystemClock, "now", now),
        patch.object(DeliveryService, "hand_over", told_hand_over),
        unlimited(),
    ):
        main(FastLoop)
