"""Pictures that look like QR codes, for people to click *Scan* instead."""

import random
from typing import Final

from .answers import Answer

_SIZE: Final = 29
_QUIET: Final = 3


def qr_picture(seed: str) -> Answer:
    """Return a picture without meaning; the seed tells one from another."""
    # Pixels, not secrets.
    chance = random.Random(seed)
    dark = [
        (x, y)
        for x in range(_SIZE)
        for y in range(_SIZE)
        if not _is_corner(x, y) and chance.random() < 0.5
    ]
    path = "".join(f"M{x},{y}h1v1h-1z" for x, y in dark)
    corners = "".join(
        f"M{x},{y}h7v7h-7zm1,1v5h5v-5zm1,1h3v3h-3z"
        for x, y in ((0, 0), (_SIZE - 7, 0), (0, _SIZE - 7))
    )
    whole = _SIZE + 2 * _QUIET
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole * 8}"'
        f' height="{whole * 8}" viewBox="-{_QUIET} -{_QUIET} {whole} {whole}">'
        f'<rect x="-{_QUIET}" y="-{_QUIET}" width="{whole}" height="{whole}"'
        f' fill="#fff"/><path d="{path}{corners}" fill-rule="evenodd"/></svg>'
    )
    return Answer(body=svg, content_type="image/svg+xml")


def _is_corner(x: int, y: int) -> bool:
    """Return if a module belongs to one of the three large squares."""
    near = 8
    far = _SIZE - near
    return (x < near and (y < near or y >= far)) or (x >= far and y < near)
