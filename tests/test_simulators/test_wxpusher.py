"""Tests for the simulator of WxPusher."""

import re
from typing import Any

import aiohttp
import pytest
from yarl import URL

from tests.simulators import WxPusher
from tests.simulators.wxpusher_accounts import (
    APP_TOKEN,
    SPT,
    UID_LI,
    UID_WANG,
    UID_ZHANG,
)

from .calls import SEND, call, push


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"appToken": "AT_other"}, 1001, "appToken不正确"),
        ({"content": ""}, 1001, "不能为空"),
        ({"content": "x" * 40_001}, 1001, "过长"),
        ({"content": "门" * 21_846}, 1001, "过长"),
        ({"uids": []}, 1001, "不能同时为空"),
        ({"topicIds": [1, 2, 3, 4, 5, 6]}, 1001, "过多"),
        ({"url": "x" * 1001}, 1001, "url"),
        ({"uids": UID_ZHANG}, 1005, "出现异常：JSON parse error.*UID_Zhang"),
    ],
)
async def test_wxpusher_refuses(
    client: aiohttp.ClientSession,
    wxpusher: WxPusher,
    changes: dict[str, Any],
    code: int,
    message: str,
) -> None:
    """Test refusals, which have HTTP 200."""
    answer = await push(client, wxpusher, **changes)
    assert (answer["code"], answer["success"], answer["data"]) == (code, False, None)
    assert re.search(message, answer["msg"])
    assert not wxpusher.notifications


async def test_wxpusher_targets(
    client: aiohttp.ClientSession, wxpusher: WxPusher
) -> None:
    """Test that a message succeeds though some targets fail."""
    wxpusher.apps[APP_TOKEN].followers[UID_LI].reject = True
    uids = [UID_ZHANG, UID_LI, UID_WANG, "UID_nobody"]
    answer = await push(client, wxpusher, uids=uids, topicIds=[8001, 9999])
    assert answer["code"] == 1000
    assert [(one["uid"], one["topicId"], one["code"]) for one in answer["data"]] == [
        (UID_ZHANG, None, 1000),
        (UID_LI, None, 1000),
        (UID_WANG, None, 1001),
        ("UID_nobody", None, 1001),
        (None, 8001, 1000),
        (None, 9999, 1001),
    ]
    assert answer["data"][2]["status"] == f"用户UID=[{UID_WANG}]未订阅应用"
    assert answer["data"][3]["status"] == "用户UID=[UID_nobody]不存在"
    assert [one.recipient for one in wxpusher.notifications] == [UID_ZHANG, "8001"]


async def test_wxpusher_people(
    client: aiohttp.ClientSession, wxpusher: WxPusher
) -> None:
    """Test the list of followers and a QR code before and after the scan."""
    api = f"{wxpusher.url}/api/fun"
    params: dict[str, Any] = {
        "appToken": APP_TOKEN,
        "page": 2,
        "pageSize": 1,
        "type": 0,
    }
    page = (await call(client, "GET", f"{api}/wxuser/v2", params=params))["data"]
    assert (page["total"], page["page"], page["pageSize"]) == (2, 2, 1)
    assert [(one["uid"], one["target"]) for one in page["records"]] == [
        (UID_LI, "Home alarms")
    ]
    body = {"appToken": APP_TOKEN, "extra": "hall"}
    made = await call(client, "POST", f"{api}/create/qrcode", json=body)
    scanned = {"code": made["data"]["code"]}
    answer = await call(client, "GET", f"{api}/scan-qrcode-uid", params=scanned)
    assert (answer["code"], answer["msg"]) == (1001, "暂无用户扫描二维码")
    wxpusher.scan(scanned["code"], UID_WANG)
    answer = await call(client, "GET", f"{api}/scan-qrcode-uid", params=scanned)
    assert answer["data"] == UID_WANG
    assert (await push(client, wxpusher, uids=[UID_WANG]))["data"][0]["code"] == 1000


async def test_wxpusher_simple_push(
    client: aiohttp.ClientSession, wxpusher: WxPusher
) -> None:
    """Test simple pushes with parameters in the body and in the URL."""
    url = f"{wxpusher.url}{SEND}"
    body = {"content": "Hi", "sptList": [SPT, "SPT_unknown"], "contentType": 2}
    answer = await call(client, "POST", f"{url}/simple-push", json=body)
    assert [one["code"] for one in answer["data"]] == [1000, 1001]
    address = URL(f"{url}/{SPT}/door%2Fopen%3F", encoded=True)
    assert (await call(client, "GET", address))["code"] == 1000
    shown = [(one.recipient, one.text, one.kind) for one in wxpusher.notifications]
    assert shown == [(SPT, "Hi", "2"), (SPT, "door/open?", "1")]


async def test_wxpusher_takes_back(
    client: aiohttp.ClientSession, wxpusher: WxPusher
) -> None:
    """Test the state of a message and the deletion of its page."""
    (sent,) = (await push(client, wxpusher))["data"]
    params = {"sendRecordId": sent["sendRecordId"]}
    url = f"{wxpusher.url}/api/send/query/status"
    assert await call(client, "GET", url, params=params) == {
        "code": 1000,
        "msg": "等待发送",
        "data": 1,
        "success": True,
    }
    params = {"messageContentId": sent["messageContentId"], "appToken": APP_TOKEN}
    answers = [
        await call(client, "DELETE", wxpusher.url + SEND, params=params)
        for _ in range(2)
    ]
    assert [answer["code"] for answer in answers] == [1000, 1001]
