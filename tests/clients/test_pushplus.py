"""PushPlus: what goes over the wire, and what comes of it."""

from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from custom_components.wechat_push.clients.errors import (
    ActionNeededError,
    ClientError,
    ContentError,
    CredentialsError,
    LimitError,
    Problem,
    RecipientError,
    TemporaryError,
)
from custom_components.wechat_push.clients.message import (
    Accepted,
    Attachment,
    AttachmentKind,
    Format,
    Message,
    Overflow,
    Refused,
)
from custom_components.wechat_push.clients.pushplus import (
    PushPlusClient,
    PushPlusTarget,
)
from custom_components.wechat_push.clients.pushplus_codes import PushPlusProblem
from tests.simulators import PushPlus
from tests.simulators.answers import json_answer
from tests.simulators.pushplus_accounts import (
    CP,
    FRIEND_TOKEN,
    MESSAGE_TOKEN,
    TOKEN,
    TOPIC,
    WEBHOOK,
)

from .common import Facts, body_of, endpoint, facts, pushplus_client, send

MYSELF = PushPlusTarget()
FAMILY = PushPlusTarget(topic=TOPIC)
PICTURE = Attachment(
    kind=AttachmentKind.IMAGE,
    name="Door",
    content_type="image/jpeg",
    url="https://example.com/a.jpg",
)


@pytest.fixture
def client(pushplus: PushPlus, session: aiohttp.ClientSession) -> PushPlusClient:
    """Return a client for the simulated account."""
    return pushplus_client(session, endpoint(pushplus))


# The wire


async def test_wire(pushplus: PushPlus, client: PushPlusClient) -> None:
    """A message is one POST with JSON in raw UTF-8; nothing stands in the address."""
    await send(client, Message(text='门开了 "front"\\\n🙂', title="Door"), FAMILY)
    (request,) = pushplus.requests
    assert (request.method, request.path, request.query) == ("POST", "/send", {})
    assert request.headers["Content-Type"] == "application/json; charset=utf-8"
    assert request.body.decode() == (
        f'{{"token":"{TOKEN}","title":"Door","template":"txt","topic":"{TOPIC}",'
        '"content":"门开了 \\"front\\"\\\\\\n🙂"}'
    )


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(
            Message(text="a <b>\nc"),
            {"title": "a <b>", "template": "txt", "content": "a <b>\nc"},
            id="text",
        ),
        pytest.param(
            Message(text="\n \u2028 a\rb", title="\n "),
            {"title": "a b", "template": "txt", "content": "\n \u2028 a\rb"},
            id="blank_title",
        ),
        pytest.param(
            Message(text="a", title="<T>\n 1"),
            {"title": "<T> 1", "template": "txt", "content": "a"},
            id="title",
        ),
        pytest.param(
            Message(text="<b>1 &lt; 2</b><br/>c", format=Format.HTML),
            {
                "title": "1 < 2",
                "template": "html",
                "content": "<b>1 &lt; 2</b><br/>c",
            },
            id="html",
        ),
        pytest.param(
            Message(text="# **a**\n\nb", format=Format.MARKDOWN),
            {"title": "a", "template": "markdown", "content": "# **a**\n\nb"},
            id="markdown",
        ),
        pytest.param(
            Message(text="1 < 2\n3", title="T", attachments=(PICTURE,)),
            {
                "title": "T",
                "template": "html",
                "content": (
                    '1 &lt; 2<br/>3<br/><img src="https://example.com/a.jpg"'
                    ' alt="Door"/>'
                ),
            },
            id="picture",
        ),
        pytest.param(
            Message(text="a", title="T", url="https://example.com", url_label="More"),
            {
                "title": "T",
                "template": "txt",
                "content": "a\nMore: https://example.com",
            },
            id="link",
        ),
        pytest.param(
            Message(
                text="<b>a</b>",
                title="T",
                format=Format.HTML,
                url="https://example.com/?a&b",
                url_label="<More>",
                attachments=(replace(PICTURE, kind=AttachmentKind.FILE),),
            ),
            {
                "title": "T",
                "template": "html",
                "content": (
                    '<b>a</b><br/><a href="https://example.com/a.jpg">Door</a><br/>'
                    '<a href="https://example.com/?a&amp;b">&lt;More&gt;</a>'
                ),
            },
            id="html_links",
        ),
        pytest.param(
            Message(
                text="a",
                title="T",
                expires_at=1632993318.0004,
                options={
                    "pre": "shorten",
                    "push_id": "form1",
                    "callback_url": "https://example.com/back",
                },
            ),
            {
                "title": "T",
                "template": "txt",
                "content": "a",
                "pre": "shorten",
                "pushId": "form1",
                "callbackUrl": "https://example.com/back",
                "timestamp": 1632993318000,
            },
            id="options",
        ),
    ],
)
async def test_fields(
    pushplus: PushPlus,
    client: PushPlusClient,
    message: Message,
    expected: dict[str, Any],
) -> None:
    """Format, title and options are told as PushPlus wants them; nothing is null."""
    pushplus.account.member = True
    await send(client, message, MYSELF)
    assert body_of(pushplus) == {"token": TOKEN, **expected}


