"""Legacy notify actions, one for each recipient."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import voluptuous as vol

from homeassistant.components.notify import (
    ATTR_DATA,
    ATTR_MESSAGE,
    ATTR_TARGET,
    ATTR_TITLE,
    DOMAIN as NOTIFY_DOMAIN,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, ServiceCall, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_set_service_schema

from .errors import validation_error
from .message_action import MESSAGE_FIELDS, async_send_to
from .recipient import ATTR_TARGETS, Recipient

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


# The name of the first notifier in YAML that has none.
_RESERVED = frozenset({"notify"})


@callback
def async_register_notify_action(
    hass: HomeAssistant, recipient: Recipient, entity_id: str
) -> CALLBACK_TYPE:
    """Register `notify.<name>` for a recipient; return what removes it.

    The name is that of the notify entity. As the entity registry stores it, recipients do
    not swap names when one is removed or accounts are loaded in another order.
    """
    name = _free_name(hass, entity_id.partition(".")[2])
    hass.services.async_register(
        NOTIFY_DOMAIN, name, _handler(recipient), _ACTION_SCHEMA
    )
    async_set_service_schema(hass, NOTIFY_DOMAIN, name, _description(recipient))
    return partial(hass.services.async_remove, NOTIFY_DOMAIN, name)


def _free_name(hass: HomeAssistant, name: str) -> str:
    """Return a name that no other notify action has."""
    free, number = name, 2
    while free in _RESERVED or hass.services.has_service(NOTIFY_DOMAIN, free):
        free, number = f"{name}_{number}", number + 1
    return free


def _handler(recipient: Recipient) -> _Handler:
    """Return the handler of an action."""

    async def async_notify(call: ServiceCall) -> None:
        """Send a message to the recipient."""
        try:
            fields = _DATA_SCHEMA(call.data.get(ATTR_DATA) or {})
        except vol.Invalid as err:
            raise validation_error(
                "data_invalid", {"field": ".".join(map(str, err.path)) or ATTR_DATA}
            ) from err
        for given, field in (
            (ATTR_MESSAGE, ATTR_MESSAGE),
            (ATTR_TITLE, ATTR_TITLE),
            (ATTR_TARGET, ATTR_TARGETS),
        ):
            if given in call.data:
                fields[field] = call.data[given]
        await async_send_to(call.hass, {recipient.name: recipient}, fields)

    return async_notify


def _description(recipient: Recipient) -> dict[str, Any]:
    """Return the description of an action for editors."""
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
