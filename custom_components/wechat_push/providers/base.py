"""The base class of providers."""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
import hashlib
from typing import Any, Final

import aiohttp
import voluptuous as vol

from homeassistant.const import CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import SelectOptionDict

from ..clients.client import Client
from ..clients.errors import ClientError
from ..clients.message import Message
from ..clients.receipt import Outcome
from ..const import CONF_PROXY, CONF_TARGETS, SECTION_CONNECTION
from ..imports.account import ImportedAccount
from ..imports.address import Address
from ..test_message import async_get_test_message
from ..words import Words
from .forms import (
    CONF_SEND_TEST,
    LOGIN_SCHEMA,
    InputError,
    clean_text,
    defaults_of,
    parse_connection,
    parse_proxy,
    without_password,
)
from .scan import Scan

# Seconds for which a form waits for the choices that a service lists.
FORM_SECONDS: Final = 10
# Requests of a form that are under way at a time.
_AT_ONCE: Final = 8
# Characters of a secret that tell one from another.
_SHOWN: Final = 4


class Proof(Enum):
    """How an account can be shown to work."""

    # By a request without effect.
    FREE = auto()
    # By a message alone.
    MESSAGE = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedRecipient:
    """A recipient that exists, as far as it could be checked.

    Args:
        name: at the service; empty if it has none.
        data: to store with the recipient.
        subscribe_to: a new name at the service that nobody subscribes to yet.

    """

    name: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    subscribe_to: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Choices:
    """What a service lists for the form of a recipient.

    Args:
        options: by field of the form.
        hidden: secrets by the values of the options that stand for them.
        names: of what is stored of a recipient.

    """

    options: Mapping[str, Sequence[SelectOptionDict]] = field(default_factory=dict)
    hidden: Mapping[str, str] = field(default_factory=dict, repr=False)
    names: Mapping[str, str] = field(default_factory=dict, repr=False)

    def of(self, key: str) -> list[SelectOptionDict]:
        """Return the options of a field."""
        return [*self.options.get(key, ())]

    def reveal(self, user_input: Mapping[str, Any]) -> dict[str, Any]:
        """Return the input of the form with the secrets that were chosen."""
        return {
            key: [self.hidden.get(each, each) for each in value]
            if isinstance(value, list)
            else value
            for key, value in user_input.items()
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedAccount:
    """An account that works, as far as it could be checked.

    Args:
        name: of the account at the service; None if the service has no name for it.
        unchecked: part of the account could not be checked, and the person has to know.
        recipient: the first one of a new account that is proved by a message to it.

    """

    name: str | None = None
    unchecked: bool = False
    recipient: CheckedRecipient | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Remedy:
    """Where a person meets a problem, and how it is solved.

    Args:
        field: of a form that shows it there.
        url: of the page where it is solved, if only a person can: it is a repair issue.
        of_recipient: messages to other recipients are not affected.
        of_attachments: messages without attachments are not affected.
        of_cards: messages without buttons, votes or choices are not affected.
        lifts_block: no request is sent until the person confirms that it is solved.
        has_step: the form of an account shows it in a step of its own, and checks again.

    """

    field: str | None = None
    url: str | None = None
    of_recipient: bool = False
    of_attachments: bool = False
    of_cards: bool = False
    lifts_block: bool = False
    has_step: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountEvent:
    """An event of an account that has nothing to do with a message.

    Args:
        kind: one of the provider's `account_events`.
        details: what is known of it, without secrets.

    """

    kind: str
    details: Mapping[str, Any]


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

    # What is stored of a recipient, with its defaults.
    stored_recipient: vol.Schema
    # The fields of it that tell who gets the message.
    recipient_identity: tuple[str, ...]

    # Options of an account that only this provider has, with their defaults.
    options_schema: vol.Schema = vol.Schema({})
    # Options of a message that only this provider has.
    message_schema: vol.Schema = vol.Schema({})
    # Fields of a message that a recipient can have a default for, in the words of the
    # action and with its selectors.
    defaults_schema: vol.Schema = vol.Schema({})

    # Those of them that say who gets the message.
    addresses: frozenset[str] = frozenset()

    # The fields of an account that make up its unique ID.
    identity: tuple[str, ...]
    # Whether reconfiguration may change the unique ID, as when it is made of a secret.
    identity_changes: bool = True
    # The paths of requests, in case a person enters the address of one.
    request_paths: tuple[str, ...] = ()
    # The fields that are never shown.
    account_secrets: frozenset[str]
    recipient_secrets: frozenset[str] = frozenset()
    # Fields of accounts and recipients that tell who somebody is; no secrets, but not
    # for the public.
    identifiers: frozenset[str] = frozenset()
    # The secrets of an account that may be left out.
    optional_secrets: frozenset[str] = frozenset()
    # The problems that only this provider has.
    problems: Mapping[str, Remedy]
    # Whether what the service tells later of a message is certain; None if it tells
    # nothing.
    certain_outcomes: bool | None = None
    # The kinds of events that the service reports of an account.
    account_events: tuple[str, ...] = ()
    # What shows that the account works, and that all repair issues are solved.
    proof: Proof = Proof.FREE
    # The schemas of Apprise's addresses, and the notify platforms, of this service.
    imported_schemas: frozenset[str] = frozenset()

    @abstractmethod
    def create_client(
        self, session: aiohttp.ClientSession, data: Mapping[str, Any]
    ) -> ClientT:
        """Create the client of an account.

        Args:
            session: the aiohttp session to use.
            data: as from `account_data`.

        """

    @property
    def new_account_schema(self) -> vol.Schema:
        """Return the form of a new account."""
        return self.account_schema

    @abstractmethod
    async def check(
        self, client: ClientT, user_input: Mapping[str, Any]
    ) -> CheckedAccount:
        """Check an account without sending a message, as far as that is possible.

        Args:
            client: of the account.
            user_input: of the form, in which a secret that is to stay is empty; empty for
                a stored account.

        Raises:
            ClientError: the account does not work.
            InputError: a field is invalid.

        """

    async def send_test(
        self, hass: HomeAssistant, client: ClientT, data: Mapping[str, Any]
    ) -> None:
        """Prove an account, or a recipient, by a message.

        Args:
            hass: Home Assistant.
            client: of the account.
            data: of the recipient; empty for the one that the account belongs to.

        Raises:
            ClientError: the account or the recipient does not work.

        """
        title, text = await async_get_test_message(hass)
        message = Message(title=title, text=text)
        for part in client.prepare(message, self.target(data)):
            await client.send(part)

    async def probe(self, client: ClientT) -> None:
        """Check if the service works again after an outage.

        Called repeatedly, so the request must be free of charge.

        Raises:
            ClientError: the service does not work.

        """
        if self.proof is Proof.FREE:
            await self.check(client, {})
        else:
            await client.reach()

    def read_callback(
        self, client: ClientT, payload: object
    ) -> tuple[str, Outcome] | AccountEvent | None:
        """Parse what the service reports by itself.

        Args:
            client: of the account.
            payload: JSON from the network, not validated.

        Returns:
            the ID of a record and its outcome, or an event of the account.

        """
        return None

    async def complete_account(
        self,
        connect: Callable[[Mapping[str, Any]], ClientT],
        data: dict[str, Any],
        user_input: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Return the data of an account with what only the service can tell.

        Args:
            connect: returns a client for the data of an account.
            data: as from `parse_account`.
            user_input: of the form.

        Raises:
            ClientError: the account does not work.

        """
        return data

    def account_hint(self, data: Mapping[str, Any]) -> str:
        """Return what tells an account from others that have no name either."""
        return f"…{data[self.identity[0]][-_SHOWN:]}"

    def recipient_name(self, data: Mapping[str, Any], name: str, words: Words) -> str:
        """Return what a recipient is called whom the person gave no name.

        Args:
            data: as stored.
            name: of the recipient at the service; may be empty.
            words: texts in the language of Home Assistant.

        """
        return name

    @abstractmethod
    def recipient_kind(self, data: Mapping[str, Any]) -> str:
        """Return the kind of a recipient, part of the key of a common text.

        Args:
            data: as stored.

        """

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

    async def check_recipient(
        self, client: ClientT, data: Mapping[str, Any]
    ) -> CheckedRecipient:
        """Check that a recipient exists, if anything but a message can show that.

        Raises:
            ClientError: the service cannot be reached, or refuses the request.
            InputError: a target does not exist.

        """
        return CheckedRecipient()

    async def check_repaired(
        self, client: ClientT, problem: str, recipient: Mapping[str, Any] | None
    ) -> bool:
        """Check if a problem of an account that works otherwise is solved.

        Args:
            client: of the account.
            problem: of a repair issue.
            recipient: the data of the recipient that the issue is about, if it is.

        Returns:
            False if the service cannot be asked about it.

        Raises:
            ClientError: the problem still exists.
            InputError: a target of the recipient does not exist.

        """
        if recipient is not None:
            await self.check_recipient(client, recipient)
        return self.proof is Proof.FREE or self.remedy(problem).url is None

    def remedy(self, problem: str) -> Remedy:
        """Return what a person can do about a problem, of this provider or of all."""
        return self.problems.get(problem, Remedy())

    @abstractmethod
    def target(self, data: Mapping[str, Any]) -> TargetT:
        """Return a recipient as the client expects it."""

    def account_data(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the data of an account with the defaults of what is missing.

        Args:
            data: as stored, with or without the options.

        """
        return {
            **defaults_of(self.account_schema),
            **defaults_of(self.options_schema),
            **data,
        }

    def recipient_data(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the data of a recipient with the defaults of what is missing."""
        return {**defaults_of(self.stored_recipient), **data}

    def options_form_schema(self, data: Mapping[str, Any]) -> vol.Schema:
        """Return the form of the options that only this provider has.

        Args:
            data: of the account.

        """
        return self.options_schema

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
        """Return the message options of a recipient that say how it reads messages.

        They are part of every message that does not say otherwise.
        """
        return {}

    def fitting_defaults(
        self, defaults: Mapping[str, Any], given: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the other default options of a recipient that a message can have.

        Those that its client refuses nevertheless are left out as well.

        Args:
            defaults: of the recipient.
            given: options of the message.

        """
        return {key: value for key, value in defaults.items() if key not in given}

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

    async def choices(self, client: ClientT, words: Words) -> Choices:
        """Return what the service lists; nothing if it takes too long.

        Raises:
            ClientError: the service cannot be reached, or refuses the request.

        """
        try:
            async with asyncio.timeout(FORM_SECONDS):
                return await self.list_choices(client, words)
        except TimeoutError:
            return Choices()

    async def list_choices(self, client: ClientT, words: Words) -> Choices:
        """Return what the service lists for the form of a recipient.

        Raises:
            ClientError: the service cannot be reached, or refuses the request.

        """
        return Choices()

    def chosen_name(self, data: Mapping[str, Any], choices: Choices) -> str:
        """Return the name of a recipient as the service lists it; may be empty."""
        return ""

    def recipient_form_schema(self, choices: Choices) -> vol.Schema:
        """Return the form of a recipient.

        Args:
            choices: what the service lists.

        """
        return self.recipient_schema

    def new_recipient_schema(self, client: ClientT, choices: Choices) -> vol.Schema:
        """Return the form of a new recipient.

        Args:
            client: of the account.
            choices: what the service lists.

        """
        return self.recipient_form_schema(choices)

    def scan(self, client: ClientT, user_input: Mapping[str, Any]) -> Scan | None:
        """Return the QR code that a form asks for, if it does.

        Args:
            client: of the account.
            user_input: of the form of a new recipient.

        """
        return None

    async def make_recipient(
        self, client: ClientT, user_input: Mapping[str, Any]
    ) -> CheckedRecipient | None:
        """Make a recipient at the service, if the form asks for one.

        Args:
            client: of the account.
            user_input: of the form of a new recipient.

        Raises:
            ClientError: the service cannot be reached, or refuses the request.

        """
        return None

    def first_recipient(self, choices: Choices) -> dict[str, Any]:
        """Return the suggested values for the first recipient of an account.

        Args:
            choices: what the service lists.

        """
        return {}

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
        if CONF_PROXY in shown:
            shown[CONF_PROXY] = without_password(shown[CONF_PROXY])
        connection = self.account_schema.schema[SECTION_CONNECTION].schema
        return {**shown, SECTION_CONNECTION: {**defaults_of(connection), **shown}}

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
        # The form may ask for more than what is stored.
        stored = self.account_schema.schema.keys() - {
            SECTION_CONNECTION,
            CONF_SEND_TEST,
        }
        fields = {k: v for k, v in user_input.items() if k in stored}
        filled = {**fields, **user_input[SECTION_CONNECTION]}
        for key, value in filled.items():
            if isinstance(value, str):
                # Quotes may be part of a password.
                is_login = key in LOGIN_SCHEMA.schema
                filled[key] = value.strip() if is_login else clean_text(value)
        for key in self.account_secrets:
            filled[key] = filled.get(key) or known.get(key)
            if filled[key]:
                continue
            if key not in self.optional_secrets:
                raise InputError(key, "secret_missing")
            del filled[key]
        if filled.get(CONF_USERNAME) and not filled.get(CONF_PASSWORD):
            filled[CONF_PASSWORD] = known.get(CONF_PASSWORD)
        if proxy := filled.pop(CONF_PROXY, None):
            filled[CONF_PROXY] = parse_proxy(proxy, known.get(CONF_PROXY))
        return parse_connection(filled, self.request_paths)

    def import_address(self, address: Address) -> ImportedAccount:
        """Return the account and the recipients that an address stands for.

        Args:
            address: has one of the `imported_schemas`.

        Raises:
            InputError: a piece of the address is missing or invalid.

        """
        raise NotImplementedError

    def planned_name(self, data: Mapping[str, Any], words: Words) -> str:
        """Return what shows which recipient is meant before it is checked.

        Args:
            data: as from `parse_recipient`.
            words: texts in the language of Home Assistant.

        """
        return self.recipient_name(data, "", words)

    def unique_id(self, data: Mapping[str, Any]) -> str:
        """Return the unique ID of an account; it does not disclose secrets."""
        return _digest(self.key, *(str(data[key]) for key in self.identity))

    def recipient_unique_id(self, data: Mapping[str, Any]) -> str:
        """Return the unique ID of a recipient within its account.

        It tells who gets the message, and nothing else.
        """
        stored = self.recipient_data(data)
        return _digest(*(f"{key}={stored[key]}" for key in self.recipient_identity))


async def side_by_side[ResultT](
    *requests: Coroutine[Any, Any, ResultT],
) -> list[ResultT | ClientError]:
    """Make requests side by side; return their results, or the errors of the service."""
    slots = asyncio.Semaphore(_AT_ONCE)

    async def make(request: Coroutine[Any, Any, ResultT]) -> ResultT | ClientError:
        """Make a request when there is a slot."""
        async with slots:
            try:
                return await request
            except ClientError as err:
                return err

    return await asyncio.gather(*(make(request) for request in requests))


def _digest(*parts: str) -> str:
    """Return a digest of the parts."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