@pytest.mark.parametrize(
    ("target", "expected", "receivers", "accepted"),
    [
        pytest.param(MYSELF, {}, ["self"], ["self"], id="myself"),
        pytest.param(FAMILY, {"topic": TOPIC}, [TOPIC], [TOPIC], id="group"),
        pytest.param(
            PushPlusTarget(friends=(FRIEND_TOKEN,), channel="wechat"),
            {"to": FRIEND_TOKEN, "channel": "wechat"},
            [FRIEND_TOKEN],
            ["f00d…"],
            id="friend",
        ),
        pytest.param(
            PushPlusTarget(channel="webhook", option=WEBHOOK),
            {"channel": "webhook", "option": WEBHOOK},
            [WEBHOOK],
            ["self"],
            id="webhook",
        ),
        pytest.param(
            PushPlusTarget(channel="cp", option=CP, friends=("zhangsan", "lisi")),
            {"channel": "cp", "option": CP, "to": "zhangsan,lisi"},
            ["zhangsan", "lisi"],
            ["zhan…", "lisi…"],
            id="wecom",
        ),
    ],
)
async def test_targets(
    pushplus: PushPlus,
    client: PushPlusClient,
    target: PushPlusTarget,
    expected: dict[str, Any],
    receivers: list[str],
    accepted: list[str],
) -> None:
    """Who gets it and by which channel is told, and only what was set."""
    receipt = await send(client, Message(text="a"), target)
    assert body_of(pushplus) == {
        "token": TOKEN,
        "title": "a",
        "template": "txt",
        "content": "a",
        **expected,
    }
    assert [each.recipient for each in pushplus.notifications] == receivers
    (short_code,) = pushplus.messages
    assert receipt.accepted == tuple(
        Accepted(target=each, message_id=short_code) for each in accepted
    )


@pytest.mark.parametrize(
    ("template", "message", "content"),
    [
        pytest.param(
            "json", Message(text='{"a": 1}', format=Format.HTML), '{"a": 1}', id="json"
        ),
        pytest.param(
            "html",
            Message(text="<b>\n", url="https://b.c"),
            '<b>\n<br/><a href="https://b.c">https://b.c</a>',
            id="html",
        ),
        pytest.param(
            "txt",
            Message(text="**a**", format=Format.MARKDOWN, url="https://b.c"),
            "**a**\nhttps://b.c",
            id="text",
        ),
        pytest.param(
            "markdown",
            Message(text="**a**", url="https://b.c"),
            "**a**\n\n[https://b.c](https://b.c)",
            id="markdown",
        ),
        pytest.param(
            "form", Message(text="a", options={"push_id": "f"}), "a", id="form"
        ),
    ],
)
async def test_templates(
    pushplus: PushPlus,
    client: PushPlusClient,
    template: str,
    message: Message,
    content: str,
) -> None:
    """A template gets the text as it is, and a link where it shows one."""
    await send(client, message, PushPlusTarget(template=template))
    assert body_of(pushplus)["template"] == template
    assert body_of(pushplus)["content"] == content


