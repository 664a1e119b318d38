"""A wall clock that is wrong, or set right, changes nothing about what waits."""

from collections.abc import Iterator
from datetime import datetime, timedelta
import os
from pathlib import Path
import time
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from custom_components.wechat_push.clients import uptime
from homeassistant.core import HomeAssistant
from tests.entities import account_entity, enable, state_of, until
from tests.messages import say, tell
from tests.moments import drain, during, pass_time
from tests.samples import PUSHJET, PUSHPLUS, WECOM, send, set_up
from tests.simulators import Pushjet, PushPlus, WeCom, too_many
from tests.simulators.base import json_answer
from tests.test_delivery.common import error, numbers, reports, status, texts
from tests.test_delivery.disk import begin, end
from tests.troubles import told

HOUR: Final = 3600.0
DAY: Final = 24 * HOUR
YEAR: Final = 365 * DAY


class WallClock:
    """The wall clock of the system; services have the right time."""

    def __init__(self, freezer: FrozenDateTimeFactory) -> None:
        self.wrong_by = 0.0
        self._freezer = freezer

    def set(self, wrong_by: float) -> None:
        """Set it so many seconds ahead of the right time; durations stay the same."""
        step = wrong_by - self.wrong_by
        self.wrong_by = wrong_by
        self._freezer.tick(step)

    def right(self) -> float:
        """Return the right time."""
        return time.time() - self.wrong_by


@pytest.fixture
def clock(freezer: FrozenDateTimeFactory) -> Iterator[WallClock]:
    """Return the wall clock, at noon in Shanghai."""
    freezer.move_to("2026-11-21T04:00:20+00:00")
    clock, monotonic = WallClock(freezer), time.monotonic
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "monotonic", lambda: monotonic() - clock.wrong_by)
        yield clock


@pytest.mark.parametrize(
    "jump", [YEAR, HOUR, -HOUR, -YEAR], ids=["year", "hour", "hour back", "year back"]
)
async def test_set_while_waiting(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    clock: WallClock,
    jump: float,
) -> None:
    """Test that messages are neither lost nor kept for too long."""
    entry = await set_up(hass, PUSHJET, pushjet)
    await pushjet.stop()
    await send(hass, "No. 0")
    await say(hass, "No. 1", expires_after={"minutes": 2})
    clock.set(jump)
    await say(hass, "No. 2", expires_after={"minutes": 2})
    await send(hass, "No. 3")
    await pass_time(hass, freezer, 90, step=10)
    assert entry.runtime_data.delivery.queued == 4
    await pass_time(hass, freezer, 60, step=10)
    assert entry.runtime_data.delivery.queued == 2
    assert told(hass)["undelivered"]["count"] == "2"
    await pushjet.start(port=pushjet.port)
    await drain(hass, freezer, entry, hours=0.1)
    assert numbers(pushjet) == [0, 3]


@pytest.mark.parametrize("jump", [HOUR / 2, -HOUR, -YEAR], ids=str)
async def test_set_while_off(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    clock: WallClock,
    outboxes: Any,
    jump: float,
) -> None:
    """Test a restart with another time, which a small computer gets from the network."""
    entry = await set_up(hass, WECOM, wecom)
    await send(hass, "No. 0")
    await wecom.stop()
    await send(hass, "No. 1")
    await end(hass, freezer, outboxes, entry)
    clock.set(jump)
    await begin(hass, entry)
    assert (await status(hass, "No. 2"))[0] == "queued"
    await wecom.start(port=wecom.port)
    await drain(hass, freezer, entry, hours=0.2)
    assert numbers(wecom) == [0, 1, 2]
    # What was sent before does not hold anything up, though it is in the future.
    assert await during(hass, freezer, status(hass, "No. 3")) == ("sent", None)
    assert told(hass) == {}


async def test_set_right_after_the_start(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    clock: WallClock,
    outboxes: Any,
) -> None:
    """Test that what was said before the time was known is neither old nor expired.

    A computer without a clock chip starts with the time of its last shutdown, days ago.
    """
    await hass.config.async_set_time_zone("Asia/Shanghai")
    clock.set(-9 * DAY)
    entry = await set_up(hass, PUSHJET, pushjet)
    await pushjet.stop()
    await send(hass, "No. 0")
    await send(hass, "No. 1")
    await pass_time(hass, freezer, 60, step=10)
    clock.set(0)
    await pass_time(hass, freezer, 60, step=10)
    # It is stored as well as known.
    await end(hass, freezer, outboxes, entry, killed=True)
    await begin(hass, entry)
    assert entry.runtime_data.delivery.queued == 2
    heard = reports(entry)
    await pushjet.start(port=pushjet.port)
    await drain(hass, freezer, entry, hours=0.1)
    assert texts(pushjet) == [f"[12:00, delayed] No. {number}" for number in range(2)]
    assert all(abs(each.meant_for - clock.right()) < HOUR for each in heard)
    assert told(hass) == {}


