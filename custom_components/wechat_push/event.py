"""Event platform of WeChat Push."""

from itertools import islice
from typing import Any, Final, override

from homeassistant.components.event import EventEntity
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .account import WeChatPushConfigEntry
from .clients.client import Client
from .delivery.reports import DeliveryStatus, Report
from .entity import AccountEntity, RecipientEntity, async_add_recipient_entities
from .providers.base import AccountEvent
from .results.webhook import signal_account_event

# The entities only show reports of the delivery.
PARALLEL_UPDATES = 0

ATTR_HANDLE: Final = "handle"
ATTR_LEFT_OUT: Final = "left_out"
ATTR_MEANT_FOR: Final = "meant_for"
ATTR_MESSAGE_IDS: Final = "message_ids"
ATTR_NOT_LISTED: Final = "not_listed"
ATTR_OUTCOME: Final = "outcome"
ATTR_REASON: Final = "reason"
ATTR_REFUSED: Final = "refused"
ATTR_TARGETS: Final = "targets"

# What a service may tell later of a message, by how certain it is.
_OUTCOMES: Final = {
    None: (),
    False: (DeliveryStatus.HINT,),
    True: (DeliveryStatus.CONFIRMED, DeliveryStatus.FAILED),
}
_ALL_OUTCOMES: Final = {status for each in _OUTCOMES.values() for status in each}

# A message may have hundreds of targets, more than the recorder stores.
_MAX_LISTED = 10
# Statuses of messages that are late.
_LATER = frozenset(
    {
        DeliveryStatus.QUEUED,
        DeliveryStatus.DELIVERED_LATE,
        DeliveryStatus.EXPIRED,
        DeliveryStatus.CLEARED,
    }
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: WeChatPushConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the event entities of an account."""
    _async_add_account_events(entry, async_add_entities)
    async_add_recipient_entities(
        entry,
        async_add_entities,
        lambda entry, subentry: [DeliveryEventEntity(entry, subentry)],
    )


class DeliveryEventEntity(RecipientEntity, EventEntity):
    """Event entity for what becomes of the messages to a recipient."""

    _attr_translation_key = "delivery"
    # They differ each time, and would fill the database.
    _unrecorded_attributes = frozenset({ATTR_HANDLE, ATTR_MESSAGE_IDS})

    def __init__(self, entry: WeChatPushConfigEntry, subentry: ConfigSubentry) -> None:
        super().__init__(entry, subentry, "delivery")
        outcomes = _OUTCOMES[self._account.provider.certain_outcomes]
        self._attr_event_types = [
            status.value
            for status in DeliveryStatus
            if status not in _ALL_OUTCOMES or status in outcomes
        ]

    @override
    async def async_added_to_hass(self) -> None:
        """Subscribe to reports."""
        await super().async_added_to_hass()
        self.async_on_remove(
            async_dispatcher_connect(
                self.hass, self.recipient.signal_report, self._async_report
            )
        )

    @callback
    def _async_report(self, report: Report) -> None:
        """Handle a report on a message."""
        attributes = _attributes(report, self._account.client)
        self._trigger_event(report.status.value, attributes)
        self.async_write_ha_state()


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
def _async_add_account_events(
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


def _attributes(report: Report, client: Client[Any]) -> dict[str, Any]:
    """Return the attributes for a report; the text of the message is not in it."""
    # Each part of a long message has an ID.
    ids = dict.fromkeys(
        client.shown_id(each.message_id)
        for each in report.accepted
        if each.message_id is not None
    )
    targets = dict.fromkeys(each.target for each in report.accepted)
    refused = {each.target: each.reason for each in report.refused}
    attributes = {
        ATTR_HANDLE: report.handle,
        ATTR_MESSAGE_IDS: [*ids][:_MAX_LISTED],
        ATTR_TARGETS: [*targets][:_MAX_LISTED],
        ATTR_REFUSED: dict(islice(refused.items(), _MAX_LISTED)),
        ATTR_NOT_LISTED: sum(
            max(len(each) - _MAX_LISTED, 0) for each in (targets, refused)
        ),
        ATTR_REASON: None if report.error is None else report.error.problem,
        ATTR_MEANT_FOR: _moment(report.meant_for) if report.status in _LATER else None,
        ATTR_OUTCOME: report.outcome,
        ATTR_LEFT_OUT: list(report.left_out),
    }
    return {key: value for key, value in attributes.items() if value}


def _moment(timestamp: float) -> str:
    """Return a moment in ISO format."""
    return dt_util.utc_from_timestamp(timestamp).isoformat(timespec="seconds")
