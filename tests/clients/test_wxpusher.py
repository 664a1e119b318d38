"""WxPusher: what goes over the wire, and what comes of it."""

from itertools import pairwise
import json
from typing import Any

import aiohttp
import pytest

from custom_components.wechat_push.clients.errors import (
    ClientError,
    ContentError,
    CredentialsError,
    LimitError,
    Problem,
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
from custom_components.wechat_push.clients.wxpusher import (
    Follower,
    WxPusherClient,
    WxPusherProblem,
    WxPusherTarget,
)
from tests.simulators import Answer, WxPusher
from tests.simulators.answers import json_answer
from tests.simulators.wxpusher_accounts import (
    APP_TOKEN,
    UID_LI,
    UID_WANG,
    UID_ZHANG,
    Follower as SimulatedFollower,
)

from .common import Facts, body_of, endpoint, facts, send, wxpusher_client

PATH = "/api/send/message"
ZHANG = WxPusherTarget(uids=(UID_ZHANG,))
UNKNOWN = "UID_Unknown00000000000000000000000"
PICTURE = Attachment(
    kind=AttachmentKind.IMAGE,
    name="Door <1>",
    content_type="image/jpeg",
    url="https://example.com/a.jpg?a=1&b=2",
)


@pytest.fixture
def client(wxpusher: WxPusher, session: aiohttp.ClientSession) -> WxPusherClient:
    """Return a client for the simulated application."""
    return wxpusher_client(session, endpoint(wxpusher))


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
    lines = [f"{number:05} {'门' * 20}\n" for number in range(5000)]
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
    ("text", "limit"), [("x" * 40_001, "40000"), ("中" * 30_000, "65535")]
)
async def test_refused_for_its_length(
    client: WxPusherClient, text: str, limit: str
) -> None:
    """A long text can be refused instead; the limit that counts is named."""
    message = Message(text=text, overflow=Overflow.REFUSE)
    with pytest.raises(ContentError) as caught:
        client.prepare(message, ZHANG)
    assert caught.value.problem == Problem.MESSAGE_TOO_LONG
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


# What comes of it


async def test_receipt(wxpusher: WxPusher, client: WxPusherClient) -> None:
    """A success as a whole hides targets that were refused: the receipt names them."""
    target = WxPusherTarget(
        uids=(UID_ZHANG, UNKNOWN, UID_WANG, UID_LI), topic_ids=(8001, 9999)
    )
    receipt = await send(client, Message(text="a"), target)
    assert receipt.accepted == tuple(
        Accepted(target=each, message_id="900001")
        for each in (UID_ZHANG, UID_LI, "8001")
    )
    assert receipt.refused == (
        Refused(target=UNKNOWN, reason=f"用户UID=[{UNKNOWN}]不存在"),
        Refused(target=UID_WANG, reason=f"用户UID=[{UID_WANG}]未订阅应用"),
        Refused(target="9999", reason="主题[9999]不存在"),
    )
    assert [each.recipient for each in wxpusher.notifications] == [
        UID_ZHANG,
        UID_LI,
        "8001",
    ]


async def test_receipt_of_parts(client: WxPusherClient) -> None:
    """A target that every part was refused for is named once."""
    target = WxPusherTarget(uids=(UID_ZHANG, UNKNOWN))
    receipt = await send(client, Message(text="x" * 50_000), target)
    assert [each.message_id for each in receipt.accepted] == ["900001", "900002"]
    assert [each.target for each in receipt.refused] == [UNKNOWN]


@pytest.mark.parametrize(
    ("data", "accepted", "refused"),
    [
        pytest.param(None, [UID_ZHANG], [], id="none"),
        pytest.param([], [UID_ZHANG], [], id="empty"),
        pytest.param([{"code": 1001}], [UID_ZHANG], [("?", "1001")], id="nobody"),
        pytest.param(
            [{"uid": UID_ZHANG, "code": 1000}], [UID_ZHANG], [], id="no_message_id"
        ),
        pytest.param(
            [{"uid": UID_ZHANG, "code": "", "status": " "}],
            [],
            [(UID_ZHANG, "?")],
            id="no_reason",
        ),
    ],
)
async def test_odd_receipts(
    wxpusher: WxPusher,
    client: WxPusherClient,
    data: Any,
    accepted: list[str],
    refused: list[tuple[str, str]],
) -> None:
    """A target that the answer leaves out went with the success as a whole."""
    wxpusher.always(json_answer({"code": 1000, "msg": "处理成功", "data": data}))
    receipt = await send(client, Message(text="a"), ZHANG)
    assert [(each.target, each.message_id) for each in receipt.accepted] == [
        (target, None) for target in accepted
    ]
    assert [(each.target, each.reason) for each in receipt.refused] == refused


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        (1001, "appToken不正确", (CredentialsError, WxPusherProblem.APP_TOKEN, False)),
        (1002, "未登录", (CredentialsError, WxPusherProblem.APP_TOKEN, False)),
        (
            1001,
            "请求过于频繁，请稍后再试",
            (LimitError, Problem.TOO_MANY_REQUESTS, False),
        ),
        (1001, "发送内容过长", (ContentError, Problem.SERVICE_REFUSED, False)),
        (1001, "不支持视频", (ContentError, Problem.SERVICE_REFUSED, False)),
        (1001, None, (ContentError, Problem.SERVICE_REFUSED, False)),
        (1003, "签名错误", (ContentError, Problem.SERVICE_REFUSED, False)),
        (1004, "接口不存在", (TemporaryError, Problem.NOT_THIS_SERVICE, False)),
        (1005, "出现异常", (TemporaryError, Problem.SERVER_ERROR, True)),
        # The text of an exception holds what was sent.
        (1005, '["appToken"] 频繁', (TemporaryError, Problem.SERVER_ERROR, True)),
        (1006, "微信错误", (TemporaryError, Problem.SERVER_ERROR, True)),
        (-7, "什么", (ContentError, Problem.SERVICE_REFUSED, False)),
    ],
)
async def test_codes(
    wxpusher: WxPusher,
    client: WxPusherClient,
    code: int,
    text: str | None,
    expected: Facts,
) -> None:
    """Codes, and texts where codes do not tell, become kinds of failure."""
    wxpusher.always(json_answer({"code": code, "msg": text, "data": None}))
    with pytest.raises(ClientError) as caught:
        await send(client, Message(text="a"), ZHANG)
    assert facts(caught.value) == expected
    assert len(wxpusher.requests) == 1


