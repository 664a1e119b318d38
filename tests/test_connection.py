"""Settings of the connection of an account, for those who need them."""

from collections.abc import AsyncGenerator
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.const import DOMAIN
from custom_components.wechat_push.diagnostics import async_get_config_entry_diagnostics
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from tests.forward_proxy import ForwardProxy, running_proxy
from tests.messages import WXPUSHER_SEND, say
from tests.moments import drain, pass_time
from tests.samples import (
    ASKING,
    PUSHPLUS,
    WXPUSHER,
    Sample,
    add_account,
    fill_in,
    send,
    set_up,
    start_account_flow,
    suggested,
)
from tests.simulators import Answer, PushPlus, Simulator, WxPusher
from tests.test_reconfigure import open_form, without_secret

HALF_PAST_FOUR = "2026-11-21T08:30:20+00:00"


@pytest.fixture(name="proxy")
async def proxy_fixture(socket_enabled: None) -> AsyncGenerator[ForwardProxy]:
    """Run a forward proxy."""
    async with running_proxy() as proxy:
        yield proxy


async def test_forward_proxy(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, proxy: ForwardProxy
) -> None:
    """Test that everything goes through the proxy, whose login nobody sees again."""
    changes: dict[str, Any] = {"proxy": f" {proxy.url()}/ "}
    entry = await set_up(hass, sample, simulator, **changes)
    assert entry.data["proxy"] == proxy.url()
    await send(hass, "Someone is there.")
    assert [shown.recipient for shown in simulator.notifications] == sample.receivers
    assert all("Proxy-Authorization" in each.headers for each in simulator.requests)
    told = await async_get_config_entry_diagnostics(hass, entry)
    assert told["account"]["proxy"] == "**REDACTED**"
    form = await open_form(hass, entry)
    shown = f"http://home@127.0.0.1:{proxy.port}"
    assert suggested(form)["proxy"] == shown
    # Left as it is, it keeps its password.
    same = without_secret(sample, simulator, proxy=shown)
    result = await fill_in(hass, form, same)
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["proxy"] == proxy.url()
    # Cleared, there is none.
    form = await open_form(hass, entry)
    result = await fill_in(hass, form, without_secret(sample, simulator))
    assert result["reason"] == "reconfigure_successful"
    assert "proxy" not in entry.data
    simulator.requests.clear()
    await send(hass, "Someone is there.")
    assert not any("Proxy-Authorization" in each.headers for each in simulator.requests)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("192.168.1.2:3128", "http://192.168.1.2:3128"),
        ("HTTP://proxy.lan:3128/", "http://proxy.lan:3128"),
        ("https://proxy.lan", "https://proxy.lan"),
        ("http://home@proxy.lan:80", "http://home@proxy.lan"),
        ("home:p@ss:w/o#rd@proxy.lan:1", "http://home:p%40ss%3Aw%2Fo%23rd@proxy.lan:1"),
        ("http://home:p%40ss@proxy.lan:1", "http://home:p%40ss@proxy.lan:1"),
    ],
)
async def test_address_of_a_proxy(
    hass: HomeAssistant, pushplus: PushPlus, typed: str, kept: str
) -> None:
    """Test that an address is understood as a person has it at hand."""
    changes: dict[str, Any] = {"proxy": typed}
    result = await add_account(hass, PUSHPLUS, pushplus, **changes)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["proxy"] == kept


