"""Sent messages: what of them is known for as long as they can be recalled."""

from collections.abc import Mapping, Set as AbstractSet
from typing import Any, Final

from .outbox_message import OutboxMessage

# Messages of a recipient that can be recalled, and those after a restart.
_REMEMBERED: Final = 100
_RECORDED: Final = 20
_FACT: Final = "sent:"
_NONE: Final = (0, "")

# IDs of the service, by the handle of the message; the last one was sent last.
type Sent = dict[str, tuple[str, ...]]


class SentMessages:
    """The messages that were sent last, and the last one, for each recipient."""

    def __init__(self) -> None:
        self._sent: dict[str, Sent] = {}
        # The last one handed over, sent or not: its place in the order, and its handle.
        self._last: dict[str, tuple[int, str]] = {}
        # Recipients of which there is something new to write.
        self._unrecorded: set[str] = set()

    @property
    def has_unrecorded(self) -> bool:
        """Return if a restart would forget some."""
        return bool(self._unrecorded)

    def of(self, recipient_id: str) -> Sent:
        """Return those to a recipient."""
        return self._sent.setdefault(recipient_id, {})

    def last_handle(self, recipient_id: str) -> str:
        """Return the handle of the message to a recipient that was handed over last."""
        return self._last.get(recipient_id, _NONE)[1]

    @property
    def last_seq(self) -> int:
        """Return the greatest place in the order, which must not be given again."""
        return max((seq for seq, _ in self._last.values()), default=0)

    def handed_over(self, message: OutboxMessage, *, is_behind: bool) -> None:
        """Remember a message that may be the last one.

        Args:
            message: the message.
            is_behind: another one is on disk.

        """
        recipient_id, last = message.recipient_id, (message.seq, message.handle)
        if last > self._last.get(recipient_id, _NONE):
            self._last[recipient_id] = last
            # No other one must be taken for the last after a restart.
            if is_behind or self.of(recipient_id):
                self._unrecorded.add(recipient_id)

    def kept(self, message: OutboxMessage) -> None:
        """Handle that a message is written, which must not become the last one."""
        if message.handle != self.last_handle(message.recipient_id):
            self._unrecorded.add(message.recipient_id)

    def remember(self, message: OutboxMessage, *, can_recall: bool) -> None:
        """Remember a message that was sent, if it can be recalled.

        Args:
            message: the message.
            can_recall: the service takes messages back.

        """
        known, ids = self.of(message.recipient_id), message.sent_ids
        if not ids or not can_recall:
            return
        known[message.handle] = ids
        if len(known) > _REMEMBERED:
            del known[next(iter(known))]
        self._unrecorded.add(message.recipient_id)

    def forget(self, recipient_id: str, handle: str) -> None:
        """Forget a message that was recalled."""
        self.of(recipient_id).pop(handle, None)
        self._unrecorded.add(recipient_id)

    def forget_others(self, recipient_ids: AbstractSet[str]) -> None:
        """Forget messages to recipients that were removed."""
        for recipient_id in self._last.keys() - recipient_ids:
            del self._last[recipient_id]
            self._sent.pop(recipient_id, None)
            self._unrecorded.add(recipient_id)

    def take_unrecorded(self) -> Mapping[str, Any]:
        """Return facts about what is new; None for recipients that were removed."""
        facts = {
            _FACT + recipient_id: {
                "last": self._last[recipient_id],
                "sent": [*self.of(recipient_id).items()][-_RECORDED:],
            }
            if recipient_id in self._last
            else None
            for recipient_id in self._unrecorded
        }
        self._unrecorded.clear()
        return facts

    def load(self, facts: Mapping[str, Any]) -> None:
        """Restore what was stored; what is damaged is left out."""
        for key, fact in facts.items():
            match fact:
                case {"last": [int(seq), str(last)], "sent": list(sent)} if (
                    key.startswith(_FACT)
                ):
                    recipient_id = key.removeprefix(_FACT)
                    known_last = self._last.get(recipient_id, _NONE)
                    self._last[recipient_id] = max(known_last, (seq, last))
                    known: Sent = {}
                    for each in sent:
                        match each:
                            case [str(handle), [*ids]]:
                                known[handle] = (*map(str, ids),)
                    # Some may have been sent before the disk could be read.
                    self._sent[recipient_id] = known | self.of(recipient_id)
