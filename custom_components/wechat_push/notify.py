"""Notify platform of WeChat Push."""

from typing import override

from homeassistant.components.notify import NotifyEntity, NotifyEntityFeature
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account import WeChatPushConfigEntry
from .delivery.reports import DeliveryStatus, Report
from .entity import RecipientEntity, async_add_recipient_entities
from .notify_actions import async_register_notify_action
from .options import account_options

# The delivery keeps the order for each recipient; a limit would hold all recipients up
# behind a slow one.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: WeChatPushConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the notify entities of an account."""
    async_add_recipient_entities(
        entry,
        async_add_entities,
        lambda entry, subentry: [RecipientNotifyEntity(entry, subentry)],
    )


class RecipientNotifyEntity(RecipientEntity, NotifyEntity):
    """Notify entity of a recipient."""

    _attr_name = None
    _attr_supported_features = NotifyEntityFeature.TITLE
    _attr_translation_key = "recipient"
    _unregister_action: CALLBACK_TYPE | None = None

    @override
    async def async_added_to_hass(self) -> None:
        """Register the notify action; record what the service took.

        Home Assistant itself records messages of notify.send_message when it hands them
        over.
        """
        await super().async_added_to_hass()
        for signal, target in (
            (self.recipient.signal_recorded, self._async_record_notification),
            (self._account.signal_configured, self._async_register_action),
        ):
            self.async_on_remove(async_dispatcher_connect(self.hass, signal, target))
        self.async_on_remove(
            async_dispatcher_connect(
                self.hass, self.recipient.signal_report, self._async_report
            )
        )
        self._async_register_action()

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Remove the notify action."""
        await super().async_will_remove_from_hass()
        self._async_unregister_action()

    @override
    async def async_send_message(self, message: str, title: str | None = None) -> None:
        """Send a message to the recipient."""
        await self.recipient.async_send(message, title)

    @callback
    def _async_report(self, report: Report) -> None:
        """Record a message that the service took after it had waited."""
        if report.status is DeliveryStatus.DELIVERED_LATE:
            self._async_record_notification()

    @callback
    def _async_register_action(self) -> None:
        """Register the notify action, if the account wants one."""
        self._async_unregister_action()
        if account_options(self._account.entry).notify_actions:
            self._unregister_action = async_register_notify_action(
                self.hass, self.recipient, self.entity_id
            )

    @callback
    def _async_unregister_action(self) -> None:
        """Remove the notify action."""
        if self._unregister_action is not None:
            self._unregister_action()
            self._unregister_action = None
