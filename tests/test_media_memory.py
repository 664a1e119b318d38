"""Media take up no more memory than there is room for."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path
import tracemalloc
from typing import Any, override

import pytest

from custom_components.wechat_push.clients.client import Client
from custom_components.wechat_push.clients.message import Message
from custom_components.wechat_push.clients.transport import Endpoint
from custom_components.wechat_push.clients.wecom.client import WeComClient, WeComTarget
from custom_components.wechat_push.clients.wxpusher.client import (
    WxPusherClient,
    WxPusherTarget,
)
from custom_components.wechat_push.delivery.capacity import Room
from custom_components.wechat_push.media.attachments import (
    ATTR_FILE,
    ATTR_IMAGE,
    Addressed,
    Attached,
    async_attach,
)
from custom_components.wechat_push.media.public import async_setup_public_media
from custom_components.wechat_push.media.source import MAX_BYTES, MediaReference
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.setup import async_setup_component
from tests.pictures import Web, allow, picture, set_up_camera
from tests.simulators import BAD_ANSWERS, Answer

MIB = 1024 * 1024
CAMERA = {"media_content_id": "media-source://camera/camera.front_door"}


@dataclass
class Outbox:
    """Room of one account."""

    size: int = 32 * MIB
    reserved: list[int] = field(default_factory=list)
    rooms: list[_Room] = field(default_factory=list)

    def reserve(self, size: int) -> _Room | None:
        """Reserve room."""
        if self.used + size > self.size:
            return None
        self.reserved.append(size)
        room = _Room(size)
        self.rooms.append(room)
        return room

    @property
    def used(self) -> int:
        """Return what is reserved, in bytes."""
        return sum(room.size for room in self.rooms)


class _Room(Room):
    """Room for one attachment."""

    def __init__(self, size: int) -> None:
        self.size = size

    @override
    def shrink(self, size: int) -> None:
        """Keep part of the room."""
        assert size <= self.size
        self.size = size

    @override
    def release(self) -> None:
        """Return the room, once."""
        assert self.size
        self.size = 0


@pytest.fixture
def outbox() -> Outbox:
    """Return the outbox of the account."""
    return Outbox()


@pytest.fixture
async def wecom_client(hass: HomeAssistant) -> WeComClient:
    """Return the client of an account that uploads media."""
    return WeComClient(
        async_get_clientsession(hass),
        Endpoint(url="http://127.0.0.1"),
        corp_id="ww0",
        agent_id=1,
        secret="Secret",
    )


@pytest.fixture
async def linking_client(hass: HomeAssistant) -> WxPusherClient:
    """Return the client of an account that links to media."""
    assert await async_setup_component(hass, "http", {})
    async_setup_public_media(hass)
    hass.config.external_url = "https://ha.example.com"
    return WxPusherClient(
        async_get_clientsession(hass),
        Endpoint(url="http://127.0.0.1"),
        app_token="AT_0",
    )


@pytest.fixture
async def web(socket_enabled: None) -> AsyncGenerator[Web]:
    """Return a web server in the home network."""
    async with Web() as server:
        yield server


def make_file(hass: HomeAssistant, folder: Path, size: int) -> str:
    """Write a file into an allowed folder; return its path."""
    hass.config.allowlist_external_dirs = {str(folder)}
    path = folder / "film.bin"
    with path.open("wb") as file:
        file.truncate(size)
    return str(path)


async def attach(
    hass: HomeAssistant, client: Client[Any], outbox: Outbox, **media: Any
) -> Attached:
    """Attach media to a message."""
    references = {key: MediaReference(hass, value) for key, value in media.items()}
    return await attach_all(hass, client, outbox, references)


async def attach_all(
    hass: HomeAssistant,
    client: Client[Any],
    outbox: Outbox,
    references: dict[str, MediaReference],
) -> Attached:
    """Attach references to a message."""
    target = (
        WeComTarget(users=("ZhangSan",))
        if isinstance(client, WeComClient)
        else WxPusherTarget(uids=("UID_0",))
    )
    addressed = Addressed(
        client=client,
        target=target,
        owner="recipient",
        message=Message(text="Somebody rings."),
    )
    return await async_attach(
        hass, addressed, references, outbox.reserve, "[{} is missing]".format
    )


async def test_many_large_files(
    hass: HomeAssistant, wecom_client: WeComClient, outbox: Outbox, tmp_path: Path
) -> None:
    """Test that 40 messages with large files at once hold no more than there is room."""
    path = make_file(hass, tmp_path, 19 * MIB)
    tracemalloc.start()
    try:
        attached = await asyncio.gather(
            *(attach(hass, wecom_client, outbox, file=path) for _ in range(40))
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    sent = [each for each in attached if each.message.attachments]
    assert len(sent) == 1
    assert outbox.used == 19 * MIB
    assert [len(each.rooms) for each in sent] == [1]
    assert [each.left_out for each in attached].count(("film.bin",)) == 39
    texts = [each.message.text for each in attached]
    assert texts.count("Somebody rings.\n[film.bin is missing]") == 39
    assert peak < 2 * 19 * MIB + 32 * MIB


async def test_many_links(
    hass: HomeAssistant,
    linking_client: WxPusherClient,
    outbox: Outbox,
    tmp_path: Path,
) -> None:
    """Test that links to large files hold no more than what is shown of them."""
    path = make_file(hass, tmp_path, 19 * MIB)
    references = [MediaReference(hass, path) for _ in range(20)]
    tracemalloc.start()
    try:
        attached = await asyncio.gather(
            *(
                attach_all(hass, linking_client, outbox, {ATTR_FILE: each})
                for each in references
            )
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert all(each.message.attachments[0].url for each in attached)
    # What is kept with a message has room, and is what is shown.
    assert [len(each.message.attachments[0].content) for each in attached].count(
        19 * MIB
    ) == 1
    assert outbox.used == 19 * MIB
    # Files that are shown are held up to 64 MiB.
    assert peak < 64 * MIB + 4 * 19 * MIB + 16 * MIB


async def test_two_at_a_time(
    hass: HomeAssistant, wecom_client: WeComClient, outbox: Outbox, web: Web
) -> None:
    """Test that only two media are read at a time, and all are read in the end."""
    allow(hass, web.url)
    urls = [f"{web.url}/{number}.jpg" for number in range(5)]
    web.always(BAD_ANSWERS["hang"])
    tasks = [
        hass.async_create_task(attach(hass, wecom_client, outbox, image=url))
        for url in urls
    ]
    async with asyncio.timeout(10):
        while len(web.requests) < 2:
            await asyncio.sleep(0)
    for _ in range(50):
        await asyncio.sleep(0)
    assert [request.path for request in web.requests] == ["/0.jpg", "/1.jpg"]
    tasks[0].cancel()
    tasks[1].cancel()
    web.always(Answer(body=picture(), content_type="image/jpeg"))
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(each, Attached) for each in results] == [False] * 2 + [True] * 3
    # Whoever was cancelled has returned the room.
    assert outbox.used == 3 * len(picture())


async def test_room_before_reading(
    hass: HomeAssistant, wecom_client: WeComClient, outbox: Outbox
) -> None:
    """Test that nothing is read for which there is no room, and the text remains."""
    camera = await set_up_camera(hass)
    outbox.size = MIB
    attached = await attach(hass, wecom_client, outbox, image=CAMERA)
    text = "Somebody rings.\n[camera.front_door is missing]"
    assert attached.message == Message(text=text)
    assert attached.rooms == ()
    assert attached.left_out == ("camera.front_door",)
    assert camera.shots == 0


async def test_room_for_one_of_two(
    hass: HomeAssistant, wecom_client: WeComClient, outbox: Outbox, tmp_path: Path
) -> None:
    """Test that an attachment that has room goes without the other one."""
    await set_up_camera(hass)
    outbox.size = 11 * MIB
    path = make_file(hass, tmp_path, 100)
    attached = await attach(hass, wecom_client, outbox, image=CAMERA, file=path)
    (attachment,) = attached.message.attachments
    assert attachment.content == picture()
    assert attached.left_out == ("film.bin",)
    assert outbox.used == len(picture())


async def test_room_that_is_not_needed(
    hass: HomeAssistant, wecom_client: WeComClient, outbox: Outbox, tmp_path: Path
) -> None:
    """Test that messages with small files at the same time all have room."""
    path = make_file(hass, tmp_path, 1000)
    attached = await asyncio.gather(
        *(attach(hass, wecom_client, outbox, file=path) for _ in range(5))
    )
    assert [each.left_out for each in attached] == [()] * 5
    # The most that the service takes was reserved while the size was not known.
    assert outbox.reserved == [MAX_BYTES] * 5
    assert outbox.used == 5000


async def test_shared_by_recipients(
    hass: HomeAssistant, wecom_client: WeComClient, outbox: Outbox
) -> None:
    """Test that recipients share what was read, and each has room of its own."""
    camera = await set_up_camera(hass)
    reference = MediaReference(hass, CAMERA)
    await asyncio.gather(
        *(
            attach_all(hass, wecom_client, outbox, {ATTR_IMAGE: reference})
            for _ in range(3)
        )
    )
    assert camera.shots == 1
    assert outbox.used == 3 * len(picture())


@pytest.mark.parametrize("size", [0, MAX_BYTES + 1], ids=["missing", "too-large"])
async def test_failure(
    hass: HomeAssistant,
    wecom_client: WeComClient,
    outbox: Outbox,
    tmp_path: Path,
    size: int,
) -> None:
    """Test that room is returned for one of the media that cannot be sent."""
    await set_up_camera(hass)
    path = make_file(hass, tmp_path, size) if size else "/nowhere/film.bin"
    attached = await attach(hass, wecom_client, outbox, image=CAMERA, file=path)
    assert attached.left_out == ("film.bin",)
    assert len(outbox.rooms) == 2
    assert outbox.used == len(picture())


async def test_slow_media(
    hass: HomeAssistant,
    wecom_client: WeComClient,
    outbox: Outbox,
    web: Web,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Test that a message does not wait for ever behind media that are slow."""
    allow(hass, web.url)
    monkeypatch.setattr("custom_components.wechat_push.media.slots._WAIT_SECONDS", 0.01)
    await set_up_camera(hass)
    web.always(BAD_ANSWERS["hang"])
    tasks = [
        hass.async_create_task(attach(hass, wecom_client, outbox, image=web.url))
        for _ in range(2)
    ]
    async with asyncio.timeout(10):
        while len(web.requests) < 2:
            await asyncio.sleep(0)
    attached = await attach(hass, wecom_client, outbox, image=CAMERA)
    assert attached.left_out == ("camera.front_door",)
    assert attached.message.text == "Somebody rings.\n[camera.front_door is missing]"
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert outbox.used == 0
