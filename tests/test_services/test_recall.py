"""Tests for recalling messages."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from tests.issues import restart
from tests.messages import WECOM_RECALL, WXPUSHER_SEND, bodies, recall, say, tell
from tests.moments import drain
from tests.samples import (
    PUSHJET,
    PUSHPLUS,
    UID_WANG,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    Sample,
    add_recipient,
    entity_ids,
    send,
    set_up,
)
from tests.simulators import Simulator, WeCom, WxPusher

NOTHING = (
    "There is no message to {} that can be recalled. Enter the handle or ID of another"
    " message"
)


def deleted(wxpusher: WxPusher) -> list[dict[str, str]]:
    """Return the queries of the deletion requests."""
    return [
        request.query
        for request in wxpusher.requests_to(WXPUSHER_SEND)
        if request.method == "DELETE"
    ]


async def test_wecom_by_id(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test recalling a message by the ID in the answer."""
    await set_up(hass, WECOM, wecom)
    answer = await say(hass, "First")
    await tell(hass, "Second")
    (accepted,) = answer["notify.everyone_wecom"]["accepted"]
    await recall(hass, message_id=accepted["message_id"])
    assert bodies(wecom, WECOM_RECALL) == [{"msgid": accepted["message_id"]}]
    assert [each.recalled for each in wecom.messages.values()] == [True, False]


