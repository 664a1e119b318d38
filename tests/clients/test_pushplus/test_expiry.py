"""A PushPlus message is not delivered after its expiry, and before it is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.clients.errors import UnreachableError
from custom_components.wechat_push.clients.message import Message
from custom_components.wechat_push.clients.pushplus.client import PushPlusClient
from tests.simulators import BAD_ANSWERS, Answer, PushPlus
from tests.simulators.answers import json_answer

from ..common import endpoint, only, pushplus_client, send
from .common import MYSELF

NOW = datetime(2026, 11, 21, 16, tzinfo=UTC)
MINUTE = Message(text="a", expires_after=60)


def margin(pushplus: PushPlus) -> float:
    """Return by how many seconds the last deadline is later than a minute from now."""
    timestamp: int = pushplus.requests_to("/send")[-1].json["timestamp"]
    return timestamp / 1000 - NOW.timestamp() - 60


@pytest.mark.parametrize("behind", [0, 67, 9 * 24 * 3600, -3600])
async def test_clock_of_the_server(
    pushplus: PushPlus,
    client: PushPlusClient,
    freezer: FrozenDateTimeFactory,
    behind: float,
) -> None:
    """The first message and the next are delivered, however wrong the own clock is."""
    freezer.move_to(NOW - timedelta(seconds=behind))
    pushplus.clock = lambda: NOW.timestamp()
    for number in range(2):
        await send(client, replace(MINUTE, text=str(number)), MYSELF)
        assert margin(pushplus) == 60
    assert len(pushplus.notifications) == 2
    # The time is asked for once.
    assert [each.path for each in pushplus.requests] == ["/", "/send", "/send"]


async def test_time_goes_on(
    pushplus: PushPlus, client: PushPlusClient, freezer: FrozenDateTimeFactory
) -> None:
    """Hours after an answer, its time is still known, also if the own clock was set."""
    freezer.move_to(NOW - timedelta(hours=3))
    await send(client, Message(text="a"), MYSELF)
    freezer.tick(3 * 3600)
    await send(client, MINUTE, MYSELF)
    assert margin(pushplus) == 60
    assert [each.path for each in pushplus.requests] == ["/send", "/send"]


@pytest.mark.parametrize("answer", ["not_found_404", "redirect_302", "bad_gateway_502"])
async def test_time_is_not_known(
    pushplus: PushPlus,
    client: PushPlusClient,
    freezer: FrozenDateTimeFactory,
    answer: str,
) -> None:
    """A server that does not say its time gets a deadline ten minutes later."""
    freezer.move_to(NOW)
    bad = BAD_ANSWERS[answer]
    pushplus.always(replace(bad, headers={**bad.headers, "Date": "?"}), "/")
    await send(client, MINUTE, MYSELF)
    assert margin(pushplus) == 600


async def test_remaining_time(
    pushplus: PushPlus, client: PushPlusClient, freezer: FrozenDateTimeFactory
) -> None:
    """What counts is what remains when the request is sent."""
    freezer.move_to(NOW)
    part = only(client, replace(MINUTE, expires_after=3600), MYSELF)
    assert "timestamp" not in part
    await client.send(part, remaining=60)
    assert margin(pushplus) == 60


async def test_no_expiry(pushplus: PushPlus, client: PushPlusClient) -> None:
    """A message that does not expire has no deadline."""
    await send(client, Message(text="a"), MYSELF)
    (request,) = pushplus.requests
    assert "timestamp" not in request.json


async def test_server_is_not_there(session: aiohttp.ClientSession) -> None:
    """If the time cannot be asked for, nothing is sent."""
    simulator = PushPlus()
    await simulator.start()
    client = pushplus_client(session, endpoint(simulator))
    await simulator.stop()
    with pytest.raises(UnreachableError):
        await send(client, MINUTE, MYSELF)
    await simulator.close()


async def test_time_of_a_stranger(
    pushplus: PushPlus, client: PushPlusClient, freezer: FrozenDateTimeFactory
) -> None:
    """The time of a page that is not PushPlus's own is not believed."""
    freezer.move_to(NOW)
    await send(client, Message(text="a"), MYSELF)
    wrong = {"Date": "Sat, 21 Nov 2020 16:00:00 GMT"}
    pushplus.script(Answer(body="<p>Hi</p>", headers=wrong), path="/send")
    with pytest.raises(Exception, match="not_this_service"):
        await send(client, Message(text="b"), MYSELF)
    pushplus.script(json_answer({"code": 200, "data": "x"}), path="/send")
    await send(client, MINUTE, MYSELF)
    assert margin(pushplus) == 60
