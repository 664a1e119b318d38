"""Pictures are made such that they arrive, and are still the same picture."""

from io import BytesIO
from pathlib import Path

from PIL import Image
import pytest

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from tests.messages import WECOM_SEND, tell
from tests.pictures import failure, noise, opened, picture, uploaded
from tests.samples import WECOM, set_up
from tests.simulators.wecom import WeCom

LIMIT = 2 * 1024 * 1024


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
        ("PNG", (1600, 900)),
        ("JPEG", (3000, 2000)),
        ("PNG", (900, 1600)),
        ("PNG", (6000, 150)),
        ("BMP", (1200, 900)),
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
    assert len(content) > LIMIT
    await tell(hass, image=keep(tmp_path, f"x.{kind.lower()}", content))
    sent = opened(uploaded(wecom).data)
    assert sent.format == "JPEG"
    assert len(uploaded(wecom).data) <= LIMIT
    # As large as it may be: nobody looks at a stamp.
    assert sent.width >= 0.4 * size[0]
    assert sent.width / sent.height == pytest.approx(size[0] / size[1], rel=0.02)
    assert uploaded(wecom).filename in {"x.jpg", "x.jpeg"}
    assert uploaded(wecom).content_type == "image/jpeg"


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("WEBP", "RGB"),
        ("WEBP", "RGBA"),
        ("GIF", "P"),
        ("BMP", "RGB"),
        ("TIFF", "CMYK"),
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


@pytest.mark.parametrize("kind", ["WEBP", "GIF"])
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


def bomb(side: int) -> bytes:
    """Return a small file that says to be an enormous picture."""
    content = picture("BMP")
    size = side.to_bytes(4, "little")
    return content[:18] + size + size + content[26:]


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html></html>",
        b"\xff\xd8\xff",
        picture("PNG")[:40],
        picture("WEBP")[:40],
        # No service takes it, nor does Home Assistant read it.
        b"\x00\x00\x00\x18ftypheic" + bytes(200),
        bomb(10_500),
        bomb(50_000),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
    ids=["empty", "page", "jpeg", "png", "webp", "heic", "large", "bomb", "svg"],
)
async def test_no_picture(
    hass: HomeAssistant, wecom: WeCom, tmp_path: Path, content: bytes
) -> None:
    """Test that what is no picture is named, and nothing sent."""
    error = await failure(hass, message="x", image=keep(tmp_path, "x.jpg", content))
    assert isinstance(error, ServiceValidationError)
    assert error.translation_key == "not_a_picture"
    assert error.translation_placeholders == {"name": "x.jpg"}
    assert not wecom.requests_to(WECOM_SEND)
