"""What Home Assistant has to know of a provider."""

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
from .forms import InputError, canonical_connection


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
    """A recipient that the service knows, or that it could not be asked about."""

    # Used where the person gave no name.
    name: str
    # What the check found out and is worth keeping.
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Repair:
    """A problem that ends only when a person does something about it.

    Args:
        url: where that is done.
        of_recipient: messages to other recipients may go out all the same.
        of_attachments: messages without attachments may go out all the same.
        lifts_block: the service is not asked again before the person says that it is over.

    """

    url: str
    of_recipient: bool = False
    of_attachments: bool = False
    lifts_block: bool = False


class Provider[TargetT, ClientT: Client[Any]](ABC):
    """One provider: its forms, its checks and its client."""

    key: str
    # The name that the provider goes by; a brand, so not translated.
    name: str
    # Where the person manages the account.
    console_url: str | None = None

    # What an account and a recipient ask for.
    account_schema: vol.Schema
    recipient_schema: vol.Schema

    # What only this service has of the options of an account, with their defaults.
    options_schema: vol.Schema = vol.Schema({})
    # What only this service has of all that a message may carry.
    message_schema: vol.Schema = vol.Schema({})

    # The fields that tell one account from another.
    identity: tuple[str, ...]
    # Whether new credentials may give the account another identity, because an identity
    # that is itself a secret changes when the secret is renewed.
    identity_changes: bool = True
    # The fields of an account and of a recipient that are shown to nobody.
    account_secrets: frozenset[str]
    recipient_secrets: frozenset[str] = frozenset()
    # Those of the account that it can do without.
    optional_secrets: frozenset[str] = frozenset()
    # What can be wrong with this service alone.
    problems: frozenset[str]
    # The field of the form at which a problem is shown.
    problem_fields: Mapping[str, str] = {}
    # Whether a good check of an account shows that nothing is left for a person to mend.
    check_proves: bool = True
    # The problems that only a person can end, and how.
    repairs: Mapping[str, Repair] = {}

    @abstractmethod
    def create_client(
        self, session: aiohttp.ClientSession, data: Mapping[str, Any]
    ) -> ClientT:
        """Return a client for an account.

        Args:
            session: that the client uses.
            data: of the account, with its options if it has any yet.

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
        """Return what the service tells by itself, with the ID of the record.

        Args:
            payload: as it came from the network; it may be anything.

        """
        return None

    def account_title(self, data: Mapping[str, Any]) -> str:
        """Return what an account is called that the service has no name for."""
        return self.name

    @abstractmethod
    def canonical_recipient(
        self, user_input: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return what a person gave for a recipient in one form, ready to be stored.

        Args:
            user_input: what was filled in; a secret left empty stays as it is.
            known: the recipient so far; empty for a new one.

        Raises:
            InputError: a field holds something that cannot be meant.

        """

    @abstractmethod
    async def check_recipient(
        self, client: ClientT, data: Mapping[str, Any]
    ) -> CheckedRecipient:
        """Make sure that a recipient exists, as far as the service can be asked."""

    @abstractmethod
    def target(self, data: Mapping[str, Any]) -> TargetT:
        """Return a recipient in the terms of the client."""

    @property
    def message_options(self) -> frozenset[str]:
        """Return the names of what only this service has."""
        return frozenset(key.schema for key in self.message_schema.schema)

    def default_options(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a recipient wants of every message, unless that says otherwise."""
        return {}

    @abstractmethod
    def with_targets(
        self, data: Mapping[str, Any], targets: Sequence[str]
    ) -> dict[str, Any]:
        """Return a recipient with other targets, as a person would type them.

        Raises:
            InputError: a target cannot be meant.

        """

    def message_target(
        self, data: Mapping[str, Any], options: Mapping[str, Any]
    ) -> TargetT:
        """Return who gets a message that may name other targets.

        Raises:
            InputError: a target cannot be meant.

        """
        if targets := options.get(CONF_TARGETS):
            data = self.with_targets(data, targets)
        return self.target(data)

    async def choices(self, client: ClientT) -> list[SelectOptionDict]:
        """Return the targets that the service can list; none where it cannot."""
        return []

    def recipient_form(self, choices: Sequence[SelectOptionDict]) -> vol.Schema:
        """Return the form of a recipient."""
        return self.recipient_schema

    def recipient_input(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return a stored recipient as a person would type it, without secrets."""
        return {k: v for k, v in data.items() if k not in self.recipient_secrets}

    def account_input(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return a stored account as a person would type it, without secrets."""
        shown = {
            key: value
            for key, value in data.items()
            if key not in self.account_secrets and key != CONF_PASSWORD
        }
        return {**shown, SECTION_CONNECTION: shown}

    def canonical_account(
        self, user_input: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return what a person gave for an account in one form, ready to be stored.

        Args:
            user_input: what was filled in; a secret left empty stays as it is.
            known: the account so far; empty for a new one.

        Raises:
            InputError: a field holds something that cannot be meant.

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
        return canonical_connection(filled)

    def unique_id(self, data: Mapping[str, Any]) -> str:
        """Return what tells the account from all others; no secret can be read in it."""
        return _digest(self.key, *(str(data[key]) for key in self.identity))

    def recipient_unique_id(self, data: Mapping[str, Any]) -> str:
        """Return what tells a recipient from others of the account."""
        chosen = (CONF_NAME, CONF_WHEN_DOWN)
        return _digest(
            *(f"{key}={data[key]}" for key in sorted(data) if key not in chosen)
        )


def _digest(*parts: str) -> str:
    """Return a digest that stands for the parts without showing them."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
