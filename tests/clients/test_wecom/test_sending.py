"""What goes over the wire to WeCom, and how much of it."""

import pytest

from custom_components.wechat_push.clients.errors import ContentError, Problem
from custom_components.wechat_push.clients.message import Format, Message, Overflow
from custom_components.wechat_push.clients.wecom.client import WeComClient, WeComTarget
from tests.simulators import WeCom
from tests.simulators.wecom_accounts import AGENT_ID, CORP_ID, SECRET

from ..common import body_of, send
from .common import SEND, ZHANG

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
            "a\n\n[https://example.com/\\(b%20c\\)](https://example.com/%28b%20c%29)",
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
    for message, limit in (
        (Message(text="x" * 2049, overflow=Overflow.REFUSE), "2048"),
        # In fifty parts, each with its number.
        (Message(text="x" * 100_000, title="中" * 1000), "102000"),
    ):
        with pytest.raises(ContentError) as caught:
            client.prepare(message, ZHANG)
        assert caught.value.problem == Problem.MESSAGE_TOO_LARGE
        assert caught.value.details == {"limit": limit}


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
