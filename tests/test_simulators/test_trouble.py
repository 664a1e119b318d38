"""Tests of the switches on the page of the phones, and of what the page shows."""

import asyncio
from collections.abc import AsyncGenerator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.simulators import (
    Pushjet,
    PushPlus,
    Simulator,
    Simulators,
    Trouble,
    WeCom,
    WxPusher,
)
from tests.simulators.pushjet import SECRET
from tests.simulators.pushplus_accounts import TOKEN

from .calls import call, push, tell, token_of

SERVICES = ("wxpusher", "wecom", "pushplus", "pushjet")
# How each service refuses messages, and credentials.
REFUSALS: dict[str, Any] = {
    "wxpusher": {"code": 1001, "msg": "发送内容包含敏感词"},
    "wecom": {"errcode": 85002},
    "pushplus": {"code": 999, "data": "发送内容包含敏感词"},
    "pushjet": {"error": {"id": 12, "message": "Message refused"}},
}
UNKNOWN: dict[str, Any] = {
    "wxpusher": {"code": 1001, "msg": "appToken不正确"},
    "wecom": {"errcode": 40014},
    "pushplus": {"code": 903},
    "pushjet": {"error": {"id": 6, "message": "Service not found"}},
}
PAGE = Path(__file__).parents[1] / "simulators" / "page" / "phones.js"
PNG = b"\x89PNG\r\n\x1a\nnot really"


@pytest.fixture
async def simulators(socket_enabled: None) -> AsyncGenerator[Simulators]:
    """Start all simulators and the page."""
    async with Simulators() as started:
        yield started


async def switch(
    client: aiohttp.ClientSession, simulators: Simulators, service: str, trouble: Any
) -> Any:
    """Use a switch as the page does; return the state that it shows then."""
    url = f"{simulators.page_url}services/{service}/trouble"
    answer = await call(client, "PUT", url, json={"trouble": trouble})
    assert await shown(client, simulators, service) == answer
    return answer["trouble"]


async def shown(
    client: aiohttp.ClientSession, simulators: Simulators, service: str
) -> Any:
    """Return the trouble of a service by the data of the page."""
    return {"trouble": (await phone(client, simulators, service))["trouble"]}


async def phone(
    client: aiohttp.ClientSession, simulators: Simulators, service: str
) -> dict[str, Any]:
    """Return what the page shows of a service."""
    data = await call(client, "GET", f"{simulators.page_url}notifications.json")
    found: dict[str, Any] = {one["name"]: one for one in data["services"]}[service]
    return found


async def send(
    client: aiohttp.ClientSession,
    simulators: Simulators,
    service: str,
    query: dict[str, str],
) -> Any:
    """Send a message through a service; return the answer."""
    match service:
        case "wxpusher":
            return await push(client, simulators[WxPusher])
        case "wecom":
            return await tell(client, simulators[WeCom], query, touser="zhangsan")
        case "pushplus":
            url = f"{simulators[PushPlus].url}/send"
            body = {"token": TOKEN, "content": "Hi"}
            return await call(client, "POST", url, json=body)
    url = f"{simulators[Pushjet].url}/message"
    data = {"secret": SECRET, "message": "Hi"}
    async with client.post(url, data=data) as response:
        return await response.json(content_type=None)


def named(simulators: Simulators, service: str) -> Simulator:
    """Return a simulator by name."""
    return {one.name: one for one in simulators.all}[service]


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    ("trouble", "answers"), [("refuse", REFUSALS), ("credentials", UNKNOWN)]
)
async def test_refusals(
    client: aiohttp.ClientSession,
    simulators: Simulators,
    service: str,
    trouble: str,
    answers: dict[str, Any],
) -> None:
    """Test that a service refuses in its own words, until switched back."""
    query = await token_of(client, simulators[WeCom])
    assert await switch(client, simulators, service, trouble) == trouble
    answer = await send(client, simulators, service, query)
    assert answers[service].items() <= answer.items()
    assert (await phone(client, simulators, service))["count"] == 0
    assert await switch(client, simulators, service, None) is None
    await send(client, simulators, service, query)
    assert (await phone(client, simulators, service))["count"] == 1


@pytest.mark.parametrize("service", SERVICES)
async def test_down(
    client: aiohttp.ClientSession, simulators: Simulators, service: str
) -> None:
    """Test that a service that is down comes back at its address, with its phones."""
    query = await token_of(client, simulators[WeCom])
    await send(client, simulators, service, query)
    url = named(simulators, service).url
    for _ in range(2):
        assert await switch(client, simulators, service, "down") == "down"
    with pytest.raises(aiohttp.ClientConnectorError):
        await send(client, simulators, service, query)
    # From one trouble to another one.
    assert await switch(client, simulators, service, "refuse") == "refuse"
    assert named(simulators, service).url == url
    await switch(client, simulators, service, None)
    await send(client, simulators, service, query)
    assert (await phone(client, simulators, service))["count"] == 2


