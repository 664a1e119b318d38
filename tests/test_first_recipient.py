"""An account comes with its recipient, or a person is told what is missing."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from tests.issues import titles
from tests.samples import (
    PUSHPLUS,
    UID_LI,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    add_account,
    add_recipient,
    entity_ids,
    send,
    suggested,
)
from tests.simulators import PushPlus, WeCom, WxPusher
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


async def test_only_follower(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that the only follower is suggested, and gets a test message."""
    followers = wxpusher.apps[APP_TOKEN].followers
    del followers[UID_LI]
    result = await add_account(hass, WXPUSHER, wxpusher)
    form = await open_recipient_form(hass, result["result"])
    fields = suggested(form)
    assert fields == {"targets": [UID_ZHANG], "send_test": True}
    created = await add_recipient(hass, result["result"], fields)
    assert created["title"] == "Zhang San (WxPusher)"
    assert created["description"] == "tested"
    assert [shown.recipient for shown in wxpusher.notifications] == [UID_ZHANG]


@pytest.mark.parametrize("blocked", [True, False])
async def test_not_only_follower(
    hass: HomeAssistant, wxpusher: WxPusher, blocked: bool
) -> None:
    """Test that nobody is suggested if several can be meant, or nothing reaches them."""
    followers = wxpusher.apps[APP_TOKEN].followers
    if blocked:
        del followers[UID_LI]
    followers[UID_ZHANG].reject = blocked
    result = await add_account(hass, WXPUSHER, wxpusher)
    form = await open_recipient_form(hass, result["result"])
    assert suggested(form) == {"send_test": True}


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
