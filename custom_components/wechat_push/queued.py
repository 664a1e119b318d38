"""A message on its way: what is to be sent, how much of it is done, and how it is kept."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
import json
import time
from typing import Any, Final, Self

from .clients.message import Attachment, AttachmentKind, Format, Message, Overflow, Part
from .clients.receipt import Receipt
from .clients.transport import dump

type Stored = dict[str, Any]


class Key(StrEnum):
    """How the parts of a message are called where it is kept."""

    ID = "id"
    RECIPIENT = "recipient"
    CREATED = "created"
    LIFE = "life"
    PARTS_DONE = "parts_done"
    DOUBTS = "doubts"
    LATE = "late"
    FILES = "files"
    MESSAGE = "message"


# For how long a message is kept at most, whatever it says.
_MAX_LIFE: Final = 7 * 24 * 3600.0
_PLAIN: Final = ("text", "title", "url", "url_label", "level", "expires_at", "options")


@dataclass(kw_only=True, slots=True, eq=False)
class QueuedMessage:
    """A message to one recipient, until it is delivered or given up.

    Args:
        id: tells it from all others.
        number: grows from one message to the next.
        recipient_id: who gets it.
        message: what is to be said; nothing as long as it is only kept.
        given: what the caller said of who gets it; nothing means the recipient alone.
        parts: the requests that say it; nothing until they are made.
        parts_done: how many of them were sent.
        created: when it was to be sent, in seconds since 1970.
        born: the same in monotonic seconds, which no change of the clock touches.
        life: seconds after which nobody wants it any more.
        doubts: how often the next part may have been taken without an answer.
        failures: how often the next part failed although others were taken.
        taken: how many others had been taken when it failed last.
        tries: how often it failed since it is in the outbox.
        varied: the next part was changed so that it is like no other.
        late: the parts say when it was meant for.
        kept: it is in the outbox.
        under_way: a request is being made for it right now.
        has_files: its attachments are kept in a file of their own.

    """

    id: str
    number: int
    recipient_id: str
    message: Message | None
    given: Mapping[str, Any] | None = None
    parts: tuple[Part, ...] = ()
    parts_done: int = 0
    receipt: Receipt = field(default_factory=Receipt)
    created: float
    born: float
    life: float
    doubts: int = 0
    failures: int = 0
    taken: int | None = None
    tries: int = 0
    varied: bool = False
    late: bool = False
    kept: bool = False
    under_way: bool = False
    has_files: bool = False
    _written: str = field(default="", repr=False)

    @property
    def remaining(self) -> float:
        """Return for how many seconds somebody still wants it."""
        return self.born + self.life - time.monotonic()

    @property
    def age(self) -> float:
        """Return the seconds since it was to be sent."""
        return time.monotonic() - self.born

    @property
    def done(self) -> bool:
        """Tell if all parts were sent."""
        return self.parts_done >= len(self.parts)

    @property
    def size(self) -> int:
        """Return how many bytes its files have."""
        if self.message is None:
            return 0
        return sum(len(each.content) for each in self.message.attachments)

    def advance(self, receipt: Receipt) -> None:
        """Take note of a part that was sent."""
        self.receipt = self.receipt + receipt if self.parts_done else receipt
        self.parts_done += 1
        self.doubts = self.failures = self.tries = 0
        self.varied = False

    def stored(self) -> Stored:
        """Return what is kept of it, without its files."""
        if not self._written:
            self._written = _written(self.message, self.given)
        return {
            Key.ID.value: self.id,
            Key.RECIPIENT.value: self.recipient_id,
            Key.CREATED.value: self.created,
            Key.LIFE.value: self.life,
            Key.PARTS_DONE.value: self.parts_done,
            Key.DOUBTS.value: self.doubts,
            Key.LATE.value: self.late,
            Key.FILES.value: self.has_files,
            # As text: it takes no time to read before it is needed, and holds whatever
            # a template can give.
            Key.MESSAGE.value: self._written,
        }

    def files(self) -> list[str]:
        """Return the contents of its files, as they are kept."""
        assert self.message is not None
        return [b64encode(each.content).decode() for each in self.message.attachments]

    def unfold(self, files: list[str] | None) -> None:
        """Make the message of what was kept of it.

        Raises:
            ValueError: it is damaged.

        """
        if self.message is not None:
            return
        try:
            message, self.given = _read(self._written)
            if self.has_files:
                if files is None or len(files) != len(message.attachments):
                    raise ValueError("files are missing")
                attachments = tuple(
                    replace(each, content=b64decode(content, validate=True))
                    for each, content in zip(message.attachments, files, strict=True)
                )
                message = replace(message, attachments=attachments)
        except (AttributeError, KeyError, TypeError) as err:
            raise ValueError("not a message") from err
        self.message = message

    @classmethod
    def of_now(
        cls,
        message: Message,
        *,
        number: int,
        recipient_id: str,
        given: Mapping[str, Any] | None,
        parts: tuple[Part, ...],
        life: float,
    ) -> Self:
        """Return a message that is to be sent now.

        Args:
            message: what is to be said.
            number: see the class, as of all that is not named here.
            recipient_id: who gets it.
            given: what the caller said of who gets it.
            parts: the requests that say it.
            life: seconds for which it is wanted, if it does not say so itself.

        """
        now = time.time()
        # Unlike the number, it differs from those that were given before a restart.
        id_ = f"{time.time_ns():x}-{number:x}"
        if message.expires_at is not None:
            life = min(message.expires_at - now, _MAX_LIFE)
        return cls(
            id=id_,
            number=number,
            recipient_id=recipient_id,
            message=message,
            given=given,
            parts=parts,
            created=now,
            born=time.monotonic(),
            life=life,
        )

    @classmethod
    def restored(cls, stored: object, number: int) -> Self:
        """Return a message that was kept.

        Raises:
            ValueError: it is damaged.

        """
        match stored:
            case {
                Key.ID.value: str(id_),
                Key.RECIPIENT.value: str(recipient_id),
                Key.CREATED.value: int() | float() as created,
                Key.LIFE.value: int() | float() as life,
                Key.PARTS_DONE.value: int(parts_done),
                Key.DOUBTS.value: int(doubts),
                Key.LATE.value: bool(late),
                Key.FILES.value: bool(has_files),
                Key.MESSAGE.value: str(written),
            }:
                # A clock that was put back has not made the message any younger.
                age = max(time.time() - created, 0)
                return cls(
                    id=id_,
                    number=number,
                    recipient_id=recipient_id,
                    message=None,
                    parts_done=parts_done,
                    created=created,
                    born=time.monotonic() - age,
                    life=life,
                    doubts=doubts,
                    late=late,
                    kept=True,
                    has_files=has_files,
                    _written=written,
                )
        raise ValueError("not a message")


def _written(message: Message | None, given: Mapping[str, Any] | None) -> str:
    """Return a message as JSON, without the contents of its files."""
    assert message is not None
    return dump(
        {
            **{key: getattr(message, key) for key in _PLAIN},
            "format": message.format.value,
            "overflow": message.overflow.value,
            "attachments": [
                {
                    "kind": each.kind.value,
                    "name": each.name,
                    "content_type": each.content_type,
                    "url": each.url,
                }
                for each in message.attachments
            ],
            "given": None if given is None else dict(given),
        }
    ).decode()


def _read(written: str) -> tuple[Message, Mapping[str, Any] | None]:
    """Return the message that was written, its files still empty."""
    data = json.loads(written)
    message = Message(
        **{key: data[key] for key in _PLAIN},
        format=Format(data["format"]),
        overflow=Overflow(data["overflow"]),
        attachments=tuple(
            Attachment(**{**each, "kind": AttachmentKind(each["kind"])})
            for each in data["attachments"]
        ),
    )
    return message, data["given"]
