"""Tests for the restrictions of accounts in the simulator of PushPlus."""

from typing import Any

import aiohttp
import pytest

from tests.simulators import PushPlus
from tests.simulators.pushplus_accounts import SECRET_KEY, TOKEN

from .calls import call

DAY = 24 * 3600
# Noon in China.
NOON = 1_800_000_000.0 // DAY * DAY + 4 * 3600


async def _send(client: aiohttp.ClientSession, pushplus: PushPlus) -> Any:
    """Send a message."""
    body = {"token": TOKEN, "content": "Hi"}
    return await call(client, "POST", f"{pushplus.url}/send", json=body)


async def _restriction(client: aiohttp.ClientSession, pushplus: PushPlus) -> Any:
    """Return the restriction of the account."""
    body = {"token": TOKEN, "secretKey": SECRET_KEY}
    url = f"{pushplus.url}/api/common/openApi/getAccessKey"
    key = (await call(client, "POST", url, json=body))["data"]["accessKey"]
    url = f"{pushplus.url}/api/open/user/userLimitTime"
    answer = await call(client, "GET", url, headers={"access-key": key})
    return answer["data"]


async def test_restriction_for_days(
    client: aiohttp.ClientSession, pushplus: PushPlus
) -> None:
    """Test that a restriction is given in days and ends."""
    moment = NOON
    pushplus.clock = lambda: moment
    pushplus.restrict(days=3)
    answer = await _send(client, pushplus)
    assert (answer["code"], answer["msg"]) == (
        900,
        "请求次数过多,减少请求后3天恢复正常",
    )
    assert (await _restriction(client, pushplus))["sendLimit"] == 2
    moment += 3 * DAY
    assert (await _send(client, pushplus))["code"] == 200
    assert await _restriction(client, pushplus) == {
        "sendLimit": 1,
        "userLimitTime": "",
    }


@pytest.mark.parametrize(
    ("member", "sent", "codes"),
    [
        (False, 199, [200, 200, 200, 200]),
        (False, 200, [900, 200, 200, 200]),
        (False, 1999, [900, 900, 900, 200]),
        (False, 9999, [900, 900, 900, 900]),
        (True, 1999, [200, 200, 200, 200]),
        (True, 2000, [900, 200, 200, 200]),
        (True, 9999, [900, 900, 200, 200]),
    ],
)
async def test_quota_of_the_day(
    client: aiohttp.ClientSession,
    pushplus: PushPlus,
    member: bool,
    sent: int,
    codes: list[int],
) -> None:
    """Test the penalty for too many requests: at once and after one, two, seven days."""
    moment = NOON
    pushplus.clock = lambda: moment
    pushplus.quotas_kept = True
    pushplus.account.member = member
    pushplus.account.sent["wechat"] = sent
    found = []
    for days in (0, 1, 2, 7):
        moment = NOON + days * DAY
        found.append((await _send(client, pushplus))["code"])
    assert found == codes


async def test_other_refusal(client: aiohttp.ClientSession, pushplus: PushPlus) -> None:
    """Test another refusal above the quota, as it is undocumented."""
    pushplus.quotas_kept = True
    pushplus.quota_refusal = (999, "今日次数已用完")
    pushplus.account.sent["wechat"] = 200
    answer = await _send(client, pushplus)
    assert (answer["code"], answer["msg"]) == (999, "今日次数已用完")
