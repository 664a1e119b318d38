"""WeCom: messages of a self-built application to members of a corporation."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final, override

import aiohttp

from ..access_token import AccessToken
from ..errors import (
    ActionNeededError,
    ContentError,
    CredentialsError,
    Problem,
    TemporaryError,
)
from ..message import (
    Attachment,
    AttachmentKind,
    Client,
    Message,
    Part,
    Rate,
    Receipt,
    Scope,
)
from ..transport import Answer, Endpoint, Json, Transport
from .codes import EXPIRED_MEDIA, OK, RENEWABLE, WeComProblem, error
from .duplicates import DuplicateCheck
from .media import LIMITS, MediaStore, upload_form
from .messages import ATTACHMENT, MEDIA_KINDS, Kind, bodies, kind_of
from .targets import EVERYONE, WeComTarget, audiences, charged, receipt
from .token import fetch_token

__all__ = ["DEFAULT_URL", "EVERYONE", "WeComAgent", "WeComClient", "WeComTarget"]

DEFAULT_URL: Final = "https://qyapi.weixin.qq.com"


@dataclass(frozen=True, kw_only=True, slots=True)
class WeComAgent:
    """An application and who can see it."""

    name: str
    users: tuple[str, ...]
    departments: tuple[int, ...]
    tags: tuple[int, ...]


class WeComClient(Client[WeComTarget]):
    """Speaks to WeCom for one self-built application.

    The protocol is described in WeCom's developer documents 91039 (access token),
    90236 (messages), 90253 (media), 94867 (recall), 90227 (application) and 90313
    (codes).

    Args:
        session: the aiohttp session to use.
        endpoint: where WeCom is reached; a path in it is kept as a prefix.
        corp_id: of the corporation, `ww…`.
        agent_id: the application's number.
        secret: of the application.

    """

    # What exceeds them is dropped without a word.
    rates = (
        Rate(calls=30, seconds=60, scope=Scope.TARGET),
        Rate(calls=1000, seconds=3600, scope=Scope.TARGET),
    )
    attachment_limits = LIMITS
    drops_repeats = DuplicateCheck.least_seconds
    has_recall = True

    def __init__(
        self,
        session: aiohttp.ClientSession,
        endpoint: Endpoint,
        *,
        corp_id: str,
        agent_id: int,
        secret: str,
    ) -> None:
        """Keep the application's credentials."""
        self._agent_id = agent_id
        self._transport = Transport(
            session, endpoint, recognise=_is_answer, secrets=(secret,)
        )
        self._token = AccessToken(
            partial(fetch_token, self._transport, corp_id=corp_id, secret=secret)
        )
        self._media = MediaStore()
        self._duplicates = DuplicateCheck()

    @override
    def uploads(self, kind: AttachmentKind, message: Message) -> bool:
        """Tell if an attachment is uploaded; articles and cards hold addresses."""
        return kind is not AttachmentKind.IMAGE or kind_of(message) not in (
            Kind.NEWS,
            Kind.TEMPLATE_CARD,
        )

    @override
    def prepare(self, message: Message, target: WeComTarget) -> tuple[Part, ...]:
        """Return the requests that say the message.

        At most 2,048 bytes of UTF-8 go into one text or Markdown message, 1,000
        members, 100 departments and 100 tags into one request. What is uploaded goes
        as a message of its own after the text.

        Args:
            message: what is to be said; the title becomes its first line. Options:
                `kind` (a message type; without it text or Markdown), `ordinary_wechat`
                (nothing that WeChat itself does not show), `safe`, `id_translation`,
                `duplicate_check`, `duplicate_check_interval` (seconds, up to 14,400),
                `author`; for template cards `card_type`, `card`, `source`, `quote`,
                `emphasis`, `items`, `links`, `buttons`, `choices`, `submit_label` and
                `submit_key`.
            target: who gets it.

        Raises:
            ContentError: the message is empty or for nobody, lacks what its type needs,
                or is too long and not to be split.

        """
        if not (listed := audiences(target)):
            raise ContentError(Problem.TARGETS_MISSING)
        return tuple(
            {**audience, **body} for body in bodies(message) for audience in listed
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
        """Send one request (`POST /cgi-bin/message/send`), after any upload it needs.

        Args:
            part: one of those that `prepare` returned.
            key: makes WeCom drop the request if it was taken before under this key,
                unless the person decided on that.

        Raises:
            CredentialsError: the secret is refused; never ask again with the same one.
            ActionNeededError: the console refuses the application or the caller's IP.
            RecipientError: none of the targets can be written to.
            ContentError: WeCom refuses the message or the attachment.
            LimitError: too many requests.
            TemporaryError: no answer, or WeCom is busy.

        """
        body = {**part, "agentid": self._agent_id}
        attachment = body.pop(ATTACHMENT, None)
        if attachment is None:
            return self._receipt(part, await self._post_once(body, key))
        media_id = await self._media.media_id(attachment, self._upload)
        try:
            return self._receipt(part, await self._send_with(media_id, body, key))
        except ContentError as err:
            if err.details.get("code") != str(EXPIRED_MEDIA):
                raise
        # A file that was uploaded before lives no longer than three days.
        self._media.forget(media_id)
        media_id = await self._media.media_id(attachment, self._upload)
        return self._receipt(part, await self._send_with(media_id, body, key))

    @override
    def charged(self, part: Part) -> frozenset[str]:
        """Return whom a request is counted for."""
        return charged(part)

    @override
    async def recall(self, message_id: str) -> None:
        """Take a message back within 24 hours (`POST /cgi-bin/message/recall`).

        It disappears in WeCom, but not in WeChat.

        Args:
            message_id: `msgid`, as in the receipt.

        Raises:
            ClientError: as `send`.

        """
        await self._post("message/recall", {"msgid": message_id})

    async def check_secret(self) -> None:
        """Check the corporation ID and the secret (`GET /cgi-bin/gettoken`).

        No request is sent while an access token is cached: it was issued for them.

        Raises:
            CredentialsError: the secret is refused; never ask again with the same one.
            ClientError: there is no access token for another reason.

        """
        await self._token.get()

    async def agent(self) -> WeComAgent:
        """Return the application's name and who can see it (`GET /cgi-bin/agent/get`).

        Sends no message, and proves the credentials, the number of the application, the
        caller's IP and that the application is enabled.

        Raises:
            ClientError: as `send`, but for recipients and content.

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
            user: the member's user ID.

        Raises:
            RecipientError: there is no such member, or the application is not visible
                to it.
            ClientError: as `send`.

        """
        name = (await self._get("user/get", userid=user)).get("name")
        return name if isinstance(name, str) else ""

    async def members(self, department: int) -> dict[str, str]:
        """Return the members of a department by user ID (`GET /cgi-bin/user/simplelist`).

        Args:
            department: its number.

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
        """Ask something of the directory."""
        return await self._call(
            lambda token: self._transport.get(f"/cgi-bin/{path}", {**token, **query})
        )

    async def _post(self, path: str, body: Json) -> Json:
        """Have something done."""
        return await self._call(
            lambda token: self._transport.post_json(
                f"/cgi-bin/{path}", body, query=token
            )
        )

    async def _post_once(self, body: Json, key: str) -> Json:
        """Send a message, in such a way that WeCom can drop its repetition."""
        check = self._duplicates.fields(body, key)
        return await self._post("message/send", {**body, **check})

    async def _send_with(self, media_id: str, body: Json, key: str) -> Json:
        """Send a message with the media ID of its attachment."""
        kind = body["msgtype"]
        content = body[kind]
        if kind == Kind.MPNEWS:
            (article,) = content["articles"]
            content = {"articles": [{**article, "thumb_media_id": media_id}]}
        else:
            content = {**content, "media_id": media_id}
        return await self._post_once({**body, kind: content}, key)

    def _receipt(self, part: Part, answer: Json) -> Receipt:
        """Return what came of a request; what the answer names is cleaned of secrets."""
        return receipt(part, answer, self._transport.clean)

    async def _upload(self, attachment: Attachment) -> str:
        """Upload an attachment; return its media ID."""
        media_type = MEDIA_KINDS[attachment.kind].value
        answer = await self._call(
            lambda token: self._transport.request(
                "POST",
                "/cgi-bin/media/upload",
                query={**token, "type": media_type},
                data=upload_form(attachment),
            ),
            taken=False,
        )
        if not isinstance(media_id := answer.get("media_id"), str):
            raise TemporaryError(Problem.NOT_THIS_SERVICE, status=200)
        return media_id

    async def _call(
        self,
        request: Callable[[dict[str, str]], Awaitable[Answer]],
        *,
        taken: bool = True,
    ) -> Json:
        """Return the answer to a request, renewing the access token once if it died.

        Args:
            request: sends the request with a token in its query.
            taken: the request is the message itself, so that its fate may be in doubt.

        """
        token = await self._token.get()
        try:
            answer = (await request({"access_token": token.value})).json
            if answer["errcode"] in RENEWABLE:
                # Nothing was taken yet, so this repeats no message.
                token = await self._token.get(refused=token)
                answer = (await request({"access_token": token.value})).json
        except TemporaryError as err:
            err.doubtful = err.doubtful and taken
            raise
        if (code := answer["errcode"]) == OK:
            return answer
        refusal = error(code, self._transport.clean(answer.get("errmsg")))
        if isinstance(refusal, CredentialsError):
            self._token.refuse(refusal)
        raise refusal


def _objects(holder: object, key: str) -> Iterable[Json]:
    """Return the objects of a list in an answer, whatever else is in it."""
    items = holder.get(key) if isinstance(holder, dict) else None
    return [
        item
        for item in (items if isinstance(items, list) else [])
        if isinstance(item, dict)
    ]


def _numbers(holder: object, key: str) -> tuple[int, ...]:
    """Return the numbers of a list in an answer, whatever else is in it."""
    items = holder.get(key) if isinstance(holder, dict) else None
    return tuple(
        item for item in (items if isinstance(items, list) else []) if type(item) is int
    )


def _names(answer: Json, key: str, id_key: str, name_key: str) -> dict[str, str]:
    """Return names by identifier from a list in an answer."""
    return {
        str(item[id_key]): str(item.get(name_key) or item[id_key])
        for item in _objects(answer, key)
        if id_key in item
    }


def _is_answer(answer: Json) -> bool:
    """Tell if a JSON object is an answer of WeCom."""
    return type(answer.get("errcode")) is int
