"""Pictures and files as they lie around in a house, and a web server that has some."""

from collections.abc import Callable, Mapping
from io import BytesIO
from ipaddress import ip_address
import random
import socket
from typing import Any, ClassVar, override

from PIL import Image
import pytest
from pytest_homeassistant_custom_component.common import (
    MockModule,
    MockPlatform,
    mock_component,
    mock_integration,
    mock_platform,
    setup_test_component_platform,
)

from homeassistant.components.camera import Camera
from homeassistant.components.media_source import (
    MediaSource,
    MediaSourceItem,
    PlayMedia,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from tests.messages import tell
from tests.simulators import Answer, Simulator
from tests.simulators.base import Handler
from tests.simulators.recorded import Part, RecordedRequest

UPLOAD = "/cgi-bin/media/upload"


def picture(
    kind: str = "JPEG",
    size: tuple[int, int] = (64, 48),
    *,
    mode: str = "RGB",
    colour: Any = "orange",
) -> bytes:
    """Return a picture of one colour."""
    made = BytesIO()
    Image.new(mode, size, colour).save(made, kind)
    return made.getvalue()


def noise(kind: str, size: tuple[int, int]) -> bytes:
    """Return a picture that no format makes much smaller."""
    made = BytesIO()
    pixels = random.Random(1).randbytes(3 * size[0] * size[1])
    Image.frombytes("RGB", size, pixels).save(made, kind)
    return made.getvalue()


def opened(content: bytes) -> Image.Image:
    """Return a picture, whole."""
    shown = Image.open(BytesIO(content))
    shown.load()
    return shown


class FrontDoor(Camera):
    """A camera that counts the pictures it takes."""

    _attr_name = "Front door"

    def __init__(self) -> None:
        """Start without any."""
        super().__init__()
        self.shots = 0
        self.content: bytes | None = picture()

    @override
    async def async_camera_image(
        self, width: int | None = None, height: int | None = None
    ) -> bytes | None:
        """Take a picture."""
        self.shots += 1
        return self.content


async def set_up_camera(hass: HomeAssistant) -> FrontDoor:
    """Add a camera."""
    camera = FrontDoor()
    setup_test_component_platform(hass, "camera", [camera])
    assert await async_setup_component(hass, "camera", {"camera": {"platform": "test"}})
    await hass.async_block_till_done()
    return camera


class _Frames(MediaSource):
    """A media source of an integration, which has one picture."""

    name = "Frames"

    def __init__(self, frame: PlayMedia) -> None:
        """Keep the picture."""
        super().__init__("test")
        self._frame = frame

    @override
    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        """Return the picture, whatever is asked for."""
        return self._frame


async def set_up_frames(hass: HomeAssistant, frame: PlayMedia) -> str:
    """Add a media source with one picture; return its address."""

    async def async_get_media_source(hass: HomeAssistant) -> MediaSource:
        return _Frames(frame)

    mock_integration(hass, MockModule("test"))
    mock_component(hass, "test")
    platform = MockPlatform()
    platform.async_get_media_source = async_get_media_source
    mock_platform(hass, "test.media_source", platform)
    assert await async_setup_component(hass, "media_source", {})
    await hass.async_block_till_done()
    return "media-source://test/frame"


class Web(Simulator):
    """A web server; what it has is scripted by path."""

    name: ClassVar[str] = "web"
    title: ClassVar[str] = "Web"

    @override
    def routes(self) -> Mapping[str, Mapping[str, Handler]]:
        """Return none: all is scripted."""
        return {}

    @override
    def restore(self) -> None:
        """Keep no accounts."""

    def show(self, path: str, content: bytes, content_type: str = "image/jpeg") -> str:
        """Put a file below a path; return its address."""
        self.always(Answer(body=content, content_type=content_type), path)
        return self.url + path

    def redirect(self, path: str, location: str, status: int = 302) -> str:
        """Have a path redirect; return its address."""
        self.always(Answer(status=status, headers={"Location": location}), path)
        return self.url + path


def allow(hass: HomeAssistant, *addresses: str) -> None:
    """Put addresses on the list, as Home Assistant's configuration does."""
    hass.config.allowlist_external_urls = {f"{address}/" for address in addresses}


def name_server(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    names: Mapping[str, list[str] | Callable[[], list[str]]],
) -> None:
    """Know some names, no others, and of course every number."""

    async def getaddrinfo(host: str, port: int, **options: Any) -> Any:
        # Refuses what no name server could be asked for.
        host.encode("idna")
        found = names.get(host, [host])
        numbers = found() if callable(found) else found
        return [
            entry
            for number in numbers
            for entry in await hass.loop.run_in_executor(None, _numeric, number, port)
        ]

    monkeypatch.setattr(hass.loop, "getaddrinfo", getaddrinfo)


def _numeric(host: str, port: int) -> Any:
    """Return a number as a name server would; it cannot be asked in tests."""
    try:
        ip_address(host)
    except ValueError:
        raise socket.gaierror(socket.EAI_NONAME, "Name not known") from None
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


async def failure(hass: HomeAssistant, **fields: Any) -> HomeAssistantError:
    """Return the error that a message meets."""
    with pytest.raises(HomeAssistantError) as caught:
        await tell(hass, **fields)
    return caught.value


def uploads(simulator: Simulator) -> list[RecordedRequest]:
    """Return the uploads that arrived at WeCom."""
    return simulator.requests_to(UPLOAD)


def uploaded(simulator: Simulator) -> Part:
    """Return the one file that was uploaded to WeCom."""
    (request,) = uploads(simulator)
    (part,) = request.parts
    return part
