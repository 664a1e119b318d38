"""Time the ways of a message in turns, so that whatever disturbs hits all alike."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
import gc
import random
import statistics
from time import perf_counter
from typing import Final

from ..simulators import Simulator
from .errors import BenchError
from .services import Services
from .ways import Send, Way

AT_ONCE: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Effort:
    """How much is measured.

    Args:
        rounds: after each of them it is counted what arrived.
        one_by_one: messages of each way in a round, sent one after the other.
        batches: of each way in a round, in which many messages are sent at once.
        set_ups: how many times an account is set up.
        chaos: messages that are sent while everything breaks.
        worlds: so many are simulated.

    """

    rounds: int
    one_by_one: int
    batches: int
    set_ups: int
    chaos: int
    worlds: int

    @property
    def in_round(self) -> int:
        """Return how many messages of each way are sent in a round."""
        return self.one_by_one + self.batches * AT_ONCE

    @property
    def messages(self) -> int:
        """Return how many messages of each way are sent in all to each service."""
        # Those of a round more, which does not count.
        return (self.rounds + 1) * self.in_round


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """What many measurements of the same thing come to."""

    median: float
    p95: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Figure:
        """Return the figure for some measurements, of which there are two at least."""
        return cls(
            median=statistics.median(values),
            p95=statistics.quantiles(values, n=20, method="inclusive")[-1],
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Times:
    """Seconds per message, by the name of the way."""

    one_by_one: dict[str, Figure]
    at_once: dict[str, Figure]


async def time_ways(
    services: Services, simulator: Simulator, ways: Sequence[Way], effort: Effort
) -> Times:
    """Return what the ways to a service take.

    Raises:
        BenchError: a message did not arrive, or arrived twice.

    """
    one_by_one: dict[str, list[float]] = {way.name: [] for way in ways}
    at_once: dict[str, list[float]] = {way.name: [] for way in ways}
    # What came before leaves its traces in the caches of the processor. By lot, all ways
    # come after all others equally often; the same lots in every run.
    lots = random.Random(0)
    wanted = effort.in_round * sum(way.arrives for way in ways)
    # The first round opens connections, and does not count.
    for turn in range(effort.rounds + 1):
        await services.forget(simulator)
        gc.collect()
        for number in range(effort.one_by_one):
            for way in lots.sample(ways, len(ways)):
                took = await _time_one(way.send, number)
                if turn:
                    one_by_one[way.name].append(took)
        for _ in range(effort.batches):
            for way in lots.sample(ways, len(ways)):
                took = await _time_batch(way.send)
                if turn:
                    at_once[way.name].append(took)
        if (arrived := await services.forget(simulator)) != wanted:
            raise BenchError(
                f"{simulator.title}: {arrived} of {wanted} messages arrived"
            )
    return Times(
        one_by_one={name: Figure.of(values) for name, values in one_by_one.items()},
        at_once={name: Figure.of(values) for name, values in at_once.items()},
    )


async def _time_one(send: Send, number: int) -> float:
    """Return the seconds that one message takes."""
    started = perf_counter()
    await send(number)
    return perf_counter() - started


async def _time_batch(send: Send) -> float:
    """Return the seconds per message when many are sent at once."""
    started = perf_counter()
    await asyncio.gather(*(send(number) for number in range(AT_ONCE)))
    return (perf_counter() - started) / AT_ONCE
