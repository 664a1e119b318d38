"""Open interface of PushPlus: access key, account, pictures, and what became of messages."""

from collections.abc import Mapping
from typing import Any, Final

import aiohttp

from ..access_token import AccessToken, Token, expiring_token
from ..errors import (
    ActionNeededError,
    CredentialsError,
    EndpointError,
    Problem,
    TemporaryError,
    UploadRefusedError,
)
from ..message import Attachment
from ..receipt import Outcome
from ..transport import Endpoint, Json, Transport
from .codes import (
    OK,
    UNAUTHORISED,
    is_answer,
    open_api_error,
    read_outcome,
    reason,
    whole_number,
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
        self._key = AccessToken(self._fetch_key)

    async def is_member(self) -> bool | None:
        """Return if the account is a paying member (`GET …/user/myInfo`).

        Returns:
            None if PushPlus does not say.

        Raises:
            ActionNeededError: the open interface is off, the IP of the caller is not
                allowed, or the secret key is refused.
            CredentialsError: the token is refused.
            ClientError: as `Transport.request`.

        """
        match await self._get("/api/open/user/myInfo"):
            case {"vipInfo": {"isVip": value}}:
                return whole_number(value) == 1
        return None

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
            ClientError: as `is_member`.

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
            ClientError: as `is_member`.

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
        text = self._transport.clean(fields.get("errorMessage"), short_code)
        return read_outcome(fields.get("status"), text)

    async def _get(self, path: str, *, method: str = "GET", **query: str) -> Any:
        """Send a request; renew the access key once if it is refused."""
        key = await self._key.get()
        answer = await self._ask(method, path, query, key.value)
        if answer["code"] in UNAUTHORISED:
            key = await self._key.get(refused=key)
            answer = await self._ask(method, path, query, key.value)
        if (code := answer["code"]) != OK:
            text = reason(answer, self._transport.clean)
            raise open_api_error(code, text, of_key=False)
        return answer.get("data")

    async def _ask(
        self, method: str, path: str, query: Mapping[str, str], key: str
    ) -> Json:
        """Send a request with an access key."""
        answer = await self._transport.request(
            method, path, query=query, headers={"access-key": key}
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
            raise open_api_error(code, text, of_key=True)
        data = answer.json.get("data")
        fields = data if isinstance(data, dict) else {}
        key = fields.get("accessKey")
        if not isinstance(key, str) or not key:
            raise EndpointError(Problem.NOT_THIS_SERVICE, status=answer.status)
        self._transport.hide(key)
        return expiring_token(key, fields.get("expiresIn"))
