"""The size of an AVIF picture, told from its boxes and from the AV1 streams in it.

A decoder takes the memory that the AV1 stream asks for, whatever the boxes say. See
ISO/IEC 14496-12 for the boxes, and section 5.5 of AV1's specification for the streams.
"""

from collections.abc import Iterator, Mapping
from typing import Final

# Boxes that hold others, and the bytes before these.
_CONTAINERS: Final = {b"meta": 4, b"iprp": 0, b"ipco": 0}
# Where the content of an item is.
_IN_FILE: Final = 0
_IN_BOX: Final = 1
# Type of a part of an AV1 stream.
_SEQUENCE_HEADER: Final = 1
# More than pictures have, so that reading takes no time.
_MAX_DEPTH: Final = 4
_MAX_TABLE: Final = 64 * 1024
_MAX_EXTENTS: Final = 16
_MAX_PARTS: Final = 1000


def read_avif(content: bytes) -> tuple[int, int] | None:
    """Return the greatest width and height in an AVIF picture, if they can be told.

    Args:
        content: of the file.

    Raises:
        IndexError: the file ends within its header.

    """
    boxes = dict.fromkeys((b"iinf", b"iloc", b"idat"), b"")
    sizes: list[tuple[int, int]] = []
    for kind, body in _boxes(content):
        if kind == b"ispe":
            fields = _Fields(body, skip=4)
            sizes.append((fields.number(4), fields.number(4)))
        elif kind in boxes:
            boxes[kind] = body
    streams = _stream_ids(boxes[b"iinf"])
    sources = {_IN_FILE: content, _IN_BOX: boxes[b"idat"]}
    found = [
        _stream_size(stream)
        for item_id, stream in _items(boxes[b"iloc"], sources)
        if item_id in streams
    ]
    if not sizes or not found:
        return None
    known = [size for size in found if size is not None]
    if len(known) < len(found):
        return None
    widths, heights = zip(*sizes, *known, strict=True)
    return max(widths), max(heights)


class _Fields:
    """Reads numbers, one after the other."""

    def __init__(self, content: bytes, *, skip: int = 0) -> None:
        self._content = content
        self._place = skip

    def number(self, length: int) -> int:
        """Return the next big-endian number of so many bytes."""
        start, self._place = self._place, self._place + length
        if self._place > len(self._content):
            raise IndexError
        return int.from_bytes(self._content[start : self._place])


class _Bits:
    """Reads numbers of some bits, one after the other."""

    def __init__(self, content: bytes) -> None:
        self._value = int.from_bytes(content)
        self._left = 8 * len(content)

    def number(self, length: int) -> int:
        """Return the next number of so many bits."""
        self._left -= length
        if self._left < 0:
            raise IndexError
        return self._value >> self._left & ((1 << length) - 1)


def _boxes(content: bytes, depth: int = 0) -> Iterator[tuple[bytes, bytes]]:
    """Yield the boxes of a file with their bodies, those in containers as well."""
    place = 0
    while place + 8 <= len(content):
        size, head = _Fields(content, skip=place).number(4), 8
        kind = content[place + 4 : place + 8]
        if size == 1:
            size, head = _Fields(content, skip=place + 8).number(8), 16
        elif size == 0:
            size = len(content) - place
        if size < head:
            return
        # What a picture shows is not searched.
        body = b"" if kind == b"mdat" else content[place + head : place + size]
        if kind in _CONTAINERS and depth < _MAX_DEPTH:
            yield from _boxes(body[_CONTAINERS[kind] :], depth + 1)
        else:
            yield kind, body
        place += size


def _stream_ids(body: bytes) -> set[int]:
    """Return the numbers of the items that are AV1 streams (box `iinf`)."""
    if not body:
        return set()
    found: set[int] = set()
    for kind, entry in _boxes(body[6 if body[0] == 0 else 8 :]):
        if kind == b"infe" and entry[0] >= 2:
            fields = _Fields(entry, skip=4)
            item_id = fields.number(2 if entry[0] == 2 else 4)
            fields.number(2)
            if fields.number(4) == int.from_bytes(b"av01"):
                found.add(item_id)
    return found


def _items(body: bytes, sources: Mapping[int, bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield the items of a file with their content (box `iloc`)."""
    if not body or len(body) > _MAX_TABLE:
        return
    version = body[0]
    fields = _Fields(body, skip=4)
    sizes = fields.number(2)
    offset_size, length_size = sizes >> 12, sizes >> 8 & 15
    base_size, index_size = sizes >> 4 & 15, sizes & 15 if version else 0
    for _ in range(fields.number(2 if version < 2 else 4)):
        item_id = fields.number(2 if version < 2 else 4)
        method = fields.number(2) & 15 if version else _IN_FILE
        fields.number(2)
        base = fields.number(base_size)
        content = b""
        for _ in range(min(fields.number(2), _MAX_EXTENTS)):
            fields.number(index_size)
            start = base + fields.number(offset_size)
            length = fields.number(length_size)
            source = sources.get(method, b"")
            content += source[start : start + length if length else None]
        yield item_id, content


def _stream_size(stream: bytes) -> tuple[int, int] | None:
    """Return the greatest size in an AV1 stream; None if it cannot be told."""
    place = 0
    greatest: tuple[int, int] | None = None
    for _ in range(_MAX_PARTS):
        if place >= len(stream):
            return greatest
        head = stream[place]
        place += 2 if head & 4 else 1
        length = len(stream) - place
        if head & 2:
            length, place = _leb128(stream, place)
        if head >> 3 & 15 == _SEQUENCE_HEADER:
            size = _sequence_size(_Bits(stream[place : place + min(length, 64)]))
            if size is None:
                return None
            width, height = greatest or (0, 0)
            greatest = max(width, size[0]), max(height, size[1])
        place += length
    return None


def _leb128(stream: bytes, place: int) -> tuple[int, int]:
    """Return a number of variable length, and the place behind it."""
    number = 0
    for index in range(8):
        byte = stream[place + index]
        number |= (byte & 127) << 7 * index
        if not byte & 128:
            return number, place + index + 1
    raise IndexError


def _sequence_size(bits: _Bits) -> tuple[int, int] | None:
    """Return the size in a sequence header; None for one that pictures do not have."""
    bits.number(4)
    if bits.number(1):
        # Only a picture: no more than its level.
        bits.number(5)
    else:
        if bits.number(1):
            # With a frame rate.
            return None
        has_delay = bits.number(1)
        for _ in range(bits.number(5) + 1):
            bits.number(12)
            if bits.number(5) > 7:
                bits.number(1)
            if has_delay and bits.number(1):
                bits.number(4)
    width_bits, height_bits = bits.number(4) + 1, bits.number(4) + 1
    return bits.number(width_bits) + 1, bits.number(height_bits) + 1
