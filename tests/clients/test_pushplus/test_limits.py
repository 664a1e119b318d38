"""How much PushPlus takes, of whom, and what is done about the same content."""

from datetime import UTC, datetime
from typing import Any

import aiohttp
from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.clients.errors import LimitError
from custom_components.wechat_push.clients.message import Format, Message, Part
from custom_components.wechat_push.clients.pushplus.client import (
    PushPlusClient,
    PushPlusTarget,
)
from custom_components.wechat_push.clients.rate_policy import Rate, Scope
from tests.simulators import PushPlus
from tests.simulators.answers import json_answer
from tests.simulators.pushplus_accounts import TOKEN

from ..common import endpoint, send
from .common import MYSELF

NOTE = "14:05:32"
SAME_CONTENT = Rate(calls=3, seconds=3600, scope=Scope.CONTENT)


@pytest.fixture
def member(pushplus: PushPlus, session: aiohttp.ClientSession) -> PushPlusClient:
    """Return a client for an account that pays."""
    pushplus.account.member = True
    return PushPlusClient(session, endpoint(pushplus), token=TOKEN, member=True)


def only(client: PushPlusClient, target: PushPlusTarget, **fields: Any) -> Part:
    """Return the only request that a message takes."""
    (part,) = client.prepare(Message(**{"text": "a", **fields}), target)
    return part


def test_rates(client: PushPlusClient, member: PushPlusClient) -> None:
    """Five requests a minute, of a member in ten seconds, and one after the other."""
    assert client.rate_policy.rates == (Rate(calls=5, seconds=60), SAME_CONTENT)
    assert member.rate_policy.rates == (Rate(calls=5, seconds=10), SAME_CONTENT)
    assert client.rate_policy.one_at_a_time


@pytest.mark.parametrize(
    ("channel", "ordinary", "paying"),
    [
        ("wechat", 200, 2000),
        ("cp", 1000, 10_000),
        ("webhook", 1000, 10_000),
        ("mail", 200, 1000),
        ("qq", 200, 1000),
        ("extension", 1000, 10_000),
        ("app", 200, 2000),
        ("clawbot", 1000, 10_000),
        ("sms", None, None),
        ("account_default", None, None),
    ],
)
def test_quotas(
    client: PushPlusClient,
    member: PushPlusClient,
    channel: str,
    ordinary: int | None,
    paying: int | None,
) -> None:
    """Each channel has a number of its own, as far as PushPlus tells."""
    assert [each.rate_policy.quotas.get(channel) for each in (client, member)] == [
        ordinary,
        paying,
    ]


@pytest.mark.parametrize(
    ("channel", "counted"),
    [
        (None, {"account_default": 1}),
        ("wechat", {"wechat": 1}),
        ("wechat,app,wechat", {"wechat": 2, "app": 1}),
    ],
)
def test_counted(
    client: PushPlusClient, channel: str | None, counted: dict[str, int]
) -> None:
    """A request to several channels counts for each."""
    part = only(client, PushPlusTarget(channel=channel))
    assert client.rate_policy.quota_use(part) == counted


async def test_counts_as_the_service_does(
    pushplus: PushPlus, client: PushPlusClient
) -> None:
    """What is counted here is what PushPlus counts."""
    part = only(client, PushPlusTarget(channel="wechat,app"))
    await client.send(part)
    assert pushplus.account.sent == client.rate_policy.quota_use(part)


async def test_member_says_more(pushplus: PushPlus, member: PushPlusClient) -> None:
    """A member's title, text and friends fit into one request."""
    friends = tuple(f"{number:032}" for number in range(100))
    part = only(
        member, PushPlusTarget(friends=friends), text="x" * 100_000, title="t" * 250
    )
    await member.send(part)
    assert len(part["title"]) == 200
    assert part["to"].split(",") == [*friends]
    (message,) = pushplus.messages.values()
    assert len(message.content) == 100_000


# The same content


def test_content(client: PushPlusClient) -> None:
    """PushPlus compares the text, whoever gets it and whatever its title is."""
    same = [
        only(client, MYSELF, title="1"),
        only(client, PushPlusTarget(channel="app"), title="2"),
    ]
    assert len({client.rate_policy.content(part) for part in same}) == 1
    assert client.rate_policy.content(
        only(client, MYSELF, text="b")
    ) != client.rate_policy.content(same[0])


