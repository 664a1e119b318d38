"""PushPlus's open interface: the access key, pictures and what became of messages."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import aiohttp

from ..access_token import AccessToken, Token, lasting
from ..errors import ActionNeededError, ClientError, Problem, TemporaryError
from ..message import Attachment, Outcome
from ..transport import Endpoint, Json, Transport
from .codes import OK, PushPlusProblem, error, is_answer, read_outcome

# No limit is documented; pictures of this size are taken everywhere.
MAX_PICTURE: Final = 2 * 1024 * 1024

# The access key is refused (401, and 302 by some reports).
_RENEWABLE = frozenset({302, 401})
_FORBIDDEN_IP = 403


class PushPlusOpenApi:
    """Speaks to the open interface of one PushPlus account.

    The protocol is described in the PushPlus document "开放接口文档".

    Args:
        session: the aiohttp session to use.
        endpoint: where PushPlus is reached.
        token: the user token; a message token is refused.
        secret_key: as set in the developer settings.

    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        endpoint: Endpoint,
        *,
        token: str,
        secret_key: str,
    ) -> None:
        """Start without an access key."""
        self._session = session
        self._endpoint = endpoint
        self._token = token
        self._secret_key = secret_key
        self._transport = Transport(
            session, endpoint, recognise=is_answer, secrets=(token, secret_key)
        )
        self._key = AccessToken(self._fetch_key)

    async def upload_picture(self, picture: Attachment) -> str:
        """Return the address of a picture after uploading it; it lives thirty days.

        Args:
            picture: with its content.

        Raises:
            ActionNeededError: the open interface is off, or does not trust the
                caller's IP.
            CredentialsError: the token or the secret key is refused.
            TemporaryError: no answer, or an error of the server; the message itself
                was not sent.

        """
        try:
            permit = await self._get("/api/open/userImage/uploadToken")
            return await self._store(picture, permit)
        except TemporaryError as err:
            # However the upload went, no message was taken by it.
            err.doubtful = False
            raise

    async def outcome(self, short_code: str) -> Outcome:
        """Ask what became of a message (`GET …/message/sendMessageResult`).

        Args:
            short_code: as PushPlus gave it when it took the message.

        Raises:
            ActionNeededError: the open interface is off, or does not trust the
                caller's IP.
            CredentialsError: the token or the secret key is refused.
            ContentError: PushPlus does not know the message.
            TemporaryError: no answer, or an error of the server.

        """
        result = await self._get(
            "/api/open/message/sendMessageResult", shortCode=short_code
        )
        fields = result if isinstance(result, dict) else {}
        # The reason can repeat the short code, which opens the message to anyone.
        text = self._transport.clean(fields.get("errorMessage"), short_code)
        return read_outcome(fields.get("status"), text)

    async def _store(self, picture: Attachment, permit: object) -> str:
        """Hand a picture to the storage that PushPlus named."""
        fields = permit if isinstance(permit, dict) else {}
        token = fields.get("token") or fields.get("uploadToken")
        address = fields.get("uploadUrl")
        if not isinstance(token, str) or not isinstance(address, str):
            raise TemporaryError(Problem.NOT_THIS_SERVICE, status=OK)
        # Another host, which the login of a proxy does not concern.
        storage = Transport(
            self._session,
            replace(self._endpoint, url=address, username=None, password=None),
            recognise=lambda answer: "errno" in answer or "url" in answer,
            secrets=(token,),
        )
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("token", token)
        form.add_field(
            "file",
            picture.content,
            filename=picture.name,
            content_type=picture.content_type,
        )
        answer = await storage.request("POST", "", data=form)
        data = answer.json.get("data")
        url = answer.json.get("url") or (
            data.get("url") if isinstance(data, dict) else data
        )
        if answer.json.get("errno", 0) != 0 or not isinstance(url, str):
            raise TemporaryError(
                Problem.SERVER_ERROR,
                status=storage.clean(str(answer.json.get("errno"))),
            )
        return url

    async def _get(self, path: str, **query: str) -> Any:
        """Ask something, with an access key that is renewed once if it is refused."""
        key = await self._key.get()
        answer = await self._ask(path, query, key.value)
        if answer["code"] in _RENEWABLE:
            key = await self._key.get(refused=key)
            answer = await self._ask(path, query, key.value)
        if answer["code"] != OK:
            raise self._error(answer)
        return answer.get("data")

    async def _ask(self, path: str, query: Mapping[str, str], key: str) -> Json:
        """Send one question."""
        answer = await self._transport.request(
            "GET", path, query=query, headers={"access-key": key}
        )
        return answer.json

    async def _fetch_key(self) -> Token:
        """Ask for an access key; a new one makes the old one useless."""
        answer = await self._transport.post_json(
            "/api/common/openApi/getAccessKey",
            {"token": self._token, "secretKey": self._secret_key},
        )
        if answer.json["code"] != OK:
            raise self._error(answer.json)
        data = answer.json.get("data")
        fields = data if isinstance(data, dict) else {}
        key = fields.get("accessKey")
        if not isinstance(key, str) or not key:
            raise TemporaryError(Problem.NOT_THIS_SERVICE, status=answer.status)
        self._transport.hide(key)
        return lasting(key, fields.get("expiresIn"))

    def _error(self, answer: Json) -> ClientError:
        """Return the error for an answer."""
        text = self._transport.clean(answer.get("msg"))
        if answer["code"] in (*_RENEWABLE, _FORBIDDEN_IP):
            return ActionNeededError(
                PushPlusProblem.OPEN_API, code=answer["code"], text=text
            )
        return error(answer["code"], text)
