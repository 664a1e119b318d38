"""Engine: what the parts of one account's delivery share."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from .capacity import Capacity
from .obstacles import Obstacles
from .outbox import Outbox
from .ports import Connection, Ports
from .records import Records
from .reporter import Reporter
from .sent_messages import SentMessages

# Seconds that a caller waits for an answer, and after the shutdown has begun.
PATIENCE: Final = 15.0
_PATIENCE_AT_SHUTDOWN: Final = 1.0


class Phase(Enum):
    """How far Home Assistant is from its end."""

    RUNNING = auto()
    # Callers wait no more.
    STOPPING = auto()
    # Messages go straight to disk.
    STOPPED = auto()


@dataclass(kw_only=True, slots=True)
class Engine:
    """The parts of one account's delivery.

    Args:
        ports: the surroundings.
        capacity: how much waits.
        obstacles: what keeps requests from being made.
        outbox: what has to outlive a restart.
        records: what of the limits does.
        reporter: tells callers and observers what becomes of messages.
        sent: messages that can be recalled.
        changed: called when obstacles may be others, or a request ended.
        hurry: called to have an outage probed no later than a moment.
        connection: what to send with; None while nothing may be sent.
        phase: the service alone changes it, and the connection.

    """

    ports: Ports
    capacity: Capacity
    obstacles: Obstacles
    outbox: Outbox
    records: Records
    reporter: Reporter
    sent: SentMessages
    changed: Callable[[], None]
    hurry: Callable[[float], None]
    connection: Connection | None = None
    phase: Phase = Phase.RUNNING

    @property
    def patience(self) -> float:
        """Return the seconds that a caller waits for an answer, without further tries."""
        return PATIENCE if self.phase is Phase.RUNNING else _PATIENCE_AT_SHUTDOWN
