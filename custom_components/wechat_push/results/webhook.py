"""The address at which a service tells by itself what became of messages."""

from http import HTTPStatus
import logging
from typing import Any, Final

from aiohttp import ClientError, web
from aiohttp.hdrs import METH_POST

from homeassistant.components import webhook
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.util.json import json_loads

from ..const import DOMAIN
from ..options import account_options
from ..providers.base import Provider
from .tracker import Results

_LOGGER = logging.getLogger(__name__)

# What services tell is a few hundred bytes long.
_MAX_BYTES: Final = 64 * 1024


@callback
def async_listen_for_results(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    provider: Provider[Any, Any],
    results: Results,
) -> str | None:
    """Listen, if the account is to, until it is unloaded; return the address for it.

    Args:
        hass: Home Assistant.
        entry: the account; it keeps the secret part of the address.
        provider: reads what its service tells.
        results: gets it.

    """
    data = {key: value for key, value in entry.data.items() if key != CONF_WEBHOOK_ID}
    if not account_options(entry).listen_results:
        hass.config_entries.async_update_entry(entry, data=data)
        return None
    try:
        # The cloud's own address too passes on what comes to a webhook.
        base = get_url(hass, allow_internal=False, prefer_external=True)
    except NoURLAvailableError:
        _LOGGER.warning(
            "%s cannot tell what became of messages through %s, because Home Assistant"
            " has no address that can be reached from the internet: set one in the"
            " network settings of the system, then reload the account",
            provider.name,
            entry.title,
        )
        return None
    webhook_id = entry.data.get(CONF_WEBHOOK_ID) or webhook.async_generate_id()
    hass.config_entries.async_update_entry(
        entry, data={**data, CONF_WEBHOOK_ID: webhook_id}
    )

    async def handle(
        hass: HomeAssistant, webhook_id: str, request: web.Request
    ) -> web.Response:
        """Take what the service tells."""
        if request.method != METH_POST:
            return web.Response(status=HTTPStatus.METHOD_NOT_ALLOWED)
        if (told := provider.read_callback(await _read(request))) is not None:
            # Later, so that the service need not wait for what it leads to.
            hass.loop.call_soon(results.async_tell, *told)
        return web.Response(text="ok")

    webhook.async_register(
        hass,
        DOMAIN,
        entry.title,
        webhook_id,
        handle,
        # Home Assistant would log the ID, a secret, with a method that is not allowed.
        allowed_methods=webhook.SUPPORTED_METHODS,
    )
    entry.async_on_unload(lambda: webhook.async_unregister(hass, webhook_id))
    results.listens = True
    return f"{base}{webhook.async_generate_path(webhook_id)}"


async def _read(request: web.Request) -> object:
    """Return the JSON of a request, whatever it calls itself; nothing if it has none."""
    body = bytearray()
    try:
        # What is cut off is no JSON any more.
        while chunk := await request.content.read(_MAX_BYTES - len(body)):
            body += chunk
        return json_loads(bytes(body))
    except OSError, ValueError, ClientError, web.RequestPayloadError:
        return None
