"""Recipients are changed in the form that they were added with, and are there once."""

from typing import Any

import pytest

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import device_registry as dr, entity_registry as er
from tests.samples import (
    FRIEND,
    FRIENDS,
    ONESELF,
    PUSHJET,
    PUSHPLUS,
    UID_LI,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    Sample,
    add_recipient,
    entity_ids,
    fill_in_recipient,
    send,
    set_up,
    suggested,
)
from tests.simulators import Pushjet, PushPlus, Simulator, WeCom
from tests.simulators.pushjet import PHONE, SECRET, Service, Subscription
from tests.texts import NEW_CHOICE


async def open_form(
    hass: HomeAssistant, entry: ConfigEntry, recipient_id: str
) -> dict[str, Any]:
    """Open the form of a recipient."""
    form = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "recipient"),
        context={"source": "reconfigure", "subentry_id": recipient_id},
    )
    assert form["type"] is FlowResultType.FORM
    return dict(form)


async def fill_in(
    hass: HomeAssistant, form: dict[str, Any], fields: dict[str, Any]
) -> dict[str, Any]:
    """Fill in the form."""
    entry = hass.config_entries.async_get_known_entry(form["handler"][0])
    return await fill_in_recipient(hass, form["flow_id"], entry, fields)


@pytest.mark.parametrize(
    ("sample", "recipient", "shown"),
    [
        pytest.param(
            WXPUSHER,
            {"targets": [f"8001 {UID_ZHANG}"], "format": "html"},
            {
                "name": "Zhang San, 8001 (WxPusher)",
                "targets": [UID_ZHANG, "8001"],
                "format": "html",
            },
            id="wxpusher",
        ),
        pytest.param(
            WECOM,
            {"targets": ["+1 #2 zhangsan"], "format": "markdown"},
            {
                "name": "张三, #2, +1 (WeCom)",
                "targets": ["@zhangsan", "#2", "+1"],
                "format": "markdown",
                "ordinary_wechat": True,
            },
            id="wecom",
        ),
        pytest.param(
            WECOM,
            {"targets": ["@all"], "format": "text"},
            {
                "name": "Everyone (WeCom)",
                "targets": ["@all"],
                "format": "text",
                "ordinary_wechat": True,
            },
            id="wecom-everyone",
        ),
        pytest.param(
            PUSHPLUS,
            {**ONESELF, "channel": "account_default"},
            {
                "name": "Me, Account default (PushPlus)",
                **ONESELF,
                "channel": "account_default",
            },
            id="pushplus",
        ),
        pytest.param(
            PUSHPLUS,
            {**FRIENDS, "template": "json"},
            {
                **ONESELF,
                "name": "Friends (PushPlus)",
                "kind": "friends",
                "template": "json",
            },
            id="pushplus-friends-are-secret",
        ),
        pytest.param(
            PUSHJET,
            PUSHJET.recipient,
            {"name": "Home alarms (Pushjet)"},
            id="pushjet-secret",
        ),
    ],
)
async def test_form(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    recipient: dict[str, Any],
    shown: dict[str, Any],
) -> None:
    """Test that the form shows the recipient as it is, but for its secrets."""
    entry = await set_up(hass, sample, simulator, recipient=recipient)
    (recipient_id,) = entry.subentries
    form = await open_form(hass, entry, recipient_id)
    assert form["step_id"] == f"reconfigure_{sample.service}"
    assert suggested(form) == {**shown, "when_down": "keep"}


