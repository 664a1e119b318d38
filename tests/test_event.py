"""Each recipient has an event entity that tells what came of every message."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
    async_fire_time_changed,
)

from custom_components.wechat_push.clients.receipt import Accepted, Refused
from custom_components.wechat_push.delivery.reports import DeliveryStatus, Report
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from tests.entities import (
    account_entity,
    come_back,
    press,
    queue,
    recipient_entity,
    state_of,
    until,
)
from tests.messages import say
from tests.samples import (
    PUSHPLUS,
    SEVERAL,
    UID_LI,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    Sample,
    add_recipient,
    send,
    set_up,
)
from tests.simulators import Pushjet, PushPlus, Simulator, WeCom, WxPusher
from tests.texts import ENGLISH
from tests.troubles import leave, unfollow

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
BOTH: dict[str, Any] = {"targets": [UID_ZHANG, UID_LI], "format": "text"}
# What the entity has whether anything happened or not.
ALWAYS = {"event_types", "event_type", "friendly_name"}
# The types of all services.
OF_ALL = ["sent", "queued", "delivered_late", "refused", "expired", "cleared"]
# What it has for every message.
OF_EACH = {"handle"}


def told(hass: HomeAssistant, entry: ConfigEntry) -> dict[str, Any]:
    """Return the last event of the only recipient: its type and what it tells."""
    attributes = state_of(hass, recipient_entity(hass, entry, "delivery")).attributes
    own = {key: attributes[key] for key in attributes if key not in ALWAYS | OF_EACH}
    return {"event_type": attributes["event_type"], **own}


async def test_entity(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    entity_registry: er.EntityRegistry,
) -> None:
    """Test the entity of a recipient to which nothing was sent yet."""
    entry = await set_up(hass, sample, simulator)
    entity_id = recipient_entity(hass, entry, "delivery")
    state = state_of(hass, entity_id)
    # The recorder keeps no value that differs for each message.
    assert state.state_info is not None
    assert {"handle", "message_ids"} <= state.state_info["unrecorded_attributes"]
    assert state.state == STATE_UNKNOWN
    assert state.attributes == {
        "event_type": None,
        "event_types": [*OF_ALL, *sample.outcomes],
        "friendly_name": f"{sample.recipient_title} Delivery",
    }
    entity = entity_registry.async_get(entity_id)
    assert entity is not None
    assert entity.domain == "event"
    assert entity.config_subentry_id in entry.subentries
    assert entity.entity_category is None
    assert entity.disabled_by is None


async def test_sent(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that a message that the service took is told, without what it says."""
    freezer.move_to(NOON)
    entry = await set_up(hass, sample, simulator)
    response = await say(hass, "Someone is there.", title="Doorbell")
    (answer,) = response.values()
    event = told(hass, entry)
    assert event.pop("event_type") == "sent"
    assert event.pop("targets") == [each["target"] for each in answer["accepted"]]
    ids = [each["message_id"] for each in answer["accepted"] if each["message_id"]]
    assert len(event.pop("message_ids", [])) == len(ids)
    assert event == {}
    state = state_of(hass, recipient_entity(hass, entry, "delivery"))
    assert state.attributes["handle"] == answer["handle"]
    assert state.state == "2026-11-21T12:00:00.000+00:00"
    shown = str(state.as_dict())
    assert "Someone" not in shown
    assert "Doorbell" not in shown
    assert not [secret for secret in sample.secrets if secret in shown]


