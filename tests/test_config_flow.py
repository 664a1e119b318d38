"""Accounts are added through forms, each checked at its service."""

from typing import Any

import pytest

from custom_components.wechat_push.const import DOMAIN
from custom_components.wechat_push.providers import PROVIDERS
from homeassistant.config_entries import ConfigEntryState, FlowType
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from tests.samples import (
    PUSHJET,
    PUSHPLUS,
    SERVERCHAN,
    SIMPLE_PUSH,
    WECOM,
    WECOM_ROBOT,
    WXPUSHER,
    Sample,
    add_account,
    entity_ids,
    fill_in,
    fill_in_recipient,
    send,
    set_up,
    start_account_flow,
)
from tests.simulators import BAD_ANSWERS, Pushjet, PushPlus, Simulator, WeCom, WxPusher
from tests.simulators.pushplus_accounts import SECRET_KEY
from tests.simulators.wecom_accounts import OTHER_AGENT_ID, OTHER_SECRET
from tests.simulators.wxpusher_accounts import APP_TOKEN


async def test_menu(hass: HomeAssistant) -> None:
    """Test that the services are there, in the order of the registry."""
    menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": "user"})
    assert menu["type"] is FlowResultType.MENU
    assert menu["step_id"] == "user"
    assert menu["menu_options"] == [*PROVIDERS, "apprise"]


@pytest.mark.parametrize(
    ("sample", "url"),
    [
        (WXPUSHER, "https://wxpusher.zjiecode.com"),
        (WECOM, "https://qyapi.weixin.qq.com"),
        (PUSHPLUS, "https://www.pushplus.plus"),
    ],
    ids=["wxpusher", "wecom", "pushplus"],
)
async def test_official_address(hass: HomeAssistant, sample: Sample, url: str) -> None:
    """Test that a person need not open the section of the connection."""
    form = await start_account_flow(hass, sample)
    filled_in = form["data_schema"]({**sample.account, "connection": {}})
    assert filled_in["connection"] == {
        "url": url,
        "verify_ssl": True,
        "follow_redirects": False,
        "connect_timeout": 10,
        "read_timeout": 30,
    }
    assert form["data_schema"].schema["connection"].options == {"collapsed": True}


async def test_account(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that an account is added and set up, under the name the service gives it."""
    result = await add_account(hass, sample, simulator)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == sample.title_at(simulator)
    fields = {k: v for k, v in sample.account.items() if k != "send_test"}
    assert result["data"] == {
        "provider": sample.service,
        "url": simulator.url,
        **fields,
        **sample.connection,
    }
    entry = result["result"]
    assert entry.state is ConfigEntryState.LOADED
    # It tells accounts apart, and is no secret.
    assert entry.unique_id
    assert not [
        value for value in fields.values() if value.lower() in entry.unique_id.lower()
    ]


async def test_first_recipient(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that an account has a recipient, or the form of its first one opens."""
    result = await add_account(hass, sample, simulator)
    if sample.first_entity_id is not None:
        assert "next_flow" not in result
        assert entity_ids(hass) == [sample.first_entity_id]
        return
    kind, flow_id = result["next_flow"]
    assert kind is FlowType.CONFIG_SUBENTRIES_FLOW
    assert entity_ids(hass) == []
    form = hass.config_entries.subentries.async_get(flow_id)
    assert form["step_id"] == sample.service
    created = await fill_in_recipient(hass, flow_id, result["result"], sample.recipient)
    assert created["type"] is FlowResultType.CREATE_ENTRY
    assert created["title"] == sample.recipient_title
    assert len(entity_ids(hass)) == 1


@pytest.mark.parametrize(
    ("sample", "asked"),
    [
        (WXPUSHER, ["/api/fun/wxuser/v2"]),
        (WECOM, ["/cgi-bin/gettoken", "/cgi-bin/agent/get"]),
        (PUSHPLUS, ["/send"]),
        (PUSHJET, ["/service"]),
        (WECOM_ROBOT, [WECOM_ROBOT.path]),
        (SIMPLE_PUSH, [SIMPLE_PUSH.check_path]),
        (SERVERCHAN, [SERVERCHAN.path]),
    ],
    ids=lambda value: getattr(value, "service", "asked"),
)
async def test_checked_first(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, asked: list[str]
) -> None:
    """Test what a service is asked before an account is added; no message, if possible."""
    simulator.always(BAD_ANSWERS["error_500"], sample.check_path)
    result = await add_account(hass, sample, simulator, **sample.checked)
    assert result["type"] is FlowResultType.FORM
    assert [request.path for request in simulator.requests] == asked
    assert hass.config_entries.async_entries(DOMAIN) == []


@pytest.mark.parametrize(
    ("language", "title", "text"),
    [
        ("en", "Home Assistant is connected", "If you can read this, messages"),
        ("zh-Hans", "Home Assistant 已连接", "收到这条消息"),
    ],
)
async def test_pushplus_test_message(
    hass: HomeAssistant, pushplus: PushPlus, language: str, title: str, text: str
) -> None:
    """Test that the token of PushPlus is proved by a message to its owner."""
    hass.config.language = language
    result = await add_account(hass, PUSHPLUS, pushplus, send_test=True)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (shown,) = pushplus.notifications
    assert shown.recipient == "self"
    assert shown.title == title
    assert text in shown.text


async def test_pushplus_test_message_declined(
    hass: HomeAssistant, pushplus: PushPlus
) -> None:
    """Test that a person who declines the message gets none, and no other check."""
    result = await add_account(hass, PUSHPLUS, pushplus, send_test=False)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert pushplus.requests == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [({"secret_key": f" {SECRET_KEY} "}, {SECRET_KEY}), ({"secret_key": " "}, set())],
    ids=["given", "blank"],
)
async def test_pushplus_secret_key(
    hass: HomeAssistant, pushplus: PushPlus, typed: dict[str, Any], kept: set[str]
) -> None:
    """Test that the second secret of PushPlus is one that it can do without."""
    form = await start_account_flow(hass, PUSHPLUS)
    result = await fill_in(hass, form, {**PUSHPLUS.account_input(pushplus), **typed})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert {v for k, v in result["data"].items() if k == "secret_key"} == kept


