"""Tests for the simulator of PushPlus."""

import asyncio
from typing import Any

import aiohttp
from aiohttp import web
import pytest

from tests.simulators import PushPlus
from tests.simulators.pushplus_accounts import FRIEND_TOKEN, SECRET_KEY, TOKEN

from .calls import call


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"token": "0" * 32}, 903, "无效的用户token"),
        ({"content": " "}, 999, "发送内容不能为空"),
        ({"content": "x" * 20_001}, 999, "不能超过2万字"),
        ({"channel": "webhook"}, 999, "webhook"),
        ({"channel": "sms", "to": ",".join([FRIEND_TOKEN] * 10)}, 200, ""),
        ({"channel": "voice", "to": ",".join([FRIEND_TOKEN] * 10)}, 888, "积分不足"),
    ],
)
async def test_pushplus_refuses(
    client: aiohttp.ClientSession,
    pushplus: PushPlus,
    changes: dict[str, str],
    code: int,
    text: str,
) -> None:
    """Test refusals with the reason in `msg` or in `data`."""
    body = {"token": TOKEN, "content": "Hi", **changes}
    answer = await call(client, "POST", f"{pushplus.url}/send", json=body)
    assert answer["code"] == code
    assert text in answer["msg"] + str(answer["data"])


@pytest.mark.parametrize(
    ("attribute", "value", "code"),
    [("restricted", True, 900), ("verified", False, 905)],
)
async def test_pushplus_refuses_account(
    client: aiohttp.ClientSession,
    pushplus: PushPlus,
    attribute: str,
    value: bool,
    code: int,
) -> None:
    """Test accounts that must not send."""
    setattr(pushplus.account, attribute, value)
    body = {"token": TOKEN, "content": "Hi"}
    answer = await call(client, "POST", f"{pushplus.url}/send", json=body)
    assert (answer["code"], answer["data"]) == (code, None)


@pytest.mark.parametrize(
    ("attribute", "taken", "text"),
    [
        ("rate_limited", 5, "推送频率过快"),
        ("duplicates_refused", 3, "请勿频繁推送相同内容"),
    ],
)
async def test_pushplus_pace(
    client: aiohttp.ClientSession,
    pushplus: PushPlus,
    attribute: str,
    taken: int,
    text: str,
) -> None:
    """Test that too many messages, or too many equal ones, are refused for a while."""
    setattr(pushplus, attribute, True)
    url = f"{pushplus.url}/send"
    body = {"token": TOKEN, "content": "Hi"}
    codes = [(await call(client, "POST", url, json=body))["code"] for _ in range(taken)]
    assert codes == [200] * taken
    answer = await call(client, "POST", url, json=body)
    assert answer["code"] == 999
    assert text in answer["msg"] + str(answer["data"])
    moment = pushplus.clock() + 3601
    pushplus.clock = lambda: moment
    assert (await call(client, "POST", url, json=body))["code"] == 200


@pytest.mark.parametrize(
    ("method", "path", "options", "text"),
    [
        ("GET", "/send", {"params": {"token": TOKEN, "content": "a"}}, "a"),
        ("PUT", f"/send/{TOKEN}", {"json": {"content": "b"}}, "b"),
        ("POST", "/send/", {"data": {"token": TOKEN, "content": "c"}}, "c"),
        (
            "POST",
            "/send/wrong",
            {"params": {"content": "x"}, "json": {"token": TOKEN, "content": "d"}},
            "d",
        ),
        ("POST", f"/send/{TOKEN}?template=json", {"data": '{"e": 1}'}, ""),
        ("POST", f"/send/{TOKEN}?template=json", {"json": {"e": 1}}, '{"e": 1}'),
    ],
)
async def test_pushplus_ways_in(
    client: aiohttp.ClientSession,
    pushplus: PushPlus,
    method: str,
    path: str,
    options: dict[str, Any],
    text: str,
) -> None:
    """Test that the body takes precedence over the URL."""
    await call(client, method, pushplus.url + path, **options)
    assert "".join(one.text for one in pushplus.notifications) == text


async def test_pushplus_batch(
    client: aiohttp.ClientSession, pushplus: PushPlus
) -> None:
    """Test that each channel has a result."""
    body = {"token": TOKEN, "content": "Hi", "title": "T"}
    body |= {"channel": "wechat,webhook,cp", "option": ",bark,"}
    answer = await call(client, "POST", f"{pushplus.url}/batchSend", json=body)
    assert answer["code"] == 200
    results = [(one["channel"], one["code"]) for one in answer["data"]]
    assert results == [("wechat", 200), ("webhook", 200), ("cp", 999)]
    shown = [(one.channel, one.recipient) for one in pushplus.notifications]
    assert shown == [("wechat", "self"), ("webhook", "bark")]


async def test_pushplus_fate(client: aiohttp.ClientSession, pushplus: PushPlus) -> None:
    """Test that an accepted message may fail later."""
    events: asyncio.Queue[Any] = asyncio.Queue()

    async def hear(request: web.BaseRequest) -> web.Response:
        events.put_nowait(await request.json())
        return web.Response()

    runner = web.ServerRunner(web.Server(hear))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    body = {"token": TOKEN, "content": "Hi", "topic": "nobody"}
    body["callbackUrl"] = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    answer = await call(client, "POST", f"{pushplus.url}/send", json=body)
    event = await asyncio.wait_for(events.get(), 5)
    await runner.cleanup()
    assert answer["code"] == 200
    assert event == {
        "event": "message_complate",
        "messageInfo": {
            "message": "无用户接收消息",
            "shortCode": answer["data"],
            "sendStatus": 3,
        },
    }
    assert not pushplus.notifications


async def test_pushplus_open_interface(
    client: aiohttp.ClientSession, pushplus: PushPlus
) -> None:
    """Test the open interface with and without an access key."""
    url = f"{pushplus.url}/api/common/openApi/getAccessKey"
    body = {"token": TOKEN, "secretKey": SECRET_KEY}
    key = (await call(client, "POST", url, json=body))["data"]["accessKey"]
    url = f"{pushplus.url}/api/open/friend/list"
    page = (await call(client, "POST", url, headers={"access-key": key}))["data"]
    assert (page["total"], page["list"][0]["token"]) == (1, FRIEND_TOKEN)
    pushplus.expire_access_keys()
    answer = await call(client, "POST", url, headers={"access-key": key})
    assert answer["code"] == 401
    async with client.post(f"{pushplus.url}/open/friend/list") as response:
        assert (response.status, response.content_type) == (200, "text/html")
