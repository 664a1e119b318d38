"""Refused credentials: to repeat them gets the address banned."""

from typing import Any

from ..clients.errors import CredentialsError
from .errors import dump_error, load_error


class RefusedCredentials:
    """Remembers that a service refused the credentials of an account."""

    def __init__(self) -> None:
        # Why nothing is sent with the present ones.
        self.error: CredentialsError | None = None
        # Digest of the present ones, which tells them from others.
        self._present: object = None

    def use(self, digest: str) -> bool:
        """Take over the present credentials; return if others had been refused."""
        are_others, self._present = digest != self._present, digest
        return are_others and self.accept()

    def refuse(self, err: CredentialsError, digest: str) -> None:
        """Handle that credentials were refused, which may be earlier ones by now."""
        if self.error is None and digest == self._present:
            self.error = err

    def accept(self) -> bool:
        """Handle that the credentials are accepted; return if that is news."""
        was_refused = self.error is not None
        self.error = None
        return was_refused

    def dump(self) -> dict[str, Any] | None:
        """Return what a restart must not forget, as JSON."""
        if self.error is None:
            return None
        return {**dump_error(self.error), "credentials": self._present}

    def load(self, stored: object) -> None:
        """Restore what was stored."""
        if isinstance(stored, dict):
            error = load_error(stored)
            if isinstance(error, CredentialsError):
                self.error, self._present = error, stored.get("credentials")