async def test_new_channel(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that a channel that the form does not know can stay, and only there."""
    entry = await set_up(hass, PUSHPLUS, pushplus)
    (recipient,) = entry.subentries.values()
    data = {**recipient.data, "channel": NEW_CHOICE}
    hass.config_entries.async_update_subentry(entry, recipient, data=data)
    form = await open_form(hass, entry, recipient.subentry_id)
    result = await fill_in(hass, form, suggested(form))
    assert result["reason"] == "reconfigure_successful"
    assert recipient.data["channel"] == NEW_CHOICE
    with pytest.raises(InvalidData):
        await add_recipient(hass, entry, {**ONESELF, "channel": NEW_CHOICE})


async def test_no_change(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test a form that is sent as it was opened."""
    entry = await set_up(hass, sample, simulator)
    before = dict(entry.subentries)
    (recipient_id,) = before
    form = await open_form(hass, entry, recipient_id)
    result = await fill_in(hass, form, suggested(form))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    assert dict(entry.subentries) == before
    await send(hass, "Someone is there.")
    assert [shown.recipient for shown in simulator.notifications] == sample.receivers


async def test_new_name(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
) -> None:
    """Test that a recipient is renamed together with its device; the entity stays."""
    entry = await set_up(hass, sample, simulator)
    (recipient_id,) = entry.subentries
    (entity_id,) = entity_ids(hass)
    form = await open_form(hass, entry, recipient_id)
    named = {**suggested(form), "name": "妈妈"}
    result = await fill_in(hass, form, named)
    assert result["reason"] == "reconfigure_successful"
    assert entry.subentries[recipient_id].title == "妈妈"
    assert entity_ids(hass) == [entity_id]
    state = hass.states.get(entity_id)
    assert state is not None
    assert state.attributes["friendly_name"] == "妈妈"
    registered = entity_registry.async_get(entity_id)
    assert registered is not None
    assert registered.device_id is not None
    device = device_registry.async_get(registered.device_id)
    assert device is not None
    assert device.name == "妈妈"


@pytest.mark.parametrize(
    ("sample", "recipient", "receivers"),
    [
        pytest.param(
            WXPUSHER,
            {"targets": ["8002", UID_LI], "format": "text"},
            [UID_LI, "8002"],
            id="wxpusher",
        ),
        pytest.param(
            WECOM, {"targets": ["@lisi"], "format": "text"}, ["lisi"], id="wecom"
        ),
        pytest.param(PUSHPLUS, FRIENDS, [FRIEND], id="pushplus"),
    ],
)
async def test_new_targets(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    recipient: dict[str, Any],
    receivers: list[str],
) -> None:
    """Test that the next message goes to the new targets."""
    entry = await set_up(hass, sample, simulator)
    (recipient_id,) = entry.subentries
    form = await open_form(hass, entry, recipient_id)
    result = await fill_in(hass, form, recipient)
    assert result["reason"] == "reconfigure_successful"
    await send(hass, "Someone is there.")
    assert [shown.recipient for shown in simulator.notifications] == receivers


async def test_new_service(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test that a recipient of Pushjet can be given another secret, and keeps it."""
    garage = Service(secret="a" * 32, public="aaaa-1", name="Garage")
    pushjet.services.append(garage)
    pushjet.subscriptions.append(Subscription(uuid=PHONE, service=garage))
    entry = await set_up(hass, PUSHJET, pushjet)
    (recipient_id,) = entry.subentries
    for typed in ({"secret": "A" * 32}, {}):
        form = await open_form(hass, entry, recipient_id)
        result = await fill_in(hass, form, typed)
        assert result["reason"] == "reconfigure_successful"
        recipient = entry.subentries[recipient_id]
        kept = {"secret": "a" * 32, "public": "aaaa-1", "when_down": "keep"}
        assert recipient.data == kept
        assert recipient.title == "Garage (Pushjet)"
        await send(hass, "Someone is there.")
    shown = [notification.recipient for notification in pushjet.notifications]
    assert shown == ["aaaa-1", "aaaa-1"]


async def test_friends_stay(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that friends left empty stay, whatever else changes."""
    entry = await set_up(hass, PUSHPLUS, pushplus, recipient=FRIENDS)
    (recipient_id,) = entry.subentries
    form = await open_form(hass, entry, recipient_id)
    changed = {**ONESELF, "kind": "friends", "format": "markdown"}
    result = await fill_in(hass, form, changed)
    assert result["reason"] == "reconfigure_successful"
    await send(hass, "Someone is there.")
    (shown,) = pushplus.notifications
    assert (shown.recipient, shown.kind) == (FRIEND, "markdown")


@pytest.mark.parametrize(
    ("sample", "typed", "errors"),
    [
        pytest.param(
            WXPUSHER,
            {"targets": ["UID_Nobody"], "format": "text"},
            {"targets": "wxpusher_not_following"},
            id="wxpusher",
        ),
        pytest.param(
            WECOM,
            {"targets": ["@nobody"], "format": "text"},
            {"targets": "wecom_member_not_found"},
            id="wecom",
        ),
        pytest.param(
            PUSHPLUS,
            {**ONESELF, "kind": "topic"},
            {"more": "pushplus_topic_missing"},
            id="pushplus",
        ),
        pytest.param(
            PUSHJET,
            {"secret": "b" * 32},
            {"secret": "pushjet_unknown_secret"},
            id="pushjet",
        ),
    ],
)
async def test_wrong_change(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    typed: dict[str, Any],
    errors: dict[str, str],
) -> None:
    """Test that a mistake changes nothing, and that the form recovers."""
    entry = await set_up(hass, sample, simulator)
    before = dict(entry.subentries)
    (recipient_id,) = before
    form = await open_form(hass, entry, recipient_id)
    form = await fill_in(hass, form, typed)
    assert form["type"] is FlowResultType.FORM
    assert form["errors"] == errors
    assert dict(entry.subentries) == before
    result = await fill_in(hass, form, sample.recipient)
    assert result["reason"] == "reconfigure_successful"


SAME = [
    pytest.param(
        WXPUSHER,
        {"targets": [f"{UID_ZHANG} 8001"], "format": "text"},
        {"targets": ["8001", f"{UID_ZHANG}，8001"], "format": "text"},
        id="wxpusher",
    ),
    pytest.param(
        WECOM,
        {"targets": ["@zhangsan #1"], "format": "text"},
        {"targets": ["＃1", "ZhangSan"], "format": "text"},
        id="wecom",
    ),
    pytest.param(
        WECOM,
        {"targets": ["@all"], "format": "text"},
        {"targets": ["#1", "ALL"], "format": "text"},
        id="wecom-everyone",
    ),
    pytest.param(
        PUSHPLUS,
        {**ONESELF, "kind": "topic", "topic": "family"},
        {**ONESELF, "kind": "topic", "topic": " family"},
        id="pushplus",
    ),
    pytest.param(
        PUSHPLUS,
        {**FRIENDS, "friends": [FRIEND, "other"]},
        {**FRIENDS, "friends": [f"other,{FRIEND}"]},
        id="pushplus-friends",
    ),
    pytest.param(PUSHJET, {"secret": SECRET}, {"secret": SECRET.upper()}, id="pushjet"),
]

# What makes another recipient of each.
OTHERS: dict[str, dict[str, Any]] = {
    "wxpusher": {"targets": ["8002"]},
    "wecom": {"targets": ["#2"]},
    "pushplus": {"channel": "mail"},
}


@pytest.mark.parametrize(("sample", "recipient", "same"), SAME)
async def test_added_twice(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    recipient: dict[str, Any],
    same: dict[str, Any],
) -> None:
    """Test that a recipient is known again, whatever name and spelling it is given."""
    entry = await set_up(hass, sample, simulator, recipient=recipient)
    result = await add_recipient(hass, entry, {**same, "name": "Another name"})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert len(entry.subentries) == 1


@pytest.mark.parametrize(
    ("sample", "recipient", "same"), [param for param in SAME if param.id != "pushjet"]
)
async def test_changed_into_another(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    recipient: dict[str, Any],
    same: dict[str, Any],
) -> None:
    """Test that two recipients do not become the same one."""
    entry = await set_up(hass, sample, simulator, recipient=recipient)
    (first,) = entry.subentries
    other = {**recipient, **OTHERS[sample.service]}
    result = await add_recipient(hass, entry, other)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (second,) = set(entry.subentries) - {first}
    before = dict(entry.subentries)
    form = await open_form(hass, entry, second)
    result = await fill_in(hass, form, same)
    assert result["reason"] == "already_configured"
    assert dict(entry.subentries) == before


async def test_case_of_member(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that the spelling of a member can be corrected; it makes no other recipient."""
    typed = {"targets": ["zhangsan"], "format": "text"}
    entry = await set_up(hass, WECOM, wecom, recipient=typed)
    (recipient_id,) = entry.subentries
    form = await open_form(hass, entry, recipient_id)
    result = await fill_in(hass, form, {"targets": ["ZhangSan"], "format": "text"})
    assert result["reason"] == "reconfigure_successful"
    await send(hass, "Someone is there.")
    assert [shown.recipient for shown in wecom.notifications] == ["zhangsan"]