@pytest.mark.parametrize(
    "typed",
    [
        "socks5://proxy.lan:1080",
        "http://",
        "proxy.lan:x",
        "http://proxy.lan/path",
        "a b",
    ],
)
async def test_wrong_address_of_a_proxy(
    hass: HomeAssistant, wxpusher: WxPusher, typed: str
) -> None:
    """Test that a wrong address is refused, and the section is open."""
    changes: dict[str, Any] = {"proxy": typed}
    form = await add_account(hass, WXPUSHER, wxpusher, **changes)
    assert form["errors"] == {"connection": "invalid_proxy"}
    assert form["data_schema"].schema["connection"].options == {"collapsed": False}
    assert wxpusher.requests == []
    result = await fill_in(hass, form, WXPUSHER.account_input(wxpusher))
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("sample", ASKING, ids=[sample.service for sample in ASKING])
@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("http://home:wrong@127.0.0.1:{port}", "forward_proxy_login"),
        ("http://127.0.0.1:1", "forward_proxy"),
    ],
)
async def test_proxy_does_not_work(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    proxy: ForwardProxy,
    address: str,
    error: str,
) -> None:
    """Test that a proxy is told from the service."""
    changes: dict[str, Any] = {"proxy": address.format(port=proxy.port)}
    form = await add_account(hass, sample, simulator, **changes)
    assert form["errors"] == {"connection": error}
    result = await fill_in(hass, form, sample.account_input(simulator))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_new_login_of_a_proxy(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    proxy: ForwardProxy,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Test that the login of the proxy is asked for when it is refused."""
    changes: dict[str, Any] = {"proxy": proxy.url()}
    entry = await set_up(hass, sample, simulator, **changes)
    proxy.login = "home:renewed-secret"
    (answer,) = (await say(hass, "Someone is there.")).values()
    assert (answer["status"], answer["reason"]) == ("queued", "forward_proxy_login")
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    form: dict[str, Any] = dict(
        await hass.config_entries.flow.async_configure(flow["flow_id"])
    )
    assert form["step_id"] == "reauth_forward_proxy"
    assert suggested(form) == {"proxy": f"http://home@127.0.0.1:{proxy.port}"}
    form = await fill_in(hass, form, {"proxy": proxy.url("home:wrong")})
    if sample in ASKING:
        assert form["errors"] == {"proxy": "forward_proxy_login"}
        renewed = proxy.url("home:renewed-secret")
        form = await fill_in(hass, form, {"proxy": renewed})
        assert form["reason"] == "reauth_successful"
        assert entry.data["proxy"] == renewed
        await drain(hass, freezer, entry)
        assert [shown.recipient for shown in simulator.notifications] == (
            sample.receivers
        )
    assert "-secret" not in caplog.text


async def test_other_proxy(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    proxy: ForwardProxy,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that another login is tried that was changed without the form for it."""
    changes: dict[str, Any] = {"proxy": proxy.url()}
    entry = await set_up(hass, WXPUSHER, wxpusher, **changes)
    proxy.login = "home:renewed-secret"
    await say(hass, "Someone is there.")
    await hass.config_entries.async_reload(entry.entry_id)
    assert wxpusher.notifications == []
    data = {**entry.data, "proxy": proxy.url("home:renewed-secret")}
    hass.config_entries.async_update_entry(entry, data=data)
    await hass.async_block_till_done()
    await drain(hass, freezer, entry)
    assert [shown.text for shown in wxpusher.notifications] == ["Someone is there."]


async def test_proxy_refuses_while_a_secret_is_renewed(
    hass: HomeAssistant, wxpusher: WxPusher, proxy: ForwardProxy
) -> None:
    """Test that the form of the secret asks for the proxy as well, if need be."""
    changes: dict[str, Any] = {"proxy": proxy.url()}
    entry = await set_up(hass, WXPUSHER, wxpusher, **changes)
    wxpusher.apps["AT_RenewedAppToken"] = wxpusher.apps.pop(WXPUSHER.secrets[0])
    await say(hass, "Someone is there.")
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    form: dict[str, Any] = dict(
        await hass.config_entries.flow.async_configure(flow["flow_id"])
    )
    proxy.login = "home:renewed-secret"
    renewed = {"app_token": "AT_RenewedAppToken"}
    form = await fill_in(hass, form, renewed)
    assert form["errors"] == {"proxy": "forward_proxy_login"}
    address = {"proxy": proxy.url("home:renewed-secret")}
    result = await fill_in(hass, form, {**renewed, **address})
    assert result["reason"] == "reauth_successful"
    assert entry.data.items() >= {**renewed, **address}.items()


async def test_follow_redirects(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that an account may follow a redirect within the same host."""
    changes: dict[str, Any] = {"follow_redirects": True}
    await set_up(hass, WXPUSHER, wxpusher, **changes)
    redirect = Answer(status=301, headers={"Location": WXPUSHER_SEND})
    wxpusher.script(redirect, path=WXPUSHER_SEND)
    await send(hass, "Someone is there.")
    assert [shown.text for shown in wxpusher.notifications] == ["Someone is there."]


async def test_short_timeout(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that time-outs may be shorter than a second."""
    wxpusher.always(Answer(hang=True))
    short: dict[str, Any] = {"connect_timeout": 0.1, "read_timeout": 0.1}
    form = await add_account(hass, WXPUSHER, wxpusher, **short)
    assert form["errors"] == {"base": "timeout"}
    wxpusher.always(None)
    result = await fill_in(hass, form, WXPUSHER.account_input(wxpusher, **short))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"].items() >= short.items()


async def test_time_zone(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a late message says its time in the time zone of the account."""
    form = await start_account_flow(hass, WXPUSHER)
    fields = form["data_schema"].schema["connection"].schema.schema
    choice = fields["time_zone"]
    assert "Asia/Shanghai" in choice.config["options"]
    freezer.move_to(HALF_PAST_FOUR)
    changes: dict[str, Any] = {"time_zone": "Asia/Shanghai"}
    entry = await set_up(hass, WXPUSHER, wxpusher, **changes)
    await late(hass, wxpusher, entry, freezer)
    assert wxpusher.requests_to(WXPUSHER_SEND)[-1].json["content"] == (
        "[16:30, delayed] Someone is there."
    )


async def late(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Have a message arrive late."""
    await simulator.stop()
    await send(hass, "Someone is there.")
    await pass_time(hass, freezer, 120, step=5)
    await simulator.start(port=simulator.port)
    await drain(hass, freezer, entry)
