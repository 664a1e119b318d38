"""What waits outlives the end of Home Assistant, whatever ends it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial
from pathlib import Path
import re
import sqlite3
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.wechat_push.media.public import async_withdraw
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from tests.messages import WXPUSHER_SEND, say
from tests.moments import drain, during, pass_time
from tests.pictures import picture, set_up_camera, uploaded
from tests.samples import (
    PUSHJET,
    PUSHPLUS,
    UID_LI,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    Sample,
    arrival,
    send,
    set_up,
)
from tests.simulators import (
    BAD_ANSWERS,
    Answer,
    Pushjet,
    PushPlus,
    Simulator,
    WeCom,
    WxPusher,
)
from tests.simulators.answers import too_many
from tests.test_delivery.common import choose, numbers, reports, status, texts
from tests.test_delivery.disk import begin, end, outbox, waiting_texts
from tests.troubles import told

type End = Callable[[ConfigEntry], Awaitable[None]]


@pytest.fixture(params=[False, True], ids=["end", "kill"])
def finish(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    outboxes: Path,
) -> End:
    """Return what ends Home Assistant: in good order, or by a power cut."""
    return partial(end, hass, freezer, outboxes, killed=request.param)


async def test_order(
    hass: HomeAssistant,
    pushplus: PushPlus,
    freezer: FrozenDateTimeFactory,
    finish: End,
) -> None:
    """Test that nothing is lost, doubled or overtaken, also by newer messages."""
    entry = await set_up(hass, PUSHPLUS, pushplus)
    await pushplus.stop()
    for number in range(4):
        await send(hass, f"No. {number}")
    await finish(entry)
    freezer.tick(300)
    await begin(hass, entry)
    assert entry.runtime_data.delivery.queued == 4
    # The service is still away.
    assert (await status(hass, "No. 4"))[0] == "queued"
    await pass_time(hass, freezer, 60)
    await pushplus.start(port=pushplus.port)
    await drain(hass, freezer, entry)
    assert numbers(pushplus) == list(range(5))
    assert "delayed" in pushplus.notifications[0].text
    assert told(hass) == {}


async def test_twice(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    freezer: FrozenDateTimeFactory,
    finish: End,
) -> None:
    """Test that what was delivered before the second end is not delivered again."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await wxpusher.stop()
    for number in range(10):
        await send(hass, f"No. {number}")
    await finish(entry)
    await begin(hass, entry)
    wxpusher.script(*[Answer(genuine=True)] * 4, too_many(600), path=WXPUSHER_SEND)
    await wxpusher.start(port=wxpusher.port)
    await pass_time(hass, freezer, 30)
    assert numbers(wxpusher) == list(range(4))
    await finish(entry)
    wxpusher.reset()
    await begin(hass, entry)
    await drain(hass, freezer, entry, step=10)
    assert numbers(wxpusher) == list(range(4, 10))


@pytest.mark.parametrize(
    "sample", [WXPUSHER, PUSHPLUS, PUSHJET], ids=lambda s: s.service
)
async def test_link(
    hass: HomeAssistant,
    simulator: Simulator,
    sample: Sample,
    freezer: FrozenDateTimeFactory,
    hass_client_no_auth: ClientSessionGenerator,
    finish: End,
) -> None:
    """Test that the link of a message that waited opens, for a day from then on."""
    hass.config.external_url = "https://old.example.com"
    camera = await set_up_camera(hass)
    shot = camera.content
    entry = await set_up(hass, sample, simulator)
    await simulator.stop()
    said = await say(
        hass,
        "Somebody rings.",
        image="camera.front_door",
        expires_after={"days": 7},
    )
    assert [each["status"] for each in said.values()] == ["queued"]
    await finish(entry)
    # Only what is on disk is left.
    async_withdraw(hass, entry.subentries)
    camera.content = picture(colour="blue")
    freezer.tick(3 * 24 * 3600)
    hass.config.external_url = "https://new.example.com"
    await begin(hass, entry)
    await simulator.start(port=simulator.port)
    await drain(hass, freezer, entry)
    found = re.search(
        r"https://new\.example\.com(/api/[^\"'\s)]+)", simulator.notifications[-1].text
    )
    assert found is not None
    client = await hass_client_no_auth()
    answer = await client.get(found[1])
    assert answer.status == 200
    assert await answer.read() == shot
    freezer.tick(24 * 3600 - 60)
    assert (await client.get(found[1])).status == 200
    freezer.tick(120)
    assert (await client.get(found[1])).status == 404