async def test_behind_proxy(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test a service below a path of a reverse proxy that wants a login."""
    simulator.prefix = "/relay/api"
    simulator.basic_auth = ("zhangsan", "ProxyPassword1")
    url = f"{simulator.url}/relay/api/"
    login = {"username": "zhangsan", "password": "ProxyPassword2"}
    form = await add_account(
        hass, sample, simulator, **{**sample.checked, "url": url, **login}
    )
    assert form["errors"] == {"connection": "proxy_login"}
    assert form["data_schema"].schema["connection"].options == {"collapsed": False}
    login["password"] = "ProxyPassword1"
    result = await hass.config_entries.flow.async_configure(
        form["flow_id"],
        sample.new_input(simulator, **{**sample.checked, "url": url, **login}),
    )
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["url"] == f"{simulator.url}/relay/api"
    assert result["data"].items() >= login.items()
    assert result["result"].state is ConfigEntryState.LOADED


async def test_login_in_address(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test that a login typed into the address is kept apart from it, and used."""
    pushjet.basic_auth = ("zhang san", "Proxy@Password")
    address = f"127.0.0.1:{pushjet.port}"
    typed = f" http://zhang%20san:Proxy%40Password@{address}/ "
    result = await add_account(hass, PUSHJET, pushjet, url=typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["url"] == f"http://{address}"
    assert result["data"]["username"] == "zhang san"
    assert result["data"]["password"] == "Proxy@Password"


async def test_old_pushjet_server(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test a server from the time when errors came with HTTP 200."""
    pushjet.old_server = True
    entry = await set_up(hass, PUSHJET, pushjet)
    await send(hass, "Someone is there.")
    assert entry.state is ConfigEntryState.LOADED
    assert [shown.text for shown in pushjet.notifications] == ["Someone is there."]


async def test_no_name(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test an application whose name the service does not tell."""
    wxpusher.apps[APP_TOKEN].followers.clear()
    result = await add_account(hass, WXPUSHER, wxpusher)
    assert result["title"] == "WxPusher · …0000"


@pytest.mark.parametrize(
    ("sample", "spelling"),
    [
        pytest.param(WXPUSHER, {"app_token": f" {APP_TOKEN}\n"}, id="wxpusher"),
        pytest.param(
            WECOM,
            {"corp_id": " ww5a1d0c0ffee12345 ", "agent_id": " 01000002"},
            id="wecom",
        ),
        pytest.param(PUSHPLUS, {"send_test": True}, id="pushplus"),
        pytest.param(PUSHJET, {"read_timeout": 20}, id="pushjet"),
    ],
)
async def test_same_account_twice(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, spelling: dict[str, Any]
) -> None:
    """Test that an account is not added twice, and that no message is spent on it."""
    await set_up(hass, sample, simulator)
    simulator.reset()
    result = await add_account(hass, sample, simulator, **spelling)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert simulator.requests == []
    assert len(hass.config_entries.async_entries(DOMAIN)) == 1


@pytest.mark.parametrize("spelling", ["/", "//", " "])
async def test_same_server_twice(
    hass: HomeAssistant, pushjet: Pushjet, spelling: str
) -> None:
    """Test that a Pushjet server is known by its address, however that is written."""
    await set_up(hass, PUSHJET, pushjet)
    result = await add_account(hass, PUSHJET, pushjet, url=pushjet.url + spelling)
    assert result["reason"] == "already_configured"


async def test_two_accounts(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that another application of the same corporation is an account of its own."""
    await set_up(hass, WECOM, wecom)
    result = await add_account(
        hass, WECOM, wecom, agent_id=str(OTHER_AGENT_ID), secret=OTHER_SECRET
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "WeCom · Office"


async def test_form_left_open(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that a form left open elsewhere does not keep a person from trying again."""
    simulator.always(BAD_ANSWERS["error_500"], sample.check_path)
    form = await add_account(hass, sample, simulator, **sample.checked)
    assert form["errors"] == {"base": "server_error"}
    simulator.reset()
    result = await add_account(hass, sample, simulator)
    assert result["type"] is FlowResultType.CREATE_ENTRY