async def test_slow(client: aiohttp.ClientSession, simulators: Simulators) -> None:
    """Test that a slow service takes its time before it takes the message."""
    wxpusher = simulators[WxPusher]
    await switch(client, simulators, "wxpusher", "slow")
    waiting = asyncio.create_task(push(client, wxpusher))
    async with asyncio.timeout(5):
        while not wxpusher.requests:
            await asyncio.sleep(0)
        assert not wxpusher.notifications
        await wxpusher.stop()
        with pytest.raises(aiohttp.ClientError):
            await waiting
        wxpusher.slowness = 0.01
        await wxpusher.start(port=wxpusher.port)
        assert (await push(client, wxpusher))["code"] == 1000
    assert len(wxpusher.notifications) == 1
    wxpusher.reset()
    assert wxpusher.trouble is None


@pytest.mark.parametrize(
    ("service", "body", "status"),
    [
        ("wxpusher", {"json": {"trouble": "fire"}}, HTTPStatus.BAD_REQUEST),
        ("wxpusher", {"json": {}}, HTTPStatus.BAD_REQUEST),
        ("wxpusher", {"json": ["down"]}, HTTPStatus.BAD_REQUEST),
        ("nobody", {"json": {"trouble": "down"}}, HTTPStatus.NOT_FOUND),
        # What a page of another server could send.
        (
            "wxpusher",
            {"data": '{"trouble": "down"}'},
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        ),
    ],
)
async def test_switch_that_is_not_there(
    client: aiohttp.ClientSession,
    simulators: Simulators,
    service: str,
    body: dict[str, Any],
    status: HTTPStatus,
) -> None:
    """Test that a wrong use of a switch changes nothing."""
    url = f"{simulators.page_url}services/{service}/trouble"
    async with client.put(url, **body) as response:
        assert response.status == status
    assert [one.trouble for one in simulators.all] == [None] * len(simulators.all)


def test_every_trouble_is_explained() -> None:
    """Test that the page has a switch for each trouble."""
    script = PAGE.read_text(encoding="utf-8")
    for trouble in Trouble:
        assert script.count(f"{trouble}: [") == 2


async def test_markup_is_shown(
    client: aiohttp.ClientSession, simulators: Simulators
) -> None:
    """Test that Markdown is rendered, and that text stays text."""
    await push(client, simulators[WxPusher], contentType=3, content="**bold**")
    await push(client, simulators[WxPusher], contentType=2, content="<b>bold</b>")
    await push(
        client, simulators[WxPusher], content="<b>bold</b>", url="https://example.com"
    )
    notifications = (await phone(client, simulators, "wxpusher"))["notifications"]
    assert [one["blocks"] for one in notifications] == [
        [
            {"type": "text", "text": "<b>bold</b>"},
            {"type": "link", "url": "https://example.com"},
        ],
        [{"type": "html", "text": "<b>bold</b>"}],
        [{"type": "html", "text": "<p><strong>bold</strong></p>\n"}],
    ]


@pytest.mark.parametrize(
    ("kind", "content_type", "downloaded"),
    [("image", "image/png", False), ("file", "text/html", True)],
)
async def test_uploaded_file(
    client: aiohttp.ClientSession,
    simulators: Simulators,
    kind: str,
    content_type: str,
    downloaded: bool,
) -> None:
    """Test that a picture is shown, and that a page is not."""
    wecom = simulators[WeCom]
    query = await token_of(client, wecom)
    form = aiohttp.FormData()
    form.add_field("media", PNG, filename="door.png", content_type=content_type)
    uploaded = await call(
        client,
        "POST",
        f"{wecom.url}/cgi-bin/media/upload",
        params={**query, "type": kind},
        data=form,
    )
    media = {"media_id": uploaded["media_id"]}
    await tell(client, wecom, query, **{"msgtype": kind, kind: media})
    [notification] = (await phone(client, simulators, "wecom"))["notifications"]
    [block] = notification["blocks"]
    assert notification["recipient_name"] == "李四"
    assert block["type"] == {"image": "picture", "file": "file"}[kind]
    async with client.get(f"{simulators.page_url}{block['url']}") as response:
        assert await response.read() == PNG
        assert ("attachment" in response.headers.get("Content-Disposition", "")) is (
            downloaded
        )
        assert "sandbox" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    async with client.get(f"{simulators.page_url}files/wecom/other") as response:
        assert response.status == HTTPStatus.NOT_FOUND


async def test_card(client: aiohttp.ClientSession, simulators: Simulators) -> None:
    """Test that a phone shows the parts of a card."""
    card = {
        "card_type": "text_notice",
        "source": {"desc": "Home"},
        "main_title": {"title": "Door", "desc": "Motion"},
        "emphasis_content": {"title": "21 °C", "desc": "outside"},
        "horizontal_content_list": [{"keyname": "Battery", "value": "84 %"}],
        "card_action": {"type": 1, "url": "https://example.com"},
    }
    answer = await tell(
        client, simulators[WeCom], msgtype="template_card", template_card=card
    )
    assert answer["errcode"] == 0
    [notification] = (await phone(client, simulators, "wecom"))["notifications"]
    assert notification["blocks"] == [
        {
            "type": "card",
            "source": "Home",
            "title": "Door",
            "text": "Motion",
            "emphasis": {"title": "21 °C", "text": "outside"},
            "rows": [{"name": "Battery", "value": "84 %", "url": ""}],
            "url": "https://example.com",
        }
    ]
