"""Refused credentials: to repeat them gets the address banned."""

from typing import Any

from ..clients.errors import CredentialsError
from .errors import dump_error, load_error


class RefusedCredentials:
    """Remembers that a service refused the credentials of an account."""

    def __init__(self) -> None:
        # Why nothing is sent with the present ones.
        self.error: CredentialsError | None = None
        # Digests of the present ones and of those that were refused.
        self._present: str | None = None
        self._refused: object = None

    def use(self, digest: str) -> bool:
        """Take over the present credentials; return if others had been refused."""
        self._present = digest
        return self._refused != digest and self.accept()

    def refuse(self, err: CredentialsError) -> None:
        """Handle that the present credentials were refused."""
        if self.error is None:
            self.error, self._refused = err, self._present

    def accept(self) -> bool:
        """Handle that the credentials are accepted; return if that is news."""
        was_refused = self.error is not None
        self.error = self._refused = None
        return was_refused

    def dump(self) -> dict[str, Any] | None:
        """Return what a restart must not forget, as JSON."""
        if self.error is None:
            return None
        return {**dump_error(self.error), "credentials": self._refused}

    def load(self, stored: object) -> None:
        """Restore what was stored."""
        if isinstance(stored, dict):
            error = load_error(stored)
            if isinstance(error, CredentialsError):
                self.error, self._refused = error, stored.get("credentials")
