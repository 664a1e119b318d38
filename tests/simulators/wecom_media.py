"""Checks of uploaded files in the simulated WeCom."""

from dataclasses import dataclass

from .recorded import Part, RecordedRequest
from .wecom_accounts import RefusedError

MIB = 1024 * 1024
MIN_SIZE = 6  # bytes
VOICE_LIMIT = 2 * MIB
VIDEO_LIMIT = 10 * MIB
FILE_LIMIT = 20 * MIB
LIFETIME = 3 * 24 * 3600

JPEG = b"\xff\xd8\xff"
PNG = b"\x89PNG\r\n\x1a\n"
AMR = b"#!AMR"
MP4_BRAND = b"ftyp"  # at the fifth byte


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """A file that passed the checks."""

    kind: str
    filename: str
    size: int
    content: bytes
    content_type: str


def read_media_part(request: RecordedRequest) -> Part:
    """Return the part of the form that holds the file."""
    for part in request.parts:
        if part.name == "media" and part.filename and part.data:
            return part
    raise RefusedError(44001, "empty media data")


def check_upload(kind: str, part: Part, image_limit: int) -> Upload:
    """Check size and format against the kind of media."""
    data = part.data
    if len(data) < MIN_SIZE:
        raise RefusedError(40006, "invalid media size")
    if part.filelength not in (None, len(data)):
        raise RefusedError(44001, "empty media data")
    match kind:
        case "image":
            check_image(data, image_limit)
        case "voice":
            if not data.startswith(AMR):
                raise RefusedError(301017, "voice file only support amr like *.amr")
            if len(data) > VOICE_LIMIT:
                raise RefusedError(45001, "media size out of limit")
        case "video":
            if data[4:8] != MP4_BRAND:
                raise RefusedError(40004, "invalid media type")
            if len(data) > VIDEO_LIMIT:
                raise RefusedError(40011, "invalid video size")
        case _:
            if len(data) > FILE_LIMIT:
                raise RefusedError(45001, "media size out of limit")
    return Upload(
        kind=kind,
        filename=part.filename or "",
        size=len(data),
        content=data,
        content_type=part.content_type,
    )


def check_image(data: bytes, limit: int) -> None:
    """Check that a picture is a JPEG or PNG and not too big."""
    if not data.startswith((JPEG, PNG)):
        raise RefusedError(40004, "invalid media type")
    if len(data) > limit:
        raise RefusedError(40009, "invalid image size")
