"""What goes over the wire to WxPusher, and how much of it."""

from typing import Any

import pytest

from custom_components.wechat_push.clients.errors import ContentError, Problem
from custom_components.wechat_push.clients.message import Format, Message, Overflow
from custom_components.wechat_push.clients.wxpusher.client import (
    WxPusherClient,
    WxPusherTarget,
)
from tests.simulators import WxPusher
from tests.simulators.wxpusher_accounts import APP_TOKEN, UID_ZHANG

from ..common import body_of, send
from .common import PATH, PICTURE, ZHANG

# The wire


async def test_wire(wxpusher: WxPusher, client: WxPusherClient) -> None:
    """A message is one POST with JSON in raw UTF-8."""
    message = Message(text='门开了 "front"\\\n🙂', title="Door")
    await send(client, message, WxPusherTarget(uids=(UID_ZHANG,), topic_ids=(8001,)))
    (request,) = wxpusher.requests
    assert (request.method, request.path, request.query) == ("POST", PATH, {})
    assert request.headers["Content-Type"] == "application/json; charset=utf-8"
    assert "Authorization" not in request.headers
    assert request.body.decode() == (
        f'{{"appToken":"{APP_TOKEN}",'
        '"content":"Door\\n门开了 \\"front\\"\\\\\\n🙂","contentType":1,'
        f'"summary":"Door","uids":["{UID_ZHANG}"],"topicIds":[8001]}}'
    )


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(
            Message(text="a <b>\nc"),
            {"contentType": 1, "content": "a <b>\nc"},
            id="text",
        ),
        pytest.param(
            Message(text="a", title="<T>\n 1"),
            {"contentType": 1, "content": "<T> 1\na", "summary": "<T> 1"},
            id="text_with_title",
        ),
        pytest.param(
            Message(text="<b>a</b>", format=Format.HTML),
            {"contentType": 2, "content": "<b>a</b>"},
            id="html",
        ),
        pytest.param(
            Message(text="<b>a</b>", title="1 < 2", format=Format.HTML),
            {
                "contentType": 2,
                "content": "<h3>1 &lt; 2</h3><b>a</b>",
                "summary": "1 < 2",
            },
            id="html_with_title",
        ),
        pytest.param(
            Message(text="**a**", format=Format.MARKDOWN),
            {"contentType": 3, "content": "**a**"},
            id="markdown",
        ),
        pytest.param(
            Message(text="**a**", title="*T* #1", format=Format.MARKDOWN),
            {
                "contentType": 3,
                "content": "### \\*T\\* \\#1\n\n**a**",
                "summary": "*T* #1",
            },
            id="markdown_with_title",
        ),
        pytest.param(
            Message(text="a", title="  \n"),
            {"contentType": 1, "content": "a"},
            id="blank_title",
        ),
        pytest.param(
            Message(text="a", url="https://example.com/?a=1&b=中"),
            {
                "contentType": 1,
                "content": "a",
                "url": "https://example.com/?a=1&b=中",
            },
            id="link",
        ),
        pytest.param(
            Message(
                text="a", title="T", options={"summary": "S\n1", "verify_pay_type": 0}
            ),
            {
                "contentType": 1,
                "content": "T\na",
                "summary": "S 1",
                "verifyPayType": 0,
            },
            id="options",
        ),
        pytest.param(
            Message(text="1 < 2\n3", attachments=(PICTURE,)),
            {
                "contentType": 2,
                "content": (
                    "1 &lt; 2<br/>3<br/>"
                    '<img src="https://example.com/a.jpg?a=1&amp;b=2"'
                    ' alt="Door &lt;1&gt;"/>'
                ),
            },
            id="picture",
        ),
    ],
)
async def test_fields(
    wxpusher: WxPusher,
    client: WxPusherClient,
    message: Message,
    expected: dict[str, Any],
) -> None:
    """Format, title and options are told as WxPusher wants them; nothing is null."""
    await send(client, message, ZHANG)
    assert body_of(wxpusher) == {
        "appToken": APP_TOKEN,
        "uids": [UID_ZHANG],
        **expected,
    }


async def test_long_summary(wxpusher: WxPusher, client: WxPusherClient) -> None:
    """The title stands whole in the text, and cut in the summary."""
    wxpusher.cuts_summary = False
    await send(client, Message(text="a", title="标" * 101), ZHANG)
    (shown,) = wxpusher.notifications
    assert shown.title == "标" * 99 + "…"
    assert shown.text == "标" * 101 + "\na"


@pytest.mark.parametrize("text", ["", " \n\t\u3000"])
async def test_empty(client: WxPusherClient, text: str) -> None:
    """A message that says nothing is not sent, whatever its title."""
    with pytest.raises(ContentError) as caught:
        client.prepare(Message(text=text, title="T"), ZHANG)
    assert caught.value.problem == Problem.MESSAGE_EMPTY


async def test_long_link(client: WxPusherClient) -> None:
    """A link is not cut: it would lead elsewhere."""
    url = "https://example.com/".ljust(1000, "x")
    client.prepare(Message(text="a", url=url), ZHANG)
    with pytest.raises(ContentError) as caught:
        client.prepare(Message(text="a", url=f"{url}x"), ZHANG)
    assert caught.value.problem == Problem.FIELD_TOO_LONG
    assert caught.value.details == {"field": "url", "limit": "1000"}


# Limits


