"""What the clients of WeCom share: requests with an attachment that is uploaded."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Final, override

import aiohttp

from ..client import Client
from ..errors import UploadExpiredError
from ..message import AttachmentKind, Message, Part
from ..transport import Endpoint, Transport
from .codes import is_answer
from .media import MediaStore
from .messages import ATTACHMENT, fill, media_id_of, shows_url, without_attachment

DEFAULT_URL: Final = "https://qyapi.weixin.qq.com"


class UploadingClient[TargetT](Client[TargetT]):
    """Client of WeCom whose requests have no more than one attachment each.

    Args:
        session: aiohttp session; None opens one for each request.
        endpoint: address of WeCom or of a relay; None is the official one.
        secret: to keep out of errors and logs.

    """

    def __init__(
        self,
        session: aiohttp.ClientSession | None,
        endpoint: Endpoint | None,
        secret: str,
    ) -> None:
        self._transport = Transport(
            session,
            endpoint or Endpoint(url=DEFAULT_URL),
            recognise=is_answer,
            secrets=(secret,),
        )
        self._media = MediaStore()

    @staticmethod
    @abstractmethod
    def kind_of(message: Message) -> StrEnum:
        """Return the message type of a message.

        Raises:
            ContentError: there is no such type.

        """

    @override
    def takes_upload(
        self, kind: AttachmentKind, message: Message, target: TargetT
    ) -> bool:
        """Return if an attachment is uploaded; articles and cards have URLs."""
        return not shows_url(kind, self.kind_of(message))

    @override
    def pending_uploads(self, part: Part) -> tuple[int, ...]:
        """Return the number of the attachment of a request."""
        return (part[ATTACHMENT]["number"],) if ATTACHMENT in part else ()

    @override
    def fill(self, part: Part, uploads: Mapping[int, str]) -> Part:
        """Return the request with the media ID of its attachment."""
        if ATTACHMENT not in part:
            return part
        return fill(part, uploads[part[ATTACHMENT]["number"]])

    @override
    def without(self, part: Part, number: int, note: str) -> Part:
        """Return the request as a text message with a note."""
        if number not in self.pending_uploads(part):
            return part
        return without_attachment(part, note)

    @contextmanager
    def _noting_expired(self, part: Part) -> Iterator[None]:
        """Forget the media ID of a filled request if WeCom does not know it any more."""
        try:
            yield
        except UploadExpiredError:
            if media_id := media_id_of(part):
                self._media.forget(media_id)
            raise
