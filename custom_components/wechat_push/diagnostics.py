"""Diagnostics of an account, without its secrets."""

from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_PASSWORD, CONF_USERNAME, CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant

from .account import WeChatPushConfigEntry, provider_of
from .const import SUBENTRY_TYPE_RECIPIENT

# Beside those of the service: the login of a proxy, and where the service reports to.
_SECRETS = frozenset({CONF_USERNAME, CONF_PASSWORD, CONF_WEBHOOK_ID})


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: WeChatPushConfigEntry
) -> dict[str, Any]:
    """Return what helps to understand an account."""
    # Diagnostics are wanted most of all for an account that could not be set up.
    provider = provider_of(entry)
    account = async_redact_data(dict(entry.data), provider.account_secrets | _SECRETS)
    return {
        "account": account,
        "options": dict(entry.options),
        "delivery": _delivery(entry),
        "recipients": {
            subentry.subentry_id: async_redact_data(
                dict(subentry.data), provider.recipient_secrets
            )
            for subentry in entry.get_subentries_of_type(SUBENTRY_TYPE_RECIPIENT)
        },
    }


def _delivery(entry: WeChatPushConfigEntry) -> dict[str, Any] | None:
    """Return how messages fare, but nothing of what they say."""
    if entry.state is not ConfigEntryState.LOADED:
        return None
    delivery = entry.runtime_data.delivery
    until = delivery.blocked_until
    return {
        "queued": delivery.queued,
        "sent_today": dict(delivery.sent_today),
        "blocked_until": until.isoformat(timespec="seconds") if until else None,
        "last_error": delivery.last_error,
    }
