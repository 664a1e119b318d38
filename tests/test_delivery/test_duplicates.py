"""What may have been taken is repeated once at most, and what surely was not, is sent."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.delivery.reports import DeliveryStatus
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from tests.moments import drain, during, pass_time
from tests.samples import FAILS, SAMPLES, WECOM, Sample, set_up
from tests.simulators import BAD_ANSWERS, Answer, Reset, Simulator, WeCom
from tests.simulators.base import nginx_page
from tests.test_delivery.common import error, reports, status, texts
from tests.troubles import told

# The service takes the message, and then there is no answer, or none that tells.
LOST = {
    "reset": Answer(reset=Reset.AFTER),
    "gateway": Answer(
        act=True, status=504, body=nginx_page(504, "Gateway Time-out").body
    ),
    "hang": Answer(act=True, hang=True),
}
# WeCom drops what it is sent twice.
COPIES = {**dict.fromkeys(SAMPLES, 2), "wecom": 1}

lost = pytest.mark.parametrize("answer", LOST.values(), ids=LOST)


async def no_repeating(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Choose that what may have been taken is not repeated."""
    options: dict[str, Any] = {**entry.options, "repeat": "never"}
    hass.config_entries.async_update_entry(entry, options=options)
    await hass.async_block_till_done()


async def test_lost_before(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that a message that was surely not taken is sent again, and arrives once."""
    await set_up(hass, sample, simulator)
    simulator.script(BAD_ANSWERS["reset_before"], path=sample.path)
    assert await status(hass, "Someone is there.") == ("sent", None)
    assert texts(simulator) == ["Someone is there."]


@lost
async def test_lost_after(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
    answer: Answer,
) -> None:
    """Test that a message that may have been taken is repeated once, and no more."""
    entry = await set_up(hass, sample, simulator)
    heard = reports(entry)
    simulator.always(answer, sample.path)
    await during(hass, freezer, hass.async_create_task(sent_or_not(hass)))
    await pass_time(hass, freezer, 1200, step=5)
    assert entry.runtime_data.delivery.queued == 0
    assert texts(simulator) == ["Someone is there."] * COPIES[sample.service]
    assert len(simulator.requests_to(sample.path)) == 2
    # Nobody knows whether it arrived, and that is told.
    assert heard[-1].event is DeliveryStatus.REFUSED
    simulator.always(None, sample.path)
    await pass_time(hass, freezer, 600, step=5)
    assert len(simulator.requests_to(sample.path)) == 2


async def sent_or_not(hass: HomeAssistant) -> None:
    """Send a message with or without success."""
    await hass.services.async_call(
        "notify",
        "send_message",
        {"entity_id": "all", "message": "Someone is there."},
    )
    await hass.async_block_till_done()


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
    await drain(hass, freezer, entry)
    assert said in {"sent", "queued"}
    assert texts(simulator) == ["Someone is there."] * COPIES[sample.service]
    assert told(hass) == {}


@lost
async def test_no_repeating(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
    answer: Answer,
) -> None:
    """Test that a person can choose one copy and an error instead."""
    entry = await set_up(hass, sample, simulator)
    await no_repeating(hass, entry)
    simulator.script(answer, path=sample.path)
    assert await during(hass, freezer, error(hass, "Someone is there."))
    await pass_time(hass, freezer, 600, step=5)
    assert texts(simulator) == ["Someone is there."]
    assert len(simulator.requests_to(sample.path)) == 1


async def test_no_repeating_of_what_waited(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that of a message that waited and then got lost, a person is told."""
    entry = await set_up(hass, sample, simulator)
    await no_repeating(hass, entry)
    heard = reports(entry)
    await simulator.stop()
    assert (await status(hass, "Someone is there."))[0] == "queued"
    simulator.always(LOST["reset"], sample.path)
    await simulator.start(port=simulator.port)
    await pass_time(hass, freezer, 60)
    assert len(texts(simulator)) == 1
    assert [report.status for report in heard] == [
        DeliveryStatus.QUEUED,
        DeliveryStatus.REFUSED,
    ]
    assert list(told(hass)) == ["undelivered"]


async def test_same_words(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that WeCom drops repetitions only, not messages that say the same again."""
    await set_up(hass, WECOM, wecom, recipient={**WECOM.recipient, **FAILS})
    for _ in range(3):
        assert await status(hass, "The door is open.") == ("sent", None)
    assert texts(wecom) == ["The door is open."] * 3


@lost
async def test_lost_late(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    answer: Answer,
) -> None:
    """Test that WeCom also drops a repetition of what says that it is late."""
    entry = await set_up(hass, WECOM, wecom)
    await wecom.stop()
    assert (await status(hass, "Someone is there."))[0] == "queued"
    await pass_time(hass, freezer, 120, step=5)
    wecom.script(answer, path=WECOM.path)
    await wecom.start(port=wecom.port)
    await drain(hass, freezer, entry)
    assert len(wecom.requests_to(WECOM.path)) == 2
    (text,) = texts(wecom)
    assert text.endswith("delayed] Someone is there.")
    assert told(hass) == {}


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
    await drain(hass, freezer, entry)
    assert len(wecom.requests_to(WECOM.path)) == 2
    assert texts(wecom) == ["Someone is there."]
