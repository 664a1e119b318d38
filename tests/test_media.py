"""Pictures and files from cameras, media, speech and the disk."""

import asyncio
from pathlib import Path
from typing import Any, override

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    mock_component,
    mock_config_flow,
    mock_integration,
    mock_platform,
    setup_test_component_platform,
)

from homeassistant.components.image import ImageEntity
from homeassistant.components.media_source import PlayMedia
from homeassistant.components.tts import TextToSpeechEntity, TtsAudioType
from homeassistant.config_entries import ConfigEntry, ConfigFlow
from homeassistant.const import STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from tests.entities import until
from tests.messages import WECOM_SEND, tell
from tests.pictures import (
    failure,
    picture,
    set_up_camera,
    set_up_frames,
    uploaded,
    uploads,
)
from tests.samples import WECOM, add_recipient, set_up
from tests.simulators.wecom import WeCom

CAMERA = {"media_content_id": "media-source://camera/camera.front_door"}


@pytest.fixture(autouse=True)
async def account(hass: HomeAssistant, wecom: WeCom) -> ConfigEntry:
    """Set up an account that uploads, so that what was read is seen on the wire."""
    return await set_up(hass, WECOM, wecom)


@pytest.fixture
def folder(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Return a folder that Home Assistant may show, beside others."""
    path = tmp_path / "shown"
    path.mkdir()
    hass.config.allowlist_external_dirs = {str(path)}
    return path


@pytest.fixture
async def media(hass: HomeAssistant, folder: Path) -> Path:
    """Return the media folder."""
    hass.config.media_dirs = {"local": str(folder)}
    assert await async_setup_component(hass, "media_source", {})
    return folder


async def test_camera(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a camera takes its picture now."""
    camera = await set_up_camera(hass)
    camera.content = picture(colour="green")
    await tell(hass, message="Somebody rings.", image=CAMERA)
    assert uploaded(wecom).data == camera.content
    assert uploaded(wecom).filename == "camera_front_door.jpg"
    assert uploaded(wecom).content_type == "image/jpeg"
    camera.content = picture(colour="blue")
    await tell(hass, image=CAMERA)
    assert uploads(wecom)[-1].parts[0].data == camera.content


async def test_camera_takes_one_picture_for_all(
    hass: HomeAssistant, wecom: WeCom, account: ConfigEntry
) -> None:
    """Test that several recipients get the same picture, read and uploaded once."""
    await add_recipient(hass, account, {"targets": ["ZhangSan"], "format": "text"})
    camera = await set_up_camera(hass)
    await tell(hass, image=CAMERA)
    assert camera.shots == 1
    assert len(uploads(wecom)) == 1
    sent = [request.json for request in wecom.requests_to(WECOM_SEND)]
    assert {body["touser"] for body in sent} == {"@all", "ZhangSan"}
    assert len({body["image"]["media_id"] for body in sent}) == 1


async def test_broken_camera_is_asked_once(
    hass: HomeAssistant, wecom: WeCom, account: ConfigEntry
) -> None:
    """Test that nobody waits again for a picture that cannot be taken."""
    await add_recipient(hass, account, {"targets": ["ZhangSan"], "format": "text"})
    camera = await set_up_camera(hass)
    camera.content = None
    error = await failure(hass, image=CAMERA)
    assert str(error).count("camera.front_door cannot be read") == 2
    assert camera.shots == 1
    assert not wecom.requests_to(WECOM_SEND)


class _Map(ImageEntity):
    """A picture that an integration has drawn."""

    _attr_name = "Map"
    _attr_content_type = "image/png"
    _attr_image_last_updated = dt_util.utcnow()

    @override
    async def async_image(self) -> bytes | None:
        """Return the picture."""
        return picture("PNG")


async def test_image_entity(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that the picture of an image entity is sent."""
    setup_test_component_platform(hass, "image", [_Map(hass)])
    assert await async_setup_component(hass, "image", {"image": {"platform": "test"}})
    await hass.async_block_till_done()
    await tell(hass, image={"media_content_id": "media-source://image/image.map"})
    assert uploaded(wecom).data == picture("PNG")
    assert uploaded(wecom).filename == "image_map.png"


class _Voice(TextToSpeechEntity):
    """A voice that says nothing but what it was given."""

    _attr_name = "Voice"
    _attr_default_language = "zh"
    _attr_supported_languages = ["zh"]

    @override
    def get_tts_audio(
        self, message: str, language: str, options: dict[str, Any]
    ) -> TtsAudioType:
        """Speak."""
        return "mp3", f"ID3 {message}".encode()


async def test_speech(hass: HomeAssistant, wecom: WeCom, tmp_path: Path) -> None:
    """Test that a text is spoken, and the sound sent as a file."""
    hass.config.config_dir = str(tmp_path)
    mock_component(hass, "ffmpeg")

    async def forward(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        await hass.config_entries.async_forward_entry_setups(entry, [Platform.TTS])
        return True

    mock_integration(
        hass, MockModule("test", async_setup_entry=forward), built_in=False
    )
    mock_platform(hass, "test.config_flow", built_in=False)
    setup_test_component_platform(
        hass, "tts", [_Voice()], from_config_entry=True, built_in=False
    )
    entry = MockConfigEntry(domain="test")
    entry.add_to_hass(hass)
    with mock_config_flow("test", ConfigFlow):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        await tell(
            hass,
            file={
                "media_content_id": "media-source://tts/tts.voice?message=你好&cache=0"
            },
        )
    assert uploaded(wecom).data == "ID3 你好".encode()
    assert uploaded(wecom).filename == "speech.mp3"
    assert uploads(wecom)[0].query["type"] == "file"


@pytest.mark.parametrize(
    "item",
    [
        "media-source://camera/camera.nowhere",
        "media-source://image/image.nowhere",
        "media-source://tts/tts.nowhere?message=x",
        "media-source://media_source/local/nowhere.jpg",
        "media-source://media_source/elsewhere/nowhere.jpg",
        "media-source://media_source/local/../secret.jpg",
        "media-source://media_source/local/of_no_type",
        "media-source://media_source/local",
        "media-source://nowhere/x",
        "media-source://",
    ],
)
@pytest.mark.parametrize("loaded", [True, False])
@pytest.mark.parametrize("field", ["image", "file"])
async def test_no_such_medium(
    hass: HomeAssistant,
    wecom: WeCom,
    tmp_path: Path,
    item: str,
    field: str,
    *,
    loaded: bool,
) -> None:
    """Test that a medium that is not there is named, and nothing sent."""
    (tmp_path / "secret.jpg").write_bytes(picture())
    shown = tmp_path / "shown"
    shown.mkdir()
    (shown / "of_no_type").write_bytes(picture())
    hass.config.media_dirs = {"local": str(shown)}
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    components = ("media_source", "image", "camera") * loaded
    for component in components:
        assert await async_setup_component(hass, component, {})
    error = await failure(hass, **{field: {"media_content_id": item}})
    assert isinstance(error, ServiceValidationError)
    assert error.translation_key == "media_not_found"
    name = item.partition("?")[0].rpartition("/")[2].strip(":")
    assert error.translation_placeholders == {"name": name or "?"}
    assert not wecom.requests_to(WECOM_SEND)


@pytest.mark.parametrize("name", ["snapshot.jpg", "前门 1.jpg", "100% #1?.jpg"])
async def test_media_folder(
    hass: HomeAssistant, wecom: WeCom, media: Path, name: str
) -> None:
    """Test that a file of the media folder is sent with its own name."""
    (media / name).write_bytes(picture())
    item = f"media-source://media_source/local/{name}"
    await tell(
        hass, image={"media_content_id": item, "media_content_type": "image/jpeg"}
    )
    assert uploaded(wecom).data == picture()
    assert uploaded(wecom).filename == name


async def test_other_media_source(
    hass: HomeAssistant, wecom: WeCom, folder: Path
) -> None:
    """Test that what another integration keeps as media is its own to show."""
    kept = folder.parent / "kept.png"
    kept.write_bytes(picture("PNG"))
    item = await set_up_frames(hass, PlayMedia("/x", "image/png", path=kept))
    await tell(hass, image={"media_content_id": item})
    assert uploaded(wecom).data == picture("PNG")


async def test_media_source_without_files(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a medium that is no file, like a station, is refused."""
    frame = PlayMedia("rtsp://192.0.2.1/radio", "audio/mpeg")
    item = await set_up_frames(hass, frame)
    error = await failure(hass, file={"media_content_id": item})
    assert error.translation_key == "media_scheme"
    assert not wecom.requests_to(WECOM_SEND)


async def test_link_out_of_media_folder(
    hass: HomeAssistant, wecom: WeCom, media: Path, tmp_path: Path
) -> None:
    """Test that no link in the media folder leads out of what may be shown."""
    (tmp_path / "secret.jpg").write_bytes(picture())
    (media / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    item = "media-source://media_source/local/link.jpg"
    error = await failure(hass, image={"media_content_id": item})
    assert error.translation_key == "media_not_allowed"
    assert not uploads(wecom)


@pytest.mark.parametrize(
    "place", ["x.jpg", "deeper/x.jpg", "deeper/../x.jpg", "in.jpg"]
)
@pytest.mark.parametrize("field", ["image", "file"])
async def test_path(
    hass: HomeAssistant, wecom: WeCom, folder: Path, place: str, field: str
) -> None:
    """Test that a file in an allowed folder is sent, to the byte."""
    (folder / "deeper").mkdir()
    for name in ("x.jpg", "deeper/x.jpg"):
        (folder / name).write_bytes(picture())
    (folder / "in.jpg").symlink_to(folder / "x.jpg")
    await tell(hass, **{field: str(folder / place)})
    assert uploaded(wecom).data == picture()
    assert uploaded(wecom).filename == Path(place).name
    assert uploads(wecom)[0].query["type"] == field


@pytest.mark.parametrize(
    "place",
    [
        "../secret.jpg",
        "deeper/../../secret.jpg",
        "link.jpg",
        "linked/secret.jpg",
        "../nowhere.jpg",
        "../shown2/x.jpg",
        "..",
    ],
)
@pytest.mark.parametrize("field", ["image", "file"])
async def test_path_that_is_not_allowed(
    hass: HomeAssistant, wecom: WeCom, folder: Path, place: str, field: str
) -> None:
    """Test that nothing outside the allowed folders is sent, by whatever way to it."""
    outside = folder.parent
    (folder / "deeper").mkdir()
    (outside / "shown2").mkdir()
    for path in (outside / "secret.jpg", outside / "shown2" / "x.jpg"):
        path.write_bytes(picture())
    (folder / "link.jpg").symlink_to(outside / "secret.jpg")
    (folder / "linked").symlink_to(outside)
    error = await failure(hass, **{field: f"{folder}/{place}"})
    assert isinstance(error, ServiceValidationError)
    assert error.translation_key == "media_not_allowed"
    assert not wecom.requests_to(WECOM_SEND)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "secrets.yaml",
        "../secrets.yaml",
        "~/.ssh/id_rsa",
        "\0/x",
        ".",
    ],
)
async def test_path_of_the_system(
    hass: HomeAssistant, wecom: WeCom, folder: Path, path: str
) -> None:
    """Test that no file of the system can be sent."""
    error = await failure(hass, file=path)
    assert error.translation_key in {"media_not_allowed", "media_not_found"}
    assert not wecom.requests_to(WECOM_SEND)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("nowhere.jpg", "nowhere.jpg"),
        (".", "shown"),
        ("deeper", "deeper"),
        ("x\0.jpg", "x_.jpg"),
        ("away.jpg", "away.jpg"),
        (f"{'x' * 300}.jpg", "x" * 99 + "…"),
    ],
)
async def test_path_of_no_file(
    hass: HomeAssistant, wecom: WeCom, folder: Path, place: str, name: str
) -> None:
    """Test that a folder, or a file that is not there, is named."""
    (folder / "deeper").mkdir()
    (folder / "away.jpg").symlink_to(folder / "gone.jpg")
    error = await failure(hass, file=f"{folder}/{place}")
    assert error.translation_key == "media_not_found"
    assert error.translation_placeholders == {"name": name}
    assert not wecom.requests_to(WECOM_SEND)


