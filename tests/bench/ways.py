"""The ways of one message: by a bare POST, a client, all of Home Assistant."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import count
import json
from typing import Any, Final

import aiohttp

from custom_components.wechat_push.account import WeChatPushConfigEntry
from custom_components.wechat_push.clients.message import Message
from homeassistant.components.notify import (
    ATTR_MESSAGE,
    ATTR_TITLE,
    DOMAIN as NOTIFY_DOMAIN,
    SERVICE_SEND_MESSAGE,
)
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..simulators import Simulator
from .accounts import Account
from .errors import BenchError
from .people import RECIPIENTS
from .services import Services

_TITLE: Final = "门铃 Doorbell"
_TEXT: Final = "前门有人。Someone is at the front door."

BARE: Final = "bare POST"
CLIENT: Final = "client"
NOTHING: Final = "entity that does nothing"
IN_TURN: Final = "that entity, then a bare POST"
WHOLE: Final = "notify.send_message"

# Sends one message; the number chooses the recipient.
type Send = Callable[[int], Awaitable[None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """One way to send a message; some messages arrive nowhere, as they should."""

    name: str
    send: Send
    arrives: bool = True


async def ways(
    hass: HomeAssistant,
    services: Services,
    simulator: Simulator,
    account: Account,
    nothing: Account,
) -> list[Way]:
    """Return the ways to a service after making sure that all send the same bytes."""
    client = Way(name=CLIENT, send=_by_client(account))
    sent = await _requests(services, simulator, client)
    post, to_nothing = _bare(hass, simulator, sent), _by_action(hass, nothing)
    found = [
        Way(name=BARE, send=post),
        client,
        Way(name=NOTHING, send=to_nothing, arrives=False),
        Way(name=IN_TURN, send=_in_turn(to_nothing, post)),
        Way(name=WHOLE, send=_by_action(hass, account)),
    ]
    for way in found:
        requests = await _requests(services, simulator, way)
        if requests != (sent if way.arrives else []):
            raise BenchError(f"{simulator.title}, {way.name}: sends something else")
    return found


async def _requests(
    services: Services, simulator: Simulator, way: Way
) -> list[dict[str, Any]]:
    """Return what arrives when each recipient is sent a message."""
    # A service may be asked something more of the first message with the same words.
    for number in range(RECIPIENTS):
        await way.send(number)
    await services.forget(simulator)
    for number in range(RECIPIENTS):
        await way.send(number)
    return await services.recorded(simulator)


def _bare(
    hass: HomeAssistant, simulator: Simulator, requests: Sequence[dict[str, Any]]
) -> Send:
    """Return the way that says the same with nothing but aiohttp."""
    session = async_get_clientsession(hass)
    ready = [
        (
            simulator.url + request["path"],
            request["query"],
            request["body"].encode(),
            {aiohttp.hdrs.CONTENT_TYPE: request["headers"]["Content-Type"]},
        )
        for request in requests
    ]

    async def send(number: int) -> None:
        """Send the bytes, and read the answer."""
        url, query, body, headers = ready[number % RECIPIENTS]
        async with session.post(
            url, params=query, data=body, headers=headers
        ) as response:
            json.loads(await response.read())

    return send


def _in_turn(first: Send, second: Send) -> Send:
    """Return the way that takes two ways, one after the other."""

    async def send(number: int) -> None:
        """Take one way, and then the other."""
        await first(number)
        await second(number)

    return send


def _by_client(account: Account) -> Send:
    """Return the way through the client of an account."""
    entry: WeChatPushConfigEntry = account.entry
    client, provider = entry.runtime_data.client, entry.runtime_data.provider
    targets = [
        provider.target(recipient.data) for recipient in entry.subentries.values()
    ]
    keys, policy = count(), client.rate_policy

    async def send(number: int) -> None:
        """Prepare a message and send it."""
        message = Message(text=_TEXT, title=_TITLE)
        for part in client.prepare(message, targets[number % RECIPIENTS]):
            stamped = policy.stamp(part, str(next(keys)), said_before=True)
            await client.send(client.fill(stamped, {}))

    return send


def _by_action(hass: HomeAssistant, account: Account) -> Send:
    """Return the way through the action of Home Assistant, as an automation takes it."""
    entity_ids = account.entity_ids

    async def send(number: int) -> None:
        """Call the action for one entity."""
        await hass.services.async_call(
            NOTIFY_DOMAIN,
            SERVICE_SEND_MESSAGE,
            {
                ATTR_ENTITY_ID: entity_ids[number % RECIPIENTS],
                ATTR_MESSAGE: _TEXT,
                ATTR_TITLE: _TITLE,
            },
            blocking=True,
        )

    return send
