"""Messages by simple push tokens, which need no application."""

import pytest

from custom_components.wechat_push.clients.errors import (
    ClientError,
    ContentError,
    LimitError,
    Problem,
    RecipientError,
    TemporaryError,
)
from custom_components.wechat_push.clients.message import Format, Message, Overflow
from custom_components.wechat_push.clients.wxpusher.answers import WxPusherProblem
from custom_components.wechat_push.clients.wxpusher.simple_push import (
    SimplePushClient,
    SimplePushTarget,
)
from tests.simulators import WxPusher
from tests.simulators.answers import json_answer
from tests.simulators.wxpusher_accounts import SPT

from ..common import body_of, endpoint, facts, send, shown

PATH = "/api/send/message/simple-push"
OWNER = SimplePushTarget(token=SPT)


@pytest.fixture
def simple(wxpusher: WxPusher) -> SimplePushClient:
    """Return a client."""
    return SimplePushClient(endpoint=endpoint(wxpusher))


async def test_message(wxpusher: WxPusher, simple: SimplePushClient) -> None:
    """A message goes to the owner of the token; nothing else is known."""
    message = Message(
        text="**Door** is open",
        title="Door",
        format=Format.MARKDOWN,
        url="https://example.com/",
    )
    receipt = await send(simple, message, OWNER)
    assert body_of(wxpusher) == {
        "content": "### Door\n\n**Door** is open",
        "contentType": 3,
        "summary": "Door",
        "url": "https://example.com/",
        "spt": SPT,
    }
    (phone,) = wxpusher.notifications
    assert (phone.recipient, phone.title, phone.text) == (
        SPT,
        "Door",
        "### Door\n\n**Door** is open",
    )
    (accepted,) = receipt.accepted
    assert accepted.target == "SPT_Simu…"
    assert accepted.record_id


async def test_long_message(wxpusher: WxPusher, simple: SimplePushClient) -> None:
    """A long text is split as for an application."""
    await send(simple, Message(text="word " * 12_000), OWNER)
    assert len(wxpusher.requests_to(PATH)) == 2
    with pytest.raises(ContentError):
        await send(
            simple, Message(text="word " * 12_000, overflow=Overflow.REFUSE), OWNER
        )


async def test_wrong_token(wxpusher: WxPusher, simple: SimplePushClient) -> None:
    """A token that is refused concerns this recipient, and stays a secret."""
    wrong = SimplePushTarget(token="SPT_WrongOneThatNobodyHas")
    with pytest.raises(RecipientError) as caught:
        await send(simple, Message(text="hi"), wrong)
    assert caught.value.problem == WxPusherProblem.SIMPLE_PUSH_TOKEN
    assert "WrongOne" not in shown(caught.value)
    assert "Simulated" not in repr(OWNER)


@pytest.mark.parametrize(
    ("code", "text", "kind", "problem"),
    [
        (1001, "SPT不正确", RecipientError, WxPusherProblem.SIMPLE_PUSH_TOKEN),
        (1001, "发送内容过长", ContentError, Problem.SERVICE_REFUSED),
        (1001, "请求过于频繁", LimitError, Problem.TOO_MANY_REQUESTS),
        (1002, "未登录", RecipientError, WxPusherProblem.SIMPLE_PUSH_TOKEN),
        (1005, f"接口出现异常 {SPT}", TemporaryError, Problem.SERVER_ERROR),
    ],
)
async def test_refusal(
    wxpusher: WxPusher,
    simple: SimplePushClient,
    code: int,
    text: str,
    kind: type[ClientError],
    problem: str,
) -> None:
    """An answer as a whole is sorted as that of an application is."""
    wxpusher.always(json_answer({"code": code, "msg": text, "data": None}))
    with pytest.raises(ClientError) as caught:
        await send(simple, Message(text="hi"), OWNER)
    assert facts(caught.value)[:2] == (kind, problem)
    assert SPT not in shown(caught.value)


@pytest.mark.parametrize("data", [None, [], {}, "ok", [None], [{"code": "1000"}]])
async def test_unknown_answer(
    wxpusher: WxPusher, simple: SimplePushClient, data: object
) -> None:
    """What a successful answer holds is not described."""
    wxpusher.always(json_answer({"code": 1000, "msg": "处理成功", "data": data}))
    assert (await send(simple, Message(text="hi"), OWNER)).accepted


def test_no_token(simple: SimplePushClient) -> None:
    """Nothing is sent to nobody."""
    with pytest.raises(ContentError) as caught:
        simple.prepare(Message(text="hi"), SimplePushTarget(token=""))
    assert caught.value.problem == Problem.TARGETS_MISSING
