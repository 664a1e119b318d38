"""The examples of the pages about messages work, and the pages tell of every field."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
import re
from typing import Any, Final

import pytest
import yaml

from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.script import Script
from homeassistant.setup import async_setup_component
from homeassistant.util import yaml as yaml_util
from tests.pictures import picture, set_up_camera, uploaded
from tests.samples import PUSHPLUS, WECOM, WXPUSHER, set_up, take_clicks
from tests.simulators import PushPlus, WeCom, WxPusher

ROOT: Final = Path(__file__).parent.parent
LANGUAGES: Final = ("en", "zh-Hans")
SERVICES: Final = yaml.safe_load(
    (ROOT / "custom_components" / "wechat_push" / "services.yaml").read_text("utf-8")
)


@dataclass(frozen=True, kw_only=True, slots=True)
class House:
    """A Home Assistant with recipients of three services, and what they got."""

    hass: HomeAssistant
    wecom: WeCom
    wxpusher: WxPusher
    pushplus: PushPlus

    @property
    def wecom_bodies(self) -> list[dict[str, Any]]:
        """Return the messages that WeCom got."""
        return [request.json for request in self.wecom.requests_to(WECOM.path)]

    @property
    def wxpusher_bodies(self) -> list[dict[str, Any]]:
        """Return the messages that WxPusher got."""
        return [request.json for request in self.wxpusher.requests_to(WXPUSHER.path)]


type Use = Callable[[HomeAssistant, str], Awaitable[None]]
type Check = Callable[[House], None]


def page(language: str) -> str:
    """Return the page about messages."""
    return (ROOT / "docs" / language / "messages.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the examples of a page."""
    return re.findall(r"^```yaml\n(.*?)^```$", page(language), re.DOTALL | re.MULTILINE)


def fields() -> set[str]:
    """Return the fields of both actions."""
    found: set[str] = set()
    for action in SERVICES.values():
        for name, field in action["fields"].items():
            found |= set(field.get("fields", ())) if "collapsed" in field else {name}
    return found


def set_states(hass: HomeAssistant) -> None:
    """Put the entities in place that the examples name."""
    for entity_id, state in (
        ("binary_sensor.garage_door", "off"),
        ("binary_sensor.doorbell", "off"),
        ("binary_sensor.kitchen_leak", "off"),
        ("cover.gate", "closed"),
    ):
        hass.states.async_set(entity_id, state)
    hass.states.async_set(
        "sensor.bath",
        "21.5",
        {
            "device_class": "temperature",
            "unit_of_measurement": "°C",
            "friendly_name": "Bath",
        },
    )


@pytest.fixture(name="house")
async def house_fixture(
    hass: HomeAssistant,
    wecom: WeCom,
    wxpusher: WxPusher,
    pushplus: PushPlus,
) -> House:
    """Return a house with the recipients and the camera that the examples name."""
    await set_up_camera(hass)
    set_states(hass)
    for sample, simulator, name in (
        (WECOM, wecom, "Family WeCom"),
        (WXPUSHER, wxpusher, "Dad WxPusher"),
        (PUSHPLUS, pushplus, "Family PushPlus"),
    ):
        recipient = {**sample.recipient, "name": name}
        entry = await set_up(hass, sample, simulator, recipient=recipient)
        if sample is WECOM:
            # The only condition of cards with buttons.
            await take_clicks(hass, wecom, entry)
    return House(hass=hass, wecom=wecom, wxpusher=wxpusher, pushplus=pushplus)


def read(block: str) -> Any:
    """Return what an example holds."""
    return yaml_util.parse_yaml(block)


async def use_action(hass: HomeAssistant, block: str) -> None:
    """Perform a single action."""
    sequence = cv.SCRIPT_SCHEMA([read(block)])
    await Script(hass, sequence, "Example", "script").async_run({})
    await hass.async_block_till_done()


async def use_script(hass: HomeAssistant, block: str) -> None:
    """Add a script and run it."""
    config = {"script": {"example": read(block)}}
    assert await async_setup_component(hass, "script", config)
    await hass.services.async_call("script", "example", blocking=True)


async def use_automation(hass: HomeAssistant, block: str) -> None:
    """Add an automation and let its trigger happen."""
    config = read(block)
    assert await async_setup_component(hass, "automation", {"automation": [config]})
    await hass.async_block_till_done()
    (trigger,) = config["triggers"]
    hass.states.async_set(trigger["entity_id"], trigger["to"])
    await hass.async_block_till_done()


async def use_alert(hass: HomeAssistant, block: str) -> None:
    """Add an alert; begin and end what it is for."""
    assert await async_setup_component(hass, "alert", read(block))
    await hass.async_block_till_done()
    for state in ("on", "off"):
        hass.states.async_set("binary_sensor.garage_door", state)
        await hass.async_block_till_done()