@pytest.mark.parametrize("jump", [YEAR, -9 * DAY, -YEAR], ids=str)
async def test_restriction(
    hass: HomeAssistant,
    pushplus: PushPlus,
    freezer: FrozenDateTimeFactory,
    clock: WallClock,
    outboxes: Any,
    jump: float,
) -> None:
    """Test that a restriction of two days ends in its time, over a restart as well."""
    pushplus.clock = clock.right
    entry = await set_up(hass, PUSHPLUS, pushplus)
    pushplus.restrict(2)
    long: dict[str, Any] = {"expires_after": {"days": 6}}
    assert (await status(hass, "No. 0", **long))[0] == "queued"
    clock.set(jump)
    pushplus.requests.clear()
    await pass_time(hass, freezer, int(DAY), step=3600)
    await end(hass, freezer, outboxes, entry)
    await begin(hass, entry)
    await pass_time(hass, freezer, int(DAY - HOUR), step=1200)
    assert pushplus.requests == []
    await pass_time(hass, freezer, int(2 * HOUR), step=60)
    assert numbers(pushplus) == [0]


async def test_restriction_and_another_time_at_the_start(
    hass: HomeAssistant,
    pushplus: PushPlus,
    freezer: FrozenDateTimeFactory,
    clock: WallClock,
    outboxes: Any,
) -> None:
    """Test that one day does not become eight if the clock is behind at a start."""
    pushplus.clock = clock.right
    entry = await set_up(hass, PUSHPLUS, pushplus)
    pushplus.restrict(1)
    long: dict[str, Any] = {"expires_after": {"days": 6}}
    assert (await status(hass, "No. 0", **long))[0] == "queued"
    await end(hass, freezer, outboxes, entry)
    clock.set(-9 * DAY)
    await begin(hass, entry)
    await pass_time(hass, freezer, 600, step=60)
    clock.set(0)
    await pass_time(hass, freezer, int(1.1 * DAY), step=60)
    assert numbers(pushplus) == [0]


async def test_count_of_the_day(
    hass: HomeAssistant,
    pushplus: PushPlus,
    freezer: FrozenDateTimeFactory,
    clock: WallClock,
    outboxes: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Test that what was sent today is known although the clock was behind at a start."""
    pushplus.clock = clock.right
    entry = await set_up(hass, PUSHPLUS, pushplus)
    monkeypatch.setitem(
        entry.runtime_data.delivery.obstacles.policy.quotas, "wechat", 2
    )
    await send(hass, "No. 0")
    await send(hass, "No. 1")
    await end(hass, freezer, outboxes, entry)
    clock.set(-9 * DAY)
    await begin(hass, entry)
    await pass_time(hass, freezer, 60, step=10)
    clock.set(0)
    await pass_time(hass, freezer, 60, step=10)
    assert await error(hass, "No. 2") == "quota_used"
    assert numbers(pushplus) == [0, 1]


@pytest.mark.parametrize("wrong_by", [-67, -9 * DAY, DAY], ids=str)
async def test_deadline(
    hass: HomeAssistant,
    pushplus: PushPlus,
    freezer: FrozenDateTimeFactory,
    clock: WallClock,
    wrong_by: float,
) -> None:
    """Test that PushPlus shows what it is sent in time, and drops what comes too late.

    It is told a moment of the day, and drops in silence what arrives later.
    """
    pushplus.clock = clock.right
    clock.set(wrong_by)
    await set_up(hass, PUSHPLUS, pushplus)
    said = status(hass, "No. 0", expires_after={"minutes": 1})
    assert await during(hass, freezer, said) == ("sent", None)
    assert numbers(pushplus) == [0]
    (request,) = pushplus.requests_to(PUSHPLUS.path)
    assert 0 < request.json["timestamp"] / 1000 - clock.right() <= 120


async def test_retry_after_a_date(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    clock: WallClock,
) -> None:
    """Test that a moment to wait for is understood by the clock of who names it."""
    pushjet.clock = clock.right
    clock.set(-9 * DAY)
    entry = await set_up(hass, PUSHJET, pushjet)
    pushjet.script(too_many(90, server_time=clock.right()), path=PUSHJET.path)
    assert (await status(hass, "No. 0"))[0] == "queued"
    await pass_time(hass, freezer, 80, step=10)
    assert len(pushjet.requests_to(PUSHJET.path)) == 1
    await pass_time(hass, freezer, 20, step=5)
    assert numbers(pushjet) == [0]
    assert entry.runtime_data.delivery.blocked_until is None


@pytest.mark.parametrize("step", [9 * DAY, -9 * DAY], ids=["ahead", "back"])
async def test_link(
    hass: HomeAssistant,
    pushjet: Pushjet,
    clock: WallClock,
    freezer: FrozenDateTimeFactory,
    tmp_path: Path,
    hass_client_no_auth: ClientSessionGenerator,
    step: float,
) -> None:
    """Test that a file opens from the phone for a day, however the clock is set."""
    hass.config.external_url = "https://ha.example.com"
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    file = tmp_path / "list.txt"
    file.write_text("a list", encoding="utf-8")
    await set_up(hass, PUSHJET, pushjet)
    client = await hass_client_no_auth()
    await tell(hass, "No. 0", file=str(file))
    link = URL(pushjet.notifications[0].text.split()[-1], encoded=True).relative()
    clock.set(step)
    assert (await client.get(link)).status == 200
    freezer.tick(DAY)
    assert (await client.get(link)).status == 404


@pytest.fixture
def alarms(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return what the system tells of a set clock by."""
    alarms: list[int] = []

    def make_alarm(*_: object, **options: int) -> int:
        alarms.append(os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC))
        return alarms[-1]

    monkeypatch.setattr(os, "timerfd_create", make_alarm)
    monkeypatch.setattr(os, "timerfd_settime", lambda *_, **__: (0.0, 0.0))
    return alarms


