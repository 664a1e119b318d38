"""Pictures and files for services that can only link: addresses that are good for a day."""

from datetime import timedelta
import gc
from pathlib import Path
import re
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from custom_components.wechat_push.media import readers
from custom_components.wechat_push.media.fetch import WebFile
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.setup import async_setup_component
from tests.messages import tell
from tests.pictures import Web, allow, failure, name_server, picture, set_up_camera
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
    "address", ["https://example.com/x.jpg?a=1", "http://1.1.1.1/x.jpg"]
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
    """Test that without an address for the outside only the text is sent, and says so."""
    hass.config.internal_url = "http://192.168.1.2:8123"
    (folder / "x.jpg").write_bytes(picture())
    await set_up(hass, sample, simulator)
    before = len(simulator.requests_to(sample.path))
    error = await failure(hass, **{field: str(folder / "x.jpg")})
    assert isinstance(error, ServiceValidationError)
    assert error.translation_key == "no_external_url"
    assert error.translation_placeholders == {"name": "x.jpg"}
    assert len(simulator.requests_to(sample.path)) == before
    await tell(hass, "Somebody rings.", **{field: str(folder / "x.jpg")})
    text = str(said(sample, simulator))
    assert "Somebody rings." in text
    assert "x.jpg could not be sent" in text


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
    assert answer.status == 404
    assert b"a long text" not in await answer.read()


