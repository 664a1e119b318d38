"""The event entity for what a service reports of an account."""

from typing import override

from homeassistant.components.event import EventEntity
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account import WeChatPushConfigEntry
from .entity import AccountEntity
from .providers.base import AccountEvent
from .results.webhook import signal_account_event


class AccountEventEntity(AccountEntity, EventEntity):
    """Event entity for new friends and members of groups."""

    _attr_translation_key = "contacts"

    def __init__(self, entry: WeChatPushConfigEntry) -> None:
        super().__init__(entry, "contacts")
        self._attr_event_types = [*self._account.provider.account_events]
        self._signal = signal_account_event(entry)

    @override
    async def async_added_to_hass(self) -> None:
        """Subscribe to the events of the account."""
        await super().async_added_to_hass()
        self.async_on_remove(
            async_dispatcher_connect(self.hass, self._signal, self._async_handle)
        )

    @callback
    def _async_handle(self, event: AccountEvent) -> None:
        """Handle an event of the account."""
        self._trigger_event(event.kind, dict(event.details))
        self.async_write_ha_state()


@callback
def async_add_account_events(
    entry: WeChatPushConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the event entity of an account as soon as the service reports to it.

    Args:
        entry: of the account.
        async_add_entities: of the platform.

    """
    account = entry.runtime_data
    added = False

    @callback
    def add() -> None:
        """Add the entity once."""
        nonlocal added
        listens = account.provider.account_events and CONF_WEBHOOK_ID in entry.data
        if listens and not added:
            added = True
            async_add_entities([AccountEventEntity(entry)])

    add()
    entry.async_on_unload(
        async_dispatcher_connect(account.hass, account.signal_configured, add)
    )
