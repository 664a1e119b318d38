"""Open interface of PushPlus: access key, account, pictures, and what became of messages."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

from ..access_token import AccessToken, Token, expiring_token
from ..errors import (
    ActionNeededError,
    ContentError,
    CredentialsError,
    EndpointError,
    Problem,
    TemporaryError,
    UploadRefusedError,
)
from ..message import Attachment
from ..receipt import Outcome
from ..transport import Endpoint, Json, Transport, dump, text_of, web_address
from .codes import (
    OK,
    UNAUTHORISED,
    is_answer,
    open_api_error,
    read_outcome,
    reason,
    whole_number,
    without_tokens,
)
from .picture_storage import read_permit, store

# Fields of today's counts, and the channels that they are of.
_COUNTS: Final = {
    "wechatSendCount": "wechat",
    "cpSendCount": "cp",
    "webhookSendCount": "webhook",
    "mailSendCount": "mail",
    "qqBotSendCount": "qq",
    "cmccSendCount": "cmcc",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """The owner of an account.

    Args:
        name: nickname; empty if PushPlus does not say.
        member: pays for a membership; None if PushPlus does not say.

    """

    name: str
    member: bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Codes:
    """A list of codes that configure a channel.

    Args:
        path: of the list.
        code: field of a row with the code.
        name: field of a row with its name.

    """

    path: str
    code: str
    name: str


# Other fields of a row hold addresses and keys of others.
_CHANNELS: Final = {
    "webhook": _Codes(
        path="/api/open/webhook/list", code="webhookCode", name="webhookName"
    ),
    "cp": _Codes(path="/api/open/cp/list", code="cpCode", name="cpName"),
    "mail": _Codes(path="/api/open/mail/list", code="mailCode", name="mailName"),
    "qq": _Codes(path="/api/open/qqBot/list", code="qqCode", name="qqName"),
}
_PAGE_SIZE: Final = 50
_MAX_PAGES: Final = 10
# Seconds.
_QR_CODE_LIFE: Final = 600


@dataclass(frozen=True, kw_only=True, slots=True)
class Contacts:
    """Who and what messages of an account can be sent to, by name.

    Args:
        groups: that the account has made, by group code.
        group_ids: their numbers by group code.
        joined_groups: groups of others, by group code.
        friends: by token.
        channels: configurations of a channel by their code.

    """

    groups: Mapping[str, str]
    group_ids: Mapping[str, int]
    joined_groups: Mapping[str, str]
    friends: Mapping[str, str] = field(repr=False)
    channels: Mapping[str, Mapping[str, str]]


class PushPlusOpenApi:
    """Open interface of one PushPlus account.

    See "开放接口文档" of the PushPlus documentation.

    Args:
        session: aiohttp session; None opens one for each request.
        endpoint: address of PushPlus.
        token: user token; a message token is refused.
        secret_key: secret key of the developer settings.

    """

    def __init__(
        self,
        session: aiohttp.ClientSession | None,
        endpoint: Endpoint,
        *,
        token: str,
        secret_key: str,
    ) -> None:
        self._session = session
        self._endpoint = endpoint
        self._token = token
        self._secret_key = secret_key
        self._transport = Transport(
            session, endpoint, recognise=is_answer, secrets=(token, secret_key)
        )
        self.clean = self._transport.clean
        self._key = AccessToken(self._fetch_key)

    async def profile(self) -> Profile:
        """Return whose account it is (`GET …/user/myInfo`).

        Raises:
            ActionNeededError: the open interface is off, the IP of the caller is not
                allowed, or the secret key is refused.
            CredentialsError: the token is refused.
            ClientError: as `Transport.request`.

        """
        data = await self._get("/api/open/user/myInfo")
        fields = data if isinstance(data, dict) else {}
        name = fields.get("nickName")
        member = None
        match fields:
            case {"vipInfo": {"isVip": value}}:
                member = whole_number(value) == 1
        return Profile(name=name if isinstance(name, str) else "", member=member)

    async def is_verified(self) -> bool | None:
        """Return if the real-name verification is done (`GET …/user/myInfo`).

        Returns:
            None if PushPlus does not say.

        Raises:
            ClientError: as `is_member`.

        """
        match await self._get("/api/open/user/myInfo"):
            case {"verifyStatus": value} if (number := whole_number(value)) is not None:
                return number == 1
        return None

    async def points(self) -> int | None:
        """Return the points of the account (`GET …/user/myInfo`).

        Returns:
            None if PushPlus does not say.

        Raises:
            ClientError: as `is_member`.

        """
        match await self._get("/api/open/user/myInfo"):
            case {"points": value}:
                return whole_number(value)
        return None

    async def counts_today(self) -> dict[str, int]:
        """Return today's requests of the account by channel (`GET …/user/sendCount`).

        Raises:
            ClientError: as `profile`.

        """
        data = await self._get("/api/open/user/sendCount")
        fields = data if isinstance(data, dict) else {}
        counts = {
            channel: whole_number(fields.get(name)) for name, channel in _COUNTS.items()
        }
        return {
            channel: count for channel, count in counts.items() if count is not None
        }

    async def upload_picture(self, picture: Attachment) -> str:
        """Upload a picture; return its URL, which is valid for thirty days.

        See "图片服务" of the PushPlus documentation: for members, up to 10 MB, and shown
        only on pages of PushPlus.

        Args:
            picture: picture with its content.

        Raises:
            UploadRefusedError: the open interface is off, or the IP of the caller is not
                allowed, or the token or secret key is refused.
            ContentError: PushPlus or the storage refuses the picture.
            EndpointError: the storage is not a safe place.
            TemporaryError: the storage does not work.
            ClientError: as `Transport.request`; never uncertain.

        """
        try:
            permit = read_permit(await self._get("/api/open/userImage/uploadToken"))
        except (ActionNeededError, CredentialsError) as err:
            # Messages are sent without the open interface.
            raise UploadRefusedError(err.problem, **err.details) from None
        except TemporaryError as err:
            # No message was sent.
            err.uncertain = False
            raise
        return await store(self._session, self._endpoint, permit, picture)

    async def delete(self, short_code: str) -> None:
        """Delete a message for all recipients (`DELETE …/message/deleteMessage`).

        Args:
            short_code: short code in the answer to the message.

        Raises:
            ContentError: PushPlus does not know the message.
            ClientError: as `profile`.

        """
        await self._get(
            "/api/open/message/deleteMessage", method="DELETE", shortCode=short_code
        )

    async def outcome(self, short_code: str) -> Outcome:
        """Return the outcome of a message (`GET …/message/sendMessageResult`).

        Args:
            short_code: short code in the answer to the message.

        Raises:
            ActionNeededError: the open interface is off, or the IP of the caller is not
                allowed.
            CredentialsError: the token or the secret key is refused.
            ContentError: PushPlus does not know the message.
            ClientError: as `Transport.request`.

        """
        result = await self._get(
            "/api/open/message/sendMessageResult", shortCode=short_code
        )
        fields = result if isinstance(result, dict) else {}
        # The reason may contain the short code, which gives access to the message.
        text = without_tokens(self.clean(fields.get("errorMessage"), short_code))
        return read_outcome(fields.get("status"), text)

    async def contacts(self) -> Contacts:
        """Return who and what messages can be sent to, up to 500 of each kind.

        A list that the account has no right to is empty.

        Raises:
            ClientError: as `profile`.

        """
        groups, joined, friends, *codes = await asyncio.gather(
            self._list("/api/open/topic/list", topicType=0),
            self._list("/api/open/topic/list", topicType=1),
            self._list("/api/open/friend/list"),
            *(self._codes(kind) for kind in _CHANNELS.values()),
        )
        return Contacts(
            groups=_named(groups, "topicCode", "topicName"),
            group_ids=_numbers(groups),
            joined_groups=_named(joined, "topicCode", "topicName"),
            friends=_named(friends, "token", "remark", "nickName"),
            channels={
                channel: _named(rows, kind.code, kind.name)
                for (channel, kind), rows in zip(_CHANNELS.items(), codes, strict=True)
            },
        )

    async def group_ids(self) -> dict[str, int]:
        """Return the numbers of the groups that the account has made, by group code.

        Raises:
            ClientError: as `profile`.

        """
        return _numbers(await self._list("/api/open/topic/list", topicType=0))

    async def friends(self) -> dict[str, str]:
        """Return the friends of the account by token.

        Raises:
            ClientError: as `profile`.

        """
        rows = await self._list("/api/open/friend/list")
        return _named(rows, "token", "remark", "nickName")

    async def subscribers(self, group_id: int) -> tuple[str, ...]:
        """Return the names of the members of a group.

        They have no tokens: messages reach them through the group alone.

        Args:
            group_id: as in `group_ids`.

        Raises:
            ClientError: as `profile`.

        """
        rows = await self._list("/api/open/topicUser/subscriberList", topicId=group_id)
        return tuple(_first(each, "remark", "nickName") or "?" for each in rows)

    async def qr_code(self, group_id: int | None = None) -> str:
        """Return the address of a QR code, valid for ten minutes.

        Args:
            group_id: of the group that is joined with it; None makes a friend.

        Raises:
            EndpointError: the answer holds no picture.
            ClientError: as `profile`.

        """
        life = str(_QR_CODE_LIFE)
        if group_id is None:
            data = await self._get("/api/open/friend/getQrCode", second=life)
        else:
            data = await self._get(
                "/api/open/topic/qrCode", topicId=str(group_id), second=life
            )
        url = web_address(data.get("qrCodeImgUrl")) if isinstance(data, dict) else ""
        if not url:
            raise EndpointError(Problem.NOT_THIS_SERVICE, status=200)
        return url

    async def _codes(self, kind: _Codes) -> list[Json]:
        """Return the rows of a list, which is empty where the account may not see it."""
        try:
            return await self._list(kind.path)
        except ContentError:
            return []

    async def _list(self, path: str, **params: int) -> list[Json]:
        """Return the rows of a paged list."""
        found: list[Json] = []
        for page in range(1, _MAX_PAGES + 1):
            body = {"current": page, "pageSize": _PAGE_SIZE, "params": params}
            data = await self._get(path, method="POST", body=body)
            fields = data if isinstance(data, dict) else {}
            rows = fields.get("list")
            found += [
                row
                for row in (rows if isinstance(rows, list) else [])
                if isinstance(row, dict)
            ]
            if page >= (whole_number(fields.get("pages")) or 0):
                break
        return found

    async def _get(
        self, path: str, *, method: str = "GET", body: Json | None = None, **query: str
    ) -> Any:
        """Send a request; renew the access key once if it is refused."""
        key = await self._key.get()
        answer = await self._ask(method, path, query, body, key.value)
        if answer["code"] in UNAUTHORISED:
            key = await self._key.get(refused=key)
            answer = await self._ask(method, path, query, body, key.value)
        if (code := answer["code"]) != OK:
            text = reason(answer, self._transport.clean)
            raise open_api_error(code, text, self._transport.server_time, of_key=False)
        return answer.get("data")

    async def _ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: Json | None,
        key: str,
    ) -> Json:
        """Send a request with an access key."""
        headers = {"access-key": key}
        if body is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
        answer = await self._transport.request(
            method,
            path,
            query=query,
            data=None if body is None else dump(body),
            headers=headers,
        )
        return answer.json

    async def _fetch_key(self) -> Token:
        """Request an access key; this invalidates the old one."""
        answer = await self._transport.post_json(
            "/api/common/openApi/getAccessKey",
            {"token": self._token, "secretKey": self._secret_key},
        )
        if (code := answer.json["code"]) != OK:
            text = reason(answer.json, self._transport.clean)
            raise open_api_error(code, text, self._transport.server_time, of_key=True)
        data = answer.json.get("data")
        fields = data if isinstance(data, dict) else {}
        key = fields.get("accessKey")
        if not isinstance(key, str) or not key:
            raise EndpointError(Problem.NOT_THIS_SERVICE, status=answer.status)
        self._transport.hide(key)
        return expiring_token(key, fields.get("expiresIn"))


def _numbers(groups: Iterable[Json]) -> dict[str, int]:
    """Return the numbers of groups by their codes."""
    return {
        text_of(each.get("topicCode")): number
        for each in groups
        if (number := whole_number(each.get("topicId"))) is not None
    }


def _first(row: Json, *names: str) -> str:
    """Return the first field of a row that is not empty."""
    return next(filter(None, (text_of(row.get(name)).strip() for name in names)), "")


def _named(rows: Iterable[Json], code: str, *names: str) -> dict[str, str]:
    """Return the names of rows by their codes."""
    return {
        key: _first(row, *names) or key
        for row in rows
        if (key := text_of(row.get(code)))
    }
