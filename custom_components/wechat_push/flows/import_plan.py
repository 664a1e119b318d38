"""What a person has pasted, as accounts and recipients to add."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
import re
from typing import Any, Final

import voluptuous as vol

from homeassistant.data_entry_flow import section

from ..clients.message import one_line
from ..const import CONF_PROVIDER, SECTION_CONNECTION
from ..imports.address import Address
from ..imports.reader import NotRead, read
from ..imports.settings import parse_settings
from ..providers import PROVIDERS
from ..providers.base import Choices, Provider
from ..providers.forms import InputError, defaults_of
from .recipient import complete_form, parse_general

_PROVIDERS: Final[Mapping[str, Provider[Any, Any]]] = {
    schema: provider
    for provider in PROVIDERS.values()
    for schema in provider.imported_schemas
}
# Whoever writes a secret where a name belongs does not want to see it either.
_ARGUMENT: Final = re.compile(r"[a-z_]{1,24}")
_MAX_SHOWN: Final = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class NotAdded:
    """Something that cannot be added.

    Args:
        what: is meant, without secrets.
        problem: key of the text that says why.
        details: placeholders of that text.

    """

    what: str
    problem: str
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedRecipient:
    """A recipient to add.

    Args:
        name: of the notifier that it replaces; empty if it has none.
        data: to store with it.
        unique_id: within its account.

    """

    name: str
    data: Mapping[str, Any] = field(repr=False)
    unique_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedAccount:
    """An account to add.

    Args:
        provider: of the account.
        fields: of its form, as its check expects them.
        data: to store with it.
        unique_id: of the account.
        recipients: of the account.
        left_out: arguments of its addresses that have no counterpart.

    """

    provider: Provider[Any, Any]
    fields: Mapping[str, Any] = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)
    unique_id: str
    recipients: tuple[PlannedRecipient, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportPlan:
    """What is to be added, and what cannot be."""

    accounts: tuple[PlannedAccount, ...]
    not_added: tuple[NotAdded, ...]


def plan_import(text: str) -> ImportPlan:
    """Return what a text stands for; addresses of one account are joined.

    Args:
        text: as pasted. Do not call it from the event loop, as it may be long.

    """
    accounts: dict[str, PlannedAccount] = {}
    not_added: list[NotAdded] = []
    for found in read(text):
        if isinstance(found, NotRead):
            not_added.append(NotAdded(what=found.text, problem=found.reason))
            continue
        if (provider := _PROVIDERS.get(found.schema)) is None:
            not_added.append(NotAdded(what=found.shown, problem="import_other_service"))
            continue
        try:
            account = _plan(provider, found)
        except InputError as err:
            details = {key: _shortened(value) for key, value in err.details.items()}
            not_added.append(
                NotAdded(what=found.shown, problem=err.problem, details=details)
            )
            continue
        if (known := accounts.get(account.unique_id)) is None:
            accounts[account.unique_id] = account
            continue
        accounts[account.unique_id] = _joined(known, account)
        if known.data != account.data:
            not_added.append(NotAdded(what=found.shown, problem="import_differs"))
    if not accounts and not not_added and (left := text.strip()):
        not_added.append(NotAdded(what=f"{left[:4]}…", problem="import_no_address"))
    return ImportPlan(accounts=tuple(accounts.values()), not_added=tuple(not_added))


def _plan(provider: Provider[Any, Any], address: Address) -> PlannedAccount:
    """Return the account of an address.

    Raises:
        InputError: it is not what the forms would accept.

    """
    imported = provider.import_address(address)
    form = _flat(provider.new_account_schema)
    recipient_form = _flat(
        complete_form(provider, provider.recipient_form_schema(Choices()))
    )
    of_account: dict[str, Any] = {}
    of_recipients: dict[str, Any] = {}
    left_out: list[str] = []
    for argument, value in address.arguments.items():
        if argument in imported.used:
            continue
        settings = parse_settings({argument: value})
        if _takes(form, settings.account):
            of_account |= settings.account
        elif _takes(recipient_form, settings.recipient):
            of_recipients |= settings.recipient
        else:
            left_out.append(argument if _ARGUMENT.fullmatch(argument) else "…")
    fields = _account_input(provider, {**imported.account, **of_account})
    data = {CONF_PROVIDER: provider.key, **provider.parse_account(fields, {})}
    # A name is that of one.
    name = one_line(address.name) if len(imported.recipients) == 1 else ""
    recipients = [
        _recipient(provider, name, {**recipient, **of_recipients})
        for recipient in imported.recipients
    ]
    return PlannedAccount(
        provider=provider,
        fields=fields,
        data=data,
        unique_id=provider.unique_id(data),
        recipients=_distinct(recipients),
        left_out=tuple(left_out),
    )


def _account_input(
    provider: Provider[Any, Any], fields: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the input of the form of an account."""
    schema = provider.new_account_schema
    known = {**defaults_of(schema), **fields}
    connection = schema.schema[SECTION_CONNECTION].schema.schema
    return {
        **{key: value for key, value in known.items() if key in schema.schema},
        SECTION_CONNECTION: {k: v for k, v in known.items() if k in connection},
    }


def _recipient(
    provider: Provider[Any, Any], name: str, fields: Mapping[str, Any]
) -> PlannedRecipient:
    """Return a recipient.

    Raises:
        InputError: it is not what the form would accept.

    """
    form = complete_form(provider, provider.recipient_form_schema(Choices()))
    known = {**defaults_of(form), **fields}
    data = {**provider.parse_recipient(known, {}), **parse_general(provider, known)}
    return PlannedRecipient(
        name=name, data=data, unique_id=provider.recipient_unique_id(data)
    )


def _joined(account: PlannedAccount, other: PlannedAccount) -> PlannedAccount:
    """Return an account with the recipients of another address as well."""
    return replace(
        account,
        recipients=_distinct((*account.recipients, *other.recipients)),
        left_out=tuple(dict.fromkeys((*account.left_out, *other.left_out))),
    )


def _distinct(recipients: Iterable[PlannedRecipient]) -> tuple[PlannedRecipient, ...]:
    """Return the recipients without those that there are already."""
    distinct: dict[str, PlannedRecipient] = {}
    for recipient in recipients:
        distinct.setdefault(recipient.unique_id, recipient)
    return tuple(distinct.values())


def _flat(schema: vol.Schema) -> dict[str, Any]:
    """Return what the fields of a form and of its sections accept."""
    found: dict[str, Any] = {}
    for key, value in schema.schema.items():
        if isinstance(value, section):
            found |= _flat(value.schema)
        else:
            found[key.schema] = value
    return found


def _takes(form: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    """Return if there are settings, and a form that accepts them."""
    try:
        for key, value in settings.items():
            vol.Schema(form[key])(value)
    except KeyError, vol.Invalid:
        return False
    return bool(settings)


def _shortened(text: str) -> str:
    """Return the beginning of what may be a secret in the wrong place."""
    return text if len(text) <= _MAX_SHOWN else f"{text[:4]}…"