async def test_wrong_token(wxpusher: WxPusher, session: aiohttp.ClientSession) -> None:
    """A token that was reset is told from all other failures."""
    client = WxPusherClient(session, endpoint(wxpusher), app_token="AT_Old")
    for call in (
        send(client, Message(text="a"), ZHANG),
        client.followers(),
        client.recall("900001"),
    ):
        with pytest.raises(CredentialsError) as caught:
            await call
        assert caught.value.problem == WxPusherProblem.APP_TOKEN
        assert caught.value.details["text"] == "appToken不正确"


async def test_too_fast(wxpusher: WxPusher, client: WxPusherClient) -> None:
    """Messages that come too fast are refused as that."""
    wxpusher.rate_limit = 1
    await send(client, Message(text="a"), ZHANG)
    with pytest.raises(LimitError):
        await send(client, Message(text="b"), ZHANG)


# Followers and recall


async def test_followers(wxpusher: WxPusher, client: WxPusherClient) -> None:
    """The application's followers are listed, and its name is told."""
    wxpusher.apps[APP_TOKEN].followers[UID_LI].reject = True
    found = await client.followers()
    assert found.application == "Home alarms"
    assert found.followers == (
        Follower(uid=UID_ZHANG, nickname="Zhang San", blocked=False),
        Follower(uid=UID_LI, nickname="", blocked=True),
    )
    (request,) = wxpusher.requests
    assert (request.method, request.path) == ("GET", "/api/fun/wxuser/v2")
    assert request.query == {
        "appToken": APP_TOKEN,
        "page": "1",
        "pageSize": "100",
        "type": "0",
    }
    assert not wxpusher.notifications


@pytest.mark.parametrize(
    ("uid", "expected"), [(UID_ZHANG, [UID_ZHANG]), (UID_WANG, [])]
)
async def test_follower(client: WxPusherClient, uid: str, expected: list[str]) -> None:
    """One user can be looked for."""
    found = await client.followers(uid=uid)
    assert [each.uid for each in found.followers] == expected


async def test_page_of_followers(wxpusher: WxPusher, client: WxPusherClient) -> None:
    """No more followers are listed than asked for."""
    followers = wxpusher.apps[APP_TOKEN].followers
    for number in range(3, 200):
        followers[f"UID_{number}"] = SimulatedFollower(
            record_id=number, uid=f"UID_{number}"
        )
    assert len((await client.followers()).followers) == 100
    assert len((await client.followers(page_size=1)).followers) == 1


async def test_no_followers(wxpusher: WxPusher, client: WxPusherClient) -> None:
    """Without a follower the application's name is not told."""
    wxpusher.apps[APP_TOKEN].followers.clear()
    found = await client.followers()
    assert (found.application, found.followers) == (None, ())


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        pytest.param([None, 5, {}, {"uid": 7}, {"uid": ""}], [], id="nonsense"),
        pytest.param([{"uid": "U", "nickName": None, "reject": "no"}], ["U"], id="odd"),
    ],
)
async def test_odd_followers(
    wxpusher: WxPusher, client: WxPusherClient, records: Any, expected: list[str]
) -> None:
    """Records that are none are left out."""
    wxpusher.always(json_answer({"code": 1000, "data": {"records": records}}))
    found = await client.followers()
    assert [each.uid for each in found.followers] == expected
    assert not any(each.blocked for each in found.followers)


@pytest.mark.parametrize("data", [None, [], {}, {"records": None}, {"records": "x"}])
async def test_no_list_of_followers(
    wxpusher: WxPusher, client: WxPusherClient, data: Any
) -> None:
    """A success without a list comes from somebody else."""
    wxpusher.always(Answer(body=json.dumps({"code": 1000, "data": data})))
    with pytest.raises(TemporaryError) as caught:
        await client.followers()
    assert facts(caught.value) == (TemporaryError, Problem.NOT_THIS_SERVICE, False)


async def test_recall(wxpusher: WxPusher, client: WxPusherClient) -> None:
    """A message is taken back by the identifier in its receipt, once."""
    receipt = await send(client, Message(text="a"), ZHANG)
    message_id = receipt.accepted[0].message_id or ""
    await client.recall(message_id)
    request = wxpusher.requests[-1]
    assert (request.method, request.path, request.body) == ("DELETE", PATH, b"")
    assert request.query == {"messageContentId": message_id, "appToken": APP_TOKEN}
    assert not wxpusher.contents
    with pytest.raises(ContentError) as caught:
        await client.recall(message_id)
    assert caught.value.details["text"] == "消息不存在"


async def test_messages_one_after_the_other(
    wxpusher: WxPusher, client: WxPusherClient
) -> None:
    """The same client sends many messages, in the order they are given to it."""
    for number in range(10):
        await send(client, Message(text=str(number)), ZHANG)
    shown = [int(each.text) for each in wxpusher.notifications]
    assert all(later == earlier + 1 for earlier, later in pairwise(shown))
    assert len(shown) == 10
