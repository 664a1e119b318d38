"""Check online what is to be imported."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from ..account import WeChatPushConfigEntry, create_client
from ..clients.client import Client
from ..clients.errors import ClientError, Problem
from ..const import DOMAIN
from ..providers.base import CheckedAccount, CheckedRecipient, Proof
from ..providers.forms import InputError
from ..words import Words
from .import_plan import NotAdded, PlannedAccount, PlannedRecipient

# Accounts that are checked at a time, and seconds for each.
_AT_ONCE: Final = 8
CHECK_SECONDS: Final = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportedRecipient:
    """A recipient that can be added.

    Args:
        typed_name: of the notifier that it replaces; empty if it has none.
        name: at the service; may be empty.
        data: to store with it.

    """

    typed_name: str
    name: str
    data: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedImport:
    """What came of the check of an account.

    Args:
        planned: the account.
        account: as the service knows it; None if it cannot be added.
        recipients: that can be added.
        not_added: what cannot, and why.

    """

    planned: PlannedAccount
    account: CheckedAccount | None
    recipients: tuple[ImportedRecipient, ...] = ()
    not_added: tuple[NotAdded, ...] = ()


def existing_entry(
    hass: HomeAssistant, planned: PlannedAccount
) -> WeChatPushConfigEntry | None:
    """Return the account if it has been added already."""
    return hass.config_entries.async_entry_for_domain_unique_id(
        DOMAIN, planned.unique_id
    )


def planned_title(hass: HomeAssistant, words: Words, planned: PlannedAccount) -> str:
    """Return what shows which account is meant before it is checked."""
    if (entry := existing_entry(hass, planned)) is not None:
        return entry.title
    hint = planned.provider.account_hint(planned.data)
    return words.account_title(planned.provider.key, hint, ())


async def async_check_imports(
    hass: HomeAssistant,
    words: Words,
    accounts: Iterable[PlannedAccount],
    *,
    send_test: bool,
) -> list[CheckedImport]:
    """Check accounts side by side; nothing is stored.

    Args:
        hass: Home Assistant.
        words: texts in the language of Home Assistant.
        accounts: to check.
        send_test: prove new accounts by a message that have no other proof.

    """
    slots = asyncio.Semaphore(_AT_ONCE)

    async def check(planned: PlannedAccount) -> CheckedImport:
        """Check an account when there is a slot."""
        async with slots:
            return await _async_check(hass, words, planned, send_test=send_test)

    return await asyncio.gather(*map(check, accounts))


async def _async_check(
    hass: HomeAssistant, words: Words, planned: PlannedAccount, *, send_test: bool
) -> CheckedImport:
    """Check an account and its recipients; those that fail are left out."""
    provider = planned.provider
    title = planned_title(hass, words, planned)
    entry = existing_entry(hass, planned)
    recipients = list(planned.recipients)
    if entry is not None:
        known = {subentry.unique_id for subentry in entry.subentries.values()}
        recipients = [each for each in recipients if each.unique_id not in known]
        if not recipients:
            return _failed(planned, title, "import_exists", {})
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            client = _client(hass, planned, entry)
            account = CheckedAccount()
            if entry is None:
                account = await provider.check(client, planned.fields)
                if send_test and provider.proof is Proof.MESSAGE:
                    await provider.send_test(hass, client, {})
            results = await asyncio.gather(
                *(_check_recipient(planned, client, each) for each in recipients)
            )
    except (ClientError, InputError) as err:
        return _failed(planned, title, err.problem, err.details)
    except TimeoutError:
        return _failed(planned, title, Problem.TIMEOUT, {})
    checked: list[ImportedRecipient] = []
    not_added: list[NotAdded] = []
    for recipient, result in zip(recipients, results, strict=True):
        if isinstance(result, CheckedRecipient):
            checked.append(
                ImportedRecipient(
                    typed_name=recipient.name,
                    name=result.name,
                    data={**recipient.data, **result.data},
                )
            )
            continue
        name = recipient.name or provider.planned_name(recipient.data, words)
        what = f"{title}, {name}"
        not_added.append(
            NotAdded(what=what, problem=result.problem, details=result.details)
        )
    return CheckedImport(
        planned=planned,
        # An account that reaches nobody is of no use.
        account=account if checked or not recipients else None,
        recipients=tuple(checked),
        not_added=tuple(not_added),
    )


def _failed(
    planned: PlannedAccount, title: str, problem: str, details: Mapping[str, str]
) -> CheckedImport:
    """Return that an account cannot be added."""
    failure = NotAdded(what=title, problem=problem, details=details)
    return CheckedImport(planned=planned, account=None, not_added=(failure,))


def _client(
    hass: HomeAssistant, planned: PlannedAccount, entry: WeChatPushConfigEntry | None
) -> Client[Any]:
    """Return the client of an account, or a new one if it does not run."""
    if entry is not None and entry.state is ConfigEntryState.LOADED:
        return entry.runtime_data.client
    data = planned.data if entry is None else entry.data
    return create_client(hass, planned.provider, data)


async def _check_recipient(
    planned: PlannedAccount, client: Client[Any], recipient: PlannedRecipient
) -> CheckedRecipient | ClientError | InputError:
    """Check a recipient; return what came of it."""
    try:
        return await planned.provider.check_recipient(client, recipient.data)
    except (ClientError, InputError) as err:
        return err