async def test_watched_once(
    hass: HomeAssistant, wecom: WeCom, alarms: list[int]
) -> None:
    """Test that an account that is reloaded watches the clock once, until it is gone."""
    entry = await set_up(hass, WECOM, wecom)
    for _ in range(2):
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
    (alarm,) = alarms
    os.fstat(alarm)
    await hass.config_entries.async_remove(entry.entry_id)
    with pytest.raises(OSError):
        os.fstat(alarm)


async def test_suspended(
    hass: HomeAssistant,
    pushplus: PushPlus,
    freezer: FrozenDateTimeFactory,
    clock: WallClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Test that PushPlus gets a good deadline after the machine was suspended."""
    awake = time.monotonic
    monkeypatch.setattr(uptime, "_CLOCK", time.CLOCK_BOOTTIME)
    monkeypatch.setattr(time, "clock_gettime", lambda _: awake())
    pushplus.clock = clock.right
    await set_up(hass, PUSHPLUS, pushplus)
    await send(hass, "No. 0")
    freezer.tick(HOUR)
    # It stands still in sleep.
    monkeypatch.setattr(time, "monotonic", lambda: awake() - HOUR)
    said = status(hass, "No. 1", expires_after={"minutes": 1})
    assert await during(hass, freezer, said) == ("sent", None)
    assert numbers(pushplus) == [0, 1]


async def test_shown_times(
    hass: HomeAssistant, wecom: WeCom, clock: WallClock, alarms: list[int]
) -> None:
    """Test that a time which is shown follows the clock as soon as that is set."""
    clock.set(-9 * DAY)
    entry = await set_up(hass, WECOM, wecom)
    blocked_until = account_entity(hass, entry, "blocked_until")
    await enable(hass, entry, blocked_until)
    wecom.script(json_answer({"errcode": 45009}), path=WECOM.path)
    await send(hass, "Someone is there.")
    before = datetime.fromisoformat(state_of(hass, blocked_until).state)
    clock.set(0)
    for alarm in alarms:
        os.eventfd_write(alarm, 1)
    await until(hass, lambda: state_of(hass, blocked_until).state != before.isoformat())
    after = datetime.fromisoformat(state_of(hass, blocked_until).state)
    assert after - before == pytest.approx(timedelta(days=9), abs=timedelta(seconds=1))


@pytest.mark.parametrize("is_known", [True, False], ids=["refused", "unknown"])
async def test_clock_cannot_be_watched(
    hass: HomeAssistant,
    wecom: WeCom,
    monkeypatch: pytest.MonkeyPatch,
    is_known: bool,
) -> None:
    """Test that an account works where the system does not tell of a set clock."""

    def refuse(*_: object, **__: object) -> int:
        raise PermissionError

    if is_known:
        monkeypatch.setattr(os, "timerfd_create", refuse)
    else:
        monkeypatch.delattr(os, "timerfd_create")
    await set_up(hass, WECOM, wecom)
    await send(hass, "No. 0")
    assert numbers(wecom) == [0]
