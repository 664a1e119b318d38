"""An action of the notify domain for each recipient, for whatever cannot use entities."""

from collections.abc import Callable, Coroutine
from typing import Any

import voluptuous as vol

from homeassistant.components.notify import (
    ATTR_DATA,
    ATTR_MESSAGE,
    ATTR_TARGET,
    ATTR_TITLE,
    DOMAIN as NOTIFY_DOMAIN,
)
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_set_service_schema
from homeassistant.util import slugify

from .account import WeChatPushConfigEntry
from .const import CONF_NOTIFY_ACTIONS
from .failures import invalid
from .recipient import ATTR_TARGETS, Recipient
from .services import MESSAGE_FIELDS, async_say_to

_DATA_SCHEMA = vol.Schema(
    {
        key: value
        for key, value in MESSAGE_FIELDS.items()
        if key.schema not in (ATTR_MESSAGE, ATTR_TITLE, ATTR_TARGETS)
    }
)
_ACTION_SCHEMA = vol.Schema(
    {
        vol.Required(ATTR_MESSAGE): cv.string,
        vol.Optional(ATTR_TITLE): cv.string,
        vol.Optional(ATTR_TARGET): vol.All(cv.ensure_list, [cv.string]),
        vol.Optional(ATTR_DATA): vol.Any(dict, None),
    }
)

type _Handler = Callable[[ServiceCall], Coroutine[Any, Any, None]]


@callback
def async_register_notify_actions(
    hass: HomeAssistant, entry: WeChatPushConfigEntry
) -> None:
    """Register `notify.<name>` for each recipient, for as long as the account is loaded."""
    if not entry.options.get(CONF_NOTIFY_ACTIONS, True):
        return
    for recipient in entry.runtime_data.recipients.values():
        name = _free_name(hass, slugify(recipient.name) or recipient.provider.key)
        hass.services.async_register(
            NOTIFY_DOMAIN, name, _handler(recipient), _ACTION_SCHEMA
        )
        async_set_service_schema(hass, NOTIFY_DOMAIN, name, _description(recipient))
        entry.async_on_unload(_remover(hass, name))


def _free_name(hass: HomeAssistant, name: str) -> str:
    """Return a name that no other action has."""
    free, number = name, 2
    while hass.services.has_service(NOTIFY_DOMAIN, free):
        free, number = f"{name}_{number}", number + 1
    return free


def _handler(recipient: Recipient) -> _Handler:
    """Return what an action does."""

    async def async_notify(call: ServiceCall) -> None:
        """Send a message to the recipient."""
        try:
            fields = _DATA_SCHEMA(call.data.get(ATTR_DATA) or {})
        except vol.Invalid as err:
            raise invalid(
                "data_invalid", {"field": ".".join(map(str, err.path)) or ATTR_DATA}
            ) from err
        for given, field in (
            (ATTR_MESSAGE, ATTR_MESSAGE),
            (ATTR_TITLE, ATTR_TITLE),
            (ATTR_TARGET, ATTR_TARGETS),
        ):
            if given in call.data:
                fields[field] = call.data[given]
        await async_say_to(call.hass, {recipient.name: recipient}, fields)

    return async_notify


def _remover(hass: HomeAssistant, name: str) -> Callable[[], None]:
    """Return what removes an action again."""

    @callback
    def async_remove() -> None:
        """Remove the action."""
        hass.services.async_remove(NOTIFY_DOMAIN, name)

    return async_remove


def _description(recipient: Recipient) -> dict[str, Any]:
    """Return what the editors show of an action."""
    text: dict[str, Any] = {"text": {"multiline": True}}
    return {
        "name": f"{recipient.provider.name}: {recipient.name}",
        "description": "",
        "fields": {
            ATTR_MESSAGE: {"required": True, "selector": text},
            ATTR_TITLE: {"selector": {"text": {}}},
            ATTR_TARGET: {"selector": {"text": {"multiple": True}}},
            ATTR_DATA: {"selector": {"object": {}}},
        },
    }
