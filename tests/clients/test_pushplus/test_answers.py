"""What comes of a message, and what PushPlus says when it refuses one."""

import time
from typing import Any

import aiohttp
import pytest

from custom_components.wechat_push.clients.china_time import seconds_left
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
from custom_components.wechat_push.clients.message import Message
from custom_components.wechat_push.clients.pushplus.client import (
    PushPlusClient,
    PushPlusTarget,
)
from custom_components.wechat_push.clients.pushplus.codes import PushPlusProblem
from custom_components.wechat_push.clients.receipt import Refused
from tests.simulators import PushPlus
from tests.simulators.answers import json_answer
from tests.simulators.pushplus_accounts import TOKEN, WEBHOOK

from ..common import Facts, endpoint, facts, send
from .common import MYSELF

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


async def test_midnight_of_the_service(
    pushplus: PushPlus, client: PushPlusClient
) -> None:
    """A restriction until tomorrow ends by the clock of PushPlus, not by ours."""
    pushplus.date_skew = 5 * 3600.0
    pushplus.always(json_answer({"code": 900, "msg": "请求次数过多", "data": None}))
    with pytest.raises(LimitError) as caught:
        await send(client, Message(text="a"), MYSELF)
    left = seconds_left(time.time() + pushplus.date_skew)
    assert caught.value.retry_after == pytest.approx(left, abs=3)


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
