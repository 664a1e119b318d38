"""A burst is spread over time: nothing is refused, dropped, or punished."""

import asyncio
import time
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.clients.pushplus import limits as pushplus_limits
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from tests.messages import say
from tests.moments import drain, during, pass_time, settle
from tests.samples import (
    FAILS,
    FRIENDS,
    ONESELF,
    PUSHJET,
    PUSHPLUS,
    WECOM,
    WXPUSHER,
    Sample,
    add_recipient,
    arrival,
    entity_ids,
    send,
    set_up,
)
from tests.simulators import (
    Answer,
    Pushjet,
    PushPlus,
    Simulator,
    WeCom,
    WxPusher,
    json_answer,
)
from tests.simulators.base import nginx_page
from tests.test_delivery.common import error, numbers, status, texts, texts_to
from tests.troubles import told


def busy(seconds: int) -> Answer:
    """Return what says that the service wants to be left alone for a while."""
    return nginx_page(429, "Too Many Requests", headers={"Retry-After": f"{seconds}"})


BUSY = busy(90)


def blocked_for(entry: ConfigEntry) -> int:
    """Return for how many seconds an account sends nothing."""
    until: float = entry.runtime_data.delivery.blocked_until
    return round(until - time.time())


async def status_of(hass: HomeAssistant, message: str, entity_id: str) -> str:
    """Send a message to one recipient; return its status."""
    answer = await say(hass, message, entity_id=entity_id)
    said: str = answer[entity_id]["status"]
    return said


def burst(hass: HomeAssistant, count: int, entity_id: str | None = None) -> Any:
    """Send messages all at once."""
    return asyncio.gather(
        *(send(hass, f"No. {number}", entity_id=entity_id) for number in range(count))
    )


