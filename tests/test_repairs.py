"""What only a person can mend is told, with where, and the telling ends with the cause."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from tests.entities import until
from tests.issues import (
    confirm,
    description,
    error,
    issues,
    open_repair,
    restart,
    titles,
)
from tests.messages import say, tell
from tests.moments import drain
from tests.pictures import picture
from tests.samples import (
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
from tests.simulators import BAD_ANSWERS, PushPlus, Simulator, WeCom
from tests.simulators.pushplus_accounts import SECRET_KEY
from tests.troubles import (
    Cause,
    answering,
    close_application,
    forget_real_name,
    leave,
    restrict,
    trust_nobody,
)

ADMIN_CONSOLE = "https://work.weixin.qq.com/wework_admin/frame#apps"
LI: dict[str, Any] = {"targets": ["@lisi"], "format": "text"}
BY_SMS: dict[str, Any] = {**ONESELF, "channel": "sms"}
AGAIN = "Somebody is there again."
STILL = "The problem still exists."
WITH_KEY = replace(PUSHPLUS, account={**PUSHPLUS.account, "secret_key": SECRET_KEY})
UNTRUSTED = "WeCom · Home alarms: IP not trusted"


def spend_points(pushplus: Any) -> None:
    """Use up what paid channels are paid with."""
    pushplus.account.points = 0


def lose_way(simulator: Simulator) -> None:
    """Put something else where the service was."""
    simulator.always(BAD_ANSWERS["redirect_301"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """Something that only a person can mend."""

    sample: Sample
    recipient: dict[str, Any] | None = None
    happens: Cause
    # What the person reads, and where it leads to.
    title: str
    says: str
    url: str | None
    # What the check says before it is mended; nothing where it finds nothing.
    obstacle: str = ""
    # The service can be asked whether it was mended.
    asks: bool = True


CASES = {
    "wecom-untrusted-ip": Case(
        sample=WECOM,
        happens=trust_nobody,
        title=UNTRUSTED,
        says="Add 203.0.113.7 to the trusted company IPs (企业可信IP).",
        url=ADMIN_CONSOLE,
        obstacle=STILL,
    ),
    "wecom-disabled": Case(
        sample=WECOM,
        happens=close_application,
        title="WeCom · Home alarms: app disabled",
        says=f"Enable the application in the [WeCom admin console]({ADMIN_CONSOLE})",
        url=ADMIN_CONSOLE,
        obstacle=STILL,
    ),
    "wecom-agent-id": Case(
        sample=WECOM,
        happens=answering("/cgi-bin/message/send", errcode=301002, errmsg="agent"),
        title="WeCom · Home alarms: wrong agent ID",
        says="WeCom refuses the agent ID of WeCom · Home alarms.",
        url=ADMIN_CONSOLE,
    ),
    "wecom-not-authorised": Case(
        sample=WECOM,
        happens=answering("/cgi-bin/message/send", errcode=48002, errmsg="forbidden"),
        title="WeCom · Home alarms: secret not allowed",
        says="does not allow the secret of WeCom · Home alarms to send messages (code 48002).",
        url=ADMIN_CONSOLE,
    ),
    "wecom-not-visible": Case(
        sample=WECOM,
        recipient=LI,
        happens=leave,
        title="李四 (WeCom): app not visible",
        says="extend its visible range (可见范围)",
        url=ADMIN_CONSOLE,
        obstacle="Not fixed yet: The member lisi does not exist",
    ),
    "pushplus-real-name": Case(
        sample=PUSHPLUS,
        happens=forget_real_name,
        title="PushPlus · …abcd: not verified",
        says="its owner has not completed the identity verification",
        url="https://www.pushplus.plus/center/real-auth?source=push",
        asks=False,
    ),
    "pushplus-real-name-with-key": Case(
        sample=WITH_KEY,
        happens=forget_real_name,
        title="PushPlus · Home: not verified",
        says="its owner has not completed the identity verification",
        url="https://www.pushplus.plus/center/real-auth?source=push",
        obstacle=STILL,
    ),
    "pushplus-points": Case(
        sample=PUSHPLUS,
        recipient=BY_SMS,
        happens=spend_points,
        title="Me, Text message (costs points) (PushPlus): not enough points",
        says="or use a free channel for the recipient",
        url="https://www.pushplus.plus/pay.html",
        asks=False,
    ),
    "pushplus-points-with-key": Case(
        sample=WITH_KEY,
        recipient=BY_SMS,
        happens=spend_points,
        title="Me, Text message (costs points) (PushPlus): not enough points",
        says="or use a free channel for the recipient",
        url="https://www.pushplus.plus/pay.html",
        obstacle=STILL,
    ),
    "pushplus-restricted": Case(
        sample=PUSHPLUS,
        happens=restrict,
        title="PushPlus · …abcd: restricted",
        says="Home Assistant sends nothing until 20",
        url="https://www.pushplus.plus/use.html",
    ),
    "wrong-address": Case(
        sample=WXPUSHER,
        happens=lose_way,
        title="WxPusher · Home alarms: cannot connect",
        says="The server redirects to https://example.com.",
        url=None,
        obstacle=STILL,
    ),
}
with_all = pytest.mark.parametrize(
    ("case", "sample"),
    [pytest.param(case, case.sample, id=key) for key, case in CASES.items()],
)
# Those that a check of the account can see.
with_checked = pytest.mark.parametrize(
    ("case", "sample"),
    [
        pytest.param(case, case.sample, id=key)
        for key, case in CASES.items()
        if case.obstacle
    ],
)


async def try_to_send(hass: HomeAssistant) -> None:
    """Send a message that is refused, or has to wait."""
    with suppress(HomeAssistantError):
        await send(hass, "Someone is there.")


async def get_into_trouble(
    hass: HomeAssistant, case: Case, simulator: Simulator
) -> ConfigEntry:
    """Set an account up, and send a message that meets with the trouble."""
    entry = await set_up(hass, case.sample, simulator, recipient=case.recipient)
    case.happens(simulator)
    await try_to_send(hass)
    assert titles(hass) == [case.title]
    return entry


@with_all
async def test_told(
    hass: HomeAssistant, case: Case, sample: Sample, simulator: Simulator
) -> None:
    """Test that a person reads what is wrong, and where it can be mended."""
    await get_into_trouble(hass, case, simulator)
    (issue,) = issues(hass)
    assert issue.severity is ir.IssueSeverity.ERROR
    assert issue.learn_more_url == case.url
    shown = description(await open_repair(hass, case.title))
    assert case.says in shown
    assert f"({case.url})" in shown or case.url is None


@with_all
async def test_fixed(
    hass: HomeAssistant, case: Case, sample: Sample, simulator: Simulator
) -> None:
    """Test that the issue ends when a person has mended it and has it checked."""
    await get_into_trouble(hass, case, simulator)
    form = await open_repair(hass, case.title)
    simulator.reset()
    result = await confirm(hass, form)
    if not case.asks:
        # The person reads that the next message will show it.
        assert result["step_id"] == "next_message"
        assert titles(hass) == [case.title]
        assert "The next message will show" in description(
            {**result, "problem": form["problem"]}
        )
        result = await confirm(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert issues(hass) == []
    await send(hass, AGAIN)
    # After what waited for it, if anything did.
    async with asyncio.timeout(10):
        while [shown.text for shown in simulator.notifications[-1:]] != [AGAIN]:
            await asyncio.sleep(0)
    assert issues(hass) == []


@with_checked
async def test_not_mended(
    hass: HomeAssistant, case: Case, sample: Sample, simulator: Simulator
) -> None:
    """Test that a person who is too early reads what is still in the way."""
    await get_into_trouble(hass, case, simulator)
    form = await open_repair(hass, case.title)
    again = await confirm(hass, form)
    assert again["type"] is FlowResultType.FORM
    assert error({**again, "problem": form["problem"]}).startswith(case.obstacle)
    assert titles(hass) == [case.title]
    simulator.reset()
    result = await confirm(hass, again)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert issues(hass) == []


@pytest.mark.parametrize(
    ("case", "sample"),
    [
        pytest.param(case, case.sample, id=key)
        for key, case in CASES.items()
        # Nothing is tried before these end, or are checked again.
        if key not in ("pushplus-restricted", "wrong-address")
    ],
)
async def test_solved_by_a_message(
    hass: HomeAssistant,
    case: Case,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that a message that goes out ends the issue, without anybody's help."""
    entry = await get_into_trouble(hass, case, simulator)
    simulator.reset()
    await send(hass, AGAIN)
    # It may have to wait until the service is tried again.
    await drain(hass, freezer, entry)
    assert AGAIN in simulator.notifications[-1].text
    assert issues(hass) == []


