"""WeCom's access token: fetched once, shared by all who need it, renewed when it dies."""

import asyncio
import copy
from dataclasses import dataclass
import time

from .errors import ClientError, CredentialsError, Problem, TemporaryError
from .transport import Transport
from .wecom_codes import OK, token_error

_DEFAULT_LIFETIME = 7200
# A token is renewed a little before its end, so that none dies on the way.
_MARGIN = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class _Token:
    """An access token and when it is to be renewed, in monotonic seconds."""

    value: str
    renew_at: float


class AccessToken:
    """The access token of one application.

    Args:
        transport: the way to WeCom.
        corp_id: of the corporation.
        secret: of the application.

    """

    def __init__(self, transport: Transport, *, corp_id: str, secret: str) -> None:
        """Start without a token."""
        self._transport = transport
        self._corp_id = corp_id
        self._secret = secret
        self._token: _Token | None = None
        self._fetching = asyncio.Lock()
        self._fetches = 0
        self._failure: ClientError | None = None

    def refuse(self, err: CredentialsError) -> None:
        """Ask for no further token: repeating a refused secret gets the caller banned."""
        self._failure = err

    async def get(self, *, refused: str | None = None) -> str:
        """Return the access token; all who need a new one at once share it.

        Args:
            refused: the token that was found dead.

        """
        if (token := self._usable(refused)) is not None:
            return token
        fetches = self._fetches
        async with self._fetching:
            # Somebody else may have got a token, or the refusal, in the meantime.
            if (token := self._usable(refused)) is not None:
                return token
            if self._failure is not None and (
                isinstance(self._failure, CredentialsError) or fetches != self._fetches
            ):
                raise copy.copy(self._failure)
            self._fetches += 1
            try:
                self._token = await self._fetch()
            except ClientError as err:
                if isinstance(err, TemporaryError):
                    # However it went, no message was taken by it.
                    err.doubtful = False
                self._failure = err
                raise
            self._failure = None
            return self._token.value

    def _usable(self, refused: str | None) -> str | None:
        """Return the token at hand if it is not known to be dead."""
        if (
            self._token is None
            or self._token.value == refused
            or self._token.renew_at <= time.monotonic()
            or isinstance(self._failure, CredentialsError)
        ):
            return None
        return self._token.value

    async def _fetch(self) -> _Token:
        """Ask for an access token (`GET /cgi-bin/gettoken`)."""
        answer = await self._transport.get(
            "/cgi-bin/gettoken",
            {"corpid": self._corp_id, "corpsecret": self._secret},
        )
        if (code := answer.json["errcode"]) != OK:
            raise token_error(code, self._transport.clean(answer.json.get("errmsg")))
        token = answer.json.get("access_token")
        if not isinstance(token, str) or not token:
            raise TemporaryError(Problem.NOT_THIS_SERVICE, status=answer.status)
        self._transport.hide(token)
        lifetime = answer.json.get("expires_in")
        if type(lifetime) is not int or lifetime <= 0:
            lifetime = _DEFAULT_LIFETIME
        return _Token(
            value=token,
            renew_at=time.monotonic() + max(lifetime - _MARGIN, lifetime / 2),
        )