async def use_group(hass: HomeAssistant, block: str) -> None:
    """Write to a group in YAML."""
    (group,) = read(block)["notify"]
    await hass.services.async_call(
        "notify", group["name"], {"title": "1", "message": "2"}, blocking=True
    )
    await hass.async_block_till_done()


def check_alert(house: House) -> None:
    """The alert was sent at its begin and its end."""
    assert [body["msgtype"] for body in house.wecom_bodies] == ["text", "text"]


def check_group(house: House) -> None:
    """Both members got the message, the second in its own format."""
    assert [body["text"] for body in house.wecom_bodies] == [{"content": "1\n2"}]
    assert [body["contentType"] for body in house.wxpusher_bodies] == [3]


def check_plain(house: House) -> None:
    """Both recipients got the message, with its time."""
    (wecom,), (wxpusher,) = house.wecom_bodies, house.wxpusher_bodies
    assert re.search(r"\d\d:\d\d", wecom["text"]["content"])
    assert wxpusher["content"] == wecom["text"]["content"]
    assert wxpusher["summary"]


def check_table(house: House) -> None:
    """The table holds the sensor."""
    (body,) = house.wxpusher_bodies
    assert body["contentType"] == 3
    assert body["content"].endswith("|\n|---|---:|\n| Bath | 21.5 °C |")


def check_snapshot(house: House) -> None:
    """The text arrived with the link, and then the picture."""
    text, image = house.wecom_bodies
    assert text["text"]["content"].endswith("https://home.example.com/lovelace/door")
    assert image["msgtype"] == "image"
    assert uploaded(house.wecom).data == picture()


def check_textcard(house: House) -> None:
    """The card arrived."""
    (body,) = house.wecom_bodies
    assert body["textcard"]["url"] == "https://home.example.com/energy"
    assert body["textcard"]["btntxt"]


def check_card(house: House) -> None:
    """The card has its rows and buttons."""
    (body,) = house.wecom_bodies
    card = body["template_card"]
    assert card["card_type"] == "button_interaction"
    assert len(card["horizontal_content_list"]) == 2
    assert [button["type"] for button in card["button_list"]] == [1, 0]
    assert card["source"]["desc"]


def check_recall(house: House) -> None:
    """The message was taken back that had been sent."""
    assert len(house.wecom_bodies) == 1
    assert [sent.recalled for sent in house.wecom.messages.values()] == [True]


# In the order of the pages: how an example is used, and what comes of it.
EXAMPLES: Final[dict[str, tuple[Use, Check]]] = {
    "alert": (use_alert, check_alert),
    "group": (use_group, check_group),
    "plain": (use_automation, check_plain),
    "table": (use_action, check_table),
    "snapshot": (use_automation, check_snapshot),
    "textcard": (use_action, check_textcard),
    "card": (use_action, check_card),
    "recall": (use_script, check_recall),
}


@pytest.fixture(name="groups", params=LANGUAGES)
async def groups_fixture(hass: HomeAssistant, request: pytest.FixtureRequest) -> str:
    """Set up the groups in YAML of a page, as at a start; return its language."""
    language: str = request.param
    block = blocks(language)[list(EXAMPLES).index("group")]
    assert await async_setup_component(hass, "notify", read(block))
    await hass.async_block_till_done()
    return language


@pytest.mark.parametrize("name", EXAMPLES)
async def test_example(groups: str, house: House, name: str) -> None:
    """Test that an example does what the page says."""
    found = blocks(groups)
    assert len(found) == len(EXAMPLES)
    use, check = EXAMPLES[name]
    await use(house.hass, found[list(EXAMPLES).index(name)])
    check(house)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_recall_queued(
    hass: HomeAssistant, wecom: WeCom, house: House, language: str
) -> None:
    """Test that the script takes back a message that an outage has kept."""
    await wecom.stop()
    await use_script(hass, blocks(language)[list(EXAMPLES).index("recall")])
    event = hass.states.get("event.family_wecom_delivery")
    assert event is not None
    assert event.attributes["event_type"] == "cleared"
    queued = hass.states.get("sensor.wecom_home_alarms_queued_messages")
    assert queued is not None
    assert queued.state == "0"
    assert house.wecom_bodies == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_fields(language: str) -> None:
    """Test that the page explains every field, and none that does not exist."""
    rows = re.findall(
        r"^\| ((?:`\w+`(?:, |、)?)+) \| [^|]+ \|$", page(language), re.MULTILINE
    )
    explained = [name for row in rows for name in re.findall(r"\w+", row)]
    assert sorted(explained) == sorted(fields())
