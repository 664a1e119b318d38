"""The webhook at which a service reports outcomes and events of the account."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
import logging
from typing import Any, Final

from aiohttp import ClientError, web
from aiohttp.hdrs import METH_POST

from homeassistant.components import webhook
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.util.json import json_loads
from homeassistant.util.signal_type import SignalType

from ..clients.client import Client
from ..clients.receipt import Outcome
from ..const import DOMAIN
from ..options import account_options
from ..providers.base import AccountEvent, Provider

_LOGGER = logging.getLogger(__name__)

# A report of a service is a few hundred bytes long.
_MAX_BYTES: Final = 64 * 1024


def signal_account_event(entry: ConfigEntry[Any]) -> SignalType[AccountEvent]:
    """Return the signal of the dispatcher for events that a service reports."""
    return SignalType(f"{DOMAIN}_{entry.entry_id}_account_event")


@callback
def async_get_webhook_url(hass: HomeAssistant, webhook_id: str) -> str | None:
    """Return the URL of a webhook, or None if the internet does not reach it."""
    try:
        # Home Assistant Cloud forwards webhooks as well.
        base = get_url(hass, allow_internal=False, prefer_external=True)
    except NoURLAvailableError:
        return None
    return f"{base}{webhook.async_generate_path(webhook_id)}"


@callback
def async_update_webhook_id(hass: HomeAssistant, entry: ConfigEntry[Any]) -> bool:
    """Give an account that listens the ID of a webhook, and take it from any other.

    Returns:
        whether that changed the entry, so that its update listeners are called.

    """
    data = {key: value for key, value in entry.data.items() if key != CONF_WEBHOOK_ID}
    if account_options(entry).listen_results:
        webhook_id = entry.data.get(CONF_WEBHOOK_ID) or webhook.async_generate_id()
        data[CONF_WEBHOOK_ID] = webhook_id
    return hass.config_entries.async_update_entry(entry, data=data)


@callback
def async_listen_for_results(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    provider: Provider[Any, Any],
    client: Client[Any],
    receive: Callable[[str, Outcome], None],
) -> tuple[str | None, CALLBACK_TYPE | None]:
    """Register the webhook if the account listens, by the ID in its data.

    Args:
        hass: Home Assistant.
        entry: of the account.
        provider: parses the reports of its service.
        client: of the account.
        receive: called in the event loop with the ID of a record and its outcome.

    Returns:
        the URL of the webhook and what removes it; None if the account does not listen
        or cannot.

    """
    if (webhook_id := entry.data.get(CONF_WEBHOOK_ID)) is None:
        return None, None
    if (url := async_get_webhook_url(hass, webhook_id)) is None:
        _LOGGER.warning(
            "%s cannot report results of messages through %s, because Home Assistant"
            " has no URL that can be reached from the internet: set one in the"
            " network settings of the system, then reload the account",
            provider.name,
            entry.title,
        )
        return None, None

    async def handle(
        hass: HomeAssistant, webhook_id: str, request: web.Request
    ) -> web.Response:
        """Handle a report of the service."""
        if request.method != METH_POST:
            return web.Response(status=HTTPStatus.METHOD_NOT_ALLOWED)
        # Answer first, so that the service does not wait for observers.
        match provider.read_callback(client, await _read_json(request)):
            case AccountEvent() as event:
                signal = signal_account_event(entry)
                hass.loop.call_soon(async_dispatcher_send, hass, signal, event)
            case (record_id, outcome):
                hass.loop.call_soon(receive, record_id, outcome)
        return web.Response(text="ok")

    webhook.async_register(
        hass,
        DOMAIN,
        entry.title,
        webhook_id,
        handle,
        # Home Assistant logs the ID, a secret, if a method is not allowed.
        allowed_methods=webhook.SUPPORTED_METHODS,
    )
    return url, partial(webhook.async_unregister, hass, webhook_id)


async def _read_json(request: web.Request) -> object:
    """Return the JSON of a request of any content type, or None."""
    body = bytearray()
    try:
        # A body that is cut off is not valid JSON.
        while chunk := await request.content.read(_MAX_BYTES - len(body)):
            body += chunk
        return json_loads(bytes(body))
    except OSError, ValueError, ClientError, web.RequestPayloadError:
        return None
