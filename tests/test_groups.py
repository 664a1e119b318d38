"""Actions resolve their targets themselves: groups, areas, and what is not ours."""

from collections.abc import Mapping
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import (
    area_registry as ar,
    config_validation as cv,
    device_registry as dr,
    entity_registry as er,
    floor_registry as fr,
    label_registry as lr,
)
from homeassistant.setup import async_setup_component
from tests.entities import add_group
from tests.messages import recall, refusal, say, tell
from tests.samples import (
    UID_LI,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    add_recipient,
    devices_of,
    set_up,
)
from tests.simulators import WeCom, WxPusher

ZHANG = "notify.zhang_san_wxpusher"
LI = "notify.li_si"


@pytest.fixture
async def household(hass: HomeAssistant, wxpusher: WxPusher) -> Any:
    """Return an account with two recipients."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await add_recipient(
        hass, entry, {"targets": [UID_LI], "name": "Li Si", "format": "text"}
    )
    return entry


def receivers(wxpusher: WxPusher) -> list[str]:
    """Return who got messages."""
    return sorted(each.recipient for each in wxpusher.notifications)


async def phone(hass: HomeAssistant) -> str:
    """Return a notify entity of another integration."""
    entity = er.async_get(hass).async_get_or_create(
        "notify", "mobile_app", "1", suggested_object_id="phone"
    )
    hass.states.async_set(entity.entity_id, "unknown")
    return entity.entity_id


async def test_group(hass: HomeAssistant, household: Any, wxpusher: WxPusher) -> None:
    """Test that a group stands for its members, and that the answer names them."""
    family = await add_group(hass, "Family", ZHANG, LI)
    answer = await say(hass, "Dinner", entity_id=family)
    assert answer.keys() == {ZHANG, LI}
    assert receivers(wxpusher) == sorted([UID_LI, UID_ZHANG])
    await recall(hass, entity_id=family)
    assert not wxpusher.contents


async def test_nested_groups(
    hass: HomeAssistant, household: Any, wxpusher: WxPusher
) -> None:
    """Test that groups in groups are resolved, and that nobody gets two messages."""
    inner = await add_group(hass, "Inner", LI)
    outer = await add_group(hass, "Outer", inner, ZHANG, LI)
    await tell(hass, "Dinner", entity_id=[outer, inner, ZHANG])
    assert receivers(wxpusher) == sorted([UID_LI, UID_ZHANG])


async def test_group_in_itself(
    hass: HomeAssistant, household: Any, wxpusher: WxPusher
) -> None:
    """Test that groups that contain each other are resolved as well."""
    await add_group(hass, "One", "notify.two", ZHANG)
    await add_group(hass, "Two", "notify.one", LI)
    await tell(hass, "Dinner", entity_id="notify.one")
    assert receivers(wxpusher) == sorted([UID_LI, UID_ZHANG])


async def test_group_with_others(
    hass: HomeAssistant, household: Any, wxpusher: WxPusher
) -> None:
    """Test that the members of a group that are ours are reached."""
    mixed = await add_group(hass, "Mixed", await phone(hass), ZHANG)
    await tell(hass, "Dinner", entity_id=mixed)
    assert receivers(wxpusher) == [UID_ZHANG]


async def test_group_of_old(
    hass: HomeAssistant, household: Any, wxpusher: WxPusher
) -> None:
    """Test a group in YAML."""
    family = {"family": {"entities": [ZHANG, LI]}}
    assert await async_setup_component(hass, "group", {"group": family})
    await hass.async_block_till_done()
    await tell(hass, "Dinner", entity_id="group.family")
    assert receivers(wxpusher) == sorted([UID_LI, UID_ZHANG])


async def test_member_that_is_gone(
    hass: HomeAssistant, household: Any, wxpusher: WxPusher, wecom: WeCom
) -> None:
    """Test that a member that cannot be reached is named, and the others are reached."""
    other = await set_up(hass, WECOM, wecom)
    family = await add_group(hass, "Family", ZHANG, "notify.everyone_wecom")
    assert await hass.config_entries.async_unload(other.entry_id)
    with pytest.raises(HomeAssistantError) as raised:
        await tell(hass, "Dinner", entity_id=family)
    assert str(raised.value) == (
        "Failed for 1 of 2 recipients:\n"
        "Not a recipient of WeChat Push, or not available: notify.everyone_wecom."
    )
    assert receivers(wxpusher) == [UID_ZHANG]


async def test_nobody_of_a_group(
    hass: HomeAssistant, household: Any, wxpusher: WxPusher
) -> None:
    """Test that a group that contains none of ours is an error."""
    family = await add_group(hass, "Family", await phone(hass))
    expected = f"Not a recipient of WeChat Push, or not available: {family}"
    assert await refusal(hass, "Dinner", entity_id=family) == expected
    assert await hass.config_entries.async_unload(household.entry_id)
    family = await add_group(hass, "Friends", ZHANG)
    with pytest.raises(ServiceValidationError, match="not available: notify.friends"):
        await tell(hass, "Dinner", entity_id=family)


@pytest.mark.parametrize("named", ["notify.phone", "notify.missing", "light.hall"])
async def test_not_ours(
    hass: HomeAssistant, household: Any, wxpusher: WxPusher, named: str
) -> None:
    """Test that an entity that was named in vain is named in the error."""
    await phone(hass)
    hass.states.async_set("light.hall", "on")
    with pytest.raises(HomeAssistantError) as raised:
        await tell(hass, "Dinner", entity_id=[ZHANG, named])
    assert named in str(raised.value)
    assert receivers(wxpusher) == [UID_ZHANG]
    # Together with a failure.
    with pytest.raises(HomeAssistantError) as raised:
        await tell(hass, "Dinner", entity_id=[ZHANG, named], targets="!")
    assert "Zhang San (WxPusher): ! is neither a UID" in str(raised.value)
    assert named in str(raised.value)
    # Alone.
    assert named in await refusal(hass, "Dinner", entity_id=named)
    with pytest.raises(ServiceValidationError, match=named):
        await recall(hass, entity_id=named)


async def test_unavailable(
    hass: HomeAssistant, household: Any, wxpusher: WxPusher
) -> None:
    """Test that a recipient whose account is not loaded is named."""
    assert await hass.config_entries.async_unload(household.entry_id)
    assert ZHANG in await refusal(hass, "Dinner", entity_id=ZHANG)


@pytest.mark.parametrize("way", ["area", "floor", "label", "device"])
async def test_other_targets(
    hass: HomeAssistant, household: Any, wxpusher: WxPusher, way: str
) -> None:
    """Test that areas, floors, labels and devices lead to their recipients."""
    floor = fr.async_get(hass).async_create("Ground")
    area = ar.async_get(hass).async_create("Kitchen", floor_id=floor.floor_id)
    label = lr.async_get(hass).async_create("Urgent")
    devices = devices_of(dr.async_get(hass), household)
    dr.async_get(hass).async_update_device(
        devices["Li Si"], area_id=area.id, labels={label.label_id}
    )
    registry = er.async_get(hass)
    light = registry.async_get_or_create("light", "demo", "1")
    registry.async_update_entity(
        light.entity_id, area_id=area.id, labels={label.label_id}
    )
    target: Mapping[str, str] = {
        "area": {"area_id": area.id},
        "floor": {"floor_id": floor.floor_id},
        "label": {"label_id": label.label_id},
        "device": {"device_id": devices["Li Si"]},
    }[way]
    await tell(hass, "Dinner", **target)
    assert receivers(wxpusher) == [UID_LI]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({}, "Choose at least one recipient as the target"),
        ({"entity_id": ["", None, "unknown"]}, "Choose at least one recipient"),
        ({"entity_id": "not an entity"}, "The target is invalid."),
        ({"entity_id": {"a": 1}}, "The target is invalid."),
        ({"area_id": "empty"}, "The target contains no recipient of WeChat Push"),
        (
            {"area_id": "nowhere"},
            "Not a recipient of WeChat Push, or not available: no",
        ),
    ],
    ids=str,
)
async def test_no_target(
    hass: HomeAssistant,
    household: Any,
    wxpusher: WxPusher,
    target: dict[str, Any],
    expected: str,
) -> None:
    """Test that a call that names nobody is an error that a person understands."""
    ar.async_get(hass).async_create("Empty")
    for action in ("send_message", "recall_message"):
        with pytest.raises(ServiceValidationError) as raised:
            await hass.services.async_call("wechat_push", action, target, blocking=True)
        assert str(raised.value).startswith(expected)
    assert not receivers(wxpusher)


async def test_all_and_none(
    hass: HomeAssistant, household: Any, wxpusher: WxPusher
) -> None:
    """Test the two targets that are words."""
    await tell(hass, "Dinner", entity_id="none")
    assert not receivers(wxpusher)
    answer = await say(hass, "Dinner", entity_id="all")
    assert answer.keys() == {ZHANG, LI}


@pytest.mark.skipif(
    "exclude" not in cv.ENTITY_SERVICE_FIELDS,
    reason="this Home Assistant cannot exclude targets",
)
async def test_exclude(hass: HomeAssistant, household: Any, wxpusher: WxPusher) -> None:
    """Test that what is excluded is not reached."""
    family = await add_group(hass, "Family", ZHANG, LI)
    for target in (family, "all"):
        await tell(hass, "Dinner", entity_id=target, exclude={"entity_id": [ZHANG]})
    assert receivers(wxpusher) == [UID_LI, UID_LI]
