"""A redirect reads as one, wherever it leads."""

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import aiohttp_client
from tests.samples import FAILS, Sample, add_account, fill_in, send, set_up
from tests.simulators import Answer, Simulator

# Home Assistant's sessions refuse redirects from elsewhere to such an address.
LOOPBACK = "http://127.0.0.2:8123/api?token=secret"
REDIRECT = Answer(status=302, headers={"Location": LOOPBACK})


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the simulators be elsewhere in the eyes of Home Assistant's sessions."""
    monkeypatch.setattr(
        aiohttp_client, "_is_ssrf_address", lambda address: address == "127.0.0.2"
    )


async def test_session(hass: HomeAssistant, simulator: Simulator) -> None:
    """Test that Home Assistant's session would make another error of it."""
    simulator.always(REDIRECT)
    session = aiohttp_client.async_get_clientsession(hass)
    with pytest.raises(aiohttp_client.SSRFRedirectError):
        await session.get(simulator.url, allow_redirects=False)


async def test_set_up(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that the form names the host that the server redirects to, and no more."""
    simulator.always(REDIRECT)
    form = await add_account(hass, sample, simulator, **sample.checked)
    assert form["errors"] == {sample.error_at("url"): "redirected"}
    assert form["description_placeholders"]["location"] == "http://127.0.0.2:8123"
    simulator.always(None)
    result = await fill_in(hass, form, sample.new_input(simulator))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_message(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that a message meets with the same error."""
    await set_up(hass, sample, simulator, recipient={**sample.recipient, **FAILS})
    simulator.always(REDIRECT)
    with pytest.raises(HomeAssistantError) as raised:
        await send(hass, "Someone is there.")
    assert raised.value.translation_key == "redirected"
