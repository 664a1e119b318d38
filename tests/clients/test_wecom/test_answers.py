"""What comes of a message, and what WeCom says when it refuses one."""

from typing import Any

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
from custom_components.wechat_push.clients.message import Message
from custom_components.wechat_push.clients.receipt import Accepted, Refused
from custom_components.wechat_push.clients.wecom.client import WeComClient, WeComTarget
from custom_components.wechat_push.clients.wecom.codes import WeComProblem
from tests.simulators import WeCom
from tests.simulators.answers import json_answer
from tests.simulators.wecom_accounts import AGENT_ID

from ..common import Facts, facts, send
from .common import EVERYONE, SEND, ZHANG


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
        ((45031,), (ActionNeededError, WeComProblem.SECRET_WEAK, False)),
        ((48006,), (ActionNeededError, WeComProblem.PERMISSION_REVOKED, False)),
        ((50003,), (ActionNeededError, WeComProblem.APP_DISABLED, False)),
        ((60020,), (ActionNeededError, WeComProblem.UNTRUSTED_IP, False)),
        (
            (50002, 60011, 60021, 81012, 81013, 82001),
            (RecipientError, WeComProblem.NOT_VISIBLE, False),
        ),
        (
            (40003, 40031, 40032, 46004, 60111, 301021),
            (RecipientError, WeComProblem.UNKNOWN_USER, False),
        ),
        (
            (40066, 60003, 60123),
            (RecipientError, WeComProblem.UNKNOWN_DEPARTMENT, False),
        ),
        ((40068, 81011), (RecipientError, WeComProblem.UNKNOWN_TAG, False)),
        # Messages without buttons go on.
        ((43012,), (ContentError, WeComProblem.CALLBACK_MISSING, False)),
        ((42014, 42020, 42051), (ContentError, WeComProblem.CARD_FIELD, False)),
        ((42052,), (ContentError, WeComProblem.RECALL_TOO_LATE, False)),
        ((85002,), (ContentError, WeComProblem.FORBIDDEN_WORDS, False)),
        (
            (
                *(40008, 40033, 40039, 40058, 40070, 40123, 40127, 40201, 44004),
                *(45002, 45008, 45034, 60140, 82004, 660003, 660004, 660005),
            ),
            (ContentError, Problem.SERVICE_REFUSED, False),
        ),
        ((45009,), (LimitError, WeComProblem.TOO_FREQUENT, False)),
        ((45033,), (LimitError, Problem.TOO_MANY_REQUESTS, False)),
        ((-1, 81026), (TemporaryError, Problem.SERVER_ERROR, False)),
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