async def test_link_that_was_lost(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    freezer: FrozenDateTimeFactory,
    outboxes: Path,
) -> None:
    """Test that the text arrives although the disk has lost its picture."""
    hass.config.external_url = "https://ha.example.com"
    await set_up_camera(hass)
    entry = await set_up(hass, WXPUSHER, wxpusher)
    heard = reports(entry)
    await wxpusher.stop()
    await say(hass, "Somebody rings.", image="camera.front_door")
    await end(hass, freezer, outboxes, entry)
    async_withdraw(hass, entry.subentries)
    with closing(sqlite3.connect(outbox(outboxes, entry))) as db, db:
        assert db.execute("DELETE FROM attachments").rowcount == 1
    await begin(hass, entry)
    await wxpusher.start(port=wxpusher.port)
    await drain(hass, freezer, entry)
    assert "Somebody rings." in wxpusher.notifications[-1].text
    assert heard[-1].left_out == ("camera_front_door.jpg",)


async def test_parts(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    finish: End,
) -> None:
    """Test that of a long message only the parts are sent that are missing."""
    entry = await set_up(hass, WECOM, wecom)
    wecom.script(Answer(genuine=True), BAD_ANSWERS["unavailable_503"], path=WECOM.path)
    assert (await status(hass, "x" * 5000))[0] == "queued"
    await finish(entry)
    freezer.tick(300)
    await begin(hass, entry)
    await drain(hass, freezer, entry)
    assert [text[-5:] for text in texts(wecom)] == ["(1/3)", "(2/3)", "(3/3)"]
    assert sum(text.count("x") for text in texts(wecom)) == 5000


async def test_parts_of_late(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    finish: End,
) -> None:
    """Test that a long message that says it is late is parted in the same places."""
    entry = await set_up(hass, WECOM, wecom)
    words = [f"{number:04}" for number in range(1000)]
    await wecom.stop()
    assert (await status(hass, " ".join(words)))[0] == "queued"
    await pass_time(hass, freezer, 120, step=5)
    wecom.script(Answer(genuine=True), path=WECOM.path)
    wecom.always(BAD_ANSWERS["unavailable_503"], WECOM.path)
    await wecom.start(port=wecom.port)
    await pass_time(hass, freezer, 60)
    assert len(texts(wecom)) == 1
    await finish(entry)
    wecom.always(None, WECOM.path)
    await begin(hass, entry)
    await drain(hass, freezer, entry)
    shown = " ".join(texts(wecom)).split()
    assert "delayed]" in shown
    assert [word for word in shown if word.isdecimal()] == words


async def test_picture(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    finish: End,
    tmp_path: Path,
) -> None:
    """Test that a picture is kept as it was, though its file is gone."""
    path = tmp_path / "door.jpg"
    path.write_bytes(content := picture())
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    entry = await set_up(hass, WECOM, wecom)
    await wecom.stop()
    await say(hass, image=str(path))
    path.unlink()
    await finish(entry)
    await wecom.start(port=wecom.port)
    await begin(hass, entry)
    await drain(hass, freezer, entry)
    assert uploaded(wecom).data == content
    assert texts(wecom) == ["door.jpg"]


async def test_picture_lost(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    outboxes: Path,
    tmp_path: Path,
) -> None:
    """Test that words arrive though their picture is gone from the disk, and say so."""
    (tmp_path / "door.jpg").write_bytes(picture())
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    entry = await set_up(hass, WECOM, wecom)
    await wecom.stop()
    await say(hass, "No. 0", image=str(tmp_path / "door.jpg"))
    await send(hass, "No. 1")
    await end(hass, freezer, outboxes, entry)
    with closing(sqlite3.connect(outbox(outboxes, entry))) as db, db:
        db.execute("DELETE FROM attachments")
    await begin(hass, entry)
    heard = reports(entry)
    await wecom.start(port=wecom.port)
    await drain(hass, freezer, entry)
    words = "\n".join(texts(wecom))
    assert "No. 0" in words
    assert words.endswith("No. 1")
    assert "[door.jpg" in words
    assert heard[0].left_out == ("door.jpg",)


