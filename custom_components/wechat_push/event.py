"""Event entities: what comes of the messages to each recipient."""

from itertools import islice
from typing import Any, Final, override

from homeassistant.components.event import EventEntity
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .account import WeChatPushConfigEntry
from .clients.client import Client
from .const import SUBENTRY_TYPE_RECIPIENT
from .entity import RecipientEntity
from .reports import Event, Report

# The entities only tell what the delivery of the account reports.
PARALLEL_UPDATES = 0

ATTR_MEANT_FOR: Final = "meant_for"
ATTR_MESSAGE_IDS: Final = "message_ids"
ATTR_NOT_LISTED: Final = "not_listed"
ATTR_OUTCOME: Final = "outcome"
ATTR_REASON: Final = "reason"
ATTR_REFUSED: Final = "refused"
ATTR_TARGETS: Final = "targets"

# Of a message to hundreds of targets, more would not fit into the recorded history.
_MAX_LISTED = 10
# What happens to a message at another time than it was meant for.
_LATER = frozenset({Event.QUEUED, Event.DELIVERED_LATE, Event.EXPIRED, Event.CLEARED})


async def async_setup_entry(
    hass: HomeAssistant,
    entry: WeChatPushConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the event entities of an account."""
    for subentry in entry.get_subentries_of_type(SUBENTRY_TYPE_RECIPIENT):
        async_add_entities(
            [DeliveryEventEntity(entry, subentry)],
            config_subentry_id=subentry.subentry_id,
        )


class DeliveryEventEntity(RecipientEntity, EventEntity):
    """Tells what came of each message to one recipient."""

    _attr_event_types = [event.value for event in Event]
    _attr_translation_key = "delivery"

    def __init__(self, entry: WeChatPushConfigEntry, subentry: ConfigSubentry) -> None:
        """Keep what knows how message IDs are shown."""
        super().__init__(entry, subentry, "delivery")
        self._client = entry.runtime_data.client

    @override
    async def async_added_to_hass(self) -> None:
        """Take note of what is reported."""
        await super().async_added_to_hass()
        self.async_on_remove(self.recipient.async_listen_reports(self._async_report))

    @callback
    def _async_report(self, report: Report) -> None:
        """Tell what came of a message."""
        self._trigger_event(report.event.value, _attributes(report, self._client))
        self.async_write_ha_state()


def _attributes(report: Report, client: Client[Any]) -> dict[str, Any]:
    """Return what there is to tell of a message: nothing of what it says."""
    # Each part of a long message has an ID of its own.
    ids = dict.fromkeys(
        client.shown_id(each.message_id)
        for each in report.accepted
        if each.message_id is not None
    )
    targets = dict.fromkeys(each.target for each in report.accepted)
    refused = {each.target: each.reason for each in report.refused}
    told = {
        ATTR_MESSAGE_IDS: [*ids][:_MAX_LISTED],
        ATTR_TARGETS: [*targets][:_MAX_LISTED],
        ATTR_REFUSED: dict(islice(refused.items(), _MAX_LISTED)),
        ATTR_NOT_LISTED: sum(
            max(len(each) - _MAX_LISTED, 0) for each in (targets, refused)
        ),
        ATTR_REASON: None if report.error is None else report.error.problem,
        ATTR_MEANT_FOR: _moment(report.created) if report.event in _LATER else None,
        ATTR_OUTCOME: report.outcome,
    }
    return {key: value for key, value in told.items() if value}


def _moment(timestamp: float) -> str:
    """Return a moment as other attributes have it."""
    return dt_util.utc_from_timestamp(timestamp).isoformat(timespec="seconds")
