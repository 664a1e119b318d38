"""Legacy notify actions, one for each recipient."""

from collections.abc import Callable, Coroutine
from functools import partial
import logging
from typing import Any, Final

import voluptuous as vol

from homeassistant.components.notify import (
    ATTR_DATA,
    ATTR_MESSAGE,
    ATTR_TARGET,
    ATTR_TITLE,
    DOMAIN as NOTIFY_DOMAIN,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, ServiceCall, callback
from homeassistant.helpers.service import async_set_service_schema
from homeassistant.util.hass_dict import HassKey

from .clients.message import one_line
from .const import DOMAIN
from .errors import common_text, field_label, labelled, service_name
from .fields import ATTR_TARGETS, read_data, read_fields
from .message_action import references
from .permission import async_check_control
from .recipient import Recipient

_LOGGER = logging.getLogger(__name__)

# A schema error is in English, and ends even what goes on after errors.
_ANYTHING: Final = vol.Schema({}, extra=vol.ALLOW_EXTRA)

# The fields of notify actions, and what we call them.
_OWN_FIELDS: Final = {
    ATTR_MESSAGE: ATTR_MESSAGE,
    ATTR_TITLE: ATTR_TITLE,
    ATTR_TARGET: ATTR_TARGETS,
}

# Keys that were logged, which others make up.
_MAX_LOGGED: Final = 1000
_LOGGED: HassKey[set[str]] = HassKey(f"{DOMAIN}_logged_keys")
# The language of the fields' descriptions, and these.
_FIELDS: HassKey[tuple[str, dict[str, Any]]] = HassKey(f"{DOMAIN}_notify_fields")

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
    handler = _handler(recipient, entity_id)
    hass.services.async_register(NOTIFY_DOMAIN, name, handler, schema=_ANYTHING)
    async_set_service_schema(hass, NOTIFY_DOMAIN, name, _description(hass, recipient))
    return partial(_remove, hass, name, handler)


@callback
def _remove(hass: HomeAssistant, name: str, handler: _Handler) -> None:
    """Remove an action, unless another integration has taken the name over."""
    action = hass.services.async_services_for_domain(NOTIFY_DOMAIN).get(name)
    if action is not None and action.job.target is handler:
        hass.services.async_remove(NOTIFY_DOMAIN, name)


def _free_name(hass: HomeAssistant, name: str) -> str:
    """Return a name that no other notify action has."""
    free, number = name, 2
    while free in _RESERVED or hass.services.has_service(NOTIFY_DOMAIN, free):
        free, number = f"{name}_{number}", number + 1
    return free


def _handler(recipient: Recipient, entity_id: str) -> _Handler:
    """Return the handler of an action."""

    async def async_notify(call: ServiceCall) -> None:
        """Send a message to the recipient."""
        hass = call.hass
        await async_check_control(hass, entity_id, call.context)
        given = dict(call.data)
        data = given.pop(ATTR_DATA, None)
        speech = {
            field: given.pop(key) for key, field in _OWN_FIELDS.items() if key in given
        }
        # What stands beside them is where others have it.
        fields, left_out = read_data(data, recipient.understands)
        beside, unknown = read_data(given, recipient.understands)
        left_out = (*left_out, *unknown)
        _log_once(hass, recipient, left_out)
        fields = {**beside, **fields, **read_fields(hass, speech)}
        await recipient.async_send_data(
            fields, references(hass, fields, call.context), left_out
        )

    return async_notify


@callback
def _log_once(hass: HomeAssistant, recipient: Recipient, keys: tuple[str, ...]) -> None:
    """Log keys that messages go without, each once."""
    logged = hass.data.setdefault(_LOGGED, set())
    for key in keys:
        if key not in logged and len(logged) < _MAX_LOGGED:
            logged.add(key)
            _LOGGER.info(
                "A message to %s was sent without %s, which %s does not have or does"
                " not take; this is logged once for each key",
                one_line(recipient.name),
                key,
                recipient.provider.name,
            )


def _description(hass: HomeAssistant, recipient: Recipient) -> dict[str, Any]:
    """Return the description of an action for editors."""
    name, service = recipient.name, service_name(hass, recipient.provider.key)
    return {
        # A name that nobody typed holds that of the service.
        "name": name if service in name else labelled(hass, service, name),
        "description": "",
        "fields": _described_fields(hass),
    }


def _described_fields(hass: HomeAssistant) -> dict[str, Any]:
    """Return the descriptions of the fields, which all actions share."""
    language = hass.config.language
    known, fields = hass.data.get(_FIELDS, ("", {}))
    if known == language:
        return fields
    selectors: dict[str, dict[str, Any]] = {
        ATTR_MESSAGE: {"text": {"multiline": True}},
        ATTR_TITLE: {"text": {}},
        ATTR_TARGET: {"text": {"multiple": True}},
    }
    fields = {
        **{
            key: {
                "name": field_label(hass, [_OWN_FIELDS[key]]),
                "required": key == ATTR_MESSAGE,
                "selector": selector,
            }
            for key, selector in selectors.items()
        },
        ATTR_DATA: {
            "name": common_text(hass, "notify_data", ATTR_DATA),
            "description": common_text(hass, "notify_data_description", ""),
            "selector": {"object": {}},
        },
    }
    hass.data[_FIELDS] = (language, fields)
    return fields
