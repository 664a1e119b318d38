"""Tests for the simulator of WeCom."""

from typing import Any

import aiohttp
import pytest

from tests.simulators import WeCom
from tests.simulators.wecom import RELAYED
from tests.simulators.wecom_accounts import AGENT_ID, CORP_ID, ROBOT_KEY, SECRET

from .calls import call, tell, token_of

PNG = b"\x89PNG\r\n\x1a\n and so on"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, 41004),
        ({"corpsecret": SECRET}, 41002),
        ({"corpid": "ww0", "corpsecret": SECRET}, 40013),
        ({"corpid": CORP_ID, "corpsecret": "wrong"}, 40001),
    ],
)
async def test_wecom_refuses_a_token(
    client: aiohttp.ClientSession, wecom: WeCom, params: dict[str, str], code: int
) -> None:
    """Test refusals of access tokens."""
    url = f"{wecom.url}/cgi-bin/gettoken"
    answer = await call(client, "GET", url, params=params)
    assert answer["errcode"] == code
    assert answer["errmsg"].endswith(f"devtool/query?e={code}")
    assert "from ip: 203.0.113.7" in answer["errmsg"]


async def test_wecom_token_life(client: aiohttp.ClientSession, wecom: WeCom) -> None:
    """Test that a token is reused, expires, is revoked and needs a trusted address."""
    query = await token_of(client, wecom)
    assert query == await token_of(client, wecom, method="POST")
    assert wecom.gettoken_count == 2
    assert (await tell(client, wecom, query, agentid=f"{AGENT_ID}"))["errcode"] == 0
    wecom.trusted_ips = {"198.51.100.1"}
    assert (await tell(client, wecom, query))["errcode"] == 60020
    wecom.trusted_ips = None
    wecom.expire_tokens()
    assert (await tell(client, wecom, query))["errcode"] == 42001
    wecom.secret = "renewed"
    assert (await tell(client, wecom, query))["errcode"] == 40014
    assert (await tell(client, wecom, {"x": ""}))["errcode"] == 41001
    assert len(wecom.notifications) == 1


CARD = {"card_type": "text_notice", "main_title": {"title": "Door"}}
ACTION = {"type": 1, "url": "https://example.com"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"agentid": 1_000_003}, 301002),
        ({"agentid": "home"}, 40056),
        ({"agentid": None}, 41011),
        ({"touser": ""}, 82001),
        ({"touser": "nobody|NOONE", "toparty": "9"}, 81013),
        ({"touser": "|".join(["u"] * 1001)}, 40032),
        ({"msgtype": "markdown_v2"}, 40008),
        ({"text": {"content": ""}}, 44004),
        ({"msgtype": "image", "image": {"media_id": "gone"}}, 40007),
        ({"msgtype": "image", "image": {}}, 41006),
        ({"msgtype": "textcard", "textcard": {"title": "x", "url": "x"}}, 41033),
        (
            {
                "msgtype": "textcard",
                "textcard": {"title": "x", "description": "x", "url": "x.y"},
            },
            45034,
        ),
        ({"msgtype": "markdown", "markdown": {"content": "门" * 683}}, 40058),
        ({"msgtype": "news", "news": {"articles": [{}] * 9}}, 45008),
        ({"msgtype": "news", "news": {"articles": [{}]}, "safe": 1}, 40074),
        ({"msgtype": "template_card", "template_card": CARD}, 40058),
        (
            {
                "msgtype": "template_card",
                "template_card": {
                    **CARD,
                    "card_action": ACTION,
                    "task_id": "1",
                    "action_menu": {"action_list": [{"text": "x", "key": "x"}]},
                },
            },
            43012,
        ),
    ],
)
async def test_wecom_refuses(
    client: aiohttp.ClientSession, wecom: WeCom, changes: dict[str, Any], code: int
) -> None:
    """Test refusals of messages."""
    assert (await tell(client, wecom, **changes))["errcode"] == code
    assert not wecom.notifications


OPTIONS = [{"id": "a", "text": "A"}]
CARDS: list[tuple[dict[str, Any], bool]] = [
    ({**CARD, "card_action": ACTION}, False),
    (
        {
            "card_type": "news_notice",
            "main_title": {"title": "Camera"},
            "card_image": {"url": "https://example.com/x.jpg", "aspect_ratio": 1.78},
            "card_action": ACTION,
        },
        False,
    ),
    (
        {
            "card_type": "button_interaction",
            "task_id": "ha_1",
            "main_title": {"title": "Alarm"},
            "button_list": [{"text": "Disarm", "key": "DISARM"}],
        },
        True,
    ),
    (
        {
            "card_type": "vote_interaction",
            "task_id": "ha_2",
            "checkbox": {"question_key": "q", "option_list": OPTIONS},
            "submit_button": {"text": "OK", "key": "OK"},
        },
        True,
    ),
    (
        {
            "card_type": "multiple_interaction",
            "task_id": "ha_3",
            "main_title": {"title": "Climate"},
            "select_list": [{"question_key": "q", "option_list": OPTIONS}],
            "submit_button": {"text": "Set", "key": "SET"},
        },
        True,
    ),
]


