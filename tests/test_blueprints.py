"""The blueprints can be imported, and work as real automations."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
import shutil
from typing import Any, Final
from urllib.parse import quote

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from homeassistant.components.blueprint import importer
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    label_registry as lr,
)
from homeassistant.setup import async_setup_component
from tests.cameras import CAMERA, add_camera, snapshot
from tests.samples import (
    UID_LI,
    UID_WANG,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    add_recipient,
    set_up,
)
from tests.simulators import BAD_ANSWERS, Simulator, WeCom, WxPusher
from tests.simulators.wxpusher_accounts import Follower

ROOT: Final = Path(__file__).parent.parent
FOLDER: Final = ROOT / "blueprints" / "automation" / "wechat_push"
PAGES: Final = sorted(ROOT.glob("docs/*/messages.md"))

# A Saturday.
THEN: Final = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)

MOTION: Final = "binary_sensor.porch"
LEAK: Final = "binary_sensor.leak"
TOGGLE: Final = "input_boolean.seen"
BUTTON: Final = "input_button.seen"
ZHANG, LI, WANG = "notify.zhang_san", "notify.li_si", "notify.wang_wu"


@pytest.fixture(name="clock", autouse=True)
async def clock_fixture(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> FrozenDateTimeFactory:
    """Return a clock that stands still at a Saturday morning."""
    await hass.config.async_set_time_zone("UTC")
    freezer.move_to(THEN)
    return freezer


@pytest.fixture(name="add")
async def add_fixture(hass: HomeAssistant, tmp_path: Path) -> Callable[..., Any]:
    """Return what adds an automation made with a blueprint."""
    folder = tmp_path / "blueprints" / "automation" / "wechat_push"
    shutil.copytree(FOLDER, folder)
    hass.config.config_dir = str(tmp_path)

    async def add(blueprint: str, **inputs: Any) -> None:
        """Add an automation, with the inputs that a person fills in."""
        config = {
            "id": "1",
            "alias": "Watch",
            "use_blueprint": {
                "path": f"wechat_push/{blueprint}.yaml",
                "input": inputs,
            },
        }
        assert await async_setup_component(hass, "automation", {"automation": config})
        await hass.async_block_till_done()
        assert hass.states.get("automation.watch") is not None
        assert hass.states.is_state("automation.watch", "on")

    return add


async def until(done: Callable[[], bool]) -> None:
    """Wait until something has happened."""
    turns = 0
    while not done():
        # The clock stands still, so that only this ends a wait in vain.
        turns += 1
        assert turns < 100_000
        await asyncio.sleep(0)


async def happen() -> None:
    """Let everything happen that needs no time; a run that waits goes on waiting."""
    for _ in range(300):
        await asyncio.sleep(0)


async def pass_time(
    hass: HomeAssistant, clock: FrozenDateTimeFactory, time: timedelta
) -> None:
    """Let time pass, and everything happen that has waited for it."""
    clock.tick(time)
    async_fire_time_changed(hass)
    await happen()


def set_state(
    hass: HomeAssistant, entity_id: str, state: str, **attributes: Any
) -> None:
    """Set the state of an entity."""
    hass.states.async_set(entity_id, state, attributes)


def shown(simulator: Simulator) -> list[tuple[str, str]]:
    """Return what the phones show: who, and what."""
    return [(each.recipient, each.text) for each in simulator.notifications]


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.stem)
async def test_import(
    hass: HomeAssistant, aioclient_mock: AiohttpClientMocker, path: Path
) -> None:
    """Test that a blueprint is imported from the address that it names itself."""
    source = f"wechat-push/ha-wechat-push/{{}}main/blueprints/automation/wechat_push/{path.name}"
    aioclient_mock.get(
        f"https://raw.githubusercontent.com/{source.format('')}",
        text=path.read_text(encoding="utf-8"),
    )
    address = f"https://github.com/{source.format('blob/')}"
    imported = await importer.fetch_blueprint_from_url(hass, address)
    assert imported.suggested_filename == f"wechat-push/{path.stem}"
    assert imported.blueprint.metadata["source_url"] == address
    assert imported.blueprint.validate() is None
    assert imported.blueprint.metadata["homeassistant"] == {"min_version": "2026.6.0"}
    for each in imported.blueprint.inputs.values():
        assert each["name"]
        assert each["selector"]
    # The buttons of the documents lead there.
    assert len(PAGES) == 2
    for page in PAGES:
        link = f"blueprint_import/?blueprint_url={quote(address, safe='')})"
        assert link in page.read_text(encoding="utf-8")


# Camera snapshot on motion


async def add_snapshot(
    hass: HomeAssistant, add: Callable[..., Any], **inputs: Any
) -> None:
    """Add the automation for the camera at the front door."""
    set_state(hass, MOTION, "off", friendly_name="Porch")
    await add(
        "camera_snapshot_on_motion",
        **{
            "motion_sensors": [MOTION],
            "camera": CAMERA,
            "recipients": hass.states.async_entity_ids("notify"),
            **inputs,
        },
    )


async def move(hass: HomeAssistant) -> None:
    """Let somebody come by."""
    for state in ("on", "off"):
        set_state(hass, MOTION, state, friendly_name="Porch")
        await hass.async_block_till_done()


async def test_snapshot(
    hass: HomeAssistant,
    wecom: WeCom,
    add: Callable[..., Any],
    clock: FrozenDateTimeFactory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Test that the picture arrives with the text, and once in the quiet time."""
    await add_camera(hass, tmp_path, monkeypatch)
    await set_up(hass, WECOM, wecom)
    await add_snapshot(hass, add)
    await move(hass)
    await move(hass)
    assert shown(wecom) == [
        ("@all", "Front door\nPorch, 08:30:00"),
        ("@all", "camera_front_door.jpg"),
    ]
    (upload,) = wecom.requests_to("/cgi-bin/media/upload")
    assert upload.parts[0].data == snapshot()
    clock.tick(timedelta(seconds=59))
    await move(hass)
    assert len(wecom.notifications) == 2
    clock.tick(timedelta(seconds=1))
    await move(hass)
    assert shown(wecom)[2][1] == "Front door\nPorch, 08:31:00"


