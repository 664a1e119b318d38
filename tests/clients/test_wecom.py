"""WeCom: what goes over the wire, and what comes of it."""

from typing import Any

import aiohttp
import pytest

from custom_components.wechat_push.clients.errors import (
    ActionNeededError,
    ClientError,
    ContentError,
    LimitError,
    Problem,
    RecipientError,
    TemporaryError,
)
from custom_components.wechat_push.clients.message import (
    Accepted,
    Format,
    Message,
    Overflow,
    Refused,
)
from custom_components.wechat_push.clients.wecom import (
    WeComAgent,
    WeComClient,
    WeComTarget,
)
from custom_components.wechat_push.clients.wecom_codes import WeComProblem
from tests.simulators import WeCom
from tests.simulators.answers import json_answer
from tests.simulators.wecom_accounts import AGENT_ID, CORP_ID, OTHER_AGENT_ID, SECRET

from .common import Facts, body_of, endpoint, facts, send, wecom_client

SEND = "/cgi-bin/message/send"
ZHANG = WeComTarget(users=("zhangsan",))
EVERYONE = WeComTarget(everyone=True)


@pytest.fixture
def client(wecom: WeCom, session: aiohttp.ClientSession) -> WeComClient:
    """Return a client for the simulated application."""
    return wecom_client(session, endpoint(wecom))


# The wire


async def test_wire(wecom: WeCom, client: WeComClient) -> None:
    """A message is one GET for the token and one POST with JSON in raw UTF-8."""
    message = Message(text='门开了 "front"\\\n🙂 \\u4e2d', title="Door")
    target = WeComTarget(users=("zhangsan", "lisi"), departments=(1, 2), tags=(1,))
    await send(client, message, target)
    (token,) = wecom.tokens
    first, second = wecom.requests
    assert (first.method, first.path) == ("GET", "/cgi-bin/gettoken")
    assert first.query == {"corpid": CORP_ID, "corpsecret": SECRET}
    assert (second.method, second.path) == ("POST", SEND)
    assert second.query == {"access_token": token}
    assert second.headers["Content-Type"] == "application/json; charset=utf-8"
    assert second.body.decode() == (
        '{"touser":"zhangsan|lisi","toparty":"1|2","totag":"1","msgtype":"text",'
        '"text":{"content":"Door\\n门开了 \\"front\\"\\\\\\n🙂 \\\\u4e2d"},'
        f'"agentid":{AGENT_ID}}}'
    )


@pytest.mark.parametrize(
    ("message", "kind", "content"),
    [
        pytest.param(Message(text=" a <b> "), "text", " a <b> ", id="text"),
        pytest.param(
            Message(text="a", title="<T>\n 1"), "text", "<T> 1\na", id="text_with_title"
        ),
        pytest.param(Message(text="a", title=" \n"), "text", "a", id="blank_title"),
        pytest.param(
            Message(text="**a**", format=Format.MARKDOWN),
            "markdown",
            "**a**",
            id="markdown",
        ),
        pytest.param(
            Message(text="**a**", title="T", format=Format.MARKDOWN),
            "markdown",
            "**T**\n**a**",
            id="markdown_with_title",
        ),
        pytest.param(
            Message(text="<p>1 &lt; 2</p><p>b</p>", title="T", format=Format.HTML),
            "text",
            "T\n1 < 2\n\nb",
            id="html",
        ),
        pytest.param(
            Message(text="a", url="https://example.com", url_label="More"),
            "text",
            "a\nMore: https://example.com",
            id="link",
        ),
        pytest.param(
            Message(text="a", url="https://example.com/(b c)", format=Format.MARKDOWN),
            "markdown",
            "a\n\n[https://example.com/\\(b c\\)](https://example.com/%28b%20c%29)",
            id="markdown_link",
        ),
    ],
)
async def test_texts(
    wecom: WeCom, client: WeComClient, message: Message, kind: str, content: str
) -> None:
    """A text or Markdown message says all, in a format that WeCom shows."""
    await send(client, message, ZHANG)
    assert body_of(wecom) == {
        "touser": "zhangsan",
        "msgtype": kind,
        kind: {"content": content},
        "agentid": AGENT_ID,
    }