async def test_address_that_was_changed(
    hass: HomeAssistant,
    pushjet: Pushjet,
    outside: None,
    folder: Path,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """Test that nobody gets at a file without its key, which nobody can guess."""
    (folder / "a.txt").write_bytes(b"a long text")
    await set_up(hass, PUSHJET, pushjet)
    client = await hass_client_no_auth()
    keys = []
    for _ in range(2):
        await tell(hass, message="x", file=str(folder / "a.txt"))
        address = linked(pushjet).relative()
        keys.append(address.parts[-2])
    assert keys[0] != keys[1]
    assert all(len(key) >= 22 for key in keys)
    for key in ("", "x", keys[0][:-1], f"{keys[0]}x", keys[0].swapcase(), "..", "%00"):
        answer = await client.get(URL(str(address).replace(keys[1], key), encoded=True))
        assert answer.status in (401, 404)
        assert b"a long text" not in await answer.read()


@pytest.mark.parametrize(
    ("name", "content_type", "is_shown"),
    [
        ("x.html", "text/html", False),
        ("x.svg", "image/svg+xml", False),
        ("x.pdf", "application/pdf", False),
        ("x.jpg", "image/jpeg", True),
        ("x.webp", "image/webp", True),
        ("x.mp4", "video/mp4", True),
        ("x.mp3", "audio/mpeg", True),
    ],
)
async def test_file_may_not_act(
    hass: HomeAssistant,
    pushjet: Pushjet,
    outside: None,
    folder: Path,
    hass_client_no_auth: ClientSessionGenerator,
    name: str,
    content_type: str,
    is_shown: bool,
) -> None:
    """Test that nothing that was sent acts as if it were Home Assistant."""
    (folder / name).write_text("<script>alert(1)</script>", encoding="utf-8")
    await set_up(hass, PUSHJET, pushjet)
    await tell(hass, message="x", file=str(folder / name))
    client = await hass_client_no_auth()
    answer = await client.get(linked(pushjet).relative())
    assert answer.headers["Content-Security-Policy"] == "sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == content_type
    assert ("Content-Disposition" not in answer.headers) == is_shown


@pytest.mark.parametrize(
    ("wanted", "status", "content", "range_"),
    [
        (None, 200, b"0123456789", None),
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=5-500", 206, b"56789", "bytes 5-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=0-1,4-5", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
async def test_range(
    hass: HomeAssistant,
    pushjet: Pushjet,
    outside: None,
    folder: Path,
    hass_client_no_auth: ClientSessionGenerator,
    wanted: str | None,
    status: int,
    content: bytes,
    range_: str | None,
) -> None:
    """Test that players get the part of a film that they ask for, or only its size."""
    (folder / "x.mp4").write_bytes(b"0123456789")
    await set_up(hass, PUSHJET, pushjet)
    await tell(hass, message="x", file=str(folder / "x.mp4"))
    client = await hass_client_no_auth()
    headers = {"Range": wanted} if wanted else {}
    answer = await client.get(linked(pushjet).relative(), headers=headers)
    assert (answer.status, await answer.read()) == (status, content)
    assert answer.headers.get("Content-Range") == range_
    head = await client.head(linked(pushjet).relative())
    assert (head.status, await head.read()) == (200, b"")
    assert head.headers["Content-Length"] == "10"
    assert head.headers["Accept-Ranges"] == "bytes"


async def test_copy_of_the_moment(
    hass: HomeAssistant,
    pushjet: Pushjet,
    outside: None,
    media: Path,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """Test that a later picture does not show up under an old address."""
    await set_up(hass, PUSHJET, pushjet)
    for number, value in enumerate(
        (f"{ITEM}/latest.jpg", "/media/local/latest.jpg", str(media / "latest.jpg"))
    ):
        before, after = picture(colour=(number, 0, 0)), picture(colour="white")
        (media / "latest.jpg").write_bytes(before)
        await tell(hass, message=f"No. {number}", image=value)
        (media / "latest.jpg").write_bytes(after)
        client = await hass_client_no_auth()
        answer = await client.get(linked(pushjet).relative())
        assert await answer.read() == before


async def test_type_with_parameters(
    hass: HomeAssistant,
    pushjet: Pushjet,
    outside: None,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """Test that a camera that says more about its pictures than their type works."""
    camera = await set_up_camera(hass)
    camera.content_type = "image/jpeg; charset=binary"
    await set_up(hass, PUSHJET, pushjet)
    await tell(hass, message="x", image=CAMERA)
    client = await hass_client_no_auth()
    answer = await client.get(linked(pushjet).relative())
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/jpeg")


@pytest.mark.parametrize("end", ["day", "account"])
async def test_end_of_a_copy(
    hass: HomeAssistant,
    pushjet: Pushjet,
    outside: None,
    hass_client_no_auth: ClientSessionGenerator,
    freezer: FrozenDateTimeFactory,
    end: str,
) -> None:
    """Test that a picture is in memory for a day, and not longer than its account."""
    camera = await set_up_camera(hass)
    # Unlike all others, which may be in memory still.
    camera.content = picture(colour=(1, len(end), 3))
    entry = await set_up(hass, PUSHJET, pushjet)
    await tell(hass, message="x", image=CAMERA)
    kept, camera.content = camera.content, None
    assert referrers(kept)
    if end == "account":
        await hass.config_entries.async_remove(entry.entry_id)
    else:
        freezer.tick(timedelta(days=1, seconds=1))
        async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert not referrers(kept)
    client = await hass_client_no_auth()
    assert (await client.get(linked(pushjet).relative())).status in {401, 404}


async def test_copy_for_two_accounts(
    hass: HomeAssistant,
    pushjet: Pushjet,
    wxpusher: WxPusher,
    outside: None,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """Test that a picture stays as long as one of the accounts that sent it."""
    await set_up_camera(hass)
    first = await set_up(hass, PUSHJET, pushjet)
    await set_up(hass, WXPUSHER, wxpusher)
    await tell(hass, message="x", image=CAMERA)
    await hass.config_entries.async_remove(first.entry_id)
    client = await hass_client_no_auth()
    assert (await client.get(linked(pushjet).relative())).status == 200


def referrers(content: bytes) -> list[Any]:
    """Return the records of the integration that hold a content."""
    return [
        each
        for each in gc.get_objects()
        if f"{type(each).__module__}".endswith("media.public")
        and getattr(each, "content", None) == content
    ]


@LINKING
@pytest.mark.parametrize(
    "address",
    [
        "https://user:s3cr3t@example.com/x.jpg",
        "https://example.com/x.jpg?token=s3cr3t",
        "https://example.com/x.jpg?a=1&access_token=s3cr3t",
        "https://example.com/x.jpg?authSig=s3cr3t",
        "https://example.com/x.jpg?key=s3cr3t",
        "https://example.com/x.jpg?Password=s3cr3t",
        "https://example.com/x.jpg?X-Amz-Signature=s3cr3t",
        "https://:s3cr3t@example.com/x.jpg",
        "https://example.com/x.jpg?loginuse=admin&loginpas=s3cr3t",
        "https://example.com/x.jpg?usr=admin;psw=s3cr3t",
        "https://example.com/x.jpg?Authorization=s3cr3t",
        "https://example.com/x.jpg#token=s3cr3t",
    ],
)
async def test_public_address_with_a_secret(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    outside: None,
    address: str,
) -> None:
    """Test that an address that gives access is fetched, and not handed on."""
    name_server(hass, monkeypatch, {"example.com": [PUBLIC]})
    fetched: list[str] = []

    async def fetch(hass: HomeAssistant, url: URL, limit: int) -> WebFile:
        fetched.append(str(url))
        return WebFile(content=picture(), content_type="image/jpeg", name="x.jpg")

    monkeypatch.setattr(readers, "async_fetch", fetch)
    await set_up(hass, sample, simulator)
    await tell(hass, message="Somebody rings.", image=address)
    assert len(fetched) == 1
    text = str(said(sample, simulator))
    assert "s3cr3t" not in text
    assert f"{OUTSIDE}/api/wechat_push/media/" in text


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


@pytest.mark.parametrize(
    "item", [f"{ITEM}/nowhere.jpg", f"{ITEM}/../secret.jpg", "media-source://nowhere/x"]
)
async def test_no_address_of_nothing(
    hass: HomeAssistant, pushjet: Pushjet, outside: None, media: Path, item: str
) -> None:
    """Test that no link is sent that would lead nowhere."""
    await set_up(hass, PUSHJET, pushjet)
    error = await failure(hass, file={"media_content_id": item})
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
        error = await failure(hass, file=file)
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
