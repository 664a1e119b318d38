"""Send much through a service that comes and goes, and look what became of it."""

import asyncio
from bisect import bisect
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
import gc
import random
import re
from time import perf_counter, time
import tracemalloc
from typing import Final
from unittest.mock import patch

from custom_components.wechat_push import gate
from custom_components.wechat_push.account import WeChatPushConfigEntry
from custom_components.wechat_push.delivery.reports import DeliveryStatus, Report
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..samples import send
from .accounts import Account
from .errors import BenchError
from .people import RECIPIENTS
from .services import Services

# Senders look at how many messages wait: they let the outbox become empty, have some in it,
# or half of what it has room for.
_MOST_WAITING: Final = (1, 30, 500)
# After so many messages on average, a sender changes its mind.
_CHANGES: Final = 40
_LOOK_EVERY: Final = 0.01
# Seconds for what still waits when the service is back.
_PATIENCE: Final = 60
# Many times what a message takes, faults included.
_MOST_SECONDS: Final = 0.1
# As the faults are shorter than those of a day, so are the pauses between two tries.
_SHORTER: Final = 100
# These tell the person that a message will not come.
_GIVEN_UP: Final = frozenset(
    {DeliveryStatus.REFUSED, DeliveryStatus.EXPIRED, DeliveryStatus.CLEARED}
)

_TEXT: Final = "This is message {}."
# What comes late begins with when it was meant for.
_NUMBER: Final = re.compile(r"This is message (\d+)\.$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Soak:
    """What became of many messages.

    Args:
        messages: so many were sent.
        lost: did not arrive, and nobody was told.
        given_up: did not arrive, and the sender was told.
        doubted: arrived, though the sender was told that they may not have.
        twice: arrived twice.
        oftener: arrived more often than that.
        out_of_order: arrived after one that was sent later.
        queued: waited in the outbox.
        seconds: until all were through.
        peak: most bytes in use beyond those in use before.
        left: bytes in use afterwards beyond those in use before.
        reasons: what the senders were told, and how often.
        faults: what befell the service, and how often.

    """

    messages: int
    lost: int
    given_up: int
    doubted: int
    twice: int
    oftener: int
    out_of_order: int
    queued: int
    seconds: float
    peak: int
    left: int
    reasons: Mapping[str, int]
    faults: Mapping[str, int]

    @property
    def good(self) -> bool:
        """Tell if it is as it has to be."""
        return not (self.lost or self.oftener or self.out_of_order)


class _Correspondence:
    """What one recipient is sent, and what is told of it."""

    def __init__(self, entity_id: str) -> None:
        """Start with nothing."""
        self._entity_id = entity_id
        self._lots = random.Random(entity_id)
        self._moments: list[float] = []
        self.events: Counter[DeliveryStatus] = Counter()
        self.given_up: set[int] = set()
        self.reasons: Counter[str] = Counter()

    async def send(
        self, hass: HomeAssistant, delivery: DeliveryService, messages: int
    ) -> None:
        """Send messages one after the other, sometimes before others are through."""
        most_waiting = 1
        for number in range(messages):
            if not self._lots.randrange(_CHANGES):
                most_waiting = self._lots.choice(_MOST_WAITING)
            while delivery.queued >= most_waiting:
                await asyncio.sleep(_LOOK_EVERY)
            self._moments.append(time())
            try:
                await send(hass, _TEXT.format(number), entity_id=self._entity_id)
            except HomeAssistantError:
                self.given_up.add(number)

    def hear(self, report: Report) -> None:
        """Take note of what came of a message."""
        self.events[report.status] += 1
        if report.status in _GIVEN_UP:
            self.given_up.add(bisect(self._moments, report.meant_for) - 1)
            self.reasons[report.error.problem if report.error else report.status] += 1

    def missing(self, arrived: Sequence[int]) -> set[int]:
        """Return the messages that did not arrive."""
        return set(range(len(self._moments))).difference(arrived)


async def soak(
    hass: HomeAssistant, services: Services, account: Account, messages: int
) -> Soak:
    """Send numbered messages to all recipients while the service comes and goes.

    Raises:
        BenchError: messages still wait, though the service was often there.

    """
    entry: WeChatPushConfigEntry = account.entry
    delivery = entry.runtime_data.delivery
    people = {
        recipient_id: _Correspondence(entity_id)
        for recipient_id, entity_id in zip(
            entry.subentries, account.entity_ids, strict=True
        )
    }
    await services.forget(services.unsteady)
    with ExitStack() as stack:
        for name in [name for name in vars(gate) if "_PAUSE" in name]:
            pause = getattr(gate, name) / _SHORTER
            stack.enter_context(patch.object(gate, name, pause))
        for recipient_id, person in people.items():
            recipient = entry.runtime_data.recipients[recipient_id]
            stack.callback(recipient.async_listen_reports(person.hear))
        gc.collect()
        tracemalloc.start()
        stack.callback(tracemalloc.stop)
        started = perf_counter()
        try:
            async with (
                services.flapping() as faults,
                asyncio.timeout(_PATIENCE + messages * _MOST_SECONDS),
                asyncio.TaskGroup() as senders,
            ):
                for person in people.values():
                    senders.create_task(
                        person.send(hass, delivery, messages // RECIPIENTS)
                    )
        except TimeoutError:
            raise BenchError(f"{delivery.queued} messages wait for ever") from None
        await _drain(delivery)
        seconds = perf_counter() - started
        _, peak = tracemalloc.get_traced_memory()
        gc.collect()
        left, _ = tracemalloc.get_traced_memory()
    shown = await services.shown(services.unsteady)
    arrived = {
        recipient_id: _numbers(shown.get(subentry.data["public"], ()))
        for recipient_id, subentry in entry.subentries.items()
    }
    missing = {key: people[key].missing(arrived[key]) for key in people}
    copies = [
        often for numbers in arrived.values() for often in Counter(numbers).values()
    ]
    return Soak(
        messages=messages // RECIPIENTS * RECIPIENTS,
        lost=sum(len(missing[key] - people[key].given_up) for key in people),
        given_up=sum(len(missing[key] & people[key].given_up) for key in people),
        doubted=sum(len(people[key].given_up - missing[key]) for key in people),
        twice=sum(often == 2 for often in copies),
        oftener=sum(often > 2 for often in copies),
        out_of_order=sum(map(_overtaken, arrived.values())),
        queued=sum(person.events[DeliveryStatus.QUEUED] for person in people.values()),
        seconds=seconds,
        peak=peak,
        left=left,
        reasons=sum((person.reasons for person in people.values()), Counter()),
        faults=faults,
    )


async def _drain(delivery: DeliveryService) -> None:
    """Wait until nothing waits any more."""
    try:
        async with asyncio.timeout(_PATIENCE):
            while delivery.queued:
                await asyncio.sleep(_LOOK_EVERY)
    except TimeoutError:
        raise BenchError(f"{delivery.queued} messages still wait") from None


def _numbers(texts: Sequence[str]) -> list[int]:
    """Return the numbers of the messages that a phone shows."""
    found = [_NUMBER.search(text) for text in texts]
    if None in found:
        raise BenchError("A message arrived that nobody sent")
    return [int(match[1]) for match in found if match]


def _overtaken(numbers: Sequence[int]) -> int:
    """Return how many messages came after one that was sent later."""
    latest, overtaken = -1, 0
    # Of each message, its first copy.
    for number in dict.fromkeys(numbers):
        overtaken += number < latest
        latest = max(latest, number)
    return overtaken
