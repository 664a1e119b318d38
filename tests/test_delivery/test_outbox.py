"""What may wait, for how long, and what becomes of it otherwise."""

import asyncio
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.clients.message import AttachmentKind
from custom_components.wechat_push.delivery import capacity
from custom_components.wechat_push.delivery.reports import DeliveryStatus
from homeassistant.core import HomeAssistant
from tests.messages import WECOM_RECALL, recall, refusal, say
from tests.moments import drain, during, pass_time, settle
from tests.pictures import picture
from tests.samples import PUSHJET, WECOM, WXPUSHER, Sample, send, set_up
from tests.simulators import BAD_ANSWERS, Answer, Pushjet, Simulator, WeCom, WxPusher
from tests.test_delivery.common import (
    choose,
    error,
    handle,
    numbers,
    reports,
    status,
    texts,
)
from tests.test_delivery.disk import begin, end, outbox, waiting, waiting_texts
from tests.test_faults.home import complaints
from tests.troubles import told

# Minutes for which somebody wants a message.
WANTED = {"Short": 5, "Long": 20}


async def test_nothing_written(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    outboxes: Path,
) -> None:
    """Test that messages that are delivered at once are not written to the disk."""
    entry = await set_up(hass, sample, simulator)
    await asyncio.gather(
        *(send(hass, f"Secret {number}") for number in range(sample.burst))
    )
    await settle(hass)
    assert len(texts(simulator)) == sample.burst
    path = outbox(outboxes, entry)
    assert not path.exists() or b"Secret" not in path.read_bytes()


@pytest.mark.parametrize("order", [("Short", "Long"), ("Long", "Short")], ids=str)
async def test_expires(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    order: tuple[str, str],
) -> None:
    """Test that a message ends when nobody wants it any more, and a person is told."""
    entry = await set_up(hass, PUSHJET, pushjet)
    heard = reports(entry)
    await pushjet.stop()
    for text in order:
        await say(hass, text, expires_after={"minutes": WANTED[text]})
    await pass_time(hass, freezer, 290, step=10)
    assert told(hass) == {}
    # Within a minute after that, it is found out.
    await pass_time(hass, freezer, 70, step=10)
    assert [report.status for report in heard] == [
        *[DeliveryStatus.QUEUED] * 2,
        DeliveryStatus.EXPIRED,
    ]
    assert told(hass)["undelivered"]["count"] == "1"
    assert entry.runtime_data.delivery.queued == 1
    await pushjet.start(port=pushjet.port)
    await drain(hass, freezer, entry)
    assert [text[-4:] for text in texts(pushjet)] == ["Long"]


async def test_default_expiry(
    hass: HomeAssistant, pushjet: Pushjet, freezer: FrozenDateTimeFactory
) -> None:
    """Test that an account says how long a message is wanted that does not say so."""
    entry = await set_up(hass, PUSHJET, pushjet)
    await choose(hass, entry, expires_after=600)
    await pushjet.stop()
    await send(hass, "Someone is there.")
    await pass_time(hass, freezer, 570, step=30)
    assert entry.runtime_data.delivery.queued == 1
    await pass_time(hass, freezer, 60, step=10)
    assert entry.runtime_data.delivery.queued == 0
    assert told(hass)["undelivered"]["recipient"] == PUSHJET.recipient_title
    await pushjet.start(port=pushjet.port)
    await pass_time(hass, freezer, 60, step=5)
    assert pushjet.notifications == []


