"""Whatever goes wrong around one message or at one question, all else goes on."""

from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.clients.pushjet import PushjetClient
from custom_components.wechat_push.delivery.reports import DeliveryStatus, Report
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from tests.moments import drain, pass_time
from tests.pictures import picture
from tests.samples import (
    PUSHJET,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    Sample,
    add_recipient,
    send,
    set_up,
)
from tests.simulators import (
    BAD_ANSWERS,
    Answer,
    Pushjet,
    RecordedRequest,
    Simulator,
    WeCom,
    WxPusher,
)
from tests.test_delivery.common import numbers, reports, status, texts, texts_to
from tests.troubles import told

POISON = "Poison"


async def test_files_stay(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Test that what waits is delivered on a disk from which nothing can be removed."""
    (tmp_path / "door.jpg").write_bytes(picture())
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    entry = await set_up(hass, WECOM, wecom)
    heard = reports(entry)
    await wecom.stop()
    await status(hass, "No. 0", image=str(tmp_path / "door.jpg"))
    await status(hass, "No. 1")
    await status(hass, "No. 2")

    async def fail(store: Store[Any]) -> None:
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "async_remove", fail)
        await wecom.start(port=wecom.port)
        await pass_time(hass, freezer, 20)
    assert entry.runtime_data.delivery.queued == 0
    events = [report.status for report in heard]
    assert events == [
        *[DeliveryStatus.QUEUED] * 3,
        *[DeliveryStatus.DELIVERED_LATE] * 3,
    ]
    # The picture comes with its words.
    assert len(texts(wecom)) == 4
    assert told(hass) == {}


async def test_listener(
    hass: HomeAssistant, pushjet: Pushjet, freezer: FrozenDateTimeFactory
) -> None:
    """Test that whoever is told may fail, and the others are told all the same."""
    entry = await set_up(hass, PUSHJET, pushjet)
    (recipient,) = entry.runtime_data.recipients.values()

    def fail(report: Report) -> None:
        raise RuntimeError("Strange")

    recipient.async_listen_reports(fail)
    heard = reports(entry)
    await pushjet.stop()
    await status(hass, "No. 1")
    await status(hass, "No. 2")
    await pushjet.start(port=pushjet.port)
    await drain(hass, freezer, entry)
    assert await status(hass, "No. 3") == ("sent", None)
    assert numbers(pushjet) == [1, 2, 3]
    assert [report.status for report in heard] == [
        *[DeliveryStatus.QUEUED] * 2,
        *[DeliveryStatus.DELIVERED_LATE] * 2,
        DeliveryStatus.SENT,
    ]


async def test_strange_question(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Test that an account that fails to ask whether all is well asks again."""
    await set_up(hass, PUSHJET, pushjet)
    await pushjet.stop()
    await status(hass, "No. 1")

    async def fail(client: PushjetClient) -> None:
        raise RuntimeError("Strange")

    with monkeypatch.context() as patch:
        patch.setattr(PushjetClient, "probe", fail)
        await pass_time(hass, freezer, 30)
    assert "RuntimeError: Strange" in caplog.text
    await pushjet.start(port=pushjet.port)
    await pass_time(hass, freezer, 300, step=5)
    assert numbers(pushjet) == [1]
    assert await status(hass, "No. 2") == ("sent", None)


async def test_half_outage(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that a message waits while all else than sending works at its service."""
    entry = await set_up(hass, sample, simulator)
    simulator.always(BAD_ANSWERS["unavailable_503"], sample.path)
    assert (await status(hass, "No. 1"))[0] == "queued"
    await pass_time(hass, freezer, 2400, step=5)
    assert entry.runtime_data.delivery.queued == 1
    simulator.always(None, sample.path)
    await drain(hass, freezer, entry, step=5)
    # After so many tries, PushPlus is told the time, as it refuses what it had before.
    (text,) = texts(simulator)
    assert text.splitlines()[0].endswith("No. 1")
    assert told(hass) == {}


async def test_poison(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Test that what breaks its service each time is given up while others are taken."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await add_recipient(hass, entry, {"targets": ["8001"], "format": "text"})
    respond = wxpusher.respond

    def break_down(request: RecordedRequest) -> Answer:
        poisoned = POISON.encode() in request.body
        return BAD_ANSWERS["unavailable_503"] if poisoned else respond(request)

    monkeypatch.setattr(wxpusher, "respond", break_down)
    await send(hass, POISON, entity_id="notify.zhang_san")
    await send(hass, "No. 99", entity_id="notify.zhang_san")
    for number in range(30):
        await send(hass, f"No. {number}", entity_id="notify.8001")
        await pass_time(hass, freezer, 60, step=5)
    # Well before nobody wants it any more.
    assert told(hass)["undelivered"]["count"] == "1"
    assert [text[-6:] for text in texts_to(wxpusher, UID_ZHANG)] == ["No. 99"]
    await drain(hass, freezer, entry)
    received = [int(text.split()[-1]) for text in texts_to(wxpusher, "8001")]
    assert received == list(range(30))
