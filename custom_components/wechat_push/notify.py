"""Notify entities: one for each recipient."""

from typing import override

from homeassistant.components.notify import NotifyEntity, NotifyEntityFeature
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account import WeChatPushConfigEntry
from .const import SUBENTRY_TYPE_RECIPIENT
from .entity import RecipientEntity

# The delivery of the account keeps the order for each recipient and lets recipients
# overtake each other; a limit here would hold all of them up behind a slow one.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: WeChatPushConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the notify entities of an account."""
    for subentry in entry.get_subentries_of_type(SUBENTRY_TYPE_RECIPIENT):
        async_add_entities(
            [RecipientNotifyEntity(entry, subentry)],
            config_subentry_id=subentry.subentry_id,
        )


class RecipientNotifyEntity(RecipientEntity, NotifyEntity):
    """Sends to one recipient."""

    _attr_name = None
    _attr_supported_features = NotifyEntityFeature.TITLE
    _attr_translation_key = "recipient"

    @override
    async def async_added_to_hass(self) -> None:
        """Take note of messages that other actions send."""
        await super().async_added_to_hass()
        self.async_on_remove(
            self.recipient.async_listen(self._async_record_notification)
        )

    @override
    async def async_send_message(self, message: str, title: str | None = None) -> None:
        """Send a message to the recipient."""
        await self.recipient.async_say(message, title)
