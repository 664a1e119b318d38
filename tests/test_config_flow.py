"""Accounts are added through forms, each checked at its service."""

from collections.abc import Callable
from ssl import SSLContext
from typing import Any
from unittest.mock import AsyncMock

from aiohttp.resolver import AsyncResolver
import pytest

from custom_components.wechat_push.const import DOMAIN
from homeassistant.config_entries import ConfigEntryState, FlowType
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from tests.samples import (
    PUSHJET,
    PUSHPLUS,
    WECOM,
    WXPUSHER,
    Sample,
    add_account,
    entity_ids,
    send,
    set_up,
    start_account_flow,
)
from tests.simulators import BAD_ANSWERS, Pushjet, PushPlus, Simulator, WeCom, WxPusher
from tests.simulators.base import json_answer
from tests.simulators.wecom_accounts import AGENT_ID, OTHER_AGENT_ID, OTHER_SECRET
from tests.simulators.wxpusher_accounts import APP_TOKEN

type Cause = Callable[[Any], object]


def nothing(simulator: Simulator) -> None:
    """Leave the service as it is: what the person typed is wrong."""


def answering(path: str, **fields: Any) -> Cause:
    """Return what makes a service give one answer to whatever is asked at a path."""
    return lambda simulator: simulator.always(json_answer(fields), path)


async def test_menu(hass: HomeAssistant) -> None:
    """Test that the four services are there to choose from."""
    menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": "user"})
    assert menu["type"] is FlowResultType.MENU
    assert menu["step_id"] == "user"
    assert menu["menu_options"] == ["wxpusher", "wecom", "pushplus", "pushjet"]


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
    assert result["title"] == sample.title
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
    """Test that the form of the first recipient opens by itself, and is the right one."""
    result = await add_account(hass, sample, simulator)
    kind, flow_id = result["next_flow"]
    assert kind is FlowType.CONFIG_SUBENTRIES_FLOW
    assert entity_ids(hass) == []
    recipients = hass.config_entries.subentries
    form = recipients.async_get(flow_id)
    assert form["step_id"] == sample.service
    created = await recipients.async_configure(flow_id, sample.recipient)
    await hass.async_block_till_done()
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
    ],
    ids=["wxpusher", "wecom", "pushplus", "pushjet"],
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
        ("en", "Home Assistant is connected", "This message shows that the token"),
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


def close_application(wecom: Any) -> None:
    """Disable the application in the console."""
    wecom.agents[AGENT_ID].closed = True


def trust_nobody(wecom: Any) -> None:
    """Let the application be called from elsewhere only."""
    wecom.trusted_ips = {"198.51.100.1"}


def forget_real_name(pushplus: Any) -> None:
    """Take back the real-name verification."""
    pushplus.account.verified = False


def restrict(pushplus: Any) -> None:
    """Restrict the account, as after too many requests."""
    pushplus.account.restricted = True


