"""Recorded requests, with the fields and files of their bodies."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from functools import cached_property
import json
import re
from typing import Any
from urllib.parse import parse_qsl, quote_plus

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
    """A request as received."""

    method: str
    path: str
    raw_path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes
    received: float  # time by the clock of the simulator

    def says(self, text: str) -> bool:
        """Return if the body contains a text, in the encoding of JSON or a form."""
        forms = (
            text,
            quote_plus(text),
            json.dumps(text)[1:-1],
            json.dumps(text, ensure_ascii=False)[1:-1],
        )
        return any(form.encode("utf-8", "surrogatepass") in self.body for form in forms)

    @property
    def content_type(self) -> str:
        """Return the media type of the body in lower case, without parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @cached_property
    def json(self) -> Any:
        """Return the body parsed as JSON. Raises ValueError."""
        return json.loads(self.body)

    @cached_property
    def form(self) -> dict[str, str]:
        """Return the text fields of a form; of equal names, the first one counts."""
        if self.content_type == "application/x-www-form-urlencoded":
            # Ignores the charset of the header; invalid bytes become U+FFFD.
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
        """Return the parts of a multipart body; none if it is malformed."""
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
