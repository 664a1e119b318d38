"""The simulators take what the services take from other clients, and no more."""

import json
from typing import Any

import aiohttp
import pytest

from tests.simulators import PushPlus, WeCom, WxPusher
from tests.simulators.pushplus_accounts import SECRET_KEY, TOKEN, Topic
from tests.simulators.wecom_accounts import AGENT_ID
from tests.simulators.wxpusher_accounts import APP_TOKEN, UID_LI, UID_ZHANG

from .calls import call, tell, token_of


async def open_key(client: aiohttp.ClientSession, pushplus: PushPlus) -> dict[str, str]:
    """Return the header with an access key of PushPlus."""
    url = f"{pushplus.url}/api/common/openApi/getAccessKey"
    body = {"token": TOKEN, "secretKey": SECRET_KEY}
    answer = await call(client, "POST", url, json=body)
    return {"access-key": answer["data"]["accessKey"]}


async def test_wecom_token_by_post(client: aiohttp.ClientSession, wecom: WeCom) -> None:
    """Test that an access token can be fetched by POST."""
    query = await token_of(client, wecom, method="POST")
    assert (await tell(client, wecom, query))["errcode"] == 0


async def test_wecom_agent_id_as_text(
    client: aiohttp.ClientSession, wecom: WeCom
) -> None:
    """Test that the number of the application may be a text."""
    assert (await tell(client, wecom, agentid=str(AGENT_ID)))["errcode"] == 0
    assert (await tell(client, wecom, agentid="7"))["errcode"] == 301002


async def test_wecom_escapes(client: aiohttp.ClientSession, wecom: WeCom) -> None:
    """Test that escapes of characters are taken, but for control characters."""
    body = {"touser": "lisi", "msgtype": "text", "agentid": AGENT_ID}
    url = f"{wecom.url}/cgi-bin/message/send"
    query = await token_of(client, wecom)
    codes = []
    for text in ("门铃 😀", "a\tb", "\x1b[31m"):
        content = json.dumps({**body, "text": {"content": text}}, ensure_ascii=True)
        answer = await call(client, "POST", url, params=query, data=content.encode())
        codes.append(answer["errcode"])
    assert codes == [0, 0, 40033]
    assert [shown.text for shown in wecom.notifications] == ["门铃 😀", "a\tb"]


async def test_wecom_recall(client: aiohttp.ClientSession, wecom: WeCom) -> None:
    """Test that a message of yesterday has a code of its own."""
    query = await token_of(client, wecom)
    sent = await tell(client, wecom, query)
    moment = wecom.clock()
    wecom.clock = lambda: moment + 24 * 3600
    query = await token_of(client, wecom)
    url = f"{wecom.url}/cgi-bin/message/recall"
    codes = [
        (await call(client, "POST", url, params=query, json={"msgid": msgid}))[
            "errcode"
        ]
        for msgid in (sent["msgid"], "another")
    ]
    assert codes == [42052, 40058]


@pytest.mark.parametrize(
    ("button", "code"),
    [
        ({"text": "", "key": "k"}, 42020),
        ({"text": "Off"}, 42019),
        ({"text": "Off", "key": "k" * 1025}, 42018),
        ({"text": "Off", "type": 1}, 40058),
        ({"text": "Off", "key": "k"}, 0),
    ],
)
async def test_wecom_buttons(
    client: aiohttp.ClientSession, wecom: WeCom, button: dict[str, Any], code: int
) -> None:
    """Test that what is wrong with a button has its code."""
    wecom.agents[AGENT_ID].callback_url_configured = True
    card = {
        "card_type": "button_interaction",
        "task_id": "ha_1",
        "main_title": {"title": "Alarm"},
        "button_list": [button],
    }
    message: dict[str, Any] = {"msgtype": "template_card", "template_card": card}
    assert (await tell(client, wecom, **message))["errcode"] == code
    wrong: dict[str, Any] = {
        "msgtype": "template_card",
        "template_card": {**card, "task_id": "门"},
    }
    assert (await tell(client, wecom, **wrong))["errcode"] in (code or 42014, 42014)


async def test_wecom_long_address(client: aiohttp.ClientSession, wecom: WeCom) -> None:
    """Test that the length of an address has a code of its own."""
    url = "https://example.com/" + "x" * 2048
    card = {"title": "x", "description": "x", "url": url}
    answer = await tell(client, wecom, msgtype="textcard", textcard=card)
    assert answer["errcode"] == 40039


async def test_wxpusher_older_list(
    client: aiohttp.ClientSession, wxpusher: WxPusher
) -> None:
    """Test that the older list of users is there, with fewer fields."""
    url = f"{wxpusher.url}/api/fun/wxuser"
    query = {"appToken": APP_TOKEN, "page": "1", "pageSize": "1"}
    data = (await call(client, "GET", url, params=query))["data"]
    assert data["total"] == 2
    assert data["records"] == [
        {
            "uid": UID_ZHANG,
            "nickName": "Zhang San",
            "enable": True,
            "headImg": "",
            "createTime": 1_790_000_000_000,
        }
    ]
    data = (await call(client, "GET", url, params={**query, "uid": UID_LI}))["data"]
    assert [record["uid"] for record in data["records"]] == [UID_LI]
    wrong = await call(client, "GET", url, params={**query, "appToken": "AT_x"})
    assert wrong["code"] == 1001


async def test_pushplus_groups(
    client: aiohttp.ClientSession, pushplus: PushPlus
) -> None:
    """Test that groups of one's own and of others are listed apart."""
    pushplus.account.joined = {"street": Topic(topic_id=9, name="Street")}
    headers = await open_key(client, pushplus)
    url = f"{pushplus.url}/api/open/topic/list"
    found = []
    for params in ({}, {"topicType": 0}, {"topicType": 1}, {"topicType": "1"}):
        body = {"current": 1, "pageSize": 20, "params": params}
        answer = await call(client, "POST", url, json=body, headers=headers)
        found.append([topic["topicCode"] for topic in answer["data"]["list"]])
    assert found == [["family"], ["family"], ["street"], ["street"]]


@pytest.mark.parametrize(("member", "day"), [(True, "2030-10-02"), (False, "")])
async def test_pushplus_membership(
    client: aiohttp.ClientSession, pushplus: PushPlus, *, member: bool, day: str
) -> None:
    """Test that the last day of a membership is a text."""
    pushplus.account.member = member
    headers = await open_key(client, pushplus)
    url = f"{pushplus.url}/api/open/user/myInfo"
    data = (await call(client, "GET", url, headers=headers))["data"]
    assert data["vipInfo"] == {"isVip": int(member), "lastDay": day}


@pytest.mark.parametrize(
    ("channel", "quota", "of_members"),
    [("app", 200, 2000), ("extension", 1000, 10_000), ("clawbot", 1000, 10_000)],
)
async def test_pushplus_quotas(
    client: aiohttp.ClientSession,
    pushplus: PushPlus,
    channel: str,
    quota: int,
    of_members: int,
) -> None:
    """Test that newer channels have quotas as well."""
    pushplus.quotas_kept = True
    body = {"token": TOKEN, "content": "a", "channel": channel}
    codes = []
    for member, limit in ((False, quota), (True, of_members)):
        pushplus.account.member = member
        pushplus.account.sent[channel] = limit - 1
        for _ in range(2):
            answer = await call(client, "POST", f"{pushplus.url}/send", json=body)
            codes.append(answer["code"])
    assert codes == [200, 900, 200, 900]
