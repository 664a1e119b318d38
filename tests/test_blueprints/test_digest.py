"""The blueprint that lists once a day what needs attention."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    label_registry as lr,
)
from tests.samples import WXPUSHER, entity_ids, set_up
from tests.simulators import WxPusher

from .common import set_state, shown


@pytest.fixture(name="house")
async def house_fixture(
    hass: HomeAssistant,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
) -> dr.DeviceEntry:
    """Fill a house with things that need attention, and with others that do not.

    Returns the device of which nothing is available.
    """
    entry = MockConfigEntry(domain="test")
    entry.add_to_hass(hass)

    def entity(domain: str, name: str, device: dr.DeviceEntry) -> str:
        """Add an entity of a device; return its ID."""
        return entity_registry.async_get_or_create(
            domain, "test", name, suggested_object_id=name, device_id=device.id
        ).entity_id

    def device(name: str) -> dr.DeviceEntry:
        """Add a device."""
        return device_registry.async_get_or_create(
            config_entry_id=entry.entry_id, identifiers={("test", name)}, name=name
        )

    plug, lamp = device("Plug | hall"), device("Lamp")
    for name, of, state in (
        ("plug_power", plug, "unavailable"),
        ("plug_energy", plug, "unavailable"),
        ("lamp_power", lamp, "unavailable"),
        ("lamp_energy", lamp, "5"),
    ):
        set_state(hass, entity("sensor", name, of), state, friendly_name=name)
    set_state(hass, "light.old", "unavailable", friendly_name="Old light")
    percent = {"device_class": "battery", "unit_of_measurement": "%"}
    set_state(hass, "sensor.a", "19", friendly_name="Remote", **percent)
    set_state(hass, "sensor.b", "20", friendly_name="Phone", **percent)
    set_state(hass, "sensor.c", "unknown", friendly_name="Key", **percent)
    battery = {"device_class": "battery"}
    set_state(hass, "binary_sensor.a", "on", friendly_name="Smoke", **battery)
    set_state(hass, "binary_sensor.b", "off", friendly_name="Bell", **battery)
    window = {"device_class": "window"}
    set_state(hass, "binary_sensor.c", "on", friendly_name="Kitchen", **window)
    set_state(hass, "binary_sensor.d", "off", friendly_name="Bath", **window)
    set_state(
        hass, "binary_sensor.e", "on", friendly_name="Walk", device_class="motion"
    )
    set_state(hass, "cover.a", "open", friendly_name="Garage", device_class="garage")
    set_state(hass, "cover.b", "open", friendly_name="Blind", device_class="blind")
    update = {"installed_version": "1.0", "latest_version": "1.1"}
    set_state(hass, "update.a", "on", friendly_name="Router update", **update)
    set_state(hass, "update.b", "off", friendly_name="Bridge update", **update)
    return plug


LINES: Final = """\
Low batteries (2)
• Remote: 19 %
• Smoke

Unavailable (2)
• Old light
• Plug | hall

Open (2)
• Garage: 11-21 08:30
• Kitchen: 11-21 08:30

Updates (1)
• Router update: 1.0 → 1.1"""
TABLE: Final = """\
| Low batteries (2) | |
|---|---|
| Remote | 19 % |
| Smoke |  |

| Unavailable (2) | |
|---|---|
| Old light |  |
| Plug \\| hall |  |

| Open (2) | |
|---|---|
| Garage | 11-21 08:30 |
| Kitchen | 11-21 08:30 |