@pytest.mark.parametrize(
    ("text", "format_", "parts"),
    [
        pytest.param("x" * 40_000, Format.TEXT, 1, id="characters"),
        pytest.param("x" * 40_001, Format.TEXT, 2, id="one_character_more"),
        pytest.param("中" * 21_845, Format.TEXT, 1, id="bytes"),
        pytest.param("中" * 21_846, Format.TEXT, 2, id="some_bytes_more"),
        pytest.param("中" * 21_845, Format.HTML, 1, id="html"),
        pytest.param("中" * 21_846, Format.HTML, 2, id="longer_html"),
        # What the server makes of it counts, too: "&" becomes "&amp;".
        pytest.param("&" * 13_107, Format.TEXT, 1, id="page"),
        pytest.param("&" * 13_108, Format.TEXT, 2, id="longer_page"),
        pytest.param("&" * 13_108, Format.MARKDOWN, 2, id="longer_markdown"),
        pytest.param("&" * 13_108, Format.HTML, 1, id="html_stays"),
        pytest.param("a\n" * 8_192, Format.TEXT, 2, id="lines"),
    ],
)
async def test_limits(
    wxpusher: WxPusher, client: WxPusherClient, text: str, format_: Format, parts: int
) -> None:
    """A text is as long as WxPusher takes it by each measure, and not longer."""
    await send(client, Message(text=text, format=format_), ZHANG)
    assert len(wxpusher.notifications) == parts


async def test_split_in_order(wxpusher: WxPusher, client: WxPusherClient) -> None:
    """A long text arrives in marked parts, in their order."""
    lines = [f"{number:05} {'门' * 90}\n" for number in range(1000)]
    await send(client, Message(text="".join(lines), title="Log"), ZHANG)
    shown = [each.text for each in wxpusher.notifications]
    marks = [f"\n({number}/{len(shown)})" for number in range(1, len(shown) + 1)]
    assert [each[each.rindex("\n") :] for each in shown] == marks
    said = "\n".join(
        each.removesuffix(mark) for each, mark in zip(shown, marks, strict=True)
    )
    assert said == "Log\n" + "".join(lines).strip("\n")
    assert {each.title for each in wxpusher.notifications} == {"Log"}


async def test_truncated(wxpusher: WxPusher, client: WxPusherClient) -> None:
    """A long text can be cut instead."""
    message = Message(text="中" * 30_000, overflow=Overflow.TRUNCATE)
    await send(client, message, ZHANG)
    (shown,) = wxpusher.notifications
    assert shown.text == "中" * 21_844 + "…"


@pytest.mark.parametrize(
    ("text", "problem", "limit"),
    [
        pytest.param("x" * 40_001, Problem.MESSAGE_TOO_LONG, "40000", id="characters"),
        pytest.param("中" * 30_000, Problem.MESSAGE_TOO_LARGE, "65535", id="bytes"),
    ],
)
async def test_refused_for_its_length(
    client: WxPusherClient, text: str, problem: Problem, limit: str
) -> None:
    """A long text can be refused instead; the limit that counts is named."""
    message = Message(text=text, overflow=Overflow.REFUSE)
    with pytest.raises(ContentError) as caught:
        client.prepare(message, ZHANG)
    assert caught.value.problem == problem
    assert caught.value.details == {"limit": limit}


@pytest.mark.parametrize(
    ("uids", "topics", "batches"),
    [
        pytest.param(2000, 5, [(2000, 5)], id="full"),
        pytest.param(2001, 5, [(2000, 5), (1, 0)], id="one_user_more"),
        pytest.param(2000, 6, [(2000, 5), (0, 1)], id="one_topic_more"),
        pytest.param(0, 11, [(0, 5), (0, 5), (0, 1)], id="topics"),
        pytest.param(4001, 0, [(2000, 0), (2000, 0), (1, 0)], id="users"),
    ],
)
async def test_many_targets(
    wxpusher: WxPusher,
    client: WxPusherClient,
    uids: int,
    topics: int,
    batches: list[tuple[int, int]],
) -> None:
    """Many targets take several requests; each target stands in one of them."""
    target = WxPusherTarget(
        uids=tuple(f"UID_{number}" for number in range(uids)),
        topic_ids=tuple(range(1, topics + 1)),
    )
    receipt = await send(client, Message(text="a"), target)
    bodies = [request.json for request in wxpusher.requests]
    assert [
        (len(body.get("uids", ())), len(body.get("topicIds", ()))) for body in bodies
    ] == batches
    assert [uid for body in bodies for uid in body.get("uids", ())] == [*target.uids]
    assert [topic for body in bodies for topic in body.get("topicIds", ())] == [
        *target.topic_ids
    ]
    # Nobody knows them.
    assert len(receipt.refused) == uids + topics
    assert not receipt.accepted


async def test_parts_go_to_all_before_the_next(
    wxpusher: WxPusher, client: WxPusherClient
) -> None:
    """Each target gets the parts of a long text in their order."""
    target = WxPusherTarget(topic_ids=(8001, 8002, 3, 4, 5, 6))
    await send(client, Message(text="x" * 50_000), target)
    shown = [(each.recipient, each.text[-5:]) for each in wxpusher.notifications]
    assert shown == [
        ("8001", "(1/2)"),
        ("8002", "(1/2)"),
        ("8001", "(2/2)"),
        ("8002", "(2/2)"),
    ]
