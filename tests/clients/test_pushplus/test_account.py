"""Tests for what PushPlus says of an account: membership, counts, and refusals."""

from typing import Any

import aiohttp
import pytest

from custom_components.wechat_push.clients.errors import (
    ActionNeededError,
    ClientError,
    CredentialsError,
    EndpointError,
    Problem,
    TemporaryError,
)
from custom_components.wechat_push.clients.message import Message
from custom_components.wechat_push.clients.pushplus.callback import read_event
from custom_components.wechat_push.clients.pushplus.client import PushPlusClient
from custom_components.wechat_push.clients.pushplus.codes import PushPlusProblem
from custom_components.wechat_push.clients.transport import clean as clean_text
from tests.simulators import BAD_ANSWERS, PushPlus
from tests.simulators.answers import json_answer
from tests.simulators.pushplus_accounts import FRIEND_TOKEN, SECRET_KEY, TOKEN

from ..common import Facts, endpoint, facts, send
from .common import MYSELF

KEY = "/api/common/openApi/getAccessKey"
PROFILE = "/api/open/user/myInfo"
COUNTS = "/api/open/user/sendCount"
TITLE = "门" * 150


def clean(text: object, *secrets: str) -> str:
    """Return a text as the client of an account does."""
    return clean_text(text, (TOKEN, *secrets))


@pytest.fixture
def client(pushplus: PushPlus, session: aiohttp.ClientSession) -> PushPlusClient:
    """Return a client with a secret key."""
    return PushPlusClient(
        session, endpoint(pushplus), token=TOKEN, secret_key=SECRET_KEY
    )


async def test_member(pushplus: PushPlus, client: PushPlusClient) -> None:
    """The limits follow the membership, up and down."""
    message = Message(title=TITLE, text="a")
    assert not await client.refresh_limits()
    await send(client, message, MYSELF)
    pushplus.account.member = True
    assert await client.refresh_limits()
    assert not await client.refresh_limits()
    assert client.rate_policy.quotas["wechat"] == 2000
    await send(client, message, MYSELF)
    pushplus.account.member = False
    assert await client.refresh_limits()
    assert client.rate_policy.quotas["wechat"] == 200
    assert [len(each.title) for each in pushplus.notifications] == [100, 150]


@pytest.mark.parametrize(
    ("profile", "member"),
    [
        ({"vipInfo": {"isVip": 1, "lastDay": "2030-10-02"}}, True),
        ({"vipInfo": {"isVip": "1"}}, True),
        ({"vipInfo": {"isVip": True}}, True),
        ({"vipInfo": {"isVip": 0, "lastDay": ""}}, False),
        ({"vipInfo": {"isVip": False}}, False),
        # Older answers do not say.
        ({"vipInfo": None}, False),
        ({"vipInfo": {}}, False),
        ({}, False),
        (None, False),
        ([], False),
    ],
)
async def test_profiles(
    pushplus: PushPlus, client: PushPlusClient, profile: Any, member: bool
) -> None:
    """Only a plain yes makes a member."""
    pushplus.always(json_answer({"code": 200, "data": profile}), PROFILE)
    assert await client.refresh_limits() is member


async def test_counts(pushplus: PushPlus, client: PushPlusClient) -> None:
    """What other programs sent today counts as well."""
    pushplus.account.sent = {"wechat": 12, "qq": 3, "cmcc": 4, "app": 5}
    assert await client.counts_today() == {
        "wechat": 12,
        "cp": 0,
        "webhook": 0,
        "mail": 0,
        "qq": 3,
        "cmcc": 4,
    }


@pytest.mark.parametrize(
    ("data", "counts"),
    [
        ({"wechatSendCount": "7", "mailSendCount": None}, {"wechat": 7}),
        ({"wechatSendCount": [], "newSendCount": 1}, {}),
        (None, {}),
        ("x", {}),
    ],
)
async def test_odd_counts(
    pushplus: PushPlus, client: PushPlusClient, data: Any, counts: dict[str, int]
) -> None:
    """A count that is none is left out."""
    pushplus.always(json_answer({"code": 200, "data": data}), COUNTS)
    assert await client.counts_today() == counts


async def test_without_a_key(
    pushplus: PushPlus, session: aiohttp.ClientSession
) -> None:
    """Without a secret key nothing is asked."""
    client = PushPlusClient(session, endpoint(pushplus), token=TOKEN, member=True)
    assert not await client.refresh_limits()
    assert await client.counts_today() == {}
    assert client.rate_policy.quotas["wechat"] == 2000
    assert not pushplus.requests


