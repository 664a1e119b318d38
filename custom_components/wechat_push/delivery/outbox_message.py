"""A message on its way: its content, its requests, its history and its one state."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
import json
from math import inf
from typing import Final, Self

from ..clients.errors import ClientError
from ..clients.message import (
    Attachment,
    AttachmentKind,
    Format,
    Message,
    Overflow,
    Part,
)
from ..clients.receipt import Accepted, Receipt, Refused
from ..clients.transport import dump
from .errors import dump_error, load_error
from .ports import Override

# A message is kept no longer than this, in seconds, whatever it says.
MAX_LIFE: Final = 7 * 24 * 3600.0


class State(StrEnum):
    """The state of a message; all but the first two are final."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    EXPIRED = "expired"
    CLEARED = "cleared"
    GIVEN_UP = "given_up"

    @property
    def is_final(self) -> bool:
        """Return if nothing will change any more."""
        return self not in (State.WAITING, State.SENDING)


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """The content of a message, as it was handed over.

    Args:
        message: the message.
        override: the caller's target, instead of the recipient's own.
        left_out: attachments that it goes without, as it was handed over.
        keeps: it is kept for later if the recipient keeps messages; else it is sent now
            or refused.

    """

    message: Message
    override: Override | None = field(default=None, repr=False)
    left_out: tuple[str, ...] = ()
    keeps: bool = True

    @property
    def size(self) -> int:
        """Return the bytes that it takes to keep it, roughly."""
        files = sum(each.size for each in self.message.attachments)
        words = (self.message.title or "") + self.message.text
        return files + len(words.encode()) + 500

    @property
    def attachments(self) -> tuple[bytes, ...]:
        """Return the contents of the attachments."""
        return tuple(each.content for each in self.message.attachments)

    def dump(self) -> str:
        """Return the content as JSON, without the bytes of its attachments."""
        data = asdict(self)
        for each in data["message"]["attachments"]:
            del each["content"]
        return dump(data).decode()

    @classmethod
    def load(cls, stored: str) -> Self:
        """Return a content that was stored.

        Raises:
            ValueError, LookupError, TypeError: it is damaged.

        """
        data = json.loads(stored)
        fields = data["message"]
        fields["format"] = Format(fields["format"])
        fields["overflow"] = Overflow(fields["overflow"])
        fields["attachments"] = tuple(
            Attachment(**{**each, "kind": AttachmentKind(each["kind"])})
            for each in fields["attachments"]
        )
        return cls(
            message=Message(**fields),
            override=data["override"],
            left_out=tuple(data["left_out"]),
            keeps=data["keeps"],
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Requests:
    """The requests that say a message, and how far they are.

    Args:
        parts: the requests; those that may have been taken are never changed.
        stamped: the next part has what makes the service drop its repetition.
        uploads: results of uploads, by the number of the attachment.
        done: number of parts that were taken.
        receipt: what the service answered to those.
        made: moment at which the parts were made; not known after a restart.

    """

    parts: tuple[Part, ...] = field(repr=False)
    stamped: bool = False
    uploads: Mapping[int, str] = field(default_factory=dict, repr=False)
    done: int = 0
    receipt: Receipt = field(default_factory=Receipt)
    made: float = -inf

    @property
    def next(self) -> Part:
        """Return the next request."""
        return self.parts[self.done]

    def with_next(self, part: Part, *, stamped: bool = False) -> Requests:
        """Return the requests with another one as the next."""
        parts = (*self.parts[: self.done], part, *self.parts[self.done + 1 :])
        return replace(self, parts=parts, stamped=stamped)

    def advance(self, receipt: Receipt) -> Requests:
        """Return the requests after the next one was taken."""
        total = self.receipt + receipt
        return replace(self, done=self.done + 1, receipt=total, stamped=False)

    def dump(self) -> str:
        """Return the requests as JSON."""
        data = asdict(self)
        del data["made"]
        return dump(data).decode()

    @classmethod
    def load(cls, stored: str) -> Self:
        """Return requests that were stored.

        Raises:
            ValueError, LookupError, TypeError: they are damaged.

        """
        data = json.loads(stored)
        receipt = Receipt(
            accepted=tuple(Accepted(**each) for each in data["receipt"]["accepted"]),
            refused=tuple(Refused(**each) for each in data["receipt"]["refused"]),
        )
        uploads = {int(number): each for number, each in data["uploads"].items()}
        parts = tuple(data["parts"])
        return cls(**{**data, "parts": parts, "uploads": uploads, "receipt": receipt})


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """What happened to the next part of a message so far.

    Args:
        expired: uploads for it that the service did not know any more.
        uncertain: those of them that may have been taken.
        repetitions: uncertain requests after another one, outside of the time in which
            the service drops them.
        is_probe: they are the only probe that there is.
        failures: failures in a row that are no outage.
        varied: how often it was changed so that it is unlike others.
        retried: how often it was tried again while its caller waits.
        first_at: moment of the first request.
        due: moment before which it is not tried again.
        aside: those behind it go first until then.
        successes: requests of the account that had been taken at the last failure.
        error: the last failure, or what keeps it from being tried.

    """

    expired: int = 0
    uncertain: int = 0
    repetitions: int = 0
    is_probe: bool = False
    failures: int = 0
    varied: int = 0
    retried: int = 0
    first_at: float | None = None
    due: float = 0
    aside: bool = False
    successes: int | None = None
    error: ClientError | None = None


NO_HISTORY: Final = History()
_NO_RECEIPT: Final = Receipt()


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The answer to a hand-over.

    Args:
        handle: of the message.
        receipt: what the service answered, for all parts that were sent.
        queued: why the message, or what is left of it, waits.
        durable: a message that waits is on disk.
        left_out: attachments that the message went without.
        failed: why a message failed whose caller wants to hear of no error.

    """

    handle: str
    receipt: Receipt = field(default_factory=Receipt)
    queued: ClientError | None = None
    durable: bool = False
    left_out: tuple[str, ...] = ()
    failed: ClientError | None = None


@dataclass(kw_only=True, slots=True, eq=False)
class OutboxMessage:
    """A message to one recipient. Its recipient queue alone changes it.

    Args:
        seq: order of hand-over within the account.
        handle: tells it from all others, also after a restart.
        recipient_id: who gets it.
        born: moment of the hand-over.
        life: seconds after which nobody wants it any more.
        size: bytes that it takes to keep it.
        state: the one state.
        content: None while it is only on disk.
        requests: None until they are made, or while they are only on disk.
        left_out: attachments that it goes without.
        history: what happened to its next part.
        answer: what its caller waits for; None after a restart.
        is_told: its caller has been answered before its end.
        is_queued: the answer was that it waits.
        was_interrupted: Home Assistant ended while it was being sent.
        upload_error: why the last attachment was left out.

    """

    seq: int
    handle: str
    recipient_id: str
    born: float
    life: float
    size: int
    state: State = State.WAITING
    content: Content | None = None
    requests: Requests | None = None
    left_out: tuple[str, ...] = ()
    history: History = NO_HISTORY
    answer: asyncio.Future[Answer | ClientError] | None = None
    is_told: bool = False
    is_queued: bool = False
    was_interrupted: bool = False
    upload_error: ClientError | None = None

    @property
    def expires(self) -> float:
        """Return the moment after which nobody wants it any more."""
        return self.born + self.life

    @property
    def is_urgent(self) -> bool:
        """Return if it is wanted now or never, before those that wait."""
        return self.content is not None and not self.content.keeps

    @property
    def receipt(self) -> Receipt:
        """Return what the service answered to the parts that were sent."""
        return _NO_RECEIPT if self.requests is None else self.requests.receipt

    @property
    def sent_ids(self) -> tuple[str, ...]:
        """Return the service's IDs of what was sent of it, each once."""
        ids = dict.fromkeys(each.message_id for each in self.receipt.accepted)
        return tuple(each for each in ids if each is not None)

    @property
    def holds_files(self) -> bool:
        """Return if the bytes of its attachments are in memory."""
        return self.content is not None and any(self.content.attachments)

    @property
    def is_awaited(self) -> bool:
        """Return if a caller still waits for an answer."""
        return self.answer is not None and not self.answer.done()

    def set_answer(self, answer: Answer | ClientError) -> None:
        """Answer the caller, unless that was done, or the caller is gone."""
        if self.answer is not None and self.is_awaited:
            self.answer.set_result(answer)

    def dump(self) -> str:
        """Return how far it is, as JSON, but for its state."""
        history = asdict(self.history)
        # After a restart, they are counted from the start.
        history["successes"] = None
        history["error"] = self.history.error and dump_error(self.history.error)
        progress = {
            "recipient_id": self.recipient_id,
            "born": self.born,
            "life": self.life,
            "size": self.size,
            "left_out": self.left_out,
            "history": history,
        }
        return dump(progress).decode()

    @classmethod
    def load(
        cls,
        seq: int,
        handle: str,
        state: str,
        progress: str,
        *,
        shift: float,
        now: float,
    ) -> Self:
        """Return a message that was stored, without its content.

        Args:
            seq: of the message.
            handle: as dumped.
            state: as dumped.
            progress: as dumped.
            shift: seconds to add to its moments.
            now: the present moment, which none of them is after.

        Raises:
            ValueError, LookupError, TypeError: it is damaged.

        """
        data = json.loads(progress)
        history = data.pop("history")
        history["due"] += shift
        if history["first_at"] is not None:
            history["first_at"] += shift
        history["error"] = load_error(history["error"])
        data["left_out"] = tuple(data["left_out"])
        data["born"] = min(data["born"] + shift, now)
        return cls(
            **data,
            seq=seq,
            handle=handle,
            history=History(**history),
            is_told=True,
            is_queued=True,
            was_interrupted=state == State.SENDING,
        )
