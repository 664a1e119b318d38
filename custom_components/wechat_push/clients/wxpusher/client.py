"""WxPusher: messages to users (UIDs) and topics of an application."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import batched, chain, zip_longest
from typing import Any, Final, Self, override

import aiohttp

from ..client import Client
from ..errors import ContentError, EndpointError, Problem
from ..message import Message, Part, plain_json
from ..receipt import Accepted, Fate, Outcome, Receipt, Refused
from ..transport import Endpoint, Json, Transport, text_of, web_address
from .answers import (
    DEFAULT_URL,
    FAILURE,
    OK,
    WxPusherRatePolicy,
    is_answer,
    number_of,
    refusal,
)
from .messages import bodies

MAX_UIDS: Final = 2000
MAX_TOPICS: Final = 5
MAX_PAGE: Final = 100
# Pages of followers that are read: WxPusher has no search.
_MAX_PAGES: Final = 10
# Seconds that a QR code is valid.
_QR_CODE_LIFE: Final = 600
# The type of a record; 0 is a follower of the application.
_TOPIC: Final = 1

# States of a message. WxPusher does not document the numbers.
_FATES = {2: Fate.DELIVERED, 3: Fate.FAILED}


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
    """Who follows an application and its topics, as far as the service lists them.

    Args:
        application: its name, which is told with a follower only.
        followers: of the application.
        topics: names of topics that somebody follows, by number.

    """

    application: str | None
    followers: tuple[Follower, ...]
    topics: Mapping[int, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class QrCode:
    """A QR code that makes whoever scans it a follower of the application.

    Args:
        code: what `scanned` asks with; not for the public.
        image: address of its picture.

    """

    code: str = field(repr=False)
    image: str


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
            recognise=is_answer,
            secrets=(app_token,),
        )

    @override
    def prepare(self, message: Message, target: WxPusherTarget) -> tuple[Part, ...]:
        """Return the requests for a message.

        The limits of one request are those of `bodies`, 2,000 users and 5 topics.

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
        common: Json = {}
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
            plain_json({**body, **common, **batch})
            for body in bodies(message)
            for batch in batches
        )

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
        # Followers of the application, not of its topics.
        query = {"pageSize": str(page_size), "type": "0"}
        if uid is not None:
            query["uid"] = uid
        records, _ = await self._records(query)
        return _followers(records)

    async def audience(self) -> Followers:
        """Return the followers of the application and its topics, up to 1,000.

        Raises:
            ClientError: as `followers`.

        """
        query = {"pageSize": str(MAX_PAGE)}
        records, total = await self._records(query)
        pages = range(2, min(-(-total // MAX_PAGE), _MAX_PAGES) + 1)
        others = await asyncio.gather(*(self._records(query, page) for page in pages))
        return _followers([*records, *chain.from_iterable(page for page, _ in others)])

    async def create_qr_code(self, extra: str) -> QrCode:
        """Return a new QR code (`POST /api/fun/create/qrcode`), valid for ten minutes.

        Args:
            extra: 1 to 64 characters, which callbacks repeat.

        Raises:
            EndpointError: the answer holds no QR code.
            ClientError: as `followers`.

        """
        answer = await self._transport.post_json(
            "/api/fun/create/qrcode",
            {"appToken": self._app_token, "extra": extra, "validTime": _QR_CODE_LIFE},
        )
        data = self._data(answer.json)
        found = data if isinstance(data, dict) else {}
        code = text_of(found.get("code"))
        # Which of them is a picture is not described.
        addresses = (web_address(found.get(key)) for key in ("url", "shortUrl"))
        image = next(filter(None, addresses), "")
        if not code or not image:
            raise EndpointError(Problem.NOT_THIS_SERVICE, status=answer.status)
        return QrCode(code=code, image=image)

    async def scanned(self, qr_code: QrCode) -> str | None:
        """Return the UID of who scanned a QR code last (`GET /api/fun/scan-qrcode-uid`).

        WxPusher wants no two requests within ten seconds, and none that nobody waits for.

        Args:
            qr_code: from `create_qr_code`.

        Returns:
            None if nobody has scanned it yet.

        Raises:
            ClientError: as `followers`.

        """
        answer = await self._transport.get(
            "/api/fun/scan-qrcode-uid", {"code": qr_code.code}
        )
        # The code of nearly every failure is that of waiting as well.
        if answer.json["code"] == FAILURE and "扫" in text_of(answer.json.get("msg")):
            return None
        data = self._data(answer.json)
        return text_of(data.get("uid") if isinstance(data, dict) else data) or None

    async def _records(
        self, query: Mapping[str, str], page: int = 1
    ) -> tuple[list[Json], int]:
        """Return a page of records of followers, and how many there are in all."""
        answer = await self._transport.get(
            "/api/fun/wxuser/v2",
            {"appToken": self._app_token, "page": str(page), **query},
        )
        data = self._data(answer.json)
        records = data.get("records") if isinstance(data, dict) else None
        if not isinstance(records, list):
            raise EndpointError(Problem.NOT_THIS_SERVICE, status=answer.status)
        total = data.get("total")
        found = [record for record in records if isinstance(record, dict)]
        return found, total if type(total) is int else len(found)

    def _data(self, answer: Json) -> Any:
        """Return the data of an answer, or raise its error."""
        if answer["code"] == OK:
            return answer.get("data")
        raise refusal(answer["code"], self._transport.clean(answer.get("msg")))

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
            if result.get("code") == OK:
                accepted[target] = Accepted(
                    target=target,
                    message_id=number_of(result.get("messageContentId")),
                    record_id=number_of(result.get("sendRecordId")),
                )
                continue
            accepted.pop(target, None)
            reason = self._transport.reason(result.get("status"), result.get("code"))
            refused.append(Refused(target=target, reason=reason))
        return Receipt(accepted=tuple(accepted.values()), refused=tuple(refused))


def _followers(records: Iterable[Json]) -> Followers:
    """Return what records of followers tell."""
    application = None
    users: dict[str, Follower] = {}
    topics: dict[int, str] = {}
    for record in records:
        name, number = text_of(record.get("target")), record.get("appOrTopicId")
        if record.get("type") == _TOPIC:
            if type(number) is int:
                topics.setdefault(number, name)
            continue
        application = application or name or None
        if uid := text_of(record.get("uid")):
            users[uid] = Follower(
                uid=uid,
                nickname=text_of(record.get("nickName")),
                blocked=record.get("reject") is True,
            )
    return Followers(
        application=application, followers=tuple(users.values()), topics=topics
    )
