"""An account at work: its provider, its client and its delivery."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .clients.client import Client
from .const import CONF_PROVIDER
from .delivery import Delivery
from .issues import AccountIssues
from .providers import PROVIDERS
from .providers.base import Provider
from .recipient import Recipient


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """What a loaded config entry works with."""

    provider: Provider[Any, Any]
    client: Client[Any]
    delivery: Delivery
    issues: AccountIssues
    # By the subentry that they are kept in.
    recipients: Mapping[str, Recipient]


type WeChatPushConfigEntry = ConfigEntry[Account]


def provider_of(entry: WeChatPushConfigEntry) -> Provider[Any, Any]:
    """Return the provider of an account."""
    return PROVIDERS[entry.data[CONF_PROVIDER]]


def create_client(
    hass: HomeAssistant, provider: Provider[Any, Any], data: Mapping[str, Any]
) -> Client[Any]:
    """Return a client for an account, on the session that all of them share."""
    session = async_get_clientsession(hass, verify_ssl=data[CONF_VERIFY_SSL])
    client: Client[Any] = provider.create_client(session, data)
    return client
