"""Base entities of WeChat Push."""

from collections.abc import Callable, Sequence
from typing import override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account import WeChatPushConfigEntry
from .const import DOMAIN, SUBENTRY_TYPE_RECIPIENT


class AccountEntity(Entity):
    """Entity on the device of an account."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, entry: WeChatPushConfigEntry, key: str) -> None:
        self._account = entry.runtime_data
        self._attr_unique_id = f"{entry.entry_id}_{key}"

    @property
    @override
    def device_info(self) -> DeviceInfo:
        """Return the device of the account."""
        return DeviceInfo(identifiers={(DOMAIN, self._account.entry.entry_id)})


class RecipientEntity(Entity):
    """Entity on the device of a recipient."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(
        self, entry: WeChatPushConfigEntry, subentry: ConfigSubentry, key: str = ""
    ) -> None:
        recipient = f"{entry.entry_id}_{subentry.subentry_id}"
        self._account = entry.runtime_data
        self.recipient = self._account.recipients[subentry.subentry_id]
        self._attr_unique_id = f"{recipient}_{key}" if key else recipient

    @property
    @override
    def device_info(self) -> DeviceInfo:
        """Return the device of the recipient."""
        recipient = f"{self._account.entry.entry_id}_{self.recipient.id}"
        return DeviceInfo(identifiers={(DOMAIN, recipient)})


@callback
def async_add_recipient_entities(
    entry: WeChatPushConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    create: Callable[[WeChatPushConfigEntry, ConfigSubentry], Sequence[Entity]],
) -> None:
    """Add the entities of each recipient, also of those that are added later.

    Args:
        entry: of the account.
        async_add_entities: of the platform.
        create: creates the entities of a recipient.

    """
    known: set[str] = set()

    @callback
    def add() -> None:
        """Add the entities of new recipients."""
        for subentry in entry.get_subentries_of_type(SUBENTRY_TYPE_RECIPIENT):
            if subentry.subentry_id not in known:
                known.add(subentry.subentry_id)
                async_add_entities(
                    create(entry, subentry), config_subentry_id=subentry.subentry_id
                )

    account = entry.runtime_data
    add()
    entry.async_on_unload(
        async_dispatcher_connect(account.hass, account.signal_configured, add)
    )
