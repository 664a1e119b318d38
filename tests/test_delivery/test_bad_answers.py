"""Answers that are none, and connections that break off."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.json import json_bytes
from tests.samples import FAILS, SAMPLES, WXPUSHER, Sample, send, set_up
from tests.simulators import BAD_ANSWERS, Simulator, WxPusher
from tests.test_delivery.common import texts

# These take as long as the time-outs say.
SLOW = ("hang", "drip")
# New credentials are wanted after this one.
TESTED_ELSEWHERE = {(service, "proxy_login_401") for service in SAMPLES}
# To WxPusher this is a success that names no targets.
TESTED_ELSEWHERE |= {("wxpusher", "wrong_types_records")}
SHORT: dict[str, Any] = {"connect_timeout": 1, "read_timeout": 1}


@pytest.mark.parametrize(
    ("sample", "bad"),
    [
        pytest.param(sample, bad, id=f"{sample.service}-{bad}")
        for sample in SAMPLES.values()
        for bad in BAD_ANSWERS
        if bad not in SLOW and (sample.service, bad) not in TESTED_ELSEWHERE
    ],
)
async def test_bad_answer(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
    bad: str,
) -> None:
    """Test that every bad answer is an error in words, and that the next one works."""
    await set_up(hass, sample, simulator, recipient={**sample.recipient, **FAILS})
    simulator.always(BAD_ANSWERS[bad], sample.path)
    with pytest.raises(HomeAssistantError) as raised:
        await send(hass, "Someone is there.")
    assert raised.value.translation_domain == DOMAIN
    assert raised.value.translation_key not in (None, "unknown")
    # It is sent to the browser.
    assert json_bytes(str(raised.value))
    simulator.always(None, sample.path)
    simulator.notifications.clear()
    # Some ask to be left alone for half a minute.
    freezer.tick(31)
    await send(hass, "Someone is there again.")
    assert texts(simulator) == ["Someone is there again."]
    assert hass.config_entries.flow.async_progress() == []


@pytest.mark.parametrize("bad", SLOW)
async def test_no_answer_in_time(
    hass: HomeAssistant, wxpusher: WxPusher, bad: str
) -> None:
    """Test that a service that keeps a message waiting does not do so for ever."""
    recipient = {**WXPUSHER.recipient, **FAILS}
    await set_up(hass, WXPUSHER, wxpusher, recipient=recipient, **SHORT)
    wxpusher.always(BAD_ANSWERS[bad], WXPUSHER.path)
    with pytest.raises(HomeAssistantError, match="did not answer in time"):
        await send(hass, "Someone is there.")
    wxpusher.always(None, WXPUSHER.path)
    await send(hass, "Someone is there again.")
    assert texts(wxpusher) == ["Someone is there again."]