@pytest.mark.parametrize("text", ["", " \n\t\u3000"])
async def test_empty(client: WeComClient, text: str) -> None:
    """A message that says nothing is not sent."""
    with pytest.raises(ContentError) as caught:
        client.prepare(Message(text=text), ZHANG)
    assert caught.value.problem == Problem.MESSAGE_EMPTY


async def test_everyone(wecom: WeCom, client: WeComClient) -> None:
    """Everyone who sees the application is one target, beside which no other counts."""
    target = WeComTarget(users=("lisi",), tags=(1,), everyone=True)
    receipt = await send(client, Message(text="a"), target)
    assert body_of(wecom)["touser"] == "@all"
    assert body_of(wecom).keys() == {"touser", "msgtype", "text", "agentid"}
    assert [each.target for each in receipt.accepted] == ["@all"]


# Limits


@pytest.mark.parametrize("format_", [Format.TEXT, Format.MARKDOWN])
@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("x" * 2048, 1, id="bytes"),
        pytest.param("x" * 2049, 2, id="one_byte_more"),
        pytest.param("中" * 682, 1, id="chinese"),
        pytest.param("中" * 683, 2, id="one_character_more"),
        pytest.param("🙂" * 512, 1, id="emoji"),
        pytest.param("🙂" * 513, 2, id="one_emoji_more"),
    ],
)
@pytest.mark.parametrize("cuts", [True, False])
async def test_limits(
    wecom: WeCom,
    client: WeComClient,
    text: str,
    format_: Format,
    parts: int,
    cuts: bool,
) -> None:
    """WeCom counts bytes; nothing is lost, whether it cuts or refuses longer texts."""
    wecom.cuts_text = cuts
    await send(client, Message(text=text, format=format_), ZHANG)
    said = [each.text.partition("\n")[0] for each in wecom.notifications]
    assert len(said) == parts
    assert "".join(said) == text


async def test_split_in_order(wecom: WeCom, client: WeComClient) -> None:
    """A long text arrives in marked parts, in their order, at everyone."""
    lines = [f"{number:04} {'门' * 20}\n" for number in range(400)]
    target = WeComTarget(users=("zhangsan", "lisi"))
    await send(client, Message(text="".join(lines), title="Log"), target)
    for user in target.users:
        shown = [each.text for each in wecom.notifications if each.recipient == user]
        marks = [f"\n({number}/{len(shown)})" for number in range(1, len(shown) + 1)]
        assert len(shown) == 14
        said = [
            each.removesuffix(mark) for each, mark in zip(shown, marks, strict=True)
        ]
        assert "\n".join(said) == "Log\n" + "".join(lines).strip("\n")


async def test_truncated(wecom: WeCom, client: WeComClient) -> None:
    """A long text can be cut instead."""
    message = Message(text="中" * 700, title="T", overflow=Overflow.TRUNCATE)
    await send(client, message, ZHANG)
    (shown,) = wecom.notifications
    assert shown.text == "T\n" + "中" * 681 + "…"


async def test_refused_for_its_length(client: WeComClient) -> None:
    """A long text can be refused instead, and a very long one is."""
    for message in (
        Message(text="x" * 2049, overflow=Overflow.REFUSE),
        Message(text="x" * 2048 * 50),
    ):
        with pytest.raises(ContentError) as caught:
            client.prepare(message, ZHANG)
        assert caught.value.problem == Problem.MESSAGE_TOO_LONG
        assert caught.value.details == {"limit": "2048"}


@pytest.mark.parametrize(
    ("users", "departments", "tags", "batches"),
    [
        pytest.param(1000, 100, 100, [(1000, 100, 100)], id="full"),
        pytest.param(1001, 0, 0, [(1000, 0, 0), (1, 0, 0)], id="one_member_more"),
        pytest.param(1, 101, 0, [(1, 100, 0), (0, 1, 0)], id="one_department_more"),
        pytest.param(0, 1, 201, [(0, 1, 100), (0, 0, 100), (0, 0, 1)], id="many_tags"),
    ],
)
async def test_many_targets(
    wecom: WeCom,
    client: WeComClient,
    users: int,
    departments: int,
    tags: int,
    batches: list[tuple[int, int, int]],
) -> None:
    """Many targets take several requests; each target stands in one of them."""
    agent = wecom.agents[AGENT_ID]
    agent.users = {f"user{number}": "" for number in range(users)}
    agent.departments = dict.fromkeys(range(departments), "")
    agent.tags = dict.fromkeys(range(tags), "")
    target = WeComTarget(
        users=tuple(agent.users),
        departments=tuple(agent.departments),
        tags=tuple(agent.tags),
    )
    receipt = await send(client, Message(text="a"), target)
    fields = [
        [
            [each for each in request.json.get(field, "").split("|") if each]
            for field in ("touser", "toparty", "totag")
        ]
        for request in wecom.requests_to(SEND)
    ]
    assert [tuple(map(len, each)) for each in fields] == batches
    assert [user for each in fields for user in each[0]] == [*target.users]
    assert [int(one) for each in fields for one in each[1]] == [*target.departments]
    assert [int(one) for each in fields for one in each[2]] == [*target.tags]
    assert len(receipt.accepted) == users + departments + tags
    assert not receipt.refused


