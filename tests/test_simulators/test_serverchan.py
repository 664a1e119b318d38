"""Tests for the simulator of Server酱."""

from collections.abc import AsyncGenerator

import aiohttp
import pytest

from tests.simulators import ServerChan
from tests.simulators.serverchan import KEY, TURBO_KEY

from .calls import call

WRONG_KEY = (
    '{"message":"[AUTH]\\u9519\\u8bef\\u7684Key","code":40001,'
    '"info":"\\u9519\\u8bef\\u7684Key","args":[null],"scode":461}'
)
NO_TITLE = (
    '{"message":"[INPUT]title \\u4e0d\\u80fd\\u4e3a\\u7a7a","code":20001,'
    '"info":"title \\u4e0d\\u80fd\\u4e3a\\u7a7a","args":[null],"scode":460}'
)
UNKNOWN_KEY = '{"error":"sendkey not found","code":10003}'


@pytest.fixture
async def serverchan(socket_enabled: None) -> AsyncGenerator[ServerChan]:
    """Return the running simulator."""
    async with ServerChan() as simulator:
        yield simulator


@pytest.mark.parametrize(
    ("path", "data", "status", "body"),
    [
        ("/SCT1Twrong.send", {}, 400, WRONG_KEY),
        (f"/{TURBO_KEY}.send", {"desp": "x"}, 400, NO_TITLE),
        (f"/{TURBO_KEY}.send", {"text": "x"}, 200, '"errno":0}}'),
        (f"/{TURBO_KEY}.send", {"title": "x" * 33}, 400, '"code":20002'),
        ("/send/sctp1twrong.send", {}, 200, UNKNOWN_KEY),
        (f"/send/{KEY}.send", {"desp": "x"}, 200, '"meta":{}},"message":"SUCCESS"}'),
        (f"/send/{TURBO_KEY}.send", {"title": "x"}, 200, UNKNOWN_KEY),
    ],
)
async def test_answers(
    client: aiohttp.ClientSession,
    serverchan: ServerChan,
    path: str,
    data: dict[str, str],
    status: int,
    body: str,
) -> None:
    """Test the answers, of which a wrong key and no title were seen in full."""
    async with client.post(f"{serverchan.url}{path}", data=data) as response:
        assert response.status == status
        text = await response.text()
        assert (
            text == body if body in (WRONG_KEY, NO_TITLE, UNKNOWN_KEY) else body in text
        )


async def test_ways_to_send(
    client: aiohttp.ClientSession, serverchan: ServerChan
) -> None:
    """Test that the query, a form and JSON are taken, JSON only if it says so."""
    url = f"{serverchan.url}/{TURBO_KEY}.send"
    await call(client, "GET", url, params={"title": "query"})
    await call(client, "POST", url, data={"title": "form"})
    await call(client, "POST", url, json={"title": "json"})
    await call(client, "POST", url, data=b'{"title": "unlabelled"}')
    assert [each.title for each in serverchan.notifications] == [
        "query",
        "form",
        "json",
    ]


async def test_forwarder(client: aiohttp.ClientSession, serverchan: ServerChan) -> None:
    """Test that Turbo sends on a message for the other service, with an advert."""
    data = {"title": "a", "desp": "b"}
    await call(client, "POST", f"{serverchan.url}/{KEY}.send", data=data)
    (shown,) = serverchan.notifications
    assert shown.text.startswith("b\n\n本消息由")


async def test_status(client: aiohttp.ClientSession, serverchan: ServerChan) -> None:
    """Test what becomes of a message: JSON in a string, empty for not yet."""
    url = f"{serverchan.url}/{TURBO_KEY}.send"
    sent = (await call(client, "POST", url, data={"title": "a"}))["data"]
    query = {"id": sent["pushid"], "readkey": sent["readkey"]}
    for status in ("", '{"errcode":0,"errmsg":"ok"}'):
        serverchan.wx_status = status
        answer = await call(client, "GET", f"{serverchan.url}/push", params=query)
        assert answer["data"]["wxstatus"] == status