@pytest.mark.parametrize(
    ("card", "answered"), CARDS, ids=[card["card_type"] for card, _ in CARDS]
)
async def test_wecom_cards(
    client: aiohttp.ClientSession, wecom: WeCom, card: dict[str, Any], answered: bool
) -> None:
    """Test that interactive cards need a callback and can be updated once."""
    message: dict[str, Any] = {"msgtype": "template_card", "template_card": card}
    assert (await tell(client, wecom, **message))["errcode"] == (43012 * answered)
    wecom.agents[AGENT_ID].callback_url_configured = True
    answer = await tell(client, wecom, **message)
    assert answer["errcode"] == 0
    assert ("response_code" in answer) is answered
    update = {"agentid": AGENT_ID, "button": {"replace_name": "Done"}}
    update["response_code"] = answer.get("response_code")
    url = f"{wecom.url}/cgi-bin/message/update_template_card"
    query = await token_of(client, wecom)
    updates = [
        await call(client, "POST", url, params=query, json=update) for _ in range(2)
    ]
    codes = [answer["errcode"] for answer in updates]
    assert codes == ([0, 60140] if answered else [40058, 40058])


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (rb'{"text": "\u001f"}', 40033),
        (rb'{"text": "\u95e8", "touser": "@all", "agentid": 1000002}', 40008),
        (b'{"text": ', 40058),
        (b"\xff\xfe", 40058),
        (rb'{"text": "C:\\ude00", "touser": "@all", "agentid": 1000002}', 40008),
    ],
)
async def test_wecom_checks_the_json(
    client: aiohttp.ClientSession, wecom: WeCom, raw: bytes, code: int
) -> None:
    """Test that control characters are refused, but no other escapes."""
    params = await token_of(client, wecom)
    url = f"{wecom.url}/cgi-bin/message/send"
    answer = await call(client, "POST", url, params=params, data=raw)
    assert answer["errcode"] == code


async def test_wecom_partial_failure(
    client: aiohttp.ClientSession, wecom: WeCom
) -> None:
    """Test that known members get the message, regardless of case."""
    wecom.agents[AGENT_ID].unlicensed = {"zhangsan"}
    answer = await tell(
        client, wecom, touser="LISI|Nobody|zhangsan", toparty="1|9", totag="2|x"
    )
    assert answer["errcode"] == 0
    assert answer["invaliduser"] == "nobody"
    assert answer["unlicenseduser"] == "zhangsan"
    assert (answer["invalidparty"], answer["invalidtag"]) == ("9", "x")
    recipients = [one.recipient for one in wecom.notifications]
    assert recipients == ["lisi", "toparty:1", "totag:2"]


async def test_wecom_limits(client: aiohttp.ClientSession, wecom: WeCom) -> None:
    """Test long texts, duplicates and silently dropped messages."""
    text = {"content": "门" * 700}
    assert (await tell(client, wecom, text=text))["errcode"] == 0
    assert wecom.notifications[-1].text == "门" * 682
    wecom.cuts_text = False
    assert (await tell(client, wecom, text=text))["errcode"] == 45002
    query = await token_of(client, wecom)
    for _ in range(2):
        answer = await tell(client, wecom, query, enable_duplicate_check=1)
        assert answer["errcode"] == 0
    assert len(wecom.notifications) == 2
    wecom.member_limit = 1
    assert [(await tell(client, wecom, query))["errcode"] for _ in range(3)] == [0] * 3
    assert len(wecom.notifications) == 3


async def test_wecom_limits_of_members(
    client: aiohttp.ClientSession, wecom: WeCom
) -> None:
    """Test that groups count for each member, by minute and by hour."""
    moment = 1_800_000_000.0
    wecom.clock = lambda: moment
    wecom.member_limit, wecom.member_hour_limit = 2, 3
    query = await token_of(client, wecom)
    # Only one of the two members is in department 2.
    for target in (
        {"touser": "", "toparty": "2"},
        {"touser": "@all"},
        {"touser": "", "totag": "1"},
        {"touser": "zhangsan"},
        {"touser": "lisi|zhangsan", "toparty": "1"},
    ):
        assert (await tell(client, wecom, query, **target))["errcode"] == 0
    shown = [one.recipient for one in wecom.notifications]
    # The tag exceeded the limit of one member; the other got it.
    assert shown == ["toparty:2", "@all"]
    for seconds, recipients in ((60, ["lisi"]), (60, []), (3600, ["lisi"])):
        wecom.notifications.clear()
        moment += seconds
        await tell(client, wecom, query)
        assert [one.recipient for one in wecom.notifications] == recipients


