"""The accounts of a house: what is typed and mistyped, and who receives."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..demo import DOMAIN
from ..demo.accounts import DemoAccount, demo_accounts
from ..demo.walk import add
from ..simulators import Notification, Simulator
from .house import PATIENCE, House

PROVIDERS: Final = (
    "wxpusher",
    "wecom",
    "pushplus",
    "pushjet",
    "wecom_robot",
    "wxpusher_simple_push",
    "serverchan",
)
# What people, accounts, cameras and other integrations are called in any language.
NAMES: Final = (
    "Home alarms",
    "Zhang San",
    "Li Si",
    "张三",
    "李四",
    "Demo house",
    "wework_notify",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """Something that a person gets wrong in the form of an account."""

    field: str
    value: str
    # Under which the text of the error is.
    error: str


MISTAKES: Final[Mapping[str, Mistake]] = {
    "wxpusher": Mistake(
        field="app_token", value=f"AT_{'x' * 32}", error="wxpusher_app_token"
    ),
    "wecom": Mistake(field="secret", value="x" * 43, error="wecom_secret"),
    "pushplus": Mistake(field="token", value="0" * 32, error="pushplus_token"),
    # Nobody listens there.
    "pushjet": Mistake(field="url", value="http://127.0.0.1:1", error="cannot_connect"),
    "wecom_robot": Mistake(
        field="key",
        value="00000000-0000-0000-0000-000000000000",
        error="wecom_robot_key",
    ),
    "wxpusher_simple_push": Mistake(
        field="secret", value=f"SPT_{'x' * 28}", error="wxpusher_simple_push_token"
    ),
    "serverchan": Mistake(
        field="key", value=f"SCT1T{'x' * 29}", error="serverchan_send_key"
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """A recipient as Home Assistant shows it."""

    name: str
    entity_id: str
    # What the account is called.
    account: str


def demo_account(house: House, provider: str) -> DemoAccount:
    """Return the account at a service that the demo uses."""
    return next(
        account
        for account in demo_accounts(house.simulators)
        if account.simulator.name == provider
    )


async def note_account(house: House, provider: str) -> None:
    """Remember which account has just been added."""
    entries = await house.api.command("config_entries/get", domain=DOMAIN)
    entry = max(entries, key=lambda entry: entry["created_at"])
    house.entries[provider] = entry
    # Accounts and recipients are called as their services call them.
    house.person.watch.quote(entry["title"])


async def recipient_at(house: House, provider: str) -> Recipient:
    """Return the recipient at a service; add the account if it is not there."""
    if provider not in house.entries:
        await add(house.api, demo_account(house, provider))
        await note_account(house, provider)
    async with asyncio.timeout(PATIENCE / 1000):
        while (found := await _find(house, house.entries[provider])) is None:
            await asyncio.sleep(0.1)
    house.person.watch.quote(found.name)
    return found


async def _find(house: House, entry: Mapping[str, Any]) -> Recipient | None:
    """Return the recipient of an account, once its notify entity can be used."""
    states = {
        state["entity_id"]: state
        for state in await house.api.get("/api/states")
        if state["state"] != "unavailable"
    }
    entities: list[dict[str, Any]] = await house.api.command(
        "config/entity_registry/list"
    )
    for entity in entities:
        entity_id: str = entity["entity_id"]
        if (
            entity["config_entry_id"] == entry["entry_id"]
            and entity_id.startswith("notify.")
            and entity_id in states
        ):
            name = states[entity_id]["attributes"]["friendly_name"]
            return Recipient(name=name, entity_id=entity_id, account=entry["title"])
    return None


async def send(house: House, recipient: Recipient, text: str) -> None:
    """Send a message as an automation does."""
    await house.api.post(
        "/api/services/notify/send_message",
        {"entity_id": recipient.entity_id, "message": text},
    )


async def expect_message(simulator: Simulator, text: str) -> Notification:
    """Wait until a message is on the phone, and return it as it is shown there."""
    async with asyncio.timeout(PATIENCE / 1000):
        while True:
            for notification in simulator.notifications:
                if text in f"{notification.title}\n{notification.text}":
                    return notification
            await asyncio.sleep(0.05)