@pytest.mark.parametrize(
    ("template", "message", "problem", "details"),
    [
        pytest.param(
            "json",
            Message(text="{}", url="https://b.c"),
            Problem.OPTION_NOT_SUPPORTED,
            {"option": "url (json)", "instead": "html, markdown, txt"},
            id="link_in_json",
        ),
        pytest.param(
            "json",
            Message(text="{}", attachments=(PICTURE,)),
            Problem.OPTION_NOT_SUPPORTED,
            {"option": "image, file (json)", "instead": "html, markdown, txt"},
            id="picture_in_json",
        ),
        pytest.param(
            "form",
            Message(text="a"),
            Problem.OPTION_MISSING,
            {"option": "push_id"},
            id="form_without_a_form",
        ),
        pytest.param(
            "json",
            Message(text="x" * 20_001),
            Problem.MESSAGE_TOO_LONG,
            {"limit": "20000"},
            id="json_is_not_split",
        ),
    ],
)
async def test_templates_that_do_not_fit(
    client: PushPlusClient,
    template: str,
    message: Message,
    problem: Problem,
    details: dict[str, str],
) -> None:
    """What a template cannot show is refused before anything is sent."""
    with pytest.raises(ContentError) as caught:
        client.prepare(message, PushPlusTarget(template=template))
    assert (caught.value.problem, caught.value.details) == (problem, details)


@pytest.mark.parametrize("text", ["", " \n\t\u3000"])
@pytest.mark.parametrize("template", [None, "json"])
async def test_empty(client: PushPlusClient, text: str, template: str | None) -> None:
    """A message that says nothing is not sent, whatever its title."""
    with pytest.raises(ContentError) as caught:
        client.prepare(Message(text=text, title="T"), PushPlusTarget(template=template))
    assert caught.value.problem == Problem.MESSAGE_EMPTY


async def test_message_token(
    pushplus: PushPlus, session: aiohttp.ClientSession
) -> None:
    """A message token sends as the user token does."""
    client = PushPlusClient(session, endpoint(pushplus), token=MESSAGE_TOKEN)
    await send(client, Message(text="a"), MYSELF)
    assert [each.text for each in pushplus.notifications] == ["a"]


# Limits


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("x" * 20_000, 1, id="letters"),
        pytest.param("中" * 20_000, 1, id="chinese"),
        pytest.param("🙂" * 20_000, 1, id="emoji"),
        pytest.param("中" * 20_001, 2, id="one_more"),
    ],
)
async def test_limits(
    pushplus: PushPlus, client: PushPlusClient, text: str, parts: int
) -> None:
    """PushPlus counts characters, and a text is as long as it takes it."""
    await send(client, Message(text=text, title="T"), MYSELF)
    assert len(pushplus.notifications) == parts


async def test_split_in_order(pushplus: PushPlus, client: PushPlusClient) -> None:
    """A long text arrives in marked parts, in their order, each with the title."""
    lines = [f"{number:05} {'门' * 20}\n" for number in range(5000)]
    await send(client, Message(text="".join(lines)), MYSELF)
    shown = [each.text for each in pushplus.notifications]
    assert [each[-6:] for each in shown] == [
        f"\n({number}/7)" for number in range(1, 8)
    ]
    assert "".join(f"{each[:-6]}\n" for each in shown) == "".join(lines)
    assert {each.title for each in pushplus.notifications} == {lines[0].strip()}


async def test_truncated(pushplus: PushPlus, client: PushPlusClient) -> None:
    """A long text can be cut instead."""
    message = Message(text="中" * 20_001, overflow=Overflow.TRUNCATE)
    await send(client, message, MYSELF)
    (shown,) = pushplus.notifications
    assert shown.text == "中" * 19_999 + "…"


async def test_refused_for_its_length(client: PushPlusClient) -> None:
    """A long text can be refused instead."""
    message = Message(text="x" * 20_001, overflow=Overflow.REFUSE)
    with pytest.raises(ContentError) as caught:
        client.prepare(message, MYSELF)
    assert caught.value.problem == Problem.MESSAGE_TOO_LONG
    assert caught.value.details == {"limit": "20000"}


@pytest.mark.parametrize(
    ("title", "text", "shown"),
    [
        pytest.param("题" * 100, "a", "题" * 100, id="just_fits"),
        pytest.param("题" * 101, "a", "题" * 99 + "…", id="too_long"),
        pytest.param(None, "首" * 101, "首" * 99 + "…", id="first_line"),
    ],
)
async def test_long_title(
    pushplus: PushPlus,
    client: PushPlusClient,
    title: str | None,
    text: str,
    shown: str,
) -> None:
    """A title is not cut in silence, as the service would."""
    await send(client, Message(text=text, title=title), MYSELF)
    assert pushplus.notifications[-1].title == shown


