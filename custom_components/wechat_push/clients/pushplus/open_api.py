"""Open interface of PushPlus: access key, pictures and outcomes of messages."""

from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any, Final

import aiohttp

from ..access_token import AccessToken, Token, expiring_token
from ..errors import EndpointError, Problem, TemporaryError
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

# In bytes. Larger ones take long to open on a phone.
MAX_PICTURE: Final = 2 * 1024 * 1024

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

        Args:
            picture: picture with its content.

        Raises:
            ActionNeededError: the open interface is off, or the IP of the caller is not
                allowed.
            CredentialsError: the token or the secret key is refused.
            ClientError: as `Transport.request`; never uncertain.

        """
        try:
            permit = await self._get("/api/open/userImage/uploadToken")
            return await self._store(picture, permit)
        except TemporaryError as err:
            # No message was sent.
            err.uncertain = False
            raise

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

    async def _store(self, picture: Attachment, permit: object) -> str:
        """Upload a picture to the storage in the permit (Qiniu)."""
        fields = permit if isinstance(permit, dict) else {}
        token = fields.get("token") or fields.get("uploadToken")
        address = fields.get("uploadUrl") or fields.get("uploadHost")
        if not isinstance(token, str) or not isinstance(address, str):
            raise EndpointError(Problem.NOT_THIS_SERVICE, status=OK)
        # Another host: a proxy's login must not be sent there.
        storage = Transport(
            self._session,
            replace(self._endpoint, url=address, username=None, password=None),
            # Its refusals come as `error`, with any HTTP status.
            recognise=lambda answer: bool({"errno", "url", "error"} & answer.keys()),
            secrets=(token,),
        )
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("token", token)
        form.add_field(
            "file",
            # As a file: raw bytes would be written in one go.
            BytesIO(picture.content),
            filename=picture.name,
            content_type=picture.content_type,
        )
        answer = await storage.request("POST", "", data=form)
        data = answer.json.get("data")
        url = answer.json.get("url") or (
            data.get("url") if isinstance(data, dict) else data
        )
        if answer.json.get("errno", 0) != 0 or not isinstance(url, str):
            # It says nothing about the account.
            reason = answer.json.get("error", answer.json.get("errno"))
            raise TemporaryError(
                Problem.SERVER_ERROR, status=storage.clean(str(reason))
            )
        return url

    async def _get(self, path: str, **query: str) -> Any:
        """Send a request; renew the access key once if it is refused."""
        key = await self._key.get()
        answer = await self._ask(path, query, key.value)
        if answer["code"] in UNAUTHORISED:
            key = await self._key.get(refused=key)
            answer = await self._ask(path, query, key.value)
        if (code := answer["code"]) != OK:
            text = reason(answer, self._transport.clean)
            raise open_api_error(code, text, of_key=False)
        return answer.get("data")

    async def _ask(self, path: str, query: Mapping[str, str], key: str) -> Json:
        """Send a request with an access key."""
        answer = await self._transport.request(
            "GET", path, query=query, headers={"access-key": key}
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
