"""Sensor platform of WeChat Push."""

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
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from .account import Account, WeChatPushConfigEntry
from .clients.china_time import seconds_left
from .clients.errors import Problem
from .delivery.errors import DeliveryProblem
from .delivery.service import DeliveryService
from .entity import AccountEntity

# The sensors only show the state of the delivery.
PARALLEL_UPDATES = 0

ATTR_BY_CHANNEL: Final = "by_channel"
ATTR_QUOTAS: Final = "quotas"

# State of the last error after a message was sent.
NO_ERROR: Final = "none"
# Problems of forms, which a queued message may meet as well.
OTHER_ERROR: Final = "other"

# Problems that messages do not have.
_NOT_OF_MESSAGES: Final = frozenset({Problem.NO_RECALL, DeliveryProblem.STARTING})
# The end of a cooldown is computed from what is left of it.
_TOLERANCE = timedelta(seconds=2)


def _nothing(delivery: DeliveryService) -> None:
    """Return None."""


@dataclass(frozen=True, kw_only=True)
class AccountSensorDescription(SensorEntityDescription):
    """Description of a sensor of an account.

    Args:
        value_fn: returns the state.
        attributes_fn: returns the attributes.
        until_fn: returns when they change although nothing happens.
        options_fn: returns the possible states.
        counts: it changes with each message that is sent.

    """

    value_fn: Callable[[DeliveryService], StateType | datetime]
    attributes_fn: Callable[[DeliveryService], Mapping[str, Any] | None] = _nothing
    until_fn: Callable[[DeliveryService], datetime | None] = _nothing
    options_fn: Callable[[Account], list[str]] | None = None
    counts: bool = False


def _problems(account: Account) -> list[str]:
    """Return the states of the last error."""
    general = (set(Problem) | set(DeliveryProblem)) - _NOT_OF_MESSAGES
    return [NO_ERROR, *sorted(general | account.provider.problems.keys()), OTHER_ERROR]


def _sent_by_channel(delivery: DeliveryService) -> Mapping[str, Any] | None:
    """Return the requests of today and the quotas that they count for."""
    sent = dict(delivery.sent_today)
    known = delivery.obstacles.policy.quotas
    quotas = {name: known[name] for name in sent if name in known}
    return {ATTR_BY_CHANNEL: sent, ATTR_QUOTAS: quotas} if quotas else None


def _blocked_until(delivery: DeliveryService) -> datetime | None:
    """Return when the cooldown ends."""
    until = delivery.blocked_until
    return None if until is None else dt_util.utc_from_timestamp(until)


def _last_error(delivery: DeliveryService) -> str:
    """Return the problem of the last message."""
    error = delivery.last_error
    return NO_ERROR if error is None else error.problem


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
        value_fn=_blocked_until,
        until_fn=_blocked_until,
    ),
    AccountSensorDescription(
        key="last_error",
        counts=True,
        translation_key="last_error",
        device_class=SensorDeviceClass.ENUM,
        options_fn=_problems,
        value_fn=_last_error,
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
    """Sensor for the delivery of an account."""

    entity_description: AccountSensorDescription
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    def __init__(
        self, entry: WeChatPushConfigEntry, description: AccountSensorDescription
    ) -> None:
        super().__init__(entry, description.key)
        self.entity_description = description
        self._attr_extra_state_attributes = {}
        self._untrack: CALLBACK_TYPE | None = None
        self._update_job = HassJob(self._async_update, cancel_on_shutdown=True)
        if description.options_fn is not None:
            self._attr_options = description.options_fn(self._account)

    @override
    async def async_added_to_hass(self) -> None:
        """Subscribe to the delivery."""
        await super().async_added_to_hass()
        signals = [self._account.signal_changed]
        if self.entity_description.counts:
            signals.append(self._account.signal_counted)
        for signal in signals:
            self.async_on_remove(
                async_dispatcher_connect(self.hass, signal, self._async_update)
            )
        self.async_on_remove(self._async_untrack)
        self._async_refresh()

    @callback
    def _async_update(self, _now: datetime | None = None) -> None:
        """Write the state, if it is another one."""
        if self._async_refresh():
            self.async_write_ha_state()

    @callback
    def _async_refresh(self) -> bool:
        """Update the state, and the time at which it changes by itself.

        Returns:
            whether it is another one.

        """
        delivery, description = self._account.delivery, self.entity_description
        value = description.value_fn(delivery)
        if self.options is not None and value not in self.options:
            value = OTHER_ERROR
        before = self._attr_native_value
        if (
            isinstance(value, datetime)
            and isinstance(before, datetime)
            and abs(value - before) < _TOLERANCE
        ):
            value = before
        attributes = dict(description.attributes_fn(delivery) or {})
        changes = value != before or attributes != self._attr_extra_state_attributes
        self._attr_native_value = value
        self._attr_extra_state_attributes = attributes
        self._async_untrack()
        if (moment := description.until_fn(delivery)) is not None:
            self._untrack = async_track_point_in_utc_time(
                self.hass, self._update_job, moment
            )
        return changes

    @callback
    def _async_untrack(self) -> None:
        """Cancel the next update."""
        if self._untrack is not None:
            self._untrack()
            self._untrack = None
