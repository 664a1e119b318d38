"""The forms in which people and blueprints name pictures and files."""

from base64 import b64encode
import logging
from pathlib import Path
import traceback
from typing import override

from aiohttp import FormData, web
import pytest
from pytest_homeassistant_custom_component.common import (
    MockUser,
    setup_test_component_platform,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from homeassistant.auth.permissions.types import PolicyType
from homeassistant.components.http import HomeAssistantView
from homeassistant.components.image import ImageEntity
from homeassistant.components.media_player import (
    MediaPlayerEntity,
    MediaPlayerState,
    MediaType,
)
from homeassistant.components.media_source import PlayMedia
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, UnknownUser
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from tests.messages import WECOM_SEND, say, tell
from tests.pictures import (
    FrontDoor,
    Web,
    failure,
    name_server,
    picture,
    set_up_camera,
    set_up_frames,
    uploaded,
    uploads,
)
from tests.samples import PUSHJET, WECOM, set_up
from tests.simulators.pushjet import Pushjet
from tests.simulators.wecom import WeCom

OUTSIDE = "https://ha.example.com"
INSIDE = "http://192.168.1.2:8123"
SERVED = picture(colour="blue")
SECRET = "s3cr3t-of-the-entity"
NOTE = "Somebody rings.\n[{} could not be sent]"


class _Served(HomeAssistantView):
    """What integrations show at the web server of Home Assistant."""

    url = "/api/{integration}/notifications/{name}"
    name = "api:test:notifications"

    async def get(
        self, request: web.Request, integration: str, name: str
    ) -> web.Response:
        """Return a picture, to those who are logged in."""
        if name == "nowhere.jpg":
            return web.Response(status=404)
        return web.Response(body=SERVED, content_type="image/jpeg")


class _Map(ImageEntity):
    """An image entity."""

    _attr_name = "Map"
    _attr_content_type = "image/jpeg"
    _attr_image_last_updated = dt_util.utcnow()

    @override
    async def async_image(self) -> bytes | None:
        """Return the picture."""
        return SERVED


class _Player(MediaPlayerEntity):
    """A media player with the cover of an album."""

    _attr_name = "Player"
    _attr_state = MediaPlayerState.PLAYING
    _attr_media_image_hash = "1"

    @override
    async def async_get_media_image(self) -> tuple[bytes | None, str | None]:
        """Return the cover."""
        return SERVED, "image/jpeg"

    @override
    async def async_get_browse_image(
        self,
        media_content_type: MediaType | str,
        media_content_id: str,
        media_image_id: str | None = None,
    ) -> tuple[bytes | None, str | None]:
        """Return the cover of any album."""
        return SERVED, "image/jpeg"


@pytest.fixture
async def home(
    hass: HomeAssistant, tmp_path: Path, hass_client_no_auth: ClientSessionGenerator
) -> FrontDoor:
    """Set up a home with entities, folders and a web server; return its camera."""
    hass.config.config_dir = str(tmp_path)
    www, media = tmp_path / "www", tmp_path / "media"
    for folder in (www, media):
        folder.mkdir()
        for name in ("x.jpg", "前门 1.jpg"):
            (folder / name).write_bytes(SERVED)
    (tmp_path / "secrets.yaml").write_text("x: y", encoding="utf-8")
    hass.config.media_dirs = {"local": str(media)}
    hass.config.allowlist_external_dirs = {str(www), str(media)}
    hass.config.internal_url, hass.config.external_url = INSIDE, OUTSIDE
    await set_up_frames(hass, PlayMedia("/api/test/notifications/1.jpg", "image/jpeg"))
    camera = await set_up_camera(hass)
    camera.content = SERVED
    setup_test_component_platform(hass, "image", [_Map(hass)])
    setup_test_component_platform(hass, "media_player", [_Player()])
    for domain in ("image", "media_player"):
        assert await async_setup_component(hass, domain, {domain: {"platform": "test"}})
    # What is to be served has to be there when the server starts.
    for domain in ("image_upload", "notify", "wechat_push"):
        assert await async_setup_component(hass, domain, {})
    hass.http.register_view(_Served())
    client = await hass_client_no_auth()
    assert client.port is not None
    hass.http.server_port = client.port
    return camera


DATA = f"data:image/jpeg;base64,{b64encode(SERVED).decode()}"
FORMS = [
    "camera.front_door",
    "  camera.front_door\n",
    "image.map",
    "media_player.player",
    "/api/camera_proxy/camera.front_door",
    f"/api/camera_proxy/camera.front_door?token={SECRET}&time=1",
    "/api/camera_proxy_stream/camera.front_door",
    "/api/image_proxy/image.map",
    f"/api/media_player_proxy/media_player.player?token={SECRET}&cache=1",
    "/api/media_player_proxy/media_player.player/browse_media/album/1",
    "/api/frigate/notifications/1764-abc.jpg",
    f"/api/frigate/notifications/1764-abc.jpg?format=android&authSig={SECRET}",
    "/local/x.jpg",
    "/local/x.jpg?v=2",
    "/local/前门 1.jpg",
    "/local/%E5%89%8D%E9%97%A8%201.jpg",
    "/media/local/x.jpg",
    f"/media/local/x.jpg?authSig={SECRET}",
    f"{INSIDE}/local/x.jpg",
    f"{OUTSIDE}/api/frigate/notifications/1764-abc.jpg",
    f"{OUTSIDE}/api/camera_proxy/camera.front_door?token={SECRET}",
    "media-source://camera/camera.front_door",
    "media-source://media_source/local/x.jpg",
    DATA,
    DATA.replace("base64,", "BASE64, ").replace("data:", "DATA:"),
]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form[:60])
async def test_upload(
    hass: HomeAssistant, wecom: WeCom, home: FrontDoor, form: str
) -> None:
    """Test that each form is read, for a service that takes uploads."""
    await set_up(hass, WECOM, wecom)
    await tell(hass, "Somebody rings.", image=form)
    assert uploaded(wecom).data == SERVED
    assert uploaded(wecom).content_type == "image/jpeg"
    assert str(uploaded(wecom).filename).endswith(".jpg")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form[:60])
