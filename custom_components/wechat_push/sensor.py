"""Sensors: how the delivery of each account is doing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from .account import Account, WeChatPushConfigEntry
from .clients.china_time import seconds_left
from .clients.errors import Problem
from .delivery import Delivery
from .entity import AccountEntity

# The sensors only show what the delivery of the account tells them.
PARALLEL_UPDATES = 0

ATTR_BY_CHANNEL: Final = "by_channel"
ATTR_QUOTAS: Final = "quotas"

# The state of the last error as long as the last message went well.
NO_ERROR: Final = "none"
# A message that was kept may fail by what only the form of a recipient refuses else.
OTHER_ERROR: Final = "other"

# Delivery knows how long a block lasts yet, which makes its end tremble.
_TREMBLE = timedelta(seconds=2)


def _nothing(delivery: Delivery) -> None:
    """Return nothing."""


@dataclass(frozen=True, kw_only=True)
class AccountSensorDescription(SensorEntityDescription):
    """What a sensor shows of the delivery.

    Args:
        value_fn: its state.
        attributes_fn: what it shows beside that.
        until_fn: when that becomes untrue although nothing happens.
        options_fn: the states that there are, for the service of an account.
        counts: it changes with each message that is sent.

    """

    value_fn: Callable[[Delivery], StateType | datetime]
    attributes_fn: Callable[[Delivery], Mapping[str, Any] | None] = _nothing
    until_fn: Callable[[Delivery], datetime | None] = _nothing
    options_fn: Callable[[Account], list[str]] | None = None
    counts: bool = False


def _problems(account: Account) -> list[str]:
    """Return all that can be wrong with a message."""
    # Nothing that is sent ends like this.
    general = set(Problem) - {Problem.NO_RECALL}
    return [NO_ERROR, *sorted(general | account.provider.problems), OTHER_ERROR]


def _sent_by_channel(delivery: Delivery) -> Mapping[str, Any] | None:
    """Return how many requests count for which quota, and how many the service takes."""
    sent = dict(delivery.sent_today)
    quotas = {
        name: quota for name in sent if (quota := delivery.quota(name)) is not None
    }
    return {ATTR_BY_CHANNEL: sent, ATTR_QUOTAS: quotas} if quotas else None


SENSORS: Final = (
    AccountSensorDescription(
        key="queued",
        translation_key="queued",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda delivery: delivery.queued,
    ),
    AccountSensorDescription(
        key="sent_today",
        counts=True,
        translation_key="sent_today",
        entity_registry_enabled_default=False,
        state_class=SensorStateClass.TOTAL_INCREASING,
        value_fn=lambda delivery: sum(delivery.sent_today.values()),
        attributes_fn=_sent_by_channel,
        until_fn=lambda _: dt_util.utcnow() + timedelta(seconds=seconds_left()),
    ),
    AccountSensorDescription(
        key="blocked_until",
        translation_key="blocked_until",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_registry_enabled_default=False,
        value_fn=lambda delivery: delivery.blocked_until,
        until_fn=lambda delivery: delivery.blocked_until,
    ),
    AccountSensorDescription(
        key="last_error",
        translation_key="last_error",
        device_class=SensorDeviceClass.ENUM,
        options_fn=_problems,
        value_fn=lambda delivery: delivery.last_error or NO_ERROR,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: WeChatPushConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the sensors of an account."""
    async_add_entities(AccountSensor(entry, description) for description in SENSORS)


class AccountSensor(AccountEntity, SensorEntity):
    """Shows one thing about the delivery of an account."""

    entity_description: AccountSensorDescription
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    def __init__(
        self, entry: WeChatPushConfigEntry, description: AccountSensorDescription
    ) -> None:
        """Show how things are at the start."""
        super().__init__(entry, description.key)
        self.entity_description = description
        self._untrack: CALLBACK_TYPE | None = None
        self._update_job = HassJob(self._async_update, cancel_on_shutdown=True)
        if description.options_fn is not None:
            self._attr_options = description.options_fn(self._account)

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the delivery."""
        await super().async_added_to_hass()
        self.async_on_remove(
            self._account.delivery.async_listen(
                self._async_update, counts=self.entity_description.counts
            )
        )
        self.async_on_remove(self._async_untrack)
        self._async_look()

    @callback
    def _async_update(self, _now: datetime | None = None) -> None:
        """Show how things are now."""
        self._async_look()
        self.async_write_ha_state()

    @callback
    def _async_look(self) -> None:
        """Look how things are, and when to look again."""
        delivery, description = self._account.delivery, self.entity_description
        value = description.value_fn(delivery)
        if self.options is not None and value not in self.options:
            value = OTHER_ERROR
        before = self._attr_native_value
        if not (
            isinstance(value, datetime)
            and isinstance(before, datetime)
            and abs(value - before) < _TREMBLE
        ):
            self._attr_native_value = value
        self._attr_extra_state_attributes = dict(
            description.attributes_fn(delivery) or {}
        )
        self._async_untrack()
        if (moment := description.until_fn(delivery)) is not None:
            self._untrack = async_track_point_in_utc_time(
                self.hass, self._update_job, moment
            )

    @callback
    def _async_untrack(self) -> None:
        """Do not look again."""
        if self._untrack is not None:
            self._untrack()
            self._untrack = None
