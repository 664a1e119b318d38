"""Client of PushPlus: messages to oneself, a group or friends, by many channels."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
import html
from itertools import batched
import logging
import re
import time
from typing import Final, override

import aiohttp

from ..client import Client
from ..conversion import first_line
from ..errors import (
    ActionNeededError,
    ClientError,
    ContentError,
    LimitError,
    Problem,
    TemporaryError,
    UnreachableError,
)
from ..fitting import Limit, fit, truncate
from ..message import (
    Attachment,
    AttachmentKind,
    Format,
    Message,
    Overflow,
    Part,
    one_line,
    plain_json,
)
from ..receipt import Accepted, Outcome, Receipt, Refused
from ..text import bare_url, compose, escape
from ..transport import Endpoint, Json, Transport
from .codes import OK, PushPlusProblem, error, is_answer, reason
from .limits import MEMBER, ORDINARY, PLAIN_TEMPLATES, Limits, PushPlusRatePolicy
from .open_api import PushPlusOpenApi
from .picture_storage import MAX_PICTURE, MAX_URL

_LOGGER = logging.getLogger(__name__)

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

_TEMPLATES = {shown: template for template, shown in PLAIN_TEMPLATES.items()}
# Points that a message takes.
_PRICES: Final = {"sms": 10, "voice": 30}

# These show an object that is stored at PushPlus.
_OBJECT_TEMPLATES = frozenset({"form", "doc", "excel", "webdiff"})

# These open a page of PushPlus.
_PAGE_CHANNELS = frozenset({"wechat", "app", "extension"})

# Field of a part: the pictures to upload, each with `place`, `number` and maybe `url`.
_UPLOADS = "uploads"

# Seconds by which the clock of the server and that of this machine may differ.
_CLOCK_ERROR = 60
_UNKNOWN_CLOCK_ERROR = 600

# Characters. Enough to tell messages apart; the whole gives access to the message.
_SHOWN_CODE = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class PushPlusTarget:
    """Recipients of a message, and the channel. Without arguments: oneself.

    Args:
        topic: code of a group.
        friends: friend tokens, or WeCom user IDs for the channel `cp`.
        channel: channel, or several separated by commas; None is the default of the
            account.
        option: code of the channel's configuration.
        template: template; None is the one for the format of the message.

    """

    topic: str | None = None
    friends: tuple[str, ...] = field(default=(), repr=False)
    channel: str | None = None
    option: str | None = None
    template: str | None = None


class PushPlusClient(Client[PushPlusTarget]):
    """Client of PushPlus for one token.

    See "消息接口文档" and "返回码说明" of the PushPlus documentation.

    Args:
        session: aiohttp session; None opens one for each request.
        endpoint: address of PushPlus; None is the official one.
        token: user token or message token.
        secret_key: secret key of the open interface, for outcomes, recalls, limits and,
            with a member, uploads; requires a user token.
        member: whether the account is a paying member, with higher limits; with a secret
            key, until `refresh_limits` is called.

    """

    links_refused_uploads = True

    def __init__(
        self,
        session: aiohttp.ClientSession | None = None,
        endpoint: Endpoint | None = None,
        *,
        token: str,
        secret_key: str | None = None,
        member: bool = False,
    ) -> None:
        endpoint = endpoint or Endpoint(url=DEFAULT_URL)
        self._token = token
        self._use_limits(MEMBER if member else ORDINARY)
        self.has_outcomes = self.has_limits = bool(secret_key)
        self.open_api = (
            PushPlusOpenApi(session, endpoint, token=token, secret_key=secret_key)
            if secret_key
            else None
        )
        self.has_recall = bool(secret_key)
        if self.open_api is not None:
            self.attachment_limits = {AttachmentKind.IMAGE: MAX_PICTURE}
        self._transport = Transport(
            session, endpoint, recognise=is_answer, secrets=(token,)
        )

    @property
    def clean(self) -> Callable[..., str]:
        """Return what makes a text of PushPlus fit for display, without secrets."""
        source = self._transport if self.open_api is None else self.open_api
        return source.clean

    def _use_limits(self, limits: Limits) -> None:
        """Apply the limits of a kind of account."""
        self._limits = limits
        self.rate_policy = PushPlusRatePolicy(limits)

    @override
    def takes_upload(
        self, kind: AttachmentKind, message: Message, target: PushPlusTarget
    ) -> bool:
        """Return if a picture is uploaded: only pages of PushPlus show it then."""
        shown = PLAIN_TEMPLATES.get(target.template or TEMPLATES[0])
        channels = set((target.channel or "").split(","))
        return (
            super().takes_upload(kind, message, target)
            and self._limits is MEMBER
            and channels <= _PAGE_CHANNELS
            and shown in (Format.HTML, Format.MARKDOWN)
        )

    @override
    def prepare(self, message: Message, target: PushPlusTarget) -> tuple[Part, ...]:
        """Return the requests for a message.

        The limits of one request are 20,000 characters of text, 100 of the title and
        ten friends, and more for a member. WeChat shows most users the title only, so
        the first line is the title of a message without one.

        Args:
            message: the message. Options: `pre` (code of a pre-processing), `push_id`
                (code of the object that some templates show) and `callback_url`.
            target: the recipients.

        Raises:
            ContentError: the message is empty, or too long and not to be split.

        """
        pictures = [
            {
                "number": number,
                "place": _place(number),
                **({"url": each.url} if each.url else {}),
            }
            for number, each in enumerate(message.attachments)
            if each.size
        ]
        message = replace(
            message,
            attachments=tuple(
                replace(each, url=_place(number)) if each.size else each
                for number, each in enumerate(message.attachments)
            ),
        )
        template = target.template
        if template in PLAIN_TEMPLATES:
            # The template decides how the text is shown, whatever its format.
            message = replace(message, format=PLAIN_TEMPLATES[template])
        overflow = message.overflow
        if template is None:
            text, shown = compose(message, _TEMPLATES, title=None)
            template = _TEMPLATES[shown]
        elif template in PLAIN_TEMPLATES:
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
            plain_json(
                {
                    **common,
                    **audience,
                    "content": content,
                    **_uploads(content, pictures),
                }
            )
            for content in fit(text, self._limits.content_limits, overflow, shown)
            for audience in audiences or [{}]
        )

    @override
    def pending_uploads(self, part: Part) -> tuple[int, ...]:
        """Return the numbers of the pictures that the text shows."""
        return tuple(picture["number"] for picture in part.get(_UPLOADS, ()))

    @override
    async def upload(self, attachment: Attachment, part: Part | None = None) -> str:
        """Upload a picture; return its URL.

        Whatever hinders the upload alone, the URL that the picture has already is returned,
        if it has one.

        Args:
            attachment: picture with its content.
            part: unused.

        Raises:
            ContentError: there is no secret key, or the picture is refused.
            ClientError: as `PushPlusOpenApi.upload_picture`.

        """
        if self.open_api is None:
            return await super().upload(attachment, part)
        try:
            return await self.open_api.upload_picture(attachment)
        except UnreachableError, LimitError:
            # Messages are not taken either.
            raise
        except ClientError as err:
            if attachment.url is None:
                raise
            _LOGGER.info("A picture is linked as its upload failed: %s", err)
            return attachment.url

    @override
    def fill(self, part: Part, uploads: Mapping[int, str]) -> Part:
        """Return the request with the URLs of its pictures."""
        filled = dict(part)
        is_html = part["template"] == _TEMPLATES[Format.HTML]
        for picture in filled.pop(_UPLOADS, ()):
            url = uploads[picture["number"]]
            filled["content"] = filled["content"].replace(
                picture["place"], html.escape(url) if is_html else bare_url(url)
            )
        return filled

    @override
    def without(self, part: Part, number: int, note: str) -> Part:
        """Return the request with a note in place of a picture."""
        left = [each for each in part.get(_UPLOADS, ()) if each["number"] != number]
        changed = {name: value for name, value in part.items() if name != _UPLOADS}
        if left:
            changed[_UPLOADS] = left
        for picture in part.get(_UPLOADS, ()):
            if picture["number"] == number:
                text = " ".join((note, *filter(None, [picture.get("url")])))
                changed["content"] = self._replace_picture(
                    part, str(picture["place"]), text
                )
        return changed

    def _replace_picture(self, part: Part, place: str, text: str) -> str:
        """Return the text of a request with words in place of a picture."""
        shown = PLAIN_TEMPLATES[part["template"]]
        content: str = part["content"]
        address = re.escape(place)
        match shown:
            case Format.HTML:
                text = html.escape(text)
                picture = rf'<img src="{address}" alt="[^"]*"/>'
            case Format.MARKDOWN:
                text = escape(text)
                picture = rf"!\[(?:[^\[\]\\]|\\.)*\]\({address}\)"
            case Format.TEXT:
                picture = rf"[^\n]*{address}"
        found = re.search(picture, content) or re.search(address, content)
        if found is None:
            return content
        room = self._limits.content - len(content) + len(found[0])
        text = truncate(text, (Limit(maximum=room),), shown)
        return content[: found.start()] + text + content[found.end() :]

    @override
    async def refresh_limits(self) -> bool:
        """Ask if the account is a member; without a secret key, do nothing.

        Raises:
            ClientError: as `PushPlusOpenApi.profile`.

        """
        if self.open_api is None:
            return False
        if (member := (await self.open_api.profile()).member) is None:
            return False
        limits = MEMBER if member else ORDINARY
        is_other = limits is not self._limits
        if is_other:
            self._use_limits(limits)
        return is_other

    async def check_verified(self) -> bool:
        """Check that the real-name verification of the account is done.

        Returns:
            False if PushPlus does not say, as without a secret key.

        Raises:
            ActionNeededError: it is not done.
            ClientError: as `PushPlusOpenApi.is_verified`.

        """
        is_verified = (
            None if self.open_api is None else await self.open_api.is_verified()
        )
        if is_verified is False:
            raise ActionNeededError(PushPlusProblem.REAL_NAME)
        return is_verified is not None

    async def check_points(self, channel: str | None) -> bool:
        """Check that there are enough points for a message by a channel.

        Args:
            channel: of the message; None is the default of the account.

        Returns:
            False if PushPlus does not say, as without a secret key.

        Raises:
            ActionNeededError: there are not.
            ClientError: as `PushPlusOpenApi.points`.

        """
        points = None if self.open_api is None else await self.open_api.points()
        if points is not None and points < _PRICES.get(channel or "", 1):
            raise ActionNeededError(PushPlusProblem.POINTS)
        return points is not None

    @override
    async def counts_today(self) -> Mapping[str, int]:
        """Return today's requests by channel; nothing without a secret key.

        Raises:
            ClientError: as `PushPlusOpenApi.counts_today`.

        """
        return {} if self.open_api is None else await self.open_api.counts_today()

    @override
    async def send(self, part: Part, *, remaining: float | None = None) -> Receipt:
        """Send one request (`POST /send`, or `/batchSend` for several channels).

        Accepted means queued: PushPlus delivers later, and reports only on request.

        Args:
            part: a part of `prepare`, filled.
            remaining: seconds after which PushPlus must not deliver it. Sent as the
                field `timestamp`, by the clock of the server and a minute later, or by
                that of this machine and ten minutes later if the server does not say
                its time.

        Raises:
            CredentialsError: the token is refused; repeating it gets the address banned.
            ActionNeededError: the account lacks the real-name verification or points.
            RecipientError: there is no one to receive it.
            ContentError: PushPlus refuses the message.
            LimitError: too many requests, the same content too often, or the account is
                restricted for that.
            ClientError: as `Transport.request`.

        """
        body = {"token": self._token, **part}
        if remaining is not None:
            body["timestamp"] = await self._timestamp(remaining)
        several = "," in body.get("channel", "")
        answer = await self._transport.post_json(
            "/batchSend" if several else "/send", body
        )
        code, data = answer.json["code"], answer.json.get("data")
        friends = str(part["to"]).split(",") if "to" in part else []
        if answer.status != OK or code != OK:
            text = reason(
                answer.json, lambda text: self._transport.clean(text, *friends)
            )
            raise error(code, text, self._transport.server_time)
        if several and isinstance(data, list):
            return self._channels(data, friends)
        message_id = data if isinstance(data, str) else None
        # A friend token lets anyone write to that friend: shorten it.
        targets = [f"{friend[:4]}…" for friend in friends]
        targets = targets or [str(part.get("topic", "self"))]
        return Receipt(
            accepted=tuple(
                Accepted(target=target, message_id=message_id, record_id=message_id)
                for target in targets
            )
        )

    async def _timestamp(self, remaining: float) -> int:
        """Return the deadline of a message, in milliseconds since 1970."""
        if self._transport.server_time is None:
            # With a clock that is behind, PushPlus would drop the message without notice.
            try:
                await self._transport.reach()
            except UnreachableError:
                raise
            except TemporaryError:
                # The front page is not needed for sending.
                pass
        now = self._transport.server_time
        if now is not None:
            return int((now + remaining + _CLOCK_ERROR) * 1000)
        return int((time.time() + remaining + _UNKNOWN_CLOCK_ERROR) * 1000)

    @override
    def delayed(self, message: Message, target: PushPlusTarget, note: str) -> Message:
        """Return a message with a note that it is late."""
        if target.template is None or target.template in PLAIN_TEMPLATES:
            return super().delayed(message, target, note)
        # A note would spoil text that is data.
        return replace(
            message, title=f"{note} {_title(message, message.text)}".rstrip()
        )

    @override
    def with_note(self, message: Message, target: PushPlusTarget, note: str) -> Message:
        """Return a message with a note about an attachment that it goes without."""
        if target.template is None or target.template in PLAIN_TEMPLATES:
            return super().with_note(message, target, note)
        # A note would spoil text that is data.
        return replace(
            message, title=f"{_title(message, message.text)} {note}".lstrip()
        )

    @override
    async def recall(self, message_id: str) -> None:
        """Delete a message for all recipients; needs a secret key.

        Args:
            message_id: short code from the receipt.

        Raises:
            ContentError: there is no secret key, or no such message.
            ClientError: as `PushPlusOpenApi.delete`.

        """
        if self.open_api is None:
            return await super().recall(message_id)
        return await self.open_api.delete(message_id)

    @override
    async def outcome(self, record_id: str) -> Outcome:
        """Return the outcome of a message; without a secret key it stays "waiting".

        Args:
            record_id: short code from the receipt.

        Raises:
            ClientError: as `PushPlusOpenApi.outcome`.

        """
        if self.open_api is None:
            return await super().outcome(record_id)
        return await self.open_api.outcome(record_id)

    @override
    def shown_id(self, message_id: str) -> str:
        """Return the beginning of a short code: the whole gives access to the message."""
        return f"{message_id[:_SHOWN_CODE]}…"

    def _channels(self, results: list[object], friends: list[str]) -> Receipt:
        """Return the receipt per channel; each has its own code."""
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
    """Return the title, or else the first readable line."""
    return (
        one_line(message.title)
        or first_line(message.text, message.format)
        or first_line(text, Format.TEXT)
    )


def _data(template: str, message: Message) -> str:
    """Return the text for a template that reads it as data."""
    for option, given in (("url", message.url), ("image, file", message.attachments)):
        if given:
            raise ContentError(
                Problem.OPTION_NOT_SUPPORTED,
                option=f"{option} ({template})",
                instead=", ".join(sorted(PLAIN_TEMPLATES)),
            )
    if template in _OBJECT_TEMPLATES and not message.options.get("push_id"):
        raise ContentError(Problem.OPTION_MISSING, option="push_id")
    if not message.text.strip():
        raise ContentError(Problem.MESSAGE_EMPTY)
    return message.text


def _fields(message: Message, target: PushPlusTarget) -> Json:
    """Return the optional fields of a request that are given."""
    options = message.options
    fields = {
        "channel": target.channel,
        "option": target.option,
        "topic": target.topic,
        "pre": options.get("pre"),
        "pushId": options.get("push_id"),
        "callbackUrl": options.get("callback_url"),
    }
    return {name: value for name, value in fields.items() if value}


def _place(number: int) -> str:
    """Return the placeholder for the URL of a picture, as long as the longest."""
    return f"https://picture-{number}.invalid/".ljust(MAX_URL, "x")


def _uploads(content: str, pictures: list[Json]) -> Json:
    """Return the field of a part for the pictures that are in its text."""
    found = [picture for picture in pictures if picture["place"] in content]
    return {_UPLOADS: found} if found else {}
