"""Tell the figures, and whether they are as expected."""

from collections.abc import Mapping
from typing import Final

from ..demo.terminal import say, table
from .people import RECIPIENTS
from .rounds import AT_ONCE, Figure, Times
from .set_up import SetUp
from .ways import BARE, CLIENT, NOTHING, WHOLE

# What a client may take, in times of a bare POST.
_CLIENT_BOUND: Final = 1.2
# What the whole way may take, in times of a bare POST and what Home Assistant takes itself.
_WHOLE_BOUND: Final = 1.15


def report_times(times: Mapping[str, Times]) -> None:
    """Print what a message takes, by the title of the service."""
    _report_messages(
        "One message after the other", {t: x.one_by_one for t, x in times.items()}
    )
    _report_messages(
        f"{AT_ONCE} messages at once, to {RECIPIENTS} recipients",
        {title: each.at_once for title, each in times.items()},
    )


def _report_messages(heading: str, figures: Mapping[str, Mapping[str, Figure]]) -> None:
    """Print one kind of sending."""
    rows = []
    for title, ways in figures.items():
        verdicts = {
            CLIENT: _verdict(ways[CLIENT], _CLIENT_BOUND, (BARE, ways[BARE])),
            WHOLE: _verdict(
                ways[WHOLE],
                _WHOLE_BOUND,
                (BARE, ways[BARE]),
                ("Home Assistant's own", ways[NOTHING]),
            ),
        }
        rows += [
            (
                title,
                name,
                _milliseconds(figure.median),
                _milliseconds(figure.p95),
                verdicts.get(name, ""),
            )
            for name, figure in ways.items()
        ]
    say(f"\n{heading}, milliseconds per message")
    say(table(("Service", "Way", " Median", "    95%", "Expected"), rows))


def _verdict(figure: Figure, bound: float, *parts: tuple[str, Figure]) -> str:
    """Return how a figure compares with the sum of others."""
    ratio = figure.median / sum(part.median for _, part in parts)
    names = " + ".join(name for name, _ in parts)
    verdict = "within" if ratio <= bound else "over"
    return f"{ratio:.2f} × ({names}), {verdict} {bound:.2f}"


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
    say(f"\nSetting up an account with {RECIPIENTS} recipients")
    say(table(("Service", "Median ms", "  95% ms", "Median KiB"), rows))


def _milliseconds(seconds: float) -> str:
    """Return a time as a cell of a table."""
    return f"{seconds * 1000:7.3f}"
