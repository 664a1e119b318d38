"""Convert pictures to a format and size that services take."""

from collections.abc import Iterator
from io import BytesIO
from math import ceil
import mimetypes
from pathlib import Path
from threading import Lock
from typing import Final

from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from ..clients.errors import ContentError
from ..clients.message import Attachment, AttachmentKind
from ..const import PROBLEM_NOT_A_PICTURE
from .picture_header import PictureFormat, PictureHeader, read_header

# The formats that every service takes.
_TAKEN: Final = {PictureFormat.JPEG: "image/jpeg", PictureFormat.PNG: "image/png"}
# Pillow's own `open` knows many more, some of which start other programs.
_DECODERS: Final[dict[PictureFormat, type[ImageFile]]] = {
    PictureFormat.AVIF: AvifImageFile,
    PictureFormat.GIF: GifImageFile,
    PictureFormat.JPEG: JpegImageFile,
    PictureFormat.PNG: PngImageFile,
    PictureFormat.WEBP: WebPImageFile,
}
# Pixels that are decoded in less than 150 MB.
_MAX_PIXELS: Final = {
    PictureFormat.AVIF: 8_000_000,
    PictureFormat.GIF: 8_000_000,
    PictureFormat.JPEG: 200_000_000,
    PictureFormat.PNG: 16_000_000,
    PictureFormat.WEBP: 8_000_000,
}
# A JPEG can be decoded to a part of its size.
_MAX_DECODED: Final = 16_000_000
_MAX_DECODED_BESIDE_KEPT: Final = 4_000_000
_MAX_KEPT: Final = 48_000_000

# Bytes. What has to be scaled is scaled to what every version of every service takes.
_SCALED_BYTES: Final = 2 * 1024 * 1024
_SIDES: Final = (2560, 1920, 1280, 960, 640, 320)
_QUALITIES: Final = (88, 75, 60)
# Pixels that are made opaque and scaled at a time.
_STRIP: Final = 1_000_000

# Values of the tag Orientation.
_ORIENTATION: Final = 0x0112
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# A decoded picture takes up to 150 MB.
_DECODING = Lock()


def fit_image(content: bytes, name: str, limit: int) -> Attachment:
    """Return a picture as an attachment within a limit.

    A picture that services take is not changed. Call this in the executor.

    Args:
        content: the picture.
        name: of the file; its extension is changed with the format.
        limit: in bytes.

    Raises:
        ContentError: this is not a picture, or too large a one.

    """
    if (header := read_header(content)) is None:
        raise ContentError(PROBLEM_NOT_A_PICTURE, name=name)
    if len(content) <= limit and header.format in _TAKEN:
        _check(content, header, name)
        fitted, content_type = content, _TAKEN[header.format]
    else:
        with _DECODING:
            fitted = _scale(content, header, name, min(limit, _SCALED_BYTES))
        content_type = _TAKEN[PictureFormat.JPEG]
    if mimetypes.guess_type(name)[0] != content_type:
        name = f"{Path(name).stem}{mimetypes.guess_extension(content_type) or ''}"
    return Attachment(
        kind=AttachmentKind.IMAGE, name=name, content_type=content_type, content=fitted
    )


def shrink(picture: Attachment) -> Attachment:
    """Return a picture that a service refused as too large in a smaller size.

    Call this in a thread.

    Args:
        picture: picture with its content.

    Raises:
        ContentError: it cannot be decoded.

    """
    return fit_image(picture.content, picture.name, _SCALED_BYTES)


def _check(content: bytes, header: PictureHeader, name: str) -> None:
    """Check that a picture can be opened, without decoding it."""
    try:
        with _open(content, header):
            pass
    except Exception as err:
        # Decoders raise everything that there is.
        raise ContentError(PROBLEM_NOT_A_PICTURE, name=name) from err


