"""Convert images to a format and size that services take."""

from collections.abc import Iterator
from io import BytesIO
import mimetypes
from pathlib import Path
from threading import Lock
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from ..clients.errors import ContentError
from ..clients.message import Attachment, AttachmentKind
from ..const import PROBLEM_NOT_A_PICTURE

# The formats that every service takes, by their names in Pillow.
_TAKEN: Final = {"JPEG": "image/jpeg", "PNG": "image/png"}
# Pillow tries all of its formats otherwise, some of which start other programs.
_FORMATS: Final = (*_TAKEN, "WEBP", "GIF", "BMP", "TIFF")
_SIDES = (4096, 2560, 1920, 1280, 960, 640, 320)
_QUALITIES = (88, 75, 60)
# An image with more pixels than this is an attack.
_MAX_PIXELS = 100_000_000

# A decoded image may take hundreds of megabytes.
_DECODING = Lock()


def fit_image(content: bytes, name: str, limit: int) -> Attachment:
    """Return an image as an attachment within a limit.

    An image that services take is not changed. Call this in the executor.

    Args:
        content: the image.
        name: of the file; its extension is changed with the format.
        limit: in bytes.

    Raises:
        ContentError: this is not an image.

    """
    with _DECODING:
        fitted, content_type = _fit(content, name, limit)
    if mimetypes.guess_type(name)[0] != content_type:
        name = f"{Path(name).stem}{mimetypes.guess_extension(content_type) or ''}"
    return Attachment(
        kind=AttachmentKind.IMAGE, name=name, content_type=content_type, content=fitted
    )


def _fit(content: bytes, name: str, limit: int) -> tuple[bytes, str]:
    """Return an image and its content type."""
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as image:
            if image.width * image.height > _MAX_PIXELS:
                raise ContentError(PROBLEM_NOT_A_PICTURE, name=name)
            if image.format in _TAKEN and len(content) <= limit:
                return content, _TAKEN[image.format]
            # Decodes a JPEG to a smaller size at once.
            image.draft(None, (_SIDES[0], _SIDES[0]))
            opaque = _opaque(ImageOps.exif_transpose(image))
    except (
        OSError,
        UnidentifiedImageError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
    ) as err:
        raise ContentError(PROBLEM_NOT_A_PICTURE, name=name) from err
    # The last one is far below any limit.
    fitted = next(each for each in _jpegs(opaque) if len(each) <= limit)
    return fitted, _TAKEN["JPEG"]


def _jpegs(image: Image.Image) -> Iterator[bytes]:
    """Yield an image as JPEG in decreasing sizes."""
    for side in _SIDES:
        if side < max(image.size):
            image.thumbnail((side, side))
        for quality in _QUALITIES:
            buffer = BytesIO()
            # Pillow holds the GIL while it encodes; with `optimize`, all at once.
            image.save(buffer, "JPEG", quality=quality)
            yield buffer.getvalue()


def _opaque(image: Image.Image) -> Image.Image:
    """Return an image without transparency, on white."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    background = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(background, layer).convert("RGB")
