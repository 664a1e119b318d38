"""Ask Home Assistant's own web server for what only it serves."""

import asyncio
from datetime import timedelta
from typing import Final

import aiohttp
from yarl import URL

from homeassistant.components.http.auth import SIGN_QUERY_PARAM, async_sign_path
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..clients.errors import ContentError
from ..const import PROBLEM_MEDIA_NOT_ALLOWED, PROBLEM_MEDIA_NOT_FOUND
from ..permission import async_refresh_token_id
from .fetch import WebFile, async_get
from .location import Served, shown_name

# Cameras may take ten seconds for a picture.
_SECONDS: Final = 30
# First parts of paths that hold no media. Home Assistant counts what it refuses to show
# as a failed login of this machine.
_NOT_MEDIA: Final = frozenset(
    {
        *("backup", "calendars", "config", "config_entries", "conversation", "core"),
        *("diagnostics", "error", "error_log", "events", "hassio", "history"),
        *("hassio_ingress", "intent", "logbook", "onboarding", "services", "states"),
        *("stream", "template", "webhook", "websocket"),
    }
)
_ANY_ADDRESS: Final = frozenset({"0.0.0.0", "::", ""})


async def async_read_served(
    hass: HomeAssistant, served: Served, context: Context, limit: int
) -> WebFile:
    """Return what Home Assistant's web server serves, with the rights of the caller.

    Args:
        hass: Home Assistant.
        served: what to ask for.
        context: of the call.
        limit: in bytes; the download ends soon after it.

    Raises:
        ContentError: nothing is there, or the caller may not see it.

    """
    name = shown_name(served)
    parts = served.url.path.split("/")
    if (parts[1] == "api" and parts[2] in _NOT_MEDIA) or (
        server := _server(hass)
    ) is None:
        raise ContentError(PROBLEM_MEDIA_NOT_ALLOWED, name=name)
    token_id = await async_refresh_token_id(hass, context)
    path = async_sign(hass, served.url, timedelta(seconds=_SECONDS), token_id)
    # The certificate is not made out to this address.
    session = async_get_clientsession(hass, verify_ssl=False)
    try:
        async with asyncio.timeout(_SECONDS):
            result = await async_get(session, server.join(path), limit)
    except aiohttp.ClientError, TimeoutError, OSError, ValueError:
        # These exceptions contain the URL; raise without a cause.
        result = None
    if not isinstance(result, WebFile):
        raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name=name)
    return result


@callback
def async_sign(
    hass: HomeAssistant, url: URL, lifetime: timedelta, token_id: str | None = None
) -> URL:
    """Return a relative URL of Home Assistant with a signature that gives access.

    Args:
        hass: Home Assistant.
        url: relative URL.
        lifetime: of the signature.
        token_id: refresh token of the user with whose rights it opens; None is Home
            Assistant's own user for content.

    """
    url = url.without_query_params(SIGN_QUERY_PARAM)
    # The signed path is decoded; use only its signature.
    signed = async_sign_path(
        hass,
        str(url),
        lifetime,
        refresh_token_id=token_id,
        use_content_user=token_id is None,
    )
    signature = signed.rpartition(f"{SIGN_QUERY_PARAM}=")[2]
    return url.update_query({SIGN_QUERY_PARAM: signature})


def _server(hass: HomeAssistant) -> URL | None:
    """Return the URL of the web server on this machine."""
    if hass.config.api is None:
        return None
    hosts = hass.http.server_host or ["0.0.0.0"]
    host = "127.0.0.1" if _ANY_ADDRESS & set(hosts) else hosts[0]
    return URL.build(
        scheme="https" if hass.config.api.use_ssl else "http",
        host=host,
        port=hass.http.server_port,
    )
