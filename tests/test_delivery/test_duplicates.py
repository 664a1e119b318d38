"""What may have been taken is repeated so often, and what surely was not, is sent."""

from typing import Final

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.delivery.reports import DeliveryStatus
from homeassistant.core import HomeAssistant
from tests.moments import drain, during, pass_time
from tests.samples import FAILS, PUSHJET, WECOM, WXPUSHER, Sample, set_up
from tests.simulators import (
    BAD_ANSWERS,
    Answer,
    Pushjet,
    Reset,
    Simulator,
    WeCom,
    WxPusher,
)
from tests.simulators.base import nginx_page
from tests.test_delivery.common import choose, error, reports, status, texts
from tests.troubles import told

# The service takes the message, and then there is no answer, or none that tells.
LOST: Final = {
    "reset": Answer(reset=Reset.AFTER),
    "gateway": Answer(
        act=True, status=504, body=nginx_page(504, "Gateway Time-out").body
    ),
    "hang": Answer(act=True, hang=True),
}

lost = pytest.mark.parametrize("answer", LOST.values(), ids=LOST)


async def test_lost_before(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that a message whose connection breaks off before it is read arrives."""
    entry = await set_up(hass, sample, simulator)
    simulator.script(BAD_ANSWERS["reset_before"], path=sample.path)
    assert (await status(hass, "Someone is there."))[0] == "queued"
    await drain(hass, freezer, entry, step=5)
    assert texts(simulator) == ["Someone is there."]
    assert told(hass) == {}


@lost
async def test_lost_once(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
    answer: Answer,
) -> None:
    """Test that one lost answer costs a second copy at most, and none in WeCom."""
    entry = await set_up(hass, sample, simulator)
    simulator.script(answer, path=sample.path)
    said, _ = await during(hass, freezer, status(hass, "Someone is there."))
    await drain(hass, freezer, entry, step=5)
    assert said == "queued"
    assert texts(simulator) == ["Someone is there."] * sample.copies
    assert told(hass) == {}


@pytest.mark.parametrize(
    ("repeat", "least", "most"),
    [("until_certain", 2, 4), ("once", 2, 2), ("never", 1, 1)],
)
async def test_lost_always(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    freezer: FrozenDateTimeFactory,
    repeat: str,
    least: int,
    most: int,
) -> None:
    """Test that a person chooses how often it is repeated, and is told in the end."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await choose(hass, entry, repeat=repeat)
    heard = reports(entry)
    wxpusher.always(LOST["gateway"], WXPUSHER.path)
    sending = hass.services.async_call(
        "notify", "send_message", {"entity_id": "all", "message": "Someone is there."}
    )
    await during(hass, freezer, sending)
    await pass_time(hass, freezer, 3700, step=10)
    assert entry.runtime_data.delivery.queued == 0
    assert least <= len(texts(wxpusher)) <= most
    # Nobody knows whether it arrived, and that is told.
    assert heard[-1].status is DeliveryStatus.REFUSED
    assert heard[-1].error is not None
    assert heard[-1].error.problem == "server_error"
    wxpusher.always(None, WXPUSHER.path)
    wxpusher.requests.clear()
    await pass_time(hass, freezer, 600, step=10)
    assert wxpusher.requests_to(WXPUSHER.path) == []


@lost
async def test_no_repeating(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    answer: Answer,
) -> None:
    """Test that a person can choose one copy, and is told that it is not certain."""
    recipient = {**WECOM.recipient, **FAILS}
    entry = await set_up(hass, WECOM, wecom, recipient=recipient)
    await choose(hass, entry, repeat="never")
    wecom.script(answer, path=WECOM.path)
    assert await during(hass, freezer, error(hass, "Someone is there."))
    await pass_time(hass, freezer, 600, step=10)
    assert texts(wecom) == ["Someone is there."]
    assert len(wecom.requests_to(WECOM.path)) == 1


async def test_no_repeating_of_what_waited(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, wxpusher: WxPusher
) -> None:
    """Test that the same holds for what waited, which a person is told of."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await choose(hass, entry, repeat="never")
    heard = reports(entry)
    await wxpusher.stop()
    assert (await status(hass, "Someone is there."))[0] == "queued"
    wxpusher.always(LOST["reset"], WXPUSHER.path)
    await wxpusher.start(port=wxpusher.port)
    await pass_time(hass, freezer, 60, step=5)
    assert len(texts(wxpusher)) == 1
    assert [report.status for report in heard] == [
        DeliveryStatus.QUEUED,
        DeliveryStatus.REFUSED,
    ]
    assert list(told(hass)) == ["undelivered"]


async def test_same_words(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that WeCom drops repetitions only, not messages that say the same again."""
    await set_up(hass, WECOM, wecom)
    for _ in range(3):
        assert await status(hass, "The door is open.") == ("sent", None)
    assert texts(wecom) == ["The door is open."] * 3


async def test_lost_and_late(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that what may have been taken does not say that it is late, or it came twice."""
    entry = await set_up(hass, WECOM, wecom)
    wecom.script(LOST["gateway"], path=WECOM.path)
    assert (await status(hass, "Someone is there."))[0] == "queued"
    await wecom.stop()
    await pass_time(hass, freezer, 120, step=5)
    await wecom.start(port=wecom.port)
    await drain(hass, freezer, entry, step=5)
    first, *others = wecom.requests_to(WECOM.path)
    assert others
    # WeCom drops the very same request only.
    assert {each.body for each in others} == {first.body}
    assert texts(wecom) == ["Someone is there."]


async def test_long_outage_after_it_was_lost(
    hass: HomeAssistant, pushjet: Pushjet, freezer: FrozenDateTimeFactory
) -> None:
    """Test that repetitions are not spent on a service that does not work."""
    entry = await set_up(hass, PUSHJET, pushjet)
    pushjet.script(BAD_ANSWERS["reset_before"], path=PUSHJET.path)
    pushjet.always(BAD_ANSWERS["bad_gateway_502"])
    assert (await status(hass, "Someone is there."))[0] == "queued"
    await pass_time(hass, freezer, 3000, step=10)
    assert entry.runtime_data.delivery.queued == 1
    pushjet.always(None)
    await drain(hass, freezer, entry, hours=0.15, step=5)
    assert [text.split("] ")[-1] for text in texts(pushjet)] == ["Someone is there."]
