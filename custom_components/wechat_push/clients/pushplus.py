"""PushPlus: messages to oneself, a group or friends, by one of many channels."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import batched
from typing import Any, Final, override

import aiohttp

from .errors import (
    ActionNeededError,
    ClientError,
    ContentError,
    CredentialsError,
    LimitError,
    Problem,
    RecipientError,
    TemporaryError,
)
from .fitting import Limit, fit, truncate
from .message import Accepted, Client, Format, Message, Part, Receipt
from .text import one_line, require_text
from .transport import Endpoint, Json, Transport

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
)

# More friends than an ordinary account may write to at once are dropped in silence.
MAX_FRIENDS: Final = 10

_OK = 200
_FORMAT_TEMPLATES = {
    Format.TEXT: "txt",
    Format.MARKDOWN: "markdown",
    Format.HTML: "html",
}
# PushPlus counts characters, tags included.
_CONTENT_LIMITS = (Limit(maximum=20_000),)
_TITLE_LIMITS = (Limit(maximum=100),)


class PushPlusProblem(StrEnum):
    """What goes wrong with PushPlus alone."""

    DUPLICATE = "pushplus_duplicate"
    NOBODY = "pushplus_nobody"
    POINTS = "pushplus_points"
    REAL_NAME = "pushplus_real_name"
    RESTRICTED = "pushplus_restricted"
    TOKEN = "pushplus_token"
    WRONG_DATA = "pushplus_wrong_data"


_CODES: dict[int, tuple[type[ClientError], str]] = {
    500: (TemporaryError, Problem.SERVER_ERROR),
    600: (ContentError, PushPlusProblem.WRONG_DATA),
    888: (ActionNeededError, PushPlusProblem.POINTS),
    900: (LimitError, PushPlusProblem.RESTRICTED),
    903: (CredentialsError, PushPlusProblem.TOKEN),
    905: (ActionNeededError, PushPlusProblem.REAL_NAME),
}
# Code 999 is a catch-all; only the text tells what is meant.
_TEXTS: tuple[tuple[str, type[ClientError], str], ...] = (
    ("相同内容", LimitError, PushPlusProblem.DUPLICATE),
    ("频率过快", LimitError, Problem.TOO_MANY_REQUESTS),
    ("无效的用户token", CredentialsError, PushPlusProblem.TOKEN),
    ("无用户接收消息", RecipientError, PushPlusProblem.NOBODY),
)


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
    friends: tuple[str, ...] = ()
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

    """

    def __init__(
        self, session: aiohttp.ClientSession, endpoint: Endpoint, *, token: str
    ) -> None:
        """Keep the token."""
        self._token = token
        self._transport = Transport(
            session, endpoint, recognise=_is_answer, secrets=(token,)
        )

    @override
    def prepare(self, message: Message, target: PushPlusTarget) -> tuple[Part, ...]:
        """Return the requests that say the message.

        At most 20,000 characters go into one message, 100 into its title, and ten
        friends into one request. WeChat shows most people the title alone, so a message
        without one is given its first line.

        Args:
            message: what is to be said.
            target: who gets it.

        Raises:
            ContentError: the message is empty, or too long and not to be split.

        """
        text = require_text(message)
        title = one_line(message.title) or one_line(text.strip().splitlines()[0])
        common: Json = {
            "title": truncate(title, _TITLE_LIMITS),
            "template": target.template or _FORMAT_TEMPLATES[message.format],
        }
        for field, value in (
            ("channel", target.channel),
            ("option", target.option),
            ("topic", target.topic),
        ):
            if value:
                common[field] = value
        audiences: list[Json] = [
            {"to": ",".join(friends)}
            for friends in batched(target.friends, MAX_FRIENDS, strict=False)
        ]
        return tuple(
            {**common, **audience, "content": content}
            for content in fit(text, _CONTENT_LIMITS, message.overflow)
            for audience in audiences or [{}]
        )

    @override
    async def send(self, part: Part) -> Receipt:
        """Send one request (`POST /send`).

        Accepted means queued: PushPlus delivers later and tells only who asks.

        Args:
            part: one of those that `prepare` returned.

        Raises:
            CredentialsError: the token is refused; repeating it gets the address banned.
            ActionNeededError: the account lacks the real-name check or points.
            RecipientError: nobody is there to receive it.
            ContentError: PushPlus refuses the message.
            LimitError: too many requests, the same content too often, or the account is
                restricted for that.
            TemporaryError: no answer, or an error of the server.

        """
        answer = await self._transport.post_json(
            "/send", {"token": self._token, **part}
        )
        code, data = answer.json["code"], answer.json.get("data")
        friends = str(part["to"]).split(",") if "to" in part else []
        if answer.status == _OK and code == _OK:
            message_id = data if isinstance(data, str) else None
            # A friend token lets anyone write to that friend: it is not shown whole.
            targets = [f"{friend[:4]}…" for friend in friends] or [
                str(part.get("topic", "self"))
            ]
            return Receipt(
                accepted=tuple(
                    Accepted(target=target, message_id=message_id) for target in targets
                )
            )
        # The reason stands in `data` at times, under a message that says nothing.
        texts = (
            self._transport.clean(t, *friends) for t in (answer.json.get("msg"), data)
        )
        raise _error(code, " ".join(text for text in texts if text))


def _error(code: int, text: str) -> ClientError:
    """Return the error for an answer."""
    kind, problem = _CODES.get(code, (ContentError, Problem.SERVICE_REFUSED))
    if code not in _CODES:
        for words, its_kind, its_problem in _TEXTS:
            if words in text:
                kind, problem = its_kind, its_problem
    if kind is TemporaryError:
        return TemporaryError(problem, doubtful=True, status=code, text=text)
    return kind(problem, code=code, text=text)


def _is_answer(answer: dict[str, Any]) -> bool:
    """Tell if a JSON object is an answer of PushPlus."""
    return type(answer.get("code")) is int
