"""A service that punishes is left alone: not one request more than it takes to know."""

import asyncio
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from tests.issues import confirm, open_repair, titles
from tests.messages import recall
from tests.moments import drain, pass_time, settle
from tests.samples import (
    FRIENDS,
    ONESELF,
    PUSHPLUS,
    WECOM,
    WXPUSHER,
    Sample,
    add_recipient,
    entity_ids,
    send,
    set_up,
)
from tests.simulators import PushPlus, WxPusher
from tests.test_delivery.common import error, numbers, reports, status
from tests.test_delivery.disk import begin, end
from tests.troubles import told

DAY = 24 * 3600
LONG: dict[str, Any] = {"expires_after": {"days": 6}}


@pytest.fixture
async def entry(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> ConfigEntry:
    """Set up an account that is restricted for two days, and does not know it."""
    entry = await set_up(hass, PUSHPLUS, pushplus)
    pushplus.restrict(2)
    return entry


async def test_left_alone(
    hass: HomeAssistant,
    pushplus: PushPlus,
    freezer: FrozenDateTimeFactory,
    entry: ConfigEntry,
) -> None:
    """Test that after one refusal nothing is sent before the restriction is over."""
    assert await error(hass, "No. 0") == "pushplus_restricted"
    assert await status(hass, "No. 1", **LONG) == ("queued", "pushplus_restricted")
    # Nobody wants it any more by then.
    assert await error(hass, "No. 2") == "pushplus_restricted"
    assert len(pushplus.requests_to(PUSHPLUS.path)) == 1
    assert list(told(hass)) == ["pushplus_restricted"]
    await pass_time(hass, freezer, 2 * DAY - 600, step=600)
    assert len(pushplus.requests_to(PUSHPLUS.path)) == 1
    await drain(hass, freezer, entry, step=60)
    assert numbers(pushplus) == [1]
    assert told(hass) == {}
    assert entry.runtime_data.delivery.blocked_until is None


async def test_over_restart(
    hass: HomeAssistant,
    pushplus: PushPlus,
    freezer: FrozenDateTimeFactory,
    entry: ConfigEntry,
    outboxes: Path,
) -> None:
    """Test that even a power cut does not make Home Assistant forget a restriction."""
    assert await error(hass, "No. 0") == "pushplus_restricted"
    await end(hass, freezer, outboxes, entry, killed=True)
    await pass_time(hass, freezer, DAY, step=DAY)
    await begin(hass, entry)
    assert await error(hass, "No. 1") == "pushplus_restricted"
    assert await status(hass, "No. 2", **LONG) == ("queued", "pushplus_restricted")
    assert list(told(hass)) == ["pushplus_restricted"]
    assert len(pushplus.requests_to(PUSHPLUS.path)) == 1
    await pass_time(hass, freezer, DAY + 120, step=60)
    assert numbers(pushplus) == [2]
    assert told(hass) == {}


async def test_lifted(
    hass: HomeAssistant,
    pushplus: PushPlus,
    freezer: FrozenDateTimeFactory,
    entry: ConfigEntry,
) -> None:
    """Test that a person who knows that it is over can say so."""
    assert await status(hass, "No. 0", **LONG) == ("queued", "pushplus_restricted")
    pushplus.account.restricted = False
    (title,) = titles(hass)
    result = await confirm(hass, await open_repair(hass, title))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await drain(hass, freezer, entry)
    assert numbers(pushplus) == [0]
    assert told(hass) == {}


async def test_lifted_too_early(
    hass: HomeAssistant,
    pushplus: PushPlus,
    freezer: FrozenDateTimeFactory,
    entry: ConfigEntry,
) -> None:
    """Test that a person who is wrong costs one request, not many."""
    assert await status(hass, "No. 0", **LONG) == ("queued", "pushplus_restricted")
    (title,) = titles(hass)
    await confirm(hass, await open_repair(hass, title))
    await pass_time(hass, freezer, 3600, step=60)
    assert len(pushplus.requests_to(PUSHPLUS.path)) == 2
    assert list(told(hass)) == ["pushplus_restricted"]
    assert entry.runtime_data.delivery.queued == 1


async def test_lifted_over_restart(
    hass: HomeAssistant,
    pushplus: PushPlus,
    freezer: FrozenDateTimeFactory,
    entry: ConfigEntry,
    outboxes: Path,
) -> None:
    """Test that what a person has lifted is not back after a restart."""
    assert await error(hass, "No. 0") == "pushplus_restricted"
    await hass.config_entries.async_reload(entry.entry_id)
    assert await error(hass, "No. 1") == "pushplus_restricted"
    pushplus.account.restricted = False
    (title,) = titles(hass)
    await confirm(hass, await open_repair(hass, title))
    await end(hass, freezer, outboxes, entry, killed=True)
    await begin(hass, entry)
    assert entry.runtime_data.delivery.blocked_until is None
    assert told(hass) == {}
    assert await status(hass, "No. 2") == ("sent", None)


async def test_others_in_line(
    hass: HomeAssistant,
    pushplus: PushPlus,
    freezer: FrozenDateTimeFactory,
    entry: ConfigEntry,
) -> None:
    """Test that those who wait in line for the first request send none of their own."""
    await add_recipient(hass, entry, ONESELF)
    await add_recipient(hass, entry, FRIENDS)
    results = await asyncio.gather(
        *(send(hass, "No. 0", entity_id=each) for each in entity_ids(hass)),
        return_exceptions=True,
    )
    await settle(hass)
    assert len(results) == 3
    assert all(isinstance(result, HomeAssistantError) for result in results)
    assert len(pushplus.requests_to(PUSHPLUS.path)) == 1


async def test_refused_recall(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that credentials that are refused for taking back are not used to send."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    heard = reports(entry)
    assert await status(hass, "No. 0") == ("sent", None)
    WXPUSHER.renewal.happens(wxpusher)
    with pytest.raises(HomeAssistantError):
        await recall(hass)
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"
    wxpusher.requests.clear()
    assert await status(hass, "No. 1") == ("queued", "wxpusher_app_token")
    # What waits needs no request.
    await recall(hass)
    assert entry.runtime_data.delivery.queued == 0
    with pytest.raises(HomeAssistantError):
        await recall(hass, message_id=heard[0].handle)
    assert wxpusher.requests == []


@pytest.mark.parametrize(
    ("sample", "other", "asked"),
    [
        (PUSHPLUS, ONESELF, [PUSHPLUS.path]),
        (WECOM, {"targets": ["@lisi"]}, ["/cgi-bin/gettoken"]),
    ],
    ids=["pushplus", "wecom"],
)
async def test_wrong_credentials(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Any,
    freezer: FrozenDateTimeFactory,
    other: dict[str, Any],
    asked: list[str],
) -> None:
    """Test that wrong credentials are used once, though several recipients send."""
    entry = await set_up(hass, sample, simulator)
    await add_recipient(hass, entry, {"format": "text", **other})
    sample.renewal.happens(simulator)
    getattr(simulator, "revoke_tokens", list)()
    simulator.requests.clear()
    await asyncio.gather(*(send(hass, f"No. {number}") for number in range(5)))
    await pass_time(hass, freezer, 1200, step=60)
    assert entry.runtime_data.delivery.queued == 10
    paths = [request.path for request in simulator.requests]
    # WeCom's messages tell that the access token is no longer good; only the question
    # for a new one holds the secret.
    assert [path for path in paths if path in asked] == asked
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"
