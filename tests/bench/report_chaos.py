"""Tell what became of messages in bad times, and whether that is as it has to be."""

from collections.abc import Mapping, Sequence
from typing import Final

from ..demo.terminal import say, table
from .chaos import Chaos
from .stalls import AT_ONCE, FILL_BOUND, MEMORY_BOUND, NOTHING, STALL_BOUND, Stall

_MOST_NOTES: Final = 20


def report_chaos(chaos: Chaos) -> None:
    """Print what became of the messages."""
    ends = ", ".join(f"{count} × {how}" for how, count in chaos.ends.items())
    say(f"\n{chaos.tried:,} messages in {chaos.seconds:.0f} seconds, over {ends}")
    say(
        table(
            ("What became of them", "", "Messages"),
            [
                ("Tried", "", f"{chaos.tried:,}"),
                ("Promised", "", f"{chaos.promised:,}"),
                ("Arrived", "", f"{chaos.arrived:,}"),
                ("Those with a picture", "", f"{chaos.pictures:,}"),
                ("Without it", "", f"{chaos.pictureless:,}"),
                ("Not to arrive, a person was told", "", f"{chaos.told:,}"),
                ("Lost", *_none(chaos.lost)),
                ("Doubled", "", f"{chaos.doubled:,}"),
                ("More than allowed", *_none(chaos.too_often)),
                ("Stepped aside", "", f"{chaos.stepped_aside:,}"),
                ("Out of order", *_none(chaos.out_of_order)),
            ],
        )
    )
    for note in chaos.notes[:_MOST_NOTES]:
        say(note)
    if chaos.untold:
        say(f"Nobody was told of {chaos.untold} texts that no service takes")
    for heading, counts in (
        ("What senders were told", chaos.errors),
        ("What befell the services", chaos.faults),
    ):
        rows = [(what, f"{times:,}") for what, times in sorted(counts.items())]
        say()
        say(table((heading, "Times"), rows))


def report_stalls(stalls: Mapping[str, Stall]) -> bool:
    """Print what inputs do to the event loop; return whether all is within bounds.

    Where many messages are sent at once, what Home Assistant takes itself comes on top.
    """
    rows = []
    good = True
    for name, each in stalls.items():
        own = stalls[NOTHING].stall if AT_ONCE in name else 0.0
        is_long = each.stall > STALL_BOUND + own
        is_filled = name.startswith("outbox filled")
        is_over = is_long or (
            is_filled and (each.seconds > FILL_BOUND or each.memory > MEMORY_BOUND)
        )
        good &= not is_over
        rows.append(
            (
                name,
                each.error or "",
                f"{each.seconds:8.3f}",
                f"{each.memory / 1024 / 1024:7.1f}",
                "over" if is_over else "within",
                f"{each.stall * 1000:.1f}",
                f"{each.collection * 1000:.1f}" if each.collection else "",
            )
        )
    say(f"\nLongest stall of the event loop, bound {STALL_BOUND * 1000:.0f} ms")
    heading = (
        "Input",
        "Refused",
        " Seconds",
        "    MiB",
        "",
        "Stall ms",
        "Collection ms",
    )
    say(table(heading, rows))
    say(
        "\nA full garbage collection looks at all objects of Home Assistant, so it is told"
    )
    say("by itself: whoever makes objects brings the next one nearer.")
    return good


def _none(numbers: Sequence[int]) -> tuple[str, str]:
    """Return the cells for messages of which there have to be none."""
    shown = ", ".join(map(str, numbers[:5])) + ("…" if len(numbers) > 5 else "")
    return (f"WRONG: {shown}" if numbers else "good", f"{len(numbers):,}")
