"""What WxPusher tells later, how much it takes, and a message for nobody."""

import pytest

from custom_components.wechat_push.clients.errors import (
    ContentError,
    LimitError,
    TemporaryError,
)
from custom_components.wechat_push.clients.message import Message
from custom_components.wechat_push.clients.rate_policy import Rate
from custom_components.wechat_push.clients.receipt import Fate, Outcome
from custom_components.wechat_push.clients.wxpusher.client import (
    WxPusherClient,
    WxPusherTarget,
)
from tests.simulators import BAD_ANSWERS, WxPusher
from tests.simulators.answers import json_answer

from ..common import send
from .common import ZHANG

STATUS = "/api/send/query/status"


@pytest.mark.parametrize(
    ("state", "fate", "reason"),
    [
        (1, Fate.WAITING, ""),
        (2, Fate.DELIVERED, ""),
        (3, Fate.FAILED, "发送失败"),
        (0, Fate.WAITING, ""),
    ],
)
async def test_hint(
    wxpusher: WxPusher, client: WxPusherClient, state: int, fate: Fate, reason: str
) -> None:
    """WxPusher tells how far a message has come, which is no more than a hint."""
    (accepted,) = (await send(client, Message(text="a"), ZHANG)).accepted
    wxpusher.send_states[int(accepted.record_id or 0)] = state
    outcome = await client.outcome(accepted.record_id or "")
    assert outcome == Outcome(fate=fate, reason=reason, certain=False)
    # Without the token, which the address would show.
    assert wxpusher.requests_to(STATUS)[0].query == {"sendRecordId": "2438072956"}


@pytest.mark.parametrize("data", ["2", True, None, {"state": 2}, [2], 2.0, 99])
async def test_nothing_understood(
    wxpusher: WxPusher, client: WxPusherClient, data: object
) -> None:
    """What nobody has described says nothing."""
    wxpusher.always(json_answer({"code": 1000, "msg": "?", "data": data}))
    assert await client.outcome("1") == Outcome(fate=Fate.WAITING, certain=False)


async def test_forgotten(client: WxPusherClient) -> None:
    """After seven days WxPusher knows nothing any more."""
    with pytest.raises(ContentError):
        await client.outcome("1")


async def test_no_answer(wxpusher: WxPusher, client: WxPusherClient) -> None:
    """An outage is an outage."""
    wxpusher.always(BAD_ANSWERS["bad_gateway_502"])
    with pytest.raises(TemporaryError):
        await client.outcome("1")


async def test_rate(wxpusher: WxPusher, client: WxPusherClient) -> None:
    """The rate is known, and how long one who exceeds it has to wait."""
    assert client.rate_policy.rates == (Rate(calls=20, seconds=10),)
    moment = 1_800_000_000.0
    wxpusher.clock = lambda: moment
    wxpusher.rate_limit = 1
    await send(client, Message(text="a"), ZHANG)
    with pytest.raises(LimitError) as caught:
        await send(client, Message(text="b"), ZHANG)
    assert caught.value.retry_after == 10
    moment += caught.value.retry_after
    await send(client, Message(text="b"), ZHANG)
    assert [each.text for each in wxpusher.notifications] == ["a", "b"]


async def test_nobody(wxpusher: WxPusher, client: WxPusherClient) -> None:
    """A message for nobody is refused rather than forgotten."""
    with pytest.raises(ContentError) as caught:
        await send(client, Message(text="a"), WxPusherTarget())
    assert caught.value.problem == "targets_missing"
    assert not wxpusher.requests