async def test_sent_late(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test recalling the last message after it was queued."""
    entry = await set_up(hass, WECOM, wecom)
    await tell(hass, "First")
    await wecom.stop()
    await tell(hass, "Second")
    await wecom.start(port=wecom.port)
    await drain(hass, freezer, entry)
    await recall(hass)
    assert [each.recalled for each in wecom.messages.values()] == [False, True]


async def test_wxpusher_by_id(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test deleting the page of a message by the ID in the answer."""
    await set_up(hass, WXPUSHER, wxpusher)
    answer = await say(hass, "First")
    (accepted,) = answer["notify.zhang_san_wxpusher"]["accepted"]
    await recall(hass, message_id=accepted["message_id"])
    assert deleted(wxpusher) == [
        {
            "appToken": WXPUSHER.secrets[0],
            "messageContentId": accepted["message_id"],
        }
    ]
    assert not wxpusher.contents


async def test_last_messages(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a recall without an ID means the last message, and no other."""
    await set_up(hass, WECOM, wecom)
    await tell(hass, "First")
    # Whatever the action.
    await send(hass, "Second")
    await recall(hass)
    assert [each.recalled for each in wecom.messages.values()] == [False, True]
    with pytest.raises(ServiceValidationError) as raised:
        await recall(hass)
    assert str(raised.value) == NOTHING.format("Everyone (WeCom)")
    assert [each.recalled for each in wecom.messages.values()] == [False, True]


async def test_all_parts(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that all parts of a long message are recalled."""
    await set_up(hass, WECOM, wecom)
    await tell(hass, "Before")
    await tell(hass, "x" * 5000)
    await recall(hass)
    recalled = [each.recalled for each in wecom.messages.values()]
    assert recalled == [False, True, True, True]


async def test_refused_among_good(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that a partly refused message is recalled from the other targets."""
    await set_up(hass, WXPUSHER, wxpusher)
    with pytest.raises(HomeAssistantError):
        await tell(hass, "Done", targets=[UID_ZHANG, UID_WANG])
    await recall(hass)
    assert not wxpusher.contents


async def test_of_its_own_entity(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that each entity has a last message of its own."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await add_recipient(hass, entry, {"targets": ["8001"], "format": "text"})
    await tell(hass, "First", entity_id="notify.zhang_san_wxpusher")
    await tell(hass, "Second", entity_id="notify.8001_wxpusher")
    first, second = wxpusher.contents
    await recall(hass, entity_id="notify.zhang_san_wxpusher")
    assert list(wxpusher.contents) == [second]
    assert [each["messageContentId"] for each in deleted(wxpusher)] == [str(first)]


@pytest.mark.parametrize("sample", [PUSHPLUS, PUSHJET], ids=["pushplus", "pushjet"])
@pytest.mark.parametrize("fields", [{}, {"message_id": "1"}], ids=["last", "by id"])
async def test_no_recall(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, fields: dict[str, str]
) -> None:
    """Test that a service without recall refuses it without a request."""
    await set_up(hass, sample, simulator)
    await tell(hass, "Done")
    simulator.requests.clear()
    with pytest.raises(ServiceValidationError) as raised:
        await recall(hass, **fields)
    name = {"pushplus": "PushPlus", "pushjet": "Pushjet"}[sample.service]
    assert str(raised.value) == f"{name} cannot recall messages of this account"
    assert not simulator.requests


async def test_too_late(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that WeCom refuses after a day, with its own error message."""
    await set_up(hass, WECOM, wecom)
    await tell(hass, "Done")
    sent = wecom.clock()
    wecom.clock = lambda: sent + timedelta(days=1).total_seconds()
    with pytest.raises(ServiceValidationError) as raised:
        await recall(hass)
    assert str(raised.value) == "WeCom only recalls messages of the last 24 hours"


async def test_unknown_id(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that an unknown ID is an error at WxPusher."""
    await set_up(hass, WXPUSHER, wxpusher)
    with pytest.raises(HomeAssistantError):
        await recall(hass, message_id="1")


async def test_one_failure_among_many(
    hass: HomeAssistant, wxpusher: WxPusher, wecom: WeCom
) -> None:
    """Test that a failure does not stop other recalls and is named."""
    await set_up(hass, WXPUSHER, wxpusher)
    await set_up(hass, WECOM, wecom)
    await tell(hass, "Done", entity_id="notify.everyone_wecom")
    with pytest.raises(HomeAssistantError) as raised:
        await recall(hass, entity_id=entity_ids(hass))
    assert str(raised.value) == (
        "Failed for 1 of 2 recipients:\nZhang San (WxPusher): "
        + NOTHING.format("Zhang San (WxPusher)")
        + "."
    )
    assert [each.recalled for each in wecom.messages.values()] == [True]


async def test_queued_by_handle(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that what still waits is taken back, whatever the service can do."""
    entry = await set_up(hass, sample, simulator)
    await simulator.stop()
    (first,) = (await say(hass, "First")).values()
    assert (first["status"], first["durable"]) == ("queued", True)
    await tell(hass, "Second")
    await recall(hass, message_id=first["handle"])
    (event,) = hass.states.async_all("event")
    assert event.attributes["event_type"] == "cleared"
    assert event.attributes["handle"] == first["handle"]
    await simulator.start(port=simulator.port)
    await drain(hass, freezer, entry)
    assert ["Second" in each.text for each in simulator.notifications] == [True]


async def test_delivered_by_handle(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a handle means the same message before and after its delivery."""
    entry = await set_up(hass, WECOM, wecom)
    await wecom.stop()
    (first,) = (await say(hass, "First")).values()
    await tell(hass, "Second")
    await wecom.start(port=wecom.port)
    await drain(hass, freezer, entry)
    await recall(hass, message_id=first["handle"])
    assert [each.recalled for each in wecom.messages.values()] == [True, False]


async def test_last_that_waits(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that the last message is the one that waits, not the one that was sent."""
    entry = await set_up(hass, WECOM, wecom)
    await tell(hass, "The alarm")
    await wecom.stop()
    await tell(hass, "The gate is open")
    await recall(hass)
    await wecom.start(port=wecom.port)
    await tell(hass, "All is well")
    await drain(hass, freezer, entry)
    shown = [each.text for each in wecom.notifications]
    assert shown == ["The alarm", "All is well"]
    assert not any(each.recalled for each in wecom.messages.values())


async def test_over_reload(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that what was sent can be taken back after an account was changed."""
    entry = await set_up(hass, WECOM, wecom)
    await tell(hass, "Done")
    await add_recipient(hass, entry, {"targets": ["@lisi"], "format": "text"})
    assert await hass.config_entries.async_reload(entry.entry_id)
    await recall(hass, entity_id="notify.everyone_wecom")
    assert [each.recalled for each in wecom.messages.values()] == [True]


async def test_over_restart(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that an ID means the same message after a restart, to its own recipient."""
    entry = await set_up(hass, WECOM, wecom)
    await add_recipient(hass, entry, {"targets": ["@lisi"], "format": "text"})
    answer = await say(hass, "Done", entity_id="notify.everyone_wecom")
    (accepted,) = answer["notify.everyone_wecom"]["accepted"]
    await restart(hass, entry)
    (other,) = {*entity_ids(hass)} - {"notify.everyone_wecom"}
    with pytest.raises(ServiceValidationError) as raised:
        await recall(hass, entity_id=other, message_id=accepted["message_id"])
    assert str(raised.value).startswith("No message with this ID was sent to")
    await recall(
        hass, entity_id="notify.everyone_wecom", message_id=accepted["message_id"]
    )
    assert [each.recalled for each in wecom.messages.values()] == [True]
