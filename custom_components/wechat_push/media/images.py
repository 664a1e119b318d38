"""Make a picture small enough, and of a kind, that a service takes."""

from collections.abc import Iterator
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from ..clients.errors import ContentError
from ..const import PROBLEM_NOT_A_PICTURE

# What every service takes, by the name that Pillow has for it.
_TAKEN = {"JPEG": "image/jpeg", "PNG": "image/png"}
_SIDES = (4096, 2560, 1920, 1280, 960, 640, 320)
_QUALITIES = (88, 75, 60)
# A picture of more pixels than this is an attack, not a snapshot.
_MAX_PIXELS = 100_000_000


def fitted(content: bytes, name: str, limit: int) -> tuple[bytes, str]:
    """Return a picture within a limit of bytes, and its content type.

    A picture that is taken as it is stays untouched. This blocks: call it in the executor.

    Args:
        content: the picture, in any format that Pillow reads.
        name: what it is called in an error.
        limit: the most bytes.

    Raises:
        ContentError: this is no picture.

    """
    try:
        with Image.open(BytesIO(content)) as picture:
            if picture.width * picture.height > _MAX_PIXELS:
                raise ContentError(PROBLEM_NOT_A_PICTURE, name=name)
            if picture.format in _TAKEN and len(content) <= limit:
                return content, _TAKEN[picture.format]
            upright = _opaque(ImageOps.exif_transpose(picture))
    except (
        OSError,
        UnidentifiedImageError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
    ) as err:
        raise ContentError(PROBLEM_NOT_A_PICTURE, name=name) from err
    # The last one is far below any limit, whatever it shows.
    made = next(each for each in _smaller_and_smaller(upright) if len(each) <= limit)
    return made, _TAKEN["JPEG"]


def _smaller_and_smaller(picture: Image.Image) -> Iterator[bytes]:
    """Yield a picture as JPEG, each smaller than the one before."""
    for side in _SIDES:
        if side < max(picture.size):
            picture.thumbnail((side, side))
        for quality in _QUALITIES:
            made = BytesIO()
            picture.save(made, "JPEG", quality=quality, optimize=True)
            yield made.getvalue()


def _opaque(picture: Image.Image) -> Image.Image:
    """Return a picture as JPEG can hold it: what one could look through is white."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    ground = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(ground, layer).convert("RGB")
