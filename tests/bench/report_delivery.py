"""Tell what became of messages in bad times, and whether that is as it has to be."""

from typing import Final

from custom_components.wechat_push.backlog import MAX_KEPT

from ..demo.terminal import say, table
from .soak import Soak
from .storage import Restore

# What a full outbox may add to the start of Home Assistant.
_RESTORE_BOUND: Final = 0.1
_MEGABYTE: Final = 1024 * 1024


def report_restore(restore: Restore) -> None:
    """Print what an outbox takes at the start of Home Assistant."""
    added = restore.full.median - restore.empty.median
    word = "within" if added < _RESTORE_BOUND else "over"
    say("\nSetting up an account while its service is down")
    say(
        table(
            ("Outbox", "Median ms", "95% ms"),
            [
                (name, f"{figure.median * 1000:9.1f}", f"{figure.p95 * 1000:.1f}")
                for name, figure in (
                    ("empty", restore.empty),
                    (f"{MAX_KEPT} messages", restore.full),
                )
            ],
        )
    )
    say(f"Added: {added * 1000:.1f} ms, {word} {_RESTORE_BOUND * 1000:.0f} ms")


def report_soak(soaked: Soak) -> None:
    """Print what became of the messages of a soak."""
    say(f"\n{soaked.messages:,} messages, sent while the service came and went")
    say(
        table(
            ("What became of them", "", "Messages"),
            [
                ("Lost: did not arrive, and nobody was told", *_none(soaked.lost)),
                (
                    "Given up: did not arrive, the sender was told",
                    *_any(soaked.given_up),
                ),
                (
                    "Arrived, but the sender was told it may not have",
                    *_any(soaked.doubted),
                ),
                ("Arrived twice", *_any(soaked.twice)),
                ("Arrived more often than that", *_none(soaked.oftener)),
                ("Overtaken by a later one", *_none(soaked.out_of_order)),
                ("Waited in the outbox", *_any(soaked.queued)),
            ],
        )
    )
    for heading, counts in (
        ("What the senders were told", soaked.reasons),
        ("What befell the service", soaked.faults),
    ):
        rows = [(what, str(times)) for what, times in counts.items()]
        say()
        say(table((heading, "Times"), rows))
    say(
        f"\n{soaked.seconds:.1f} seconds; memory as Python counts it, beyond what was in"
        f" use before:\n{soaked.peak / _MEGABYTE:.1f} MiB at most,"
        f" {soaked.left / _MEGABYTE:.1f} MiB in the end"
    )


def _none(number: int) -> tuple[str, str]:
    """Return the cells for a number that has to be none."""
    return ("WRONG" if number else "good", f"{number:,}")


def _any(number: int) -> tuple[str, str]:
    """Return the cells for a number that may be any."""
    return ("", f"{number:,}")
