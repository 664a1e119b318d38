"""WeCom's temporary media: what is uploaded, and how long it lives."""

from collections import OrderedDict
import hashlib
import re
import time
from typing import Final

import aiohttp

from .message import Attachment, AttachmentKind

# Pictures may have ten megabytes by the current document and two by older ones.
LIMITS: Final = {
    AttachmentKind.IMAGE: 2 * 1024 * 1024,
    AttachmentKind.VOICE: 2 * 1024 * 1024,
    AttachmentKind.VIDEO: 10 * 1024 * 1024,
    AttachmentKind.FILE: 20 * 1024 * 1024,
}

# Media live three days; the last hour is not worth the risk.
_LIFETIME = 3 * 24 * 3600 - 3600
_MAX_KEPT = 100

_NOT_IN_A_NAME = re.compile(r'[\x00-\x1f\x7f"\\/]')


class MediaStore:
    """Remembers what was uploaded, so that the same file is not uploaded again."""

    def __init__(self) -> None:
        """Start with nothing uploaded."""
        self._media_ids: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def known(self, attachment: Attachment) -> str | None:
        """Return the media ID of an attachment, as long as it lives."""
        media_id, ends_at = self._media_ids.get(_key(attachment), (None, 0.0))
        return media_id if ends_at > time.monotonic() else None

    def keep(self, attachment: Attachment, media_id: str) -> None:
        """Remember the media ID of an attachment."""
        self._media_ids[_key(attachment)] = (media_id, time.monotonic() + _LIFETIME)
        while len(self._media_ids) > _MAX_KEPT:
            self._media_ids.popitem(last=False)

    def forget(self, attachment: Attachment) -> None:
        """Drop a media ID that WeCom does not know any more."""
        self._media_ids.pop(_key(attachment), None)


def _key(attachment: Attachment) -> str:
    """Return what tells an upload from another; the name is what readers see."""
    digest = hashlib.sha256(attachment.content).hexdigest()
    return f"{attachment.kind} {attachment.name} {digest}"


def upload_form(attachment: Attachment) -> aiohttp.MultipartWriter:
    """Return the body of an upload (`POST /cgi-bin/media/upload`).

    WeCom wants the name as raw UTF-8, which aiohttp's own form would escape, and the
    length beside it.
    """
    name = _NOT_IN_A_NAME.sub("_", attachment.name)
    form = aiohttp.MultipartWriter("form-data")
    form.append(
        attachment.content,
        {
            "Content-Disposition": (
                f'form-data; name="media"; filename="{name}"; '
                f"filelength={len(attachment.content)}"
            ),
            "Content-Type": attachment.content_type or "application/octet-stream",
        },
    )
    return form
