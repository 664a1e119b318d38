"""Sent messages: what of them is known for as long as they can be recalled."""

from collections.abc import Mapping
from typing import Any, Final

from .outbox_message import OutboxMessage

# Messages of a recipient that can be recalled, and those after a restart.
_REMEMBERED: Final = 100
_RECORDED: Final = 20
_FACT: Final = "sent:"

# IDs of the service, by the handle of the message; the last one was sent last.
type Sent = dict[str, tuple[str, ...]]


class SentMessages:
    """The messages that were sent last, for each recipient."""

    def __init__(self) -> None:
        self._sent: dict[str, Sent] = {}
        # Recipients of which there is something new to write.
        self._unrecorded: set[str] = set()

    @property
    def has_unrecorded(self) -> bool:
        """Return if a restart would forget some."""
        return bool(self._unrecorded)

    def of(self, recipient_id: str) -> Sent:
        """Return those to a recipient."""
        return self._sent.setdefault(recipient_id, {})

    def remember(self, message: OutboxMessage, *, can_recall: bool) -> None:
        """Remember a message that was sent.

        Args:
            message: the message.
            can_recall: the service takes messages back.

        """
        if message.receipt.refused and not message.receipt.accepted:
            return
        known, ids = self.of(message.recipient_id), message.sent_ids
        known[message.handle] = ids
        if len(known) > _REMEMBERED:
            del known[next(iter(known))]
        if ids and can_recall:
            self._unrecorded.add(message.recipient_id)

    def forget(self, recipient_id: str, handle: str) -> None:
        """Forget a message that was recalled."""
        self.of(recipient_id).pop(handle, None)

    def take_unrecorded(self) -> Mapping[str, Any]:
        """Return facts about what is new."""
        facts = {
            _FACT + recipient_id: [*self.of(recipient_id).items()][-_RECORDED:]
            for recipient_id in self._unrecorded
        }
        self._unrecorded.clear()
        return facts

    def load(self, facts: Mapping[str, Any]) -> None:
        """Restore what was stored; what is damaged is left out."""
        for key, fact in facts.items():
            if key.startswith(_FACT) and isinstance(fact, list):
                known = self.of(key.removeprefix(_FACT))
                for each in fact:
                    match each:
                        case [str(handle), [*ids]]:
                            known[handle] = (*map(str, ids),)
