"""Pictures and files from the web, of which the home network is no part."""

import asyncio
from collections.abc import AsyncGenerator
import logging
import socket
import traceback
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from tests.messages import WECOM_SEND, tell
from tests.pictures import Web, allow, failure, name_server, picture, uploaded
from tests.samples import WECOM, set_up
from tests.simulators import Answer, Reset
from tests.simulators.wecom import WeCom

PUBLIC = "93.184.215.14"
TOKEN = "s3cr3t-of-the-camera"


@pytest.fixture(autouse=True)
async def account(hass: HomeAssistant, wecom: WeCom) -> None:
    """Set up an account that uploads, so that what was fetched is seen on the wire."""
    await set_up(hass, WECOM, wecom)


@pytest.fixture
async def web() -> AsyncGenerator[Web]:
    """Return a web server in the home network."""
    async with Web() as server:
        yield server


@pytest.fixture
async def other_web() -> AsyncGenerator[Web]:
    """Return another web server in the home network."""
    async with Web() as server:
        yield server


@pytest.mark.parametrize("field", ["image", "file"])
async def test_allowed_address(
    hass: HomeAssistant, wecom: WeCom, web: Web, field: str
) -> None:
    """Test that an address of the home network on the list is fetched, to the byte."""
    allow(hass, web.url)
    address = web.show("/snapshot.jpg", picture())
    await tell(hass, **{field: f"{address}?token={TOKEN}#now"})
    assert uploaded(wecom).data == picture()
    assert uploaded(wecom).filename == "snapshot.jpg"
    assert uploaded(wecom).content_type == "image/jpeg"
    (request,) = web.requests
    assert request.query == {"token": TOKEN}


@pytest.mark.parametrize(
    ("path", "content_type", "name"),
    [
        ("/shot", "image/png", "shot.png"),
        ("/", "image/png", "file.png"),
        ("/%E5%89%8D%E9%97%A8.png", "image/png", "前门.png"),
        ("/a%0d%0ab.png", "image/png", "a__b.png"),
        ("/shot.php", "image/png; charset=binary", "shot.png"),
    ],
)
async def test_name(
    hass: HomeAssistant,
    wecom: WeCom,
    web: Web,
    path: str,
    content_type: str,
    name: str,
) -> None:
    """Test that what is sent has the name of what was fetched, with a good ending."""
    allow(hass, web.url)
    web.always(Answer(body=picture("PNG"), content_type=content_type))
    await tell(hass, image=f"{web.url}{path}?path=/a/{TOKEN}")
    assert uploaded(wecom).filename == name


async def test_login(hass: HomeAssistant, wecom: WeCom, web: Web) -> None:
    """Test that a login in an address is used, and does not hinder the list."""
    allow(hass, web.url)
    web.basic_auth = ("admin", TOKEN)
    address = web.show("/snapshot.jpg", picture())
    await tell(hass, image=address.replace("//", f"//admin:{TOKEN}@"))
    assert uploaded(wecom).data == picture()
    assert web.requests[0].headers["Authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "192.168.1.1",
        "10.0.0.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "[fe80::1]",
        "[fd00::1]",
        "name-in-the-house.example",
        "name-of-both.example",
    ],
)
@pytest.mark.parametrize("field", ["image", "file"])
async def test_home_network(
    hass: HomeAssistant,
    wecom: WeCom,
    web: Web,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    field: str,
) -> None:
    """Test that nothing of the home network is fetched that is not on the list."""
    allow(hass, "http://192.168.1.10")
    web.show("/x.jpg", picture())
    name_server(
        hass,
        monkeypatch,
        {
            "127.1": ["127.0.0.1"],
            "name-in-the-house.example": ["192.168.1.20"],
            "name-of-both.example": [PUBLIC, "127.0.0.1"],
        },
    )
    error = await failure(hass, **{field: f"http://{host}:{web.port}/x.jpg?t={TOKEN}"})
    assert isinstance(error, ServiceValidationError)
    assert error.translation_key == "media_not_allowed"
    assert error.translation_placeholders == {"name": host.strip("[]")}
    assert not web.requests
    assert not wecom.requests_to(WECOM_SEND)


