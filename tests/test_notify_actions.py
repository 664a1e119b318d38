"""Each recipient is an action of the domain notify too, for what cannot use entities."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_mock_service,
)

from homeassistant.config_entries import ConfigEntry, ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.service import async_get_cached_service_description
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from tests.messages import PUSHPLUS_SEND, WECOM_SEND, WXPUSHER_SEND, body
from tests.pictures import picture, uploaded
from tests.samples import (
    PUSHJET,
    PUSHPLUS,
    UID_LI,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    Sample,
    add_recipient,
    entity_ids,
    set_up,
)
from tests.simulators import Simulator
from tests.simulators.pushjet import Pushjet
from tests.simulators.pushplus import PushPlus
from tests.simulators.wecom import WeCom
from tests.simulators.wxpusher import WxPusher

# What Home Assistant itself has there.
OWN = {"send_message", "persistent_notification"}


def actions(hass: HomeAssistant) -> set[str]:
    """Return the actions of the recipients."""
    return set(hass.services.async_services_for_domain("notify")) - OWN


async def call(hass: HomeAssistant, action: str, **fields: Any) -> None:
    """Call an action of the domain notify."""
    await hass.services.async_call("notify", action, fields, blocking=True)


async def follower(hass: HomeAssistant, entry: ConfigEntry, uid: str, name: str) -> str:
    """Add a recipient; return the subentry that it is kept in."""
    await add_recipient(hass, entry, {"targets": [uid], "name": name, "format": "text"})
    return list(entry.subentries)[-1]


def receivers(simulator: Simulator) -> list[str]:
    """Return who got the messages, in order."""
    return [each.recipient for each in simulator.notifications]


async def test_message(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that an action sends, and that the entity knows of it."""
    await set_up(hass, sample, simulator)
    (entity_id,) = entity_ids(hass)
    assert actions(hass) == {entity_id.partition(".")[2]}
    freezer.move_to("2026-11-21 08:00:00+00:00")
    (action,) = actions(hass)
    await call(hass, action, message="Somebody rings.", title="Front door")
    assert receivers(simulator) == sample.receivers
    assert "Somebody rings." in simulator.notifications[0].text
    state = hass.states.get(entity_id)
    assert state is not None
    assert dt_util.parse_datetime(state.state) == dt_util.utcnow()


@pytest.mark.parametrize(
    ("title", "action"),
    [
        ("Zhang San", "zhang_san"),
        ("家人", "jia_ren"),
        ("Mum & Dad's phones", "mum_dad_s_phones"),
        ("notify", "notify_2"),
        ("Send message", "send_message_2"),
        ("persistent_notification", "persistent_notification_2"),
    ],
)
async def test_name(
    hass: HomeAssistant, wxpusher: WxPusher, title: str, action: str
) -> None:
    """Test that an action is called as its recipient, and takes no other's name."""
    recipient = {**WXPUSHER.recipient, "name": title}
    await set_up(hass, WXPUSHER, wxpusher, recipient=recipient)
    assert actions(hass) == {action}
    await call(hass, action, message="Hello.")
    assert receivers(wxpusher) == [UID_ZHANG]


