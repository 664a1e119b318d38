"""The blueprint that sends a picture when something moves."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import HomeAssistant
from tests.pictures import set_up_camera, uploaded, uploads
from tests.samples import UID_ZHANG, WECOM, WXPUSHER, set_up
from tests.simulators import WeCom, WxPusher

from .common import set_state, shown

CAMERA: Final = "camera.front_door"
MOTION: Final = "binary_sensor.porch"


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
) -> None:
    """Test that the picture arrives with the text, and once in the quiet time."""
    camera = await set_up_camera(hass)
    await set_up(hass, WECOM, wecom)
    await add_snapshot(hass, add)
    await move(hass)
    await move(hass)
    assert shown(wecom) == [
        ("@all", "Front door\nPorch, 08:30:00"),
        ("@all", "camera_front_door.jpg"),
    ]
    assert uploaded(wecom).data == camera.content
    clock.tick(timedelta(seconds=59))
    await move(hass)
    assert len(wecom.notifications) == 2
    clock.tick(timedelta(seconds=1))
    await move(hass)
    assert shown(wecom)[2][1] == "Front door\nPorch, 08:31:00"


async def test_snapshot_after_clock_set_back(
    hass: HomeAssistant,
    wecom: WeCom,
    add: Callable[..., Any],
    clock: FrozenDateTimeFactory,
) -> None:
    """Test that motion counts although the last one lies in the future."""
    await set_up_camera(hass)
    await set_up(hass, WECOM, wecom)
    await add_snapshot(hass, add)
    await move(hass)
    assert len(uploads(wecom)) == 1
    clock.tick(timedelta(days=-9))
    await move(hass)
    assert [text for _, text in shown(wecom)][2] == "Front door\nPorch, 08:30:00"
    # From then on, the quiet time counts again.
    clock.tick(timedelta(seconds=59))
    await move(hass)
    assert len(shown(wecom)) == 4
    clock.tick(timedelta(seconds=1))
    await move(hass)
    assert len(shown(wecom)) == 6


async def test_snapshot_without_picture_after_clock_set_back(
    hass: HomeAssistant,
    wecom: WeCom,
    add: Callable[..., Any],
    clock: FrozenDateTimeFactory,
) -> None:
    """Test that the text arrives although the last message lies in the future."""
    camera = await set_up_camera(hass)
    await set_up(hass, WECOM, wecom)
    await add_snapshot(hass, add)
    await move(hass)
    assert len(shown(wecom)) == 2
    clock.tick(timedelta(days=-9))
    camera.content = None
    await move(hass)
    assert [text for _, text in shown(wecom)][2:] == [
        "Front door\nPorch, 08:30:00\n[camera.front_door could not be sent]"
    ]


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
    inputs: dict[str, Any],
    count: int,
) -> None:
    """Test that nothing is sent at other times, or while somebody is home."""
    await set_up_camera(hass)
    set_state(hass, "person.dad", "not_home")
    set_state(hass, "person.mum", "home")
    set_state(hass, "sun.sun", "down")
    await set_up(hass, WECOM, wecom)
    await add_snapshot(hass, add, **inputs)
    await move(hass)
    assert len(uploads(wecom)) == count


async def test_snapshot_words(
    hass: HomeAssistant,
    wecom: WeCom,
    add: Callable[..., Any],
) -> None:
    """Test that title, message and link are a person's own."""
    await set_up_camera(hass)
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
) -> None:
    """Test that the text arrives if the camera has no picture."""
    camera = await set_up_camera(hass)
    await set_up(hass, WECOM, wecom)
    await add_snapshot(hass, add)
    camera.content = None
    await move(hass)
    assert [text for _, text in shown(wecom)] == [
        "Front door\nPorch, 08:30:00\n[camera.front_door could not be sent]"
    ]


async def test_snapshot_refused_in_part(
    hass: HomeAssistant,
    wecom: WeCom,
    add: Callable[..., Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Test that nobody is written to again because another one is gone."""
    await set_up_camera(hass)
    recipient = {**WECOM.recipient, "targets": ["@ZhangSan", "@LiSi"]}
    await set_up(hass, WECOM, wecom, recipient=recipient)
    await add_snapshot(hass, add)
    del wecom.agents[int(WECOM.account["agent_id"])].users["lisi"]
    await move(hass)
    assert [who for who, _ in shown(wecom)] == ["zhangsan", "zhangsan"]
    assert "refused the message for these targets: LiSi (invaliduser)" in caplog.text


async def test_snapshot_picture_for_some(
    hass: HomeAssistant, wecom: WeCom, wxpusher: WxPusher, add: Callable[..., Any]
) -> None:
    """Test that only those get the text alone whom the picture cannot reach."""
    await set_up_camera(hass)
    await set_up(hass, WECOM, wecom)
    # Without an external address, a picture cannot be linked to.
    await set_up(hass, WXPUSHER, wxpusher)
    await add_snapshot(hass, add)
    await move(hass)
    assert shown(wecom) == [
        ("@all", "Front door\nPorch, 08:30:00"),
        ("@all", "camera_front_door.jpg"),
    ]
    assert shown(wxpusher) == [
        (
            UID_ZHANG,
            "Front door\nPorch, 08:30:00\n[camera.front_door could not be sent]",
        )
    ]


async def test_snapshot_by_hand(
    hass: HomeAssistant, wecom: WeCom, add: Callable[..., Any]
) -> None:
    """Test that somebody can run it, where nothing has triggered it."""
    await set_up_camera(hass)
    await set_up(hass, WECOM, wecom)
    await add_snapshot(hass, add)
    await hass.services.async_call(
        "automation", "trigger", {"entity_id": "automation.watch"}, blocking=True
    )
    await hass.async_block_till_done()
    assert shown(wecom)[0][1] == "Front door\nFront door, 08:30:00"
