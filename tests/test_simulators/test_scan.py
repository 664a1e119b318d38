"""QR codes have pictures, and are scanned by a button of the page."""

from http import HTTPStatus
from typing import Any

import aiohttp
import pytest

from custom_components.wechat_push.clients.pushplus.open_api import PushPlusOpenApi
from custom_components.wechat_push.clients.transport import Endpoint
from custom_components.wechat_push.clients.wxpusher.client import WxPusherClient
from tests.simulators import PushPlus, Simulators, WxPusher
from tests.simulators.pushplus_accounts import SECRET_KEY, TOKEN
from tests.simulators.wxpusher_accounts import APP_TOKEN, UID_WANG

from .test_trouble import phone, simulators

__all__ = ["simulators"]


async def press(
    client: aiohttp.ClientSession, page: Simulators, service: str, **body: Any
) -> HTTPStatus:
    """Press the button as the page does."""
    url = f"{page.page_url}services/{service}/scan"
    async with client.post(url, **(body or {"json": {}})) as response:
        return HTTPStatus(response.status)


async def see(client: aiohttp.ClientSession, picture: str) -> str:
    """Return a picture."""
    async with client.get(picture) as response:
        assert response.content_type == "image/svg+xml"
        return await response.text()


async def test_wxpusher(client: aiohttp.ClientSession, simulators: Simulators) -> None:
    """Test that each code is scanned once, by somebody new."""
    wxpusher = simulators[WxPusher]
    application = WxPusherClient(
        client, Endpoint(url=wxpusher.url), app_token=APP_TOKEN
    )
    assert await press(client, simulators, "wxpusher") is HTTPStatus.CONFLICT
    first = await application.create_qr_code("a")
    code = await application.create_qr_code("b")
    assert await see(client, code.image) != await see(client, first.image)
    assert (await phone(client, simulators, "wxpusher"))["can_be_scanned"]
    refused = await press(client, simulators, "wxpusher", data="{}")
    assert refused is HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    assert await press(client, simulators, "wxpusher") is HTTPStatus.OK
    assert await application.scanned(first) is None
    assert await application.scanned(code) == UID_WANG
    assert not (await phone(client, simulators, "wxpusher"))["can_be_scanned"]
    again = await application.create_qr_code("c")
    assert await press(client, simulators, "wxpusher") is HTTPStatus.OK
    assert await application.scanned(again) not in (None, UID_WANG)


async def test_pushplus(client: aiohttp.ClientSession, simulators: Simulators) -> None:
    """Test that a friend is made, or a group joined."""
    pushplus = simulators[PushPlus]
    open_api = PushPlusOpenApi(
        client, Endpoint(url=pushplus.url), token=TOKEN, secret_key=SECRET_KEY
    )
    assert await press(client, simulators, "pushplus") is HTTPStatus.CONFLICT
    assert await see(client, await open_api.qr_code())
    assert await press(client, simulators, "pushplus") is HTTPStatus.OK
    assert len(await open_api.friends()) == 2
    await open_api.qr_code(2)
    assert await press(client, simulators, "pushplus") is HTTPStatus.OK
    assert len(await open_api.subscribers(2)) == 4


@pytest.mark.parametrize("service", ["pushjet", "wecom"])
async def test_no_code(
    client: aiohttp.ClientSession, simulators: Simulators, service: str
) -> None:
    """Test that other services show no QR codes."""
    assert not (await phone(client, simulators, service))["can_be_scanned"]
    assert await press(client, simulators, service) is HTTPStatus.CONFLICT