@pytest.mark.parametrize(
    ("path", "code", "expected"),
    [
        (KEY, 401, (ActionNeededError, PushPlusProblem.OPEN_API_OFF, False)),
        (KEY, 302, (ActionNeededError, PushPlusProblem.OPEN_API_OFF, False)),
        (KEY, 403, (ActionNeededError, PushPlusProblem.OPEN_API_IP, False)),
        (KEY, 903, (CredentialsError, PushPlusProblem.TOKEN, False)),
        (KEY, 600, (ActionNeededError, PushPlusProblem.SECRET_KEY, False)),
        (KEY, 999, (ActionNeededError, PushPlusProblem.SECRET_KEY, False)),
        (KEY, 12345, (ActionNeededError, PushPlusProblem.SECRET_KEY, False)),
        (KEY, 905, (ActionNeededError, PushPlusProblem.REAL_NAME, False)),
        (KEY, 500, (TemporaryError, Problem.SERVER_ERROR, False)),
        (PROFILE, 401, (ActionNeededError, PushPlusProblem.OPEN_API_OFF, False)),
        (PROFILE, 403, (ActionNeededError, PushPlusProblem.OPEN_API_IP, False)),
    ],
)
async def test_refused(
    pushplus: PushPlus, client: PushPlusClient, path: str, code: int, expected: Facts
) -> None:
    """The text holds both the general words and the reason, but no secret."""
    answer = {"code": code, "msg": "服务端验证错误", "data": f"因为 {SECRET_KEY}"}
    pushplus.always(json_answer(answer), path)
    with pytest.raises(ClientError) as caught:
        await client.refresh_limits()
    assert facts(caught.value) == expected
    assert caught.value.details["text"] == "服务端验证错误 因为 **REDACTED**"


async def test_own_address(pushplus: PushPlus, client: PushPlusClient) -> None:
    """Where a person finds the address of the network is told."""
    pushplus.account.ip_allowed = False
    with pytest.raises(ActionNeededError) as caught:
        await client.counts_today()
    assert caught.value.details["page"].startswith("https://")


async def test_refused_token(pushplus: PushPlus, client: PushPlusClient) -> None:
    """A refused token is not repeated, as PushPlus would ban the address."""
    pushplus.accounts.clear()
    for _ in range(2):
        with pytest.raises(CredentialsError):
            await client.refresh_limits()
    assert len(pushplus.requests) == 1


async def test_not_pushplus(pushplus: PushPlus, client: PushPlusClient) -> None:
    """A page instead of an answer is told."""
    pushplus.always(BAD_ANSWERS["html_page"], PROFILE)
    with pytest.raises(EndpointError):
        await client.refresh_limits()


# Callbacks


def friend(**changes: Any) -> dict[str, Any]:
    """Return the callback about a new friend."""
    info = {"token": FRIEND_TOKEN, "friendId": 10, "nickName": "Li", **changes}
    return {"event": "add_friend", "friendInfo": info, "qrCode": "door"}


@pytest.mark.parametrize(
    ("payload", "details"),
    [
        (friend(), {"friend_id": 10, "nickname": "Li", "qr_code": "door"}),
        (friend(nickName=None), {"friend_id": 10, "qr_code": "door"}),
        (friend(nickName=["x"], friendId={}), {"qr_code": "door"}),
        (
            friend(nickName=f"a\n{FRIEND_TOKEN}"),
            {"friend_id": 10, "nickname": "a **REDACTED**", "qr_code": "door"},
        ),
        (
            friend(nickName=f"a {'ab' * 16}", token=None),
            {"friend_id": 10, "nickname": "a **REDACTED**", "qr_code": "door"},
        ),
        (
            {**friend(token=5), "qrCode": 5},
            {"friend_id": 10, "nickname": "Li", "qr_code": 5},
        ),
        (
            {"event": "add_topic_user", "topicUserInfo": {"topicCode": "x" * 400}},
            {"group_code": "x" * 299 + "…"},
        ),
        ({"event": "add_topic_user", "topicUserInfo": {"openId": "o"}}, {}),
    ],
)
def test_events(payload: dict[str, Any], details: dict[str, Any]) -> None:
    """Only what is known of an event is told, and no secret."""
    event = read_event(payload, clean)
    assert event is not None
    assert event == (payload["event"], details)


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "add_friend",
        {},
        {"event": None},
        {"event": ["add_friend"]},
        {"event": "add_friend"},
        {"event": "add_friend", "friendInfo": []},
        {"event": "add_friend", "topicUserInfo": {}},
        {"event": "another", "friendInfo": {}},
        {"event": "message_complate", "messageInfo": {}},
    ],
)
def test_no_events(payload: object) -> None:
    """Whatever else is told is no event."""
    assert read_event(payload, clean) is None