async def test_parts_go_to_all_before_the_next(
    wecom: WeCom, client: WeComClient
) -> None:
    """Each batch of targets gets the parts of a long text in their order."""
    target = WeComTarget(departments=(1, *range(1000, 1100)), tags=(2,))
    wecom.agents[AGENT_ID].departments[1099] = "Attic"
    await send(client, Message(text="x" * 3000), target)
    shown = [(each.recipient, each.text[-5:]) for each in wecom.notifications]
    assert shown == [
        (recipient, mark)
        for mark in ("(1/2)", "(2/2)")
        for recipient in ("toparty:1", "totag:2", "toparty:1099")
    ]


# What comes of it


async def test_receipt(wecom: WeCom, client: WeComClient) -> None:
    """A success hides targets that were refused: the receipt names them as they were."""
    wecom.agents[AGENT_ID].unlicensed = {"lisi"}
    target = WeComTarget(
        users=("ZhangSan", "NoBody", "LiSi"), departments=(1, 99), tags=(1, 98)
    )
    receipt = await send(client, Message(text="a"), target)
    (message_id,) = wecom.messages
    assert receipt.accepted == tuple(
        Accepted(target=each, message_id=message_id)
        for each in ("ZhangSan", "#1", "+1")
    )
    assert receipt.refused == (
        Refused(target="NoBody", reason="invaliduser"),
        Refused(target="#99", reason="invalidparty"),
        Refused(target="+98", reason="invalidtag"),
        Refused(target="LiSi", reason="unlicenseduser"),
    )
    assert [each.recipient for each in wecom.notifications] == [
        "zhangsan",
        "toparty:1",
        "totag:1",
    ]


async def test_unlicensed_among_everyone(wecom: WeCom, client: WeComClient) -> None:
    """A member who was not named can be refused, too."""
    answer = {"errcode": 0, "unlicenseduser": "lisi|wangwu", "msgid": "m"}
    wecom.always(json_answer(answer), SEND)
    receipt = await send(client, Message(text="a"), EVERYONE)
    assert receipt.accepted == (Accepted(target="@all", message_id="m"),)
    assert [each.target for each in receipt.refused] == ["lisi", "wangwu"]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"invaliduser": None, "invalidparty": [], "invalidtag": 5, "msgid": 7},
        {"invaliduser": "", "unlicenseduser": "||"},
    ],
)
async def test_odd_receipts(
    wecom: WeCom, client: WeComClient, answer: dict[str, Any]
) -> None:
    """Lists that are none refuse nobody."""
    wecom.always(json_answer({"errcode": 0, **answer}), SEND)
    receipt = await send(client, Message(text="a"), ZHANG)
    assert receipt.accepted == (Accepted(target="zhangsan"),)
    assert not receipt.refused


