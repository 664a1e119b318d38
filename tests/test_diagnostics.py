"""Diagnostics help to understand an account, and tell none of its secrets."""

import json
from typing import Any

import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from homeassistant.core import HomeAssistant
from tests.samples import (
    ASKING,
    FRIENDS,
    PUSHJET,
    PUSHPLUS,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    Sample,
    send,
    set_up,
)
from tests.simulators import PushPlus, Simulator

HIDDEN = "**REDACTED**"
# Who somebody is.
IDENTIFIERS = (UID_ZHANG, "ww5a1d0c0ffee12345", "zhangsan", PUSHJET.receivers[0])
LOGIN = {"username": "ProxyUser", "password": "ProxyPassword1"}


@pytest.mark.parametrize(
    ("sample", "recipient", "account", "shown"),
    [
        (
            WXPUSHER,
            {"targets": [UID_ZHANG, "8001"], "format": "markdown"},
            {"provider": "wxpusher", "app_token": HIDDEN},
            {"uids": HIDDEN, "topics": [8001], "format": "markdown"},
        ),
        (
            WECOM,
            {"targets": ["@zhangsan #1"], "format": "text"},
            {
                "provider": "wecom",
                "corp_id": HIDDEN,
                "agent_id": HIDDEN,
                "secret": HIDDEN,
            },
            {
                "users": HIDDEN,
                "departments": [1],
                "tags": [],
                "everyone": False,
                "format": "text",
            },
        ),
        (
            PUSHPLUS,
            FRIENDS,
            {"provider": "pushplus", "token": HIDDEN},
            {
                "kind": "friends",
                "friends": HIDDEN,
                "topic": None,
                "channel": "wechat",
                "option": None,
                "template": None,
                "format": "text",
            },
        ),
        (
            PUSHPLUS,
            PUSHPLUS.recipient,
            {"provider": "pushplus", "token": HIDDEN},
            {"kind": "topic", "topic": HIDDEN, "channel": "wechat"},
        ),
        (
            PUSHJET,
            PUSHJET.recipient,
            {"provider": "pushjet"},
            {"secret": HIDDEN, "public": HIDDEN},
        ),
    ],
    ids=["wxpusher", "wecom", "pushplus friends", "pushplus group", "pushjet"],
)
async def test_diagnostics(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    sample: Sample,
    simulator: Simulator,
    recipient: dict[str, Any],
    account: dict[str, Any],
    shown: dict[str, Any],
) -> None:
    """Test what is told of an account and its recipients."""
    simulator.basic_auth = (LOGIN["username"], LOGIN["password"])
    entry = await set_up(hass, sample, simulator, recipient=recipient, **LOGIN)
    (recipient_id,) = entry.subentries
    told: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert told["account"].items() >= account.items()
    assert (
        told["account"].items()
        >= {
            "url": simulator.url,
            "verify_ssl": True,
            "follow_redirects": False,
            "connect_timeout": 5,
            "read_timeout": 5,
            "username": HIDDEN,
            "password": HIDDEN,
        }.items()
    )
    assert told["recipients"].keys() == {recipient_id}
    assert told["recipients"][recipient_id].items() >= shown.items()
    text = json.dumps(told, ensure_ascii=False)
    hidden = (*sample.secrets, *LOGIN.values(), *IDENTIFIERS)
    assert not [each for each in hidden if each in text]


async def test_address_of_reports(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, pushplus: PushPlus
) -> None:
    """Test that nobody learns where the service tells what became of messages."""
    entry = await set_up(hass, PUSHPLUS, pushplus)
    webhook_id = "SimulatedWebhookId"
    hass.config_entries.async_update_entry(
        entry,
        data={**entry.data, "webhook_id": webhook_id},
        options={"listen_results": True},
    )
    await hass.async_block_till_done()
    told: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert told["account"]["webhook_id"] == HIDDEN
    assert webhook_id not in json.dumps(told)


@pytest.mark.parametrize("sample", ASKING, ids=[sample.service for sample in ASKING])
async def test_account_in_trouble(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    sample: Sample,
    simulator: Simulator,
) -> None:
    """Test that diagnostics are there when they are needed most: when nothing works."""
    entry = await set_up(hass, sample, simulator)
    loaded: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    await simulator.stop()
    await hass.config_entries.async_reload(entry.entry_id)
    told: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert told["account"] == loaded["account"]
    assert told["recipients"] == loaded["recipients"]
    await send(hass, "Nobody reads this here.")
    told = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert told["delivery"]["queued"] == 1
    assert told["delivery"]["last_error"] == "cannot_connect"
    assert "Nobody reads" not in json.dumps(told)
    await simulator.start(port=simulator.port)
    sample.renewal.happens(simulator)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    told = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert told["account"] == loaded["account"]
    assert told["delivery"]["outage"] == sample.renewal.problem
    assert await hass.config_entries.async_unload(entry.entry_id)
    told = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert told["account"] == loaded["account"]
    assert told["delivery"] is None
