"""The order of messages, and who waits for whom."""

from collections.abc import Callable

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from tests.moments import drain, during
from tests.samples import FAILS, WECOM, Sample, arrival, entity_ids, send, set_up
from tests.simulators import BAD_ANSWERS, Answer, Simulator, WeCom
from tests.test_delivery.common import (
    during_all,
    numbers,
    recipients_of_wecom,
    send_many,
    texts,
)


async def test_cold_start(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that fifty messages at a start fetch one access token among them."""
    entry = await recipients_of_wecom(hass, wecom)
    assert await hass.config_entries.async_unload(entry.entry_id)
    wecom.gettoken_count = 0
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await during(hass, freezer, send_many(hass, 50))
    await drain(hass, freezer, entry)
    assert wecom.gettoken_count == 1
    assert sorted(numbers(wecom)) == list(range(50))


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


async def test_order(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that messages to a recipient arrive in the order that they were sent in."""
    await set_up(hass, sample, simulator)
    simulator.script(Answer(genuine=True, delay=2), path=sample.path)
    messages = [f"Message {number}" for number in range(5)]
    await during_all(hass, freezer, *(send(hass, message) for message in messages))
    assert texts(simulator) == messages


async def test_no_waiting_for_others(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a message does not wait for those to other recipients."""
    entry = await recipients_of_wecom(hass, wecom)
    first, second, *_ = entity_ids(hass)
    wecom.script(Answer(hang=True), path=WECOM.path)
    slow = hass.async_create_task(send(hass, "Slow", entity_id=first))
    await arrival(wecom, WECOM.path)
    await send(hass, "Fast", entity_id=second)
    assert texts(wecom) == ["Fast"]
    await during(hass, freezer, slow)
    await drain(hass, freezer, entry)
    assert texts(wecom) == ["Fast", "Slow"]


async def test_part_fails(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that no later part of a long message arrives without the earlier ones."""
    await set_up(hass, WECOM, wecom, recipient={**WECOM.recipient, **FAILS})
    wecom.script(Answer(genuine=True), BAD_ANSWERS["unavailable_503"], path=WECOM.path)
    with pytest.raises(HomeAssistantError, match=r"1 of 3 parts.*internal error"):
        await send(hass, "x" * 5000)
    assert [text[-5:] for text in texts(wecom)] == ["(1/3)"]
