"""Pictures and files for services that can only link: addresses that are good for a day."""

from datetime import timedelta
from pathlib import Path
import re
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from homeassistant.components.media_source import PlayMedia
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.setup import async_setup_component
from tests.messages import tell
from tests.pictures import (
    Web,
    allow,
    failure,
    name_server,
    picture,
    set_up_camera,
    set_up_frames,
)
from tests.samples import (
    PUSHJET,
    PUSHPLUS,
    UID_LI,
    WXPUSHER,
    Sample,
    add_recipient,
    set_up,
)
from tests.simulators import Simulator
from tests.simulators.pushjet import Pushjet
from tests.simulators.wxpusher import WxPusher

OUTSIDE = "https://ha.example.com"
ADDRESS = re.compile(rf"{OUTSIDE}[^\"'\s)]+")
PUBLIC = "93.184.215.14"
CAMERA = {"media_content_id": "media-source://camera/camera.front_door"}
ITEM = "media-source://media_source/local"

LINKING = pytest.mark.parametrize(
    "sample", [WXPUSHER, PUSHPLUS, PUSHJET], ids=lambda sample: sample.service
)


@pytest.fixture
def outside(hass: HomeAssistant) -> None:
    """Give Home Assistant an address that can be reached from outside."""
    hass.config.external_url = OUTSIDE