async def test_other_port_of_an_allowed_host(
    hass: HomeAssistant, web: Web, other_web: Web
) -> None:
    """Test that an allowed address allows no other that looks like it."""
    allow(hass, web.url)
    address = other_web.show("/x.jpg", picture())
    for each in (
        address,
        address.replace("//", f"//{web.url.removeprefix('http://')}@"),
    ):
        error = await failure(hass, image=each)
        assert error.translation_key == "media_not_allowed"
    assert not other_web.requests


async def test_name_that_changes(
    hass: HomeAssistant, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Test that only an address that was checked is asked, whatever the name says next."""
    answers = [[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]]
    asked: list[Any] = []

    async def connect(sock: socket.socket, address: Any) -> None:
        asked.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(hass.loop, "sock_connect", connect)
    name_server(hass, monkeypatch, {"camera.example": lambda: answers.pop(0)})
    error = await failure(hass, image=f"http://camera.example:{web.port}/x.jpg")
    assert error.translation_key == "media_not_found"
    assert asked == [(PUBLIC, web.port)]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirect(
    hass: HomeAssistant, wecom: WeCom, web: Web, other_web: Web, status: int
) -> None:
    """Test that redirects are followed, three of them, where each address is allowed."""
    allow(hass, web.url, other_web.url)
    address = web.redirect("/1", "/2", status)
    web.redirect("/2", f"{other_web.url}/3", status)
    other_web.redirect("/3", "4/x.jpg", status)
    other_web.show("/4/x.jpg", picture())
    await tell(hass, image=address)
    assert uploaded(wecom).data == picture()
    assert uploaded(wecom).filename == "x.jpg"


async def test_too_many_redirects(hass: HomeAssistant, web: Web) -> None:
    """Test that a fourth redirect is not followed."""
    allow(hass, web.url)
    for step in range(1, 5):
        web.redirect(f"/{step}", f"/{step + 1}")
    web.show("/5", picture())
    error = await failure(hass, image=f"{web.url}/1")
    assert error.translation_key == "media_not_found"
    assert [request.path for request in web.requests] == ["/1", "/2", "/3", "/4"]


async def test_redirect_to_what_is_not_allowed(
    hass: HomeAssistant, web: Web, other_web: Web
) -> None:
    """Test that an allowed address opens no way to one that is not."""
    allow(hass, web.url)
    other_web.show("/x.jpg", picture())
    address = web.redirect("/x.jpg", f"{other_web.url}/x.jpg?t={TOKEN}")
    error = await failure(hass, image=address)
    assert error.translation_key == "media_not_allowed"
    assert not other_web.requests


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/x"])
async def test_redirect_to_another_scheme(
    hass: HomeAssistant, web: Web, location: str
) -> None:
    """Test that a redirect leads to the web alone."""
    allow(hass, web.url)
    error = await failure(hass, image=web.redirect("/x.jpg", location))
    assert error.translation_key == "media_scheme"


@pytest.mark.parametrize(
    ("address", "scheme"),
    [
        (f"file:///etc/passwd?{TOKEN}", "file"),
        (f"ftp://user:{TOKEN}@example.com/x.jpg", "ftp"),
        (f"rtsp://user:{TOKEN}@192.168.1.5/stream", "rtsp"),
        (f"FILE://localhost/etc/{TOKEN}", "file"),
    ],
)
async def test_scheme(
    hass: HomeAssistant, wecom: WeCom, address: str, scheme: str
) -> None:
    """Test that nothing but the web is fetched from, and no login of it told."""
    error = await failure(hass, file=address)
    assert error.translation_key == "media_scheme"
    assert error.translation_placeholders == {"scheme": scheme}
    assert not wecom.requests_to(WECOM_SEND)


async def test_upper_case(hass: HomeAssistant, wecom: WeCom, web: Web) -> None:
    """Test that an address may be written in capitals."""
    allow(hass, web.url)
    address = web.show("/x.jpg", picture())
    await tell(hass, image=address.replace("http", "HTTP"))
    assert uploaded(wecom).data == picture()


# Ways in which an address with a token in it comes to nothing.
ANSWERS: dict[str, Answer] = {
    "not_found": Answer(status=404),
    "error": Answer(status=500),
    "partial": Answer(status=206, body=picture()),
    "redirect_into_nothing": Answer(status=302),
    "redirect_nonsense": Answer(
        status=302, headers={"Location": f"http://[{TOKEN}/?{TOKEN}"}
    ),
    "redirect_elsewhere": Answer(
        status=302, headers={"Location": f"http://192.168.1.1/{TOKEN}"}
    ),
    "too_large": Answer(padding=20 * 1024 * 1024, body="x"),
    "no_picture": Answer(body="<html></html>", content_type="text/html"),
    "broken_off": Answer(body=picture(), reset=Reset.DURING),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
async def test_no_secret_is_told_of_an_answer(
    hass: HomeAssistant,
    wecom: WeCom,
    web: Web,
    caplog: pytest.LogCaptureFixture,
    answer: Answer,
) -> None:
    """Test that an answer of no use has a text, without what is secret."""
    caplog.set_level(logging.DEBUG)
    allow(hass, web.url)
    web.always(answer)
    address = f"{web.url}/x?token={TOKEN}&path=/x/{TOKEN}"
    error = await failure(hass, image=address)
    assert_no_secret(error, caplog)
    assert not wecom.requests_to(WECOM_SEND)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:99999",
        "http://[::1",
        "http://",
        f"http://{'x' * 70}.example",
        "http://nowhere.example",
        "http://127.0.0.1:1",
    ],
)
async def test_no_secret_is_told_of_an_address(
    hass: HomeAssistant,
    wecom: WeCom,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    address: str,
) -> None:
    """Test that an address at which nobody is has a text, without what is secret."""
    caplog.set_level(logging.DEBUG)
    allow(hass, "http://127.0.0.1:1")
    name_server(hass, monkeypatch, {})
    address = f"{address}/x?token={TOKEN}&path=/x/{TOKEN}"
    error = await failure(hass, image=address)
    assert error.translation_key == "media_not_found"
    assert_no_secret(error, caplog)
    assert not wecom.requests_to(WECOM_SEND)


def assert_no_secret(
    error: HomeAssistantError, caplog: pytest.LogCaptureFixture
) -> None:
    """Look for the token in all that is told."""
    assert isinstance(error, ServiceValidationError)
    assert TOKEN not in "".join(traceback.format_exception(error))
    assert TOKEN not in str(error.translation_placeholders)
    # Home Assistant's own core tells of every action with its fields, at this level.
    assert not [
        record
        for record in caplog.records
        if record.name != "homeassistant.core" and TOKEN in record.getMessage()
    ]


async def test_too_large_is_not_read_to_its_end(hass: HomeAssistant, web: Web) -> None:
    """Test that a file of no end is left alone when it is larger than any service takes."""
    allow(hass, web.url)
    web.always(Answer(padding=1024 * 1024 * 1024, body="x"))
    error = await failure(hass, file=f"{web.url}/camera.mjpeg")
    assert error.translation_key == "attachment_too_large"
    assert error.translation_placeholders == {
        "name": "127.0.0.1",
        "limit": str(20 * 1024 * 1024),
    }


async def test_time_out(
    hass: HomeAssistant, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Test that a server that never answers does not hold up the message for good."""
    monkeypatch.setattr("custom_components.wechat_push.media.fetch._FETCH_SECONDS", 0.1)
    allow(hass, web.url)
    web.always(Answer(hang=True))
    async with asyncio.timeout(5):
        error = await failure(hass, image=f"{web.url}/x.jpg")
    assert error.translation_key == "media_not_found"
    assert error.translation_placeholders == {"name": "127.0.0.1"}
