"""How much WeCom takes, and whom it counts a message for."""

import aiohttp
import pytest

from custom_components.wechat_push.clients.errors import ContentError, LimitError
from custom_components.wechat_push.clients.message import Message
from custom_components.wechat_push.clients.rate_policy import EVERYBODY, Rate, Scope
from custom_components.wechat_push.clients.wecom.client import WeComClient, WeComTarget
from custom_components.wechat_push.clients.wecom.codes import WeComProblem
from tests.simulators import WeCom

from ..common import endpoint, send, wecom_client
from .common import EVERYONE, GETTOKEN, ZHANG, refusal, say


def test_rates(client: WeComClient) -> None:
    """A member gets thirty messages a minute and a thousand an hour."""
    assert client.rate_policy.rates == (
        Rate(calls=30, seconds=60, scope=Scope.TARGET),
        Rate(calls=1000, seconds=3600, scope=Scope.TARGET),
    )
    assert not client.rate_policy.one_at_a_time


@pytest.mark.parametrize(
    ("target", "charged"),
    [
        (ZHANG, {"zhangsan"}),
        (WeComTarget(users=("ZhangSan", "LISI")), {"zhangsan", "lisi"}),
        (EVERYONE, {EVERYBODY}),
        (WeComTarget(departments=(1,)), {EVERYBODY}),
        (WeComTarget(tags=(1,)), {EVERYBODY}),
        (WeComTarget(users=("lisi",), departments=(1,)), {EVERYBODY}),
    ],
)
def test_charged(client: WeComClient, target: WeComTarget, charged: set[str]) -> None:
    """Members count by themselves, and groups for members that nobody here knows."""
    (part,) = client.prepare(Message(text="a"), target)
    assert client.rate_policy.targets(part) == charged


def test_no_quotas(client: WeComClient) -> None:
    """Requests are counted, but WeCom has no number for a day."""
    (part,) = client.prepare(Message(text="a"), ZHANG)
    assert client.rate_policy.quota_use(part) == {"messages": 1}
    assert not client.rate_policy.quotas


async def test_block_for_a_minute(wecom: WeCom, client: WeComClient) -> None:
    """WeCom takes messages again as soon as the error says."""
    moment = 1_800_000_000.0
    wecom.clock = lambda: moment
    wecom.app_limit = 1
    await say(client)
    with pytest.raises(LimitError) as caught:
        await say(client)
    assert caught.value.problem == WeComProblem.TOO_FREQUENT
    # Where an administrator can end it.
    assert caught.value.details["url"].endswith("/checkCorpSpamBlock")
    assert caught.value.retry_after == 60
    moment += caught.value.retry_after
    await say(client)
    assert len(wecom.notifications) == 2


async def test_banned_address(wecom: WeCom, session: aiohttp.ClientSession) -> None:
    """For how long an address gets no access token is not known."""
    wecom.always(refusal(45009), GETTOKEN)
    with pytest.raises(LimitError) as caught:
        await say(wecom_client(session, endpoint(wecom)))
    assert caught.value.retry_after is None


async def test_nobody(wecom: WeCom, client: WeComClient) -> None:
    """A message for nobody is refused rather than forgotten."""
    with pytest.raises(ContentError) as caught:
        await send(client, Message(text="a"), WeComTarget())
    assert caught.value.problem == "targets_missing"
    assert not wecom.requests
