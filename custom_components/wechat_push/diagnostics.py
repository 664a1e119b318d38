"""Diagnostics support for WeChat Push."""

from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_PASSWORD, CONF_USERNAME, CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .account import WeChatPushConfigEntry, get_provider
from .const import CONF_PROXY, SUBENTRY_TYPE_RECIPIENT

# Secrets that accounts of all services may have.
_SECRETS = frozenset({CONF_USERNAME, CONF_PASSWORD, CONF_PROXY, CONF_WEBHOOK_ID})


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: WeChatPushConfigEntry
) -> dict[str, Any]:
    """Return diagnostics for a config entry."""
    # Diagnostics also have to work for an account that is not loaded.
    provider = get_provider(entry)
    hidden = provider.account_secrets | provider.identifiers | _SECRETS
    account = async_redact_data(dict(entry.data), hidden)
    return {
        "account": account,
        "options": dict(entry.options),
        "delivery": _delivery(entry),
        "recipients": {
            subentry.subentry_id: async_redact_data(
                dict(subentry.data), provider.recipient_secrets | provider.identifiers
            )
            for subentry in entry.get_subentries_of_type(SUBENTRY_TYPE_RECIPIENT)
        },
    }


def _delivery(entry: WeChatPushConfigEntry) -> dict[str, Any] | None:
    """Return the state of the delivery; no texts of messages are in it."""
    if entry.state is not ConfigEntryState.LOADED:
        return None
    delivery = entry.runtime_data.delivery
    until = delivery.blocked_until
    outage = delivery.outage
    return {
        "queued": delivery.queued,
        "sent_today": dict(delivery.sent_today),
        "blocked_until": None
        if until is None
        else dt_util.utc_from_timestamp(until).isoformat(timespec="seconds"),
        "outage": None if outage is None else outage.problem,
        "last_error": None
        if delivery.last_error is None
        else delivery.last_error.problem,
    }