async def test_link(
    hass: HomeAssistant,
    pushjet: Pushjet,
    home: FrontDoor,
    hass_client_no_auth: ClientSessionGenerator,
    form: str,
) -> None:
    """Test that each form is shown to everybody, for a service that takes links."""
    await set_up(hass, PUSHJET, pushjet)
    await tell(hass, "Somebody rings.", image=form)
    text = pushjet.notifications[-1].text
    assert SECRET not in text
    address = URL(text.split()[-1], encoded=True)
    assert str(address).startswith(f"{OUTSIDE}/api/wechat_push/media/")
    client = await hass_client_no_auth()
    answer = await client.get(address.relative())
    assert (answer.status, await answer.read()) == (200, SERVED)


@pytest.mark.parametrize("field", ["image", "file"])
async def test_address_in_an_address(
    hass: HomeAssistant, wecom: WeCom, home: FrontDoor, field: str
) -> None:
    """Test that what looks like Home Assistant leads to no other server at home."""
    await set_up(hass, WECOM, wecom)
    async with Web() as server:
        path = server.show("/x.jpg", SERVED).removeprefix("http:")
        await tell(hass, "Somebody rings.", **{field: f"{INSIDE}{path}"})
        assert not server.requests
    assert not uploads(wecom)
    assert wecom.notifications[-1].text == NOTE.format("x.jpg")


async def test_person(
    hass: HomeAssistant,
    wecom: WeCom,
    home: FrontDoor,
    hass_client: ClientSessionGenerator,
) -> None:
    """Test that the picture of a person can be sent."""
    client = await hass_client()
    content = picture("PNG", (800, 800))
    form = FormData()
    form.add_field("file", content, filename="x.png", content_type="image/png")
    answer = await client.post("/api/image/upload", data=form)
    kept = (await answer.json())["id"]
    await set_up(hass, WECOM, wecom)
    await tell(hass, image=f"/api/image/serve/{kept}/512x512")
    assert uploaded(wecom).filename == "512x512.png"
    assert uploaded(wecom).data.startswith(b"\x89PNG")


