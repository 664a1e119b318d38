"""Apprise, github.com/caronc/apprise, which sends to most of the services."""

from collections.abc import Mapping
from typing import Final

import aiohttp
import pytest
from yarl import URL

from custom_components.wechat_push.clients.message import Message
from custom_components.wechat_push.flows.import_plan import plan_import
from tests.simulators import Pushjet, PushPlus, ServerChan, Simulator, WeCom, WxPusher
from tests.simulators.pushjet import SECRET as SERVICE
from tests.simulators.pushplus_accounts import CP, TOKEN, TOPIC
from tests.simulators.serverchan import TURBO_KEY
from tests.simulators.wecom_accounts import AGENT_ID, CORP_ID, ROBOT_KEY, SECRET
from tests.simulators.wxpusher_accounts import APP_TOKEN, UID_LI, UID_ZHANG

from .common import needs, run

PROGRAM: Final = """
import apprise

for address in arguments:
    notifiers = apprise.Apprise()
    assert notifiers.add(address)
    for each in notifiers:
        # It would wait between token and message.
        each.request_rate_per_sec = 0
    found.append(bool(notifiers.notify(title="Door", body="Someone is there.")))
"""

_WECOM: Final = f"wechat://{CORP_ID}:{SECRET}@{AGENT_ID}"
TAKEN: Final = (
    f"pushplus://{TOKEN}",
    f"pushplus://{TOKEN}/{TOPIC}",
    f"wecom://{TOKEN}?option={CP}",
    f"schan://{TURBO_KEY}",
    f"wxpusher://{APP_TOKEN}/{UID_ZHANG}/8001",
    f"wxpusher://{UID_ZHANG}/8001?token={APP_TOKEN}",
    f"wxpusher://{APP_TOKEN}/?to={UID_LI}%2C8001",
    f"{_WECOM}/@all",
    f"{_WECOM}/zhangsan/@lisi/%232/+1",
    f"{_WECOM}/?to=@lisi,%231",
    f"wecombot://{ROBOT_KEY}",
)
# Of a refusal of a group robot, Apprise looks at the HTTP status only.
REFUSED: Final = (
    f"pushplus://{TOKEN[::-1]}",
    f"schan://{TURBO_KEY}0",
    f"wxpusher://{APP_TOKEN}0/{UID_ZHANG}",
    f"wechat://{CORP_ID}:{SECRET}0@{AGENT_ID}/zhangsan",
    f"{_WECOM}/nobody",
    # Apprise puts a slash at the end of the path, which the server does not know.
    f"pjet://localhost/{SERVICE}",
)


@pytest.fixture(name="simulators")
def simulators_fixture(
    pushplus: PushPlus,
    serverchan: ServerChan,
    wxpusher: WxPusher,
    wecom: WeCom,
    pushjet: Pushjet,
) -> dict[str, Simulator]:
    """Return the simulators by their official hosts."""
    return {
        "www.pushplus.plus": pushplus,
        "sctapi.ftqq.com": serverchan,
        "wxpusher.zjiecode.com": wxpusher,
        "qyapi.weixin.qq.com": wecom,
        "localhost": pushjet,
    }


def reached(simulators: Mapping[str, Simulator]) -> list[tuple[str, str, str]]:
    """Return who was sent something, by which channel, and forget it."""
    found: list[tuple[str, str, str]] = []
    for simulator in simulators.values():
        found += (
            (shown.service, shown.recipient, shown.channel)
            for shown in simulator.notifications
        )
        simulator.notifications.clear()
    return sorted(found)


@needs("apprise")
async def test_taken(simulators: dict[str, Simulator]) -> None:
    """Services take what Apprise sends, and an address reaches the same people by us."""
    answers = await run(PROGRAM, simulators, *TAKEN)
    assert dict(zip(TAKEN, answers, strict=True)) == dict.fromkeys(TAKEN, True)
    theirs = reached(simulators)
    async with aiohttp.ClientSession() as session:
        for address in TAKEN:
            (account,) = plan_import(address).accounts
            provider = account.provider
            data = provider.account_data(account.data)
            host = URL(data["url"]).host or ""
            client = provider.create_client(
                session, {**data, "url": simulators[host].url}
            )
            for recipient in account.recipients:
                target = provider.target(recipient.data)
                await client.deliver(Message(text="Open."), target)
    assert reached(simulators) == theirs


@needs("apprise")
async def test_refused(simulators: dict[str, Simulator]) -> None:
    """Apprise sees what services refuse."""
    answers = await run(PROGRAM, simulators, *REFUSED)
    assert dict(zip(REFUSED, answers, strict=True)) == dict.fromkeys(REFUSED, False)
    assert reached(simulators) == []