async def test_fields(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    freezer: FrozenDateTimeFactory,
    finish: End,
) -> None:
    """Test that a message says all that it would have said, to whom it was for."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    fields: dict[str, Any] = {
        "format": "html",
        "url": "https://example.com/door",
        "summary": "Door",
        "targets": [UID_LI, "8001"],
    }
    await say(hass, "<b>Hi</b>", **fields)
    await wxpusher.stop()
    await say(hass, "<b>Hi</b>", **fields)
    await finish(entry)
    await wxpusher.start(port=wxpusher.port)
    await begin(hass, entry)
    await drain(hass, freezer, entry)
    first, second = wxpusher.requests_to(WXPUSHER_SEND)
    assert first.json == second.json
    assert UID_ZHANG not in str(first.json)


async def test_reload_while_waiting(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a reload neither loses nor doubles messages whose callers wait."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    wxpusher.script(Answer(genuine=True, delay=2), path=WXPUSHER_SEND)
    sending = asyncio.gather(*(send(hass, f"No. {number}") for number in range(10)))
    await arrival(wxpusher, WXPUSHER_SEND)
    reloading = hass.async_create_task(hass.config_entries.async_reload(entry.entry_id))
    await during(hass, freezer, asyncio.gather(sending, reloading))
    await drain(hass, freezer, entry)
    assert numbers(wxpusher) == list(range(10))


async def test_stop_while_waiting(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    outboxes: Path,
) -> None:
    """Test that what callers wait for is on disk when Home Assistant has stopped."""
    entry = await set_up(hass, PUSHJET, pushjet)
    pushjet.script(Answer(genuine=True, delay=2), path=PUSHJET.path)
    sending = asyncio.gather(*(send(hass, f"No. {number}") for number in range(10)))
    await arrival(pushjet, PUSHJET.path)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    stopping = hass.async_block_till_done()
    await during(hass, freezer, asyncio.gather(sending, stopping))
    assert numbers(pushjet) == [0]
    await end(hass, freezer, outboxes, entry, killed=True)
    await begin(hass, entry)
    await drain(hass, freezer, entry)
    assert numbers(pushjet) == list(range(10))


async def test_stop_while_hanging(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    outboxes: Path,
) -> None:
    """Test that a message whose request gets no answer is kept, and all behind it."""
    entry = await set_up(hass, PUSHJET, pushjet, read_timeout=60)
    pushjet.script(Answer(hang=True), path=PUSHJET.path)
    texts = [f"No. {number}" for number in range(3)]
    sending = asyncio.gather(*(status(hass, text) for text in texts))
    await arrival(pushjet, PUSHJET.path)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await pass_time(hass, freezer, 1)
    # A container is killed ten seconds later.
    assert waiting_texts(outbox(outboxes, entry)) == texts
    answers = await during(hass, freezer, sending)
    assert [said for said, _ in answers] == ["queued"] * 3


@pytest.mark.parametrize(
    ("repeat", "copies"), [("until_certain", 2), ("never", 1)], ids=["repeat", "never"]
)
async def test_killed_while_sending(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    outboxes: Path,
    repeat: str,
    copies: int,
) -> None:
    """Test that a message that was just being sent is repeated, or told of."""
    entry = await set_up(hass, PUSHJET, pushjet)
    await choose(hass, entry, repeat=repeat)
    await pushjet.stop()
    await send(hass, "No. 0")
    await send(hass, "No. 1")
    pushjet.script(Answer(act=True, hang=True), path=PUSHJET.path)
    await pushjet.start(port=pushjet.port)
    await pass_time(hass, freezer, 4)
    assert numbers(pushjet) == [0]
    # Killed while it waits for the answer.
    await end(hass, freezer, outboxes, entry, killed=True)
    await begin(hass, entry)
    await drain(hass, freezer, entry)
    assert numbers(pushjet) == [*[0] * copies, 1]
    assert ("undelivered" in told(hass)) is (copies == 1)


async def test_order_after_hanging(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    outboxes: Path,
) -> None:
    """Test that what was kept after a newer one is still delivered before it."""
    entry = await set_up(hass, PUSHJET, pushjet, read_timeout=30)
    pushjet.script(Answer(hang=True), path=PUSHJET.path)
    first = asyncio.ensure_future(status(hass, "No. 1"))
    await arrival(pushjet, PUSHJET.path)
    second = asyncio.ensure_future(status(hass, "No. 2"))
    assert await during(hass, freezer, second) == ("queued", "waiting_behind")
    await pushjet.stop()
    assert (await during(hass, freezer, first))[0] == "queued"
    await end(hass, freezer, outboxes, entry)
    await pushjet.start(port=pushjet.port)
    await begin(hass, entry)
    await drain(hass, freezer, entry)
    assert numbers(pushjet) == [1, 2]
