"""Accounts are changed in the form that they were added with."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.wechat_push.const import DOMAIN
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from tests.moments import drain
from tests.samples import (
    PUSHJET,
    PUSHPLUS,
    WECOM,
    WXPUSHER,
    Sample,
    add_account,
    entity_ids,
    fill_in,
    send,
    set_up,
    suggested,
)
from tests.simulators import Pushjet, PushPlus, Simulator, WeCom, WxPusher
from tests.simulators.pushplus_accounts import SECRET_KEY
from tests.simulators.wecom_accounts import OTHER_AGENT_ID, OTHER_SECRET
from tests.simulators.wxpusher_accounts import APP_TOKEN, initial_apps


async def open_form(hass: HomeAssistant, entry: ConfigEntry) -> dict[str, Any]:
    """Open the form of an account."""
    form = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": "reconfigure", "entry_id": entry.entry_id}
    )
    assert form["type"] is FlowResultType.FORM
    return dict(form)


def without_secret(
    sample: Sample, simulator: Simulator, **changes: Any
) -> dict[str, Any]:
    """Return the filled-in form of the account with its secret left empty."""
    fields = sample.account_input(simulator, **changes)
    return {key: value for key, value in fields.items() if key != sample.secret_field}


async def test_form(hass: HomeAssistant, sample: Sample, simulator: Simulator) -> None:
    """Test that the form shows the account as it is, but for its secrets."""
    login: dict[str, Any] = {"username": "zhangsan", "password": "ProxyPassword1"}
    entry = await set_up(hass, sample, simulator, **login)
    form = await open_form(hass, entry)
    assert form["step_id"] == f"reconfigure_{sample.service}"
    hidden = (sample.secret_field, "send_test")
    shown = {k: v for k, v in sample.account.items() if k not in hidden}
    assert suggested(form) == {
        **shown,
        **sample.connection,
        "url": simulator.url,
        "username": "zhangsan",
    }


async def test_change(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that a secret left empty stays, and that the change is taken up at once."""
    entry = await set_up(hass, sample, simulator)
    known = dict(entry.data)
    (recipient,) = entity_ids(hass)
    form = await open_form(hass, entry)
    simulator.prefix = "/relay"
    moved = f"{simulator.url}/relay"
    result = await fill_in(
        hass, form, without_secret(sample, simulator, url=moved, read_timeout=7)
    )
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    assert dict(entry.data) == {**known, "url": moved, "read_timeout": 7}
    assert entry.state is ConfigEntryState.LOADED
    assert entity_ids(hass) == [recipient]
    simulator.requests.clear()
    await send(hass, "Someone is there.")
    assert [shown.recipient for shown in simulator.notifications] == sample.receivers
    assert {request.path for request in simulator.requests} >= {f"/relay{sample.path}"}


