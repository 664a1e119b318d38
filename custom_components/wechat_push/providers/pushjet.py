"""The provider Pushjet."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, override

import aiohttp
import voluptuous as vol
from yarl import URL

from homeassistant.const import CONF_PASSWORD, CONF_URL, CONF_USERNAME

from ..clients.pushjet import (
    SECRET_PATTERN,
    PushjetClient,
    PushjetProblem,
    PushjetTarget,
)
from ..imports.account import ImportedAccount
from ..imports.address import Address
from ..words import Words
from .base import CheckedAccount, CheckedRecipient
from .forms import CONNECTION_SCHEMA, SECRET, URL_TEXT, InputError, clean_text, endpoint
from .recipient_secret import CONF_SECRET, RecipientSecretProvider

CONF_PUBLIC: Final = "public"

# Of addresses of Apprise.
_SCHEMES: Final[Mapping[str, str]] = {"pjet": "http", "pjets": "https"}

_SERVER_SCHEMA = vol.Schema({vol.Required(CONF_URL): URL_TEXT})
_ACCOUNT_SCHEMA = _SERVER_SCHEMA.extend(CONNECTION_SCHEMA.schema)
# The first service can be entered along with its server.
_NEW_ACCOUNT_SCHEMA = _SERVER_SCHEMA.extend({vol.Optional(CONF_SECRET): SECRET}).extend(
    CONNECTION_SCHEMA.schema
)
_STORED_RECIPIENT = vol.Schema(
    {vol.Required(CONF_SECRET): str, vol.Optional(CONF_PUBLIC, default="service"): str}
)


class Pushjet(RecipientSecretProvider[PushjetTarget, PushjetClient]):
    """Pushjet, a self-hosted server."""

    key = "pushjet"
    name = "Pushjet"
    account_schema = _ACCOUNT_SCHEMA
    new_account_schema = _NEW_ACCOUNT_SCHEMA
    stored_recipient = _STORED_RECIPIENT
    request_paths = ("/message", "/service")
    shape_problem = PushjetProblem.MALFORMED_SECRET
    identifiers = frozenset({CONF_PUBLIC})
    problems = frozenset(PushjetProblem)
    problem_fields: Mapping[str, str] = dict.fromkeys(PushjetProblem, CONF_SECRET)
    imported_schemas = frozenset(_SCHEMES)

    @override
    def create_client(
        self, session: aiohttp.ClientSession, data: Mapping[str, Any]
    ) -> PushjetClient:
        """Create the client of a server."""
        return PushjetClient(session, endpoint(data))

    @override
    async def check_new(
        self, client: PushjetClient, user_input: Mapping[str, Any]
    ) -> CheckedAccount:
        """Check the server, then the service, if one is named."""
        if not clean_text(user_input.get(CONF_SECRET, "")):
            return await self.check(client)
        return await super().check_new(client, user_input)

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
    def parse_secret(self, text: str) -> str | None:
        """Return the secret; the server ignores its case."""
        return text.lower() if SECRET_PATTERN.fullmatch(text) else None

    @override
    def with_targets(
        self, data: Mapping[str, Any], targets: Sequence[str]
    ) -> dict[str, Any]:
        """Return the data of another service, by its secret."""
        if len(targets) != 1:
            raise InputError(CONF_SECRET, "pushjet_one_target")
        other = self.parse_recipient({CONF_SECRET: targets[0]}, {})
        # The public key is unknown, and the secret must not be shown.
        return {**other, CONF_PUBLIC: _shown(other)}

    @override
    def planned_name(self, data: Mapping[str, Any], words: Words) -> str:
        """Return the beginning of the secret."""
        return _shown(data)

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
    def import_address(self, address: Address) -> ImportedAccount:
        """Return the server; the secret is in the path, an argument or before the host."""
        secret = address.arguments.get(CONF_SECRET) or next(iter(address.path), "")
        login: dict[str, str] = {}
        if secret:
            login = {CONF_USERNAME: address.user, CONF_PASSWORD: address.password}
        elif not address.password:
            secret = address.user
        port = "" if address.port is None else f":{address.port}"
        return ImportedAccount(
            account={
                CONF_URL: f"{_SCHEMES[address.schema]}://{address.host}{port}",
                **login,
            },
            recipients=[{CONF_SECRET: secret}] if secret else [],
            used=frozenset({CONF_SECRET}),
        )

    @override
    def target(self, data: Mapping[str, Any]) -> PushjetTarget:
        """Return the service."""
        stored = self.recipient_data(data)
        return PushjetTarget(secret=stored[CONF_SECRET], public=stored[CONF_PUBLIC])


def _shown(data: Mapping[str, Any]) -> str:
    """Return what tells a service from others without disclosing its secret."""
    return f"{data[CONF_SECRET][:4]}…"