@pytest.mark.parametrize(
    ("format_", "content"),
    [
        (Format.TEXT, f"a\n{NOTE}"),
        (Format.MARKDOWN, f"a\n\n{NOTE}"),
        (Format.HTML, f"a<br/>{NOTE}"),
    ],
)
async def test_distinct(
    pushplus: PushPlus, client: PushPlusClient, format_: Format, content: str
) -> None:
    """With a note below it, PushPlus takes the same text a fourth time."""
    pushplus.duplicates_refused = True
    part = only(client, MYSELF, format=format_)
    for _ in range(3):
        await client.send(part)
    distinct = client.rate_policy.vary(part, NOTE)
    assert distinct is not None
    await client.send(distinct)
    assert pushplus.notifications[-1].text == content


def test_distinct_and_full(client: PushPlusClient) -> None:
    """The note stays when there is no room for it: the text makes room."""
    distinct = client.rate_policy.vary(only(client, MYSELF, text="x" * 20_000), NOTE)
    assert distinct is not None
    assert len(distinct["content"]) == 20_000
    assert distinct["content"].endswith(f"x…\n{NOTE}")


def test_not_to_be_made_distinct(client: PushPlusClient) -> None:
    """A note would spoil what a template reads."""
    part = only(client, PushPlusTarget(template="json"), text='{"a": 1}')
    assert client.rate_policy.vary(part, NOTE) is None


# Refusals


@pytest.mark.parametrize(
    ("code", "text", "now", "seconds"),
    [
        (999, "推送频率过快", "2026-11-21T00:00:00", 60),
        (999, "请勿频繁推送相同内容", "2026-11-21T00:00:00", 3600),
        (900, "请求次数过多,减少请求后2天恢复正常", "2026-11-21T00:00:00", 172_800),
        (900, "1天超过2000次,7天后恢复", "2026-11-21T00:00:00", 604_800),
        (900, "减少请求后48小时恢复正常", "2026-11-21T00:00:00", 172_800),
        # The day ends at 16:00 UTC, and a minute later by a clock that is ahead.
        (900, "请求次数过多", "2026-11-21T15:00:00", 3660),
        (900, "", "2026-11-21T16:00:00", 60),
        (900, "", "2026-11-21T16:01:00", 86_400),
        (900, "超过999天", "2026-11-21T15:00:00", 99 * 86_400),
    ],
)
async def test_retry_after(
    pushplus: PushPlus,
    client: PushPlusClient,
    freezer: FrozenDateTimeFactory,
    code: int,
    text: str,
    now: str,
    seconds: float,
) -> None:
    """How long a refusal holds stands in its text, or is known, or is the day."""
    freezer.move_to(datetime.fromisoformat(now).replace(tzinfo=UTC))
    pushplus.always(json_answer({"code": code, "msg": text, "data": None}))
    with pytest.raises(LimitError) as caught:
        await send(client, Message(text="a"), MYSELF)
    assert caught.value.retry_after == seconds
    assert caught.value.of_content == (seconds == 3600)


async def test_restriction_ends(
    pushplus: PushPlus, client: PushPlusClient, freezer: FrozenDateTimeFactory
) -> None:
    """A restricted account may send again after as many days as it is told."""
    pushplus.restrict(days=7)
    with pytest.raises(LimitError) as caught:
        await send(client, Message(text="a"), MYSELF)
    assert caught.value.retry_after is not None
    freezer.tick(caught.value.retry_after)
    await send(client, Message(text="b"), MYSELF)
    assert [each.text for each in pushplus.notifications] == ["b"]


async def test_day_of_the_service(
    pushplus: PushPlus, client: PushPlusClient, freezer: FrozenDateTimeFactory
) -> None:
    """Beyond the number of a day, PushPlus takes messages again the next day."""
    pushplus.quotas_kept = True
    pushplus.account.sent["wechat"] = 200
    with pytest.raises(LimitError) as caught:
        await send(client, Message(text="a"), MYSELF)
    assert caught.value.retry_after is not None
    freezer.tick(caught.value.retry_after)
    await send(client, Message(text="b"), MYSELF)
    assert [each.text for each in pushplus.notifications] == ["b"]