@pytest.mark.parametrize(
    ("sample", "changes", "cause", "errors", "details"),
    [
        pytest.param(
            WXPUSHER,
            {"app_token": "AT_wrong"},
            nothing,
            {"app_token": "wxpusher_app_token"},
            {"text": "appToken不正确"},
            id="wxpusher-token",
        ),
        pytest.param(
            WXPUSHER,
            {"app_token": "UID_Zhang000000000000000000000000"},
            nothing,
            {"app_token": "wxpusher_app_token_shape"},
            {},
            id="wxpusher-token-shape",
        ),
        pytest.param(
            WXPUSHER,
            {"app_token": "  "},
            nothing,
            {"app_token": "secret_missing"},
            {},
            id="wxpusher-token-missing",
        ),
        pytest.param(
            WXPUSHER,
            {},
            answering("/api/fun/wxuser/v2", code=1005, msg="系统异常"),
            {"base": "server_error"},
            {"status": "1005"},
            id="wxpusher-server",
        ),
        pytest.param(
            WXPUSHER,
            {},
            answering("/api/fun/wxuser/v2", code=1001, msg="请求过于频繁，请稍后再试"),
            {"base": "too_many_requests"},
            {},
            id="wxpusher-limit",
        ),
        pytest.param(
            WXPUSHER,
            {},
            answering("/api/fun/wxuser/v2", code=1001, msg="应用已停用"),
            {"base": "service_refused"},
            {"code": "1001", "text": "应用已停用"},
            id="wxpusher-other",
        ),
        pytest.param(
            WECOM,
            {"secret": "AWrongSecret"},
            nothing,
            {"secret": "wecom_secret"},
            {"text": "invalid credential"},
            id="wecom-secret",
        ),
        pytest.param(
            WECOM,
            {"corp_id": "ww0000000000000000"},
            nothing,
            {"corp_id": "wecom_corp_id"},
            {"text": "invalid corpid"},
            id="wecom-corp-id",
        ),
        pytest.param(
            WECOM,
            {"agent_id": str(OTHER_AGENT_ID)},
            nothing,
            {"agent_id": "wecom_agent_id"},
            {},
            id="wecom-agent-id",
        ),
        pytest.param(
            WECOM,
            {"agent_id": "Home alarms"},
            nothing,
            {"agent_id": "wecom_agent_id_shape"},
            {},
            id="wecom-agent-id-shape",
        ),
        pytest.param(
            WECOM,
            {},
            trust_nobody,
            {"base": "wecom_untrusted_ip"},
            {"ip": "203.0.113.7"},
            id="wecom-ip",
        ),
        pytest.param(
            WECOM,
            {},
            close_application,
            {"base": "wecom_app_disabled"},
            {},
            id="wecom-disabled",
        ),
        pytest.param(
            WECOM,
            {},
            answering("/cgi-bin/agent/get", errcode=48002, errmsg="api forbidden"),
            {"base": "wecom_not_authorised"},
            {"code": "48002"},
            id="wecom-not-authorised",
        ),
        pytest.param(
            WECOM,
            {},
            answering("/cgi-bin/agent/get", errcode=40014, errmsg="invalid token"),
            {"base": "wecom_token_refused"},
            {"code": "40014"},
            id="wecom-relay-spoils-token",
        ),
        pytest.param(
            WECOM,
            {},
            answering("/cgi-bin/gettoken", errcode=45009, errmsg="api freq out"),
            {"base": "too_many_requests"},
            {},
            id="wecom-banned",
        ),
        pytest.param(
            WECOM,
            {},
            lambda wecom: wecom.always(BAD_ANSWERS["html_page"], "/cgi-bin/gettoken"),
            {"base": "not_this_service"},
            {"status": "200"},
            id="wecom-no-token",
        ),
        pytest.param(
            WECOM,
            {},
            answering("/cgi-bin/gettoken", errcode=-1, errmsg="system busy"),
            {"base": "server_error"},
            {"status": "-1"},
            id="wecom-busy",
        ),
        pytest.param(
            PUSHPLUS,
            {"token": "0000000000000000000000000000dead", "send_test": True},
            nothing,
            {"token": "pushplus_token"},
            {"text": "无效的用户token"},
            id="pushplus-token",
        ),
        pytest.param(
            PUSHPLUS,
            {"token": "5135 5135", "send_test": True},
            nothing,
            {"token": "pushplus_token_shape"},
            {},
            id="pushplus-token-shape",
        ),
        pytest.param(
            PUSHPLUS,
            {"send_test": True},
            forget_real_name,
            {"base": "pushplus_real_name"},
            {},
            id="pushplus-real-name",
        ),
        pytest.param(
            PUSHPLUS,
            {"send_test": True},
            restrict,
            {"base": "pushplus_restricted"},
            {"text": "请求次数过多,减少请求后2天恢复正常"},
            id="pushplus-restricted",
        ),
        pytest.param(
            PUSHPLUS,
            {"send_test": True},
            answering("/send", code=999, msg="服务端验证错误", data="推送频率过快"),
            {"base": "too_many_requests"},
            {},
            id="pushplus-limit",
        ),
        pytest.param(
            PUSHPLUS,
            {"send_test": True},
            answering("/send", code=999, msg="无用户接收消息", data=None),
            {"base": "pushplus_nobody"},
            {},
            id="pushplus-nobody",
        ),
        pytest.param(
            PUSHPLUS,
            {"send_test": True},
            answering("/send", code=600, msg="数据异常，操作失败", data=None),
            {"base": "pushplus_wrong_data"},
            {"text": "数据异常，操作失败"},
            id="pushplus-wrong-data",
        ),
        pytest.param(
            PUSHPLUS,
            {"send_test": True},
            answering("/send", code=500, msg="系统异常", data=None),
            {"base": "server_error"},
            {"status": "500"},
            id="pushplus-server",
        ),
        pytest.param(
            PUSHJET,
            {"url": "ftp://push.example.com"},
            nothing,
            {"url": "invalid_url"},
            {},
            id="pushjet-url",
        ),
        pytest.param(
            WXPUSHER,
            {"url": "http://relay.example.com/?key=1"},
            nothing,
            {"base": "invalid_url"},
            {},
            id="wxpusher-url-with-query",
        ),
        pytest.param(
            WECOM,
            {"url": "http://relay.example.com:99999"},
            nothing,
            {"base": "invalid_url"},
            {},
            id="wecom-url-with-bad-port",
        ),
        pytest.param(
            PUSHPLUS,
            {"url": "www.pushplus.plus"},
            nothing,
            {"base": "invalid_url"},
            {},
            id="pushplus-url-without-scheme",
        ),
    ],
)
async def test_refused(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    changes: dict[str, Any],
    cause: Cause,
    errors: dict[str, str],
    details: dict[str, str],
) -> None:
    """Test that each way of failing has its own text, and that the form recovers."""
    cause(simulator)
    form = await add_account(hass, sample, simulator, **changes)
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == sample.service
    assert form["errors"] == errors
    assert form["description_placeholders"].items() >= details.items()
    await recover(hass, sample, simulator, form)


