"""What an outage stops is delivered when it is over."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.delivery.reports import DeliveryStatus
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from tests.moments import drain, pass_time
from tests.samples import (
    FAILS,
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
from tests.simulators import (
    BAD_ANSWERS,
    Answer,
    Pushjet,
    PushPlus,
    Simulator,
    WeCom,
    WxPusher,
)
from tests.test_delivery.common import error, reports, status, texts, texts_to
from tests.troubles import told, trust_nobody

# 16:30 in Shanghai, in the middle of a minute.
HALF_PAST_FOUR = "2026-11-21T08:30:20+00:00"


async def come_back(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: Simulator,
    entry: ConfigEntry,
) -> None:
    """Let a service be reached again, and what waits be delivered."""
    await simulator.start(port=simulator.port)
    await drain(hass, freezer, entry)


async def test_order(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that messages wait, and arrive once and in order, before newer ones."""
    entry = await set_up(hass, sample, simulator)
    await simulator.stop()
    heard = reports(entry)
    assert await status(hass, "One") == ("queued", "cannot_connect")
    assert (await status(hass, "Two"))[0] == "queued"
    await simulator.start(port=simulator.port)
    # It is not known yet that the service is back.
    assert await status(hass, "Three") == ("queued", "cannot_connect")
    assert entry.runtime_data.delivery.queued == 3
    await pass_time(hass, freezer, 20)
    assert await status(hass, "Four") == ("sent", None)
    assert texts(simulator) == ["One", "Two", "Three", "Four"]
    assert [report.status for report in heard] == [
        *[DeliveryStatus.QUEUED] * 3,
        *[DeliveryStatus.DELIVERED_LATE] * 3,
        DeliveryStatus.SENT,
    ]
    assert told(hass) == {}


@pytest.mark.parametrize(
    ("sample", "style", "title", "text", "shown"),
    [
        (WXPUSHER, "text", None, "Hi", "{note} Hi"),
        (WXPUSHER, "text", "Door", "Hi", "{note} Door\nHi"),
        (WXPUSHER, "markdown", None, "# Hi", "{note}\n\n# Hi"),
        (WXPUSHER, "markdown", None, "Hi", "{note} Hi"),
        (WXPUSHER, "html", None, "<b>Hi</b>", "{note}<br><b>Hi</b>"),
        (WECOM, "text", None, "Hi", "{note} Hi"),
        (WECOM, "text", "Door", "Hi", "{note} Door\nHi"),
        (WECOM, "markdown", None, "> Hi", "{note}\n\n> Hi"),
        (PUSHPLUS, "text", None, "Hi", "{note} Hi"),
        (PUSHPLUS, "html", None, "<p>Hi</p>", "{note}<br><p>Hi</p>"),
        (PUSHJET, None, None, "Hi", "{note} Hi"),
    ],
)
async def test_note(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
    style: str | None,
    title: str | None,
    text: str,
    shown: str,
) -> None:
    """Test that a message that comes late says when it was meant for."""
    await hass.config.async_set_time_zone("Asia/Shanghai")
    freezer.move_to(HALF_PAST_FOUR)
    recipient = {**sample.recipient, **({"format": style} if style else {})}
    entry = await set_up(hass, sample, simulator, recipient=recipient)
    await simulator.stop()
    await send(hass, text, title)
    # For some minutes, WeCom would drop a repetition, if it is the very same.
    await pass_time(hass, freezer, 400, step=5)
    await come_back(hass, freezer, simulator, entry)
    assert texts(simulator) == [shown.format(note="[16:30, delayed]")]


