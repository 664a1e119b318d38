"""Tell the figures, and whether they are as expected."""

from collections.abc import Mapping
import os
from typing import Final

from ..demo.terminal import say, table
from .people import RECIPIENTS
from .rounds import AT_ONCE, Figure, Times
from .set_up import SetUp
from .ways import BARE, CLIENT, IN_TURN, NOTHING, WHOLE
from .writes import Writes

# What a client may take, in times of a bare POST.
_CLIENT_BOUND: Final = 1.2
# What the whole way may take, in times of a bare POST and what Home Assistant takes itself:
# for one message after the other, and for many at once.
_WHOLE_BOUND: Final = 1.30
_AT_ONCE_BOUND: Final = 1.60

_NOTE: Final = f"""
"sum" is {BARE} + {NOTHING} (Home Assistant's own cost), each by itself.
"{IN_TURN}" is what that comes to when both are done for each
message, so that neither finds the caches of the processor as it left them."""


def report_times(times: Mapping[str, Times]) -> None:
    """Print what a message takes, by the title of the service."""
    _report_messages(
        "One message after the other",
        {title: each.one_by_one for title, each in times.items()},
        _WHOLE_BOUND,
    )
    _report_messages(
        f"{AT_ONCE} messages at once, to {RECIPIENTS} recipients",
        {title: each.at_once for title, each in times.items()},
        _AT_ONCE_BOUND,
    )
    say(_NOTE)


def _report_messages(
    heading: str, figures: Mapping[str, Mapping[str, Figure]], bound: float
) -> None:
    """Print one kind of sending."""
    rows = []
    for title, ways in figures.items():
        compared = _compared(ways, bound)
        rows += [
            (
                title,
                name,
                compared.get(name, ""),
                _milliseconds(figure.median),
                _milliseconds(figure.p95),
            )
            for name, figure in ways.items()
        ]
    say(f"\n{heading}, milliseconds per message")
    say(table(("Service", "Way", "Compared", " Median", "95%"), rows))


def _compared(ways: Mapping[str, Figure], bound: float) -> dict[str, str]:
    """Return how the ways of a service compare with what they cannot better."""
    bare, whole = ways[BARE].median, ways[WHOLE].median
    in_turn, total = ways[IN_TURN].median, bare + ways[NOTHING].median
    return {
        CLIENT: _verdict(ways[CLIENT].median / bare, BARE, _CLIENT_BOUND),
        IN_TURN: f"{in_turn / total:.2f} × sum",
        WHOLE: _verdict(whole / total, "sum", bound)
        + f" ({whole / in_turn:.2f} × in turn)",
    }


def _verdict(ratio: float, what: str, bound: float) -> str:
    """Return whether a ratio, as exact as it is shown, is as expected."""
    word = "within" if round(ratio, 2) <= bound else "over"
    return f"{ratio:.2f} × {what}: {word} {bound:.2f}"


def report_written(written: Writes, messages: int) -> None:
    """Print what WeChat Push wrote to disk while messages were timed."""
    say(
        f"\nWrites to disk for {messages:,} messages that were delivered at once:"
        f" {written.messages:,} of messages, {written.records:,} of counts"
    )


def report_set_ups(set_ups: Mapping[str, SetUp]) -> None:
    """Print what an account takes, by the title of the service."""
    rows = [
        (
            title,
            _milliseconds(set_up.time.median),
            _milliseconds(set_up.time.p95),
            f"{set_up.memory.median / 1024:.0f}",
        )
        for title, set_up in set_ups.items()
    ]
    say(
        f"\nSetting up an account with {RECIPIENTS} recipients, from adding its entry"
        " until all entities are there;\nmemory as Python counts what stays in use"
    )
    say(table(("Service", "Median ms", " 95% ms", "KiB"), rows))


def report_load() -> None:
    """Say so when others kept the processors busy; this benchmark keeps two of them."""
    load, processors = os.getloadavg()[0], os.process_cpu_count() or 1
    if load > max(processors, 2) + 0.5:
        say(
            f"\nThe machine was busy with other things (load {load:.1f} on {processors}"
            " processors): measure again before you trust the ratios."
        )


def _milliseconds(seconds: float) -> str:
    """Return a time as a cell of a table."""
    return f"{seconds * 1000:7.3f}"
