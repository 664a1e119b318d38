"""A burst is spread over time: nothing is refused, dropped, or punished."""

import asyncio
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.clients import pushplus_limits
from homeassistant.core import HomeAssistant
from tests.moments import drain, during, pass_time
from tests.samples import (
    FAILS,
    ONESELF,
    PUSHJET,
    PUSHPLUS,
    WECOM,
    WXPUSHER,
    Sample,
    add_recipient,
    entity_ids,
    send,
    set_up,
)
from tests.simulators import Pushjet, PushPlus, Simulator, WeCom, WxPusher
from tests.simulators.base import nginx_page
from tests.test_delivery.common import error, numbers, status, texts, texts_to
from tests.troubles import told

BUSY = nginx_page(429, "Too Many Requests", headers={"Retry-After": "90"})


def burst(hass: HomeAssistant, count: int, entity_id: str | None = None) -> Any:
    """Send messages all at once."""
    return asyncio.gather(
        *(send(hass, f"No. {number}", entity_id=entity_id) for number in range(count))
    )


async def test_wxpusher(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that 20 messages go out at once, and the others within the same call."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    wxpusher.rate_limit = 20
    sending = asyncio.ensure_future(burst(hass, 25))
    await pass_time(hass, freezer, 2)
    assert numbers(wxpusher) == list(range(20))
    await during(hass, freezer, sending)
    assert entry.runtime_data.delivery.queued == 0
    assert numbers(wxpusher) == list(range(25))
    assert len(wxpusher.requests_to(WXPUSHER.path)) == 25


async def test_wxpusher_recipients(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that recipients share what an account may send."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    for topic in ("8001", "8002"):
        await add_recipient(hass, entry, {"targets": [topic], "format": "text"})
    wxpusher.rate_limit = 20
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
    wecom.member_limit = 30
    await during(hass, freezer, burst(hass, 40))
    await drain(hass, freezer, entry)
    assert len(texts_to(wecom, "zhangsan")) == 80
    assert len(texts_to(wecom, "lisi")) == 40


async def test_wecom_hour(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that no more than a thousand messages an hour go to a member."""
    recipient = {"targets": ["@zhangsan"], "format": "text"}
    entry = await set_up(hass, WECOM, wecom, recipient=recipient)
    wecom.member_limit, wecom.member_hour_limit = 30, 1000
    for _ in range(35):
        await during(hass, freezer, burst(hass, 30))
        await pass_time(hass, freezer, 61, step=61)
    assert len(texts(wecom)) == 1000
    await drain(hass, freezer, entry, step=30)
    assert len(texts(wecom)) == 1050


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
    mail, wechat = sorted(entity_ids(hass), key=lambda each: each == "notify.family")
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
    (other,) = set(entity_ids(hass)) - {"notify.zhang_san"}
    wxpusher.rate_limit = 20
    many = asyncio.ensure_future(burst(hass, 30, "notify.zhang_san"))
    await pass_time(hass, freezer, 1)
    one = asyncio.ensure_future(send(hass, "No. 99", entity_id=other))
    await during(hass, freezer, asyncio.gather(many, one))
    await drain(hass, freezer, entry)
    assert len(wxpusher.notifications) == 31
    # It came when 20 had gone; one was already next in line.
    assert numbers(wxpusher).index(99) <= 22