| Updates (1) | |
|---|---|
| Router update | 1.0 → 1.1 |"""


async def digest(
    hass: HomeAssistant,
    add: Callable[..., Any],
    clock: FrozenDateTimeFactory,
    **inputs: Any,
) -> None:
    """Add the automation for the digest, and wait for its time."""
    await add(
        "daily_digest",
        **{"recipients": entity_ids(hass), "time": "10:30:00", **inputs},
    )
    clock.tick(timedelta(hours=2))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    # That of the next day is not waited for.
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "automation.watch"}, blocking=True
    )


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(
    ("style", "content_type", "text"),
    [
        ("lines", 1, f"Digest of 2026-11-21: 7\n{LINES}"),
        ("table", 3, f"### Digest of 2026\\-11\\-21: 7\n\n{TABLE}"),
    ],
    ids=["lines", "table"],
)
async def test_digest(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    add: Callable[..., Any],
    clock: FrozenDateTimeFactory,
    style: str,
    content_type: int,
    text: str,
) -> None:
    """Test that everything is listed that needs attention, and nothing else."""
    await set_up(hass, WXPUSHER, wxpusher)
    await digest(hass, add, clock, format=style)
    (request,) = wxpusher.requests_to(WXPUSHER.path)
    assert request.json["content"] == text
    assert request.json["contentType"] == content_type


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(
    ("inputs", "text"),
    [
        (
            {"unavailable": False, "openings": False, "updates": False},
            "Low batteries (2)\n• Remote: 19 %\n• Smoke",
        ),
        (
            {"batteries": False, "openings": False, "updates": False},
            "Unavailable (2)\n• Old light\n• Plug | hall",
        ),
        (
            {
                "unavailable": False,
                "openings": False,
                "updates": False,
                "battery_level": 30,
                "excluded": ["sensor.a"],
                "batteries_heading": "电量低",
            },
            "电量低 (2)\n• Phone: 20 %\n• Smoke",
        ),
    ],
    ids=["batteries", "unavailable", "own-level"],
)
async def test_digest_choices(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    add: Callable[..., Any],
    clock: FrozenDateTimeFactory,
    inputs: dict[str, Any],
    text: str,
) -> None:
    """Test that only that is listed which was chosen."""
    await set_up(hass, WXPUSHER, wxpusher)
    await digest(hass, add, clock, title="", **inputs)
    assert [each for _, each in shown(wxpusher)] == [text]


async def test_digest_escapes_names(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    add: Callable[..., Any],
    clock: FrozenDateTimeFactory,
) -> None:
    """Test that the name of a device is shown in a table, and nothing else made of it."""
    set_state(
        hass,
        "light.shed",
        "unavailable",
        friendly_name="[Win](https://a.example) <img src=x>\r\n![p](q) *_`\\ Www.b.cn",
    )
    await set_up(hass, WXPUSHER, wxpusher)
    await digest(hass, add, clock, format="table", title="")
    (request,) = wxpusher.requests_to(WXPUSHER.path)
    assert request.json["content"] == (
        "| Unavailable (1) | |\n|---|---|\n"
        r"| \[Win\](https\://a.example) \<img src=x\> \!\[p\](q) \*\_\`\\ Www\.b.cn |  |"
    )


async def test_digest_keeps_names_on_their_lines(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    add: Callable[..., Any],
    clock: FrozenDateTimeFactory,
) -> None:
    """Test that the name of a device makes no line of its own."""
    name = "Shed\r\n\nOpen (1)\n• Safe"
    set_state(hass, "light.shed", "unavailable", friendly_name=name)
    await set_up(hass, WXPUSHER, wxpusher)
    await digest(hass, add, clock, title="")
    (request,) = wxpusher.requests_to(WXPUSHER.path)
    assert request.json["content"] == "Unavailable (1)\n• Shed Open (1) • Safe"


async def test_digest_labels(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    add: Callable[..., Any],
    clock: FrozenDateTimeFactory,
    device_registry: dr.DeviceRegistry,
    label_registry: lr.LabelRegistry,
    house: dr.DeviceEntry,
) -> None:
    """Test that what bears a certain label is not listed."""
    label = label_registry.async_create("Seasonal")
    device_registry.async_update_device(house.id, labels={label.label_id})
    await set_up(hass, WXPUSHER, wxpusher)
    await digest(
        hass,
        add,
        clock,
        title="",
        excluded_labels=[label.label_id],
        batteries=False,
        openings=False,
        updates=False,
    )
    assert [each for _, each in shown(wxpusher)] == ["Unavailable (1)\n• Old light"]


@pytest.mark.parametrize(
    ("inputs", "texts"),
    [
        ({}, []),
        ({"even_if_nothing": True}, ["Everything is fine."]),
        ({"even_if_nothing": True, "weekdays": ["sun"]}, []),
    ],
    ids=["silent", "even-if-nothing", "other-day"],
)
async def test_digest_of_nothing(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    add: Callable[..., Any],
    clock: FrozenDateTimeFactory,
    inputs: dict[str, Any],
    texts: list[str],
) -> None:
    """Test that nothing is sent if there is nothing to say, unless that is wanted."""
    await set_up(hass, WXPUSHER, wxpusher)
    await digest(hass, add, clock, title="", **inputs)
    assert [each for _, each in shown(wxpusher)] == texts
