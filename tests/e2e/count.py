"""How much a person has to do until the first message is on the phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..demo.terminal import table


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """What was clicked and typed for one service."""

    service: str
    language: str
    # Until the recipient is there, and until the first message has arrived.
    set_up: int
    clicks: int
    typed: int


# Counted by hand in Home Assistant 2026.11; what is typed is the topic.
NTFY: Final = Count(service="core's ntfy", language="en", set_up=6, clicks=6, typed=1)

_HEADER: Final = (
    "Service",
    "Language",
    "Clicks to set up",
    "To the first message",
    "Typed",
)


def report(counts: Sequence[Count]) -> str:
    """Return all counts as a table."""
    rows = [
        (each.service, each.language, *map(str, (each.set_up, each.clicks, each.typed)))
        for each in (*counts, NTFY)
    ]
    return table(_HEADER, rows)
