"""Legacy notify actions, one for each recipient."""

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
from homeassistant.core import Event, HomeAssistant, ServiceCall, callback
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.event import async_track_entity_registry_updated_event
from homeassistant.helpers.service import async_set_service_schema

from .account import WeChatPushConfigEntry
from .const import CONF_NOTIFY_ACTIONS
from .errors import validation_error
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


# The name of the first notifier in YAML that has none.
_RESERVED = frozenset({"notify"})


@callback
def async_register_notify_actions(
    hass: HomeAssistant, entry: WeChatPushConfigEntry
) -> None:
    """Register `notify.<name>` for each recipient until the account is unloaded.

    The name is that of the notify entity. As the entity registry stores it, recipients do
    not swap names when one is removed or accounts are loaded in another order.
    """
    if not entry.options.get(CONF_NOTIFY_ACTIONS, True):
        return
    recipients = entry.runtime_data.recipients
    for entity in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id):
        recipient = recipients.get(entity.config_subentry_id or "")
        if recipient is not None and entity.domain == NOTIFY_DOMAIN:
            action = _NotifyAction(hass, recipient, entity.entity_id)
            entry.async_on_unload(action.async_remove)


class _NotifyAction:
    """The notify action of one recipient."""

    def __init__(
        self, hass: HomeAssistant, recipient: Recipient, entity_id: str
    ) -> None:
        self._hass = hass
        self._recipient = recipient
        self._async_register(entity_id)

    @callback
    def async_remove(self) -> None:
        """Remove the action."""
        self._stop_tracking()
        self._hass.services.async_remove(NOTIFY_DOMAIN, self._name)

    @callback
    def _async_register(self, entity_id: str) -> None:
        """Register the action under the name of the entity."""
        self._name = _free_name(self._hass, entity_id.partition(".")[2])
        self._hass.services.async_register(
            NOTIFY_DOMAIN, self._name, _handler(self._recipient), _ACTION_SCHEMA
        )
        async_set_service_schema(
            self._hass, NOTIFY_DOMAIN, self._name, _description(self._recipient)
        )
        self._stop_tracking = async_track_entity_registry_updated_event(
            self._hass, entity_id, self._async_rename
        )

    @callback
    def _async_rename(self, event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        """Handle a new entity ID."""
        if "old_entity_id" in event.data:
            self.async_remove()
            self._async_register(event.data["entity_id"])


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
        await async_say_to(call.hass, {recipient.name: recipient}, fields)

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