@pytest.mark.parametrize(
    ("count", "batches"), [(10, [10]), (11, [10, 1]), (25, [10, 10, 5])]
)
async def test_many_friends(
    pushplus: PushPlus, client: PushPlusClient, count: int, batches: list[int]
) -> None:
    """More friends than ten take several requests, for the rest is dropped silently."""
    friends = tuple(f"{number:032}" for number in range(count))
    pushplus.account.friends = dict.fromkeys(friends, "Friend")
    target = PushPlusTarget(friends=friends)
    receipt = await send(client, Message(text="a"), target)
    assert [len(each.json["to"].split(",")) for each in pushplus.requests] == batches
    assert [each.recipient for each in pushplus.notifications] == [*friends]
    assert len(receipt.accepted) == count


async def test_parts_go_to_all_before_the_next(
    pushplus: PushPlus, client: PushPlusClient
) -> None:
    """Each friend gets the parts of a long text in their order."""
    friends = tuple(f"{number:032}" for number in range(11))
    pushplus.account.friends = dict.fromkeys(friends, "Friend")
    target = PushPlusTarget(friends=friends)
    await send(client, Message(text="x" * 30_000), target)
    shown = [(each.recipient, each.text[-5:]) for each in pushplus.notifications]
    assert shown == [
        (friend, mark) for mark in ("(1/2)", "(2/2)") for friend in friends
    ]


# Several channels at once


async def test_several_channels(pushplus: PushPlus, client: PushPlusClient) -> None:
    """Several channels take one request, and each has a result of its own."""
    target = PushPlusTarget(
        channel="wechat,webhook,cp,carrier-pigeon", option=f",{WEBHOOK},none,"
    )
    receipt = await send(client, Message(text="a"), target)
    (request,) = pushplus.requests
    assert (request.method, request.path) == ("POST", "/batchSend")
    assert [each.target for each in receipt.accepted] == ["wechat", "webhook"]
    assert [each.message_id for each in receipt.accepted] == [*pushplus.messages]
    assert receipt.refused == (
        Refused(target="cp", reason="企业微信应用编码不存在"),
        Refused(target="carrier-pigeon", reason="发送渠道不存在"),
    )


@pytest.mark.parametrize(
    ("data", "accepted", "refused"),
    [
        pytest.param(None, [("self", None)], [], id="none"),
        pytest.param("code", [("self", "code")], [], id="text"),
        pytest.param([5, None], [], [], id="nonsense"),
        pytest.param(
            [{"channel": "wechat", "code": 200, "shortCode": 7}],
            [("wechat", None)],
            [],
            id="no_short_code",
        ),
        pytest.param(
            [{"channel": "app", "code": 999, "message": None}],
            [],
            [("app", "999")],
            id="no_reason",
        ),
        pytest.param(
            [{"channel": "app", "code": TOKEN, "message": f" {TOKEN} "}],
            [],
            [("app", "**REDACTED**")],
            id="secret",
        ),
        pytest.param(
            [{"channel": "app", "code": TOKEN}],
            [],
            [("app", "**REDACTED**")],
            id="secret_code",
        ),
    ],
)
async def test_odd_results_of_channels(
    pushplus: PushPlus,
    client: PushPlusClient,
    data: Any,
    accepted: list[tuple[str, str | None]],
    refused: list[tuple[str, str]],
) -> None:
    """Results that are none are left out."""
    pushplus.always(json_answer({"code": 200, "data": data}))
    target = PushPlusTarget(channel="wechat,app")
    receipt = await send(client, Message(text="a"), target)
    assert [(each.target, each.message_id) for each in receipt.accepted] == accepted
    assert [(each.target, each.reason) for each in receipt.refused] == refused