async def test_media_source_without_a_file(
    hass: HomeAssistant, wecom: WeCom, home: FrontDoor
) -> None:
    """Test that what an integration shows at the web server is asked of that."""
    await set_up(hass, WECOM, wecom)
    await tell(hass, image={"media_content_id": "media-source://test/frame"})
    assert uploaded(wecom).data == SERVED


# What cannot be had, and its name.
MISSING = {
    "camera.nowhere": "camera.nowhere",
    "/api/camera_proxy/camera.nowhere": "camera.nowhere",
    f"/api/image_proxy/image.nowhere?token={SECRET}": "image.nowhere",
    f"/api/frigate/notifications/nowhere.jpg?token={SECRET}": "nowhere.jpg",
    "/local/nowhere.jpg": "nowhere.jpg",
    "/local/../secrets.yaml": "secrets.yaml",
    "/local/%2e%2e/secrets.yaml": "secrets.yaml",
    "/media/local/../../secrets.yaml": "secrets.yaml",
    "/media/elsewhere/x.jpg": "x.jpg",
    "/api/states": "states",
    "/api/config": "config",
    f"/api/webhook/{SECRET[:5]}": SECRET[:5],
    f"http://nowhere.example/{SECRET}.jpg": "nowhere.example",
    "http://192.168.1.77/x.jpg": "192.168.1.77",
    "media-source://nowhere/x": "x",
    "data:image/jpeg;base64,####": "data:",
    "data:image/jpeg;base64," + "A" * 75_000: "data:",
    f"/config/www/{'x' * 75_000}": f"{'x' * 99}…",
    # Read, but no picture.
    f"data:text/html,{SECRET}": "data:",
}


@pytest.mark.parametrize("form", MISSING, ids=lambda form: form[:60])
async def test_goes_without(
    hass: HomeAssistant,
    wecom: WeCom,
    home: FrontDoor,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
) -> None:
    """Test that the text goes out and says what is missing, without what is secret."""
    name_server(hass, monkeypatch, {})
    await set_up(hass, WECOM, wecom)
    caplog.clear()
    caplog.set_level(logging.INFO)
    (answer,) = (await say(hass, "Somebody rings.", image=form)).values()
    assert (answer["status"], answer["left_out"]) == ("sent", [MISSING[form]])
    assert not uploads(wecom)
    (shown,) = wecom.notifications
    assert shown.text == NOTE.format(MISSING[form])
    ours = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components")
    ]
    assert not [each for each in ours if SECRET in each or len(each) > 400]


@pytest.mark.parametrize("form", MISSING, ids=lambda form: form[:60])
async def test_nothing_but_the_picture(
    hass: HomeAssistant,
    wecom: WeCom,
    home: FrontDoor,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
) -> None:
    """Test that a message of a picture alone is an error, without what is secret."""
    name_server(hass, monkeypatch, {})
    await set_up(hass, WECOM, wecom)
    error = await failure(hass, image=form)
    told = "".join(traceback.format_exception(error))
    assert SECRET not in told
    assert "x" * 101 not in told
    assert "A" * 101 not in told
    assert not wecom.requests_to(WECOM_SEND)


async def test_note_in_chinese(
    hass: HomeAssistant, wecom: WeCom, home: FrontDoor
) -> None:
    """Test that the note is in the language of the household."""
    hass.config.language = "zh-Hans"
    await set_up(hass, WECOM, wecom)
    home.content = None
    await tell(hass, "有人按门铃。", image="camera.front_door")
    assert wecom.notifications[-1].text == (
        "有人按门铃。\n［camera.front_door 未能发送］"
    )


@pytest.mark.parametrize(
    ("fields", "kind", "text"),
    [
        ({"kind": "image"}, "text", NOTE),
        ({"kind": "mpnews", "title": "T", "author": "A"}, "text", f"T\n{NOTE}"),
        ({"kind": "news", "url": "https://example.com"}, "news", None),
        (
            {"card_type": "news_notice", "title": "T", "url": "https://example.com"},
            "template_card",
            None,
        ),
        ({"overflow": "refuse", "message": "x" * 2040}, "text", "x" * 2040),
        ({"format": "markdown", "message": "**x**"}, "markdown", None),
    ],
)
async def test_kinds_without_a_picture(
    hass: HomeAssistant,
    wecom: WeCom,
    home: FrontDoor,
    fields: dict[str, str],
    kind: str,
    text: str | None,
) -> None:
    """Test that a message that cannot do without its picture becomes another one."""
    await set_up(hass, WECOM, wecom)
    home.content = None
    given = {"message": "Somebody rings.", "image": "camera.front_door", **fields}
    (answer,) = (await say(hass, **given)).values()
    assert answer["left_out"] == ["camera.front_door"]
    (sent,) = (request.json for request in wecom.requests_to(WECOM_SEND))
    assert sent["msgtype"] == kind
    if text is not None:
        assert sent["text"]["content"] == text.format("camera.front_door")


