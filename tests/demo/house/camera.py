"""Two cameras that draw what they see: one of single pictures, one that streams."""

from typing import override

from homeassistant.components.camera import Camera, CameraEntityFeature
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddEntitiesCallback
from homeassistant.helpers.typing import ConfigType, DiscoveryInfoType
from homeassistant.util import dt as dt_util

from .drawing import Painter, draw_front_door, draw_garden


async def async_setup_platform(
    hass: HomeAssistant,
    config: ConfigType,
    async_add_entities: AddEntitiesCallback,
    discovery_info: DiscoveryInfoType | None = None,
) -> None:
    """Set up the cameras."""
    async_add_entities(
        [
            DrawingCamera("front_door", "Front door", draw_front_door),
            StreamingCamera("garden", "Garden", draw_garden),
        ]
    )


class DrawingCamera(Camera):
    """A camera whose picture shows the time."""

    def __init__(self, key: str, name: str, painter: Painter) -> None:
        super().__init__()
        self._attr_unique_id = key
        self._attr_name = name
        self._painter = painter

    @override
    def camera_image(
        self, width: int | None = None, height: int | None = None
    ) -> bytes | None:
        """Draw a picture."""
        return self._painter(dt_util.now())


class StreamingCamera(DrawingCamera):
    """A camera of which Home Assistant thinks that it streams.

    Its stream cannot be played, for want of PyAV; its pictures can be sent, and the media
    picker lists it as it lists cameras that stream.
    """

    _attr_supported_features = CameraEntityFeature.STREAM

    @override
    async def stream_source(self) -> str | None:
        """Return an address that nobody serves."""
        return "rtsp://127.0.0.1:9/garden"
