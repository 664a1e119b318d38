"""A secret key of PushPlus is checked when it is entered, and tells who is a member."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from tests.entities import account_entity, enable, state_of
from tests.samples import FAILS, PUSHPLUS, add_account, fill_in, send, set_up
from tests.simulators import BAD_ANSWERS, Answer, PushPlus
from tests.simulators.base import json_answer
from tests.simulators.pushplus_accounts import MESSAGE_TOKEN, SECRET_KEY
from tests.test_options_flow import (
    fill_in as fill_in_options,
    open_form as open_options,
)
from tests.test_reconfigure import open_form
from tests.texts import ENGLISH

ACCESS_KEY = "/api/common/openApi/getAccessKey"
OPEN = replace(PUSHPLUS, account={**PUSHPLUS.account, "secret_key": SECRET_KEY})


@pytest.mark.parametrize(
    ("account", "error"),
    [
        pytest.param(
            {"open_api": False},
            "PushPlus refused the secret key (code 401, 请求未授权). In the developer"
            " settings of PushPlus, turn on the open API (开放接口) and check the key.",
            id="switched_off",
        ),
        pytest.param(
            {"ip_allowed": False},
            "PushPlus refuses requests from your IP address (code 403, 请求IP未授权)."
            " Look up your address at https://myip.ipip.net and add it to the safe IP"
            " addresses (安全IP) in the developer settings of PushPlus.",
            id="other_address",
        ),
    ],
)
async def test_refused(
    hass: HomeAssistant, pushplus: PushPlus, account: dict[str, Any], error: str
) -> None:
    """Test that the form says what to change at PushPlus, and recovers."""
    for name, value in account.items():
        setattr(pushplus.account, name, value)
    form = await add_account(hass, OPEN, pushplus)
    assert form["type"] is FlowResultType.FORM
    text = ENGLISH["config"]["error"][form["errors"]["secret_key"]]
    assert text.format(**form["description_placeholders"]) == error
    for name in account:
        setattr(pushplus.account, name, True)
    result = await fill_in(hass, form, OPEN.account_input(pushplus))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_other_words(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that any other refusal is told in the words of PushPlus."""
    refusal = {"code": 600, "msg": "操作失败", "data": f"secretKey错误 {SECRET_KEY}"}
    pushplus.script(json_answer(refusal), path=ACCESS_KEY)
    form = await add_account(hass, OPEN, pushplus)
    text = ENGLISH["config"]["error"][form["errors"]["secret_key"]]
    assert text.format(**form["description_placeholders"]) == (
        "PushPlus refused the secret key (code 600): 操作失败 secretKey错误 **REDACTED**"
    )
    result = await fill_in(hass, form, OPEN.account_input(pushplus))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_message_token(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that a token without the open interface is told, and not repeated."""
    form = await add_account(hass, OPEN, pushplus, token=MESSAGE_TOKEN, send_test=True)
    assert form["errors"] == {"token": "pushplus_token"}
    assert [request.path for request in pushplus.requests] == [ACCESS_KEY]
    result = await fill_in(hass, form, OPEN.account_input(pushplus))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_change(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that another time-out makes no request, and another secret key no message."""
    entry = await set_up(hass, OPEN, pushplus)
    await hass.async_block_till_done(wait_background_tasks=True)
    pushplus.requests.clear()
    fields = PUSHPLUS.account_input(pushplus, read_timeout=7, send_test=True)
    del fields["token"]
    result = await fill_in(hass, await open_form(hass, entry), fields)
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["read_timeout"] == 7
    assert pushplus.requests == []
    pushplus.account.secret_key = "another"
    form = await open_form(hass, entry)
    form = await fill_in(hass, form, {**fields, "secret_key": "wrong"})
    assert form["errors"] == {"secret_key": "pushplus_open_api_off"}
    result = await fill_in(hass, form, {**fields, "secret_key": "another"})
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["secret_key"] == "another"
    assert pushplus.requests_to("/send") == []


async def test_another_token(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that another token is proved by one message."""
    entry = await set_up(hass, PUSHPLUS, pushplus)
    fields = PUSHPLUS.account_input(pushplus, token=MESSAGE_TOKEN, send_test=True)
    result = await fill_in(hass, await open_form(hass, entry), fields)
    assert result["reason"] == "reconfigure_successful"
    assert len(pushplus.requests_to("/send")) == 1
    # Once more with the same one sends nothing.
    result = await fill_in(hass, await open_form(hass, entry), fields)
    assert result["reason"] == "reconfigure_successful"
    assert len(pushplus.requests_to("/send")) == 1
    assert entry.state is ConfigEntryState.LOADED


async def test_member_is_not_asked(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that with a secret key nobody has to say who is a member."""
    entry = await set_up(hass, OPEN, pushplus)
    form = await open_options(hass, entry)
    offered = form["data_schema"]({})
    assert "member" not in offered
    result = await fill_in_options(hass, form, offered)
    assert result["type"] is FlowResultType.CREATE_ENTRY


# What PushPlus says of the account.


async def test_member(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a member may write long titles, as soon as PushPlus says so."""
    await set_up(hass, OPEN, pushplus)
    await hass.async_block_till_done(wait_background_tasks=True)
    title = "门" * 150
    await send(hass, "Someone is there.", title)
    pushplus.account.member = True
    freezer.tick(timedelta(hours=1, seconds=1))
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    await send(hass, "Someone is there again.", title)
    assert [len(shown.title) for shown in pushplus.notifications] == [100, 150]


async def test_member_after_a_reload(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that a member is known again after a reload, and nobody has to say so."""
    pushplus.account.member = True
    entry = await set_up(hass, OPEN, pushplus)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    title = "门" * 150
    await send(hass, "Someone is there.", title)
    assert pushplus.notifications[0].title == title


async def test_sent_by_others(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that what other programs sent today counts for the quota."""
    pushplus.account.sent = {"wechat": 199}
    recipient = {**OPEN.recipient, **FAILS}
    entry = await set_up(hass, OPEN, pushplus, recipient=recipient)
    sent_today = account_entity(hass, entry, "sent_today")
    await enable(hass, entry, sent_today)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert state_of(hass, sent_today).attributes["by_channel"] == {"wechat": 199}
    await send(hass, "Someone is there.")
    with pytest.raises(HomeAssistantError) as raised:
        await send(hass, "Someone is there again.")
    assert raised.value.translation_key == "quota_used"
    assert len(pushplus.requests_to("/send")) == 1


async def test_limits_unknown(
    hass: HomeAssistant, pushplus: PushPlus, caplog: pytest.LogCaptureFixture
) -> None:
    """Test that messages are sent, whatever comes of the questions."""
    pushplus.always(BAD_ANSWERS["error_500"], "/api/open/user/sendCount")
    entry = await set_up(hass, OPEN, pushplus)
    await hass.async_block_till_done(wait_background_tasks=True)
    pushplus.always(Answer(hang=True), "/api/open/user/myInfo")
    await hass.config_entries.async_reload(entry.entry_id)
    await send(hass, "Someone is there.")
    assert len(pushplus.notifications) == 1
    assert "limits of the account are unknown: server_error" in caplog.text


async def test_nobody_asks(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that without a secret key nothing is asked."""
    await set_up(hass, PUSHPLUS, pushplus)
    freezer.tick(timedelta(hours=1, seconds=1))
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert pushplus.requests == []
