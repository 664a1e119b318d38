"""WxPusher: messages to users (UIDs) and topics of an application."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
import html
from itertools import batched, zip_longest
from typing import Any, Final, override

import aiohttp

from .errors import (
    ClientError,
    ContentError,
    CredentialsError,
    LimitError,
    Problem,
    TemporaryError,
)
from .fitting import Limit, fit, truncate, utf8_length
from .message import (
    Accepted,
    Client,
    Fate,
    Format,
    Message,
    Outcome,
    Part,
    Rate,
    Receipt,
    Refused,
)
from .text import compose, one_line
from .transport import Endpoint, Json, Transport

DEFAULT_URL: Final = "https://wxpusher.zjiecode.com"

MAX_UIDS: Final = 2000
MAX_TOPICS: Final = 5
MAX_PAGE: Final = 100
MAX_URL: Final = 1000

_OK = 1000
_UNAUTHENTICATED = 1002
_NO_SUCH_ENDPOINT = 1004
# Server error, trouble with WeChat, network, data, unknown.
_SERVER_CODES = frozenset({1005, 1006, 1007, 1008, 1009})
# One sign alone would also mean videos and channels.
_TOO_OFTEN = ("频繁", "频率", "频次")

# Seconds; WxPusher names the rate, and not for how long it holds against who exceeds it.
_WINDOW: Final = 10
# How far a message has come; WxPusher documents no number of them.
_FATES = {2: Fate.DELIVERED, 3: Fate.FAILED}

_CONTENT_TYPES = {Format.TEXT: 1, Format.HTML: 2, Format.MARKDOWN: 3}


class WxPusherProblem(StrEnum):
    """What goes wrong with WxPusher alone."""

    APP_TOKEN = "wxpusher_app_token"


@dataclass(frozen=True, kw_only=True, slots=True)
class WxPusherTarget:
    """Who gets a message: users by UID, topics by number, or both."""

    uids: tuple[str, ...] = ()
    topic_ids: tuple[int, ...] = ()


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
    """Return the bytes of the page that the server makes of a text or Markdown.

    The limit holds for what is sent and for the HTML it is turned into.
    """
    return len(html.escape(text).encode()) + len("</p><p>") * text.count("\n")


_CHARACTERS = Limit(maximum=40_000)
_LIMITS = {
    Format.TEXT: (_CHARACTERS, Limit(maximum=65_535, size=_page_length)),
    Format.MARKDOWN: (_CHARACTERS, Limit(maximum=65_535, size=_page_length)),
    Format.HTML: (_CHARACTERS, Limit(maximum=65_535, size=utf8_length)),
}
_SUMMARY_LIMITS = (Limit(maximum=100),)


class WxPusherClient(Client[WxPusherTarget]):
    """Speaks to WxPusher for one application.

    The protocol is described in the WxPusher documentation, "HTTP 接口说明".

    Args:
        session: the aiohttp session to use.
        endpoint: where WxPusher is reached.
        app_token: of the application, `AT_…`.

    """

    rates = (Rate(calls=20, seconds=_WINDOW),)
    has_outcomes = True
    has_recall = True

    def __init__(
        self, session: aiohttp.ClientSession, endpoint: Endpoint, *, app_token: str
    ) -> None:
        """Keep the application's token."""
        self._app_token = app_token
        self._transport = Transport(
            session, endpoint, recognise=_is_answer, secrets=(app_token,)
        )

    @override
    def prepare(self, message: Message, target: WxPusherTarget) -> tuple[Part, ...]:
        """Return the requests that say the message.

        At most 40,000 characters and 65,535 bytes of UTF-8 go into one request, a
        summary of 100 characters, an address of 1,000, 2,000 users and 5 topics.
        Attachments are shown or linked; plain text with a picture is sent as HTML.

        Args:
            message: what is to be said. Options: `summary` takes the place of the title
                in the list of messages; `verify_pay_type` is 0 for everyone, 1 for those
                whose paid period runs, 2 for the others.
            target: who gets it.

        Raises:
            ContentError: the message is empty or for nobody, its address is too long, or
                its text is and is not to be split.

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
            {"content": content, **common, **batch}
            for content in contents
            for batch in batches
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
        """Send one request (`POST /api/send/message`).

        Args:
            part: one of those that `prepare` returned.
            key: of no use to WxPusher, which drops no repetition.

        Raises:
            CredentialsError: the application's token is refused.
            ContentError: WxPusher refuses the request.
            LimitError: more than about 20 requests in 10 seconds.
            TemporaryError: no answer, or an error of the server.

        """
        answer = await self._transport.post_json(
            "/api/send/message", {"appToken": self._app_token, **part}
        )
        results = self._data(answer.json)
        return self._receipt(part, results if isinstance(results, list) else [])

    @override
    async def outcome(self, record_id: str) -> Outcome:
        """Ask how far a message has come (`GET /api/send/query/status`).

        It is a hint: messages have been called waiting that had arrived long before.

        Args:
            record_id: `sendRecordId`, as in the receipt; WxPusher keeps it for seven days.

        Raises:
            ContentError: WxPusher does not know the message any more.
            LimitError: too many requests.
            TemporaryError: no answer, or an error of the server.

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
        """Delete a message's page for all who got it (`DELETE /api/send/message`).

        The notification itself stays.

        Args:
            message_id: `messageContentId`, as in the receipt.

        Raises:
            CredentialsError: the application's token is refused.
            ContentError: WxPusher refuses the request.
            LimitError: too many requests.
            TemporaryError: no answer, or an error of the server.

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
        """Return the newest users who follow the application.

        Sends no message, and so proves the token (`GET /api/fun/wxuser/v2`).

        Args:
            uid: list this user alone.
            page_size: how many at most, up to 100.

        Raises:
            CredentialsError: the application's token is refused.
            ContentError: WxPusher refuses the request.
            LimitError: too many requests.
            TemporaryError: no answer, or an error of the server.

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
            raise TemporaryError(Problem.NOT_THIS_SERVICE, status=answer.status)
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
        """Return what an answer carries, or raise what it says."""
        if answer["code"] == _OK:
            return answer.get("data")
        raise _error(answer["code"], self._transport.clean(answer.get("msg")))

    def _receipt(self, part: Part, results: Iterable[object]) -> Receipt:
        """Return what came of a request, per target.

        Success as a whole can hide targets that were refused.
        """
        # A target that the answer leaves out went with the success as a whole.
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
    # The text of such an error repeats what was sent: it is not looked at.
    if code in _SERVER_CODES:
        return TemporaryError(Problem.SERVER_ERROR, doubtful=True, status=code)
    if code == _NO_SUCH_ENDPOINT:
        return TemporaryError(Problem.NOT_THIS_SERVICE, status=code)
    # Nearly every other failure is 1001; only the text tells them apart.
    if "apptoken" in text.lower() or code == _UNAUTHENTICATED:
        return CredentialsError(WxPusherProblem.APP_TOKEN, code=code, text=text)
    if any(words in text for words in _TOO_OFTEN):
        return LimitError(Problem.TOO_MANY_REQUESTS, retry_after=_WINDOW)
    return ContentError(Problem.SERVICE_REFUSED, code=code, text=text)


def _text(value: object) -> str:
    """Return a value if it is a text, else nothing."""
    return value if isinstance(value, str) else ""


def _number(value: object) -> str | None:
    """Return a number of a record as a text, if there is one."""
    return None if value is None else str(value)


def _is_answer(answer: Json) -> bool:
    """Tell if a JSON object is an answer of WxPusher."""
    return type(answer.get("code")) is int
