"""A camera at the front door, for what sends its pictures."""

from io import BytesIO
from pathlib import Path
import sys
from typing import Final

from PIL import Image
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from tests.demo.stand_ins import turbojpeg

CAMERA: Final = "camera.front_door"


def snapshot() -> bytes:
    """Return what the camera sees."""
    file = BytesIO()
    Image.new("RGB", (640, 480), (0, 90, 160)).save(file, "JPEG")
    return file.getvalue()


async def add_camera(
    hass: HomeAssistant, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Add a camera that shows a file; return the file."""
    # Scales pictures with a library in C that need not be there.
    monkeypatch.setitem(sys.modules, "turbojpeg", turbojpeg)
    file = folder / "front_door.jpg"
    file.write_bytes(snapshot())
    entry = MockConfigEntry(
        domain="local_file",
        title="Front door",
        options={"name": "Front door", "file_path": str(file)},
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.states.get(CAMERA) is not None
    return file
