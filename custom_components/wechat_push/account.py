"""Account: everything that belongs to a config entry, over all of its reloads."""

from collections.abc import Mapping
from functools import partial
import hashlib
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import (
    CONF_VERIFY_SSL,
    EVENT_HOMEASSISTANT_CLOSE,
    EVENT_HOMEASSISTANT_STOP,
)
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    HassJob,
    HomeAssistant,
    callback,
)
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.signal_type import SignalType

from .clients.client import Client
from .clients.errors import ActionNeededError, ClientError, CredentialsError
from .clients.outcome import Outcome
from .clients.receipt import Accepted
from .const import CONF_CALLBACK_URL, CONF_PROVIDER, DOMAIN, SUBENTRY_TYPE_RECIPIENT
from .delivery.ports import Connection, Ports
from .delivery.reports import DeliveryStatus, Report, StorageProblem, Undelivered
from .delivery.service import DeliveryService
from .issues import AccountIssues
from .options import Repetitions, account_options
from .providers import PROVIDERS
from .providers.base import Provider
from .recipient import Recipient
from .results.tracker import ResultsTracker
from .results.webhook import async_register_webhook
from .storage import SystemClock, outbox_path

_LOGGER = logging.getLogger(__name__)

ACCOUNTS: HassKey[dict[str, Account]] = HassKey(f"{DOMAIN}_accounts")

type WeChatPushConfigEntry = ConfigEntry[Account]


def get_provider(entry: WeChatPushConfigEntry) -> Provider[Any, Any]:
    """Return the provider of an account."""
    return PROVIDERS[entry.data[CONF_PROVIDER]]
