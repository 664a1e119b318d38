"""Sample accounts and recipients, and the forms to add them."""

from typing import Any

from custom_components.wechat_push.const import DOMAIN
from custom_components.wechat_push.flows.recipient import complete_form
from custom_components.wechat_push.providers import PROVIDERS
from custom_components.wechat_push.providers.base import Choices, Proof
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, section
from homeassistant.helpers import device_registry as dr, entity_registry as er
from tests.sample_accounts import SAMPLES, Sample
from tests.sample_accounts.pushplus import FRIEND, ONESELF
from tests.sample_accounts.sample import WAY
from tests.simulators import Simulator, WeCom, arrival
from tests.simulators.wecom_accounts import AGENT_ID
from tests.simulators.wxpusher_accounts import UID_LI, UID_WANG, UID_ZHANG

__all__ = [
    "ASKING",
    "FAILS",
    "FRIEND",
    "FRIENDS",
    "ONESELF",
    "PUSHJET",
    "PUSHPLUS",
    "SAMPLES",
    "SERVERCHAN",
    "SEVERAL",
    "SIMPLE_PUSH",
    "UID_LI",
    "UID_WANG",
    "UID_ZHANG",
    "WAY",
    "WECOM",
    "WECOM_ROBOT",
    "WXPUSHER",
    "Sample",
    "add_account",
    "add_recipient",
    "arrival",
    "choose_recipient",
    "devices_of",
    "entities_of",
    "entity_ids",
    "fill_in",
    "fill_in_recipient",
    "recipient_input",
    "send",
    "set_up",
    "start_account_flow",
    "suggested",
    "take_clicks",
]

# Data of a recipient that fails at once instead of queueing messages.
FAILS = {"when_down": "fail"}

WXPUSHER = SAMPLES["wxpusher"]
WECOM = SAMPLES["wecom"]
PUSHPLUS = SAMPLES["pushplus"]
PUSHJET = SAMPLES["pushjet"]
WECOM_ROBOT = SAMPLES["wecom_robot"]
SIMPLE_PUSH = SAMPLES["wxpusher_simple_push"]
SERVERCHAN = SAMPLES["serverchan"]

# Samples whose set-up makes a request.
ASKING = [
    sample
    for sample in SAMPLES.values()
    if PROVIDERS[sample.service].proof is Proof.FREE
]
# Samples whose accounts can have another recipient.
SEVERAL = [sample for sample in SAMPLES.values() if sample.second]


FRIENDS: dict[str, Any] = {**ONESELF, "kind": "friends", "friends": [FRIEND]}


async def start_account_flow(hass: HomeAssistant, sample: Sample) -> dict[str, Any]:
    """Open the account form from the menu of services."""
    menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": "user"})
    assert menu["type"] is FlowResultType.MENU
    form = await hass.config_entries.flow.async_configure(
        menu["flow_id"], {"next_step_id": sample.service}
    )
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == sample.service
    return dict(form)


async def add_account(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, **changes: Any
) -> dict[str, Any]:
    """Add an account; return the result of the flow."""
    form = await start_account_flow(hass, sample)
    result = await hass.config_entries.flow.async_configure(
        form["flow_id"], sample.new_input(simulator, **changes)
    )
    await hass.async_block_till_done()
    return dict(result)


async def fill_in(
    hass: HomeAssistant, form: dict[str, Any], fields: dict[str, Any]
) -> dict[str, Any]:
    """Submit a form of an account; return the result of the flow."""
    result = await hass.config_entries.flow.async_configure(form["flow_id"], fields)
    await hass.async_block_till_done()
    return dict(result)


async def set_up(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    *,
    recipient: dict[str, Any] | None = None,
    **changes: Any,
) -> ConfigEntry:
    """Add an account and its first recipient, in the form that follows."""
    result = await add_account(hass, sample, simulator, **changes)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    return await choose_recipient(hass, result, recipient or sample.recipient)


