"""The blueprint that tells further people of a problem if nobody reacts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import CoreState, HomeAssistant
from homeassistant.setup import async_setup_component
from tests.samples import (
    UID_LI,
    UID_WANG,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    add_recipient,
    set_up,
)
from tests.simulators import BAD_ANSWERS, WeCom, WxPusher
from tests.simulators.wxpusher_accounts import Follower

from .common import happen, pass_time, set_state, shown, until, waits

LEAK: Final = "binary_sensor.leak"
TOGGLE: Final = "input_boolean.seen"
BUTTON: Final = "input_button.seen"
ZHANG, LI, WANG = "notify.zhang_san", "notify.li_si", "notify.wang_wu"
NAMES: Final = {
    UID_ZHANG: "Zhang",
    UID_LI: "Li",
    UID_WANG: "Wang",
}


@pytest.fixture(name="people")
async def people_fixture(hass: HomeAssistant, wxpusher: WxPusher) -> WxPusher:
    """Return a service with three recipients; what acknowledges is there as well."""
    wang = Follower(record_id=9, uid=UID_WANG)
    wxpusher.apps[WXPUSHER.secrets[0]].followers[UID_WANG] = wang
    entry = await set_up(
        hass, WXPUSHER, wxpusher, recipient=WXPUSHER.recipient | {"name": "Zhang San"}
    )
    for name, uid in (("Li Si", UID_LI), ("Wang Wu", UID_WANG)):
        fields = {"name": name, "targets": [uid], "format": "text"}
        await add_recipient(hass, entry, fields)
    assert await async_setup_component(
        hass, "input_boolean", {"input_boolean": {"seen": {"initial": True}}}
    )
    assert await async_setup_component(
        hass, "input_button", {"input_button": {"seen": {}}}
    )
    assert await async_setup_component(hass, "homeassistant", {})
    return wxpusher


async def add_alert(
    hass: HomeAssistant, add: Callable[..., Any], **inputs: Any
) -> None:
    """Add the automation for the leak."""
    await add(
        "alert_with_escalation",
        **{
            "problem": LEAK,
            "recipients_1": [ZHANG],
            "recipients_2": [LI],
            "acknowledge": [TOGGLE, BUTTON],
            "reminders": 1,
            **inputs,
        },
    )


async def leak(hass: HomeAssistant, state: str) -> None:
    """Let water come, or go."""
    set_state(hass, LEAK, state, friendly_name="Leak")
    await happen()


async def told(people: WxPusher, count: int) -> list[tuple[str, str]]:
    """Wait until so many messages have arrived; return them with who got them."""
    await until(lambda: len(people.notifications) >= count)
    await happen()
    messages = [(NAMES[who], text) for who, text in shown(people)]
    assert len(messages) == count
    return messages


async def test_escalation(
    hass: HomeAssistant,
    people: WxPusher,
    add: Callable[..., Any],
    clock: FrozenDateTimeFactory,
) -> None:
    """Test that further people are told in order, until the problem is over."""
    await leak(hass, "off")
    await add_alert(hass, add, recipients_3=[WANG, ZHANG])
    await leak(hass, "on")
    await told(people, 1)
    await pass_time(hass, clock, timedelta(minutes=9, seconds=59))
    await told(people, 1)
    await pass_time(hass, clock, timedelta(seconds=1))
    await told(people, 3)
    await pass_time(hass, clock, timedelta(minutes=10))
    await told(people, 6)
    await pass_time(hass, clock, timedelta(minutes=10))
    await told(people, 9)
    # The last round was that.
    await pass_time(hass, clock, timedelta(hours=5))
    messages = await told(people, 9)
    first = ("Zhang", "⚠️ Leak\nLeak: on since 08:30. It is 08:30 (1/4).")
    assert messages[0] == first
    text = "⚠️ Leak\nLeak: on since 08:30. It is 08:{} ({}/4)."
    assert sorted(messages[1:3]) == [
        ("Li", text.format(40, 2)),
        ("Zhang", text.format(40, 2)),
    ]
    assert sorted(messages[3:6]) == [
        (name, text.format(50, 3)) for name in ("Li", "Wang", "Zhang")
    ]
    assert messages[6][1].endswith("It is 09:00 (4/4).")
    await leak(hass, "off")
    await hass.async_block_till_done()
    everybody = (await told(people, 12))[9:]
    assert sorted(everybody) == [
        (name, "✅ Leak\nLeak: off. All is well again since 14:00.")
        for name in ("Li", "Wang", "Zhang")
    ]


async def test_escalation_over_at_once(
    hass: HomeAssistant, people: WxPusher, add: Callable[..., Any]
) -> None:
    """Test that only those hear of the end who heard of the problem."""
    await leak(hass, "off")
    await add_alert(hass, add)
    await leak(hass, "on")
    await told(people, 1)
    # Gone from the network is not over.
    await leak(hass, "unavailable")
    await leak(hass, "on")
    await told(people, 1)
    await leak(hass, "off")
    await hass.async_block_till_done()
    assert [name for name, _ in await told(people, 2)] == ["Zhang", "Zhang"]
    # The next problem begins anew.
    await leak(hass, "on")
    assert (await told(people, 3))[2][0] == "Zhang"
    await leak(hass, "off")
    await hass.async_block_till_done()


async def test_escalation_not_for_long(
    hass: HomeAssistant,
    people: WxPusher,
    add: Callable[..., Any],
    clock: FrozenDateTimeFactory,
) -> None:
    """Test that a problem that is soon over is none."""
    await leak(hass, "off")
    await add_alert(hass, add, problem_for={"minutes": 2}, all_clear=False)
    await leak(hass, "on")
    await pass_time(hass, clock, timedelta(minutes=1))
    await leak(hass, "off")
    await hass.async_block_till_done()
    await pass_time(hass, clock, timedelta(minutes=5))
    await hass.async_block_till_done()
    assert people.notifications == []
    await leak(hass, "on")
    await pass_time(hass, clock, timedelta(minutes=2))
    await told(people, 1)
    await leak(hass, "off")
    await hass.async_block_till_done()
    await told(people, 1)


@pytest.mark.parametrize(
    ("domain", "action", "entity_id"),
    [("input_boolean", "turn_on", TOGGLE), ("input_button", "press", BUTTON)],
)
async def test_acknowledge(
    hass: HomeAssistant,
    people: WxPusher,
    add: Callable[..., Any],
    clock: FrozenDateTimeFactory,
    domain: str,
    action: str,
    entity_id: str,
) -> None:
    """Test that nobody else is told once somebody has acknowledged."""
    await leak(hass, "off")
    await add_alert(hass, add)
    # An old one does not count.
    await hass.services.async_call(
        domain, action, {"entity_id": entity_id}, blocking=True
    )
    clock.tick(timedelta(minutes=1))
    await leak(hass, "on")
    await told(people, 1)
    await pass_time(hass, clock, timedelta(minutes=10))
    await told(people, 3)
    await hass.services.async_call(
        domain, action, {"entity_id": entity_id}, blocking=True
    )
    await pass_time(hass, clock, timedelta(hours=1))
    await told(people, 3)
    await leak(hass, "off")
    await hass.async_block_till_done()
    messages = (await told(people, 5))[3:]
    assert sorted(name for name, _ in messages) == ["Li", "Zhang"]
    assert all("All is well" in text for _, text in messages)
    assert hass.states.is_state(TOGGLE, "off")


async def press(hass: HomeAssistant) -> None:
    """Press the button that acknowledges."""
    await hass.services.async_call(
        "input_button", "press", {"entity_id": BUTTON}, blocking=True
    )
    await happen()


async def test_press_before_clock_set_back(
    hass: HomeAssistant,
    people: WxPusher,
    add: Callable[..., Any],
    clock: FrozenDateTimeFactory,
) -> None:
    """Test that an old press that lies in the future does not acknowledge."""
    await leak(hass, "off")
    await add_alert(hass, add)
    await press(hass)
    clock.tick(timedelta(hours=-2))
    await leak(hass, "on")
    await told(people, 1)
    await pass_time(hass, clock, timedelta(minutes=10))
    await told(people, 3)
    await press(hass)
    await pass_time(hass, clock, timedelta(hours=1))
    await told(people, 3)
    await leak(hass, "off")
    await hass.async_block_till_done()


async def test_press_after_clock_set_back(
    hass: HomeAssistant,
    people: WxPusher,
    add: Callable[..., Any],
    clock: FrozenDateTimeFactory,
) -> None:
    """Test that a press acknowledges although the clock was set back since the alert."""
    await leak(hass, "off")
    await add_alert(hass, add)
    await press(hass)
    clock.tick(timedelta(minutes=1))
    await leak(hass, "on")
    await told(people, 1)
    clock.tick(timedelta(hours=-2))
    await press(hass)
    await pass_time(hass, clock, timedelta(hours=5))
    await told(people, 1)
    await leak(hass, "off")
    await hass.async_block_till_done()


async def test_button_that_comes_late(
    hass: HomeAssistant,
    people: WxPusher,
    add: Callable[..., Any],
    clock: FrozenDateTimeFactory,
) -> None:
    """Test that an old press does not acknowledge when its button comes back."""
    await leak(hass, "off")
    await add_alert(hass, add)
    await press(hass)
    state = hass.states.get(BUTTON)
    assert state is not None
    set_state(hass, BUTTON, "unavailable")
    clock.tick(timedelta(minutes=1))
    await leak(hass, "on")
    await told(people, 1)
    set_state(hass, BUTTON, state.state)
    await pass_time(hass, clock, timedelta(minutes=10))
    await told(people, 3)
    await press(hass)
    await pass_time(hass, clock, timedelta(hours=1))
    await told(people, 3)
    await leak(hass, "off")
    await hass.async_block_till_done()


async def test_escalation_goes_on_without_the_first(
    hass: HomeAssistant,
    people: WxPusher,
    wecom: WeCom,
    add: Callable[..., Any],
    clock: FrozenDateTimeFactory,
) -> None:
    """Test that the others are told although the first cannot be."""
    recipient = WECOM.recipient | {"name": "Dad"}
    entry = await set_up(hass, WECOM, wecom, recipient=recipient)
    wecom.always(BAD_ANSWERS["error_500"], WECOM.path)
    await leak(hass, "off")
    await add_alert(hass, add, recipients_1=["notify.dad"])
    await leak(hass, "on")
    await until(lambda: len(wecom.requests_to(WECOM.path)) == 1)
    # Its message is kept on disk before the alert goes on, however slow the disk is.
    delivery = entry.runtime_data.delivery
    await until(lambda: delivery.queued == 1)
    await delivery.flush()
    # A machine that is busy gets there late.
    await until(lambda: waits(hass, timedelta(minutes=10)))
    await pass_time(hass, clock, timedelta(minutes=10))
    assert [name for name, _ in await told(people, 1)] == ["Li"]
    wecom.always(None, WECOM.path)
    await leak(hass, "off")
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    ("action", "count"), [("turn_off", 3), ("turn_on", 0)], ids=["open", "acknowledged"]
)
@pytest.mark.parametrize("state", ["on", "unavailable"], ids=["at-once", "late"])
async def test_escalation_over_restart(
    hass: HomeAssistant,
    people: WxPusher,
    add: Callable[..., Any],
    clock: FrozenDateTimeFactory,
    state: str,
    action: str,
    count: int,
) -> None:
    """Test that it begins again after a restart, unless a toggle is on."""
    await hass.services.async_call(
        "input_boolean", action, {"entity_id": TOGGLE}, blocking=True
    )
    hass.set_state(CoreState.not_running)
    await leak(hass, state)
    await add_alert(hass, add, reminders=0, problem_for={"minutes": 1})
    await hass.async_start()
    await happen()
    # Some devices are there only a while after the start.
    await leak(hass, "on")
    await pass_time(hass, clock, timedelta(seconds=59))
    assert people.notifications == []
    await pass_time(hass, clock, timedelta(seconds=1))
    await pass_time(hass, clock, timedelta(minutes=10))
    messages = await told(people, count)
    assert [name for name, _ in messages[:1]] == ["Zhang"][:count]
    await leak(hass, "off")
    await hass.async_block_till_done()
    assert "All is well" in shown(people)[-1][1]


async def test_escalation_over_reload(
    hass: HomeAssistant,
    people: WxPusher,
    add: Callable[..., Any],
    clock: FrozenDateTimeFactory,
) -> None:
    """Test that a run that goes on is not begun again when automations are reloaded."""
    await leak(hass, "off")
    await add_alert(hass, add)
    await leak(hass, "on")
    await told(people, 1)
    hass.bus.async_fire("automation_reloaded")
    await happen()
    await pass_time(hass, clock, timedelta(minutes=10))
    messages = await told(people, 3)
    assert {text[-6:] for _, text in messages[1:]} == {"(2/3)."}
    await leak(hass, "off")
    await hass.async_block_till_done()


async def test_escalation_tells_what_began_it(
    hass: HomeAssistant,
    people: WxPusher,
    add: Callable[..., Any],
    clock: FrozenDateTimeFactory,
) -> None:
    """Test that a reminder speaks of the problem although the sensor is away by then."""
    await leak(hass, "off")
    await add_alert(hass, add)
    await leak(hass, "on")
    await told(people, 1)
    clock.tick(timedelta(minutes=5))
    await leak(hass, "unavailable")
    await pass_time(hass, clock, timedelta(minutes=5))
    messages = await told(people, 3)
    assert {text.splitlines()[-1] for _, text in messages[1:]} == {
        "Leak: on since 08:30. It is 08:40 (2/3)."
    }
    await leak(hass, "off")
    await hass.async_block_till_done()


async def test_escalation_without_sensor(
    hass: HomeAssistant,
    people: WxPusher,
    add: Callable[..., Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Test that a sensor that is missing at a start is no trouble, and no problem."""
    await add_alert(hass, add)
    hass.bus.async_fire("automation_reloaded")
    await happen()
    assert people.notifications == []
    assert "Error" not in caplog.text
    assert "undefined" not in caplog.text
