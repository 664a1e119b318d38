"""Followers that come by a scanned QR code, and the list of all."""

from typing import Any

import pytest

from custom_components.wechat_push.clients.errors import (
    ContentError,
    CredentialsError,
    EndpointError,
)
from custom_components.wechat_push.clients.wxpusher.client import QrCode, WxPusherClient
from tests.simulators import WxPusher
from tests.simulators.answers import json_answer
from tests.simulators.wxpusher_accounts import (
    APP_TOKEN,
    UID_LI,
    UID_WANG,
    UID_ZHANG,
    Follower,
)


async def test_scan(wxpusher: WxPusher, client: WxPusherClient) -> None:
    """Whoever scans the QR code follows the application and is told."""
    qr_code = await client.create_qr_code("home")
    assert qr_code.image == f"{wxpusher.url}/api/qrcode/{qr_code.code}.jpg"
    assert wxpusher.requests[-1].json == {
        "appToken": APP_TOKEN,
        "extra": "home",
        "validTime": 600,
    }
    assert await client.scanned(qr_code) is None
    wxpusher.scan(qr_code.code, UID_WANG)
    assert await client.scanned(qr_code) == UID_WANG
    assert qr_code.code not in repr(qr_code).replace(qr_code.image, "")


@pytest.mark.parametrize(
    ("data", "image"),
    [
        ({"code": "c", "url": "https://a/q.jpg"}, "https://a/q.jpg"),
        ({"code": "c", "url": "", "shortUrl": "https://a/q"}, "https://a/q"),
        (
            {"code": "c", "url": "javascript:x", "shortUrl": "https://a/q"},
            "https://a/q",
        ),
    ],
)
async def test_qr_code(
    wxpusher: WxPusher, client: WxPusherClient, data: Any, image: str
) -> None:
    """Any documented field can hold the address of the picture."""
    wxpusher.always(json_answer({"code": 1000, "msg": "ok", "data": data}))
    assert (await client.create_qr_code("x")).image == image


@pytest.mark.parametrize(
    "data", [None, "x", {"code": "c"}, {"url": "https://a"}, {"code": 1, "url": "a b"}]
)
async def test_no_qr_code(
    wxpusher: WxPusher, client: WxPusherClient, data: Any
) -> None:
    """An answer without a picture is none of the service."""
    wxpusher.always(json_answer({"code": 1000, "msg": "ok", "data": data}))
    with pytest.raises(EndpointError):
        await client.create_qr_code("x")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"code": 1000, "msg": "ok", "data": UID_LI}, UID_LI),
        ({"code": 1000, "msg": "ok", "data": {"uid": UID_LI, "extra": "x"}}, UID_LI),
        ({"code": 1000, "msg": "ok", "data": None}, None),
        ({"code": 1001, "msg": "暂无用户扫描二维码"}, None),
    ],
)
async def test_scanned(
    wxpusher: WxPusher, client: WxPusherClient, answer: Any, expected: str | None
) -> None:
    """Both forms of the answer are read; waiting is no failure."""
    wxpusher.always(json_answer(answer))
    assert await client.scanned(QrCode(code="c", image="https://a")) == expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [("二维码已过期", ContentError), ("appToken不正确", CredentialsError)],
)
async def test_scanned_refused(
    wxpusher: WxPusher, client: WxPusherClient, text: str, kind: type[Exception]
) -> None:
    """Another failure has the code of waiting, but not its words."""
    wxpusher.always(json_answer({"code": 1001, "msg": text}))
    with pytest.raises(kind):
        await client.scanned(QrCode(code="c", image="https://a"))


async def test_audience(wxpusher: WxPusher, client: WxPusherClient) -> None:
    """All followers are listed page by page, and the topics that somebody follows."""
    app = wxpusher.apps[APP_TOKEN]
    for number in range(400):
        uid = f"UID_{number:028}"
        app.followers[uid] = Follower(record_id=100 + number, uid=uid)
    found = await client.audience()
    assert [each.uid for each in found.followers[:2]] == [UID_ZHANG, UID_LI]
    assert len(found.followers) == 402
    assert found.application == "Home alarms"
    assert found.topics == {8001: "Family"}
    assert len(wxpusher.requests) == 5


async def test_audience_is_bounded(wxpusher: WxPusher, client: WxPusherClient) -> None:
    """No more than ten pages are read, whatever the service says of their number."""
    wxpusher.always(
        json_answer({"code": 1000, "data": {"total": 10**9, "records": [{}, 1]}})
    )
    assert (await client.audience()).followers == ()
    assert len(wxpusher.requests) == 10