async def test_wxpusher(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that 20 messages go out at once, and the others within the same call."""
    await set_up(hass, WXPUSHER, wxpusher)
    wxpusher.enforce_limits()
    sending = asyncio.ensure_future(burst(hass, 25))
    await pass_time(hass, freezer, 2)
    assert numbers(wxpusher) == list(range(20))
    await during(hass, freezer, sending)
    assert numbers(wxpusher) == list(range(25))
    assert len(wxpusher.requests_to(WXPUSHER.path)) == 25


async def test_refused_connections(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that what never reached the service leaves the rate for what does."""
    recipient = {**WXPUSHER.recipient, **FAILS}
    await set_up(hass, WXPUSHER, wxpusher, recipient=recipient)
    wxpusher.enforce_limits()
    port = wxpusher.port
    await wxpusher.stop()
    for number in range(25):
        assert await error(hass, f"No. {number}") == "cannot_connect"
    await wxpusher.start(port=port)
    sending = asyncio.ensure_future(burst(hass, 20))
    await pass_time(hass, freezer, 2)
    assert numbers(wxpusher) == list(range(20))
    await sending


async def test_wxpusher_recipients(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that recipients share what an account may send."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    for topic in ("8001", "8002"):
        await add_recipient(hass, entry, {"targets": [topic], "format": "text"})
    wxpusher.enforce_limits()
    await during(hass, freezer, burst(hass, 20))
    await drain(hass, freezer, entry)
    assert len(wxpusher.requests_to(WXPUSHER.path)) == 60
    for receiver in (*WXPUSHER.receivers, "8001", "8002"):
        arrived = [int(text.split()[-1]) for text in texts_to(wxpusher, receiver)]
        assert arrived == list(range(20))


async def test_wecom(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a member gets all of what WeCom would drop without a word."""
    recipient = {"targets": ["@zhangsan"], "format": "text"}
    entry = await set_up(hass, WECOM, wecom, recipient=recipient)
    await add_recipient(hass, entry, {"targets": ["@zhangsan @lisi"], "format": "text"})
    wecom.enforce_limits()
    await during(hass, freezer, burst(hass, 20))
    await drain(hass, freezer, entry)
    assert len(texts_to(wecom, "zhangsan")) == 40
    assert len(texts_to(wecom, "lisi")) == 20


async def test_pushplus(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that five messages go out in a minute, in order, and none is refused."""
    entry = await set_up(hass, PUSHPLUS, pushplus)
    pushplus.rate_limited = True
    await during(hass, freezer, burst(hass, 8))
    assert numbers(pushplus) == list(range(5))
    await drain(hass, freezer, entry)
    assert numbers(pushplus) == list(range(8))
    assert len(pushplus.requests_to(PUSHPLUS.path)) == 8
    assert "delayed" in texts(pushplus)[-1]


async def test_same_content(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that PushPlus takes the same words a fourth time, with the time of day."""
    entry = await set_up(hass, PUSHPLUS, pushplus)
    pushplus.duplicates_refused = True
    for _ in range(5):
        assert await status(hass, "The door is open.") == ("sent", None)
        await pass_time(hass, freezer, 30, step=5)
    assert texts(pushplus)[:3] == ["The door is open."] * 3
    assert len(set(texts(pushplus))) == 3
    for text in texts(pushplus)[3:]:
        first, time_of_day = text.split("\n")
        assert first == "The door is open."
        assert [len(part) for part in time_of_day.split(":")] == [2, 2, 2]
    assert len(pushplus.requests_to(PUSHPLUS.path)) == 5
    assert entry.runtime_data.delivery.queued == 0


async def test_same_content_unknown(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that what others sent with the same token does not stop a message."""
    await set_up(hass, PUSHPLUS, pushplus)
    pushplus.duplicates_refused = True
    text = "The door is open."
    moments = [pushplus.clock()] * 3
    pushplus.account.repeated.setdefault(text, type(pushplus.account.recent)(moments))
    assert await status(hass, text) == ("sent", None)
    (shown,) = texts(pushplus)
    assert shown.startswith(f"{text}\n")


@pytest.fixture
def small_quota(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a day's quota be small."""
    monkeypatch.setitem(pushplus_limits.ORDINARY.quotas, "wechat", 3)


@pytest.mark.usefixtures("small_quota")
async def test_quota(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a message waits for the next day in China, if it is wanted then."""
    freezer.move_to("2026-11-21T14:00:00+00:00")
    entry = await set_up(hass, PUSHPLUS, pushplus)
    await during(hass, freezer, burst(hass, 3))
    # The day ends in two hours.
    assert await error(hass, "No. 3") == "quota_used"
    assert await status(hass, "No. 4", expires_after={"hours": 3}) == (
        "queued",
        "quota_used",
    )
    assert len(pushplus.requests_to(PUSHPLUS.path)) == 3
    await pass_time(hass, freezer, 7080, step=60)
    assert len(pushplus.requests_to(PUSHPLUS.path)) == 3
    await drain(hass, freezer, entry, step=10)
    assert numbers(pushplus) == [0, 1, 2, 4]
    assert await status(hass, "No. 5") == ("sent", None)


@pytest.mark.usefixtures("small_quota")
async def test_quota_of_another_clock(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that the day of a service whose clock is slow is over before it is asked."""
    freezer.move_to("2026-11-21T15:50:00+00:00")
    entry = await set_up(hass, PUSHPLUS, pushplus)
    pushplus.clock = lambda: time.time() - 5
    pushplus.quotas_kept = True
    pushplus.account.sent["wechat"] = 197
    await during(hass, freezer, burst(hass, 3))
    assert (await status(hass, "No. 3", expires_after={"hours": 3}))[0] == "queued"
    await pass_time(hass, freezer, 720)
    assert numbers(pushplus) == list(range(4))
    assert len(pushplus.requests_to(PUSHPLUS.path)) == 4
    assert entry.runtime_data.delivery.blocked_until is None


@pytest.mark.usefixtures("small_quota")
async def test_quota_and_cleared(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a message by another way goes out once the outbox is cleared."""
    freezer.move_to("2026-11-21T08:00:00+00:00")
    entry = await set_up(hass, PUSHPLUS, pushplus)
    await during(hass, freezer, burst(hass, 3))
    assert (await status(hass, "No. 3", expires_after={"days": 2}))[0] == "queued"
    await settle(hass)
    entry.runtime_data.delivery.clear()
    other = status(hass, "No. 4", channel="mail")
    assert await during(hass, freezer, other) == ("sent", None)


@pytest.mark.usefixtures("small_quota")
async def test_quota_over_restart(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a restart does not forget what was sent today."""
    freezer.move_to("2026-11-21T14:00:00+00:00")
    entry = await set_up(hass, PUSHPLUS, pushplus)
    await during(hass, freezer, burst(hass, 3))
    await hass.config_entries.async_reload(entry.entry_id)
    assert await error(hass, "No. 3") == "quota_used"
    assert len(pushplus.requests_to(PUSHPLUS.path)) == 3


@pytest.mark.usefixtures("small_quota")
async def test_quota_of_other_channel(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that another channel goes on."""
    entry = await set_up(hass, PUSHPLUS, pushplus)
    await add_recipient(hass, entry, {**ONESELF, "channel": "mail"})
    mail, wechat = sorted(
        entity_ids(hass), key=lambda each: each == "notify.family_pushplus"
    )
    await during(hass, freezer, burst(hass, 3, wechat))
    assert await error(hass, "No. 3", entity_id=wechat) == "quota_used"
    assert (await status(hass, "No. 3", entity_id=mail))[0] == "sent"


@pytest.mark.parametrize(
    "sample", [WXPUSHER, WECOM, PUSHJET], ids=["wxpusher", "wecom", "pushjet"]
)
async def test_retry_after(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that a service that asks for patience gets it."""
    entry = await set_up(hass, sample, simulator)
    simulator.script(BUSY, path=sample.path)
    simulator.requests.clear()
    assert await status(hass, "One") == ("queued", "too_many_requests")
    assert (await status(hass, "Two"))[0] == "queued"
    assert entry.runtime_data.delivery.blocked_until is not None
    await pass_time(hass, freezer, 85)
    assert len(simulator.requests_to(sample.path)) == 1
    await pass_time(hass, freezer, 15)
    assert [text[-3:] for text in texts(simulator)] == ["One", "Two"]
    assert entry.runtime_data.delivery.blocked_until is None
    assert told(hass) == {}


async def test_retry_after_again(
    hass: HomeAssistant, pushjet: Pushjet, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a service is taken at its word each time, if it worked in between."""
    entry = await set_up(hass, PUSHJET, pushjet)
    for number in range(4):
        pushjet.script(BUSY, path=PUSHJET.path)
        assert (await status(hass, f"No. {number}"))[0] == "queued"
        assert blocked_for(entry) == 90
        await drain(hass, freezer, entry, step=5)
        await pass_time(hass, freezer, 3600, step=600)


async def test_retry_after_in_vain(
    hass: HomeAssistant, pushjet: Pushjet, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a service gets more time than it asks for, if that was not enough."""
    entry = await set_up(hass, PUSHJET, pushjet)
    pushjet.always(BUSY, PUSHJET.path)
    assert (await status(hass, "No. 0"))[0] == "queued"
    await pass_time(hass, freezer, 91)
    assert 170 <= blocked_for(entry) <= 180
    assert len(pushjet.requests_to(PUSHJET.path)) == 2


async def test_retry_after_of_two(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that of two answers at the same time, the one that asks for more holds."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await add_recipient(hass, entry, {"targets": ["8001"], "format": "text"})
    wxpusher.script(busy(3000), busy(5), path=WXPUSHER.path)
    await asyncio.gather(*(send(hass, "Hi", entity_id=e) for e in entity_ids(hass)))
    assert blocked_for(entry) == 3000


async def test_retry_after_soon(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that whoever comes while a service rests a little waits for it."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await add_recipient(hass, entry, {"targets": ["8001"], "format": "text"})
    wxpusher.script(busy(10), path=WXPUSHER.path)
    first = asyncio.ensure_future(status_of(hass, "No. 1", "notify.zhang_san_wxpusher"))
    await arrival(wxpusher, WXPUSHER.path)
    other = asyncio.ensure_future(status_of(hass, "No. 2", "notify.8001_wxpusher"))
    await pass_time(hass, freezer, 9)
    assert len(wxpusher.requests_to(WXPUSHER.path)) == 1
    assert await during(hass, freezer, first) == "sent"
    assert await during(hass, freezer, other) == "sent"
    assert sorted(numbers(wxpusher)) == [1, 2]


async def test_retry_after_too_late(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that nobody waits any longer who has waited for a message before."""
    entry = await set_up(hass, WXPUSHER, wxpusher, read_timeout=60)
    await add_recipient(hass, entry, {"targets": ["8001"], "format": "text"})
    slow = Answer(genuine=True, delay=10)
    wxpusher.script(slow, busy(14), path=WXPUSHER.path)
    first = asyncio.ensure_future(status_of(hass, "No. 1", "notify.8001_wxpusher"))
    await arrival(wxpusher, WXPUSHER.path)
    second = asyncio.ensure_future(status_of(hass, "No. 2", "notify.8001_wxpusher"))
    await pass_time(hass, freezer, 8)
    third = asyncio.ensure_future(status_of(hass, "No. 3", "notify.zhang_san_wxpusher"))
    await pass_time(hass, freezer, 4)
    assert blocked_for(entry) == 10
    # The first is over, but the service may not be asked for another ten seconds.
    assert await first == "sent"
    assert await second == "queued"
    await during(hass, freezer, third)
    await drain(hass, freezer, entry)
    assert sorted(numbers(wxpusher)) == [1, 2, 3]


async def test_retry_after_without_keeping(
    hass: HomeAssistant, pushjet: Pushjet, freezer: FrozenDateTimeFactory
) -> None:
    """Test that who wants no late message is told, without another request."""
    await set_up(hass, PUSHJET, pushjet, recipient={**PUSHJET.recipient, **FAILS})
    pushjet.always(BUSY, PUSHJET.path)
    for number in range(5):
        assert await error(hass, f"No. {number}") == "too_many_requests"
    assert len(pushjet.requests_to(PUSHJET.path)) == 1


async def test_fairness(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a message gets ahead of many to another recipient."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await add_recipient(hass, entry, {"targets": ["8001"], "format": "text"})
    (other,) = set(entity_ids(hass)) - {"notify.zhang_san_wxpusher"}
    wxpusher.enforce_limits()
    many = asyncio.ensure_future(burst(hass, 30, "notify.zhang_san_wxpusher"))
    await pass_time(hass, freezer, 1)
    one = asyncio.ensure_future(send(hass, "No. 99", entity_id=other))
    await during(hass, freezer, asyncio.gather(many, one))
    await drain(hass, freezer, entry)
    assert len(wxpusher.notifications) == 31
    # It came when 20 had gone; one was already next in line.
    assert numbers(wxpusher).index(99) <= 22


async def test_refused_by_one_request(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a refusal that concerns all recipients costs the rate one request."""
    entry = await set_up(hass, PUSHPLUS, pushplus)
    await add_recipient(hass, entry, ONESELF)
    for code in ("work", "garden"):
        await add_recipient(hass, entry, {**PUSHPLUS.recipient, "topic": code})
    pushplus.enforce_limits()
    refusal = json_answer({"code": 903, "msg": "无效的用户token", "data": None})
    pushplus.script(refusal, path=PUSHPLUS.path)
    await burst(hass, 1)
    assert len(pushplus.requests_to(PUSHPLUS.path)) == 1
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress()
    pushplus.requests.clear()
    await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"token": PUSHPLUS.account["token"], "send_test": False}
    )
    await pass_time(hass, freezer, 10)
    # Four of the five requests of this minute are left.
    assert len(pushplus.requests_to(PUSHPLUS.path)) == 4


async def test_same_alarm_to_many(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that the same alarm every two minutes reaches all recipients each time.

    PushPlus refuses a content that an account has sent three times in an hour.
    """
    entry = await set_up(hass, PUSHPLUS, pushplus)
    await add_recipient(hass, entry, ONESELF)
    await add_recipient(hass, entry, FRIENDS)
    for channel in ("mail", "sms"):
        added = await add_recipient(hass, entry, {**ONESELF, "channel": channel})
        assert added["type"] == "create_entry", added
    pushplus.enforce_limits()
    pushplus.account.points = 1000
    for _ in range(4):
        await during(hass, freezer, burst(hass, 1))
        await pass_time(hass, freezer, 120, step=5)
    await drain(hass, freezer, entry, step=5)
    assert len(texts(pushplus)) == 20
    # The limits were kept without a refusal.
    assert len(pushplus.requests_to(PUSHPLUS.path)) == 20
    assert told(hass) == {}