async def test_name_of_somebody_else(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that an action of another integration stays what it is."""
    calls = async_mock_service(hass, "notify", "zhang_san_wxpusher")
    entry = await set_up(hass, WXPUSHER, wxpusher)
    assert actions(hass) == {"zhang_san_wxpusher", "zhang_san_wxpusher_2"}
    await call(hass, "zhang_san_wxpusher", message="To another.")
    await call(hass, "zhang_san_wxpusher_2", message="To us.")
    assert len(calls) == 1
    assert [each.text for each in wxpusher.notifications] == ["To us."]
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert actions(hass) == {"zhang_san_wxpusher"}


async def test_same_name(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that of two recipients with one name, neither takes over the other's action."""
    named = {**WXPUSHER.recipient, "name": "Zhang San"}
    entry = await set_up(hass, WXPUSHER, wxpusher, recipient=named)
    second = await follower(hass, entry, UID_LI, "Zhang San")
    assert actions(hass) == {"zhang_san", "zhang_san_2"}
    await hass.config_entries.async_reload(entry.entry_id)
    await call(hass, "zhang_san_2", message="one")
    assert receivers(wxpusher) == [UID_LI]
    first = next(each for each in entry.subentries if each != second)
    assert hass.config_entries.async_remove_subentry(entry, first)
    await hass.async_block_till_done()
    # What was meant for the one who is gone must not reach the other.
    assert actions(hass) == {"zhang_san_2"}
    await call(hass, "zhang_san_2", message="two")
    assert receivers(wxpusher) == [UID_LI, UID_LI]


async def test_same_name_in_two_accounts(
    hass: HomeAssistant, wxpusher: WxPusher, wecom: WeCom
) -> None:
    """Test that the order in which accounts come up changes no names."""
    named = {**WXPUSHER.recipient, "name": "Zhang San"}
    first = await set_up(hass, WXPUSHER, wxpusher, recipient=named)
    fields = {"targets": ["ZhangSan"], "name": "Zhang San", "format": "text"}
    second = await set_up(hass, WECOM, wecom, recipient=fields)
    for entry in (first, second):
        assert await hass.config_entries.async_unload(entry.entry_id)
    assert actions(hass) == set()
    for entry in (second, first):
        assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await call(hass, "zhang_san", message="one")
    await call(hass, "zhang_san_2", message="two")
    assert [each.text for each in wxpusher.notifications] == ["one"]
    assert [each.text for each in wecom.notifications] == ["two"]


async def test_entity_that_is_renamed(
    hass: HomeAssistant, wxpusher: WxPusher, entity_registry: er.EntityRegistry
) -> None:
    """Test that an action follows its entity at once, not by surprise at a restart."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    for name in ("dad", "grandpa"):
        (entity_id,) = entity_ids(hass)
        entity_registry.async_update_entity(
            entity_id, new_entity_id=f"notify.{name}", icon="mdi:phone"
        )
        await hass.async_block_till_done()
        assert actions(hass) == {name}
    await hass.config_entries.async_reload(entry.entry_id)
    assert actions(hass) == {"grandpa"}
    await call(hass, "grandpa", message="Hello.")
    assert receivers(wxpusher) == [UID_ZHANG]
    entity_registry.async_update_entity("notify.grandpa", icon="mdi:bell")
    assert actions(hass) == {"grandpa"}
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert actions(hass) == set()


@pytest.mark.parametrize(
    "leave",
    [
        lambda hass, entry: hass.config_entries.async_unload(entry.entry_id),
        lambda hass, entry: hass.config_entries.async_remove(entry.entry_id),
        lambda hass, entry: hass.config_entries.async_set_disabled_by(
            entry.entry_id, ConfigEntryDisabler.USER
        ),
    ],
    ids=["unloaded", "removed", "disabled"],
)
async def test_account_that_goes(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    leave: Callable[[HomeAssistant, ConfigEntry], Awaitable[Any]],
) -> None:
    """Test that no action is left of an account that is gone."""
    entry = await set_up(hass, sample, simulator)
    assert len(actions(hass)) == 1
    await leave(hass, entry)
    await hass.async_block_till_done()
    assert actions(hass) == set()


async def test_option(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that the option of an account takes its actions away and brings them back."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await follower(hass, entry, UID_LI, "Li Si")
    for chosen, expected in (
        (False, set()),
        (True, {"zhang_san_wxpusher", "li_si"}),
        (True, {"zhang_san_wxpusher", "li_si"}),
    ):
        form = await hass.config_entries.options.async_init(entry.entry_id)
        await hass.config_entries.options.async_configure(
            form["flow_id"], {"notify_actions": chosen}
        )
        await hass.async_block_till_done()
        assert actions(hass) == expected


async def test_option_of_one_account(
    hass: HomeAssistant, wxpusher: WxPusher, wecom: WeCom
) -> None:
    """Test that the option concerns its own account alone."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    fields = {**WECOM.recipient, "name": "Family"}
    await set_up(hass, WECOM, wecom, recipient=fields)
    form = await hass.config_entries.options.async_init(entry.entry_id)
    await hass.config_entries.options.async_configure(
        form["flow_id"], {"notify_actions": False}
    )
    await hass.async_block_till_done()
    assert actions(hass) == {"family"}


@pytest.mark.parametrize("target", [UID_LI, [UID_LI, "8001"]])
async def test_target(
    hass: HomeAssistant, wxpusher: WxPusher, target: str | list[str]
) -> None:
    """Test that a target takes the place of the recipient's own."""
    await set_up(hass, WXPUSHER, wxpusher)
    await call(hass, "zhang_san_wxpusher", message="Hello.", target=target)
    sent = body(wxpusher, WXPUSHER_SEND)
    assert sent["uids"] == [UID_LI]
    assert sent.get("topicIds", []) == [8001] * isinstance(target, list)


async def test_target_of_no_sense(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that a target that cannot be one is refused with its text."""
    await set_up(hass, WXPUSHER, wxpusher)
    with pytest.raises(ServiceValidationError, match="nobody is neither a UID"):
        await call(hass, "zhang_san_wxpusher", message="Hello.", target="nobody")
    assert not wxpusher.requests_to(WXPUSHER_SEND)


async def test_data(hass: HomeAssistant, wecom: WeCom, tmp_path: Path) -> None:
    """Test that data takes the fields of our own action."""
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    (tmp_path / "x.jpg").write_bytes(picture())
    await set_up(hass, WECOM, wecom, recipient={**WECOM.recipient, "name": "All"})
    await call(
        hass,
        "all",
        message="Somebody rings.",
        title="Front door",
        data={
            "kind": "textcard",
            "url": "https://example.com/",
            "url_label": "Look",
            "image": str(tmp_path / "x.jpg"),
            "duplicate_check": True,
            "expires_after": {"minutes": 5},
        },
    )
    card, image = (request.json for request in wecom.requests_to(WECOM_SEND))
    assert card["textcard"] == {
        "title": "Front door",
        "description": "Somebody rings.",
        "url": "https://example.com/",
        "btntxt": "Look",
    }
    assert card["enable_duplicate_check"] == 1
    assert image["msgtype"] == "image"
    assert uploaded(wecom).data == picture()


async def test_data_of_pushplus(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that data takes what only one service has."""
    await set_up(hass, PUSHPLUS, pushplus)
    await call(
        hass,
        "family_pushplus",
        message="# Hello",
        data={"template": "markdown", "channel": "mail", "option": "homemail"},
    )
    sent = body(pushplus, PUSHPLUS_SEND)
    assert (sent["template"], sent["channel"]) == ("markdown", "mail")
    assert (sent["option"], sent["content"]) == ("homemail", "# Hello")


@pytest.mark.parametrize("data", [None, {}])
async def test_no_data(
    hass: HomeAssistant, wxpusher: WxPusher, data: dict[str, Any] | None
) -> None:
    """Test that data may be empty, as groups and alerts leave it."""
    await set_up(hass, WXPUSHER, wxpusher)
    await call(hass, "zhang_san_wxpusher", message="Hello.", data=data)
    assert receivers(wxpusher) == [UID_ZHANG]


async def test_failure(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test that a failure is an error, as with the entity."""
    await set_up(hass, PUSHJET, pushjet)
    pushjet.services.clear()
    with pytest.raises(HomeAssistantError, match="secret"):
        await call(hass, "home_alarms_pushjet", message="Hello.")


async def test_alert(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that an alert reaches a recipient, again and again, and tells its end."""
    await set_up(hass, WXPUSHER, wxpusher)
    hass.states.async_set("binary_sensor.water", "off")
    assert await async_setup_component(
        hass,
        "alert",
        {
            "alert": {
                "water": {
                    "name": "Water in the cellar",
                    "message": "There is water.",
                    "done_message": "It is dry again.",
                    "title": "Cellar",
                    "entity_id": "binary_sensor.water",
                    "repeat": 5,
                    "notifiers": ["zhang_san_wxpusher"],
                    "data": {"url": "https://example.com/cellar"},
                }
            }
        },
    )
    hass.states.async_set("binary_sensor.water", "on")
    await hass.async_block_till_done()
    freezer.tick(timedelta(minutes=5, seconds=1))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    hass.states.async_set("binary_sensor.water", "off")
    await hass.async_block_till_done()
    sent = [request.json for request in wxpusher.requests_to(WXPUSHER_SEND)]
    assert [each["content"].rpartition("\n")[2] for each in sent] == [
        "There is water.",
        "There is water.",
        "It is dry again.",
    ]
    assert {each["url"] for each in sent} == {"https://example.com/cellar"}


async def test_group_in_yaml(
    hass: HomeAssistant, wxpusher: WxPusher, pushplus: PushPlus
) -> None:
    """Test that a group of notifiers in YAML reaches recipients of several services."""
    services = [
        {"action": "zhang_san_wxpusher", "data": {"data": {"summary": "Ding dong"}}},
        {"action": "family_pushplus"},
    ]
    group = {"platform": "group", "name": "Everybody", "services": services}
    assert await async_setup_component(hass, "group", {})
    assert await async_setup_component(hass, "notify", {"notify": [group]})
    await set_up(hass, WXPUSHER, wxpusher)
    await set_up(hass, PUSHPLUS, pushplus)
    await call(hass, "everybody", message="Somebody rings.", title="Front door")
    await hass.async_block_till_done()
    assert body(wxpusher, WXPUSHER_SEND)["summary"] == "Ding dong"
    assert body(pushplus, PUSHPLUS_SEND)["title"] == "Front door"
    assert len(wxpusher.notifications) == 1


@pytest.mark.parametrize(
    ("language", "typed", "shown", "labels"),
    [
        (
            "en",
            {},
            "Everyone (WeCom)",
            ["Message", "Title", "Send to instead", "More fields"],
        ),
        (
            "en",
            {"name": "Family"},
            "WeCom: Family",
            ["Message", "Title", "Send to instead", "More fields"],
        ),
        (
            "zh-Hans",
            {"name": "家人"},
            "企业微信：家人",
            ["内容", "标题", "改发给", "更多字段"],
        ),
    ],
    ids=["proposed", "typed", "chinese"],
)
async def test_description(
    hass: HomeAssistant,
    wecom: WeCom,
    language: str,
    typed: dict[str, str],
    shown: str,
    labels: list[str],
) -> None:
    """Test that the editors show whom an action writes to, and the names of its fields."""
    await hass.config.async_update(language=language)
    await set_up(hass, WECOM, wecom, recipient=WECOM.recipient | typed)
    (entity_id,) = entity_ids(hass)
    described = async_get_cached_service_description(
        hass, "notify", entity_id.removeprefix("notify.")
    )
    assert described is not None
    assert described["name"] == shown
    fields = described["fields"]
    assert list(fields) == ["message", "title", "target", "data"]
    assert [field["name"] for field in fields.values()] == labels
    assert [key for key, field in fields.items() if field.get("required")] == [
        "message"
    ]
