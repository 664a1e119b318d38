"""Notify entities that do nothing."""

from typing import override

from homeassistant.components.notify import NotifyEntity, NotifyEntityFeature
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the notify entities of an account."""
    for subentry in entry.subentries.values():
        async_add_entities(
            [NothingNotifyEntity(entry, subentry)],
            config_subentry_id=subentry.subentry_id,
        )


class NothingNotifyEntity(NotifyEntity):
    """Takes messages, and that is all."""

    _attr_has_entity_name = True
    _attr_name = None
    _attr_supported_features = NotifyEntityFeature.TITLE

    def __init__(self, entry: ConfigEntry, subentry: ConfigSubentry) -> None:
        """Tie the entity to a device of its own."""
        self._attr_unique_id = f"{entry.entry_id}_{subentry.subentry_id}"
        self._attr_device_info = DeviceInfo(
            identifiers={(entry.domain, self._attr_unique_id)},
            entry_type=DeviceEntryType.SERVICE,
            name=subentry.title,
        )

    @override
    async def async_send_message(self, message: str, title: str | None = None) -> None:
        """Do nothing."""
