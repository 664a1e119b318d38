"""Time the ways of a message in turns, so that what disturbs hits them all alike."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
import gc
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
        rounds: in each of them every way has its turn.
        one_by_one: messages of a turn that are sent one after the other.
        batches: of a turn, in which many messages are sent at once.
        set_ups: how many times an account is set up.

    """

    rounds: int
    one_by_one: int
    batches: int
    set_ups: int


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
    # The first round is for connections and caches.
    for turn in range(effort.rounds + 1):
        first = turn % len(ways)
        for way in (*ways[first:], *ways[:first]):
            await services.forget(simulator)
            gc.collect()
            singles = [await _time_one(way.send, n) for n in range(effort.one_by_one)]
            batches = [await _time_batch(way.send) for _ in range(effort.batches)]
            sent = len(singles) + len(batches) * AT_ONCE
            wanted = sent if way.arrives else 0
            if (arrived := await services.forget(simulator)) != wanted:
                raise BenchError(
                    f"{simulator.title}, {way.name}: {arrived} of {wanted} messages arrived"
                )
            if turn:
                one_by_one[way.name] += singles
                at_once[way.name] += batches
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
