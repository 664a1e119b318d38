"""WxPusher: messages to users (UIDs) and topics of an application."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
import html
from itertools import batched, zip_longest
from typing import Any, Final, Self, override

import aiohttp

from .client import Client
from .errors import (
    ClientError,
    ContentError,
    CredentialsError,
    EndpointError,
    LimitError,
    Problem,
    TemporaryError,
)
from .fitting import Limit, fit, truncate, utf8_length
from .message import Format, Message, Part, one_line, plain_json
from .rate_policy import Rate, RatePolicy
from .receipt import Accepted, Fate, Outcome, Receipt, Refused
from .text import compose
from .transport import Endpoint, Json, Transport

DEFAULT_URL: Final = "https://wxpusher.zjiecode.com"

MAX_UIDS: Final = 2000
MAX_TOPICS: Final = 5
MAX_PAGE: Final = 100
MAX_URL: Final = 1000

_OK = 1000
_UNAUTHENTICATED = 1002
_NO_SUCH_ENDPOINT = 1004
# Errors of the server, of WeChat, network, data, unknown.
_SERVER_CODES = frozenset({1005, 1006, 1007, 1008, 1009})
# The first character alone also occurs in the words for video and channel.
_TOO_OFTEN = ("频繁", "频率", "频次")

# Seconds. WxPusher does not say how long it refuses requests above the rate.
_WINDOW: Final = 10
# States of a message. WxPusher does not document the numbers.
_FATES = {2: Fate.DELIVERED, 3: Fate.FAILED}

_CONTENT_TYPES = {Format.TEXT: 1, Format.HTML: 2, Format.MARKDOWN: 3}


class WxPusherProblem(StrEnum):
    """Problems of WxPusher only."""

    APP_TOKEN = "wxpusher_app_token"


@dataclass(frozen=True, kw_only=True, slots=True)
class WxPusherTarget:
    """Recipients of a message: users, topics, or both.

    Args:
        uids: users, `UID_…`.
        topic_ids: numbers of topics.

    """

    uids: tuple[str, ...] = ()
    topic_ids: tuple[int, ...] = ()

    @classmethod
    def of(cls, *names: str | int) -> Self:
        """Return the target of UIDs and topic numbers, in any order."""
        return cls(
            uids=tuple(name for name in names if isinstance(name, str)),
            topic_ids=tuple(name for name in names if isinstance(name, int)),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Follower:
    """A user who follows the application."""

    uid: str
    nickname: str
    blocked: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Followers:
    """A page of the follower list."""

    application: str | None
    followers: tuple[Follower, ...]


def _page_length(text: str) -> int:
    """Return the bytes of the page that the server makes of text or Markdown.

    The limit applies to the text and to the HTML that it is converted to.
    """
    return len(html.escape(text).encode()) + len("</p><p>") * text.count("\n")


_CHARACTERS = Limit(maximum=40_000)
_LIMITS = {
    Format.TEXT: (_CHARACTERS, Limit(maximum=65_535, size=_page_length)),
    Format.MARKDOWN: (_CHARACTERS, Limit(maximum=65_535, size=_page_length)),
    Format.HTML: (_CHARACTERS, Limit(maximum=65_535, size=utf8_length)),
}
_SUMMARY_LIMITS = (Limit(maximum=100),)


class WxPusherRatePolicy(RatePolicy):
    """The limits of WxPusher, for an application."""

    rates = (Rate(calls=20, seconds=_WINDOW),)


class WxPusherClient(Client[WxPusherTarget]):
    """Client of WxPusher for one application.

    See "HTTP 接口说明" of the WxPusher documentation.

    Args:
        session: aiohttp session; None opens one for each request.
        endpoint: address of WxPusher; None is the official one.
        app_token: token of the application, `AT_…`.

    """

    rate_policy = WxPusherRatePolicy()
    has_outcomes = True
    has_recall = True

    def __init__(
        self,
        session: aiohttp.ClientSession | None = None,
        endpoint: Endpoint | None = None,
        *,
        app_token: str,
    ) -> None:
        self._app_token = app_token
        self._transport = Transport(
            session,
            endpoint or Endpoint(url=DEFAULT_URL),
            recognise=_is_answer,
            secrets=(app_token,),
        )

    @override
    def prepare(self, message: Message, target: WxPusherTarget) -> tuple[Part, ...]:
        """Return the requests for a message.

        The limits of one request are 40,000 characters and 65,535 bytes of UTF-8, 100
        characters of summary, 1,000 of the URL, 2,000 users and 5 topics. Attachments
        are shown or linked; plain text with a picture is sent as HTML.

        Args:
            message: the message. Options: `summary` replaces the title in the list of
                messages; `verify_pay_type` is 0 for everyone, 1 for users in their paid
                period, 2 for the others.
            target: the recipients.

        Raises:
            ContentError: there is no text or no recipient, the URL is too long, or the
                text is too long and not to be split.

        """
        if not target.uids and not target.topic_ids:
            raise ContentError(Problem.TARGETS_MISSING)
        text, shown = compose(message, _CONTENT_TYPES, link=False)
        contents = fit(text, _LIMITS[shown], message.overflow, shown)
        common: Json = {"contentType": _CONTENT_TYPES[shown]}
        if summary := one_line(message.options.get("summary") or message.title):
            common["summary"] = truncate(summary, _SUMMARY_LIMITS)
        if message.url:
            if len(message.url) > MAX_URL:
                raise ContentError(Problem.FIELD_TOO_LONG, field="url", limit=MAX_URL)
            common["url"] = message.url
        if (pay_type := message.options.get("verify_pay_type")) is not None:
            common["verifyPayType"] = pay_type
        audiences = zip_longest(
            batched(target.uids, MAX_UIDS, strict=False),
            batched(target.topic_ids, MAX_TOPICS, strict=False),
        )
        batches = [
            {
                **({"uids": list(uids)} if uids else {}),
                **({"topicIds": list(topic_ids)} if topic_ids else {}),
            }
            for uids, topic_ids in audiences
        ]
        return tuple(
            plain_json({"content": content, **common, **batch})
            for content in contents
            for batch in batches
        )

    @override
    async def reach(self) -> None:
        """Check that the service answers (`GET /`).

        Raises:
            TemporaryError: it does not.

        """
        await self._transport.reach()

    @override
    async def send(self, part: Part, *, remaining: float | None = None) -> Receipt:
        """Send one request (`POST /api/send/message`).

        Args:
            part: a part of `prepare`.
            remaining: unused, WxPusher has no expiry.

        Raises:
            CredentialsError: the token of the application is refused.
            ContentError: WxPusher refuses the request.
            LimitError: more than about 20 requests in 10 seconds.
            ClientError: as `Transport.request`.

        """
        answer = await self._transport.post_json(
            "/api/send/message", {"appToken": self._app_token, **part}
        )
        results = self._data(answer.json)
        return self._receipt(part, results if isinstance(results, list) else [])

    @override
    async def outcome(self, record_id: str) -> Outcome:
        """Return the state of a message (`GET /api/send/query/status`).

        It is a hint only: "waiting" was also seen long after the delivery.

        Args:
            record_id: `sendRecordId`, as in the receipt, for seven days.

        Raises:
            ContentError: WxPusher does not know the message any more.
            LimitError: too many requests.
            ClientError: as `Transport.request`.

        """
        answer = await self._transport.get(
            "/api/send/query/status", {"sendRecordId": record_id}
        )
        state = self._data(answer.json)
        fate = _FATES.get(state, Fate.WAITING) if type(state) is int else Fate.WAITING
        text = answer.json.get("msg") if fate is Fate.FAILED else ""
        return Outcome(fate=fate, reason=self._transport.clean(text), certain=False)

    @override
    async def recall(self, message_id: str) -> None:
        """Delete the page of a message for all recipients (`DELETE /api/send/message`).

        The notification itself stays.

        Args:
            message_id: `messageContentId`, as in the receipt.

        Raises:
            CredentialsError: the token of the application is refused.
            ContentError: WxPusher refuses the request.
            LimitError: too many requests.
            ClientError: as `Transport.request`.

        """
        answer = await self._transport.request(
            "DELETE",
            "/api/send/message",
            query={"messageContentId": message_id, "appToken": self._app_token},
        )
        self._data(answer.json)

    async def followers(
        self, *, uid: str | None = None, page_size: int = MAX_PAGE
    ) -> Followers:
        """Return the newest followers of the application (`GET /api/fun/wxuser/v2`).

        Sends no message, so it can be used to check the token.

        Args:
            uid: list this user only.
            page_size: maximum number, up to 100.

        Raises:
            CredentialsError: the token of the application is refused.
            ContentError: WxPusher refuses the request.
            LimitError: too many requests.
            ClientError: as `Transport.request`.

        """
        query = {
            "appToken": self._app_token,
            "page": "1",
            "pageSize": str(page_size),
            # Followers of the application, not of its topics.
            "type": "0",
        }
        if uid is not None:
            query["uid"] = uid
        answer = await self._transport.get("/api/fun/wxuser/v2", query)
        data = self._data(answer.json)
        records = data.get("records") if isinstance(data, dict) else None
        if not isinstance(records, list):
            raise EndpointError(Problem.NOT_THIS_SERVICE, status=answer.status)
        users = [record for record in records if isinstance(record, dict)]
        names = (_text(user.get("target")) for user in users)
        return Followers(
            application=next((name for name in names if name), None),
            followers=tuple(
                Follower(
                    uid=_text(user["uid"]),
                    nickname=_text(user.get("nickName")),
                    blocked=user.get("reject") is True,
                )
                for user in users
                if _text(user.get("uid"))
            ),
        )

    def _data(self, answer: Json) -> Any:
        """Return the data of an answer, or raise its error."""
        if answer["code"] == _OK:
            return answer.get("data")
        raise _error(answer["code"], self._transport.clean(answer.get("msg")))

    def _receipt(self, part: Part, results: Iterable[object]) -> Receipt:
        """Return the receipt of a request.

        A successful answer can contain refused targets.
        """
        # A target that is not in the answer shares the success as a whole.
        accepted = {
            str(target): Accepted(target=str(target))
            for target in (*part.get("uids", ()), *part.get("topicIds", ()))
        }
        refused: list[Refused] = []
        for result in results:
            if not isinstance(result, dict):
                continue
            named = result.get("uid") or result.get("topicId") or "?"
            target = self._transport.clean(str(named))
            if result.get("code") == _OK:
                accepted[target] = Accepted(
                    target=target,
                    message_id=_number(result.get("messageContentId")),
                    record_id=_number(result.get("sendRecordId")),
                )
                continue
            accepted.pop(target, None)
            reason = self._transport.reason(result.get("status"), result.get("code"))
            refused.append(Refused(target=target, reason=reason))
        return Receipt(accepted=tuple(accepted.values()), refused=tuple(refused))


def _error(code: int, text: str) -> ClientError:
    """Return the error for an answer as a whole."""
    # The text of such an error may repeat the message: ignore it.
    if code in _SERVER_CODES:
        return TemporaryError(Problem.SERVER_ERROR, uncertain=True, status=code)
    if code == _NO_SUCH_ENDPOINT:
        return EndpointError(Problem.NOT_THIS_SERVICE, status=code)
    # Nearly all other failures are 1001; only the text differs.
    if "apptoken" in text.lower() or code == _UNAUTHENTICATED:
        return CredentialsError(WxPusherProblem.APP_TOKEN, code=code, text=text)
    if any(words in text for words in _TOO_OFTEN):
        return LimitError(Problem.TOO_MANY_REQUESTS, retry_after=_WINDOW)
    return ContentError(Problem.SERVICE_REFUSED, code=code, text=text)


def _text(value: object) -> str:
    """Return a value if it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def _number(value: object) -> str | None:
    """Return a number of a record as a string, if there is one."""
    return None if value is None else str(value)


def _is_answer(answer: Json) -> bool:
    """Return if a JSON object is an answer of WxPusher."""
    return type(answer.get("code")) is int
