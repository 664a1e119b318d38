"""What goes over the wire to PushPlus, and how much of it."""

from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from custom_components.wechat_push.clients.errors import ContentError, Problem
from custom_components.wechat_push.clients.message import (
    AttachmentKind,
    Format,
    Message,
    Overflow,
)
from custom_components.wechat_push.clients.pushplus.client import (
    PushPlusClient,
    PushPlusTarget,
)
from custom_components.wechat_push.clients.receipt import Accepted
from tests.simulators import PushPlus
from tests.simulators.pushplus_accounts import (
    CP,
    FRIEND_TOKEN,
    MESSAGE_TOKEN,
    TOKEN,
    TOPIC,
    WEBHOOK,
)

from ..common import body_of, endpoint, send
from .common import FAMILY, MYSELF, PICTURE

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
            {"title": "a", "template": "txt", "content": "\n \u2028 a\nb"},
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
        Accepted(target=each, message_id=short_code, record_id=short_code)
        for each in accepted
    )


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
    lines = [f"{number:05} {'门' * 20}\n" for number in range(3500)]
    await send(client, Message(text="".join(lines)), MYSELF)
    shown = [each.text for each in pushplus.notifications]
    assert [each[-6:] for each in shown] == [
        f"\n({number}/5)" for number in range(1, 6)
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