async def test_nobody_is_valid(wecom: WeCom, client: WeComClient) -> None:
    """When no target is left, WeCom refuses the message."""
    with pytest.raises(RecipientError) as caught:
        await send(client, Message(text="a"), WeComTarget(users=("nobody",)))
    assert caught.value.problem == WeComProblem.NOT_VISIBLE
    assert caught.value.details["code"] == "81013"
    assert not wecom.notifications


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ((40056, 301002), (ActionNeededError, WeComProblem.AGENT_ID, False)),
        (
            (48001, 48002, 48005, 48009),
            (ActionNeededError, WeComProblem.NOT_AUTHORISED, False),
        ),
        ((50003,), (ActionNeededError, WeComProblem.APP_DISABLED, False)),
        ((60020,), (ActionNeededError, WeComProblem.UNTRUSTED_IP, False)),
        ((50002, 60011, 81013), (RecipientError, WeComProblem.NOT_VISIBLE, False)),
        (
            (40003, 40031, 46004, 60111, 301021),
            (RecipientError, WeComProblem.UNKNOWN_USER, False),
        ),
        (
            (40066, 60003, 60123),
            (RecipientError, WeComProblem.UNKNOWN_DEPARTMENT, False),
        ),
        ((40068, 81011), (RecipientError, WeComProblem.UNKNOWN_TAG, False)),
        ((85002,), (ContentError, WeComProblem.FORBIDDEN_WORDS, False)),
        (
            (40008, 40033, 40058, 44004, 45002, 45008, 45034),
            (ContentError, Problem.SERVICE_REFUSED, False),
        ),
        ((45009, 45033), (LimitError, Problem.TOO_MANY_REQUESTS, False)),
        ((-1,), (TemporaryError, Problem.SERVER_ERROR, False)),
        ((7, 99999), (ContentError, Problem.SERVICE_REFUSED, False)),
    ],
)
async def test_codes(
    wecom: WeCom, client: WeComClient, codes: tuple[int, ...], expected: Facts
) -> None:
    """Codes become kinds of failure; none of them is tried again."""
    for code in codes:
        wecom.always(json_answer({"errcode": code, "errmsg": "no"}), SEND)
        with pytest.raises(ClientError) as caught:
            await send(client, Message(text="a"), ZHANG)
        assert facts(caught.value) == expected
        assert caught.value.details["code"] == str(code)
    assert len(wecom.requests_to(SEND)) == len(codes)


@pytest.mark.parametrize(
    ("text", "shown", "ip"),
    [
        pytest.param(
            "not allow to access from your ip, hint: [1795218036], from ip: "
            "203.0.113.7, more info at https://open.work.weixin.qq.com/devtool/query",
            "not allow to access from your ip",
            "203.0.113.7",
            id="usual",
        ),
        pytest.param(
            "no more info at https://x from ip: 2001:db8::7.",
            "no",
            "2001:db8::7",
            id="v6",
        ),
        pytest.param("api forbidden", "api forbidden", "?", id="nothing_more"),
        pytest.param(None, "", "?", id="no_text"),
        pytest.param(["x"], "", "?", id="no_text_at_all"),
    ],
)
async def test_untrusted_address(
    wecom: WeCom, client: WeComClient, text: Any, shown: str, ip: str
) -> None:
    """The address that WeCom does not trust is told, without what only confuses."""
    wecom.always(json_answer({"errcode": 60020, "errmsg": text}), SEND)
    with pytest.raises(ActionNeededError) as caught:
        await send(client, Message(text="a"), ZHANG)
    assert caught.value.details == {
        "code": "60020",
        "status": "60020",
        "text": shown,
        "ip": ip,
    }


async def test_trusted_address(wecom: WeCom, client: WeComClient) -> None:
    """Once the address is trusted, the same client delivers."""
    wecom.trusted_ips = {"198.51.100.1"}
    with pytest.raises(ActionNeededError) as caught:
        await send(client, Message(text="a"), ZHANG)
    assert caught.value.details["ip"] == "203.0.113.7"
    wecom.trusted_ips.add("203.0.113.7")
    await send(client, Message(text="b"), ZHANG)
    assert [each.text for each in wecom.notifications] == ["b"]


async def test_recall(wecom: WeCom, client: WeComClient) -> None:
    """A message is taken back by the identifier in its receipt."""
    receipt = await send(client, Message(text="a"), ZHANG)
    message_id = receipt.accepted[0].message_id or ""
    await client.recall(message_id)
    request = wecom.requests[-1]
    assert (request.method, request.path) == ("POST", "/cgi-bin/message/recall")
    assert request.json == {"msgid": message_id}
    assert wecom.messages[message_id].recalled
    with pytest.raises(ContentError):
        await client.recall("unknown")


# Questions


