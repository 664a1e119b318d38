"""Sample accounts and recipients, and the forms to add them."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from custom_components.wechat_push.const import DOMAIN
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, section
from homeassistant.helpers import device_registry as dr, entity_registry as er
from tests.simulators import Simulator, WeCom
from tests.simulators.wecom_accounts import AGENT_ID

UID_ZHANG = "UID_Zhang000000000000000000000000"
UID_LI = "UID_Li00000000000000000000000000000"
UID_WANG = "UID_Wang00000000000000000000000000"
FRIEND = "f00df00df00df00df00df00df00df00d"

WAY = {
    "verify_ssl": True,
    "follow_redirects": False,
    "connect_timeout": 5,
    "read_timeout": 5,
}


# Data of a recipient that fails at once instead of queueing messages.
FAILS = {"when_down": "fail"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """An account of one service and its first recipient."""

    service: str
    # Titles in Home Assistant.
    title: str
    recipient_title: str
    # Fields of the forms, without the URL of the simulator.
    account: dict[str, Any]
    recipient: dict[str, Any]
    # The targets of the recipient as the simulator names them.
    receivers: list[str]
    # The field of the account with its secret, if any.
    secret_field: str | None
    # Secrets that must not appear anywhere.
    secrets: tuple[str, ...]
    # The path for messages.
    path: str
    # The path for the check of the account, and the fields that enable it.
    check_path: str
    checked: dict[str, Any] = field(default_factory=dict)
    # Fields of the connection section of the account form.
    connection: dict[str, Any] = field(default_factory=lambda: dict(WAY))

    def error_at(self, field: str) -> str:
        """Return where the account form shows an error of a field of the connection."""
        return field if self.service == "pushjet" and field == "url" else "connection"

    def account_input(self, simulator: Simulator, **changes: Any) -> dict[str, Any]:
        """Return the input of the account form, with changes in any section."""
        fields = {**self.account, "connection": dict(self.connection)}
        (fields if self.service == "pushjet" else fields["connection"])["url"] = (
            simulator.url
        )
        for key, value in changes.items():
            where = fields if key in fields else fields["connection"]
            where[key] = value
        return fields


WXPUSHER = Sample(
    service="wxpusher",
    title="WxPusher · Home alarms",
    recipient_title="Zhang San (WxPusher)",
    account={"app_token": "AT_SimulatedAppToken0000000000000000"},
    recipient={"targets": [UID_ZHANG], "format": "text"},
    receivers=[UID_ZHANG],
    secret_field="app_token",
    secrets=("AT_SimulatedAppToken0000000000000000",),
    path="/api/send/message",
    check_path="/api/fun/wxuser/v2",
)
WECOM = Sample(
    service="wecom",
    title="WeCom · Home alarms",
    recipient_title="Everyone (WeCom)",
    account={
        "corp_id": "ww5a1d0c0ffee12345",
        "agent_id": "1000002",
        "secret": "SimulatedSecret-SimulatedSecret-SimulatedSe",
    },
    recipient={"targets": ["@all"], "format": "text", "ordinary_wechat": False},
    receivers=["@all"],
    secret_field="secret",
    secrets=("SimulatedSecret-SimulatedSecret-SimulatedSe",),
    path="/cgi-bin/message/send",
    check_path="/cgi-bin/agent/get",
)
PUSHPLUS = Sample(
    service="pushplus",
    title="PushPlus · …abcd",
    recipient_title="family (PushPlus)",
    account={"token": "5135135135135135135135135135abcd", "send_test": False},
    recipient={
        "kind": "topic",
        "topic": "family",
        "channel": "wechat",
        "format": "text",
    },
    receivers=["family"],
    secret_field="token",
    secrets=("5135135135135135135135135135abcd", FRIEND),
    path="/send",
    check_path="/send",
    checked={"send_test": True},
)
PUSHJET = Sample(
    service="pushjet",
    title="Pushjet · 127.0.0.1",
    recipient_title="Home alarms (Pushjet)",
    account={},
    recipient={"secret": "f5a9a6d4a50999ed7654d3aacb8914d5"},
    receivers=["7b87-4270a5-113a06c2c9d9-44126-4fe0f9cee"],
    secret_field=None,
    secrets=("f5a9a6d4a50999ed7654d3aacb8914d5",),
    path="/message",
    check_path="/service",
)

# Samples whose set-up makes a request.
ASKING = (WXPUSHER, WECOM, PUSHJET)


SAMPLES = {sample.service: sample for sample in (WXPUSHER, WECOM, PUSHPLUS, PUSHJET)}


ONESELF: dict[str, Any] = {"kind": "self", "channel": "wechat", "format": "text"}
FRIENDS: dict[str, Any] = {**ONESELF, "kind": "friends", "friends": [FRIEND]}


# Fields in the closed sections of the form.
_MORE = ("topic", "friends", "channel", "option", "template")
_DEFAULTS = (
    "format",
    "ordinary_wechat",
    "safe",
    "summary",
    "verify_pay_type",
    "pre",
    "level",
    "overflow",
    "url",
    "emojis",
    "optional",
    "retries",
    "retry_wait",
)


# Another recipient of each service.
SECOND: dict[str, dict[str, Any]] = {
    "wxpusher": {"targets": ["8002"], "format": "text"},
    "wecom": {"targets": ["@lisi"], "format": "text", "ordinary_wechat": False},
    "pushplus": ONESELF,
    "pushjet": {"secret": "a" * 32},
}


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
        form["flow_id"], sample.account_input(simulator, **changes)
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
    sections = {"defaults": _DEFAULTS}
    if service == "pushplus":
        sections["more"] = _MORE
    elif service == "wecom":
        sections["defaults"] = (*_DEFAULTS, "kind")
    inner = {key for keys in sections.values() for key in keys}
    found = {
        name: {key: fields[key] for key in keys if key in fields}
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


async def arrival(simulator: Simulator, path: str, *, count: int = 1) -> None:
    """Wait until a service has received requests, answered or not."""
    async with asyncio.timeout(10):
        while len(simulator.requests_to(path)) < count:
            await asyncio.sleep(0)


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
