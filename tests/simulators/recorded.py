"""What came over the wire: a recorded request, and the fields and files in its body."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from functools import cached_property
import json
import re
from typing import Any
from urllib.parse import parse_qsl

_FILE_NAME = re.compile(r'filename="((?:[^"\\]|\\.)*)"')
_FIELD_NAME = re.compile(r'(?:^|[;\s])name="((?:[^"\\]|\\.)*)"')
_FILE_LENGTH = re.compile(r"filelength=(\d+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One part of a multipart body."""

    name: str
    filename: str | None
    filelength: int | None
    content_type: str
    data: bytes


@dataclass(frozen=True, kw_only=True)
class RecordedRequest:
    """One request as it was received; what it holds is read once, when asked for."""

    method: str
    path: str
    raw_path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        """Media type of the body in lower case, without parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @cached_property
    def json(self) -> Any:
        """Body parsed as JSON; raises ValueError where it is none."""
        return json.loads(self.body)

    @cached_property
    def form(self) -> dict[str, str]:
        """Text fields of an urlencoded or multipart body, the first of each name."""
        if self.content_type == "application/x-www-form-urlencoded":
            # The charset of the header is ignored and bad bytes become U+FFFD.
            text = self.body.decode("utf-8", "replace")
            pairs = parse_qsl(text, keep_blank_values=True, errors="replace")
        elif self.content_type == "multipart/form-data":
            pairs = [
                (part.name, part.data.decode("utf-8", "replace"))
                for part in self.parts
                if part.filename is None
            ]
        else:
            return {}
        return dict(reversed(pairs))

    @cached_property
    def parts(self) -> list[Part]:
        """Parts of a multipart body, in order; none where the body is malformed."""
        header = Message()
        header["Content-Type"] = self.headers.get("Content-Type", "")
        boundary = header.get_boundary()
        if boundary is None or header.get_content_maintype() != "multipart":
            return []
        return list(_split(self.body, boundary.encode()))


def _split(body: bytes, boundary: bytes) -> Iterator[Part]:
    """Yield the parts between the boundaries."""
    delimiter = b"\r\n--" + boundary
    for piece in (b"\r\n" + body).split(delimiter)[1:]:
        if piece.startswith(b"--"):
            return
        head, found, data = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if found:
            yield _part(head.decode("utf-8", "replace"), data)


def _part(head: str, data: bytes) -> Part:
    """Read the headers of one part."""
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head.split("\r\n"))
    }
    disposition = headers.get("content-disposition", "")
    filename = _FILE_NAME.search(disposition)
    length = _FILE_LENGTH.search(disposition)
    name = _FIELD_NAME.search(_FILE_NAME.sub("", disposition))
    return Part(
        name=name[1] if name else "",
        filename=filename[1] if filename else None,
        filelength=int(length[1]) if length else None,
        content_type=headers.get("content-type", "text/plain"),
        data=data,
    )