@pytest.mark.parametrize("sample", [PUSHPLUS, PUSHJET], ids=["pushplus", "pushjet"])
async def test_note_in_title(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that the note stands in the title where there is one."""
    await hass.config.async_set_time_zone("Asia/Shanghai")
    freezer.move_to(HALF_PAST_FOUR)
    entry = await set_up(hass, sample, simulator)
    await simulator.stop()
    await send(hass, "Hi", "Door")
    await pass_time(hass, freezer, 120, step=5)
    await come_back(hass, freezer, simulator, entry)
    (seen,) = simulator.notifications
    assert (seen.title, seen.text) == ("[16:30, delayed] Door", "Hi")


async def test_note_of_another_day(
    hass: HomeAssistant, pushjet: Pushjet, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a message of yesterday says so, in the language of the household."""
    await hass.config.async_update(language="zh-Hans", time_zone="Asia/Shanghai")
    freezer.move_to("2026-11-21T15:50:00+00:00")
    entry = await set_up(hass, PUSHJET, pushjet)
    await pushjet.stop()
    await send(hass, "有人在门口。")
    await pass_time(hass, freezer, 1200, step=20)
    await come_back(hass, freezer, pushjet, entry)
    assert texts(pushjet) == ["［2026-11-21 23:50 的消息，延迟送达］ 有人在门口。"]


async def test_no_note(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that a message that is half a minute late does not speak of it."""
    entry = await set_up(hass, sample, simulator)
    simulator.always(BAD_ANSWERS["unavailable_503"], sample.path)
    await send(hass, "Hi", "Door")
    simulator.always(None, sample.path)
    await pass_time(hass, freezer, 20)
    assert entry.runtime_data.delivery.queued == 0
    (seen,) = simulator.notifications
    assert "delayed" not in seen.title + seen.text


async def test_broken_recipient(
    hass: HomeAssistant, pushjet: Pushjet, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a recipient that is refused does not hold up another."""
    pushjet.services.append(Pushjet().services[0])
    pushjet.services[1].secret = "a" * 32
    entry = await set_up(hass, PUSHJET, pushjet)
    await add_recipient(hass, entry, {"secret": "a" * 32, "name": "Other"})
    first, second = entity_ids(hass)
    await pushjet.stop()
    for number in range(3):
        for entity_id in (first, second):
            await send(hass, f"Message {number}", entity_id=entity_id)
    pushjet.services[1].secret = "b" * 32
    await come_back(hass, freezer, pushjet, entry)
    assert texts(pushjet) == ["Message 0", "Message 1", "Message 2"]
    assert list(told(hass)) == ["undelivered"]
    assert told(hass)["undelivered"]["recipient"] == "Other"
    assert told(hass)["undelivered"]["count"] == "3"


async def test_slow_recipient(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that what waits for one is delivered while another is kept waiting."""
    recipient = {"targets": ["@zhangsan"], "format": "text"}
    entry = await set_up(hass, WECOM, wecom, recipient=recipient)
    await add_recipient(hass, entry, {"targets": ["@lisi"], "format": "text"})
    await wecom.stop()
    for number in range(3):
        await send(hass, f"Message {number}")
    wecom.script(Answer(hang=True), path=WECOM.path)
    await wecom.start(port=wecom.port)
    await pass_time(hass, freezer, 4)
    delivered = {shown.recipient for shown in wecom.notifications}
    assert len(delivered) == 1
    assert len(wecom.notifications) == 3
    await drain(hass, freezer, entry)
    for name in ("zhangsan", "lisi"):
        assert texts_to(wecom, name) == ["Message 0", "Message 1", "Message 2"]


async def test_fail_at_once(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that a recipient can want an error instead, and nothing afterwards."""
    recipient = {**sample.recipient, **FAILS}
    entry = await set_up(hass, sample, simulator, recipient=recipient)
    await simulator.stop()
    assert await error(hass, "Someone is there.") == "cannot_connect"
    assert entry.runtime_data.delivery.queued == 0
    await simulator.start(port=simulator.port)
    # There is no waiting for the account to find out that it works again.
    assert await status(hass, "Someone is there again.") == ("sent", None)
    await pass_time(hass, freezer, 60)
    assert texts(simulator) == ["Someone is there again."]
    assert told(hass) == {}


async def test_parts(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that of a long message only what is missing is sent later."""
    entry = await set_up(hass, WECOM, wecom)
    wecom.script(Answer(genuine=True), BAD_ANSWERS["unavailable_503"], path=WECOM.path)
    assert (await status(hass, "x" * 5000))[0] == "queued"
    await pass_time(hass, freezer, 90)
    assert entry.runtime_data.delivery.queued == 0
    assert [text[-5:] for text in texts(wecom)] == ["(1/3)", "(2/3)", "(3/3)"]


async def test_parts_of_a_recipient_that_changes(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that the rest of a long message is what the first part left, whatever changes.

    Members of PushPlus may send longer messages.
    """
    entry = await set_up(hass, PUSHPLUS, pushplus)
    words = [f"{number:05}" for number in range(8000)]
    pushplus.script(
        Answer(genuine=True), BAD_ANSWERS["unavailable_503"], path=PUSHPLUS.path
    )
    assert (await status(hass, " ".join(words)))[0] == "queued"
    hass.config_entries.async_update_entry(entry, options={"member": True})
    await hass.async_block_till_done()
    await drain(hass, freezer, entry, step=5)
    shown = " ".join(texts(pushplus)).split()
    assert [word for word in shown if word.isdecimal()] == words
    assert told(hass) == {}


async def test_other_account(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that an account tries at once when another one hears that all is well."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await set_up(hass, PUSHJET, pushjet)
    zhang, home = "notify.zhang_san_wxpusher", "notify.home_alarms_pushjet"
    await wxpusher.stop()
    await send(hass, "Late", entity_id=zhang)
    # By now it tries every half a minute, and has just done so.
    await pass_time(hass, freezer, 300, step=5)
    await wxpusher.start(port=wxpusher.port)
    await send(hass, "Well", entity_id=home)
    await pass_time(hass, freezer, 8)
    assert entry.runtime_data.delivery.queued == 0
    assert len(wxpusher.notifications) == 1


async def test_person_has_to_act(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that what waits goes out once a person has mended what kept it."""
    entry = await set_up(hass, WECOM, wecom)
    await wecom.stop()
    await send(hass, "Someone is there.")
    trust_nobody(wecom)
    await wecom.start(port=wecom.port)
    await pass_time(hass, freezer, 120)
    assert list(told(hass)) == ["wecom_untrusted_ip"]
    assert entry.runtime_data.delivery.queued == 1
    assert wecom.notifications == []
    wecom.trusted_ips = None
    await drain(hass, freezer, entry, step=5)
    assert len(wecom.notifications) == 1
    assert told(hass) == {}


@pytest.mark.parametrize(
    "sample", [WXPUSHER, WECOM, PUSHPLUS], ids=["wxpusher", "wecom", "pushplus"]
)
async def test_new_credentials(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that what waits goes out once new credentials are there; none goes before."""
    entry = await set_up(hass, sample, simulator)
    renewal = sample.renewal
    await simulator.stop()
    for number in range(3):
        await send(hass, f"Message {number}")
    renewal.happens(simulator)
    await simulator.start(port=simulator.port)
    simulator.requests.clear()
    await pass_time(hass, freezer, 600, step=5)
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"
    assert len(simulator.requests) <= 2
    # What is said meanwhile is kept as well.
    assert (await status(hass, "Message 3"))[0] == "queued"
    assert entry.runtime_data.delivery.queued == 4
    await hass.config_entries.flow.async_configure(flow["flow_id"], renewal.credentials)
    await hass.async_block_till_done()
    simulator.notifications.clear()
    await drain(hass, freezer, entry)
    assert [text[-9:] for text in texts(simulator)] == [
        f"Message {number}" for number in range(4)
    ]


@pytest.mark.parametrize("login", [False, True], ids=["stranger", "configured"])
async def test_login_of_a_proxy(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    *,
    login: bool,
) -> None:
    """Test that a login page is an outage, unless a login is configured or it lasts.

    A captive portal, or a proxy that is being restarted, shows one as well.
    """
    own: dict[str, Any] = (
        {"username": "zhangsan", "password": "Password"} if login else {}
    )
    entry = await set_up(hass, PUSHJET, pushjet, **own)
    flows = hass.config_entries.flow
    pushjet.basic_auth = ("zhangsan", "RenewedPassword")
    assert (await status(hass, "Message 0"))[0] == "queued"
    await pass_time(hass, freezer, 60, step=5)
    assert bool(flows.async_progress()) is login
    await pass_time(hass, freezer, 600, step=10)
    (flow,) = flows.async_progress()
    assert flow["context"]["source"] == "reauth"
    credentials = PUSHJET.renewal.credentials
    await flows.async_configure(flow["flow_id"], credentials)
    await hass.async_block_till_done()
    await drain(hass, freezer, entry, step=10)
    assert [text[-9:] for text in texts(pushjet)] == ["Message 0"]


async def test_brief_login_of_a_proxy(
    hass: HomeAssistant, pushjet: Pushjet, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a login page that passes costs nothing but time."""
    entry = await set_up(hass, PUSHJET, pushjet)
    pushjet.always(BAD_ANSWERS["proxy_login_401"])
    assert (await status(hass, "Message 0"))[0] == "queued"
    await pass_time(hass, freezer, 120, step=5)
    pushjet.always(None)
    await drain(hass, freezer, entry, step=5)
    assert [text[-9:] for text in texts(pushjet)] == ["Message 0"]
    assert hass.config_entries.flow.async_progress() == []
    assert told(hass) == {}


async def test_log(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Test that the log tells once that a service is away, and once that it is back."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await wxpusher.stop()
    for number in range(3):
        await send(hass, f"No. {number}")
    await pass_time(hass, freezer, 120)
    await come_back(hass, freezer, wxpusher, entry)
    away = "Home alarms does not work at the moment: cannot_connect"
    assert caplog.text.count(away) == 1
    assert caplog.text.count("Home alarms works again") == 1
