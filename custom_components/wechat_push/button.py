"""Button platform of WeChat Push."""

import logging
from typing import override

from homeassistant.components import persistent_notification
from homeassistant.components.button import ButtonEntity
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account import WeChatPushConfigEntry
from .clients.errors import ClientError
from .const import DOMAIN
from .entity import AccountEntity, RecipientEntity, async_add_recipient_entities
from .errors import escape_others, service_name, translate_error
from .test_message import async_get_test_message, async_get_test_result

_LOGGER = logging.getLogger(__name__)

# The delivery keeps the order for each recipient; the outbox can be cleared meanwhile.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: WeChatPushConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the buttons of an account and its recipients."""
    async_add_entities([ClearOutboxButton(entry)])
    async_add_recipient_entities(
        entry,
        async_add_entities,
        lambda entry, subentry: [TestMessageButton(entry, subentry)],
    )


class ClearOutboxButton(AccountEntity, ButtonEntity):
    """Button that drops all queued messages of an account."""

    _attr_entity_category = EntityCategory.CONFIG
    _attr_translation_key = "clear_outbox"

    def __init__(self, entry: WeChatPushConfigEntry) -> None:
        super().__init__(entry, "clear_outbox")

    @override
    async def async_press(self) -> None:
        """Clear the outbox, and log how much was in it."""
        if dropped := self._account.delivery.clear():
            _LOGGER.warning(
                "The outbox of %s was cleared, dropped messages: %s",
                self._account.entry.title,
                ", ".join(
                    f"{recipient.name}: {dropped[recipient.id]}"
                    for recipient in self._account.recipients.values()
                    if recipient.id in dropped
                ),
            )


class TestMessageButton(RecipientEntity, ButtonEntity):
    """Button that sends a test message to a recipient."""

    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_translation_key = "test_message"

    def __init__(self, entry: WeChatPushConfigEntry, subentry: ConfigSubentry) -> None:
        super().__init__(entry, subentry, "test_message")

    @override
    async def async_press(self) -> None:
        """Send the test message now, and say that the service took it.

        What keeps it from that is an error: nobody waits for a test message later.
        """
        hass, recipient = self.hass, self.recipient
        notification = f"{DOMAIN}_{recipient.id}_test"
        persistent_notification.async_dismiss(hass, notification)
        try:
            await self._account.async_check_outage()
        except ClientError as err:
            raise translate_error(hass, err) from err
        title, text = await async_get_test_message(hass)
        await recipient.async_send_now(text, title)
        title, text = await async_get_test_result(
            hass,
            service=service_name(hass, recipient.provider.key),
            recipient=escape_others(recipient.name),
        )
        persistent_notification.async_create(hass, text, title, notification)