@pytest.mark.parametrize(
    ("inputs", "count"),
    [
        ({"after": "08:00:00", "before": "09:00:00"}, 1),
        ({"after": "22:00:00", "before": "06:00:00"}, 0),
        ({"people": ["person.dad"]}, 1),
        ({"people": ["person.dad", "person.mum"]}, 0),
        (
            {
                "conditions": [
                    {"condition": "state", "entity_id": "sun.sun", "state": "up"}
                ]
            },
            0,
        ),
    ],
    ids=["daytime", "night", "nobody-home", "somebody-home", "further"],
)
async def test_snapshot_conditions(
    hass: HomeAssistant,
    wecom: WeCom,
    add: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    inputs: dict[str, Any],
    count: int,
) -> None:
    """Test that nothing is sent at other times, or while somebody is home."""
    await add_camera(hass, tmp_path, monkeypatch)
    set_state(hass, "person.dad", "not_home")
    set_state(hass, "person.mum", "home")
    set_state(hass, "sun.sun", "down")
    await set_up(hass, WECOM, wecom)
    await add_snapshot(hass, add, **inputs)
    await move(hass)
    assert len(wecom.requests_to("/cgi-bin/media/upload")) == count


async def test_snapshot_words(
    hass: HomeAssistant,
    wecom: WeCom,
    add: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Test that title, message and link are a person's own."""
    await add_camera(hass, tmp_path, monkeypatch)
    await set_up(hass, WECOM, wecom)
    await add_snapshot(
        hass,
        add,
        title="门口有人",
        message="{{ sensor }}: {{ states.camera | count }}",
        url="https://ha.example.com/",
    )
    await move(hass)
    assert shown(wecom)[0][1] == "门口有人\nPorch: 1\nhttps://ha.example.com/"


async def test_snapshot_without_picture(
    hass: HomeAssistant,
    wecom: WeCom,
    add: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Test that the text arrives if the camera has no picture."""
    file = await add_camera(hass, tmp_path, monkeypatch)
    await set_up(hass, WECOM, wecom)
    await add_snapshot(hass, add)
    file.unlink()
    await move(hass)
    assert [text for _, text in shown(wecom)] == [
        "Front door\nPorch, 08:30:00\n(There is no picture.)"
    ]


# Alert with escalation

MESSAGES: Final = {
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
    names = [(MESSAGES[who], text) for who, text in shown(people)]
    assert len(names) == count
    return names


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
    ("action", "entity_id"),
    [("input_boolean.turn_on", TOGGLE), ("input_button.press", BUTTON)],
)
async def test_acknowledge(
    hass: HomeAssistant,
    people: WxPusher,
    add: Callable[..., Any],
    clock: FrozenDateTimeFactory,
    action: str,
    entity_id: str,
) -> None:
    """Test that nobody else is told once somebody has acknowledged."""
    await leak(hass, "off")
    await add_alert(hass, add)
    # An old one does not count.
    await hass.services.async_call(
        *action.split("."), {"entity_id": entity_id}, blocking=True
    )
    clock.tick(timedelta(minutes=1))
    await leak(hass, "on")
    await told(people, 1)
    clock.tick(timedelta(minutes=1))
    await hass.services.async_call(
        *action.split("."), {"entity_id": entity_id}, blocking=True
    )
    await pass_time(hass, clock, timedelta(hours=1))
    await told(people, 1)
    await leak(hass, "off")
    await hass.async_block_till_done()
    (_, (name, text)) = await told(people, 2)
    assert name == "Zhang"
    assert "All is well" in text
    assert hass.states.is_state(TOGGLE, "off")


async def test_escalation_goes_on_without_the_first(
    hass: HomeAssistant,
    people: WxPusher,
    wecom: WeCom,
    add: Callable[..., Any],
    clock: FrozenDateTimeFactory,
) -> None:
    """Test that the others are told although the first cannot be."""
    await set_up(hass, WECOM, wecom, recipient=WECOM.recipient | {"name": "Dad"})
    wecom.always(BAD_ANSWERS["error_500"], WECOM.path)
    await leak(hass, "off")
    await add_alert(hass, add, recipients_1=["notify.dad"])
    await leak(hass, "on")
    await until(lambda: len(wecom.requests_to(WECOM.path)) == 1)
    await happen()
    await pass_time(hass, clock, timedelta(minutes=10))
    assert [name for name, _ in await told(people, 1)] == ["Li"]
    wecom.always(None, WECOM.path)
    await leak(hass, "off")
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    ("action", "count"), [("turn_off", 3), ("turn_on", 0)], ids=["open", "acknowledged"]
)
async def test_escalation_over_restart(
    hass: HomeAssistant,
    people: WxPusher,
    add: Callable[..., Any],
    clock: FrozenDateTimeFactory,
    action: str,
    count: int,
) -> None:
    """Test that it begins again after a restart, unless a toggle is on."""
    await hass.services.async_call(
        "input_boolean", action, {"entity_id": TOGGLE}, blocking=True
    )
    hass.set_state(CoreState.not_running)
    await leak(hass, "on")
    await add_alert(hass, add, reminders=0, problem_for={"minutes": 1})
    await hass.async_start()
    await happen()
    # A device that comes up late has no new problem.
    await leak(hass, "unavailable")
    await leak(hass, "on")
    await pass_time(hass, clock, timedelta(minutes=1))
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


# Daily digest


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
• Garage: 2 hours
• Kitchen: 2 hours

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
| Garage | 2 hours |
| Kitchen | 2 hours |

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
        **{"recipients": [ZHANG], "time": "10:30:00", **inputs},
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
