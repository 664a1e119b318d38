"""Access tokens: fetched once, shared by all who need one, renewed when they die."""

import asyncio
from collections.abc import Awaitable, Callable
import copy
from dataclasses import dataclass
import time

from .errors import ClientError, CredentialsError, TemporaryError

_DEFAULT_LIFETIME = 7200
# A token is renewed a little before its end, so that none dies on the way.
_MARGIN = 300


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Token:
    """An access token and when it is to be renewed, in monotonic seconds.

    A service may give the same text again while it lives: what was fetched anew is told
    by identity.
    """

    value: str
    renew_at: float


class AccessToken:
    """The access token of one account.

    Args:
        fetch: asks the service for a new one; raises a ClientError if there is none.

    """

    def __init__(self, fetch: Callable[[], Awaitable[Token]]) -> None:
        """Start without a token."""
        self._fetch = fetch
        # The token, or why there is none.
        self._held: Token | ClientError = Token(value="", renew_at=0)
        self._fetching = asyncio.Lock()
        self._fetches = 0

    def refuse(self, err: CredentialsError) -> None:
        """Ask for no further token: repeating a refused secret gets the caller banned."""
        self._held = err

    async def get(self, *, refused: Token | None = None) -> Token:
        """Return the access token; all who need a new one at once share it.

        Args:
            refused: the token that was found dead.

        Raises:
            ClientError: there is none to be had; no message was taken by that.

        """
        if (token := self._usable(refused)) is not None:
            return token
        fetches = self._fetches
        async with self._fetching:
            # Whoever waited here shares what came of it, be it a token or a failure.
            if fetches == self._fetches and not isinstance(
                self._held, CredentialsError
            ):
                fetched = await self._outcome()
                self._fetches += 1
                # The secret may have been refused in the meantime, and stays so.
                if not isinstance(self._held, CredentialsError):
                    self._held = fetched
            if isinstance(self._held, Token):
                return self._held
            raise copy.copy(self._held)

    def _usable(self, refused: Token | None) -> Token | None:
        """Return the token at hand if it is not known to be dead."""
        if (
            isinstance(self._held, Token)
            and self._held is not refused
            and self._held.renew_at > time.monotonic()
        ):
            return self._held
        return None

    async def _outcome(self) -> Token | ClientError:
        """Return a new access token, or why there is none."""
        try:
            return await self._fetch()
        except ClientError as err:
            if isinstance(err, TemporaryError):
                # However it went, no message was taken by it.
                err.doubtful = False
            return err.with_traceback(None)


def lasting(value: str, lifetime: object) -> Token:
    """Return a token that lives as long as the service says.

    Args:
        value: the token itself.
        lifetime: in seconds; what is no such number counts as two hours.

    """
    seconds = lifetime if type(lifetime) is int and lifetime > 0 else _DEFAULT_LIFETIME
    return Token(
        value=value,
        renew_at=time.monotonic() + max(seconds - _MARGIN, seconds / 2),
    )
