"""Fixtures for the tests of the actions."""

from io import BytesIO
from pathlib import Path

from PIL import Image
import pytest

from homeassistant.core import HomeAssistant


@pytest.fixture
def files(hass: HomeAssistant, tmp_path: Path) -> dict[str, str]:
    """Return the paths of files of all kinds in an allowed folder."""
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    picture = BytesIO()
    Image.new("RGB", (64, 48)).save(picture, "JPEG")
    contents = {
        "door.jpg": picture.getvalue(),
        "hello.amr": b"#!AMR\n" + bytes(100),
        "clip.mp4": b"\x00\x00\x00\x18ftypmp42" + bytes(100),
        "报告.pdf": b"%PDF-1.7\n" + bytes(100),
        "data.bin": bytes(100),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return {name: str(tmp_path / name) for name in contents}
