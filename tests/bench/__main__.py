"""Tell what a message and an account cost, each beside what they cannot cost less than."""

import argparse
import asyncio
from pathlib import Path
import signal
import sys
import tempfile
from typing import Final

from custom_components.wechat_push.clients.errors import ClientError
from homeassistant.const import __version__
from homeassistant.exceptions import HomeAssistantError

from ..demo.terminal import say, step
from .accounts import Account, add_account, add_nothing
from .errors import BenchError
from .instance import running_home_assistant
from .report import report_load, report_set_ups, report_times
from .rounds import Effort, Times, time_ways
from .services import running_services
from .set_up import SetUp, measure_set_up
from .ways import ways

_CACHE: Final = Path(__file__).resolve().parents[2] / ".cache"
_FULL: Final = Effort(rounds=16, one_by_one=60, batches=2, set_ups=5)
_QUICK: Final = Effort(rounds=4, one_by_one=40, batches=2, set_ups=3)
_INTERRUPTED: Final = 130


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="measure less, for a first impression"
    )
    effort = _QUICK if parser.parse_args().quick else _FULL
    _CACHE.mkdir(exist_ok=True)
    # Tidy up then as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-", dir=_CACHE) as folder:
            asyncio.run(_measure(Path(folder), effort))
    except (BenchError, ClientError, HomeAssistantError) as err:
        say(f"The benchmark failed: {err}")
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


async def _measure(folder: Path, effort: Effort) -> None:
    """Measure everything and print it."""
    times: dict[str, Times] = {}
    set_ups: dict[str, SetUp] = {}
    async with running_services() as services, running_home_assistant(folder) as hass:
        with step(f"Home Assistant {__version__} and the accounts are ready"):
            nothing = await add_nothing(hass)
            accounts: dict[str, Account] = {
                simulator.title: await add_account(hass, simulator)
                for simulator in services.all
            }
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
    report_set_ups(set_ups)
    report_load()


if __name__ == "__main__":
    sys.exit(main())
