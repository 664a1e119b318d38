"""Titles of accounts and recipients."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry, ConfigSubentryData
from homeassistant.core import HomeAssistant, callback

from ..clients.message import one_line
from ..const import CONF_PROVIDER, DOMAIN, SUBENTRY_TYPE_RECIPIENT
from ..errors import escape_others
from ..providers.base import Provider
from ..words import Words


@callback
def async_account_title(
    hass: HomeAssistant,
    words: Words,
    provider: Provider[Any, Any],
    name: str | None,
    data: Mapping[str, Any],
    *,
    planned: Collection[str] = (),
) -> str:
    """Return the title of a new account.

    Args:
        hass: Home Assistant.
        words: texts in the language of Home Assistant.
        provider: of the account.
        name: of the account at the service.
        data: of the account.
        planned: titles of accounts that are about to be added as well.

    """
    entries = hass.config_entries.async_entries(DOMAIN)
    taken = {*planned, *(entry.title for entry in entries)}
    hint = one_line(name) or provider.account_hint(data)
    return words.account_title(provider.key, hint, taken)


@callback
def async_recipient_title(
    hass: HomeAssistant,
    words: Words,
    provider: Provider[Any, Any],
    name: str,
    *,
    account: str,
    planned: Collection[str] = (),
    alike: bool = False,
    entry: ConfigEntry[Any] | None = None,
    changed: ConfigSubentry | None = None,
) -> str:
    """Return the title of a recipient whose name nobody typed.

    Args:
        hass: Home Assistant.
        words: texts in the language of Home Assistant.
        provider: of the account.
        name: of the recipient at the service.
        account: the title of the account.
        planned: titles of recipients that are about to be added as well.
        alike: another account of the provider is about to be added as well.
        entry: the account; None if it is new.
        changed: the recipient; None if it is new.

    """
    entries = hass.config_entries.async_entries(DOMAIN)
    alike = alike or any(
        other is not entry and other.data[CONF_PROVIDER] == provider.key
        for other in entries
    )
    taken = set(planned) | {
        subentry.title
        for other in entries
        for subentry in other.get_subentries_of_type(SUBENTRY_TYPE_RECIPIENT)
        if subentry is not changed
    }
    service = account if alike else words.brand(provider.key)
    return words.recipient_title(one_line(name), service, taken)


def last_words(
    recipients: Sequence[ConfigSubentryData], *, tested: bool
) -> tuple[str | None, dict[str, str]]:
    """Return the text after recipients were added, and its placeholders.

    Args:
        recipients: that were added.
        tested: they got a test message.

    """
    titles = ", ".join(escape_others(str(each["title"])) for each in recipients)
    return "tested" if tested else None, {"recipient": titles}
