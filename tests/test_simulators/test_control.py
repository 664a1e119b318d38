"""Tests for scripted answers and the page of the phones."""

import asyncio
from base64 import b64encode
import json
from typing import Any, Final

import aiohttp
import pytest

from tests.simulators import (
    BAD_ANSWERS,
    SIMULATORS,
    Answer,
    Pushjet,
    Reset,
    Simulator,
    Simulators,
    WxPusher,
    nginx_page,
    too_many,
)
from tests.simulators.pushjet import SECRET
from tests.simulators.wxpusher_accounts import APP_TOKEN, UID_ZHANG

from .calls import SEND, call, push

HELLO: Final = {"appToken": APP_TOKEN, "content": "Hi", "uids": [UID_ZHANG]}

WHOLE = {
    name: answer
    for name, answer in BAD_ANSWERS.items()
    if answer.plain and not answer.hang
}


@pytest.mark.parametrize("name", WHOLE)
async def test_bad_answer(
    client: aiohttp.ClientSession, wxpusher: WxPusher, name: str
) -> None:
    """Test that a scripted answer is given once and nothing is delivered."""
    wxpusher.script(WHOLE[name])
    url = wxpusher.url + SEND
    async with client.post(url, json={}, allow_redirects=False) as response:
        assert response.status == WHOLE[name].status
        assert await response.read() == WHOLE[name].payload
    assert (await push(client, wxpusher))["code"] == 1000
    assert len(wxpusher.notifications) == 1


@pytest.mark.parametrize(
    ("reset", "delivered"), [(Reset.BEFORE, 0), (Reset.AFTER, 1), (Reset.DURING, 0)]
)
async def test_broken_connection(
    client: aiohttp.ClientSession, wxpusher: WxPusher, reset: Reset, delivered: int
) -> None:
    """Test a reset connection, with and without delivery."""
    wxpusher.script(Answer(body="{}", reset=reset))
    with pytest.raises(aiohttp.ClientError):
        await push(client, wxpusher)
    assert len(wxpusher.notifications) == delivered
    assert len(wxpusher.requests) == 1


@pytest.mark.parametrize("delivered", [False, True])
async def test_half_an_answer(
    client: aiohttp.ClientSession, wxpusher: WxPusher, delivered: bool
) -> None:
    """Test half an answer, with and without delivery."""
    wxpusher.script(Answer(body="{}", genuine=delivered, reset=Reset.DURING))
    async with client.post(wxpusher.url + SEND, json=HELLO) as response:
        assert response.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()
    assert len(wxpusher.notifications) == delivered


async def test_refused_connection(
    client: aiohttp.ClientSession, wxpusher: WxPusher
) -> None:
    """Test that connections are refused until the simulator starts again."""
    await wxpusher.stop()
    with pytest.raises(aiohttp.ClientConnectorError) as raised:
        await push(client, wxpusher)
    assert isinstance(raised.value.os_error, ConnectionRefusedError)
    await wxpusher.start(port=wxpusher.port)
    assert (await push(client, wxpusher))["code"] == 1000
    async with Pushjet() as other:
        pass
    # Its port is free again.
    await wxpusher.stop()
    await wxpusher.start(port=other.port)


async def test_poisonous_text(
    client: aiohttp.ClientSession, simulator: Simulator
) -> None:
    """Test scripted answers to requests that contain a text, in any encoding."""
    simulator.always(nginx_page(502), text="毒 & 药")
    simulator.script(Answer(reset=Reset.BEFORE), path="/there", text="毒")
    bodies: list[dict[str, Any]] = [
        {"json": {"text": "a 毒 & 药"}},
        {"data": {"text": "毒 & 药 b"}},
        {"data": json.dumps({"text": "毒 & 药"}, ensure_ascii=False).encode()},
    ]
    for body in bodies:
        async with client.post(f"{simulator.url}/elsewhere", **body) as response:
            assert response.status == 502
    async with client.post(f"{simulator.url}/there", data="药") as response:
        assert response.status != 502
    with pytest.raises(aiohttp.ClientError):
        await client.post(f"{simulator.url}/there", data="毒 & 药")
    # The scripted answer is used up; the other one stays.
    async with client.post(f"{simulator.url}/there", data="毒 & 药") as response:
        assert response.status == 502
    simulator.always(None, text="毒 & 药")
    async with client.post(f"{simulator.url}/there", data="毒 & 药") as response:
        assert response.status != 502
    assert simulator.counts() == {"/elsewhere": 3, "/there": 4}


