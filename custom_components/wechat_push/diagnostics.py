"""Diagnostics of an account, without its secrets."""

from typing import Any

from homeassistant.components.diagnostics import async_redact_data
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
        "recipients": {
            subentry.subentry_id: async_redact_data(
                dict(subentry.data), provider.recipient_secrets
            )
            for subentry in entry.get_subentries_of_type(SUBENTRY_TYPE_RECIPIENT)
        },
    }