async def test_expires_at_a_limit(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that what would come too late by a limit of the service is told at once."""
    entry = await set_up(hass, WECOM, wecom)
    await asyncio.gather(*(send(hass, f"No. {number}") for number in range(30)))
    assert await during(hass, freezer, status(hass, "Long")) == (
        "queued",
        "too_many_requests",
    )
    short = error(hass, "Short", expires_after={"seconds": 20})
    assert await during(hass, freezer, short) == "too_many_requests"
    await drain(hass, freezer, entry)
    assert told(hass) == {}
    assert texts(wecom)[-1].endswith("Long")


async def test_expired_in_between(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    outboxes: Path,
) -> None:
    """Test that what expires while Home Assistant is off is told, and not sent.

    The list of repairs is written late, so that it may not know after a power cut.
    """
    entry = await set_up(hass, PUSHJET, pushjet)
    await pushjet.stop()
    await send(hass, "Someone is there.")
    await end(hass, freezer, outboxes, entry)
    freezer.tick(3700)
    await pushjet.start(port=pushjet.port)
    for _ in range(2):
        await begin(hass, entry)
        await drain(hass, freezer, entry)
        assert pushjet.notifications == []
        assert told(hass)["undelivered"]["count"] == "1"
        await end(hass, freezer, outboxes, entry, killed=True)


async def test_expired_at_once(
    hass: HomeAssistant, pushjet: Pushjet, freezer: FrozenDateTimeFactory
) -> None:
    """Test that what would be wanted only right now is not kept, which is told."""
    entry = await set_up(hass, PUSHJET, pushjet)
    await pushjet.stop()
    assert (await status(hass, "No. 1"))[0] == "queued"
    heard = reports(entry)
    assert await error(hass, "No. 2", expires_after={"seconds": 0}) == "cannot_connect"
    assert entry.runtime_data.delivery.queued == 1
    assert [report.status for report in heard] == [DeliveryStatus.EXPIRED]
    # Whoever sent it knows.
    assert told(hass) == {}
    await pushjet.start(port=pushjet.port)
    await drain(hass, freezer, entry)
    assert numbers(pushjet) == [1]


async def test_no_room_for_note(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a message that may not become longer arrives late as it is."""
    entry = await set_up(hass, WECOM, wecom)
    await wecom.stop()
    text = "x" * 2048
    assert (await status(hass, text, overflow="refuse"))[0] == "queued"
    await pass_time(hass, freezer, 400, step=5)
    await wecom.start(port=wecom.port)
    await drain(hass, freezer, entry)
    assert texts(wecom) == [text]
    assert told(hass) == {}


async def test_cleared_at_a_limit(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Test that what is cleared while it stands in line is neither sent nor mourned."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    delivery = entry.runtime_data.delivery
    await wxpusher.stop()
    for number in range(25):
        await send(hass, f"No. {number}")
    heard = reports(entry)
    await wxpusher.start(port=wxpusher.port)
    # There are 20 that may go out at once.
    while len(wxpusher.notifications) < 20:
        await pass_time(hass, freezer)
    sent = len(wxpusher.notifications)
    assert sum(delivery.clear().values()) == 25 - sent
    await pass_time(hass, freezer, 5)
    # Nobody has to wait for them any more.
    assert await during(hass, freezer, status(hass, "No. 25")) == ("sent", None)
    await pass_time(hass, freezer, 60, step=5)
    assert delivery.queued == 0
    assert numbers(wxpusher) == [*range(sent), 25]
    assert [report.status for report in heard] == [
        *[DeliveryStatus.DELIVERED_LATE] * sent,
        *[DeliveryStatus.CLEARED] * (25 - sent),
        DeliveryStatus.SENT,
    ]
    assert told(hass) == {}
    assert complaints(caplog) == []


async def test_full(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    outboxes: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Test that the outbox has an end, reloads included, and that it is told."""
    monkeypatch.setattr(capacity, "MAX_MESSAGES", 5)
    entry = await set_up(hass, PUSHJET, pushjet)
    await pushjet.stop()
    for number in range(5):
        await send(hass, f"No. {number}")
    assert await error(hass, "No. 5") == "outbox_full"
    await hass.config_entries.async_reload(entry.entry_id)
    assert await error(hass, "No. 5") == "outbox_full"
    await end(hass, freezer, outboxes, entry)
    await begin(hass, entry)
    assert await error(hass, "No. 5") == "outbox_full"
    assert entry.runtime_data.delivery.queued == 5
    await pushjet.start(port=pushjet.port)
    await drain(hass, freezer, entry)
    assert numbers(pushjet) == list(range(5))
    assert await status(hass, "No. 6") == ("sent", None)


async def test_full_of_files(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    outboxes: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Test that a picture without room is left out, while its words still wait."""
    content = picture()
    (tmp_path / "door.jpg").write_bytes(content)
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    entry = await set_up(hass, WECOM, wecom)
    limits = entry.runtime_data.client.attachment_limits
    # There is room for one of the largest size.
    monkeypatch.setattr(capacity, "MAX_BYTES", limits[AttachmentKind.IMAGE] + 100)
    await wecom.stop()
    image = str(tmp_path / "door.jpg")
    assert (await status(hass, "No. 0", image=image))[0] == "queued"
    (answer,) = (await say(hass, "No. 1", image=image)).values()
    assert answer["status"] == "queued"
    assert answer["left_out"] == ["door.jpg"]
    path = outbox(outboxes, entry)
    assert [each.files for each in waiting(path)] == [(content,), ()]
    await wecom.start(port=wecom.port)
    await drain(hass, freezer, entry)
    assert texts(wecom).count("door.jpg") == 1
    assert sum("No." in text for text in texts(wecom)) == 2


async def test_too_long(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test that a text of more than 100,000 characters is refused, and said why."""
    await set_up(hass, PUSHJET, pushjet)
    assert "100000" in (await refusal(hass, "x" * 100_001)).replace(",", "")
    assert pushjet.notifications == []


async def test_emptied(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    outboxes: Path,
    tmp_path: Path,
) -> None:
    """Test that nothing of a message is kept on disk once it is delivered."""
    (tmp_path / "door.jpg").write_bytes(picture())
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    entry = await set_up(hass, WECOM, wecom)
    await wecom.stop()
    await send(hass, "Someone is there.")
    await say(hass, "Look!", image=str(tmp_path / "door.jpg"))
    path = outbox(outboxes, entry)
    words = (b"Someone", b"Look!", picture()[-500:])
    assert all(word in path.read_bytes() for word in words)
    await wecom.start(port=wecom.port)
    await drain(hass, freezer, entry)
    await settle(hass)
    kept = b"".join(each.read_bytes() for each in outboxes.glob(f"{path.name}*"))
    assert not any(word in kept for word in words)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("sample", [WECOM, WXPUSHER], ids=lambda sample: sample.service)
async def test_overwritten(
    hass: HomeAssistant,
    simulator: Simulator,
    sample: Sample,
    freezer: FrozenDateTimeFactory,
    outboxes: Path,
    tmp_path: Path,
) -> None:
    """Test that a delivered message is overwritten while others wait, in a minute."""
    hass.config.external_url = "https://ha.example.com"
    (tmp_path / "door.jpg").write_bytes(picture())
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    entry = await set_up(hass, sample, simulator)
    await simulator.stop()
    await say(
        hass, "Someone is there. " + "Secret " * 200, image=str(tmp_path / "door.jpg")
    )
    await say(hass, "Number 2")
    words = (b"Someone", b"Secret", picture()[-500:])

    def kept() -> bytes:
        """Return all that is on the disk."""
        files = outboxes.glob(f"{outbox(outboxes, entry).name}*")
        return b"".join(each.read_bytes() for each in files)

    assert all(word in kept() for word in words)
    simulator.always(BAD_ANSWERS["unavailable_503"], sample.path, "Number 2")
    await simulator.start(port=simulator.port)
    await pass_time(hass, freezer, 600)
    assert any("Secret" in text for text in texts(simulator))
    assert waiting_texts(outbox(outboxes, entry)) == ["Number 2"]
    assert not any(word in kept() for word in words)
    assert b"Number 2" in kept()


async def test_recall_what_waits(
    hass: HomeAssistant, pushjet: Pushjet, freezer: FrozenDateTimeFactory
) -> None:
    """Test that what waits can be taken back, one by its handle, or the last one."""
    entry = await set_up(hass, PUSHJET, pushjet)
    heard = reports(entry)
    await pushjet.stop()
    first = await handle(hass, "No. 0")
    for number in range(1, 4):
        await send(hass, f"No. {number}")
    await recall(hass, message_id=first)
    await recall(hass)
    assert [each.status for each in heard[-2:]] == [DeliveryStatus.CLEARED] * 2
    await pushjet.start(port=pushjet.port)
    await drain(hass, freezer, entry)
    assert numbers(pushjet) == [1, 2]


async def test_recall_the_last_one(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a recall never takes another message back in place of the last one."""
    entry = await set_up(hass, WECOM, wecom)
    alarm = await handle(hass, "Alarm!")
    await wecom.stop()
    await send(hass, "Gate open.")
    await wecom.start(port=wecom.port)
    await recall(hass)
    await drain(hass, freezer, entry)
    await pass_time(hass, freezer, 60, step=5)
    assert texts(wecom) == ["Alarm!"]
    # The handle holds after a reload as well.
    await hass.config_entries.async_reload(entry.entry_id)
    assert wecom.requests_to(WECOM_RECALL) == []
    await recall(hass, message_id=alarm)
    assert len(wecom.requests_to(WECOM_RECALL)) == 1


async def test_recall_what_is_being_sent(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a recall waits for the answer to the request that is under way."""
    await set_up(hass, WECOM, wecom)
    wecom.script(Answer(genuine=True, delay=2), path=WECOM.path)
    sending = hass.async_create_task(send(hass, "Alarm!"))
    await pass_time(hass, freezer, 1)
    recalling = hass.async_create_task(recall(hass))
    assert wecom.requests_to(WECOM_RECALL) == []
    await pass_time(hass, freezer, 3)
    await asyncio.gather(sending, recalling)
    assert len(wecom.requests_to(WECOM_RECALL)) == 1
