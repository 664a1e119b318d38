"""Notify entities: one for each recipient."""

from typing import override

from homeassistant.components.notify import NotifyEntity, NotifyEntityFeature
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account import WeChatPushConfigEntry
from .clients.errors import ClientError
from .clients.message import Format, Message
from .const import CONF_FORMAT, SUBENTRY_TYPE_RECIPIENT
from .entity import RecipientEntity
from .failures import as_home_assistant_error, raise_for_refused

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

    def __init__(self, entry: WeChatPushConfigEntry, subentry: ConfigSubentry) -> None:
        """Keep the recipient in the terms of its service."""
        super().__init__(entry, subentry)
        self._target = entry.runtime_data.provider.target(subentry.data)
        self._format = Format(subentry.data.get(CONF_FORMAT, Format.TEXT))

    @override
    async def async_send_message(self, message: str, title: str | None = None) -> None:
        """Send a message to the recipient."""
        try:
            receipt = await self._entry.runtime_data.delivery.send(
                self._subentry.subentry_id,
                Message(text=message, title=title, format=self._format),
                self._target,
            )
        except ClientError as err:
            raise as_home_assistant_error(err) from err
        raise_for_refused(receipt)
