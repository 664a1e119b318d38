"""Formats and sizes of pictures, told from their first bytes before they are decoded."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .avif_header import read_avif


class PictureFormat(StrEnum):
    """Formats of pictures, by their names in Pillow."""

    AVIF = "AVIF"
    GIF = "GIF"
    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"


@dataclass(frozen=True, kw_only=True, slots=True)
class PictureHeader:
    """What the first bytes of a picture say.

    Args:
        format: format of the picture.
        width: in pixels.
        height: in pixels.
        kept: coefficients of each pixel that a decoder of JPEG keeps until the end.

    """

    format: PictureFormat
    width: int
    height: int
    kept: int = 0

    @property
    def pixels(self) -> int:
        """Return the number of pixels."""
        return self.width * self.height


_PNG: Final = b"\x89PNG\r\n\x1a\n"
# Markers of a JPEG.
_START_OF_SCAN: Final = 0xDA
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SEQUENTIAL: Final = frozenset({0xC0, 0xC1})
# More than pictures have, so that reading takes no time.
_MAX_SEGMENTS: Final = 10_000
_WITHOUT_LENGTH: Final = frozenset({0x01, *range(0xD0, 0xD9)})


def read_header(content: bytes) -> PictureHeader | None:
    """Return the header of a picture, or None if it is not one of the formats.

    Args:
        content: of a file.

    """
    try:
        header = _read(content)
    except IndexError:
        return None
    return header if header is not None and header.pixels else None


def _read(content: bytes) -> PictureHeader | None:
    """Return the header.

    Raises:
        IndexError: the file ends within it.

    """
    match content[:12]:
        case start if start.startswith(_PNG) and content[12:16] == b"IHDR":
            return PictureHeader(
                format=PictureFormat.PNG,
                width=_number(content, 16, 4),
                height=_number(content, 20, 4),
            )
        case start if start.startswith(b"\xff\xd8\xff"):
            return _read_jpeg(content)
        case start if start.startswith((b"GIF87a", b"GIF89a")):
            return PictureHeader(
                format=PictureFormat.GIF,
                width=int.from_bytes(content[6:8], "little"),
                height=int.from_bytes(content[8:10], "little"),
            )
        case start if start[:4] == b"RIFF" and start[8:] == b"WEBP":
            return _read_webp(content)
        case start if start[4:] == b"ftypavif":
            if (size := read_avif(content)) is not None:
                width, height = size
                return PictureHeader(
                    format=PictureFormat.AVIF, width=width, height=height
                )
    return None


def _number(content: bytes, start: int, length: int) -> int:
    """Return a big-endian number.

    Raises:
        IndexError: the file ends within it.

    """
    found = content[start : start + length]
    if len(found) < length:
        raise IndexError
    return int.from_bytes(found)


def _read_jpeg(content: bytes) -> PictureHeader | None:
    """Return the header of a JPEG: its frame, and whether one scan holds all colours."""
    place = 2
    frame: tuple[int, int, int, int] | None = None
    for _ in range(_MAX_SEGMENTS):
        if content[place] != 0xFF:
            return None
        marker = content[place + 1]
        if marker == 0xFF:
            # A fill byte.
            place += 1
            continue
        place += 2
        if marker in _WITHOUT_LENGTH:
            continue
        if marker in _FRAMES:
            frame = (
                marker,
                _number(content, place + 3, 2),
                _number(content, place + 5, 2),
                content[place + 7],
            )
        if marker == _START_OF_SCAN:
            break
        place += max(_number(content, place, 2), 2)
    if frame is None:
        return None
    kind, height, width, colours = frame
    return PictureHeader(
        format=PictureFormat.JPEG,
        width=width,
        height=height,
        kept=0 if kind in _SEQUENTIAL and content[place + 2] >= colours else colours,
    )


def _read_webp(content: bytes) -> PictureHeader | None:
    """Return the header of a WebP: the canvas, or else the only picture."""
    match content[12:16]:
        case b"VP8X":
            width = int.from_bytes(content[24:27], "little") + 1
            height = int.from_bytes(content[27:30], "little") + 1
        case b"VP8L":
            bits = int.from_bytes(content[21:25], "little")
            width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width = int.from_bytes(content[26:28], "little") & 0x3FFF
            height = int.from_bytes(content[28:30], "little") & 0x3FFF
        case _:
            return None
    return PictureHeader(format=PictureFormat.WEBP, width=width, height=height)
