"""The base class of providers whose recipients are a secret each, at one address."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Final, override

import voluptuous as vol

from homeassistant.const import CONF_NAME, CONF_URL

from ..clients.client import Client
from .base import Provider
from .forms import SECRET, TEXT, InputError, clean_text

CONF_SECRET: Final = "secret"


class RecipientSecretProvider[TargetT, ClientT: Client[Any]](
    Provider[TargetT, ClientT]
):
    """A provider that knows no credentials but those of its recipients."""

    # The problem that a secret has the wrong shape.
    shape_problem: ClassVar[str]

    recipient_schema = vol.Schema(
        {vol.Optional(CONF_NAME): TEXT, vol.Required(CONF_SECRET): SECRET}
    )
    recipient_identity = (CONF_SECRET,)
    identity = (CONF_URL,)
    account_secrets: frozenset[str] = frozenset()
    recipient_secrets = frozenset({CONF_SECRET})

    @abstractmethod
    def parse_secret(self, text: str) -> str | None:
        """Return the secret in what a person pasted, or None if it is none."""

    @override
    def parse_recipient(
        self, user_input: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Parse the secret; left empty, it stays as it is."""
        text = clean_text(str(user_input.get(CONF_SECRET, "")))
        if not text and known:
            return dict(known)
        if not text:
            raise InputError(CONF_SECRET, "secret_missing")
        if (secret := self.parse_secret(text)) is None:
            raise InputError(CONF_SECRET, self.shape_problem)
        return {CONF_SECRET: secret}
