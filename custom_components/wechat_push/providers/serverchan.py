"""The provider Server酱."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, override

import aiohttp
import voluptuous as vol

from homeassistant.helpers import config_validation as cv

from ..clients.serverchan import (
    TURBO_URL,
    ServerChanClient,
    ServerChanProblem,
    ServerChanTarget,
    official_url,
    send_key,
)
from ..const import CONF_SUMMARY
from .base import Remedy
from .forms import TEXT, endpoint
from .key import AT_KEY, CONF_KEY, KeyProvider


class ServerChan(KeyProvider[ServerChanTarget, ServerChanClient]):
    """Server酱 Turbo and Server酱³, a key that sends to its owner."""

    key = "serverchan"
    name = "Server酱"
    console_url = "https://sct.ftqq.com/sendkey"
    default_url = TURBO_URL
    shape_problem = "serverchan_key_shape"
    imported_schemas = frozenset({"schan"})
    problems = {
        ServerChanProblem.SEND_KEY: AT_KEY,
        ServerChanProblem.QUOTA: Remedy(),
    }
    message_schema = vol.Schema({vol.Optional(CONF_SUMMARY): cv.string})
    defaults_schema = vol.Schema({vol.Optional(CONF_SUMMARY): TEXT})

    @override
    def parse_key(self, text: str) -> str | None:
        return send_key(text)

    @override
    def create_client(
        self, session: aiohttp.ClientSession, data: Mapping[str, Any]
    ) -> ServerChanClient:
        """Create the client of a key, which tells the version and so the address."""
        key, server = data[CONF_KEY], endpoint(data)
        if server.url == TURBO_URL:
            server = replace(server, url=official_url(key))
        return ServerChanClient(session, server, send_key=key)

    @override
    def target(self, data: Mapping[str, Any]) -> ServerChanTarget:
        return ServerChanTarget()
