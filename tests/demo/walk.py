"""What a person does with an account: add it, add a recipient, send a message."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
import time
from typing import Any

from ..simulators import Notification
from . import DOMAIN
from .accounts import DemoAccount
from .api import Api
from .errors import DemoError
from .forms import fill

TITLE = "门铃 Doorbell"
TEXT = "前门有人。Someone is at the front door."

ACCOUNT_FLOW = "/api/config/config_entries/flow"
_RECIPIENT_FLOW = "/api/config/config_entries/subentries/flow"
_NOTICE_TIMEOUT = 15


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """What came of the message to one account."""

    account: DemoAccount
    # As Home Assistant shows it.
    recipient: str = ""
    # Of what went wrong, if nothing arrived.
    problem: str = ""
    notification: Notification | None = None
    # Seconds from the call of the action to the simulated phone.
    took: float = 0


async def add(api: Api, account: DemoAccount) -> str:
    """Add an account with its recipient; return the entity that writes to it."""
    menu = await api.post(ACCOUNT_FLOW, {"handler": DOMAIN})
    if menu["type"] != "menu":
        raise DemoError(f"the flow starts with a {menu['type']}, not with a menu")
    form = await api.post(
        f"{ACCOUNT_FLOW}/{menu['flow_id']}", {"next_step_id": account.simulator.name}
    )
    added = await submit(api, ACCOUNT_FLOW, form, account.account)
    # The form of the first recipient opens by itself, unless the account comes with it.
    if following := added.get("next_flow"):
        form = await api.get(f"{_RECIPIENT_FLOW}/{following[1]}")
        await submit(api, _RECIPIENT_FLOW, form, account.recipient)
    return await _find_entity(api, added["result"]["entry_id"])


async def submit(
    api: Api, path: str, form: Mapping[str, Any], answers: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Fill in a form and send it; it has to be the last of its flow."""
    if form["type"] != "form":
        raise DemoError(f"a form was to follow, not: {form['type']}")
    data = fill(form["data_schema"], answers)
    result: Mapping[str, Any] = await api.post(f"{path}/{form['flow_id']}", data)
    if result["type"] != "create_entry":
        why = result.get("errors") or result.get("reason") or result["type"]
        raise DemoError(f"the form {form['step_id']} is not accepted: {why}")
    return result


async def _find_entity(api: Api, entry_id: str) -> str:
    """Return the notify entity of an account, once it can be used."""
    try:
        async with asyncio.timeout(_NOTICE_TIMEOUT):
            while True:
                available = {
                    state["entity_id"]
                    for state in await api.get("/api/states")
                    if state["state"] != "unavailable"
                }
                for entity in await api.command("config/entity_registry/list"):
                    entity_id: str = entity["entity_id"]
                    if (
                        entity["config_entry_id"] == entry_id
                        and entity_id.startswith("notify.")
                        and entity_id in available
                    ):
                        return entity_id
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise DemoError("the account has no notify entity that is available") from None


async def send(api: Api, account: DemoAccount, entity_id: str) -> Arrival:
    """Send the message, and wait for the simulated phone to show it."""
    called = time.time()
    await api.post(
        "/api/services/notify/send_message",
        {"entity_id": entity_id, "title": TITLE, "message": TEXT},
    )
    try:
        async with asyncio.timeout(_NOTICE_TIMEOUT):
            while (notification := _shown(account, called)) is None:
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise DemoError("nothing arrived, though the action succeeded") from None
    state = await api.get(f"/api/states/{entity_id}")
    return Arrival(
        account=account,
        recipient=state["attributes"]["friendly_name"],
        notification=notification,
        took=notification.received - called,
    )


def _shown(account: DemoAccount, since: float) -> Notification | None:
    """Return the message as the simulated phone shows it."""
    for notification in account.simulator.notifications:
        shown = f"{notification.title}\n{notification.text}"
        if notification.received >= since and TITLE in shown and TEXT in shown:
            return notification
    return None
