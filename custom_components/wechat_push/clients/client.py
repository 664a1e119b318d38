"""The interface of all clients."""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
import html
import time
from uuid import uuid4

from .errors import ContentError, Problem, UploadExpiredError
from .message import MAX_TEXT, Attachment, AttachmentKind, Format, Message, Part
from .rate_policy import RatePolicy
from .receipt import Fate, Outcome, Receipt
from .text import LINE_BREAKS, escape
from .transport import Transport

# Characters. Longer texts, and those in Markdown or HTML, take long enough to block others.
_QUICK = 10_000


class Client[TargetT](ABC):
    """Client of one service for one account.

    A message is sent in steps: `prepare` splits it into requests (parts, plain JSON),
    `upload` uploads an attachment, `fill` puts the result into a part, `send` sends the
    part. `deliver` does all of it.
    """

    rate_policy: RatePolicy = RatePolicy()
    # Attachments that can be uploaded, with the maximum size of each kind in bytes.
    attachment_limits: Mapping[AttachmentKind, int] = {}
    # Makes a picture smaller that the service refuses as too large (2 MB at most). It is
    # called in a thread, and raises ContentError where it cannot.
    shrink: Callable[[Attachment], Attachment] | None = None
    # Whether an upload that is refused is replaced by the URL of the attachment.
    links_refused_uploads: bool = False
    # Whether the service shows the level of a message.
    has_levels: bool = False
    # Whether messages can be recalled.
    has_recall: bool = False
    # Whether `outcome` returns more than "waiting".
    has_outcomes: bool = False
    # Whether the service says what the account may send, and what it sent today.
    has_limits: bool = False
    # To the service itself; it may have others beside.
    _transport: Transport

    @abstractmethod
    def prepare(self, message: Message, target: TargetT) -> tuple[Part, ...]:
        """Return the requests for a message, in order.

        Pure, deterministic and thread-safe. Long or formatted texts take milliseconds:
        do not call it from the event loop with those.

        Args:
            message: the message.
            target: the recipients, in terms of the service.

        Raises:
            ContentError: the message is empty, or too long and not to be split.

        """

    @abstractmethod
    async def send(self, part: Part, *, remaining: float | None = None) -> Receipt:
        """Send one request.

        Args:
            part: a part of `prepare`, filled, and stamped by the rate policy.
            remaining: seconds until the message expires, if it does.

        Raises:
            ClientError: the service could not be reached or refused the request. If only
                some of several targets are refused, the receipt says so instead.

        """

    async def reach(self) -> None:
        """Check that the service answers, with a request that has no effect (`GET /`).

        Raises:
            TemporaryError: it does not.

        """
        await self._transport.reach()

    async def refresh_limits(self) -> bool:
        """Ask the service for the limits of the account.

        Returns:
            whether they, and with them the rate policy, are others than before.

        Raises:
            ClientError: the service could not be reached or refused.

        """
        return False

    async def counts_today(self) -> Mapping[str, int]:
        """Return the requests of today by the names of the rate policy's quotas.

        Those of other programs count as well. Names that the service does not tell are
        left out.

        Raises:
            ClientError: the service could not be reached or refused.

        """
        return {}

    def takes_upload(
        self, kind: AttachmentKind, message: Message, target: TargetT
    ) -> bool:
        """Return if an attachment is uploaded rather than linked.

        Args:
            kind: kind of the attachment.
            message: the message that it belongs to.
            target: the recipients, in terms of the service.

        """
        return kind in self.attachment_limits

    def pending_uploads(self, part: Part) -> tuple[int, ...]:
        """Return the numbers of the attachments to upload before a part is sent.

        Args:
            part: a part of `prepare`.

        Returns:
            indexes into `Message.attachments`.

        """
        return ()

    async def upload(self, attachment: Attachment, part: Part | None = None) -> str:
        """Upload an attachment; return the reference for `fill`.

        Args:
            attachment: an attachment with its content.
            part: the part that needs it, which decides the kind of upload (WeCom can send a
                picture as a file).

        Raises:
            ContentError: the service refuses the attachment, or takes none.
            ClientError: as `send`; never uncertain.

        """
        raise ContentError(Problem.ATTACHMENT_NOT_SUPPORTED, name=attachment.name)

    def fill(self, part: Part, uploads: Mapping[int, str]) -> Part:
        """Return the request with the results of its uploads.

        Args:
            part: a part of `prepare`.
            uploads: results of `upload` by the number of the attachment.

        """
        return part

    def without(self, part: Part, number: int, note: str) -> Part:
        """Return the request without an attachment that could not be uploaded.

        Args:
            part: a part of `prepare`.
            number: number of the attachment.
            note: text in place of the attachment, followed by its URL if it has one.

        """
        return part

    async def deliver(self, message: Message, target: TargetT) -> Receipt:
        """Send a message: all of its requests in order, with their uploads.

        Nothing is retried, and rate limits are not waited for.

        Args:
            message: the message.
            target: the recipients, in terms of the service.

        Raises:
            ContentError: as `prepare`.
            ClientError: as `upload` and `send`; parts before the failing one were sent.

        """
        if message.format is Format.TEXT and len(message.text) <= _QUICK:
            parts = self.prepare(message, target)
        else:
            parts = await asyncio.to_thread(self.prepare, message, target)
        ends_at = time.monotonic() + (message.expires_after or 0)
        receipt = Receipt()
        for part in parts:
            # Nothing is repeated here, so nothing may be taken for a repetition.
            stamped = self.rate_policy.stamp(part, uuid4().hex, said_before=True)
            try:
                receipt += await self._send_filled(stamped, message, ends_at)
            except UploadExpiredError:
                receipt += await self._send_filled(stamped, message, ends_at)
        return receipt

    async def _send_filled(
        self, part: Part, message: Message, ends_at: float
    ) -> Receipt:
        """Upload the attachments of a request and send it."""
        uploads = {
            number: await self.upload(message.attachments[number], part)
            for number in self.pending_uploads(part)
        }
        remaining = None
        if message.expires_after is not None:
            remaining = max(ends_at - time.monotonic(), 0)
        return await self.send(self.fill(part, uploads), remaining=remaining)

    def delayed(self, message: Message, target: TargetT, note: str) -> Message:
        """Return a message with a note that it is late.

        Args:
            message: the message.
            target: the recipients, in terms of the service.
            note: when the message was due, in a few words.

        """
        if message.title:
            return replace(message, title=f"{note} {message.title}")
        # Markup that opens a block in Markdown or HTML must start its line.
        inline = message.format is Format.TEXT or message.text[:1].isalnum()
        if inline or not message.text:
            text = f"{note} {message.text}".rstrip()
        else:
            gap = "<br>" if message.format is Format.HTML else "\n\n"
            text = f"{note}{gap}{message.text}"
        if len(text) > MAX_TEXT:
            return replace(message, title=note)
        return replace(message, text=text)

    def sendable(self, message: Message, target: TargetT) -> Message:
        """Return a message of a kind that does without what could not be had.

        Args:
            message: the message, with the attachments and the link that could be had.
            target: the recipients, in terms of the service.

        """
        return message

    def with_note(self, message: Message, target: TargetT, note: str) -> Message:
        """Return a message with a note about an attachment that it goes without.

        Args:
            message: the message.
            target: the recipients, in terms of the service.
            note: a few words.

        """
        added = note
        if message.format is Format.HTML:
            added = html.escape(note)
        elif message.format is Format.MARKDOWN:
            added = escape(note)
        if message.text.strip():
            added = f"{message.text}{LINE_BREAKS[message.format]}{added}"
        return message if len(added) > MAX_TEXT else replace(message, text=added)

    async def recall(self, message_id: str) -> None:
        """Recall a message.

        Args:
            message_id: ID from the receipt.

        Raises:
            ContentError: the service cannot recall messages, or not this one.
            ClientError: the service could not be reached or refused.

        """
        raise ContentError(Problem.NO_RECALL)

    async def outcome(self, record_id: str) -> Outcome:
        """Return the outcome of a message that was accepted.

        Args:
            record_id: ID from the receipt.

        Raises:
            ClientError: the service could not be reached or refused.

        """
        return Outcome(fate=Fate.WAITING)

    def shown_id(self, message_id: str) -> str:
        """Return a message ID that may be shown: some give access to the message."""
        return message_id
