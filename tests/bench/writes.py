"""Count what is written to outboxes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from custom_components.wechat_push.delivery.outbox import Outbox


@dataclass(kw_only=True, slots=True)
class Writes:
    """Messages that were written, and records of counts."""

    messages: int = 0
    records: int = 0


@contextmanager
def counted_writes() -> Iterator[Writes]:
    """Yield what is written to all outboxes meanwhile."""
    written = Writes()
    add, put = Outbox.add, Outbox.put

    def count_message(outbox: Outbox, *args: Any) -> Any:
        """Count a message, and write it."""
        written.messages += 1
        return add(outbox, *args)

    def count_record(outbox: Outbox, *args: Any) -> Any:
        """Count a record, and write it."""
        written.records += 1
        return put(outbox, *args)

    with (
        patch.object(Outbox, "add", count_message),
        patch.object(Outbox, "put", count_record),
    ):
        yield written
