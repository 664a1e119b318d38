"""Temporary media of WeCom."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
import hashlib
import re
import time
from typing import Final
from weakref import WeakValueDictionary

import aiohttp

from ..message import Attachment, AttachmentKind
from ..transport import Content

# In bytes.
LIMITS: Final = {
    AttachmentKind.IMAGE: 10 * 1024 * 1024,
    AttachmentKind.VOICE: 2 * 1024 * 1024,
    AttachmentKind.VIDEO: 10 * 1024 * 1024,
    AttachmentKind.FILE: 20 * 1024 * 1024,
}

# Seconds. Media expire after three days; leave an hour for a message that waits.
_LIFETIME = 3 * 24 * 3600 - 3600
_MAX_KEPT = 100
# Bytes that are hashed in less than a millisecond.
_QUICK = 256 * 1024

_NOT_IN_A_NAME = re.compile(r'[\x00-\x1f\x7f"\\/]')


class MediaStore:
    """Cache of media IDs, so that the same file is uploaded once."""

    def __init__(self) -> None:
        self._media_ids: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def media_id(
        self, attachment: Attachment, upload: Callable[[Attachment], Awaitable[str]]
    ) -> str:
        """Return the media ID of an attachment. Concurrent callers share one upload.

        Args:
            attachment: attachment with its content.
            upload: uploads it and returns its media ID.

        """
        digest = await _digest(attachment.content)
        # The name is part of it: readers see the name of a file.
        key = f"{attachment.kind} {attachment.name} {digest}"
        async with self._turns.setdefault(key, asyncio.Lock()):
            media_id, ends_at = self._media_ids.get(key, ("", 0.0))
            if ends_at <= time.monotonic():
                media_id = await upload(attachment)
                self._media_ids[key] = (media_id, time.monotonic() + _LIFETIME)
                self._media_ids.move_to_end(key)
                while len(self._media_ids) > _MAX_KEPT:
                    self._media_ids.popitem(last=False)
            return media_id

    def forget(self, media_id: str) -> None:
        """Remove a media ID that WeCom does not know any more."""
        for key, (known, _) in tuple(self._media_ids.items()):
            if known == media_id:
                del self._media_ids[key]


async def _digest(content: bytes) -> str:
    """Return the hash of a content, without blocking the event loop."""
    if len(content) <= _QUICK:
        return hashlib.sha256(content).hexdigest()
    return (await asyncio.to_thread(hashlib.sha256, content)).hexdigest()


def upload_form(attachment: Attachment) -> aiohttp.MultipartWriter:
    """Return the body of an upload (`POST /cgi-bin/media/upload`).

    WeCom requires the name in raw UTF-8, which aiohttp's own form would escape, and the
    length.
    """
    name = _NOT_IN_A_NAME.sub("_", attachment.name)
    form = aiohttp.MultipartWriter("form-data")
    form.append(
        Content(attachment.content),
        {
            "Content-Disposition": (
                f'form-data; name="media"; filename="{name}"; '
                f"filelength={len(attachment.content)}"
            ),
            "Content-Type": attachment.content_type or "application/octet-stream",
        },
    )
    return form
