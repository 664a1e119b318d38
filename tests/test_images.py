"""Pictures are made such that they arrive, and are still the same picture."""

from contextlib import suppress
from io import BytesIO
from pathlib import Path
import tracemalloc

from PIL import Image
from PIL.PngImagePlugin import PngInfo
import pytest

from custom_components.wechat_push.clients.errors import ContentError
from custom_components.wechat_push.media.images import fit_image
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from tests.messages import WECOM_SEND, say, tell
from tests.pictures import UPLOAD, failure, noise, opened, picture, uploaded, uploads
from tests.samples import WECOM, set_up
from tests.simulators.base import json_answer
from tests.simulators.wecom import WeCom

LIMIT = 2 * 1024 * 1024
UNSCALED = 10 * 1024 * 1024


@pytest.fixture(autouse=True)
async def account(hass: HomeAssistant, wecom: WeCom, tmp_path: Path) -> None:
    """Set up an account, and a folder that Home Assistant may show."""
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    await set_up(hass, WECOM, wecom)


def keep(tmp_path: Path, name: str, content: bytes) -> str:
    """Put a picture into the folder; return its path."""
    path = tmp_path / name
    path.write_bytes(content)
    return str(path)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
async def test_picture_that_fits(
    hass: HomeAssistant, wecom: WeCom, tmp_path: Path, kind: str
) -> None:
    """Test that a picture that can be sent is not touched."""
    content = picture(kind, (1920, 1080))
    await tell(hass, image=keep(tmp_path, f"x.{kind.lower()}", content))
    assert uploaded(wecom).data == content


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        ("PNG", (2100, 1800)),
        ("JPEG", (4500, 4000)),
        ("PNG", (1800, 2100)),
        ("PNG", (15_000, 250)),
    ],
)
async def test_picture_that_is_too_large(
    hass: HomeAssistant,
    wecom: WeCom,
    tmp_path: Path,
    kind: str,
    size: tuple[int, int],
) -> None:
    """Test that a large picture is made smaller, and keeps its shape."""
    content = noise(kind, size)
    assert len(content) > UNSCALED
    await tell(hass, image=keep(tmp_path, f"x.{kind.lower()}", content))
    sent = opened(uploaded(wecom).data)
    assert sent.format == "JPEG"
    assert len(uploaded(wecom).data) <= LIMIT
    # As large as it may be: nobody looks at a stamp.
    assert max(sent.size) >= 1280
    assert sent.width / sent.height == pytest.approx(size[0] / size[1], rel=0.02)
    assert uploaded(wecom).filename in {"x.jpg", "x.jpeg"}
    assert uploaded(wecom).content_type == "image/jpeg"


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("WEBP", "RGB"),
        ("WEBP", "RGBA"),
        ("GIF", "P"),
        ("AVIF", "RGB"),
        ("AVIF", "RGBA"),
    ],
)
async def test_picture_of_another_kind(
    hass: HomeAssistant, wecom: WeCom, tmp_path: Path, kind: str, mode: str
) -> None:
    """Test that a picture that WeCom does not know becomes one that it does."""
    made = BytesIO()
    Image.new("RGB", (64, 48), "red").convert(mode).save(made, kind)
    await tell(hass, image=keep(tmp_path, f"x.{kind.lower()}", made.getvalue()))
    sent = opened(uploaded(wecom).data)
    assert (sent.format, sent.size, sent.mode) == ("JPEG", (64, 48), "RGB")
    red, green, blue = sent.getpixel((32, 24))  # type: ignore[misc]
    assert red > 200
    assert max(green, blue) < 60
    assert uploaded(wecom).filename == "x.jpg"


@pytest.mark.parametrize("kind", ["WEBP", "GIF", "AVIF"])
async def test_picture_to_look_through(
    hass: HomeAssistant, wecom: WeCom, tmp_path: Path, kind: str
) -> None:
    """Test that what one could look through is white, not black."""
    content = picture(kind, mode="RGBA", colour=(0, 0, 0, 0))
    await tell(hass, image=keep(tmp_path, "x.webp", content))
    sent = opened(uploaded(wecom).data)
    assert min(sent.getpixel((32, 24))) > 250  # type: ignore[arg-type]


