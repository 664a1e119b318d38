"""The examples of both READMEs and of the pages of automations do what they say."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
import re
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.script import Script
from homeassistant.setup import async_setup_component
from homeassistant.util import yaml as yaml_util
from tests.samples import PUSHPLUS, WECOM, add_recipient, set_up
from tests.simulators import PushPlus, Simulator, WeCom
from tests.test_blueprints.common import happen, pass_time as let_pass, until

ROOT: Final = Path(__file__).parent.parent
# The pages, and the recipients that they name: two of WeCom, one of PushPlus.
PAGES: Final = {
    "README.md": "docs/en/examples.md",
    "README.zh-Hans.md": "docs/zh-Hans/examples.md",
}
NAMES: Final = {
    "README.md": ("Family", "Family WeCom", "Family PushPlus"),
    "README.zh-Hans.md": ("家人", "家人企业微信", "家人 PushPlus"),
}
LEAK: Final = "binary_sensor.kitchen_leak"
# A Sunday.
THEN: Final = datetime(2026, 11, 29, 19, 5, tzinfo=UTC)

type Example = Callable[[int], Any]


@pytest.fixture(name="example", params=NAMES)
async def example_fixture(
    hass: HomeAssistant,
    wecom: WeCom,
    pushplus: PushPlus,
    freezer: FrozenDateTimeFactory,
    request: pytest.FixtureRequest,
) -> Example:
    """Set up the recipients that the pages name; return what reads their examples."""
    await hass.config.async_set_time_zone("UTC")
    freezer.move_to(THEN)
    family, family_wecom, family_pushplus = NAMES[request.param]
    entry = await set_up(
        hass, WECOM, wecom, recipient={**WECOM.recipient, "name": family}
    )
    fields = {**WECOM.recipient, "name": family_wecom, "targets": ["@ZhangSan"]}
    await add_recipient(hass, entry, fields)
    recipient = {**PUSHPLUS.recipient, "name": family_pushplus}
    await set_up(hass, PUSHPLUS, pushplus, recipient=recipient)
    # The test message that proves a token.
    pushplus.notifications.clear()
    blocks = [
        block
        for page in (request.param, PAGES[request.param])
        for block in re.findall(
            r"^```yaml\n(.*?)^```$",
            (ROOT / page).read_text(encoding="utf-8"),
            re.DOTALL | re.MULTILINE,
        )
    ]
    assert len(blocks) == 5
    return lambda number: yaml_util.parse_yaml(blocks[number])


def shown(simulator: Simulator) -> list[str]:
    """Return the texts that arrived."""
    return [each.text for each in simulator.notifications]


async def perform(hass: HomeAssistant, action: Any) -> None:
    """Perform a single action."""
    await Script(hass, cv.SCRIPT_SCHEMA([action]), "Example", "script").async_run({})
    await hass.async_block_till_done()


async def automate(hass: HomeAssistant, config: Any) -> None:
    """Add an automation."""
    assert await async_setup_component(hass, "automation", {"automation": [config]})
    await hass.async_block_till_done()


async def become(hass: HomeAssistant, entity_id: str, state: str) -> None:
    """Change the state of an entity."""
    hass.states.async_set(entity_id, state)
    await hass.async_block_till_done(wait_background_tasks=True)


async def pass_time(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, time: timedelta
) -> None:
    """Let time pass."""
    freezer.tick(time)
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_first_message(
    hass: HomeAssistant, wecom: WeCom, example: Example
) -> None:
    """Test the first message."""
    await perform(hass, example(0))
    (text,) = shown(wecom)
    assert "\n" in text


@pytest.mark.parametrize(("people", "count"), [("0", 1), ("1", 0)])
async def test_front_door(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    example: Example,
    people: str,
    count: int,
) -> None:
    """Test that the message names the time at which the door was opened."""
    hass.states.async_set("zone.home", people)
    hass.states.async_set("binary_sensor.front_door", "off")
    await automate(hass, example(1))
    await become(hass, "binary_sensor.front_door", "on")
    assert [re.findall(r"\d\d:\d\d:\d\d", text) for text in shown(wecom)] == [
        ["19:05:00"]
    ] * count


async def test_leak(
    hass: HomeAssistant,
    wecom: WeCom,
    pushplus: PushPlus,
    freezer: FrozenDateTimeFactory,
    example: Example,
) -> None:
    """Test that both services tell of water again and again until it is dry."""
    hass.states.async_set(LEAK, "off")
    await automate(hass, example(2))
    hass.states.async_set(LEAK, "on")
    await until(lambda: bool(shown(wecom) and shown(pushplus)))
    await happen()
    await let_pass(hass, freezer, timedelta(minutes=10))
    await until(lambda: len(shown(wecom) + shown(pushplus)) == 4)
    for service in (wecom, pushplus):
        assert [re.findall(r"\d\d:\d\d", text) for text in shown(service)] == [
            ["19:05", "19:05"],
            ["19:05", "19:15"],
        ]
    # The run is over.
    await become(hass, LEAK, "off")
    await pass_time(hass, freezer, timedelta(hours=1))
    assert len(shown(wecom)) == len(shown(pushplus)) == 2


async def test_washing_machine(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory, example: Example
) -> None:
    """Test that the machine is done once it needs no power for a while."""
    power = "sensor.washing_machine_power"
    hass.states.async_set(power, "100")
    await automate(hass, example(3))
    await become(hass, power, "3")
    assert shown(wecom) == []
    await pass_time(hass, freezer, timedelta(minutes=3))
    assert len(shown(wecom)) == 1


@pytest.mark.parametrize(("level", "count"), [("19", 1), ("20", 0)])
async def test_low_batteries(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    example: Example,
    level: str,
    count: int,
) -> None:
    """Test that low batteries are listed on Sunday, if there are any."""
    attributes = {"device_class": "battery", "friendly_name": "Remote"}
    hass.states.async_set("sensor.remote", level, attributes)
    await automate(hass, example(4))
    await pass_time(hass, freezer, timedelta(minutes=5))
    assert len(shown(wecom)) == count
    assert all(re.search("Remote.*19", text) for text in shown(wecom))
    # That of the next day is not waited for.
    (automation,) = hass.states.async_entity_ids("automation")
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": automation}, blocking=True
    )