@pytest.mark.parametrize(
    ("case", "sample"),
    [
        pytest.param(CASES[key], CASES[key].sample, id=key)
        for key in ("wecom-untrusted-ip", "wecom-disabled", "wrong-address")
    ],
)
async def test_start(
    hass: HomeAssistant, case: Case, sample: Sample, simulator: Simulator
) -> None:
    """Test that an account tells it when it starts, and when it starts without it."""
    entry = await set_up(hass, sample, simulator)
    case.happens(simulator)
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    await until(hass, lambda: titles(hass) == [case.title])
    simulator.reset()
    assert await hass.config_entries.async_reload(entry.entry_id)
    await until(hass, lambda: issues(hass) == [])


async def test_new_address(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that the issue names the address of today, and stays one."""
    await get_into_trouble(hass, CASES["wecom-untrusted-ip"], wecom)
    form = await open_repair(hass, UNTRUSTED)
    assert form["description_placeholders"]["ip"] == "203.0.113.7"
    wecom.caller_ip = "203.0.113.8"
    again = await confirm(hass, form)
    assert again["description_placeholders"]["ip"] == "203.0.113.8"
    (issue,) = issues(hass)
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["ip"] == "203.0.113.8"


async def test_one_of_two_recipients(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that what one recipient lacks is neither ended nor told by another."""
    case = CASES["wecom-not-visible"]
    entry = await set_up(hass, WECOM, wecom, recipient=LI)
    (entity_id,) = entity_ids(hass)
    await add_recipient(hass, entry, {"targets": ["@zhangsan"], "format": "text"})
    (other,) = set(entity_ids(hass)) - {entity_id}
    leave(wecom)
    await try_to_send(hass)
    assert titles(hass) == [case.title]
    await send(hass, "Only for you.", entity_id=other)
    assert titles(hass) == [case.title]
    wecom.reset()
    await send(hass, "Are you back?", entity_id=entity_id)
    assert issues(hass) == []


async def test_recipient_removed(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that nobody has to mend anything for a recipient that is no more."""
    entry = await get_into_trouble(hass, CASES["wecom-not-visible"], wecom)
    (recipient_id,) = entry.subentries
    hass.config_entries.async_remove_subentry(entry, recipient_id)
    await hass.async_block_till_done()
    assert titles(hass) == ["WeCom · Home alarms: no recipients"]


@with_all
async def test_account_removed(
    hass: HomeAssistant, case: Case, sample: Sample, simulator: Simulator
) -> None:
    """Test that an account takes its issues with it."""
    entry = await get_into_trouble(hass, case, simulator)
    await hass.config_entries.async_remove(entry.entry_id)
    assert issues(hass) == []


@with_all
async def test_not_loaded(
    hass: HomeAssistant, case: Case, sample: Sample, simulator: Simulator
) -> None:
    """Test that an account that is not running says so, and keeps its issue."""
    entry = await get_into_trouble(hass, case, simulator)
    form = await open_repair(hass, case.title)
    await hass.config_entries.async_unload(entry.entry_id)
    result = await confirm(hass, form)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "not_loaded"
    assert titles(hass) == [case.title]


async def test_restriction_lasts(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that a person who is wrong about a restriction is told so at once."""
    case = CASES["pushplus-restricted"]
    await get_into_trouble(hass, case, pushplus)
    result = await confirm(hass, await open_repair(hass, case.title))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await try_to_send(hass)
    assert len(pushplus.requests_to(PUSHPLUS.path)) == 2
    assert titles(hass) == [case.title]


async def test_restriction_after_restart(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a restriction is told, and kept to, after a restart as well."""
    # The end is told to the minute, so no minute may pass meanwhile.
    freezer.move_to("2026-11-21T12:00:30+00:00")
    case = CASES["pushplus-restricted"]
    entry = await get_into_trouble(hass, case, pushplus)
    (issue,) = issues(hass)
    await restart(hass, entry)
    assert titles(hass) == [case.title]
    (again,) = issues(hass)
    assert again.translation_placeholders == issue.translation_placeholders
    assert len(pushplus.requests_to(PUSHPLUS.path)) == 1


async def test_pictures(
    hass: HomeAssistant, pushplus: PushPlus, tmp_path: Path
) -> None:
    """Test that a message without a picture does not end what only pictures meet with."""
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    (tmp_path / "door.jpg").write_bytes(picture())
    image = str(tmp_path / "door.jpg")
    account = {**PUSHPLUS.account, "secret_key": SECRET_KEY}
    pushplus.account.member = True
    await set_up(hass, replace(PUSHPLUS, account=account), pushplus)
    await hass.async_block_till_done(wait_background_tasks=True)
    pushplus.account.open_api = False
    (answer,) = (await say(hass, "Someone is there.", image=image)).values()
    assert (answer["status"], answer["left_out"]) == ("sent", ["door.jpg"])
    title = "PushPlus · Home: open API refused"
    assert titles(hass) == [title]
    await send(hass, "Someone is still there.")
    assert titles(hass) == [title]
    form = await open_repair(hass, title)
    assert "go to the developer settings (开发设置)" in description(form)
    form = {**await confirm(hass, form), "problem": form["problem"]}
    assert error(form) == "The problem still exists."
    pushplus.account.open_api = True
    result = await confirm(hass, form)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await tell(hass, "Someone else is there.", image=image)
    assert issues(hass) == []


async def test_credentials(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a check that meets with refused credentials asks for new ones."""
    await get_into_trouble(hass, CASES["wecom-untrusted-ip"], wecom)
    form = await open_repair(hass, UNTRUSTED)
    WECOM.renewal.happens(wecom)
    wecom.tokens.clear()
    again = await confirm(hass, form)
    text = error({**again, "problem": form["problem"]})
    assert text.startswith("Not fixed yet: WeCom refused the secret")
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"


async def test_outage(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that an outage is told of when it lasts, and no longer than that."""
    recipient = {**sample.recipient, "when_down": "fail"}
    await set_up(hass, sample, simulator, recipient=recipient)
    await simulator.stop()
    await try_to_send(hass)
    assert issues(hass) == []
    freezer.tick(timedelta(minutes=16))
    await try_to_send(hass)
    title = f"{sample.title_at(simulator)}: cannot connect"
    assert titles(hass) == [title]
    shown = description(await open_repair(hass, title))
    assert "Cannot connect to the server." in shown
    await simulator.start(port=simulator.port)
    await send(hass, AGAIN)
    assert issues(hass) == []