async def choose_recipient(
    hass: HomeAssistant, result: dict[str, Any], fields: dict[str, Any]
) -> ConfigEntry:
    """Give an account that was just added the recipient of a test, and no other."""
    entry: ConfigEntry = result["result"]
    if "next_flow" in result:
        taken = await fill_in_recipient(hass, result["next_flow"][1], entry, fields)
    else:
        for subentry_id in [*entry.subentries]:
            hass.config_entries.async_remove_subentry(entry, subentry_id)
        await hass.async_block_till_done()
        taken = await add_recipient(hass, entry, fields)
    assert taken["type"] is FlowResultType.CREATE_ENTRY, taken
    return entry


async def add_recipient(
    hass: HomeAssistant, entry: ConfigEntry, fields: dict[str, Any]
) -> dict[str, Any]:
    """Add another recipient; return the result of the flow."""
    recipients = hass.config_entries.subentries
    form = await recipients.async_init(
        (entry.entry_id, "recipient"), context={"source": "user"}
    )
    return await fill_in_recipient(hass, form["flow_id"], entry, fields)


async def fill_in_recipient(
    hass: HomeAssistant, flow_id: str, entry: ConfigEntry, fields: dict[str, Any]
) -> dict[str, Any]:
    """Submit a form of a recipient; return the result of the flow."""
    result = await hass.config_entries.subentries.async_configure(
        flow_id, recipient_input(entry.data["provider"], fields)
    )
    await hass.async_block_till_done()
    return dict(result)


def recipient_input(service: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Return the input of the form of a recipient, with its sections."""
    provider = PROVIDERS[service]
    form = complete_form(provider, provider.recipient_form_schema(Choices()))
    sections = {
        key: value.schema.schema
        for key, value in form.schema.items()
        if isinstance(value, section)
    }
    inner = {key for keys in sections.values() for key in keys}
    found = {
        str(name): {key: fields[key] for key in keys if key in fields}
        for name, keys in sections.items()
    }
    return {key: each for key, each in fields.items() if key not in inner} | found


def suggested(form: dict[str, Any]) -> dict[str, Any]:
    """Return the suggested values of a form and its sections."""
    found: dict[str, Any] = {}
    schemas = [form["data_schema"].schema]
    for schema in schemas:
        for key, value in schema.items():
            if isinstance(value, section):
                schemas.append(value.schema.schema)
            elif "suggested_value" in (key.description or {}):
                found[str(key)] = key.description["suggested_value"]
    return found


async def take_clicks(hass: HomeAssistant, wecom: WeCom, entry: ConfigEntry) -> None:
    """Set a callback address in the console, and say so in the account's options."""
    wecom.agents[AGENT_ID].callback_url_configured = True
    options = {**entry.options, "has_callback": True}
    hass.config_entries.async_update_entry(entry, options=options)
    await hass.async_block_till_done()


def devices_of(registry: dr.DeviceRegistry, entry: ConfigEntry) -> dict[str, str]:
    """Return the device IDs of an account by name."""
    return {
        str(device.name): device.id
        for device in dr.async_entries_for_config_entry(registry, entry.entry_id)
    }


def entities_of(registry: er.EntityRegistry, entry: ConfigEntry) -> set[str]:
    """Return the entity IDs of an account."""
    entries = er.async_entries_for_config_entry(registry, entry.entry_id)
    return {entity.entity_id for entity in entries}


def entity_ids(hass: HomeAssistant) -> list[str]:
    """Return the IDs of all notify entities."""
    return sorted(hass.states.async_entity_ids("notify"))


async def send(
    hass: HomeAssistant,
    message: str,
    title: str | None = None,
    *,
    entity_id: str | list[str] | None = None,
) -> None:
    """Send a message with notify.send_message, by default to all entities."""
    await hass.services.async_call(
        "notify",
        "send_message",
        {
            "entity_id": entity_id or entity_ids(hass),
            "message": message,
            **({"title": title} if title is not None else {}),
        },
        blocking=True,
    )