async def test_picture_of_a_phone_on_its_side(
    hass: HomeAssistant, wecom: WeCom, tmp_path: Path
) -> None:
    """Test that a picture that is converted stays upright."""
    exif = Image.Exif()
    exif[0x0112] = 6
    made = BytesIO()
    Image.new("RGB", (64, 48)).save(made, "WEBP", exif=exif)
    await tell(hass, image=keep(tmp_path, "x.webp", made.getvalue()))
    assert opened(uploaded(wecom).data).size == (48, 64)


async def test_large_picture_that_is_taken(
    hass: HomeAssistant, wecom: WeCom, tmp_path: Path
) -> None:
    """Test that a picture of up to 10 MB is sent as it is."""
    content = noise("PNG", (1800, 1800))
    assert LIMIT < len(content) < UNSCALED
    await tell(hass, image=keep(tmp_path, "x.png", content))
    assert uploaded(wecom).data == content


@pytest.mark.parametrize("code", [40009, 45001])
async def test_large_picture_that_is_refused(
    hass: HomeAssistant, wecom: WeCom, tmp_path: Path, code: int
) -> None:
    """Test that a picture that WeCom calls too large is sent again with 2 MB at most."""
    refused = json_answer({"errcode": code, "errmsg": "invalid image size"})
    wecom.script(refused, path=UPLOAD)
    content = noise("PNG", (1000, 800))
    assert len(content) > LIMIT
    await tell(hass, "Somebody rings.", image=keep(tmp_path, "x.png", content))
    first, second = (request.parts[0] for request in uploads(wecom))
    assert first.data == content
    assert len(second.data) <= LIMIT
    assert opened(second.data).size == (1000, 800)
    sent = [request.json["msgtype"] for request in wecom.requests_to(WECOM_SEND)]
    assert sent == ["text", "image"]


async def test_small_picture_that_is_refused(
    hass: HomeAssistant, wecom: WeCom, tmp_path: Path
) -> None:
    """Test that a message goes without a picture that cannot be made smaller."""
    wecom.always(json_answer({"errcode": 45001, "errmsg": "media size"}), UPLOAD)
    answer = await say(
        hass, "Somebody rings.", image=keep(tmp_path, "x.png", picture("PNG"))
    )
    assert [each["left_out"] for each in answer.values()] == [["x.png"]]
    assert len(uploads(wecom)) == 1


def changed(content: bytes, at: int) -> bytes:
    """Return a content with one byte changed."""
    return content[:at] + bytes([content[at] ^ 255]) + content[at + 1 :]


def webp_canvas(width: int, height: int) -> bytes:
    """Return a few bytes that ask for a canvas of any size."""
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    canvas = b"VP8X" + (10).to_bytes(4, "little") + b"\x10\0\0\0" + size
    return b"RIFF" + (4 + len(canvas)).to_bytes(4, "little") + b"WEBP" + canvas


