"""An account comes with its recipient, or a person is told what is missing."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from tests.issues import titles
from tests.samples import (
    PUSHJET,
    PUSHPLUS,
    UID_LI,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    add_account,
    add_recipient,
    entity_ids,
    fill_in,
    send,
    start_account_flow,
    suggested,
)
from tests.simulators import Pushjet, PushPlus, WeCom, WxPusher
from tests.simulators.pushjet import PUBLIC, SECRET
from tests.simulators.wxpusher_accounts import APP_TOKEN


async def open_recipient_form(
    hass: HomeAssistant, entry: ConfigEntry[Any]
) -> dict[str, Any]:
    """Open the form of a recipient."""
    return dict(
        await hass.config_entries.subentries.async_init(
            (entry.entry_id, "recipient"), context={"source": "user"}
        )
    )


async def test_oneself(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that the owner of a token of PushPlus needs no second form."""
    result = await add_account(hass, PUSHPLUS, pushplus)
    assert "next_flow" not in result
    assert result["description_placeholders"] == {"recipient": "Me (PushPlus)"}
    assert entity_ids(hass) == ["notify.me_pushplus"]
    await send(hass, "Someone is there.")
    assert [shown.recipient for shown in pushplus.notifications] == ["self"]
    # It is the recipient that the form would make.
    form = await open_recipient_form(hass, result["result"])
    again = await hass.config_entries.subentries.async_configure(
        form["flow_id"], {"kind": "self", "more": {}}
    )
    assert again["reason"] == "already_configured"


@pytest.mark.parametrize(
    ("nickname", "title"),
    [("妈妈", "妈妈 (WxPusher)"), ("", "Follower (WxPusher)")],
    ids=["named", "without-name"],
)
async def test_only_follower(
    hass: HomeAssistant, wxpusher: WxPusher, nickname: str, title: str
) -> None:
    """Test that the only follower of an application need not be chosen."""
    followers = wxpusher.apps[APP_TOKEN].followers
    del followers[UID_LI]
    followers[UID_ZHANG].nickname = nickname
    result = await add_account(hass, WXPUSHER, wxpusher)
    assert "next_flow" not in result
    (recipient,) = result["result"].subentries.values()
    assert recipient.title == title
    await send(hass, "Someone is there.")
    assert [shown.recipient for shown in wxpusher.notifications] == [UID_ZHANG]
    again = await add_recipient(
        hass, result["result"], {"targets": [UID_ZHANG], "format": "text"}
    )
    assert again["reason"] == "already_configured"


async def test_blocked_follower(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that a follower whom nothing reaches is no recipient."""
    followers = wxpusher.apps[APP_TOKEN].followers
    del followers[UID_LI]
    followers[UID_ZHANG].reject = True
    result = await add_account(hass, WXPUSHER, wxpusher)
    assert result["next_flow"]
    assert entity_ids(hass) == []


async def test_service_of_server(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test that a service of Pushjet can be entered along with its server."""
    form = await start_account_flow(hass, PUSHJET)
    fields = PUSHJET.account_input(pushjet)
    form = await fill_in(hass, form, {**fields, "secret": "0" * 32})
    assert form["errors"] == {"secret": "pushjet_unknown_secret"}
    form = await fill_in(hass, form, {**fields, "secret": PUBLIC})
    assert form["errors"] == {"secret": "pushjet_malformed_secret"}
    result = await fill_in(hass, form, {**fields, "secret": f" {SECRET}"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert "next_flow" not in result
    assert "secret" not in result["data"]
    (recipient,) = result["result"].subentries.values()
    assert recipient.title == "Home alarms (Pushjet)"
    assert recipient.data == {
        "secret": SECRET,
        "public": PUBLIC,
        "when_down": "keep",
    }
    await send(hass, "Someone is there.")
    assert [shown.recipient for shown in pushjet.notifications] == [PUBLIC]


async def test_everyone(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that everyone is suggested for an application of WeCom, and only at first."""
    result = await add_account(hass, WECOM, wecom)
    form = await open_recipient_form(hass, result["result"])
    assert suggested(form)["targets"] == ["@all"]
    created = await add_recipient(hass, result["result"], suggested(form))
    assert created["title"] == "Everyone (WeCom)"
    assert created["description_placeholders"] == {"recipient": "Everyone (WeCom)"}
    (recipient,) = result["result"].subentries.values()
    assert recipient.data["ordinary_wechat"] is True
    form = await open_recipient_form(hass, result["result"])
    assert suggested(form) == {}


async def test_none(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a person who leaves an account without recipients is told so."""
    result = await add_account(hass, WECOM, wecom)
    # The form of the first recipient is still open.
    assert titles(hass) == []
    freezer.tick(timedelta(minutes=5, seconds=1))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert titles(hass) == ["WeCom · Home alarms: no recipients"]
    await add_recipient(hass, result["result"], WECOM.recipient)
    assert titles(hass) == []


async def test_one_in_time(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that nobody is told of a recipient that is there by then."""
    result = await add_account(hass, WECOM, wecom)
    await add_recipient(hass, result["result"], WECOM.recipient)
    freezer.tick(timedelta(minutes=5, seconds=1))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert titles(hass) == []