@pytest.mark.parametrize(
    "form",
    ["rtsp://192.168.1.5/stream", "ftp://example.com/x.jpg", "http://[::1", "http://"],
)
async def test_what_cannot_be_meant(
    hass: HomeAssistant, wecom: WeCom, home: FrontDoor, form: str
) -> None:
    """Test that the action refuses what cannot be meant, and `notify.<name>` does not."""
    await set_up(hass, WECOM, wecom)
    with pytest.raises(ServiceValidationError):
        await tell(hass, "Somebody rings.", image=form)
    assert not wecom.requests_to(WECOM_SEND)
    await hass.services.async_call(
        "notify",
        "everyone_wecom",
        {"message": "Somebody rings.", "data": {"image": form}},
        blocking=True,
    )
    assert wecom.notifications[-1].text.startswith("Somebody rings.\n[")


@pytest.mark.parametrize(
    ("policy", "forms", "is_read"),
    [
        (
            {"entities": {"domains": {"camera": True, "notify": True}}},
            ("camera.front_door",),
            True,
        ),
        (
            {"entities": {"all": {"read": True}, "domains": {"notify": True}}},
            ("image.map", "media_player.player"),
            True,
        ),
        (
            {"entities": {"domains": {"notify": True}}},
            (
                "camera.front_door",
                "image.map",
                "media_player.player",
                "media-source://camera/camera.front_door",
                f"{OUTSIDE}/api/camera_proxy/camera.front_door",
                "/api/media_player_proxy/media_player.player/browse_media/album/1",
            ),
            False,
        ),
    ],
)
async def test_permission(
    hass: HomeAssistant,
    wecom: WeCom,
    home: FrontDoor,
    policy: PolicyType,
    forms: tuple[str, ...],
    is_read: bool,
) -> None:
    """Test that a person sends no picture of an entity that is not theirs to see."""
    await set_up(hass, WECOM, wecom)
    user = MockUser().add_to_hass(hass)
    await hass.auth.async_create_refresh_token(user, "https://example.com/")
    user.mock_policy(policy)
    for number, form in enumerate(forms, 1):
        await hass.services.async_call(
            "notify",
            "everyone_wecom",
            {"message": "Somebody rings.", "data": {"image": form}},
            blocking=True,
            context=Context(user_id=user.id),
        )
        assert (wecom.requests_to(WECOM_SEND)[-1].json["msgtype"] == "image") == is_read
        if not is_read:
            assert len(wecom.notifications) == number
            assert "could not be sent]" in wecom.notifications[-1].text


async def test_unknown_person(
    hass: HomeAssistant, wecom: WeCom, home: FrontDoor
) -> None:
    """Test that a person who has gone sends nothing."""
    await set_up(hass, WECOM, wecom)
    for form in ("camera.front_door", "/api/frigate/notifications/1.jpg"):
        with pytest.raises(UnknownUser):
            await hass.services.async_call(
                "notify",
                "everyone_wecom",
                {"message": "", "data": {"image": form}},
                blocking=True,
                context=Context(user_id=MockUser().id),
            )
    assert not wecom.requests_to(WECOM_SEND)


async def test_data_that_is_too_large(
    hass: HomeAssistant, wecom: WeCom, home: FrontDoor
) -> None:
    """Test that data in an address is bounded."""
    await set_up(hass, WECOM, wecom)
    form = "data:image/jpeg;base64," + "A" * (45 * 1024 * 1024)
    error = await failure(hass, image=form)
    assert error.translation_key == "attachment_too_large"
