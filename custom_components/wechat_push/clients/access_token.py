"""Access tokens: fetched once, shared by all requests, renewed when they expire."""

import asyncio
from collections.abc import Awaitable, Callable
import copy
from dataclasses import dataclass, field
import time

from .errors import ClientError, CredentialsError, TemporaryError

# In seconds.
_DEFAULT_LIFETIME = 7200
# Renew a little early, so that no token expires in flight.
_MARGIN = 300


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Token:
    """An access token and when to renew it, in monotonic seconds.

    Compared by identity: a service may return the same value for a new token.
    """

    value: str = field(repr=False)
    renew_at: float


class AccessToken:
    """The access token of one account.

    Args:
        fetch: requests a new token; raises a ClientError if there is none.

    """

    def __init__(self, fetch: Callable[[], Awaitable[Token]]) -> None:
        self._fetch = fetch
        # The token, or the error of the last attempt.
        self._result: Token | ClientError = Token(value="", renew_at=0)
        self._lock = asyncio.Lock()
        self._fetches = 0

    def refuse(self, err: CredentialsError) -> None:
        """Request no more tokens: repeating a refused secret gets the address banned."""
        self._result = err

    async def get(self, *, refused: Token | None = None) -> Token:
        """Return the access token. Concurrent callers share one request.

        Args:
            refused: the token that the service refused.

        Raises:
            ClientError: there is no token; never uncertain.

        """
        if (token := self._usable(refused)) is not None:
            return token
        fetches = self._fetches
        async with self._lock:
            # Another caller may have fetched, or failed to, meanwhile.
            if fetches == self._fetches and not isinstance(
                self._result, CredentialsError
            ):
                fetched = await self._fetch_result()
                self._fetches += 1
                # The secret may have been refused meanwhile.
                if not isinstance(self._result, CredentialsError):
                    self._result = fetched
            if isinstance(self._result, Token):
                return self._result
            raise copy.copy(self._result)

    def _usable(self, refused: Token | None) -> Token | None:
        """Return the current token unless it is refused or expired."""
        if (
            isinstance(self._result, Token)
            and self._result is not refused
            and self._result.renew_at > time.monotonic()
        ):
            return self._result
        return None

    async def _fetch_result(self) -> Token | ClientError:
        """Return a new token, or the error."""
        try:
            return await self._fetch()
        except ClientError as err:
            if isinstance(err, TemporaryError):
                # No message was sent.
                err.uncertain = False
            return err.with_traceback(None)


def expiring_token(value: str, lifetime: object) -> Token:
    """Return a token that expires as the service says.

    Args:
        value: the token itself.
        lifetime: seconds; two hours if it is not a positive integer.

    """
    seconds = lifetime if type(lifetime) is int and lifetime > 0 else _DEFAULT_LIFETIME
    return Token(
        value=value,
        renew_at=time.monotonic() + max(seconds - _MARGIN, seconds / 2),
    )
