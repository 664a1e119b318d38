"""Who follows an application of WxPusher, and messages that are taken back."""

from itertools import pairwise
import json
from typing import Any

import pytest

from custom_components.wechat_push.clients.errors import (
    ContentError,
    EndpointError,
    Problem,
)
from custom_components.wechat_push.clients.message import Message
from custom_components.wechat_push.clients.wxpusher.client import (
    Follower,
    WxPusherClient,
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

from ..common import facts, send
from .common import PATH, ZHANG


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
    with pytest.raises(EndpointError) as caught:
        await client.followers()
    assert facts(caught.value) == (EndpointError, Problem.NOT_THIS_SERVICE, False)


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
