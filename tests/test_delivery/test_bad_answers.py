"""Answers that are none, and connections that break off."""

from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.json import json_bytes
from tests.moments import during
from tests.samples import FAILS, WXPUSHER, Sample, send, set_up
from tests.simulators import BAD_ANSWERS, Simulator, WxPusher
from tests.test_delivery.common import texts

# These take as long as the time-outs say.
SLOW: Final = ("hang", "drip")
SHORT: Final[dict[str, Any]] = {"connect_timeout": 1, "read_timeout": 1}


async def test_bad_answers(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that every bad answer is an error in words, and that the next one works."""
    await set_up(hass, sample, simulator, recipient={**sample.recipient, **FAILS})
    for name, answer in BAD_ANSWERS.items():
        if name in SLOW or name in sample.taken:
            continue
        # Without anything that is markup.
        spoken = name.replace("_", " ")
        simulator.script(answer, path=sample.path)
        with pytest.raises(HomeAssistantError) as raised:
            await send(hass, f"{spoken}.")
        assert raised.value.translation_domain == DOMAIN, name
        assert raised.value.translation_key not in (None, "unknown"), name
        # It is sent to the browser.
        assert json_bytes(str(raised.value))
        simulator.notifications.clear()
        # Some ask to be left alone for half a minute, and PushPlus takes five a minute.
        freezer.tick(61)
        await send(hass, f"{spoken} is over.")
        assert texts(simulator) == [f"{spoken} is over."]
    assert hass.config_entries.flow.async_progress() == []


@pytest.mark.parametrize("bad", SLOW)
async def test_no_answer_in_time(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory, bad: str
) -> None:
    """Test that a service that keeps a message waiting does not do so for ever."""
    recipient = {**WXPUSHER.recipient, **FAILS}
    await set_up(hass, WXPUSHER, wxpusher, recipient=recipient, **SHORT)
    wxpusher.always(BAD_ANSWERS[bad], WXPUSHER.path)
    with pytest.raises(HomeAssistantError, match="did not respond in time"):
        await during(hass, freezer, send(hass, "Someone is there."))
    wxpusher.always(None, WXPUSHER.path)
    await send(hass, "Someone is there again.")
    assert texts(wxpusher) == ["Someone is there again."]