async def test_message_id(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that the event names the ID by which the message can be taken back."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    response = await say(hass, "Someone is there.")
    (answer,) = response.values()
    (accepted,) = answer["accepted"]
    assert told(hass, entry) == {
        "event_type": "sent",
        "targets": [UID_ZHANG],
        "message_ids": [accepted["message_id"]],
    }


async def test_readable_message_id(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that the short code, by which anyone reads the message, is not told."""
    entry = await set_up(hass, PUSHPLUS, pushplus)
    response = await say(hass, "Someone is there.")
    (answer,) = response.values()
    (accepted,) = answer["accepted"]
    assert len(accepted["message_id"]) > 8
    assert accepted["message_id"] not in str(told(hass, entry))


async def test_partly_refused(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that a target that is refused among good ones is told with its reason."""
    entry = await set_up(hass, WXPUSHER, wxpusher, recipient=BOTH)
    unfollow(wxpusher)
    with pytest.raises(
        HomeAssistantError, match="refused the message for these targets"
    ):
        await send(hass, "Someone is there.")
    event = told(hass, entry)
    assert event["event_type"] == "sent"
    assert event["targets"] == [UID_ZHANG]
    assert event["refused"] == {UID_LI: f"用户UID=[{UID_LI}]未订阅应用"}


async def test_refused_targets(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that a message that no target got counts as refused."""
    lonely = {**BOTH, "targets": [UID_LI]}
    entry = await set_up(hass, WXPUSHER, wxpusher, recipient=lonely)
    unfollow(wxpusher)
    with pytest.raises(HomeAssistantError):
        await send(hass, "Someone is there.")
    assert told(hass, entry) == {
        "event_type": "refused",
        "reason": "all_refused",
        "refused": {UID_LI: f"用户UID=[{UID_LI}]未订阅应用"},
    }


async def test_refused(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a message that is refused as a whole is told with the reason."""
    gone = {"targets": ["@lisi"], "format": "text"}
    entry = await set_up(hass, WECOM, wecom, recipient=gone)
    leave(wecom)
    with pytest.raises(HomeAssistantError):
        await send(hass, "Someone is there.")
    event = told(hass, entry)
    assert event == {"event_type": "refused", "reason": "wecom_not_visible"}
    assert event["reason"] in _words("reason")


async def test_queued_and_late(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that a message that waits is told, and again when it is sent after all."""
    entry = await set_up(hass, sample, simulator)
    await queue(hass, simulator, "Someone is there.")
    delivery = recipient_entity(hass, entry, "delivery")
    handle = state_of(hass, delivery).attributes["handle"]
    event = told(hass, entry)
    meant_for = event.pop("meant_for")
    age = dt_util.utcnow() - datetime.fromisoformat(meant_for)
    assert timedelta(0) <= age < timedelta(minutes=1)
    assert event == {"event_type": "queued", "reason": "cannot_connect"}
    await come_back(hass, simulator, entry)
    event = told(hass, entry)
    assert event["event_type"] == "delivered_late"
    assert event["meant_for"] == meant_for
    assert event["targets"]
    assert "reason" not in event
    assert state_of(hass, delivery).attributes["handle"] == handle


async def test_expired(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that a message that was not sent in time is told, with what kept it."""
    freezer.move_to(NOON)
    entry = await set_up(hass, sample, simulator)
    await simulator.stop()
    await say(hass, "Someone is there.", expires_after={"minutes": 2})
    freezer.tick(timedelta(minutes=5))
    async_fire_time_changed(hass)
    await until(hass, lambda: told(hass, entry)["event_type"] == "expired")
    assert told(hass, entry) == {
        "event_type": "expired",
        "reason": "cannot_connect",
        "meant_for": "2026-11-21T12:00:00+00:00",
    }


async def test_cleared(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that a message that a person dropped is told."""
    entry = await set_up(hass, sample, simulator)
    await queue(hass, simulator, "Someone is there.")
    await press(hass, account_entity(hass, entry, "clear_outbox"))
    event = told(hass, entry)
    assert event["event_type"] == "cleared"
    assert "meant_for" in event


OUTCOME = Report(
    status=DeliveryStatus.CONFIRMED,
    accepted=(Accepted(target=UID_ZHANG, message_id="42"),),
    meant_for=NOON.timestamp(),
)


@pytest.mark.parametrize(
    ("sample", "event"),
    [
        (PUSHPLUS, DeliveryStatus.CONFIRMED),
        (PUSHPLUS, DeliveryStatus.FAILED),
        (WXPUSHER, DeliveryStatus.HINT),
    ],
    ids=["confirmed", "failed", "hint"],
)
@pytest.mark.parametrize(
    ("outcome", "shown"),
    [("", {}), ("接收超限", {"outcome": "接收超限"})],
    ids=["without-words", "with-words"],
)
async def test_outcome(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    event: DeliveryStatus,
    outcome: str,
    shown: dict[str, str],
) -> None:
    """Test that what the service tells later is told with its own words."""
    entry = await set_up(hass, sample, simulator)
    (recipient_id,) = entry.subentries
    report = replace(OUTCOME, status=event, outcome=outcome)
    entry.runtime_data.report(recipient_id, report)
    assert told(hass, entry) == {
        "event_type": event.value,
        "message_ids": [entry.runtime_data.client.shown_id("42")],
        "targets": [UID_ZHANG],
        **shown,
    }


async def test_many_targets(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that a message to very many still fits into the recorded history."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    (recipient_id,) = entry.subentries
    entry.runtime_data.report(
        recipient_id,
        Report(
            status=DeliveryStatus.SENT,
            accepted=tuple(
                Accepted(target=f"UID_{number:030}", message_id=str(number))
                for number in range(900)
            ),
            refused=tuple(
                Refused(target=f"UID_{number:030}", reason="未订阅应用" * 60)
                for number in range(900, 1000)
            ),
            meant_for=NOON.timestamp(),
        ),
    )
    event = told(hass, entry)
    assert len(event["targets"]) == len(event["message_ids"])
    listed = len(event["targets"]) + len(event["refused"])
    assert listed + event["not_listed"] == 1000
    state = state_of(hass, recipient_entity(hass, entry, "delivery"))
    # The recorder keeps no more.
    assert len(str(state.attributes).encode()) < 16_384


async def test_parts(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a message in parts is one event, with the ID of each part."""
    entry = await set_up(hass, WECOM, wecom)
    await send(hass, "长" * 1500)
    event = told(hass, entry)
    assert event["targets"] == ["@all"]
    assert len(event["message_ids"]) == len(wecom.notifications) == 3


async def test_every_message_is_told(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that two messages in the same moment are two events."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    changes = async_capture_events(hass, EVENT_STATE_CHANGED)
    await send(hass, "Someone is there.")
    await send(hass, "Someone is there again.")
    await hass.async_block_till_done()
    entity_id = recipient_entity(hass, entry, "delivery")
    # Two may come within the millisecond that a state shows, so their handles count.
    handles = [
        change.data["new_state"].attributes["handle"]
        for change in changes
        if change.data["entity_id"] == entity_id
    ]
    assert len(set(handles)) == 2


def _words(attribute: str) -> dict[str, str]:
    """Return the words for the values of an attribute."""
    attributes = ENGLISH["entity"]["event"]["delivery"]["state_attributes"]
    words: dict[str, str] = attributes[attribute]["state"]
    return words


def test_words() -> None:
    """Test that all that can happen has a name, and reasons the same as elsewhere."""
    assert set(_words("event_type")) == set(DeliveryStatus)
    reasons = ENGLISH["entity"]["sensor"]["last_error"]["state"]
    elsewhere = {k: v for k, v in reasons.items() if k not in ("none", "other")}
    assert _words("reason") == elsewhere


@pytest.mark.parametrize(
    "event",
    [event for event in DeliveryStatus if event is not DeliveryStatus.CONFIRMED],
)
def test_truthful_words(event: DeliveryStatus) -> None:
    """Test that nothing but a confirmation is called a delivery that happened."""
    assert "delivered" not in _words("event_type")[event].lower()
    assert "confirmed" not in _words("event_type")[event].lower()


@pytest.mark.parametrize("sample", SEVERAL, ids=lambda sample: sample.service)
async def test_others_stay(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, pushjet: Pushjet
) -> None:
    """Test that no old result shows anew when recipients are added or changed."""
    entry = await set_up(hass, sample, simulator)
    pushjet.services.append(replace(pushjet.services[0], secret="a" * 32))
    await send(hass, "Someone is there.")
    (recipient_id,) = entry.subentries
    kept = recipient_entity(hass, entry, "delivery")
    changes = async_capture_events(hass, EVENT_STATE_CHANGED)
    added = await add_recipient(hass, entry, sample.second)
    assert added["type"] is FlowResultType.CREATE_ENTRY
    (other,) = (
        each for each in entry.subentries.values() if each.subentry_id != recipient_id
    )
    hass.config_entries.async_update_subentry(entry, other, title="Another name")
    await hass.async_block_till_done()
    hass.config_entries.async_remove_subentry(entry, other.subentry_id)
    await hass.async_block_till_done()
    assert changes
    assert kept not in [change.data["entity_id"] for change in changes]
    assert state_of(hass, kept).attributes["event_type"] == "sent"
