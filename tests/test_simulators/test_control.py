"""How tests steer the stand-ins, and the page of the phones."""

import asyncio
from base64 import b64encode

import aiohttp
import pytest

from tests.simulators import BAD_ANSWERS, Answer, Pushjet, Reset, Simulators, WxPusher
from tests.simulators.pushjet import SECRET

from .calls import SEND, call, push

WHOLE = {
    name: answer
    for name, answer in BAD_ANSWERS.items()
    if answer.plain and not answer.hang
}


@pytest.mark.parametrize("name", WHOLE)
async def test_bad_answer(
    client: aiohttp.ClientSession, wxpusher: WxPusher, name: str
) -> None:
    """Test that a scripted answer is given once, and nothing is delivered."""
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
    """Test that a connection breaks off before or after the message was taken."""
    wxpusher.script(Answer(body="{}", reset=reset))
    with pytest.raises(aiohttp.ClientError):
        await push(client, wxpusher)
    assert len(wxpusher.notifications) == delivered
    assert len(wxpusher.requests) == 1


@pytest.mark.parametrize("name", ["hang", "drip"])
async def test_stop_releases(
    client: aiohttp.ClientSession, wxpusher: WxPusher, name: str
) -> None:
    """Test that stopping ends at once what would never end."""
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
    """Test that only counting tells how big the huge answer is."""
    wxpusher.script(BAD_ANSWERS["huge_body"])
    async with client.post(wxpusher.url + SEND, json={}) as response:
        assert response.content_length is None
        assert len(await response.read()) > 8 * 1024 * 1024


async def test_scripted_order(
    client: aiohttp.ClientSession, wxpusher: WxPusher
) -> None:
    """Test that answers for a path come first, then others, then the service."""
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
    """Test a password, a sub-path and a limit in front of a service."""
    pushjet.basic_auth = ("ann", "right")
    pushjet.prefix = "/way"
    pushjet.body_limit = 1024
    headers = {"Authorization": f"Basic {b64encode(login.encode()).decode()}"}
    data = {"secret": SECRET, "message": "x" * size}
    async with client.post(pushjet.url + path, data=data, headers=headers) as response:
        assert response.status == status
    assert len(pushjet.notifications) == (status == 200)


async def test_page_of_phones(client: aiohttp.ClientSession) -> None:
    """Test that the page shows what arrived, newest first."""
    async with Simulators() as simulators:
        await push(client, simulators.wxpusher, content="<b>first</b>")
        await push(client, simulators.wxpusher, content="second", summary="Title")
        async with client.get(simulators.page_url) as response:
            assert response.content_type == "text/html"
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        shown = await call(client, "GET", f"{simulators.page_url}notifications.json")
        phones = {phone["name"]: phone for phone in shown["services"]}
        assert list(phones) == ["wxpusher", "wecom", "pushplus", "pushjet"]
        texts = [
            (one["title"], one["text"]) for one in phones["wxpusher"]["notifications"]
        ]
        assert texts == [("Title", "second"), ("", "<b>first</b>")]


async def test_failed_start_leaves_nothing_running(
    client: aiohttp.ClientSession,
) -> None:
    """Test that ports beyond the last one stop what had been started before."""
    simulators = Simulators(65_533)
    with pytest.raises(OverflowError):
        await simulators.__aenter__()
    assert simulators.wxpusher.port == 65_533
    with pytest.raises(aiohttp.ClientConnectorError):
        await push(client, simulators.wxpusher)
