"""What is under way when an account ends is neither sent twice nor forgotten."""

import asyncio
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.const import DOMAIN
from homeassistant.core import HomeAssistant
from tests.moments import during, pass_time
from tests.samples import PUSHJET, WXPUSHER, add_recipient, arrival, send, set_up
from tests.simulators import Answer, Pushjet, WxPusher
from tests.test_delivery.common import status

ZHANG, OTHER = "notify.zhang_san", "notify.8001"


async def test_new_message_at_the_end(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    freezer: FrozenDateTimeFactory,
    storage: dict[str, Any],
) -> None:
    """Test that what is being sent is not sent again beside it, as all else ends."""
    entry = await set_up(hass, WXPUSHER, wxpusher, read_timeout=20)
    await add_recipient(hass, entry, {"targets": ["8001"], "format": "text"})
    await wxpusher.stop()
    await send(hass, "No. 1", entity_id=ZHANG)
    wxpusher.always(Answer(hang=True), WXPUSHER.path)
    await wxpusher.start(port=wxpusher.port)
    await pass_time(hass, freezer, 5)
    assert len(wxpusher.requests_to(WXPUSHER.path)) == 1
    # The end waits for the answer to this one.
    other = asyncio.ensure_future(send(hass, "Other", entity_id=OTHER))
    await arrival(wxpusher, WXPUSHER.path, count=2)
    stopping = asyncio.ensure_future(hass.async_stop(force=True))
    await pass_time(hass, freezer, 1)
    newer = asyncio.ensure_future(send(hass, "No. 2", entity_id=ZHANG))
    await pass_time(hass, freezer, 3)
    texts = [request.json["content"] for request in wxpusher.requests_to(WXPUSHER.path)]
    assert texts == ["No. 1", "Other"]
    await pass_time(hass, freezer, 12)
    on_disk = str(storage[f"{DOMAIN}.outbox.{entry.entry_id}"])
    assert [text in on_disk for text in ("No. 1", "No. 2", "Other")] == [True] * 3
    await wxpusher.stop()
    sending = asyncio.gather(other, newer, stopping, return_exceptions=True)
    await during(hass, freezer, sending)


@pytest.mark.parametrize("read_timeout", [3, 30], ids=["in time", "too late"])
async def test_silent_afterwards(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    read_timeout: int,
) -> None:
    """Test that an account asks nothing any more once it has ended."""
    entry = await set_up(hass, PUSHJET, pushjet, read_timeout=read_timeout)
    pushjet.always(Answer(hang=True), PUSHJET.path)
    sending = asyncio.gather(status(hass, "No. 1"), return_exceptions=True)
    await arrival(pushjet, PUSHJET.path)
    ending = hass.config_entries.async_unload(entry.entry_id)
    assert await during(hass, freezer, ending)
    # What went wrong with the request would have it look for the service.
    await pushjet.stop()
    await during(hass, freezer, sending)
    await pushjet.start(port=pushjet.port)
    pushjet.requests.clear()
    await pass_time(hass, freezer, 600, step=5)
    assert pushjet.requests == []
