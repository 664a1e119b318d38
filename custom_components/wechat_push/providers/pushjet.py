"""The provider Pushjet."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, override

import aiohttp
import voluptuous as vol
from yarl import URL

from homeassistant.const import CONF_NAME, CONF_URL
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)

from ..clients.pushjet import (
    SECRET_PATTERN,
    PushjetClient,
    PushjetProblem,
    PushjetTarget,
)
from .base import CheckedAccount, CheckedRecipient, Provider
from .forms import (
    CONNECTION_SCHEMA,
    SECRET,
    TEXT,
    URL_TEXT,
    InputError,
    clean_text,
    endpoint,
)

CONF_LEVEL: Final = "level"
CONF_PUBLIC: Final = "public"
CONF_SECRET: Final = "secret"

_SERVER_SCHEMA = vol.Schema({vol.Required(CONF_URL): URL_TEXT})
_ACCOUNT_SCHEMA = _SERVER_SCHEMA.extend(CONNECTION_SCHEMA.schema)
# The first service can be entered along with its server.
_NEW_ACCOUNT_SCHEMA = _SERVER_SCHEMA.extend({vol.Optional(CONF_SECRET): SECRET}).extend(
    CONNECTION_SCHEMA.schema
)
_RECIPIENT_SCHEMA = vol.Schema(
    {vol.Optional(CONF_NAME): TEXT, vol.Required(CONF_SECRET): SECRET}
)
_DEFAULTS_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_LEVEL): NumberSelector(
            # Unlike a slider, it can be empty.
            NumberSelectorConfig(min=1, max=5, mode=NumberSelectorMode.BOX)
        )
    }
)
_STORED_RECIPIENT = vol.Schema(
    {vol.Required(CONF_SECRET): str, vol.Optional(CONF_PUBLIC, default="service"): str}
)


class Pushjet(Provider[PushjetTarget, PushjetClient]):
    """Pushjet, a self-hosted server."""

    key = "pushjet"
    name = "Pushjet"
    account_schema = _ACCOUNT_SCHEMA
    recipient_schema = _RECIPIENT_SCHEMA
    defaults_schema = _DEFAULTS_SCHEMA
    stored_recipient = _STORED_RECIPIENT
    recipient_identity = (CONF_SECRET,)
    request_paths = ("/message", "/service")
    identity = (CONF_URL,)
    account_secrets: frozenset[str] = frozenset()
    recipient_secrets = frozenset({CONF_SECRET})
    identifiers = frozenset({CONF_PUBLIC})
    problems = frozenset(PushjetProblem)
    problem_fields: Mapping[str, str] = dict.fromkeys(PushjetProblem, CONF_SECRET)

    @override
    def create_client(
        self, session: aiohttp.ClientSession, data: Mapping[str, Any]
    ) -> PushjetClient:
        """Create the client of a server."""
        return PushjetClient(session, endpoint(data))

    @property
    @override
    def new_account_schema(self) -> vol.Schema:
        """Return the form with the server and its first service."""
        return _NEW_ACCOUNT_SCHEMA

    @override
    async def check_new(
        self, client: PushjetClient, user_input: Mapping[str, Any]
    ) -> CheckedAccount:
        """Check the server, then the service, which is the first recipient."""
        account = await self.check(client)
        if not clean_text(user_input.get(CONF_SECRET, "")):
            return account
        data = self.parse_recipient(user_input, {})
        checked = await self.check_recipient(client, data)
        recipient = replace(checked, data={**data, **checked.data})
        return replace(account, recipient=recipient)

    @override
    def recipient_kind(self, data: Mapping[str, Any]) -> str:
        """Return the only kind that there is."""
        return "service"

    @override
    async def check(self, client: PushjetClient) -> CheckedAccount:
        """Check that the address is that of a Pushjet server."""
        await client.probe()
        return CheckedAccount()

    @override
    def account_hint(self, data: Mapping[str, Any]) -> str:
        """Return the host name of the server."""
        return URL(data[CONF_URL]).host or ""

    @override
    def parse_recipient(
        self, user_input: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Parse the secret; the server ignores its case."""
        secret = clean_text(str(user_input.get(CONF_SECRET, ""))).lower()
        if not secret and known:
            return dict(known)
        if not secret:
            raise InputError(CONF_SECRET, "secret_missing")
        if not SECRET_PATTERN.fullmatch(secret):
            raise InputError(CONF_SECRET, PushjetProblem.MALFORMED_SECRET)
        return {CONF_SECRET: secret}

    @override
    def with_targets(
        self, data: Mapping[str, Any], targets: Sequence[str]
    ) -> dict[str, Any]:
        """Return the data of another service, by its secret."""
        if len(targets) != 1:
            raise InputError(CONF_SECRET, "pushjet_one_target")
        other = self.parse_recipient({CONF_SECRET: targets[0]}, {})
        # The public key is unknown, and the secret must not be shown.
        return {**other, CONF_PUBLIC: f"{other[CONF_SECRET][:4]}…"}

    @override
    async def check_recipient(
        self, client: PushjetClient, data: Mapping[str, Any]
    ) -> CheckedRecipient:
        """Request the service from the server; its name may be empty."""
        service = await client.service(self.recipient_data(data)[CONF_SECRET])
        return CheckedRecipient(
            name=service.name or service.public, data={CONF_PUBLIC: service.public}
        )

    @override
    def target(self, data: Mapping[str, Any]) -> PushjetTarget:
        """Return the service."""
        stored = self.recipient_data(data)
        return PushjetTarget(secret=stored[CONF_SECRET], public=stored[CONF_PUBLIC])
