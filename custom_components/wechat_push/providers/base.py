"""The base class of providers."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
import hashlib
from typing import Any

import aiohttp
import voluptuous as vol

from homeassistant.const import CONF_NAME, CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import SelectOptionDict

from ..clients.client import Client
from ..clients.receipt import Outcome
from ..const import CONF_TARGETS, CONF_WHEN_DOWN, SECTION_CONNECTION
from .forms import InputError, parse_connection


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedAccount:
    """An account that works, as far as it could be checked.

    Args:
        name: of the account at the service; None if the service has no name for it.
        unchecked: part of the account could not be checked, and the person has to know.

    """

    name: str | None = None
    unchecked: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedRecipient:
    """A recipient that exists, as far as it could be checked.

    Args:
        name: used if the person entered none.
        data: to store with the recipient.

    """

    name: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Repair:
    """How a person solves a problem.

    Args:
        url: of the page where it is solved.
        of_recipient: messages to other recipients are not affected.
        of_attachments: messages without attachments are not affected.
        lifts_block: no request is sent until the person confirms that it is solved.

    """

    url: str
    of_recipient: bool = False
    of_attachments: bool = False
    lifts_block: bool = False


class Provider[TargetT, ClientT: Client[Any]](ABC):
    """The forms, checks and client of a provider."""

    key: str
    # A brand, therefore not translated.
    name: str
    # The page where the account is managed.
    console_url: str | None = None

    # The forms of an account and a recipient.
    account_schema: vol.Schema
    recipient_schema: vol.Schema

    # Options of an account that only this provider has, with their defaults.
    options_schema: vol.Schema = vol.Schema({})
    # Options of a message that only this provider has.
    message_schema: vol.Schema = vol.Schema({})

    # Those of them that say who gets the message.
    addresses: frozenset[str] = frozenset()

    # The fields of an account that make up its unique ID.
    identity: tuple[str, ...]
    # Whether reconfiguration may change the unique ID, as when it is made of a secret.
    identity_changes: bool = True
    # The fields that are never shown.
    account_secrets: frozenset[str]
    recipient_secrets: frozenset[str] = frozenset()
    # The secrets of an account that may be left out.
    optional_secrets: frozenset[str] = frozenset()
    # The problems that only this provider has.
    problems: frozenset[str]
    # The form field at which a problem is shown.
    problem_fields: Mapping[str, str] = {}
    # Whether a successful check shows that all repair issues are solved.
    check_proves: bool = True
    # The problems that only a person can solve.
    repairs: Mapping[str, Repair] = {}

    @abstractmethod
    def create_client(
        self, session: aiohttp.ClientSession, data: Mapping[str, Any]
    ) -> ClientT:
        """Create the client of an account.

        Args:
            session: the aiohttp session to use.
            data: of the account, with its options.

        """

    @abstractmethod
    async def check(self, client: ClientT) -> CheckedAccount:
        """Check the account without sending a message.

        Raises:
            ClientError: the account does not work.

        """

    async def check_new(
        self, hass: HomeAssistant, client: ClientT, user_input: Mapping[str, Any]
    ) -> CheckedAccount:
        """Check an account before it is stored.

        Args:
            hass: Home Assistant.
            client: of the account.
            user_input: of the form.

        Raises:
            ClientError: the account does not work.

        """
        return await self.check(client)

    async def probe(self, client: ClientT) -> None:
        """Check if the service works again after an outage.

        Called repeatedly, so the request must be free of charge.

        Raises:
            ClientError: the service does not work.

        """
        await self.check(client)

    def read_callback(self, payload: object) -> tuple[str, Outcome] | None:
        """Parse a report of the service; return the ID of the record and its outcome.

        Args:
            payload: JSON from the network, not validated.

        Returns:
            None if this is not the outcome of a message.

        """
        return None

    def account_title(self, data: Mapping[str, Any]) -> str:
        """Return the title of an account that has no name at the service."""
        return self.name

    @abstractmethod
    def parse_recipient(
        self, user_input: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Parse the form of a recipient; return the data to store.

        Args:
            user_input: of the form; a secret left empty stays as it is.
            known: the current data; empty for a new recipient.

        Raises:
            InputError: a field is invalid.

        """

    @abstractmethod
    async def check_recipient(
        self, client: ClientT, data: Mapping[str, Any]
    ) -> CheckedRecipient:
        """Check that a recipient exists, as far as the service supports that.

        Raises:
            ClientError: the service cannot be reached, or refuses the request.
            InputError: a target does not exist.

        """

    @abstractmethod
    def target(self, data: Mapping[str, Any]) -> TargetT:
        """Return a recipient as the client expects it."""

    @property
    def message_options(self) -> frozenset[str]:
        """Return the names of the message options that only this provider has."""
        return frozenset(key.schema for key in self.message_schema.schema)

    def offers(self, option: str, value: Any) -> bool:
        """Return if a message option has a known value, rather than a possible one.

        Args:
            option: of a message.
            value: as the schema returns it.

        """
        return True

    def default_options(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the default message options of a recipient."""
        return {}

    @abstractmethod
    def with_targets(
        self, data: Mapping[str, Any], targets: Sequence[str]
    ) -> dict[str, Any]:
        """Return the data of a recipient with other targets.

        Args:
            data: of the recipient.
            targets: as a person enters them.

        Raises:
            InputError: a target is invalid.

        """

    def message_target(
        self, data: Mapping[str, Any], options: Mapping[str, Any]
    ) -> TargetT:
        """Return the target of a message, which may override that of its recipient.

        Args:
            data: of the recipient.
            options: of the message.

        Raises:
            InputError: a target is invalid.

        """
        if targets := options.get(CONF_TARGETS):
            data = self.with_targets(data, targets)
        return self.target(data)

    async def target_options(self, client: ClientT) -> list[SelectOptionDict]:
        """Return the targets that the service lists.

        Raises:
            ClientError: the service cannot be reached, or refuses the request.

        """
        return []

    def recipient_form_schema(self, options: Sequence[SelectOptionDict]) -> vol.Schema:
        """Return the form of a recipient.

        Args:
            options: the targets to choose from.

        """
        return self.recipient_schema

    def recipient_suggestions(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the suggested values for the form of a stored recipient."""
        return {k: v for k, v in data.items() if k not in self.recipient_secrets}

    def account_suggestions(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the suggested values for the form of a stored account."""
        shown = {
            key: value
            for key, value in data.items()
            if key not in self.account_secrets and key != CONF_PASSWORD
        }
        return {**shown, SECTION_CONNECTION: shown}

    def parse_account(
        self, user_input: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Parse the form of an account; return the data to store.

        Args:
            user_input: of the form; a secret left empty stays as it is.
            known: the current data; empty for a new account.

        Raises:
            InputError: a field is invalid.

        """
        fields = {k: v for k, v in user_input.items() if k != SECTION_CONNECTION}
        filled = {
            key: value.strip() if isinstance(value, str) else value
            for key, value in {**fields, **user_input[SECTION_CONNECTION]}.items()
        }
        for key in self.account_secrets:
            filled[key] = filled.get(key) or known.get(key)
            if filled[key]:
                continue
            if key not in self.optional_secrets:
                raise InputError(key, "secret_missing")
            del filled[key]
        if filled.get(CONF_USERNAME) and not filled.get(CONF_PASSWORD):
            filled[CONF_PASSWORD] = known.get(CONF_PASSWORD)
        return parse_connection(filled)

    def unique_id(self, data: Mapping[str, Any]) -> str:
        """Return the unique ID of an account; it does not disclose secrets."""
        return _digest(self.key, *(str(data[key]) for key in self.identity))

    def recipient_unique_id(self, data: Mapping[str, Any]) -> str:
        """Return the unique ID of a recipient within its account."""
        ignored = (CONF_NAME, CONF_WHEN_DOWN)
        return _digest(
            *(f"{key}={data[key]}" for key in sorted(data) if key not in ignored)
        )


def _digest(*parts: str) -> str:
    """Return a digest of the parts."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
