"""What WeCom tells of an application, its members, departments and tags."""

from typing import Any

import aiohttp
import pytest

from custom_components.wechat_push.clients.errors import (
    ActionNeededError,
    RecipientError,
)
from custom_components.wechat_push.clients.message import Message
from custom_components.wechat_push.clients.wecom.client import WeComAgent, WeComClient
from custom_components.wechat_push.clients.wecom.codes import WeComProblem
from tests.simulators import WeCom
from tests.simulators.answers import json_answer
from tests.simulators.wecom_accounts import AGENT_ID, CORP_ID, OTHER_AGENT_ID, SECRET

from ..common import endpoint, send
from .common import ZHANG


async def test_agent(wecom: WeCom, client: WeComClient) -> None:
    """The application tells its name and who can see it; nothing is sent."""
    assert await client.agent() == WeComAgent(
        name="Home alarms",
        users=("zhangsan", "lisi"),
        departments=(1, 2),
        tags=(1, 2),
    )
    request = wecom.requests[-1]
    assert (request.method, request.path) == ("GET", "/cgi-bin/agent/get")
    assert request.query == {"access_token": [*wecom.tokens][0], "agentid": "1000002"}
    assert not wecom.notifications


async def test_agent_is_disabled(wecom: WeCom, client: WeComClient) -> None:
    """A disabled application would take no message."""
    wecom.agents[AGENT_ID].closed = True
    for call in (client.agent(), send(client, Message(text="a"), ZHANG)):
        with pytest.raises(ActionNeededError) as caught:
            await call
        assert caught.value.problem == WeComProblem.APP_DISABLED


async def test_agent_of_another_secret(
    wecom: WeCom, session: aiohttp.ClientSession
) -> None:
    """Number and secret must belong to the same application."""
    client = WeComClient(
        session,
        endpoint(wecom),
        corp_id=CORP_ID,
        agent_id=OTHER_AGENT_ID,
        secret=SECRET,
    )
    for call in (client.agent(), send(client, Message(text="a"), ZHANG)):
        with pytest.raises(ActionNeededError) as caught:
            await call
        assert caught.value.problem == WeComProblem.AGENT_ID


@pytest.mark.parametrize(
    "answer",
    [
        {"name": None, "allow_userinfos": [], "allow_partys": None, "allow_tags": "x"},
        {"allow_userinfos": {"user": "x"}, "allow_partys": {"partyid": {"1": 2}}},
        {
            "name": 5,
            "allow_userinfos": {"user": [None, {}, {"userid": 7}]},
            "allow_partys": {"partyid": ["1", None, True]},
        },
    ],
)
async def test_odd_agent(
    wecom: WeCom, client: WeComClient, answer: dict[str, Any]
) -> None:
    """What is no name and no list is left out."""
    wecom.always(json_answer({"errcode": 0, **answer}), "/cgi-bin/agent/get")
    assert await client.agent() == WeComAgent(
        name="", users=(), departments=(), tags=()
    )


async def test_directory(wecom: WeCom, client: WeComClient) -> None:
    """Members, departments and tags have names."""
    assert await client.member_name("lisi") == "李四"
    assert await client.members(2) == {"lisi": "李四"}
    assert await client.departments() == {"1": "Home", "2": "Garage"}
    assert await client.tags() == {"1": "Adults", "2": "Children"}
    assert [(each.path, {**each.query}) for each in wecom.requests[1:]] == [
        (f"/cgi-bin/{path}", {"access_token": [*wecom.tokens][0], **query})
        for path, query in (
            ("user/get", {"userid": "lisi"}),
            ("user/simplelist", {"department_id": "2"}),
            ("department/list", {}),
            ("tag/list", {}),
        )
    ]


async def test_directory_refuses(client: WeComClient) -> None:
    """Whom the application does not see is not found."""
    with pytest.raises(RecipientError) as caught:
        await client.member_name("nobody")
    assert caught.value.problem == WeComProblem.UNKNOWN_USER
    with pytest.raises(RecipientError) as caught:
        await client.members(99)
    assert caught.value.problem == WeComProblem.UNKNOWN_DEPARTMENT


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({}, {}),
        ({"taglist": None}, {}),
        ({"taglist": [None, 5, {"tagname": "x"}]}, {}),
        (
            {"taglist": [{"tagid": 1}, {"tagid": 2, "tagname": ""}]},
            {"1": "1", "2": "2"},
        ),
    ],
)
async def test_odd_directory(
    wecom: WeCom,
    client: WeComClient,
    answer: dict[str, Any],
    expected: dict[str, str],
) -> None:
    """Entries without a number are left out, those without a name are named by it."""
    wecom.always(json_answer({"errcode": 0, **answer}), "/cgi-bin/tag/list")
    assert await client.tags() == expected


@pytest.mark.parametrize("answer", [{}, {"name": None}, {"name": 5}])
async def test_member_without_a_name(
    wecom: WeCom, client: WeComClient, answer: dict[str, Any]
) -> None:
    """WeCom does not tell the names of members to everyone."""
    wecom.always(json_answer({"errcode": 0, **answer}), "/cgi-bin/user/get")
    assert await client.member_name("zhangsan") == ""