async def test_wecom_published_limits(
    client: aiohttp.ClientSession, wecom: WeCom
) -> None:
    """Test that a member silently gets no more than 30 messages a minute."""
    wecom.clock = lambda: 1_800_000_000.0
    wecom.enforce_limits()
    query = await token_of(client, wecom)
    answers = [await tell(client, wecom, query) for _ in range(31)]
    assert all(answer["errcode"] == 0 for answer in answers)
    assert len(wecom.notifications) == 30


async def test_wecom_relay(client: aiohttp.ClientSession, wecom: WeCom) -> None:
    """Test a relay that passes on nothing but tokens and messages."""
    wecom.passed_paths = RELAYED
    query = await token_of(client, wecom)
    assert (await tell(client, wecom, query))["errcode"] == 0
    for path in ("agent/get", "media/upload"):
        url = f"{wecom.url}/cgi-bin/{path}"
        async with client.post(url, params=query) as response:
            assert response.status == 404
            assert response.content_type == "text/html"
    assert wecom.counts() == {
        "/cgi-bin/gettoken": 1,
        "/cgi-bin/message/send": 1,
        "/cgi-bin/agent/get": 1,
        "/cgi-bin/media/upload": 1,
    }


async def test_wecom_limit_of_the_application(
    client: aiohttp.ClientSession, wecom: WeCom
) -> None:
    """Test that an application is blocked for a minute above its rate."""
    moment = 1_800_000_000.0
    wecom.clock = lambda: moment
    wecom.app_limit = 2
    query = await token_of(client, wecom)
    codes = [(await tell(client, wecom, query))["errcode"] for _ in range(3)]
    assert codes == [0, 0, 45009]
    codes = []
    for _ in range(2):
        moment += 30
        codes.append((await tell(client, wecom, query))["errcode"])
    assert codes == [45009, 0]


async def test_wecom_compares_words(
    client: aiohttp.ClientSession, wecom: WeCom
) -> None:
    """Test both readings of the duplicate check."""
    query = await token_of(client, wecom)
    check = {"enable_duplicate_check": 1}
    shown = []
    for words_compared in (False, True):
        wecom.words_compared = words_compared
        wecom.notifications.clear()
        for interval in (300, 301):
            fields = {**check, "duplicate_check_interval": interval}
            await tell(client, wecom, query, **fields)
        shown.append(len(wecom.notifications))
    assert shown == [2, 1]


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        ("image", PNG, 0),
        ("file", b"123456", 0),
        ("file", b"12345", 40006),
        ("image", b"GIF89a and so on", 40004),
        ("voice", PNG, 301017),
        ("picture", PNG, 40004),
        ("image", PNG + bytes(10 * 1024 * 1024), 40009),
    ],
)
async def test_wecom_media(
    client: aiohttp.ClientSession, wecom: WeCom, kind: str, data: bytes, code: int
) -> None:
    """Test uploads, with a file name in raw UTF-8."""
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("media", data, filename="前门.png")
    params = {**await token_of(client, wecom), "type": kind}
    url = f"{wecom.url}/cgi-bin/media/upload"
    answer = await call(client, "POST", url, params=params, data=form)
    assert answer["errcode"] == code
    content = {"media_id": answer.get("media_id", "none")}
    sent = await tell(client, wecom, msgtype=kind, **{kind: content})
    assert (sent["errcode"] == 0) is (code == 0)
    assert [one.text for one in wecom.notifications] == ["前门.png"] * (code == 0)


async def test_wecom_directory_recall_and_robot(
    client: aiohttp.ClientSession, wecom: WeCom
) -> None:
    """Test the directory, a recall and a robot."""
    query = await token_of(client, wecom)
    api = f"{wecom.url}/cgi-bin"
    params = {**query, "agentid": str(AGENT_ID)}
    agent = await call(client, "GET", f"{api}/agent/get", params=params)
    assert (agent["name"], agent["close"]) == ("Home alarms", 0)
    assert agent["allow_userinfos"]["user"] == [
        {"userid": "zhangsan"},
        {"userid": "lisi"},
    ]
    params = {**query, "department_id": "2"}
    users = await call(client, "GET", f"{api}/user/simplelist", params=params)
    assert [user["name"] for user in users["userlist"]] == ["李四"]
    recalled = {"msgid": (await tell(client, wecom, query))["msgid"]}
    url = f"{api}/message/recall"
    assert (await call(client, "POST", url, params=query, json=recalled))[
        "errcode"
    ] == 0
    url = f"{api}/webhook/send"
    body = {"msgtype": "text", "text": {"content": "Hi"}}
    answer = await call(client, "POST", url, params={"key": "other"}, json=body)
    assert answer["errcode"] == 93000
    answer = await call(client, "POST", url, params={"key": ROBOT_KEY}, json=body)
    assert answer == {"errcode": 0, "errmsg": "ok"}
