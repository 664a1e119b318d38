"""Tell what messages and accounts cost, and what becomes of messages in bad times."""

import argparse
import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
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
from .accounts import Account, add_account, add_nothing, remove_accounts
from .errors import BenchError
from .instance import running_home_assistant
from .report import report_load, report_set_ups, report_times, report_written
from .report_delivery import report_restore, report_soak
from .rounds import Effort, Times, time_ways
from .services import Services, running_services
from .set_up import SetUp, measure_set_up
from .soak import soak
from .storage import measure_restore, watched_storage
from .unlimited import unlimited
from .ways import ways

_CACHE: Final = Path(__file__).resolve().parents[2] / ".cache"
_FULL: Final = Effort(rounds=16, one_by_one=60, batches=2, set_ups=5, soak=10_000)
_QUICK: Final = Effort(rounds=4, one_by_one=40, batches=2, set_ups=3, soak=1_000)
_INTERRUPTED: Final = 130

_COSTS: Final = "costs"
_DELIVERY: Final = "delivery"


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="measure less, for a first impression"
    )
    parser.add_argument(
        "--only",
        choices=(_COSTS, _DELIVERY),
        help="measure but what messages and accounts cost, or what becomes of messages",
    )
    chosen = parser.parse_args()
    effort = _QUICK if chosen.quick else _FULL
    parts = [chosen.only] if chosen.only else [_COSTS, _DELIVERY]
    _CACHE.mkdir(exist_ok=True)
    # Tidy up then as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-", dir=_CACHE) as folder:
            good = asyncio.run(_measure(Path(folder), effort, parts))
    except (BenchError, ClientError, HomeAssistantError) as err:
        say(f"The benchmark failed: {err}")
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0 if good else 1


async def _measure(folder: Path, effort: Effort, parts: Sequence[str]) -> bool:
    """Measure everything and print it; return whether it is as it has to be."""
    good = True
    async with running_services() as services, running_home_assistant(folder) as hass:
        with unlimited():
            for part in parts:
                good &= await _PARTS[part](hass, services, effort)
                # What one part leaves behind must not disturb the next one.
                await remove_accounts(hass)
    report_load()
    return good


async def _measure_costs(
    hass: HomeAssistant, services: Services, effort: Effort
) -> bool:
    """Measure what messages and accounts cost."""
    times: dict[str, Times] = {}
    set_ups: dict[str, SetUp] = {}
    with step(f"Home Assistant {__version__} and the accounts are ready"):
        nothing = await add_nothing(hass)
        accounts: dict[str, Account] = {
            simulator.title: await add_account(hass, simulator)
            for simulator in services.all
        }
    with watched_storage() as written:
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
    return not written


async def _measure_delivery(
    hass: HomeAssistant, services: Services, effort: Effort
) -> bool:
    """Find out what becomes of messages that cannot be delivered at once."""
    title = services.unsteady.title
    with step(f"Home Assistant {__version__} and an account are ready"):
        account = await add_account(hass, services.unsteady)
    with step(f"{title}: account set up with a full outbox again and again"):
        restore = await measure_restore(hass, services, account, effort.set_ups)
    with step(f"{title}: {effort.soak} messages sent while it comes and goes"):
        soaked = await soak(hass, services, account, effort.soak)
    report_restore(restore)
    report_soak(soaked)
    return soaked.good


_PARTS: Mapping[
    str, Callable[[HomeAssistant, Services, Effort], Coroutine[Any, Any, bool]]
] = {_COSTS: _measure_costs, _DELIVERY: _measure_delivery}


if __name__ == "__main__":
    sys.exit(main())
