"""The files of messages that wait: none is missing, and none is left over."""

import asyncio
from pathlib import Path
import threading
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.media.source import MediaReference
from custom_components.wechat_push.recipient import Recipient
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from tests.messages import say
from tests.moments import drain, pass_time, settle
from tests.pictures import picture
from tests.samples import WECOM, arrival, set_up
from tests.simulators import Answer, WeCom
from tests.test_delivery.common import reports, status, texts
from tests.test_delivery.disk import begin, end, outbox, waiting

UPLOAD = "/cgi-bin/media/upload"


@pytest.fixture
def image(hass: HomeAssistant, tmp_path: Path) -> str:
    """Return the path of a picture that may be sent."""
    path = tmp_path / "door.jpg"
    path.write_bytes(picture())
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    return str(path)


async def test_cleared(
    hass: HomeAssistant, wecom: WeCom, outboxes: Path, image: str
) -> None:
    """Test that a picture that is dropped leaves nothing on the disk."""
    entry = await set_up(hass, WECOM, wecom)
    await wecom.stop()
    assert (await status(hass, "Look!", image=image))[0] == "queued"
    path = outbox(outboxes, entry)
    (kept,) = waiting(path)
    assert kept.files == (picture(),)
    entry.runtime_data.delivery.clear()
    await settle(hass)
    assert waiting(path) == []
    assert picture()[-500:] not in path.read_bytes()


@pytest.mark.parametrize("killed", [False, True], ids=["end", "kill"])
async def test_uploading_at_the_end(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    outboxes: Path,
    image: str,
    *,
    killed: bool,
) -> None:
    """Test that a picture that is being uploaded when all ends arrives afterwards."""
    entry = await set_up(hass, WECOM, wecom, read_timeout=60)
    wecom.script(Answer(hang=True), path=UPLOAD)
    sending = asyncio.ensure_future(status(hass, "Look!", image=image))
    await arrival(wecom, UPLOAD)
    await pass_time(hass, freezer, 2)
    await end(hass, freezer, outboxes, entry, killed=killed)
    await begin(hass, entry)
    await drain(hass, freezer, entry)
    assert sorted(text.split()[-1] for text in texts(wecom)) == ["Look!", "door.jpg"]
    sending.cancel()


@pytest.mark.parametrize("text", ["Look!", None], ids=["words", "no words"])
async def test_cancelled_while_read(
    hass: HomeAssistant,
    wecom: WeCom,
    monkeypatch: pytest.MonkeyPatch,
    image: str,
    text: str | None,
) -> None:
    """Test that words arrive if their caller ends while a picture is read, or it is told."""
    entry = await set_up(hass, WECOM, wecom)
    heard = reports(entry)
    reading = asyncio.Event()

    async def read(reference: MediaReference) -> bytes:
        reading.set()
        await asyncio.Event().wait()
        return b""

    monkeypatch.setattr(MediaReference, "read", read)
    sending = asyncio.ensure_future(say(hass, text, image=image))
    await reading.wait()
    sending.cancel()
    await settle(hass)
    (report,) = heard
    assert report.status == ("sent" if text else "refused")
    assert report.left_out == ("door.jpg",)
    note = "[door.jpg could not be sent]"
    assert texts(wecom) == ([f"{text}\n{note}"] if text else [])


async def test_removed_while_read(
    hass: HomeAssistant, wecom: WeCom, monkeypatch: pytest.MonkeyPatch, image: str
) -> None:
    """Test that a caller whose recipient is removed hears of that at once."""
    entry = await set_up(hass, WECOM, wecom)
    reading, read_on = asyncio.Event(), asyncio.Event()

    async def read(reference: MediaReference) -> bytes:
        reading.set()
        await read_on.wait()
        return picture()

    monkeypatch.setattr(MediaReference, "read", read)
    sending = asyncio.ensure_future(say(hass, "Look!", image=image))
    await reading.wait()
    (recipient_id,) = entry.subentries
    hass.config_entries.async_remove_subentry(entry, recipient_id)
    await settle(hass)
    read_on.set()
    with pytest.raises(HomeAssistantError) as caught:
        await sending
    assert caught.value.translation_key == "recipient_removed"
    assert entry.runtime_data.delivery.queued == 0


async def test_cancelled_while_checked(
    hass: HomeAssistant, wecom: WeCom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Test that a message arrives whose caller ends while its fields are checked."""
    entry = await set_up(hass, WECOM, wecom)
    heard = reports(entry)
    checking, check_on = threading.Event(), threading.Event()
    prepare = Recipient.prepare

    def slow(*args: Any) -> Any:
        if not checking.is_set():
            checking.set()
            check_on.wait()
        return prepare(*args)

    monkeypatch.setattr(Recipient, "prepare", slow)
    own = {"persistent_notification", "send_message"}
    (action,) = hass.services.async_services_for_domain("notify").keys() - own
    fields = {"message": "Alarm", "data": {"tag": "door"}}
    sending = asyncio.ensure_future(
        hass.services.async_call("notify", action, fields, blocking=True)
    )
    while not checking.is_set():
        await asyncio.sleep(0)
    sending.cancel()
    await asyncio.sleep(0)
    check_on.set()
    await settle(hass)
    (report,) = heard
    assert (report.status, report.left_out) == ("sent", ("tag",))
    assert texts(wecom) == ["Alarm"]
