"""What comes of a message, and what WxPusher says when it refuses one."""

from typing import Any

import aiohttp
import pytest

from custom_components.wechat_push.clients.errors import (
    ClientError,
    ContentError,
    CredentialsError,
    EndpointError,
    LimitError,
    Problem,
    TemporaryError,
)
from custom_components.wechat_push.clients.message import Message
from custom_components.wechat_push.clients.receipt import Accepted, Refused
from custom_components.wechat_push.clients.wxpusher.answers import WxPusherProblem
from custom_components.wechat_push.clients.wxpusher.client import (
    WxPusherClient,
    WxPusherTarget,
)
from tests.simulators import WxPusher
from tests.simulators.answers import json_answer
from tests.simulators.wxpusher_accounts import UID_LI, UID_WANG, UID_ZHANG

from ..common import Facts, endpoint, facts, send
from .common import UNKNOWN, ZHANG


async def test_receipt(wxpusher: WxPusher, client: WxPusherClient) -> None:
    """A success as a whole hides targets that were refused: the receipt names them."""
    target = WxPusherTarget(
        uids=(UID_ZHANG, UNKNOWN, UID_WANG, UID_LI), topic_ids=(8001, 9999)
    )
    receipt = await send(client, Message(text="a"), target)
    assert receipt.accepted == tuple(
        Accepted(target=each, message_id="900001", record_id=record_id)
        for each, record_id in (
            (UID_ZHANG, "2438072956"),
            (UID_LI, "2438072957"),
            ("8001", "2438072958"),
        )
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
        (1004, "接口不存在", (EndpointError, Problem.NOT_THIS_SERVICE, False)),
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
