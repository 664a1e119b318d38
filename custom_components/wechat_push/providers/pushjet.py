"""The provider Pushjet."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, override

import aiohttp
import voluptuous as vol
from yarl import URL

from homeassistant.const import CONF_NAME, CONF_PASSWORD, CONF_URL, CONF_USERNAME
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)

from ..clients.errors import (
    ClientError,
    EndpointError,
    Problem,
    TemporaryError,
    UnreachableError,
)
from ..clients.message import one_line
from ..clients.pushjet import (
    SECRET_PATTERN,
    PushjetClient,
    PushjetProblem,
    PushjetTarget,
)
from ..imports.account import ImportedAccount
from ..imports.address import Address
from ..words import Words
from .base import CheckedAccount, CheckedRecipient, Choices, Remedy
from .forms import (
    CONNECTION_SCHEMA,
    URL_TEXT,
    InputError,
    clean_text,
    endpoint,
    make_optional,
)
from .recipient_secret import CONF_SECRET, RecipientSecretProvider

CONF_LEVEL: Final = "level"
CONF_PUBLIC: Final = "public"

# Of addresses of Apprise.
_SCHEMES: Final[Mapping[str, str]] = {"pjet": "http", "pjets": "https"}

# What apps show as the sender where the service has no name of its own.
_SERVICE_NAME: Final = "Home Assistant"
_MAX_NAME: Final = 255
# Problems of a server that another scheme does not solve.
_FINAL: Final = frozenset(
    {Problem.HOST_NOT_FOUND, Problem.INVALID_CERTIFICATE, Problem.PROXY_LOGIN}
)

_ACCOUNT_SCHEMA = vol.Schema({vol.Required(CONF_URL): URL_TEXT}).extend(
    CONNECTION_SCHEMA.schema
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


class Pushjet(RecipientSecretProvider[PushjetTarget, PushjetClient]):
    """Pushjet, a self-hosted server."""

    key = "pushjet"
    name = "Pushjet"
    account_schema = _ACCOUNT_SCHEMA
    defaults_schema = _DEFAULTS_SCHEMA
    stored_recipient = _STORED_RECIPIENT
    request_paths = ("/message", "/service")
    shape_problem = PushjetProblem.MALFORMED_SECRET
    identifiers = frozenset({CONF_PUBLIC})
    problems = dict.fromkeys(PushjetProblem, Remedy(field=CONF_SECRET))
    imported_schemas = frozenset(_SCHEMES)

    @override
    def create_client(
        self, session: aiohttp.ClientSession, data: Mapping[str, Any]
    ) -> PushjetClient:
        """Create the client of a server."""
        return PushjetClient(session, endpoint(data))

    @override
    def parse_account(
        self, user_input: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Parse the address of the server, which may lack a scheme."""
        typed = clean_text(user_input[CONF_URL])
        if not _has_scheme(typed):
            typed = f"https://{typed}"
        return super().parse_account({**user_input, CONF_URL: typed}, known)

    @override
    async def complete_account(
        self,
        connect: Callable[[Mapping[str, Any]], PushjetClient],
        data: dict[str, Any],
        user_input: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Find the scheme of an address without one: https, else http."""
        if _has_scheme(clean_text(user_input[CONF_URL])):
            return data
        plain = {**data, CONF_URL: str(URL(data[CONF_URL]).with_scheme("http"))}
        try:
            await connect(data).probe()
        except TemporaryError as err:
            if err.problem in _FINAL:
                raise
            try:
                await connect(plain).probe()
            except UnreachableError:
                raise err from None
            except ClientError:
                if isinstance(err, EndpointError):
                    raise err from None
                raise
            return plain
        return data

    @override
    async def make_recipient(
        self, client: PushjetClient, user_input: Mapping[str, Any]
    ) -> CheckedRecipient | None:
        """Create a service on the server if no secret is entered."""
        if clean_text(user_input.get(CONF_SECRET, "")):
            return None
        name = one_line(user_input.get(CONF_NAME))[:_MAX_NAME] or _SERVICE_NAME
        secret, service = await client.create_service(name)
        return CheckedRecipient(
            name=service.name,
            data={CONF_SECRET: secret, CONF_PUBLIC: service.public},
            subscribe_to=service.public,
        )

    @override
    def new_recipient_schema(
        self, client: PushjetClient, choices: Choices
    ) -> vol.Schema:
        """Return the form, in which an empty secret creates a service."""
        return make_optional(self.recipient_form_schema(choices), {CONF_SECRET})

    @override
    async def check(
        self, client: PushjetClient, user_input: Mapping[str, Any]
    ) -> CheckedAccount:
        """Check that this is a Pushjet server; its services are recipients."""
        await client.probe()
        return CheckedAccount()

    @override
    def recipient_kind(self, data: Mapping[str, Any]) -> str:
        """Return the only kind that there is."""
        return "service"

    @override
    def account_hint(self, data: Mapping[str, Any]) -> str:
        """Return the address of the server without its scheme."""
        return URL(data[CONF_URL]).human_repr().partition("://")[2].rstrip("/")

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


def _has_scheme(address: str) -> bool:
    """Return if an address begins with a scheme."""
    return "://" in address


def _shown(data: Mapping[str, Any]) -> str:
    """Return what tells a service from others without disclosing its secret."""
    return f"{data[CONF_SECRET][:4]}…"
