"""An address that WeCom does not trust is named by the form, which waits for that."""

from typing import Any

import pytest

from custom_components.wechat_push.const import DOMAIN
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from tests.samples import (
    WECOM,
    add_account,
    entity_ids,
    fill_in,
    send,
    set_up,
    suggested,
)
from tests.simulators import WeCom
from tests.simulators.wecom import RELAYED
from tests.troubles import trust_nobody

STEP = "wecom_untrusted_ip"
NEW_SECRET = "RenewedSecret-RenewedSecret-RenewedSecret-R"


def trust(wecom: WeCom) -> None:
    """Enter the address in the console."""
    wecom.trusted_ips = {wecom.caller_ip}


async def check_again(
    hass: HomeAssistant, form: dict[str, Any], **changes: Any
) -> dict[str, Any]:
    """Submit the step with what it shows, but for some fields of the connection."""
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == STEP
    return await fill_in(hass, form, {"connection": suggested(form) | changes})


async def start_flow(
    hass: HomeAssistant, entry: ConfigEntry, source: str
) -> dict[str, Any]:
    """Start the flow that changes an account or renews its credentials."""
    return dict(
        await hass.config_entries.flow.async_init(
            DOMAIN,
            context={"source": source, "entry_id": entry.entry_id},
            data=dict(entry.data) if source == "reauth" else None,
        )
    )


async def test_add(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a new account is checked again without anything typed anew."""
    trust_nobody(wecom)
    form = await add_account(hass, WECOM, wecom, read_timeout=7)
    assert form["step_id"] == STEP
    assert form["errors"] == {}
    assert form["description_placeholders"]["ip"] == "203.0.113.7"
    assert "wework_admin" in form["description_placeholders"]["console_url"]
    assert form["data_schema"].schema["connection"].options == {"collapsed": True}
    # Too early, and meanwhile the router got another address.
    wecom.caller_ip = "203.0.113.8"
    form = await check_again(hass, form)
    assert form["errors"] == {"base": "still_there"}
    assert form["description_placeholders"]["ip"] == "203.0.113.8"
    assert hass.config_entries.async_entries(DOMAIN) == []
    trust(wecom)
    result = await check_again(hass, form)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == WECOM.title
    assert result["result"].data.items() >= WECOM.account.items()
    assert result["result"].data["read_timeout"] == 7


async def test_opened_again(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that the step is still there for somebody who comes back to it."""
    trust_nobody(wecom)
    form = await add_account(hass, WECOM, wecom)
    again = await hass.config_entries.flow.async_configure(form["flow_id"])
    assert again["step_id"] == STEP
    assert again["errors"] == {}
    assert suggested(dict(again)) == suggested(form)
    hass.config_entries.flow.async_abort(form["flow_id"])
    assert hass.config_entries.async_entries(DOMAIN) == []


async def test_relay(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that the address of a relay can be entered there, with mistakes."""
    trust_nobody(wecom)
    form = await add_account(hass, WECOM, wecom)
    for url, error in (
        ("relay.example.com/wecom?a=b", "invalid_url"),
        (f"https://127.0.0.1:{wecom.port}", "tls_failed"),
    ):
        form = await check_again(hass, form, url=url)
        # Home Assistant shows no errors at fields within a section.
        assert form["errors"] == {"connection": error}
        assert form["data_schema"].schema["connection"].options == {"collapsed": False}
        assert suggested(form)["url"] == url
        assert form["description_placeholders"]["ip"] == "203.0.113.7"
    relay = f"{wecom.url}/relay"
    wecom.prefix, wecom.caller_ip = "/relay", "198.51.100.1"
    result = await check_again(hass, form, url=relay)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].data["url"] == relay


async def test_unreachable(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a service that is away is told in the step."""
    trust_nobody(wecom)
    form = await add_account(hass, WECOM, wecom)
    await wecom.stop()
    form = await check_again(hass, form)
    assert form["errors"] == {"base": "cannot_connect"}
    await wecom.start(port=wecom.port)
    trust(wecom)
    result = await check_again(hass, form)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_relay_of_sending_alone(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a relay that passes on nothing but tokens and messages is enough."""
    trust_nobody(wecom)
    form = await add_account(hass, WECOM, wecom)
    wecom.passed_paths, wecom.caller_ip = RELAYED, "198.51.100.1"
    form = await check_again(hass, form)
    assert form["step_id"] == "unchecked"
    result = await fill_in(hass, form, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].data.items() >= WECOM.account.items()


async def test_secret_renewed_meanwhile(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that what only the first form asks for is told there, with all that was typed."""
    trust_nobody(wecom)
    form = await add_account(hass, WECOM, wecom)
    trust(wecom)
    wecom.secret = NEW_SECRET
    form = await check_again(hass, form, read_timeout=7)
    assert form["step_id"] == "wecom"
    assert form["errors"] == {"secret": "wecom_secret"}
    assert suggested(form).items() >= WECOM.account.items()
    assert suggested(form)["read_timeout"] == 7
    result = await fill_in(hass, form, WECOM.account_input(wecom, secret=NEW_SECRET))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].data["secret"] == NEW_SECRET


async def test_reconfigure(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that an account that is changed waits as well, and keeps its secret."""
    entry = await set_up(hass, WECOM, wecom)
    form = await start_flow(hass, entry, "reconfigure")
    trust_nobody(wecom)
    form = await fill_in(
        hass, form, WECOM.account_input(wecom, secret="", read_timeout=7)
    )
    assert entry.data["read_timeout"] == 5
    trust(wecom)
    result = await check_again(hass, form)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["read_timeout"] == 7
    assert entry.data["secret"] == WECOM.account["secret"]


@pytest.mark.parametrize("is_refused", [False, True], ids=["once", "secret-again"])
async def test_reauth(hass: HomeAssistant, wecom: WeCom, is_refused: bool) -> None:
    """Test that a new secret is kept, and so is a relay that was entered meanwhile."""
    entry = await set_up(hass, WECOM, wecom)
    wecom.secret = NEW_SECRET
    trust_nobody(wecom)
    form = await start_flow(hass, entry, "reauth")
    form = await fill_in(hass, form, {"secret": NEW_SECRET})
    assert form["step_id"] == STEP
    relay = f"{wecom.url}/relay"
    wecom.prefix, wecom.caller_ip = "/relay", "198.51.100.1"
    secret = NEW_SECRET
    if is_refused:
        wecom.secret = secret = f"{NEW_SECRET}2"
        form = await check_again(hass, form, url=relay)
        assert form["step_id"] == "reauth_wecom"
        assert form["errors"] == {"secret": "wecom_secret"}
        result = await fill_in(hass, form, {"secret": secret})
    else:
        result = await check_again(hass, form, url=relay)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reauth_successful"
    assert (entry.data["url"], entry.data["secret"]) == (relay, secret)
    await send(hass, "Someone is there.", entity_id=entity_ids(hass))
    assert [each.text for each in wecom.notifications] == ["Someone is there."]
