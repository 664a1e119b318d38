"""Client of WeCom's group robots: messages to the group of a webhook address."""

import asyncio
from base64 import b64encode
from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import partial
import hashlib
import re
from typing import Final, override

import aiohttp

from ..errors import (
    ContentError,
    EndpointError,
    Problem,
    TemporaryError,
    UploadExpiredError,
)
from ..message import Attachment, AttachmentKind, Message, Part, plain_json
from ..rate_policy import Rate, RatePolicy
from ..receipt import Accepted, Receipt
from ..transport import Endpoint, Json
from .codes import OK, robot_error
from .media import upload_form
from .messages import media_id_of
from .robot_messages import RobotKind, bodies, kind_of
from .uploading import UploadingClient

_IMAGE_LIMIT: Final = 2 * 1024 * 1024
# In bytes. Pictures are made smaller; the others are refused.
LIMITS: Final = {
    AttachmentKind.IMAGE: 10 * 1024 * 1024,
    AttachmentKind.VOICE: 2 * 1024 * 1024,
    AttachmentKind.VIDEO: 20 * 1024 * 1024,
    AttachmentKind.FILE: 20 * 1024 * 1024,
}
# Types that a robot takes.
_IMAGE_TYPES: Final = ("image/jpeg", "image/png")
_JPEG: Final = b"\xff\xd8\xff"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
# Pictures whose text is kept until their requests have been sent.
_MAX_KEPT: Final = 8

KEY_PATTERN: Final = re.compile(r"[A-Za-z0-9_-]{8,128}")
_KEY_IN_URL: Final = re.compile(r"[?&]key=([A-Za-z0-9_-]+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class RobotTarget:
    """The group of the robot.

    Args:
        name: how receipts call it.

    """

    name: str = "group"


class RobotRatePolicy(RatePolicy):
    """The limits of a group robot."""

    rates = (Rate(calls=20, seconds=60),)


class RobotClient(UploadingClient[RobotTarget]):
    """Client of one group robot (消息推送, formerly 群机器人).

    See WeCom's developer documents 91770 and 99110.

    Args:
        session: aiohttp session; None opens one for each request.
        endpoint: address of WeCom or of a relay; None is the official one.
        key: key of the robot, as in its webhook address.

    """

    rate_policy = RobotRatePolicy()
    attachment_limits = LIMITS
    kind_of = staticmethod(kind_of)

    def __init__(
        self,
        session: aiohttp.ClientSession | None = None,
        endpoint: Endpoint | None = None,
        *,
        key: str,
    ) -> None:
        self._key = key
        super().__init__(session, endpoint, key)
        self._pictures: OrderedDict[str, Json] = OrderedDict()

    @override
    def prepare(self, message: Message, target: RobotTarget) -> tuple[Part, ...]:
        """Return the requests for a message.

        The limits of one request are 2,048 bytes of UTF-8 for text and 4,096 for
        Markdown. Each attachment that is uploaded is a request of its own, after the
        text.

        Args:
            message: the message; the title becomes its first line. Options: `kind` (a
                message type), `mention` (user IDs, mobile numbers or `@all`),
                `markdown_version` (`auto`, `markdown` or `markdown_v2`),
                `ordinary_wechat` (text instead of Markdown); for template cards
                `card_type` (`text_notice` or `news_notice`), `card`, `source`, `quote`,
                `emphasis`, `items` and `links`.
            target: the group.

        Raises:
            ContentError: the message is empty, lacks a field that its type requires, is
                too long and not to be split, or a card is to have buttons.

        """
        return tuple(plain_json(body) for body in bodies(message))

    @override
    async def upload(self, attachment: Attachment, part: Part | None = None) -> str:
        """Prepare a picture, or upload another file (`…/webhook/upload_media`).

        A picture is part of its request. One that is larger than 2 MB, or neither JPEG nor
        PNG, is converted by `shrink`, if that is set.

        Args:
            attachment: attachment with its content.
            part: the request that needs it; decides the kind of media.

        Raises:
            ContentError: the robot cannot take it, or refuses it.
            ClientError: as `send`; never uncertain.

        """
        kind = attachment.kind
        if part is not None:
            kind = AttachmentKind(part["msgtype"])
        attachment = replace(attachment, kind=kind)
        if kind is AttachmentKind.IMAGE:
            digest, picture = await asyncio.to_thread(self._picture, attachment)
            self._pictures[digest] = picture
            self._pictures.move_to_end(digest)
            while len(self._pictures) > _MAX_KEPT:
                self._pictures.popitem(last=False)
            return digest
        return await self._media.media_id(attachment, self._upload)

    def _picture(self, attachment: Attachment) -> tuple[str, Json]:
        """Return a picture as the service takes it, by its digest."""
        content = attachment.content
        if not content.startswith((_JPEG, _PNG)) or len(content) > _IMAGE_LIMIT:
            if self.shrink is not None:
                content = self.shrink(attachment).content
            if not content.startswith((_JPEG, _PNG)):
                raise ContentError(
                    Problem.ATTACHMENT_NOT_SUPPORTED, name=attachment.name
                )
        # The service asks for it.
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        return md5, {"base64": b64encode(content).decode(), "md5": md5}

    @override
    async def send(self, part: Part, *, remaining: float | None = None) -> Receipt:
        """Send one request (`POST /cgi-bin/webhook/send`).

        Args:
            part: a part of `prepare`, filled.
            remaining: unused, WeCom has no expiry.

        Raises:
            CredentialsError: the key is wrong, or the robot was deleted.
            ActionNeededError: the robot is disabled, or not in the group any more.
            ContentError: WeCom refuses the message.
            UploadExpiredError: the file has to be uploaded again.
            LimitError: more than 20 messages a minute.
            TemporaryError: WeCom is busy.
            ClientError: as `Transport.request`.

        """
        body = dict(part)
        if body["msgtype"] == RobotKind.IMAGE:
            # It has the digest in the place of a media ID.
            if (picture := self._pictures.get(media_id_of(part) or "")) is None:
                raise UploadExpiredError(Problem.SERVICE_REFUSED, code="-", text="-")
            body[RobotKind.IMAGE] = picture
        answer = await self._transport.post_json(
            "/cgi-bin/webhook/send", body, query={"key": self._key}
        )
        with self._noting_expired(part):
            self._check(answer.json)
        return Receipt(accepted=(Accepted(target="group"),))

    async def _upload(self, attachment: Attachment) -> str:
        """Upload a file that is not in the cache."""
        try:
            answer = await self._transport.request(
                "POST",
                "/cgi-bin/webhook/upload_media",
                query={"key": self._key, "type": attachment.kind.value},
                data=partial(upload_form, attachment),
            )
        except TemporaryError as err:
            # An upload has no effect.
            err.uncertain = False
            raise
        self._check(answer.json)
        if not isinstance(media_id := answer.json.get("media_id"), str):
            raise EndpointError(Problem.NOT_THIS_SERVICE, status=200)
        return media_id

    def _check(self, answer: Json) -> None:
        """Raise the error of an answer that refuses."""
        if (code := answer["errcode"]) != OK:
            raise robot_error(code, self._transport.clean(answer.get("errmsg")))


def parse_key(text: str) -> str | None:
    """Return the key in a webhook address, or a key alone; None if it is neither."""
    if (match := _KEY_IN_URL.search(text)) is not None:
        text = match[1]
    return text if KEY_PATTERN.fullmatch(text) else None
