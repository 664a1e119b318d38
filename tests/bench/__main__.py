"""Tell what messages cost, what stalls, and what becomes of messages in bad times."""

import argparse
import asyncio
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
import signal
import sys
import tempfile
from typing import Any, Final

from custom_components.wechat_push.clients.errors import ClientError
from homeassistant.const import __version__
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..demo.terminal import say, step
from . import simulation
from .accounts import Account, add_account, add_nothing
from .chaos import chaos
from .errors import BenchError
from .instance import running_home_assistant
from .report import report_load, report_set_ups, report_times, report_written
from .report_chaos import report_chaos, report_stalls
from .rounds import Effort, Times, time_ways
from .services import Services, running_services
from .set_up import SetUp, measure_set_up
from .stalls import Stall, measure_outbox, measure_stalls
from .unlimited import known_words, unlimited
from .ways import ways
from .writes import counted_writes

_CACHE: Final = Path(__file__).resolve().parents[2] / ".cache"
_FULL: Final = Effort(
    rounds=16, one_by_one=60, batches=2, set_ups=5, chaos=2_000, worlds=10_000
)
_QUICK: Final = Effort(
    rounds=4, one_by_one=40, batches=2, set_ups=3, chaos=400, worlds=500
)
_INTERRUPTED: Final = 130


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="measure less, for a first impression"
    )
    parser.add_argument("--only", choices=tuple(_PARTS), help="measure but one thing")
    chosen = parser.parse_args()
    effort = _QUICK if chosen.quick else _FULL
    parts = [chosen.only] if chosen.only else [*_PARTS]
    _CACHE.mkdir(exist_ok=True)
    # Tidy up then as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    good = True
    try:
        for part in parts:
            with tempfile.TemporaryDirectory(prefix="bench-", dir=_CACHE) as folder:
                good &= _PARTS[part](Path(folder), effort)
    except (BenchError, ClientError, HomeAssistantError) as err:
        say(f"The benchmark failed: {err}")
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0 if good else 1


async def _measure_costs(folder: Path, effort: Effort) -> bool:
    """Measure what messages and accounts cost."""
    times: dict[str, Times] = {}
    set_ups: dict[str, SetUp] = {}
    async with (
        running_services() as services,
        running_home_assistant(folder) as hass,
    ):
        with unlimited(), known_words():
            with step(f"Home Assistant {__version__} and the accounts are ready"):
                nothing = await add_nothing(hass)
                accounts = await _add_accounts(hass, services)
            with counted_writes() as written:
                for simulator in services.all:
                    account = accounts[simulator.title]
                    with step(f"{simulator.title}: messages timed"):
                        found = await ways(hass, services, simulator, account, nothing)
                        times[simulator.title] = await time_ways(
                            services, simulator, found, effort
                        )
            for title, account in {**accounts, "(nothing)": nothing}.items():
                with step(f"{title}: account set up again and again"):
                    set_ups[title] = await measure_set_up(hass, account, effort.set_ups)
    report_times(times)
    report_written(written, effort.messages * len(times))
    report_set_ups(set_ups)
    report_load()
    return not written.messages


async def _measure_stalls(folder: Path, effort: Effort) -> bool:
    """Measure for how long the worst inputs stall the event loop."""
    stalls: dict[str, Stall] = {}
    async with (
        running_services() as services,
        running_home_assistant(folder) as hass,
    ):
        with unlimited():
            with step(f"Home Assistant {__version__} and the accounts are ready"):
                nothing = await add_nothing(hass)
                accounts = await _add_accounts(hass, services)
            with step("inputs sent"):
                stalls |= await measure_stalls(hass, accounts, folder)
            with step("outbox filled"):
                account = accounts[services.unsteady.title]
                stalls |= await measure_outbox(hass, services, account, nothing)
    return report_stalls(stalls)


async def _measure_delivery(folder: Path, effort: Effort) -> bool:
    """Find out what becomes of messages while everything breaks."""
    async with running_services() as services:
        with step(f"Home Assistant {__version__} and the accounts are ready"):
            async with running_home_assistant(folder) as hass:
                accounts = [
                    await add_account(hass, simulator)
                    for simulator in (services.unsteady, services.deduplicating)
                ]
        with step(f"{effort.chaos:,} messages sent while everything breaks"):
            became = await chaos(services, accounts, folder, effort.chaos)
    report_chaos(became)
    return became.good


async def _add_accounts(hass: HomeAssistant, services: Services) -> dict[str, Account]:
    """Add an account of each service; return them by its title."""
    return {
        simulator.title: await add_account(hass, simulator)
        for simulator in services.all
    }


def _simulate(folder: Path, effort: Effort) -> bool:
    """Simulate many worlds of the delivery."""
    return simulation.run(effort.worlds)


def _running(
    part: Callable[[Path, Effort], Coroutine[Any, Any, bool]],
) -> Callable[[Path, Effort], bool]:
    """Return a part that runs in an event loop of its own."""
    return lambda folder, effort: asyncio.run(part(folder, effort))


_PARTS: Final[Mapping[str, Callable[[Path, Effort], bool]]] = {
    "costs": _running(_measure_costs),
    "stalls": _running(_measure_stalls),
    "delivery": _running(_measure_delivery),
    "simulation": _simulate,
}


if __name__ == "__main__":
    sys.exit(main())
