"""Whatever keeps an account from being added is told, and the form recovers."""

from ssl import SSLContext
from typing import Any
from unittest.mock import AsyncMock

from aiohttp.resolver import AsyncResolver
import pytest

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from tests.samples import (
    PUSHJET,
    PUSHPLUS,
    WECOM,
    WXPUSHER,
    Sample,
    add_account,
    fill_in,
)
from tests.simulators import BAD_ANSWERS, Pushjet, Simulator
from tests.simulators.wecom_accounts import OTHER_AGENT_ID
from tests.troubles import (
    Cause,
    answering,
    close_application,
    forget_real_name,
    nothing,
    restrict,
)

SPAM_BLOCK = "https://open.work.weixin.qq.com/wwopen/devtool/checkCorpSpamBlock"


async def recover(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    form: dict[str, Any],
    **changes: Any,
) -> Any:
    """Fill in the form once more, now that nothing is wrong; return the account."""
    simulator.reset()
    result = await fill_in(hass, form, sample.new_input(simulator, **changes))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    return result["result"]


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
            {"base": "wecom_too_frequent"},
            {"url": SPAM_BLOCK},
            id="wecom-banned",
        ),
        pytest.param(
            WECOM,
            {},
            lambda wecom: wecom.always(BAD_ANSWERS["html_page"], "/cgi-bin/gettoken"),
            {"connection": "not_this_service"},
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
            {"connection": "invalid_url"},
            {"example": "https://example.com"},
            id="wxpusher-url-with-query",
        ),
        pytest.param(
            WECOM,
            {"url": "http://relay.example.com:99999"},
            nothing,
            {"connection": "invalid_url"},
            {"example": "https://example.com"},
            id="wecom-url-with-bad-port",
        ),
        pytest.param(
            PUSHPLUS,
            {"url": "www.pushplus.plus"},
            nothing,
            {"connection": "invalid_url"},
            {"example": "https://example.com"},
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
    ("bad", "field", "error", "details"),
    [
        ("html_page", "url", "not_this_service", {"status": "200"}),
        ("json_empty_object", "url", "not_this_service", {"status": "200"}),
        ("not_found_404", "url", "not_this_service", {"status": "404"}),
        ("redirect_301", "url", "redirected", {"location": "https://example.com"}),
        ("proxy_login_401", "username", "proxy_login", {}),
        ("forbidden_403", "url", "http_refused", {"status": "403"}),
        ("too_many_429", None, "too_many_requests", {}),
        ("bad_gateway_502", None, "server_error", {"status": "502"}),
        ("reset_before", None, "connection_lost", {}),
        ("reset_during", None, "connection_lost", {}),
    ],
)
async def test_unreachable(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    bad: str,
    field: str | None,
    error: str,
    details: dict[str, str],
) -> None:
    """Test that a wrong address, a proxy or a broken line is told from a wrong secret."""
    simulator.always(BAD_ANSWERS[bad])
    form = await add_account(hass, sample, simulator, **sample.checked)
    shown_at = sample.error_at(field) if field else "base"
    assert form["errors"] == {shown_at: error}
    # The section is open only if the error is there.
    options = form["data_schema"].schema["connection"].options
    assert options == {"collapsed": shown_at != "connection"}
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
    assert form["errors"] == {sample.error_at("url"): "tls_failed"}
    await recover(hass, sample, simulator, form)


async def test_certificate(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, certificate: SSLContext
) -> None:
    """Test that a certificate of one's own is refused, until its check is declined."""
    await simulator.stop()
    await simulator.start(ssl_context=certificate)
    form = await add_account(hass, sample, simulator, **sample.checked)
    assert form["errors"] == {sample.error_at("url"): "invalid_certificate"}
    entry = await recover(hass, sample, simulator, form, verify_ssl=False)
    assert entry.state is ConfigEntryState.LOADED


async def test_time_out(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test a service that never answers."""
    pushjet.always(BAD_ANSWERS["hang"])
    short = {"connect_timeout": 1, "read_timeout": 1}
    form = await add_account(hass, PUSHJET, pushjet, **short)
    assert form["errors"] == {"base": "timeout"}
    await recover(hass, PUSHJET, pushjet, form)
