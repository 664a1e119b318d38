"""What the entities of an account and of its recipients have in common."""

from homeassistant.config_entries import ConfigSubentry
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity

from .account import WeChatPushConfigEntry
from .const import DOMAIN


class AccountEntity(Entity):
    """An entity on the device of an account."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, entry: WeChatPushConfigEntry, key: str) -> None:
        """Tie the entity to the account's device."""
        self._account = entry.runtime_data
        self._attr_unique_id = f"{entry.entry_id}_{key}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, entry.entry_id)})


class RecipientEntity(Entity):
    """An entity on the device of a recipient."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(
        self, entry: WeChatPushConfigEntry, subentry: ConfigSubentry, key: str = ""
    ) -> None:
        """Tie the entity to the recipient's device."""
        recipient = f"{entry.entry_id}_{subentry.subentry_id}"
        self.recipient = entry.runtime_data.recipients[subentry.subentry_id]
        self._attr_unique_id = f"{recipient}_{key}" if key else recipient
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, recipient)})
