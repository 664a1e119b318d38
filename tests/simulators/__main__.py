"""Run the simulators: python -m tests.simulators [--port-base 8130]."""

import argparse
import asyncio
import signal
import sys

from .together import Simulators


async def _run(port_base: int) -> None:
    """Run until a signal arrives."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with Simulators(port_base) as simulators:
        lines = [f"{one.title:<22}{one.url}" for one in simulators.all]
        lines += [f"{'Phones':<22}{simulators.page_url}", "Ctrl-C stops."]
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        await stopped.wait()


def main() -> int:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulators")
    parser.add_argument(
        "--port-base",
        type=int,
        default=8130,
        help="of the phones; the services follow (default: %(default)s)",
    )
    port_base: int = parser.parse_args().port_base
    try:
        asyncio.run(_run(port_base))
    except (OSError, OverflowError) as err:
        sys.stderr.write(
            f"The ports from {port_base} on cannot all be used: {err};"
            " choose others with --port-base.\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
