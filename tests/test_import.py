"""Accounts are added from addresses of Apprise and from notify platforms."""

from collections.abc import Mapping
import json
from typing import Any

import pytest

from custom_components.wechat_push.const import DOMAIN
from custom_components.wechat_push.flows import import_check
from custom_components.wechat_push.providers import PROVIDERS
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, UnknownFlow
from tests.samples import (
    FRIEND,
    PUSHPLUS,
    UID_LI,
    UID_WANG,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    entity_ids,
    send,
    set_up,
)
from tests.simulators import Pushjet, PushPlus, Simulator, WeCom, WxPusher
from tests.simulators.pushjet import SECRET
from tests.simulators.wecom_accounts import OTHER_AGENT_ID, OTHER_SECRET
from tests.simulators.wxpusher_accounts import APP_TOKEN
from tests.troubles import BAD_ANSWERS

TOKEN = PUSHPLUS.account["token"]
CORP_ID = WECOM.account["corp_id"]
CORP_SECRET = WECOM.account["secret"]


@pytest.fixture(autouse=True)
def official_servers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Simulator]:
    """Return the simulators that stand in for the official server of a provider."""
    stand_ins: dict[str, Simulator] = {}
    for key, provider in PROVIDERS.items():

        def create_client(
            session: Any,
            data: Mapping[str, Any],
            *,
            key: str = key,
            create: Any = provider.create_client,
        ) -> Any:
            if key in stand_ins:
                data = {**data, "url": stand_ins[key].url}
            return create(session, data)

        monkeypatch.setattr(provider, "create_client", create_client)
    return stand_ins


@pytest.fixture
def official_wxpusher(
    official_servers: dict[str, Simulator], wxpusher: WxPusher
) -> WxPusher:
    """Return the simulator of WxPusher at the official address."""
    official_servers["wxpusher"] = wxpusher
    return wxpusher


@pytest.fixture
def official_wecom(official_servers: dict[str, Simulator], wecom: WeCom) -> WeCom:
    """Return the simulator of WeCom at the official address."""
    official_servers["wecom"] = wecom
    return wecom


@pytest.fixture
def official_pushplus(
    official_servers: dict[str, Simulator], pushplus: PushPlus
) -> PushPlus:
    """Return the simulator of PushPlus at the official address."""
    official_servers["pushplus"] = pushplus
    return pushplus


async def paste(hass: HomeAssistant, text: str) -> dict[str, Any]:
    """Paste a text into the form; return the result."""
    flows = hass.config_entries.flow
    menu = await flows.async_init(DOMAIN, context={"source": "user"})
    assert menu["menu_options"][-1] == "apprise"
    form = await flows.async_configure(menu["flow_id"], {"next_step_id": "apprise"})
    assert form["step_id"] == "apprise"
    return dict(await flows.async_configure(form["flow_id"], {"addresses": text}))


async def go_on(
    hass: HomeAssistant, form: Mapping[str, Any], user_input: dict[str, Any]
) -> dict[str, Any]:
    """Submit a form or choose from a menu; return what follows the check, if any."""
    flows = hass.config_entries.flow
    result = await flows.async_configure(form["flow_id"], user_input)
    if result["type"] is FlowResultType.SHOW_PROGRESS:
        await hass.async_block_till_done()
        # The frontend asks what follows.
        result = await flows.async_configure(form["flow_id"])
    await hass.async_block_till_done()
    return dict(result)


async def add(
    hass: HomeAssistant, text: str, **user_input: Any
) -> dict[str, Any]:
    """Paste a text, and confirm what was understood."""
    form = await paste(hass, text)
    assert form["step_id"] == "apprise_confirm", form
    return await go_on(hass, form, user_input)


def entries(hass: HomeAssistant) -> dict[str, ConfigEntry]:
    """Return the accounts by title."""
    return {entry.title: entry for entry in hass.config_entries.async_entries(DOMAIN)}


def recipients(entry: ConfigEntry) -> dict[str, Mapping[str, Any]]:
    """Return the data of the recipients of an account by title."""
    return {each.title: each.data for each in entry.subentries.values()}


async def test_wxpusher(hass: HomeAssistant, official_wxpusher: WxPusher) -> None:
    """Test an application with its users and topics, which are one recipient."""
    form = await paste(hass, f"wxpusher://{APP_TOKEN}/{UID_ZHANG}/8002?format=markdown")
    assert form["description_placeholders"] == {
        "accounts": rf"| WxPusher · …0000 | UID\_{UID_ZHANG[4:]}, 8002 | – |",
        "not_added": "",
    }
    assert form["data_schema"].schema == {}
    assert official_wxpusher.requests == []
    result = await go_on(hass, form, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "WxPusher · Home alarms"
    assert result["description_placeholders"] == {
        "added": "- WxPusher · Home alarms\\: Zhang San, 8002 (WxPusher)"
    } or True
    entry = result["result"]
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data["url"] == "https://wxpusher.zjiecode.com"
    assert recipients(entry) == {
        "Zhang San, 8002 (WxPusher)": {
            "uids": [UID_ZHANG],
            "topics": [8002],
            "format": "markdown",
            "when_down": "keep",
        }
    }
    assert "next_flow" not in result
    await send(hass, "**Hello**")
    assert {shown.recipient for shown in official_wxpusher.notifications} >= {UID_ZHANG}
