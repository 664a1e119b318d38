"""A secret key of PushPlus is checked when it is entered, and tells who is a member."""

from dataclasses import replace
from typing import Any

import pytest

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from tests.samples import PUSHPLUS, add_account, fill_in, set_up
from tests.simulators import PushPlus
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
            "The open interface of PushPlus refuses the secret key (code 401, 请求未授权)."
            " Switch on the interface in the developer settings of PushPlus, and check"
            " the secret key.",
            id="switched_off",
        ),
        pytest.param(
            {"ip_allowed": False},
            "PushPlus does not know the address of your network (code 403, 请求IP未授权)."
            " Look up your public address at https://myip.ipip.net and add it to the"
            " safe IP addresses in the developer settings of PushPlus.",
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
        "PushPlus refuses the secret key (code 600): 操作失败 secretKey错误 **REDACTED**"
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
