"""Start everything, send a message through each service, show what arrived."""

import argparse
import asyncio
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
import fcntl
from pathlib import Path
import signal
import socket
import sys
from typing import Any

from ..simulators import Simulators
from .accounts import DemoAccount, demo_accounts, spare_accounts
from .api import Api
from .config import HOST
from .errors import DemoError
from .guide import guide
from .home import furnish
from .instance import Instance
from .log import problems
from .terminal import say, step, table
from .walk import Arrival, add, send

_PORT = 8123
_SIMULATORS_PORT = 8130
_ROOT = Path(__file__).resolve().parents[2] / ".demo"
_INTERRUPTED = 130


def main() -> int:
    """Read the command line, and run until it is done or interrupted."""
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description=__doc__,
        epilog="With --ha 2026.6, it runs in the oldest Home Assistant supported.",
    )
    parser.add_argument("--check", action="store_true", help="end after the table")
    parser.add_argument(
        "--port",
        type=int,
        help=f"of Home Assistant; {_PORT}, or any that is free with --check",
    )
    parser.add_argument(
        "--simulators-port",
        type=int,
        help=f"of the phones, the services follow; {_SIMULATORS_PORT}, or any with --check",
    )
    arguments = parser.parse_args()
    # A check can be made while a person clicks around.
    folder = _ROOT / "check" if arguments.check else _ROOT
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            port = _free_port(arguments.port or (0 if arguments.check else _PORT))
            simulators_port = arguments.simulators_port or (
                None if arguments.check else _SIMULATORS_PORT
            )
            return asyncio.run(
                _until_signal(
                    _demo(folder, port, simulators_port, check=arguments.check)
                )
            )
        except BlockingIOError:
            say("The demo runs already in this checkout.")
        except DemoError as err:
            say(f"The demo failed: {err}")
    return 1


def _free_port(port: int) -> int:
    """Return a port that nobody listens on: the one wanted, or any for 0."""
    with socket.socket() as server:
        # As Home Assistant does: connections of a former run are no obstacle.
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((HOST, port))
        except OSError as err:
            raise DemoError(
                f"port {port} of {HOST} cannot be used ({err.strerror});"
                " give another one with --port"
            ) from err
        found: int = server.getsockname()[1]
        return found


async def _until_signal(work: Coroutine[Any, Any, int]) -> int:
    """Do the work; the first signal to end stops it, and lets it tidy up."""
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work)
    stopped = asyncio.Event()

    def stop() -> None:
        """Cancel the work; once, because to tidy up takes a while."""
        if not stopped.is_set():
            stopped.set()
            say("\nEnding …")
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop)
    try:
        return await task
    except asyncio.CancelledError:
        return _INTERRUPTED


@asynccontextmanager
async def _simulators(port_base: int | None) -> AsyncGenerator[Simulators]:
    """Start the simulators."""
    async with AsyncExitStack() as stack:
        try:
            simulators = await stack.enter_async_context(Simulators(port_base))
        except (OSError, OverflowError) as err:
            raise DemoError(
                f"the ports from {port_base} on cannot all be used ({err});"
                " give another first one with --simulators-port"
            ) from err
        yield simulators


async def _demo(
    folder: Path, port: int, simulators_port: int | None, *, check: bool
) -> int:
    """Show what there is to see; return the exit code."""
    async with _simulators(simulators_port) as simulators:
        accounts = demo_accounts(simulators)
        spare = spare_accounts(simulators)
        instance = Instance(folder, port)
        failed = True
        try:
            with step("Home Assistant started"):
                await instance.start()
            failed = _report(await _tour(instance, accounts, simulators.page_url))
            if not check:
                failed = _complain(instance, accounts) or failed
                if not failed:
                    say(guide(instance.url, simulators.page_url, accounts, spare))
                    await _stay(instance)
        finally:
            with step("Home Assistant ended"):
                await instance.stop()
            # Its end counts as well.
            if check:
                failed = _complain(instance, accounts) or failed
        return int(failed)


async def _tour(
    instance: Instance, accounts: Sequence[DemoAccount], page_url: str
) -> list[Arrival]:
    """Do what a person does at first; return what arrived."""
    async with Api(instance.url) as api:
        with step("owner created"):
            await api.create_owner()
        with step("onboarding finished"):
            await api.finish_onboarding()
        arrivals = []
        recipients = {}
        for account in accounts:
            try:
                with step(f"{account.simulator.title}: account and recipient added"):
                    entity_id = await add(api, account)
                recipients[account.simulator.name] = entity_id
                with step(f"{account.simulator.title}: message sent to {entity_id}"):
                    arrivals.append(await send(api, account, entity_id))
            except DemoError as err:
                arrivals.append(Arrival(account=account, problem=str(err)))
        if len(recipients) == len(accounts):
            with step("group, scripts and dashboard added"):
                await furnish(api, recipients, page_url)
        return arrivals


def _report(arrivals: Sequence[Arrival]) -> bool:
    """Print the table; return whether a message did not arrive."""
    say()
    rows = []
    for arrival in arrivals:
        received, took = f"NOTHING: {arrival.problem}", "-"
        if arrival.notification is not None:
            parts = (arrival.notification.title, arrival.notification.text)
            received = "arrived: " + " · ".join(
                "\n".join(filter(None, parts)).splitlines()
            )
            took = f"{arrival.took * 1000:.0f} ms"
        rows.append(
            (
                arrival.account.simulator.title,
                arrival.recipient or "-",
                received,
                took,
            )
        )
    say(table(("Service", "Recipient", "The simulated phone", "Took"), rows))
    say()
    return any(arrival.notification is None for arrival in arrivals)


def _complain(instance: Instance, accounts: Sequence[DemoAccount]) -> bool:
    """Print what must not be in Home Assistant's log; return whether there is any."""
    secrets = [secret for account in accounts for secret in account.secrets]
    found = problems(instance.log(), secrets)
    for problem in found:
        say(problem)
    if found:
        say(f"\nThe log must not have that: {instance.output}")
    else:
        say("Home Assistant's log is clean.")
    return bool(found)


async def _stay(instance: Instance) -> None:
    """Let a person click around, until a Ctrl-C."""
    with suppress(asyncio.CancelledError):
        code = await instance.run()
        raise DemoError(f"Home Assistant ended with code {code}; see {instance.output}")


if __name__ == "__main__":
    sys.exit(main())