AVIF = picture("AVIF", (64, 48))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<html></html>", id="page"),
        pytest.param(b"\xff\xd8\xff", id="jpeg"),
        pytest.param(b"\xff\xd8\xff" + b"\xff" * 100_000, id="jpeg-of-nothing"),
        pytest.param(picture("PNG")[:40], id="png"),
        pytest.param(picture("WEBP")[:40], id="webp"),
        pytest.param(picture("GIF")[:20], id="gif"),
        pytest.param(AVIF[: len(AVIF) // 2], id="avif"),
        # A decoder raises an error of the C library.
        pytest.param(changed(AVIF, -10), id="changed-avif"),
        pytest.param(b"\x00\x00\x00\x18ftypheic" + bytes(200), id="heic"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n", id="eps"),
        pytest.param(picture("BMP"), id="bmp"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="svg"),
        pytest.param(webp_canvas(9990, 10_000), id="webp-bomb"),
    ],
)
async def test_no_picture(
    hass: HomeAssistant, wecom: WeCom, tmp_path: Path, content: bytes
) -> None:
    """Test that a message says that its picture is none."""
    path = keep(tmp_path, "x.jpg", content)
    error = await failure(hass, image=path)
    assert isinstance(error, ServiceValidationError)
    assert error.translation_key == "not_a_picture"
    assert error.translation_placeholders == {"name": "x.jpg"}
    await tell(hass, "Somebody rings.", image=path)
    assert not uploads(wecom)
    assert [each.text for each in wecom.notifications] == [
        "Somebody rings.\n[x.jpg could not be sent]"
    ]


@pytest.mark.parametrize("at", range(0, len(AVIF), 7))
def test_changed_byte(at: int) -> None:
    """Test that a damaged picture is one, or an error with a text."""
    for content in (changed(AVIF, at), AVIF[:at]):
        with suppress(ContentError):
            fit_image(content, "x.avif", UNSCALED)


@pytest.mark.parametrize(
    ("format_", "most"),
    [("PNG", (4000, 4000)), ("WEBP", (4000, 2000)), ("GIF", (4000, 2000))],
)
def test_most_pixels(format_: str, most: tuple[int, int]) -> None:
    """Test that a picture is scaled up to a size, and refused above it."""
    content = picture(format_, most)
    # As one that is too large for the service.
    fitted = fit_image(content, "x", min(len(content) - 1, 100_000))
    assert max(opened(fitted.content).size) <= 2560
    above = picture(format_, (most[0], most[1] + 1))
    with pytest.raises(ContentError):
        fit_image(above, "x", min(len(above) - 1, 100_000))


def jpeg(size: tuple[int, int], mode: str = "L", **options: bool) -> bytes:
    """Return a JPEG of one colour."""
    made = BytesIO()
    Image.new(mode, size).save(made, "JPEG", quality=1, **options)
    return made.getvalue()


@pytest.mark.parametrize("size", [(20_000, 9_900), (65_000, 3_000)])
def test_large_jpeg(size: tuple[int, int]) -> None:
    """Test that a JPEG may be as large as cameras make them."""
    content = jpeg(size)
    fitted = opened(fit_image(content, "x", len(content) - 1).content)
    assert fitted.width / fitted.height == pytest.approx(size[0] / size[1], rel=0.02)


def test_large_progressive_jpeg() -> None:
    """Test that a JPEG is smaller where its decoder keeps all of it."""
    content = jpeg((4000, 4000), "RGB", progressive=True)
    assert fit_image(content, "x", len(content) - 1).content
    content = jpeg((4100, 4000), "RGB", progressive=True)
    with pytest.raises(ContentError):
        fit_image(content, "x", len(content) - 1)


def test_too_large_jpeg() -> None:
    """Test that a JPEG of more than 200 megapixels is not decoded."""
    content = jpeg((64, 48))
    at = content.index(b"\xff\xc0") + 5
    size = (10_000).to_bytes(2) + (20_100).to_bytes(2)
    with pytest.raises(ContentError):
        fit_image(content[:at] + size + content[at + 4 :], "x", 10)


def test_size_that_an_avif_hides() -> None:
    """Test that the stream in an AVIF decides about its size, not its boxes."""
    content = picture("AVIF", (4000, 3000))
    at = content.index(b"ispe") + 8
    small = (64).to_bytes(4) + (48).to_bytes(4)
    with pytest.raises(ContentError):
        fit_image(content[:at] + small + content[at + 8 :], "x", UNSCALED)


def test_texts_of_a_png() -> None:
    """Test that texts of a picture that is scaled take no memory."""
    texts = PngInfo()
    for number in range(40):
        texts.add_text(f"key{number}", "x" * 1_000_000, zip=True)
    made = BytesIO()
    Image.new("RGB", (64, 48), "red").save(made, "PNG", pnginfo=texts)
    tracemalloc.start()
    try:
        fit_image(made.getvalue(), "x", 10_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "I;16"])
def test_modes(mode: str) -> None:
    """Test that every kind of pixel becomes a colour."""
    made = BytesIO()
    Image.linear_gradient("L").resize((1500, 1500)).convert(mode).save(made, "PNG")
    content = made.getvalue()
    fitted = opened(fit_image(content, "x", len(content) - 1).content)
    assert (fitted.format, fitted.mode) == ("JPEG", "RGB")
    light = fitted.getpixel((fitted.width // 2, fitted.height - 1))
    assert min(light) > (250 if mode != "I;16" else -1)  # type: ignore[arg-type]
