"""Who may send, and what an action may take back or remove."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_mock_service,
)

from homeassistant.auth.models import Group, User
from homeassistant.auth.permissions.const import CAT_ENTITIES
from homeassistant.auth.permissions.types import PolicyType
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import entity_registry as er
from tests.messages import recall, say
from tests.samples import UID_LI, WXPUSHER, add_recipient, set_up
from tests.simulators import WxPusher

ZHANG = "notify.zhang_san_wxpusher"
LI = "notify.li_si"
FAMILY = "notify.family"

CALLS: dict[str, tuple[str, str, Callable[[str], dict[str, Any]]]] = {
    "notify action": ("notify", "zhang_san_wxpusher", lambda entity_id: {}),
    "send_message": (
        "wechat_push",
        "send_message",
        lambda entity_id: {"entity_id": entity_id},
    ),
    "recall_message": (
        "wechat_push",
        "recall_message",
        lambda entity_id: {"entity_id": entity_id},
    ),
}


def user_who_controls(hass: HomeAssistant, *entity_ids: str) -> User:
    """Return a user who may see everything, and control some entities."""
    policy: PolicyType = {
        CAT_ENTITIES: {
            "all": {"read": True},
            "entity_ids": {
                entity_id: {"control": True, "read": True} for entity_id in entity_ids
            },
        }
    }
    user = MockUser(groups=[Group(name="Guests", policy=policy)])
    user.add_to_hass(hass)
    assert isinstance(user, User)
    return user


@pytest.fixture
async def household(hass: HomeAssistant, wxpusher: WxPusher) -> Any:
    """Return an account with two recipients, who are in a group."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await add_recipient(
        hass, entry, {"targets": [UID_LI], "name": "Li Si", "format": "text"}
    )
    family = MockConfigEntry(
        domain="group",
        title="Family",
        options={
            "group_type": "notify",
            "name": "Family",
            "entities": [ZHANG, LI],
            "hide_members": False,
        },
    )
    family.add_to_hass(hass)
    assert await hass.config_entries.async_setup(family.entry_id)
    await hass.async_block_till_done()
    return entry


@pytest.mark.parametrize("call", CALLS)
async def test_user_who_may_read(
    hass: HomeAssistant, household: Any, wxpusher: WxPusher, call: str
) -> None:
    """Test that a user who may only read neither sends nor takes back."""
    domain, action, target = CALLS[call]
    user = user_who_controls(hass, LI)
    fields = {} if action == "recall_message" else {"message": "Hello."}
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            domain,
            action,
            {**target(ZHANG), **fields},
            blocking=True,
            context=Context(user_id=user.id),
        )
    with pytest.raises(UnknownUser):
        await hass.services.async_call(
            domain,
            action,
            {**target(ZHANG), **fields},
            blocking=True,
            context=Context(user_id="gone"),
        )
    assert not wxpusher.notifications


@pytest.mark.parametrize("call", ["notify action", "send_message"])
async def test_user_who_may_control(
    hass: HomeAssistant,
    household: Any,
    wxpusher: WxPusher,
    call: str,
    hass_admin_user: MockUser,
) -> None:
    """Test that a user with the permission sends, and so does an administrator."""
    domain, action, target = CALLS[call]
    for user in (user_who_controls(hass, ZHANG), hass_admin_user):
        await hass.services.async_call(
            domain,
            action,
            {**target(ZHANG), "message": "Hello."},
            blocking=True,
            context=Context(user_id=user.id),
        )
    assert len(wxpusher.notifications) == 2


@pytest.mark.parametrize(
    ("controlled", "sent"),
    [
        ((FAMILY,), 0),
        ((FAMILY, ZHANG), 0),
        ((ZHANG, LI), 0),
        ((FAMILY, ZHANG, LI), 2),
    ],
)
async def test_group(
    hass: HomeAssistant,
    household: Any,
    wxpusher: WxPusher,
    controlled: tuple[str, ...],
    sent: int,
) -> None:
    """Test that a group takes the permission on it and on each of its members."""
    user = user_who_controls(hass, *controlled)
    call = hass.services.async_call(
        "wechat_push",
        "send_message",
        {"entity_id": FAMILY, "message": "Hello."},
        blocking=True,
        context=Context(user_id=user.id),
    )
    result: Any = None
    try:
        await call
    except Unauthorized as err:
        result = err
    assert (result is None) is bool(sent)
    assert len(wxpusher.notifications) == sent


async def test_all(hass: HomeAssistant, household: Any, wxpusher: WxPusher) -> None:
    """Test that all entities are those that the user may control."""
    user = user_who_controls(hass, LI)
    await hass.services.async_call(
        "wechat_push",
        "send_message",
        {"entity_id": "all", "message": "Hello."},
        blocking=True,
        context=Context(user_id=user.id),
    )
    assert [each.recipient for each in wxpusher.notifications] == [UID_LI]


async def test_action_that_was_taken_over(
    hass: HomeAssistant, household: Any, wxpusher: WxPusher
) -> None:
    """Test that unloading leaves the action of whoever has taken the name."""
    calls = async_mock_service(hass, "notify", "zhang_san_wxpusher")
    assert await hass.config_entries.async_unload(household.entry_id)
    assert hass.services.has_service("notify", "zhang_san_wxpusher")
    assert not hass.services.has_service("notify", "li_si")
    await hass.services.async_call(
        "notify", "zhang_san_wxpusher", {"message": "Hello."}, blocking=True
    )
    assert len(calls) == 1


async def test_disabled_entity(
    hass: HomeAssistant, household: Any, wxpusher: WxPusher
) -> None:
    """Test that a disabled entity has no action."""
    registry = er.async_get(hass)
    registry.async_update_entity(LI, disabled_by=er.RegistryEntryDisabler.USER)
    await hass.async_block_till_done()
    assert not hass.services.has_service("notify", "li_si")
    await hass.config_entries.async_reload(household.entry_id)
    await hass.async_block_till_done()
    assert not hass.services.has_service("notify", "li_si")
    assert hass.services.has_service("notify", "zhang_san_wxpusher")


async def test_recall_of_another(
    hass: HomeAssistant, household: Any, wxpusher: WxPusher
) -> None:
    """Test that an ID takes back only what was sent to this recipient."""
    answer = await say(hass, "Hello.", entity_id=ZHANG)
    (accepted,) = answer[ZHANG]["accepted"]
    for given in (accepted["message_id"], answer[ZHANG]["handle"]):
        with pytest.raises(ServiceValidationError, match="Li Si"):
            await recall(hass, entity_id=LI, message_id=given)
    assert wxpusher.contents
    # Over a reload as well.
    await hass.config_entries.async_reload(household.entry_id)
    await recall(hass, entity_id=ZHANG, message_id=accepted["message_id"])
    assert not wxpusher.contents