async def test_dates(client: aiohttp.ClientSession, wxpusher: WxPusher) -> None:
    """Test the Date header, a skewed clock and both forms of Retry-After."""
    wxpusher.clock = lambda: 1_800_000_000.0
    url = wxpusher.url + SEND
    wxpusher.script(
        too_many(90), too_many(90, server_time=1_800_000_060), nginx_page(418)
    )
    seen = []
    for skew in (0, 0, -60, -60):
        wxpusher.date_skew = skew
        async with client.post(url, json=HELLO) as response:
            heads = response.headers
            seen.append((response.status, heads["Date"], heads.get("Retry-After")))
    assert seen == [
        (429, "Fri, 15 Jan 2027 08:00:00 GMT", "90"),
        (429, "Fri, 15 Jan 2027 08:01:00 GMT", "Fri, 15 Jan 2027 08:02:30 GMT"),
        (418, "Fri, 15 Jan 2027 07:59:00 GMT", None),
        (200, "Fri, 15 Jan 2027 07:59:00 GMT", None),
    ]
    assert {one.received for one in wxpusher.requests} == {1_800_000_000.0}
    assert len({one.body for one in wxpusher.requests}) == 1
    assert wxpusher.requests[0].json == HELLO


@pytest.mark.parametrize("name", ["hang", "drip"])
async def test_stop_releases(
    client: aiohttp.ClientSession, wxpusher: WxPusher, name: str
) -> None:
    """Test that stopping ends hanging requests at once."""
    wxpusher.always(BAD_ANSWERS[name])
    waiting = asyncio.create_task(push(client, wxpusher))
    async with asyncio.timeout(5):
        while not wxpusher.requests:
            await asyncio.sleep(0)
        await wxpusher.stop()
        with pytest.raises(aiohttp.ClientError):
            await waiting
    wxpusher.always(None)
    await wxpusher.start(port=wxpusher.port)
    assert (await push(client, wxpusher))["code"] == 1000


async def test_huge_answer_has_no_length(
    client: aiohttp.ClientSession, wxpusher: WxPusher
) -> None:
    """Test that the huge answer has no Content-Length."""
    wxpusher.script(BAD_ANSWERS["huge_body"])
    async with client.post(wxpusher.url + SEND, json={}) as response:
        assert response.content_length is None
        assert len(await response.read()) > 8 * 1024 * 1024


async def test_scripted_order(
    client: aiohttp.ClientSession, wxpusher: WxPusher
) -> None:
    """Test that answers for a path come before others and before the service."""
    wxpusher.always(Answer(body="4"), path=SEND)
    wxpusher.script(Answer(body="2"), Answer(body="3"))
    wxpusher.script(Answer(body="1"), path=SEND)
    wxpusher.script(Answer(body="0"), path="/elsewhere")
    assert [await push(client, wxpusher) for _ in range(4)] == [1, 2, 3, 4]
    wxpusher.script(Answer(genuine=True, drip=0), Answer(body="5", act=True))
    assert (await push(client, wxpusher))["code"] == 1000
    assert await push(client, wxpusher) == 5
    assert len(wxpusher.notifications) == 2
    wxpusher.apps.clear()
    wxpusher.reset()
    assert not wxpusher.requests
    assert not wxpusher.notifications
    assert (await push(client, wxpusher))["code"] == 1000
    assert [request.json["content"] for request in wxpusher.requests_to(SEND)] == ["Hi"]


@pytest.mark.parametrize(
    ("login", "path", "size", "status"),
    [
        ("", "/way/message", 1, 401),
        ("ann:wrong", "/way/message", 1, 401),
        ("ann:right", "/message", 1, 404),
        ("ann:right", "/way/message", 2000, 413),
        ("ann:right", "/way/message", 1, 200),
    ],
)
async def test_reverse_proxy(
    client: aiohttp.ClientSession,
    pushjet: Pushjet,
    login: str,
    path: str,
    size: int,
    status: int,
) -> None:
    """Test a reverse proxy with a password, a sub-path and a size limit."""
    pushjet.basic_auth = ("ann", "right")
    pushjet.prefix = "/way"
    pushjet.body_limit = 1024
    headers = {"Authorization": f"Basic {b64encode(login.encode()).decode()}"}
    data = {"secret": SECRET, "message": "x" * size}
    async with client.post(pushjet.url + path, data=data, headers=headers) as response:
        assert response.status == status
    assert len(pushjet.notifications) == (status == 200)


async def test_page_of_phones(client: aiohttp.ClientSession) -> None:
    """Test that the page shows the notifications, newest first."""
    async with Simulators() as simulators:
        await push(client, simulators[WxPusher], content="<b>first</b>")
        await push(client, simulators[WxPusher], content="second", summary="Title")
        async with client.get(simulators.page_url) as response:
            assert response.content_type == "text/html"
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        shown = await call(client, "GET", f"{simulators.page_url}notifications.json")
        phones = {phone["name"]: phone for phone in shown["services"]}
        assert list(phones) == [kind.name for kind in SIMULATORS]
        texts = [
            (one["title"], one["text"]) for one in phones["wxpusher"]["notifications"]
        ]
        assert texts == [("Title", "second"), ("", "<b>first</b>")]


async def test_failed_start_leaves_nothing_running(
    client: aiohttp.ClientSession,
) -> None:
    """Test that a port beyond the last one stops the simulators already started."""
    simulators = Simulators(65_532)
    with pytest.raises(OverflowError):
        await simulators.__aenter__()
    assert simulators[WxPusher].port == 65_533
    with pytest.raises(aiohttp.ClientConnectorError):
        await push(client, simulators[WxPusher])