async def test_no_change(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test a form that is sent as it was opened."""
    entry = await set_up(hass, sample, simulator)
    known = dict(entry.data)
    form = await open_form(hass, entry)
    result = await fill_in(hass, form, without_secret(sample, simulator))
    assert result["reason"] == "reconfigure_successful"
    assert dict(entry.data) == known
    assert entry.state is ConfigEntryState.LOADED
    await send(hass, "Someone is there.")
    assert len(simulator.notifications) == 1


async def test_new_secret(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that a new secret can be given before the old one is found refused."""
    entry = await set_up(hass, sample, simulator)
    sample.renewal.happens(simulator)
    form = await open_form(hass, entry)
    form = await fill_in(
        hass, form, sample.account_input(simulator, **sample.renewal.wrong)
    )
    (error,) = sample.renewal.errors.values()
    # A login is in the section.
    assert form["errors"] in (sample.renewal.errors, {"connection": error})
    result = await fill_in(
        hass, form, sample.account_input(simulator, **sample.renewal.credentials)
    )
    assert result["reason"] == "reconfigure_successful"
    assert (
        entry.data.items()
        >= {
            key: value
            for key, value in sample.renewal.credentials.items()
            if key != "send_test"
        }.items()
    )
    simulator.notifications.clear()
    await send(hass, "Someone is there.")
    assert [shown.recipient for shown in simulator.notifications] == sample.receivers


@pytest.mark.parametrize(
    "other",
    [
        {"agent_id": str(OTHER_AGENT_ID), "secret": OTHER_SECRET},
        {"corp_id": "ww0000000000000000"},
    ],
    ids=["agent", "corporation"],
)
async def test_another_application(
    hass: HomeAssistant, wecom: WeCom, other: dict[str, str]
) -> None:
    """Test that an application of WeCom does not turn into another one."""
    entry = await set_up(hass, WECOM, wecom)
    known = dict(entry.data)
    form = await open_form(hass, entry)
    wecom.requests.clear()
    result = await fill_in(hass, form, WECOM.account_input(wecom, **other))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "another_account"
    assert dict(entry.data) == known
    assert wecom.requests == []


async def test_server_moves(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test that an account of Pushjet follows its server, and frees the old address."""
    entry = await set_up(hass, PUSHJET, pushjet)
    async with Pushjet() as elsewhere:
        form = await open_form(hass, entry)
        result = await fill_in(hass, form, PUSHJET.account_input(elsewhere))
        assert result["reason"] == "reconfigure_successful"
        assert entry.data["url"] == elsewhere.url
        await send(hass, "Someone is there.")
        assert pushjet.notifications == []
        assert [shown.text for shown in elsewhere.notifications] == [
            "Someone is there."
        ]
        again = await add_account(hass, PUSHJET, elsewhere)
        assert again["reason"] == "already_configured"
        freed = await add_account(hass, PUSHJET, pushjet)
        assert freed["type"] is FlowResultType.CREATE_ENTRY
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_entities_stay(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that what is sent while an account is changed has its entity, always."""
    entry = await set_up(hass, sample, simulator)
    (entity_id,) = entity_ids(hass)
    changes = async_capture_events(hass, EVENT_STATE_CHANGED)
    for changed in ({}, {"read_timeout": 7}):
        form = await open_form(hass, entry)
        fields = without_secret(sample, simulator, **changed)
        result = await fill_in(hass, form, {**fields, **sample.checked})
        assert result["reason"] == "reconfigure_successful"
    assert entry.data["read_timeout"] == 7
    assert [each for each in changes if each.data["entity_id"] == entity_id] == []
    simulator.notifications.clear()
    await send(hass, "Someone is there.")
    assert [each.recipient for each in simulator.notifications] == sample.receivers


async def test_server_moves_while_down(
    hass: HomeAssistant, pushjet: Pushjet, freezer: FrozenDateTimeFactory
) -> None:
    """Test that an account that waits for its server is set up at the new address."""
    entry = await set_up(hass, PUSHJET, pushjet)
    async with Pushjet() as elsewhere:
        await pushjet.stop()
        await hass.config_entries.async_reload(entry.entry_id)
        form = await open_form(hass, entry)
        form = await fill_in(hass, form, PUSHJET.account_input(pushjet))
        assert form["errors"] == {"base": "cannot_connect"}
        result = await fill_in(hass, form, PUSHJET.account_input(elsewhere))
        assert result["reason"] == "reconfigure_successful"
        assert entry.state is ConfigEntryState.LOADED
        await send(hass, "Someone is there.")
        await drain(hass, freezer, entry)
        assert len(elsewhere.notifications) == 1
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_token_of_another_account(
    hass: HomeAssistant, wxpusher: WxPusher
) -> None:
    """Test that two accounts do not become the same one."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    wxpusher.apps["AT_Second"] = initial_apps()[APP_TOKEN]
    await add_account(hass, WXPUSHER, wxpusher, app_token="AT_Second")
    form = await open_form(hass, entry)
    wxpusher.requests.clear()
    result = await fill_in(
        hass, form, WXPUSHER.account_input(wxpusher, app_token="AT_Second")
    )
    assert result["reason"] == "already_configured"
    assert entry.data["app_token"] == APP_TOKEN
    assert wxpusher.requests == []


async def test_secret_key(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that the second secret of PushPlus stays when it is left empty, as the first."""
    entry = await set_up(hass, PUSHPLUS, pushplus)
    fields = without_secret(PUSHPLUS, pushplus)
    for typed in ({"secret_key": SECRET_KEY}, {}):
        form = await open_form(hass, entry)
        result = await fill_in(hass, form, {**fields, **typed})
        assert result["reason"] == "reconfigure_successful"
        assert entry.data["secret_key"] == SECRET_KEY
        assert entry.data["token"] == PUSHPLUS.secrets[0]
    assert "secret_key" not in suggested(await open_form(hass, entry))


async def test_address_of_reports(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that the service may go on telling of messages where it was told to."""
    entry = await set_up(hass, PUSHPLUS, pushplus)
    hass.config_entries.async_update_entry(
        entry,
        data={**entry.data, "webhook_id": "WebhookId"},
        options={"listen_results": True},
    )
    await hass.async_block_till_done()
    form = await open_form(hass, entry)
    fields = without_secret(PUSHPLUS, pushplus, read_timeout=7)
    result = await fill_in(hass, form, fields)
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["read_timeout"] == 7
    assert entry.data["webhook_id"] == "WebhookId"


@pytest.mark.parametrize(
    ("login", "kept"),
    [
        (
            {"username": "zhangsan"},
            {"username": "zhangsan", "password": "ProxyPassword1"},
        ),
        ({}, {}),
        ({"username": "lisi", "password": "ProxyPassword2"},) * 2,
    ],
    ids=["left", "removed", "changed"],
)
async def test_login_of_proxy(
    hass: HomeAssistant, pushplus: PushPlus, login: dict[str, str], kept: dict[str, str]
) -> None:
    """Test that a password left empty stays, and goes with its user name."""
    old: dict[str, Any] = {"username": "zhangsan", "password": "ProxyPassword1"}
    entry = await set_up(hass, PUSHPLUS, pushplus, **old)
    form = await open_form(hass, entry)
    result = await fill_in(hass, form, without_secret(PUSHPLUS, pushplus, **login))
    assert result["reason"] == "reconfigure_successful"
    assert {
        key: entry.data[key] for key in ("username", "password") if key in entry.data
    } == kept