# What comes of it


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        (500, "系统异常", (TemporaryError, Problem.SERVER_ERROR, True)),
        (600, "数据异常", (ContentError, PushPlusProblem.WRONG_DATA, False)),
        (805, "无权查看", (ContentError, Problem.SERVICE_REFUSED, False)),
        (888, "积分不足", (ActionNeededError, PushPlusProblem.POINTS, False)),
        (900, "请求次数过多", (LimitError, PushPlusProblem.RESTRICTED, False)),
        (903, "无效的用户token", (CredentialsError, PushPlusProblem.TOKEN, False)),
        (905, "未进行实名认证", (ActionNeededError, PushPlusProblem.REAL_NAME, False)),
        (999, "服务端验证错误", (ContentError, Problem.SERVICE_REFUSED, False)),
        (999, "无效的用户token", (CredentialsError, PushPlusProblem.TOKEN, False)),
        (999, "推送频率过快", (LimitError, Problem.TOO_MANY_REQUESTS, False)),
        (
            999,
            "请勿频繁推送相同内容",
            (LimitError, PushPlusProblem.DUPLICATE, False),
        ),
        (999, "无用户接收消息", (RecipientError, PushPlusProblem.NOBODY, False)),
        # A code that says enough is not judged by its text.
        (905, "推送频率过快", (ActionNeededError, PushPlusProblem.REAL_NAME, False)),
        (12345, "什么", (ContentError, Problem.SERVICE_REFUSED, False)),
    ],
)
@pytest.mark.parametrize("field", ["msg", "data"])
async def test_codes(
    pushplus: PushPlus,
    client: PushPlusClient,
    code: int,
    text: str,
    expected: Facts,
    field: str,
) -> None:
    """Codes, and texts where codes do not tell, become kinds of failure."""
    answer = {"code": code, "msg": None, "data": None, field: text}
    pushplus.always(json_answer(answer))
    with pytest.raises(ClientError) as caught:
        await send(client, Message(text="a"), MYSELF)
    assert facts(caught.value) == expected
    assert caught.value.details["text"] == text
    assert len(pushplus.requests) == 1


async def test_reason_beside_the_message(
    pushplus: PushPlus, client: PushPlusClient
) -> None:
    """The message says nothing, the reason stands beside it: both are shown."""
    with pytest.raises(ContentError) as caught:
        await send(client, Message(text="a"), PushPlusTarget(channel="pigeon"))
    assert caught.value.details == {
        "code": "999",
        "text": "服务端验证错误 发送渠道不存在",
    }
    assert not pushplus.notifications


async def test_success_with_another_status(
    pushplus: PushPlus, client: PushPlusClient
) -> None:
    """A success that HTTP denies is none."""
    pushplus.always(json_answer({"code": 200, "data": "x"}, status=403))
    with pytest.raises(ContentError) as caught:
        await send(client, Message(text="a"), MYSELF)
    assert caught.value.problem == Problem.SERVICE_REFUSED


async def test_account_says_no(pushplus: PushPlus, client: PushPlusClient) -> None:
    """What is wrong with an account is told apart."""
    account = pushplus.account
    found = []
    for change in (
        {"restricted": True},
        {"restricted": False, "verified": False},
        {"verified": True, "points": 0},
    ):
        for name, value in change.items():
            setattr(account, name, value)
        with pytest.raises(ClientError) as caught:
            await send(client, Message(text="a"), PushPlusTarget(channel="sms"))
        found.append(caught.value.problem)
    assert found == [
        PushPlusProblem.RESTRICTED,
        PushPlusProblem.REAL_NAME,
        PushPlusProblem.POINTS,
    ]


async def test_wrong_token(pushplus: PushPlus, session: aiohttp.ClientSession) -> None:
    """A token that is not known is told from all other failures."""
    client = PushPlusClient(session, endpoint(pushplus), token="0" * 32)
    with pytest.raises(CredentialsError) as caught:
        await send(client, Message(text="a"), MYSELF)
    assert caught.value.problem == PushPlusProblem.TOKEN


async def test_same_content_too_often(
    pushplus: PushPlus, client: PushPlusClient
) -> None:
    """The same content is taken three times an hour."""
    pushplus.duplicates_refused = True
    for _ in range(3):
        await send(client, Message(text="a"), MYSELF)
    with pytest.raises(LimitError) as caught:
        await send(client, Message(text="a"), MYSELF)
    assert caught.value.problem == PushPlusProblem.DUPLICATE
    await send(client, Message(text="b"), MYSELF)


async def test_too_fast(pushplus: PushPlus, client: PushPlusClient) -> None:
    """Five requests a minute are taken."""
    pushplus.rate_limited = True
    for number in range(5):
        await send(client, Message(text=str(number)), MYSELF)
    with pytest.raises(LimitError) as caught:
        await send(client, Message(text="6"), MYSELF)
    assert caught.value.problem == Problem.TOO_MANY_REQUESTS


async def test_no_recall(pushplus: PushPlus, client: PushPlusClient) -> None:
    """Without the open interface a message cannot be taken back."""
    with pytest.raises(ContentError) as caught:
        await client.recall("1")
    assert caught.value.problem == Problem.NO_RECALL
    assert not pushplus.requests