def _scale(content: bytes, header: PictureHeader, name: str, limit: int) -> bytes:
    """Return a picture as JPEG within a limit."""
    if (
        header.pixels > _MAX_PIXELS[header.format]
        or header.pixels * header.kept > _MAX_KEPT
    ):
        raise ContentError(PROBLEM_NOT_A_PICTURE, name=name)
    try:
        picture = _decode(content, header)
        # The last one is far below any limit.
        return next(each for each in _jpegs(picture) if len(each) <= limit)
    except Exception as err:
        # Decoders raise everything that there is.
        raise ContentError(PROBLEM_NOT_A_PICTURE, name=name) from err


def _decode(content: bytes, header: PictureHeader) -> Image.Image:
    """Return a picture in the greatest size that is sent, upright."""
    with _open(content, header) as image:
        if image.width * image.height > header.pixels:
            raise ValueError("The picture is larger than its header says")
        if header.format is PictureFormat.JPEG:
            _draft(image, header)
        turn = _TURNS.get(image.getexif().get(_ORIENTATION, 1))
        shrunk = _shrunk(image)
    return shrunk if turn is None else shrunk.transpose(turn)


def _open(content: bytes, header: PictureHeader) -> ImageFile:
    """Open a picture with the decoder for its format."""
    if header.format is PictureFormat.PNG:
        content = _without_compressed_texts(content)
    return _DECODERS[header.format](BytesIO(content))


def _draft(image: ImageFile, header: PictureHeader) -> None:
    """Let a JPEG be decoded to a part of its size, if it is large."""
    most = _MAX_DECODED_BESIDE_KEPT if header.kept else _MAX_DECODED
    scale = next((each for each in (1, 2, 4) if header.pixels <= most * each**2), 8)
    size = header.width // scale, header.height // scale
    if scale > 1 and all(size):
        image.draft(None, size)


def _shrunk(image: ImageFile) -> Image.Image:
    """Return a picture in the greatest size that is sent, opaque, on white.

    It is done in strips: a second picture of full size would double the memory.
    """
    image.load()
    scale = max(1, max(image.size) / _SIDES[0])
    width, height = (max(1, round(side / scale)) for side in image.size)
    ratio = image.height / height
    # The filter looks at these lines outside of a strip as well.
    margin = ceil(2 * ratio) + 1
    lines = max(1, int(_STRIP / (image.width * ratio)))
    shrunk = Image.new("RGB", (width, height))
    for top in range(0, height, lines):
        bottom = min(top + lines, height)
        first, last = top * ratio, min(bottom * ratio, image.height)
        start = max(0, int(first) - margin)
        stop = min(image.height, ceil(last) + margin)
        strip = _opaque(image.crop((0, start, image.width, stop)))
        box = (0, first - start, image.width, last - start)
        resized = strip.resize((width, bottom - top), Image.Resampling.BICUBIC, box=box)
        shrunk.paste(resized, (0, top))
    return shrunk


def _opaque(image: Image.Image) -> Image.Image:
    """Return a picture without transparency, on white."""
    if image.mode.startswith("I"):
        # With 16 bits for each pixel.
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    background = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(background, layer).convert("RGB")


def _jpegs(image: Image.Image) -> Iterator[bytes]:
    """Yield a picture as JPEG in decreasing sizes."""
    for side in _SIDES:
        if side < max(image.size):
            image.thumbnail((side, side))
        for quality in _QUALITIES:
            buffer = BytesIO()
            # Pillow holds the GIL while it encodes; with `optimize`, all at once.
            image.save(buffer, "JPEG", quality=quality)
            yield buffer.getvalue()


def _without_compressed_texts(content: bytes) -> bytes:
    """Return a PNG without its compressed texts, which Pillow would keep in memory."""
    kept: list[memoryview] = []
    place, start, whole = 8, 0, memoryview(content)
    while place + 12 <= len(content):
        end = place + 12 + int.from_bytes(content[place : place + 4])
        if content[place + 4 : place + 8] in (b"zTXt", b"iTXt"):
            kept.append(whole[start:place])
            start = end
        place = end
    return b"".join((*kept, whole[start:])) if start else content
