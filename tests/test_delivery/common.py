"""Accounts that messages go through, and what arrives of them."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.const import DOMAIN
from custom_components.wechat_push.delivery.reports import Report
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from tests.messages import say
from tests.moments import during
from tests.samples import WECOM, add_recipient, entity_ids, send, set_up
from tests.simulators import Simulator, WeCom


def texts(simulator: Simulator) -> list[str]:
    """Return what the phones show, in the order that it came in."""
    return [shown.text for shown in simulator.notifications]


def texts_to(simulator: Simulator, receiver: str) -> list[str]:
    """Return what one phone shows."""
    shown = simulator.notifications
    return [each.text for each in shown if each.recipient == receiver]


def numbers(simulator: Simulator) -> list[int]:
    """Return the numbers that the messages end with, whatever note stands before them."""
    return [int(text.split()[-1]) for text in texts(simulator)]


def reports(entry: ConfigEntry) -> list[Report]:
    """Return the list of what comes of messages to the only recipient from now on."""
    heard: list[Report] = []
    (recipient,) = entry.runtime_data.recipients.values()

    @callback
    def hear(report: Report) -> None:
        heard.append(report)

    async_dispatcher_connect(entry.runtime_data.hass, recipient.signal_report, hear)
    return heard


async def status(
    hass: HomeAssistant, message: str, **fields: object
) -> tuple[str, str | None]:
    """Send a message to the only recipient; return its status, and the reason for it."""
    (answer,) = (await say(hass, message, **fields)).values()
    return answer["status"], answer["reason"]


async def handle(hass: HomeAssistant, message: str, **fields: object) -> str:
    """Send a message to one recipient; return its handle."""
    (answer,) = (await say(hass, message, **fields)).values()
    found: str = answer["handle"]
    return found


async def error(hass: HomeAssistant, message: str, **fields: object) -> str | None:
    """Send a message that fails; return what is wrong."""
    with pytest.raises(HomeAssistantError) as raised:
        await say(hass, message, **fields)
    assert raised.value.translation_domain == DOMAIN
    return raised.value.translation_key


async def during_all(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, *work: Awaitable[Any]
) -> list[Any]:
    """Let time pass until all of these are done; return results and exceptions."""
    done = asyncio.gather(*work, return_exceptions=True)
    return await during(hass, freezer, done)


async def send_many(hass: HomeAssistant, count: int) -> None:
    """Send many messages at once, spread over the recipients."""
    entities = entity_ids(hass)
    await asyncio.gather(
        *(
            send(hass, f"{number}", entity_id=entities[number % len(entities)])
            for number in range(count)
        )
    )


async def choose(hass: HomeAssistant, entry: ConfigEntry, **options: Any) -> None:
    """Choose options of an account."""
    hass.config_entries.async_update_entry(entry, options={**entry.options, **options})
    await hass.async_block_till_done()


async def recipients_of_wecom(hass: HomeAssistant, wecom: WeCom) -> ConfigEntry:
    """Set up an account with a few recipients."""
    entry = await set_up(
        hass, WECOM, wecom, recipient={"targets": ["@zhangsan"], "format": "text"}
    )
    for target in ("@lisi", "#1", "#2", "+1"):
        typed = {"targets": [target], "format": "text"}
        result = await add_recipient(hass, entry, typed)
        assert result["type"] is FlowResultType.CREATE_ENTRY
    return entry
