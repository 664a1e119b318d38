"""PushPlus: messages to oneself, a group or friends, by one of many channels."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import batched
from typing import Final, override

import aiohttp

from ..conversion import beginning
from ..errors import ContentError, Problem
from ..fitting import Limit, fit, truncate
from ..message import (
    Accepted,
    Attachment,
    AttachmentKind,
    Client,
    Format,
    Message,
    Outcome,
    Overflow,
    Part,
    Receipt,
    Refused,
)
from ..text import LINE_BREAKS, compose, one_line
from ..transport import Endpoint, Json, Transport
from .codes import OK, error, is_answer
from .limits import MEMBER, ORDINARY
from .open_api import MAX_PICTURE, PushPlusOpenApi

DEFAULT_URL: Final = "https://www.pushplus.plus"

# New ones appear every few months, so both lists are open.
CHANNELS: Final = (
    "wechat",
    "webhook",
    "cp",
    "mail",
    "sms",
    "voice",
    "extension",
    "app",
    "clawbot",
    "qq",
    "cmcc",
)
TEMPLATES: Final = (
    "html",
    "txt",
    "json",
    "markdown",
    "cloudMonitor",
    "jenkins",
    "route",
    "pay",
    "form",
    "doc",
    "excel",
    "order",
    "verify",
    "webdiff",
)

# Counts the requests that leave the channel to the account's own setting.
ACCOUNT_DEFAULT: Final = "account_default"

_FORMAT_TEMPLATES = {
    Format.TEXT: "txt",
    Format.MARKDOWN: "markdown",
    Format.HTML: "html",
}
_PLAIN_TEMPLATES = {template: shown for shown, template in _FORMAT_TEMPLATES.items()}
# These show an object that is stored at PushPlus.
_OBJECT_TEMPLATES = frozenset({"form", "doc", "excel", "webdiff"})
# Where the addresses of pictures go once they are uploaded, about as long as those.
_PLACES = tuple(f"https://picture-{number}.invalid/{'x' * 100}" for number in range(9))
# Holds the pictures that are to be uploaded before the message is sent.
_UPLOADS = "uploads"

# So much of a short code tells messages apart; all of it would open one to anyone.
_SHOWN_CODE = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class PushPlusTarget:
    """Who gets a message, and by which channel.

    Args:
        topic: the code of a group; nothing means oneself or friends.
        friends: friend tokens, or WeCom user IDs for the channel `cp`.
        channel: nothing leaves the choice to the account's own setting.
        option: the code of the channel's configuration.
        template: nothing means the one that goes with the message's format.

    """

    topic: str | None = None
    friends: tuple[str, ...] = field(default=(), repr=False)
    channel: str | None = None
    option: str | None = None
    template: str | None = None


class PushPlusClient(Client[PushPlusTarget]):
    """Speaks to PushPlus for one token.

    The protocol is described in the PushPlus documents "消息接口文档" and "返回码说明".

    Args:
        session: the aiohttp session to use.
        endpoint: where PushPlus is reached.
        token: a user token or a message token.
        secret_key: of the open interface, which pictures are uploaded through; it goes
            with a user token alone.
        member: the account is a paying member's, who may send more.

    """

    one_at_a_time = True

    def __init__(
        self,
        session: aiohttp.ClientSession,
        endpoint: Endpoint,
        *,
        token: str,
        secret_key: str | None = None,
        member: bool = False,
    ) -> None:
        """Keep the token."""
        self._token = token
        self._limits = MEMBER if member else ORDINARY
        self.rates = self._limits.rates
        self.has_outcomes = bool(secret_key)
        self._open_api = (
            PushPlusOpenApi(session, endpoint, token=token, secret_key=secret_key)
            if secret_key
            else None
        )
        if self._open_api is not None:
            self.attachment_limits = {AttachmentKind.IMAGE: MAX_PICTURE}
        self._transport = Transport(
            session, endpoint, recognise=is_answer, secrets=(token,)
        )

    @override
    def prepare(self, message: Message, target: PushPlusTarget) -> tuple[Part, ...]:
        """Return the requests that say the message.

        At most 20,000 characters go into one message, 100 into its title, and ten
        friends into one request; a member's messages are longer. WeChat shows most
        people the title alone, so a message without one is given its first line.

        Args:
            message: what is to be said. Options: `pre` (code of a pre-processing),
                `push_id` (code of what some templates show) and `callback_url`.
            target: who gets it; several channels stand in one text with commas.

        Raises:
            ContentError: the message is empty, or too long and not to be split.

        """
        pictures = [each for each in message.attachments if each.content]
        message = replace(
            message,
            attachments=tuple(
                replace(each, url=_PLACES[pictures.index(each)])
                if each in pictures
                else each
                for each in message.attachments
            ),
        )
        template = target.template
        if template in _PLAIN_TEMPLATES:
            # The text is written in what the template shows, whatever its format.
            message = replace(message, format=_PLAIN_TEMPLATES[template])
        overflow = message.overflow
        if template is None:
            text, shown = compose(message, _FORMAT_TEMPLATES, title=None)
            template = _FORMAT_TEMPLATES[shown]
        elif template in _PLAIN_TEMPLATES:
            text, shown = compose(message, (message.format,), title=None)
        else:
            text, shown = _data(template, message), Format.TEXT
            # Half of a JSON text shows nothing.
            overflow = Overflow.REFUSE if overflow is Overflow.SPLIT else overflow
        common = {
            "title": truncate(_title(message, text), self._limits.title_limits),
            "template": template,
            **_fields(message, target),
        }
        audiences: list[Json] = [
            {"to": ",".join(friends)}
            for friends in batched(target.friends, self._limits.friends, strict=False)
        ]
        return tuple(
            {
                **common,
                **audience,
                "content": content,
                **_uploads(content, pictures),
            }
            for content in fit(text, self._limits.content_limits, overflow, shown)
            for audience in audiences or [{}]
        )

    @override
    async def reach(self) -> None:
        """Make sure that the service answers at all (`GET /`).

        Raises:
            TemporaryError: it does not.

        """
        await self._transport.reach()

    @override
    async def send(self, part: Part, *, key: str = "") -> Receipt:
        """Send one request (`POST /send`, or `/batchSend` for several channels).

        Accepted means queued: PushPlus delivers later and tells only who asks.

        Args:
            part: one of those that `prepare` returned.
            key: of no use to PushPlus, which drops no repetition.

        Raises:
            CredentialsError: the token is refused; repeating it gets the address banned.
            ActionNeededError: the account lacks the real-name check or points.
            RecipientError: nobody is there to receive it.
            ContentError: PushPlus refuses the message.
            LimitError: too many requests, the same content too often, or the account is
                restricted for that.
            TemporaryError: no answer, or an error of the server.

        """
        body = {"token": self._token, **part}
        for place, picture in body.pop(_UPLOADS, {}).items():
            address = await self._picture(picture)
            body["content"] = body["content"].replace(place, address)
        several = "," in body.get("channel", "")
        answer = await self._transport.post_json(
            "/batchSend" if several else "/send", body
        )
        code, data = answer.json["code"], answer.json.get("data")
        friends = str(part["to"]).split(",") if "to" in part else []
        if answer.status != OK or code != OK:
            # The reason stands in `data` at times, under a message that says nothing.
            texts = (answer.json.get("msg"), data)
            cleaned = (self._transport.clean(text, *friends) for text in texts)
            raise error(code, " ".join(text for text in cleaned if text))
        if several and isinstance(data, list):
            return self._channels(data, friends)
        message_id = data if isinstance(data, str) else None
        # A friend token lets anyone write to that friend: it is not shown whole.
        targets = [f"{friend[:4]}…" for friend in friends]
        targets = targets or [str(part.get("topic", "self"))]
        return Receipt(
            accepted=tuple(
                Accepted(target=target, message_id=message_id, record_id=message_id)
                for target in targets
            )
        )

    @override
    def content(self, part: Part) -> str | None:
        """Return what PushPlus compares messages by, for all recipients as one."""
        # A picture that is uploaded has a new address every time.
        return None if _UPLOADS in part else str(part["content"])

    @override
    def distinct(self, part: Part, note: str) -> Part | None:
        """Return a request with a note below its text, which is cut if it must be."""
        if (shown := _PLAIN_TEMPLATES.get(part["template"])) is None:
            return None
        end = LINE_BREAKS[shown] + note
        limit = Limit(maximum=self._limits.content - len(end))
        return {**part, "content": truncate(part["content"], (limit,), shown) + end}

    @override
    def counted(self, part: Part) -> Mapping[str, int]:
        """Return how often a request counts for each channel."""
        return Counter(part.get("channel", ACCOUNT_DEFAULT).split(","))

    @override
    def quota(self, name: str) -> int | None:
        """Return how many requests PushPlus takes by a channel on one day."""
        return self._limits.quotas.get(name)

    @override
    def delayed(self, message: Message, target: PushPlusTarget, note: str) -> Message:
        """Return a message that says that it comes late."""
        if target.template is None or target.template in _PLAIN_TEMPLATES:
            return super().delayed(message, target, note)
        # The text is data, which a note would spoil.
        return replace(
            message, title=f"{note} {_title(message, message.text)}".rstrip()
        )

    @override
    async def outcome(self, record_id: str) -> Outcome:
        """Ask what became of a message; without a secret key nobody knows.

        Args:
            record_id: the short code, as in the receipt.

        Raises:
            ClientError: as `PushPlusOpenApi.outcome`.

        """
        if self._open_api is None:
            return await super().outcome(record_id)
        return await self._open_api.outcome(record_id)

    @override
    def shown_id(self, message_id: str) -> str:
        """Return the beginning of a short code: anyone who has it reads the message."""
        return f"{message_id[:_SHOWN_CODE]}…"

    async def _picture(self, picture: Attachment) -> str:
        """Return the address of a picture after uploading it."""
        if self._open_api is None:
            raise ContentError(Problem.ATTACHMENT_NOT_SUPPORTED, name=picture.name)
        return await self._open_api.upload_picture(picture)

    def _channels(self, results: list[object], friends: list[str]) -> Receipt:
        """Return what came of a message per channel; each has a code of its own."""
        accepted: list[Accepted] = []
        refused: list[Refused] = []
        for result in results:
            if not isinstance(result, dict):
                continue
            channel = str(result.get("channel"))
            if result.get("code") == OK:
                code = result.get("shortCode")
                short_code = code if isinstance(code, str) else None
                accepted.append(
                    Accepted(
                        target=channel, message_id=short_code, record_id=short_code
                    )
                )
                continue
            reason = self._transport.reason(
                result.get("message"), result.get("code"), *friends
            )
            refused.append(Refused(target=channel, reason=reason))
        return Receipt(accepted=tuple(accepted), refused=tuple(refused))


def _title(message: Message, text: str) -> str:
    """Return the title, or else the first line that a person can read."""
    plain = beginning(message.text, message.format) or text
    return one_line(message.title) or one_line(plain.partition("\n")[0])


def _data(template: str, message: Message) -> str:
    """Return the text for a template that makes a page of its own of it."""
    for option, given in (("url", message.url), ("image, file", message.attachments)):
        if given:
            raise ContentError(
                Problem.OPTION_NOT_SUPPORTED,
                option=f"{option} ({template})",
                instead=", ".join(sorted(_PLAIN_TEMPLATES)),
            )
    if template in _OBJECT_TEMPLATES and not message.options.get("push_id"):
        raise ContentError(Problem.OPTION_MISSING, option="push_id")
    if not message.text.strip():
        raise ContentError(Problem.MESSAGE_EMPTY)
    return message.text


def _fields(message: Message, target: PushPlusTarget) -> Json:
    """Return the fields of a request that may be left out, as far as they are given."""
    options = message.options
    fields = {
        "channel": target.channel,
        "option": target.option,
        "topic": target.topic,
        "pre": options.get("pre"),
        "pushId": options.get("push_id"),
        "callbackUrl": options.get("callback_url"),
    }
    given: Json = {name: value for name, value in fields.items() if value}
    if message.expires_at is not None:
        # Milliseconds; PushPlus sends nothing after that.
        given["timestamp"] = int(message.expires_at * 1000)
    return given


def _uploads(content: str, pictures: list[Attachment]) -> Json:
    """Return the pictures whose places are in a piece of the text."""
    held = {
        place: picture
        for place, picture in zip(_PLACES, pictures, strict=False)
        if place in content
    }
    return {_UPLOADS: held} if held else {}
