"""Accounts with ten recipients, added the way a person adds them."""

from dataclasses import dataclass

from homeassistant.components.notify import DOMAIN as NOTIFY_DOMAIN
from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er

from ..samples import SAMPLES, add_recipient, set_up
from ..simulators import Simulator
from .errors import BenchError
from .people import RECIPIENTS, forms, receivers

_NOTHING = "bench_nothing"


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """An account that is loaded, with its entities in the order of its recipients."""

    entry: ConfigEntry
    entity_ids: tuple[str, ...]

    @property
    def receivers(self) -> tuple[str, ...]:
        """Return what the service calls the recipients."""
        return receivers(self.entry.data["provider"])


def loaded(hass: HomeAssistant, entry: ConfigEntry) -> Account:
    """Return an account after making sure that it is loaded as a whole."""
    by_recipient = {
        entity.config_subentry_id: entity.entity_id
        for entity in er.async_entries_for_config_entry(
            er.async_get(hass), entry.entry_id
        )
        if entity.domain == NOTIFY_DOMAIN
        and hass.states.get(entity.entity_id) is not None
    }
    if (
        entry.state is not ConfigEntryState.LOADED
        or by_recipient.keys() != entry.subentries.keys()
        or len(by_recipient) != RECIPIENTS
    ):
        raise BenchError(f"{entry.title} was not set up: {entry.reason}")
    return Account(
        entry=entry,
        entity_ids=tuple(by_recipient[recipient] for recipient in entry.subentries),
    )


async def add_account(hass: HomeAssistant, simulator: Simulator) -> Account:
    """Add an account of a service, and its recipients, through their flows."""
    first, *others = forms(simulator.name)
    sample = SAMPLES[simulator.name]
    entry = await set_up(hass, sample, simulator, recipient=first)
    for fields in others:
        await add_recipient(hass, entry, fields)
    return loaded(hass, entry)


async def add_nothing(hass: HomeAssistant) -> Account:
    """Add the account whose entities do nothing."""
    result = await hass.config_entries.flow.async_init(
        _NOTHING, context={"source": SOURCE_USER}
    )
    if result["type"] is not FlowResultType.CREATE_ENTRY:
        raise BenchError(f"Nothing was not added: {result}")
    return loaded(hass, result["result"])
