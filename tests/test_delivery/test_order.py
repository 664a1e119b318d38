"""The order of messages, and who waits for whom."""

import asyncio
from collections.abc import Callable

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from tests.entities import come_back
from tests.moments import drain, during
from tests.samples import (
    FAILS,
    PUSHJET,
    PUSHPLUS,
    SAMPLES,
    WECOM,
    WXPUSHER,
    Sample,
    arrival,
    entity_ids,
    send,
    set_up,
)
from tests.simulators import BAD_ANSWERS, Answer, Pushjet, Simulator, WeCom
from tests.test_delivery.common import numbers, recipients_of_wecom, send_many, texts


async def test_cold_start(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a hundred messages at a start fetch one access token among them."""
    entry = await recipients_of_wecom(hass, wecom)
    assert await hass.config_entries.async_unload(entry.entry_id)
    wecom.gettoken_count = 0
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await during(hass, freezer, send_many(hass, 100))
    await drain(hass, freezer, entry)
    assert wecom.gettoken_count == 1
    assert sorted(numbers(wecom)) == list(range(100))


@pytest.mark.parametrize(
    "end",
    [WeCom.expire_tokens, WeCom.revoke_tokens],
    ids=["expired", "revoked"],
)
async def test_dead_token(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    end: Callable[[WeCom], None],
) -> None:
    """Test that a token that dies on the way costs no message, and one request."""
    entry = await recipients_of_wecom(hass, wecom)
    await send_many(hass, 10)
    wecom.notifications.clear()
    wecom.gettoken_count = 0
    end(wecom)
    await during(hass, freezer, send_many(hass, 50))
    await drain(hass, freezer, entry)
    assert wecom.gettoken_count == 1
    assert sorted(numbers(wecom)) == list(range(50))


@pytest.mark.parametrize(
    ("sample", "count"),
    [(WXPUSHER, 20), (WECOM, 20), (PUSHPLUS, 5), (PUSHJET, 20)],
    ids=SAMPLES,
)
async def test_order(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, count: int
) -> None:
    """Test that messages to a recipient arrive in the order that they were sent in."""
    await set_up(hass, sample, simulator)
    simulator.script(Answer(genuine=True, delay=0.05), path=sample.path)
    messages = [f"Message {number}" for number in range(count)]
    await asyncio.gather(*(send(hass, message) for message in messages))
    assert texts(simulator) == messages


async def test_no_waiting_for_others(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a message does not wait for those to other recipients."""
    entry = await recipients_of_wecom(hass, wecom)
    first, second, *_ = entity_ids(hass)
    wecom.script(Answer(hang=True), path=WECOM.path)
    slow = hass.async_create_task(send(hass, "Slow", entity_id=first))
    await arrival(wecom, WECOM.path)
    await send(hass, "Fast", entity_id=second)
    assert texts(wecom) == ["Fast"]
    await wecom.stop()
    await slow
    await come_back(hass, wecom, entry)
    assert texts(wecom) == ["Fast", "Slow"]


async def test_cancelled(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that a script that is stopped while it sends holds up nobody."""
    await set_up(hass, sample, simulator)
    simulator.script(Answer(hang=True), path=sample.path)
    stopped = hass.async_create_task(send(hass, "Stopped"))
    await arrival(simulator, sample.path)
    waiting = hass.async_create_task(send(hass, "Someone is there."))
    stopped.cancel()
    await waiting
    assert texts(simulator) == ["Someone is there."]


async def test_part_fails(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that no later part of a long message arrives without the earlier ones."""
    await set_up(hass, WECOM, wecom, recipient={**WECOM.recipient, **FAILS})
    wecom.script(Answer(genuine=True), BAD_ANSWERS["unavailable_503"], path=WECOM.path)
    with pytest.raises(
        HomeAssistantError, match=r"3 parts of the message, 1 were.*fault of its own"
    ):
        await send(hass, "x" * 5000)
    assert [text[-5:] for text in texts(wecom)] == ["(1/3)"]


async def test_queue_full(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test that an automation gone wild is told so, while what waits is delivered."""
    await set_up(hass, PUSHJET, pushjet)
    pushjet.script(Answer(hang=True), path=PUSHJET.path)
    waiting = [
        hass.async_create_task(send(hass, f"Message {number}")) for number in range(501)
    ]
    await arrival(pushjet, PUSHJET.path)
    with pytest.raises(HomeAssistantError, match="Already 500 messages wait"):
        await send(hass, "One too many")
    for task in (waiting[0], *waiting[10:]):
        task.cancel()
    await asyncio.gather(*waiting[1:10])
    assert texts(pushjet) == [f"Message {number}" for number in range(1, 10)]
    await send(hass, "There is room again.")
    assert texts(pushjet)[-1] == "There is room again."
