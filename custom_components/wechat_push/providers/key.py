"""The base class of providers whose accounts are a key, and the recipient behind it."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, override

import voluptuous as vol

from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import BooleanSelector

from ..clients.client import Client
from ..const import CONF_TARGETS
from ..imports.account import ImportedAccount
from ..imports.address import Address
from ..words import Words
from .base import CheckedAccount, CheckedRecipient, Proof, Provider, Remedy
from .forms import (
    CONF_SEND_TEST,
    SECRET,
    TEXT,
    InputError,
    connection_schema,
    defaults_of,
)

CONF_KEY: Final = "key"
# Of the problem that the service does not know a key.
AT_KEY: Final = Remedy(field=CONF_KEY)


class KeyProvider[TargetT, ClientT: Client[Any]](Provider[TargetT, ClientT]):
    """A provider with one key, which tells the account, its recipient and its secret.

    A key is checked by its shape, and proved by a message.
    """

    # The official API.
    default_url: ClassVar[str]
    # The problem that what is pasted is no key.
    shape_problem: ClassVar[str]
    proof = Proof.MESSAGE
    identity = (CONF_KEY,)
    account_secrets = frozenset({CONF_KEY})
    # There is one recipient, unless a provider can tell several apart.
    recipient_identity: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.account_schema = vol.Schema(
            {
                vol.Required(CONF_KEY): SECRET,
                vol.Required(CONF_SEND_TEST, default=True): BooleanSelector(),
            }
        ).extend(connection_schema(self.default_url).schema)
        self.recipient_schema = vol.Schema({vol.Optional(CONF_NAME): TEXT})
        self.stored_recipient = self.defaults_schema

    @abstractmethod
    def parse_key(self, text: str) -> str | None:
        """Return the key in what a person pasted, or None if there is none.

        Args:
            text: a key, or the address that a console shows with it.

        """

    @override
    def parse_account(
        self, user_input: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Parse the account and check the shape of its key."""
        data = super().parse_account(user_input, known)
        if (key := self.parse_key(data[CONF_KEY])) is None:
            raise InputError(CONF_KEY, self.shape_problem)
        return {**data, CONF_KEY: key}

    @override
    async def check(
        self, client: ClientT, user_input: Mapping[str, Any]
    ) -> CheckedAccount:
        """Check nothing; return the recipient that the key belongs to."""
        recipient = CheckedRecipient(data=defaults_of(self.stored_recipient))
        return CheckedAccount(recipient=recipient)

    @override
    def recipient_kind(self, data: Mapping[str, Any]) -> str:
        return "me"

    @override
    def recipient_name(self, data: Mapping[str, Any], name: str, words: Words) -> str:
        return words.common(self.recipient_kind(data))

    @override
    def parse_recipient(
        self, user_input: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {}

    @override
    def import_address(self, address: Address) -> ImportedAccount:
        """Return the account; its key is the host or an argument."""
        return ImportedAccount(
            account={CONF_KEY: address.arguments.get(CONF_KEY) or address.host},
            recipients=[{}],
            used=frozenset({CONF_KEY}),
        )

    @override
    def with_targets(
        self, data: Mapping[str, Any], targets: Sequence[str]
    ) -> dict[str, Any]:
        """Refuse other targets, as a key has none."""
        raise InputError(CONF_TARGETS, "no_other_targets", service=self.name)
