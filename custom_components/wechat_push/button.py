"""Buttons: a test message to each recipient, and an empty outbox for the account."""

import logging
from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account import WeChatPushConfigEntry
from .const import SUBENTRY_TYPE_RECIPIENT
from .entity import AccountEntity, RecipientEntity
from .recipient import ATTR_MESSAGE, ATTR_TITLE
from .test_message import async_get_test_message

_LOGGER = logging.getLogger(__name__)

# The delivery of the account keeps the order for each recipient, and the outbox can be
# cleared while messages are on their way.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: WeChatPushConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the buttons of an account and its recipients."""
    async_add_entities([ClearOutboxButton(entry)])
    for subentry in entry.get_subentries_of_type(SUBENTRY_TYPE_RECIPIENT):
        async_add_entities(
            [TestMessageButton(entry, subentry)],
            config_subentry_id=subentry.subentry_id,
        )


class ClearOutboxButton(AccountEntity, ButtonEntity):
    """Drops all messages of the account that wait to be delivered."""

    _attr_entity_category = EntityCategory.CONFIG
    _attr_translation_key = "clear_outbox"

    def __init__(self, entry: WeChatPushConfigEntry) -> None:
        """Tell the button from others of the account."""
        super().__init__(entry, "clear_outbox")
        self._title = entry.title

    @override
    async def async_press(self) -> None:
        """Empty the outbox, and put on record how much was in it."""
        dropped = await self._account.delivery.async_clear()
        if not dropped:
            return
        recipients = self._account.recipients
        _LOGGER.warning(
            "The outbox of %s was cleared, dropped messages: %s",
            self._title,
            ", ".join(f"{recipients[key].name}: {dropped[key]}" for key in dropped),
        )


class TestMessageButton(RecipientEntity, ButtonEntity):
    """Sends a message by which a person sees that messages arrive."""

    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_translation_key = "test_message"

    def __init__(self, entry: WeChatPushConfigEntry, subentry: ConfigSubentry) -> None:
        """Tell the button from others of the recipient."""
        super().__init__(entry, subentry, "test_message")

    @override
    async def async_press(self) -> None:
        """Send the message."""
        title, text = await async_get_test_message(self.hass)
        await self.recipient.async_say_all({ATTR_TITLE: title, ATTR_MESSAGE: text}, {})
