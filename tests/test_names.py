"""Accounts and recipients are told apart by their names, in the household's language."""

from dataclasses import replace
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from tests.samples import (
    FRIENDS,
    ONESELF,
    PUSHJET,
    PUSHPLUS,
    UID_LI,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    Sample,
    add_account,
    add_recipient,
    entity_ids,
    set_up,
)
from tests.simulators import Pushjet, PushPlus, Simulator, WeCom
from tests.simulators.pushplus_accounts import MESSAGE_TOKEN, SECRET_KEY
from tests.simulators.wecom_accounts import OTHER_AGENT_ID, OTHER_SECRET


async def test_chinese(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test the names in a household that speaks Chinese."""
    hass.config.language = "zh-Hans"
    entry = await set_up(hass, sample, simulator)
    (recipient,) = entry.subentries.values()
    title, recipient_title = sample.chinese_titles
    port = f":{simulator.port}" if sample.own_server else ""
    assert (entry.title, recipient.title) == (f"{title}{port}", recipient_title)


async def test_traditional_chinese(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test the names in a household that speaks Chinese as in Taiwan."""
    hass.config.language = "zh-Hant"
    entry = await set_up(hass, WECOM, wecom)
    (recipient,) = entry.subentries.values()
    assert (entry.title, recipient.title) == (
        "企業微信 · Home alarms",
        "所有人（企業微信）",
    )


async def test_typed_name(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that a name that a person typed stays as it is."""
    await set_up(
        hass, sample, simulator, recipient={**sample.recipient, "name": "家人"}
    )
    assert entity_ids(hass) == ["notify.jia_ren"]


async def test_two_accounts(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that a recipient is named after its account if there are two of a service."""
    await add_account(hass, PUSHPLUS, pushplus)
    other = replace(PUSHPLUS, account={**PUSHPLUS.account, "token": MESSAGE_TOKEN})
    result = await add_account(hass, other, pushplus)
    assert result["title"] == f"PushPlus · …{MESSAGE_TOKEN[-4:]}"
    (recipient,) = result["result"].subentries.values()
    assert recipient.title == f"Me (PushPlus · …{MESSAGE_TOKEN[-4:]})"


async def test_owner(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that an account of PushPlus is named after its owner, if that is known."""
    fields = {**PUSHPLUS.account, "secret_key": SECRET_KEY}
    known = replace(PUSHPLUS, account=fields)
    result = await add_account(hass, known, pushplus)
    assert result["title"] == "PushPlus · Home"


async def test_same_name(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a number tells accounts apart that have one name at the service."""
    await set_up(hass, WECOM, wecom)
    wecom.agents[OTHER_AGENT_ID].name = "Home alarms"
    result = await add_account(
        hass, WECOM, wecom, agent_id=str(OTHER_AGENT_ID), secret=OTHER_SECRET
    )
    assert result["title"] == "WeCom · Home alarms 2"


async def test_same_recipient_name(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that a number tells recipients apart that have one name."""
    entry = await set_up(hass, PUSHPLUS, pushplus, recipient=FRIENDS)
    result = await add_recipient(hass, entry, {**FRIENDS, "friends": ["other"]})
    assert result["title"] == "Friends (PushPlus) 2"


@pytest.mark.parametrize(
    ("sample", "recipient", "models"),
    [
        pytest.param(
            WXPUSHER,
            {"targets": [UID_ZHANG]},
            ("WxPusher application", "WxPusher users"),
            id="wxpusher-user",
        ),
        pytest.param(
            WXPUSHER,
            {"targets": ["8001"]},
            ("WxPusher application", "WxPusher topics"),
            id="wxpusher-topic",
        ),
        pytest.param(
            WXPUSHER,
            {"targets": ["8001", UID_LI]},
            ("WxPusher application", "WxPusher users and topics"),
            id="wxpusher-both",
        ),
        pytest.param(
            WECOM,
            {"targets": ["@all"]},
            ("WeCom application", "WeCom: everyone"),
            id="wecom-everyone",
        ),
        pytest.param(
            WECOM,
            {"targets": ["@lisi"]},
            ("WeCom application", "WeCom members"),
            id="wecom-member",
        ),
        pytest.param(
            WECOM,
            {"targets": ["#1"]},
            ("WeCom application", "WeCom departments"),
            id="wecom-department",
        ),
        pytest.param(
            WECOM,
            {"targets": ["+1"]},
            ("WeCom application", "WeCom tags"),
            id="wecom-tag",
        ),
        pytest.param(
            WECOM,
            {"targets": ["+1", "@lisi"]},
            ("WeCom application", "WeCom members, departments and tags"),
            id="wecom-several",
        ),
        pytest.param(
            PUSHPLUS,
            ONESELF,
            ("PushPlus account", "PushPlus account owner"),
            id="pushplus-oneself",
        ),
        pytest.param(
            PUSHPLUS,
            PUSHPLUS.recipient,
            ("PushPlus account", "PushPlus group"),
            id="pushplus-group",
        ),
        pytest.param(
            PUSHPLUS,
            FRIENDS,
            ("PushPlus account", "PushPlus friends"),
            id="pushplus-friends",
        ),
        pytest.param(
            PUSHJET,
            PUSHJET.recipient,
            ("Pushjet server", "Pushjet service"),
            id="pushjet",
        ),
    ],
)
async def test_models(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    recipient: dict[str, Any],
    models: tuple[str, str],
    device_registry: dr.DeviceRegistry,
) -> None:
    """Test that a device says what kind of account or recipient it is."""
    entry = await set_up(hass, sample, simulator, recipient={**recipient, "name": "X"})
    devices = dr.async_entries_for_config_entry(device_registry, entry.entry_id)
    by_name = {device.name: device.model for device in devices}
    assert (by_name[entry.title], by_name["X"]) == models


async def test_chinese_models(
    hass: HomeAssistant, wecom: WeCom, device_registry: dr.DeviceRegistry
) -> None:
    """Test that devices speak the language of the household."""
    hass.config.language = "zh-Hans"
    entry = await set_up(hass, WECOM, wecom)
    devices = dr.async_entries_for_config_entry(device_registry, entry.entry_id)
    assert {device.manufacturer for device in devices} == {"企业微信"}
    assert {device.model for device in devices} == {"企业微信应用", "企业微信所有人"}


async def test_other_language(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test a household whose language has no translation."""
    hass.config.language = "de"
    entry = await set_up(hass, PUSHJET, pushjet)
    (recipient,) = entry.subentries.values()
    assert recipient.title == "Home alarms (Pushjet)"