async def test_too_large_a_file(
    hass: HomeAssistant, wecom: WeCom, folder: Path
) -> None:
    """Test that a file that no service takes is refused, and the largest one sent."""
    largest = 20 * 1024 * 1024
    path = folder / "backup.tar"
    path.write_bytes(bytes(largest + 1))
    error = await failure(hass, file=str(path))
    assert error.translation_key == "attachment_too_large"
    assert error.translation_placeholders == {
        "name": "backup.tar",
        "limit": str(largest),
    }
    path.write_bytes(bytes(largest))
    await tell(hass, file=str(path))
    assert len(uploaded(wecom).data) == largest


@pytest.mark.parametrize(
    ("fields", "event"),
    [
        ({"message": "Somebody rings."}, "sent"),
        # Without a text there is nothing to say.
        ({}, "refused"),
    ],
    ids=["text", "picture alone"],
)
async def test_cancelled_while_reading(
    hass: HomeAssistant,
    wecom: WeCom,
    monkeypatch: pytest.MonkeyPatch,
    fields: dict[str, str],
    event: str,
) -> None:
    """Test that whoever is cancelled while a camera takes its time has said the text."""
    camera = await set_up_camera(hass)
    asked = asyncio.Event()

    async def take_for_ever(**kwargs: object) -> None:
        asked.set()
        await asyncio.Future()

    monkeypatch.setattr(camera, "async_camera_image", take_for_ever)
    sending = hass.async_create_task(tell(hass, image=CAMERA, **fields))
    await asked.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    (delivery,) = hass.states.async_entity_ids("event")
    await until(hass, lambda: hass.states.get(delivery).state != STATE_UNKNOWN)  # type: ignore[union-attr]
    (told,) = hass.states.async_all("event")
    assert told.attributes["event_type"] == event
    assert told.attributes["left_out"] == ["camera.front_door"]
    shown = [each.text for each in wecom.notifications]
    note = "[camera.front_door could not be sent]"
    assert shown == [f"{text}\n{note}" for text in fields.values()]