@pytest.fixture
def folder(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Return a folder that Home Assistant may show, and a page outside of it."""
    shown = tmp_path / "shown"
    shown.mkdir()
    (tmp_path / "secret.jpg").write_bytes(picture())
    hass.config.allowlist_external_dirs = {str(shown)}
    return shown


@pytest.fixture
async def media(hass: HomeAssistant, folder: Path) -> Path:
    """Return the media folder; it is served from the start of the web server on."""
    hass.config.media_dirs = {"local": str(folder)}
    assert await async_setup_component(hass, "media_source", {})
    return folder


def said(sample: Sample, simulator: Simulator) -> dict[str, Any]:
    """Return the last message as it stands on the wire."""
    request = simulator.requests_to(sample.path)[-1]
    return request.form or dict(request.json)


def linked(simulator: Simulator) -> URL:
    """Return the one address in the last plain message."""
    (address,) = simulator.notifications[-1].text.split()[-1:]
    return URL(address, encoded=True)


@LINKING
async def test_picture(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    outside: None,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """Test that everybody who has the address sees the picture."""
    camera = await set_up_camera(hass)
    await set_up(hass, sample, simulator)
    await tell(hass, message="Somebody rings.", image=CAMERA)
    text = str(said(sample, simulator))
    assert "Somebody rings." in text
    (address,) = {URL(each, encoded=True) for each in ADDRESS.findall(text)}
    client = await hass_client_no_auth()
    answer = await client.get(address.relative())
    assert answer.status == 200
    assert await answer.read() == camera.content
    assert answer.content_type == "image/jpeg"
    assert address.path.endswith("/camera_front_door.jpg")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("sample", "format_", "shown"),
    [
        (WXPUSHER, "text", '<img src="{}" alt="x.jpg"/>'),
        (WXPUSHER, "html", '<img src="{}" alt="x.jpg"/>'),
        (WXPUSHER, "markdown", r"![x.jpg]({})"),
        (PUSHPLUS, "text", '<img src="{}" alt="x.jpg"/>'),
        (PUSHPLUS, "html", '<img src="{}" alt="x.jpg"/>'),
        (PUSHPLUS, "markdown", r"![x.jpg]({})"),
        (PUSHJET, "text", "x.jpg: {}"),
    ],
)
@pytest.mark.parametrize(
    "address", ["https://example.com/x.jpg?a=1", "HTTP://1.1.1.1/x.jpg"]
)
async def test_public_address(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    format_: str,
    shown: str,
    address: str,
) -> None:
    """Test that an address that everybody reaches is passed on as it is, unfetched."""
    name_server(hass, monkeypatch, {"example.com": [PUBLIC]})
    await set_up(hass, sample, simulator)
    await tell(hass, message="Somebody rings.", image=address, format=format_)
    content = str(
        said(sample, simulator).get("content") or said(sample, simulator).get("message")
    )
    assert shown.format(address) in content.replace(r"\.", ".")


async def test_public_address_without_a_name(
    hass: HomeAssistant, pushjet: Pushjet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Test that no part of an address behind its path is taken for a name."""
    name_server(hass, monkeypatch, {"example.com": [PUBLIC]})
    await set_up(hass, PUSHJET, pushjet)
    await tell(hass, message="x", file="https://example.com/?path=/a/s3cr3t")
    text = pushjet.notifications[-1].text
    assert text == "x\nfile: https://example.com/?path=/a/s3cr3t"


@LINKING
async def test_address_of_the_home_network(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    outside: None,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """Test that what nobody outside reaches is fetched, and shown by Home Assistant."""
    await set_up(hass, sample, simulator)
    async with Web() as web:
        allow(hass, web.url)
        address = f"{web.show('/x.txt', b'a long text', 'text/plain')}?token=s3cr3t"
        await tell(hass, message="x", file=address)
    assert "s3cr3t" not in str(said(sample, simulator))
    client = await hass_client_no_auth()
    answer = await client.get(linked(simulator).relative())
    assert await answer.read() == b"a long text"


@LINKING
@pytest.mark.parametrize("field", ["image", "file"])
async def test_no_external_address(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    folder: Path,
    field: str,
) -> None:
    """Test that without an address for the outside nothing is sent, with the reason."""
    hass.config.internal_url = "http://192.168.1.2:8123"
    (folder / "x.jpg").write_bytes(picture())
    await set_up(hass, sample, simulator)
    before = len(simulator.requests_to(sample.path))
    error = await failure(hass, message="x", **{field: str(folder / "x.jpg")})
    assert isinstance(error, ServiceValidationError)
    assert error.translation_key == "no_external_url"
    assert error.translation_placeholders == {"name": "x.jpg"}
    assert len(simulator.requests_to(sample.path)) == before


@pytest.mark.parametrize(
    "name",
    [
        "x.jpg",
        "x.pdf",
        "前门 1.mp4",
        "100%.mp3",
        "a#b?c&d=e.jpg",
        "a+b;c.jpg",
        "(1).zip",
    ],
)
@pytest.mark.parametrize("given", ["path", "media"])
async def test_address_lasts_a_day(
    hass: HomeAssistant,
    pushjet: Pushjet,
    outside: None,
    media: Path,
    hass_client_no_auth: ClientSessionGenerator,
    freezer: FrozenDateTimeFactory,
    name: str,
    given: str,
) -> None:
    """Test that an address opens without a login for a day, whatever the file's name."""
    (media / name).write_bytes(b"a long text")
    await set_up(hass, PUSHJET, pushjet)
    client = await hass_client_no_auth()
    values = {
        "path": str(media / name),
        "media": {"media_content_id": f"{ITEM}/{name}"},
    }
    await tell(hass, message="x", file=values[given])
    address = linked(pushjet)
    assert str(address.origin()) == OUTSIDE
    assert " " not in str(address)
    assert str(address).isascii()
    freezer.tick(timedelta(hours=23, minutes=59))
    answer = await client.get(address.relative())
    assert answer.status == 200
    assert await answer.read() == b"a long text"
    freezer.tick(timedelta(minutes=2))
    answer = await client.get(address.relative())
    assert answer.status == 401
    assert b"a long text" not in await answer.read()


@pytest.mark.parametrize("given", ["path", "media"])
async def test_address_that_was_changed(
    hass: HomeAssistant,
    pushjet: Pushjet,
    outside: None,
    media: Path,
    hass_client_no_auth: ClientSessionGenerator,
    given: str,
) -> None:
    """Test that nobody gets at another file, nor without the signature."""
    for name in ("a.txt", "b.txt"):
        (media / name).write_bytes(name.encode() * 3)
    await set_up(hass, PUSHJET, pushjet)
    client = await hass_client_no_auth()
    addresses = []
    for name in ("a.txt", "b.txt"):
        values = {
            "path": str(media / name),
            "media": {"media_content_id": f"{ITEM}/{name}"},
        }
        await tell(hass, message="x", file=values[given])
        addresses.append(linked(pushjet))
    first, second = (address.relative() for address in addresses)
    signature = first.query["authSig"]
    head, claims, _ = signature.split(".")
    for changed in (
        second.with_query(first.query),
        first.with_query(None),
        first.with_query(authSig=""),
        first.with_query(authSig=f"{head}.{claims}.{'A' * 43}"),
        first.with_query(authSig=f"{signature}x"),
    ):
        answer = await client.get(changed)
        assert answer.status == 401
        assert b".txt" not in await answer.read()


async def test_page_may_not_act(
    hass: HomeAssistant,
    pushjet: Pushjet,
    outside: None,
    folder: Path,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """Test that a page that was sent runs no scripts as if it were Home Assistant."""
    (folder / "x.html").write_text("<script>alert(1)</script>", encoding="utf-8")
    await set_up(hass, PUSHJET, pushjet)
    await tell(hass, message="x", file=str(folder / "x.html"))
    client = await hass_client_no_auth()
    answer = await client.get(linked(pushjet).relative())
    assert answer.headers["Content-Security-Policy"] == "script-src 'none'"


async def test_one_address_for_all(
    hass: HomeAssistant, wxpusher: WxPusher, outside: None
) -> None:
    """Test that several recipients get the same address of one picture."""
    camera = await set_up_camera(hass)
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await add_recipient(
        hass, entry, {"targets": [UID_LI], "name": "Li Si", "format": "text"}
    )
    await tell(hass, message="x", image=CAMERA)
    first, second = (each.json for each in wxpusher.requests_to(WXPUSHER.path))
    assert OUTSIDE in first["content"]
    assert first["content"] == second["content"]
    assert camera.shots == 1


@pytest.mark.parametrize("query", ["", "?size=large&authSig=of-somebody-else"])
async def test_picture_that_home_assistant_shows_already(
    hass: HomeAssistant, pushjet: Pushjet, outside: None, query: str
) -> None:
    """Test that what an integration shows is linked there, with a signature of its own."""
    path = "/api/test/%E5%89%8D.jpg"
    item = await set_up_frames(hass, PlayMedia(f"{path}{query}", "image/jpeg"))
    await set_up(hass, PUSHJET, pushjet)
    await tell(hass, "x", file={"media_content_id": item})
    address = linked(pushjet)
    assert str(address).startswith(f"{OUTSIDE}{path}?")
    assert address.query.getall("authSig") != ["of-somebody-else"]
    assert set(address.query) == set(re.findall("size|authSig", f"authSig{query}"))


@pytest.mark.parametrize(
    "item", [f"{ITEM}/nowhere.jpg", f"{ITEM}/../secret.jpg", "media-source://nowhere/x"]
)
async def test_no_address_of_nothing(
    hass: HomeAssistant, pushjet: Pushjet, outside: None, media: Path, item: str
) -> None:
    """Test that no link is sent that would lead nowhere."""
    await set_up(hass, PUSHJET, pushjet)
    error = await failure(hass, message="x", file={"media_content_id": item})
    assert error.translation_key == "media_not_found"
    assert not pushjet.notifications


async def test_no_address_of_what_may_not_be_shown(
    hass: HomeAssistant, pushjet: Pushjet, outside: None, media: Path
) -> None:
    """Test that no link is sent to a file outside the allowed folders."""
    (media / "link.jpg").symlink_to(media.parent / "secret.jpg")
    await set_up(hass, PUSHJET, pushjet)
    for file in (
        {"media_content_id": f"{ITEM}/link.jpg"},
        str(media / "link.jpg"),
        str(media.parent / "secret.jpg"),
    ):
        error = await failure(hass, message="x", file=file)
        assert error.translation_key == "media_not_allowed"
    assert not pushjet.notifications


async def test_memory_is_bounded(
    hass: HomeAssistant,
    pushjet: Pushjet,
    outside: None,
    folder: Path,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """Test that the oldest of many large files makes room for the others."""
    await set_up(hass, PUSHJET, pushjet)
    client = await hass_client_no_auth()
    path = folder / "film.bin"
    path.write_bytes(bytes(20 * 1024 * 1024))
    addresses = []
    for number in range(4):
        await tell(hass, message=f"Film {number}", file=str(path))
        addresses.append(linked(pushjet).relative())
    found = []
    for address in addresses:
        answer = await client.get(address)
        found.append((answer.status, len(await answer.read())))
    assert found == [(404, 0), *[(200, 20 * 1024 * 1024)] * 3]