async def test_agent(wecom: WeCom, client: WeComClient) -> None:
    """The application tells its name and who can see it; nothing is sent."""
    assert await client.agent() == WeComAgent(
        name="Home alarms",
        users=("zhangsan", "lisi"),
        departments=(1, 2),
        tags=(1, 2),
    )
    request = wecom.requests[-1]
    assert (request.method, request.path) == ("GET", "/cgi-bin/agent/get")
    assert request.query == {"access_token": [*wecom.tokens][0], "agentid": "1000002"}
    assert not wecom.notifications


async def test_agent_is_disabled(wecom: WeCom, client: WeComClient) -> None:
    """A disabled application would take no message."""
    wecom.agents[AGENT_ID].closed = True
    for call in (client.agent(), send(client, Message(text="a"), ZHANG)):
        with pytest.raises(ActionNeededError) as caught:
            await call
        assert caught.value.problem == WeComProblem.APP_DISABLED


async def test_agent_of_another_secret(
    wecom: WeCom, session: aiohttp.ClientSession
) -> None:
    """Number and secret must belong to the same application."""
    client = WeComClient(
        session,
        endpoint(wecom),
        corp_id=CORP_ID,
        agent_id=OTHER_AGENT_ID,
        secret=SECRET,
    )
    for call in (client.agent(), send(client, Message(text="a"), ZHANG)):
        with pytest.raises(ActionNeededError) as caught:
            await call
        assert caught.value.problem == WeComProblem.AGENT_ID


@pytest.mark.parametrize(
    "answer",
    [
        {"name": None, "allow_userinfos": [], "allow_partys": None, "allow_tags": "x"},
        {"allow_userinfos": {"user": "x"}, "allow_partys": {"partyid": {"1": 2}}},
        {
            "name": 5,
            "allow_userinfos": {"user": [None, {}, {"userid": 7}]},
            "allow_partys": {"partyid": ["1", None, True]},
        },
    ],
)
async def test_odd_agent(
    wecom: WeCom, client: WeComClient, answer: dict[str, Any]
) -> None:
    """What is no name and no list is left out."""
    wecom.always(json_answer({"errcode": 0, **answer}), "/cgi-bin/agent/get")
    assert await client.agent() == WeComAgent(
        name="", users=(), departments=(), tags=()
    )


async def test_directory(wecom: WeCom, client: WeComClient) -> None:
    """Members, departments and tags have names."""
    assert await client.member_name("lisi") == "李四"
    assert await client.members(2) == {"lisi": "李四"}
    assert await client.departments() == {"1": "Home", "2": "Garage"}
    assert await client.tags() == {"1": "Adults", "2": "Children"}
    assert [(each.path, {**each.query}) for each in wecom.requests[1:]] == [
        (f"/cgi-bin/{path}", {"access_token": [*wecom.tokens][0], **query})
        for path, query in (
            ("user/get", {"userid": "lisi"}),
            ("user/simplelist", {"department_id": "2"}),
            ("department/list", {}),
            ("tag/list", {}),
        )
    ]


async def test_directory_refuses(client: WeComClient) -> None:
    """Whom the application does not see is not found."""
    with pytest.raises(RecipientError) as caught:
        await client.member_name("nobody")
    assert caught.value.problem == WeComProblem.UNKNOWN_USER
    with pytest.raises(RecipientError) as caught:
        await client.members(99)
    assert caught.value.problem == WeComProblem.UNKNOWN_DEPARTMENT


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({}, {}),
        ({"taglist": None}, {}),
        ({"taglist": [None, 5, {"tagname": "x"}]}, {}),
        (
            {"taglist": [{"tagid": 1}, {"tagid": 2, "tagname": ""}]},
            {"1": "1", "2": "2"},
        ),
    ],
)
async def test_odd_directory(
    wecom: WeCom,
    client: WeComClient,
    answer: dict[str, Any],
    expected: dict[str, str],
) -> None:
    """Entries without a number are left out, those without a name are named by it."""
    wecom.always(json_answer({"errcode": 0, **answer}), "/cgi-bin/tag/list")
    assert await client.tags() == expected


@pytest.mark.parametrize("answer", [{}, {"name": None}, {"name": 5}])
async def test_member_without_a_name(
    wecom: WeCom, client: WeComClient, answer: dict[str, Any]
) -> None:
    """WeCom does not tell the names of members to everyone."""
    wecom.always(json_answer({"errcode": 0, **answer}), "/cgi-bin/user/get")
    assert await client.member_name("zhangsan") == ""
