"""Targets and credentials that a service refuses."""

import asyncio
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from tests.sample_accounts import Renewal
from tests.sample_accounts.sample import Cause
from tests.samples import (
    FAILS,
    PUSHJET,
    PUSHPLUS,
    UID_LI,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    Sample,
    send,
    set_up,
)
from tests.simulators import Simulator, WeCom
from tests.simulators.base import json_answer
from tests.troubles import leave, nothing, unfollow, unlicense


@pytest.mark.parametrize(
    ("sample", "recipient", "cause", "refused", "receivers"),
    [
        pytest.param(
            WXPUSHER,
            {"targets": [UID_ZHANG, UID_LI, "8001"], "format": "text"},
            unfollow,
            f"{UID_LI} (用户UID=[{UID_LI}]未订阅应用)",
            [UID_ZHANG, "8001"],
            id="wxpusher-user",
        ),
        pytest.param(
            WXPUSHER,
            {"targets": [UID_ZHANG, "8001", "9999"], "format": "text"},
            nothing,
            "9999 (主题[9999]不存在)",
            [UID_ZHANG, "8001"],
            id="wxpusher-topic",
        ),
        pytest.param(
            WECOM,
            {"targets": ["@zhangsan @LiSi #1 #7 +9"], "format": "text"},
            leave,
            "LiSi (invaliduser), #7 (invalidparty), +9 (invalidtag)",
            ["zhangsan", "toparty:1"],
            id="wecom-unknown",
        ),
        pytest.param(
            WECOM,
            {"targets": ["@zhangsan @lisi"], "format": "text"},
            unlicense,
            "lisi (unlicenseduser)",
            ["zhangsan"],
            id="wecom-unlicensed",
        ),
    ],
)
async def test_refused_among_good(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    recipient: dict[str, Any],
    cause: Cause,
    refused: str,
    receivers: list[str],
) -> None:
    """Test that targets that are refused are named, and that the others get theirs."""
    await set_up(hass, sample, simulator, recipient=recipient)
    cause(simulator)
    with pytest.raises(HomeAssistantError) as raised:
        await send(hass, "Someone is there.")
    assert str(raised.value) == (
        f"The service refused the message for these targets: {refused}."
        # Home Assistant takes the full stop away.
        " It was sent to all others"
    )
    assert [shown.recipient for shown in simulator.notifications] == receivers


async def test_many_refused(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that hundreds of refused targets do not fill the screen."""
    departments = " ".join(f"#{number}" for number in range(100, 150))
    recipient = {"targets": [f"@zhangsan {departments}"], "format": "text"}
    await set_up(hass, WECOM, wecom, recipient=recipient)
    with pytest.raises(HomeAssistantError, match=r"#109 \(invalidparty\), \+40\. It"):
        await send(hass, "Someone is there.")


@pytest.mark.parametrize(
    ("sample", "recipient", "cause", "text"),
    [
        pytest.param(
            WXPUSHER,
            {"targets": [UID_LI], "format": "text"},
            unfollow,
            f"The service refused the message for all targets: {UID_LI} ",
            id="wxpusher",
        ),
        pytest.param(
            WECOM,
            {"targets": ["@lisi"], "format": "text"},
            leave,
            "The targets do not exist or are outside the visible range",
            id="wecom",
        ),
        pytest.param(
            WECOM,
            {"targets": ["@lisi"], "format": "text"},
            unlicense,
            "The service refused the message for all targets: lisi (unlicenseduser)",
            id="wecom-unlicensed",
        ),
        pytest.param(
            PUSHPLUS,
            PUSHPLUS.recipient,
            lambda pushplus: pushplus.always(
                json_answer(
                    {"code": 999, "msg": "服务端验证错误", "data": "无用户接收消息"}
                )
            ),
            "No one can receive this message.",
            id="pushplus",
        ),
        pytest.param(
            PUSHJET,
            PUSHJET.recipient,
            lambda pushjet: pushjet.services.clear(),
            "The server has no service with this secret key.",
            id="pushjet",
        ),
    ],
)
async def test_all_refused(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    recipient: dict[str, Any],
    cause: Cause,
    text: str,
) -> None:
    """Test a message that nobody gets; that is no matter of credentials."""
    await set_up(hass, sample, simulator, recipient=recipient)
    cause(simulator)
    with pytest.raises(HomeAssistantError) as raised:
        await send(hass, "Someone is there.")
    assert str(raised.value).startswith(text)
    assert simulator.notifications == []
    assert hass.config_entries.flow.async_progress() == []


@pytest.mark.parametrize(
    ("sample", "renewal", "asked"),
    [
        (WXPUSHER, WXPUSHER.renewal, [WXPUSHER.path]),
        (WECOM, WECOM.renewal, [WECOM.path, "/cgi-bin/gettoken"]),
        (PUSHPLUS, PUSHPLUS.renewal, [PUSHPLUS.path]),
    ],
    ids=["wxpusher", "wecom", "pushplus"],
)
async def test_refused_credentials(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    renewal: Renewal,
    asked: list[str],
) -> None:
    """Test that refused credentials are tried once, however many messages there are."""
    await set_up(hass, sample, simulator, recipient={**sample.recipient, **FAILS})
    renewal.happens(simulator)
    simulator.requests.clear()
    results = await asyncio.gather(
        *(send(hass, f"Message {number}") for number in range(20)),
        return_exceptions=True,
    )
    assert all(isinstance(result, HomeAssistantError) for result in results)
    assert [request.path for request in simulator.requests] == asked
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"