@pytest.mark.parametrize(
    ("bad", "error", "details"),
    [
        ("html_page", "not_this_service", {"status": "200"}),
        ("json_empty_object", "not_this_service", {"status": "200"}),
        ("not_found_404", "not_this_service", {"status": "404"}),
        ("redirect_301", "redirected", {"location": "https://example.com"}),
        ("proxy_login_401", "proxy_login", {}),
        ("forbidden_403", "http_refused", {"status": "403"}),
        ("too_many_429", "too_many_requests", {}),
        ("bad_gateway_502", "server_error", {"status": "502"}),
        ("reset_before", "connection_lost", {}),
        ("reset_during", "connection_lost", {}),
    ],
)
async def test_unreachable(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    bad: str,
    error: str,
    details: dict[str, str],
) -> None:
    """Test that a wrong address, a proxy or a broken line is told from a wrong secret."""
    simulator.always(BAD_ANSWERS[bad], sample.check_path)
    form = await add_account(hass, sample, simulator, **sample.checked)
    assert form["errors"] == {"base": error}
    assert form["description_placeholders"].items() >= details.items()
    await recover(hass, sample, simulator, form)


async def test_nobody_listens(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test an address where nothing runs."""
    await simulator.stop()
    form = await add_account(hass, sample, simulator, **sample.checked)
    assert form["errors"] == {"base": "cannot_connect"}
    await simulator.start()
    await recover(hass, sample, simulator, form)


async def test_unknown_host(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Test an address whose name leads nowhere."""
    unknown = AsyncMock(side_effect=OSError("Domain name not found"))
    monkeypatch.setattr(AsyncResolver, "resolve", unknown)
    form = await add_account(
        hass, sample, simulator, **{**sample.checked, "url": "http://relay.invalid"}
    )
    assert form["errors"] == {"base": "host_not_found"}
    await recover(hass, sample, simulator, form)


async def test_no_tls(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test an address that says https where plain http is spoken."""
    url = f"https://127.0.0.1:{simulator.port}"
    form = await add_account(hass, sample, simulator, **{**sample.checked, "url": url})
    assert form["errors"] == {"base": "tls_failed"}
    await recover(hass, sample, simulator, form)


async def test_certificate(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, certificate: SSLContext
) -> None:
    """Test that a certificate of one's own is refused, until its check is declined."""
    await simulator.stop()
    await simulator.start(ssl_context=certificate)
    form = await add_account(hass, sample, simulator, **sample.checked)
    assert form["errors"] == {"base": "invalid_certificate"}
    entry = await recover(hass, sample, simulator, form, verify_ssl=False)
    assert entry.state is ConfigEntryState.LOADED


async def test_time_out(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test a service that never answers."""
    pushjet.always(BAD_ANSWERS["hang"])
    short = {"connect_timeout": 1, "read_timeout": 1}
    form = await add_account(hass, PUSHJET, pushjet, **short)
    assert form["errors"] == {"base": "timeout"}
    await recover(hass, PUSHJET, pushjet, form)


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
    assert form["errors"] == {"base": "proxy_login"}
    login["password"] = "ProxyPassword1"
    result = await hass.config_entries.flow.async_configure(
        form["flow_id"],
        sample.account_input(simulator, **{**sample.checked, "url": url, **login}),
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
    assert result["title"] == "WxPusher"


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
    assert result["title"] == "Office"


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


async def recover(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    form: dict[str, Any],
    **changes: Any,
) -> Any:
    """Fill in the form once more, now that nothing is wrong; return the account."""
    simulator.reset()
    result = await hass.config_entries.flow.async_configure(
        form["flow_id"], sample.account_input(simulator, **changes)
    )
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    return result["result"]
