"""Client of WeCom: messages of an application to members of its corporation."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import override

import aiohttp

from ..access_token import AccessToken
from ..errors import (
    ActionNeededError,
    ContentError,
    CredentialsError,
    EndpointError,
    Problem,
    TemporaryError,
)
from ..message import Attachment, AttachmentKind, Message, Part, plain_json
from ..receipt import Receipt
from ..transport import Answer, Endpoint, Json
from .codes import OK, RENEWABLE, TOO_LARGE, WeComProblem, error
from .media import LIMITS, upload_form
from .messages import MEDIA_KINDS, bodies, kind_of, media_kind, sendable
from .rate_policy import WeComRatePolicy
from .targets import EVERYONE, WeComTarget, audiences, receipt
from .token import fetch_token
from .uploading import DEFAULT_URL, UploadingClient

__all__ = ["DEFAULT_URL", "EVERYONE", "WeComAgent", "WeComClient", "WeComTarget"]


@dataclass(frozen=True, kw_only=True, slots=True)
class WeComAgent:
    """An application: its name, and the members, departments and tags that see it."""

    name: str
    users: tuple[str, ...]
    departments: tuple[int, ...]
    tags: tuple[int, ...]


class WeComClient(UploadingClient[WeComTarget]):
    """Client of WeCom for one self-built application.

    See WeCom's developer documents 91039 (access token), 90236 (messages), 90253 (media),
    94867 (recall), 90227 (application) and 90313 (codes).

    Args:
        session: aiohttp session; None opens one for each request.
        endpoint: address of WeCom or of a relay; None is the official one.
        corp_id: ID of the corporation, `ww…`.
        agent_id: number of the application.
        secret: secret of the application.
        has_callback: whether the application has a callback address, without which WeCom
            refuses cards with buttons, votes or choices; `prepare` refuses them then.

    """

    rate_policy = WeComRatePolicy()
    attachment_limits = LIMITS
    has_recall = True
    kind_of = staticmethod(kind_of)

    def __init__(
        self,
        session: aiohttp.ClientSession | None = None,
        endpoint: Endpoint | None = None,
        *,
        corp_id: str,
        agent_id: int,
        secret: str,
        has_callback: bool = True,
    ) -> None:
        self._agent_id = agent_id
        self._has_callback = has_callback
        super().__init__(session, endpoint, secret)
        self._token = AccessToken(
            partial(fetch_token, self._transport, corp_id=corp_id, secret=secret)
        )

    @override
    def prepare(self, message: Message, target: WeComTarget) -> tuple[Part, ...]:
        """Return the requests for a message.

        The limits of one request are 2,048 bytes of UTF-8 for text and Markdown, 1,000
        members, 100 departments and 100 tags. Each attachment that is uploaded is a
        request of its own, after the text.

        Args:
            message: the message; the title becomes its first line. Options: `kind` (a
                message type; text or Markdown by default), `ordinary_wechat` (nothing
                that WeChat itself does not show), `safe`, `id_translation`,
                `duplicate_check`, `duplicate_check_interval` (seconds, up to 14,400),
                `author`; for template cards `card_type`, `card`, `source`, `quote`,
                `emphasis`, `items`, `links`, `buttons`, `choices`, `submit_label` and
                `submit_key`.
            target: the recipients.

        Raises:
            ContentError: the message is empty or has no recipients, lacks a field that
                its type requires, is too long and not to be split, or is a card that
                needs a callback address.

        """
        if not (listed := audiences(target)):
            raise ContentError(Problem.TARGETS_MISSING)
        return tuple(
            plain_json({**audience, **body})
            for body in bodies(message, has_callback=self._has_callback)
            for audience in listed
        )

    @override
    async def upload(self, attachment: Attachment, part: Part | None = None) -> str:
        """Upload an attachment (`POST /cgi-bin/media/upload`); return its media ID.

        The same file is uploaded once in three days. A picture that WeCom refuses as too
        large is made smaller by `shrink`, if that is set.

        Args:
            attachment: attachment with its content.
            part: the request that needs it; decides the kind of media.

        Raises:
            ContentError: WeCom refuses the attachment.
            ClientError: as `send`, except for recipients; never uncertain.

        """
        if part is not None:
            attachment = replace(attachment, kind=AttachmentKind(media_kind(part)))
        try:
            return await self._media.media_id(attachment, self._upload)
        except ContentError as err:
            if (
                self.shrink is None
                or attachment.kind is not AttachmentKind.IMAGE
                or err.details.get("code") not in TOO_LARGE
            ):
                raise
            smaller = await asyncio.to_thread(self.shrink, attachment)
            if len(smaller.content) >= len(attachment.content):
                raise
        return await self._media.media_id(smaller, self._upload)

    @override
    def sendable(self, message: Message, target: WeComTarget) -> Message:
        """Return a message of a type that does without what could not be had."""
        message, words = sendable(message)
        return self.with_note(message, target, words) if words else message

    @override
    async def send(self, part: Part, *, remaining: float | None = None) -> Receipt:
        """Send one request (`POST /cgi-bin/message/send`).

        Args:
            part: a part of `prepare`, filled and stamped.
            remaining: unused, WeCom has no expiry.

        Raises:
            CredentialsError: the secret is refused; never repeat it.
            ActionNeededError: the console does not allow this application or IP.
            RecipientError: none of the targets can be written to.
            ContentError: WeCom refuses the message.
            UploadExpiredError: WeCom does not know the media ID any more.
            LimitError: too many requests.
            TemporaryError: WeCom is busy.
            ClientError: as `Transport.request`.

        """
        with self._noting_expired(part):
            answer = await self._post(
                "message/send", {**part, "agentid": self._agent_id}
            )
        # The answer may contain secrets.
        return receipt(part, answer, self._transport.clean)

    @override
    async def recall(self, message_id: str) -> None:
        """Recall a message within 24 hours (`POST /cgi-bin/message/recall`).

        It disappears from WeCom, but not from WeChat.

        Args:
            message_id: `msgid`, as in the receipt.

        Raises:
            ClientError: as `send`.

        """
        await self._post("message/recall", {"msgid": message_id})

    async def check_secret(self) -> None:
        """Check corporation ID and secret alone (`GET /cgi-bin/gettoken`).

        Some relays pass on nothing else but messages. Checks neither the number of the
        application nor the trusted IP.

        Raises:
            CredentialsError: they are refused; never repeat them.
            ClientError: as `Transport.request`, or another refusal of WeCom.

        """
        await self._token.get()

    async def agent(self) -> WeComAgent:
        """Return the application (`GET /cgi-bin/agent/get`).

        Sends no message, and checks the credentials, the number of the application, the
        trusted IP, and that the application is enabled.

        Raises:
            EndpointError: a relay does not pass this on; see `check_secret`.
            ClientError: as `send`, except for recipients and content.

        """
        answer = await self._get("agent/get", agentid=str(self._agent_id))
        if answer.get("close") == 1:
            raise ActionNeededError(WeComProblem.APP_DISABLED, code=50003)
        users = _objects(answer.get("allow_userinfos"), "user")
        name = answer.get("name")
        return WeComAgent(
            name=name if isinstance(name, str) else "",
            users=tuple(
                user["userid"] for user in users if isinstance(user.get("userid"), str)
            ),
            departments=_numbers(answer.get("allow_partys"), "partyid"),
            tags=_numbers(answer.get("allow_tags"), "tagid"),
        )

    async def member_name(self, user: str) -> str:
        """Return the name of a member, which may be empty (`GET /cgi-bin/user/get`).

        Args:
            user: user ID of the member.

        Raises:
            RecipientError: there is no such member, or it cannot see the application.
            ClientError: as `send`.

        """
        name = (await self._get("user/get", userid=user)).get("name")
        return name if isinstance(name, str) else ""

    async def members(self, department: int) -> dict[str, str]:
        """Return the members of a department by user ID (`GET /cgi-bin/user/simplelist`).

        Args:
            department: number of the department.

        Raises:
            ClientError: as `send`.

        """
        answer = await self._get("user/simplelist", department_id=str(department))
        return _names(answer, "userlist", "userid", "name")

    async def departments(self) -> dict[str, str]:
        """Return the names of the visible departments by number (`…/department/list`).

        Raises:
            ClientError: as `send`.

        """
        return _names(await self._get("department/list"), "department", "id", "name")

    async def tags(self) -> dict[str, str]:
        """Return the names of the tags by number (`GET /cgi-bin/tag/list`).

        Raises:
            ClientError: as `send`.

        """
        return _names(await self._get("tag/list"), "taglist", "tagid", "tagname")

    async def _get(self, path: str, **query: str) -> Json:
        """Send a GET request."""
        return await self._call(
            lambda token: self._transport.get(f"/cgi-bin/{path}", {**token, **query})
        )

    async def _post(self, path: str, body: Json) -> Json:
        """Send a POST request."""
        return await self._call(
            lambda token: self._transport.post_json(
                f"/cgi-bin/{path}", body, query=token
            )
        )

    async def _upload(self, attachment: Attachment) -> str:
        """Upload an attachment that is not in the cache."""
        media_type = MEDIA_KINDS[attachment.kind].value
        answer = await self._call(
            lambda token: self._transport.request(
                "POST",
                "/cgi-bin/media/upload",
                query={**token, "type": media_type},
                data=partial(upload_form, attachment),
            ),
            sends=False,
        )
        if not isinstance(media_id := answer.get("media_id"), str):
            raise EndpointError(Problem.NOT_THIS_SERVICE, status=200)
        return media_id

    async def _call(
        self,
        request: Callable[[dict[str, str]], Awaitable[Answer]],
        *,
        sends: bool = True,
    ) -> Json:
        """Return the answer to a request; renew the access token once if it expired.

        Args:
            request: sends the request with a token in its query.
            sends: whether the request has an effect, so that it can be uncertain.

        """
        token = await self._token.get()
        try:
            answer = (await request({"access_token": token.value})).json
            if answer["errcode"] in RENEWABLE:
                # Nothing was processed, so this does not repeat a message.
                token = await self._token.get(refused=token)
                answer = (await request({"access_token": token.value})).json
        except TemporaryError as err:
            err.uncertain = err.uncertain and sends
            raise
        if (code := answer["errcode"]) == OK:
            return answer
        refusal = error(code, self._transport.clean(answer.get("errmsg")))
        if isinstance(refusal, CredentialsError):
            self._token.refuse(refusal)
        raise refusal


def _objects(holder: object, key: str) -> Iterable[Json]:
    """Return the objects in a list of an answer."""
    items = holder.get(key) if isinstance(holder, dict) else None
    return [
        item
        for item in (items if isinstance(items, list) else [])
        if isinstance(item, dict)
    ]


def _numbers(holder: object, key: str) -> tuple[int, ...]:
    """Return the integers in a list of an answer."""
    items = holder.get(key) if isinstance(holder, dict) else None
    return tuple(
        item for item in (items if isinstance(items, list) else []) if type(item) is int
    )


def _names(answer: Json, key: str, id_key: str, name_key: str) -> dict[str, str]:
    """Return names by ID from a list of an answer."""
    return {
        str(item[id_key]): str(item.get(name_key) or item[id_key])
        for item in _objects(answer, key)
        if id_key in item
    }
