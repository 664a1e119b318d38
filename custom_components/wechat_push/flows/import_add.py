"""The titles of what is to be imported."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant, callback

from ..account import WeChatPushConfigEntry
from ..const import CONF_PROVIDER, SUBENTRY_TYPE_RECIPIENT
from ..words import Words
from .import_check import CheckedImport, existing_entry
from .names import async_account_title, async_recipient_title


@dataclass(frozen=True, kw_only=True, slots=True)
class NewAccount:
    """An account that is added, or gets more recipients.

    Args:
        title: of the account.
        data: to store with it.
        unique_id: of the account.
        recipients: to add.
        unchecked: part of the account could not be checked.
        entry: the account; None if it is new.

    """

    title: str
    data: Mapping[str, Any] = field(repr=False)
    unique_id: str
    recipients: tuple[ConfigSubentryData, ...] = field(repr=False)
    unchecked: bool = False
    entry: WeChatPushConfigEntry | None = None


@callback
def async_name_imports(
    hass: HomeAssistant, words: Words, imports: Iterable[CheckedImport]
) -> list[NewAccount]:
    """Return the accounts that passed the check, with titles that are not taken."""
    named: list[NewAccount] = []
    titles: list[str] = []
    for checked in imports:
        if checked.account is None:
            continue
        planned = checked.planned
        provider = planned.provider
        known: set[str | None] = set()
        if (entry := existing_entry(hass, planned)) is not None:
            title = entry.title
            known = {subentry.unique_id for subentry in entry.subentries.values()}
        else:
            title = async_account_title(
                hass,
                words,
                provider,
                checked.account.name,
                planned.data,
                planned=[account.title for account in named],
            )
        alike = any(account.data[CONF_PROVIDER] == provider.key for account in named)
        recipients: list[ConfigSubentryData] = []
        for recipient in checked.recipients:
            unique_id = provider.recipient_unique_id(recipient.data)
            if unique_id in known:
                continue
            name = recipient.typed_name or async_recipient_title(
                hass,
                words,
                provider,
                provider.recipient_name(recipient.data, recipient.name, words),
                account=title,
                planned=titles,
                alike=alike,
                entry=entry,
            )
            titles.append(name)
            recipients.append(
                ConfigSubentryData(
                    subentry_type=SUBENTRY_TYPE_RECIPIENT,
                    title=name,
                    data=recipient.data,
                    unique_id=unique_id,
                )
            )
        named.append(
            NewAccount(
                title=title,
                data=planned.data,
                unique_id=planned.unique_id,
                recipients=tuple(recipients),
                unchecked=checked.account.unchecked,
                entry=entry,
            )
        )
    return named
