"""Each recipient is a notify entity that shows when it was written to last."""

from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    async_mock_restore_state_shutdown_restart,
)

from custom_components.wechat_push.const import DOMAIN
from custom_components.wechat_push.providers import PROVIDERS
from homeassistant.components.notify import NotifyEntityFeature
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from tests.entities import come_back
from tests.messages import bodies, say, tell
from tests.moments import drain, during
from tests.samples import (
    FAILS,
    PUSHJET,
    PUSHPLUS,
    SAMPLES,
    UID_WANG,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    Sample,
    devices_of,
    entity_ids,
    send,
    set_up,
)
from tests.simulators import BAD_ANSWERS, Pushjet, PushPlus, Simulator, WeCom, WxPusher


def state_of(hass: HomeAssistant, entity_id: str) -> str:
    """Return the state of an entity."""
    state = hass.states.get(entity_id)
    assert state is not None
    return state.state


async def test_entity(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    entity_registry: er.EntityRegistry,
) -> None:
    """Test that the entity is the recipient, and takes a title."""
    entry = await set_up(hass, sample, simulator)
    (recipient_id,) = entry.subentries
    assert entity_ids(hass) == [sample.entity_id]
    state = hass.states.get(sample.entity_id)
    assert state is not None
    assert state.state == STATE_UNKNOWN
    assert state.attributes == {
        "friendly_name": sample.recipient_title,
        "supported_features": NotifyEntityFeature.TITLE,
    }
    entity = entity_registry.async_get(state.entity_id)
    assert entity is not None
    assert entity.unique_id == f"{entry.entry_id}_{recipient_id}"
    assert entity.config_entry_id == entry.entry_id
    assert entity.config_subentry_id == recipient_id
    assert entity.platform == DOMAIN
    assert entity.translation_key == "recipient"
    assert entity.has_entity_name
    assert entity.original_name is None
    assert entity.entity_category is None
    assert entity.disabled_by is None


async def test_devices(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
) -> None:
    """Test that the recipient is a device below that of the account."""
    named = {**sample.recipient, "name": "妈妈"}
    entry = await set_up(hass, sample, simulator, recipient=named)
    (recipient_id,) = entry.subentries
    ids = devices_of(device_registry, entry)
    assert set(ids) == {sample.title_at(simulator), "妈妈"}
    account = device_registry.async_get(ids[sample.title_at(simulator)])
    recipient = device_registry.async_get(ids["妈妈"])
    assert isinstance(account, dr.DeviceEntry)
    assert isinstance(recipient, dr.DeviceEntry)
    assert account.via_device_id is None
    assert recipient.via_device_id == account.id
    for device in (account, recipient):
        assert device.entry_type is dr.DeviceEntryType.SERVICE
        assert device.manufacturer == PROVIDERS[sample.service].name
    assert account.identifiers == {(DOMAIN, entry.entry_id)}
    assert recipient.identifiers == {(DOMAIN, f"{entry.entry_id}_{recipient_id}")}
    entities = er.async_entries_for_device(entity_registry, recipient.id)
    (notify,) = entity_ids(hass)
    assert notify in [entity.entity_id for entity in entities]


async def test_console(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    device_registry: dr.DeviceRegistry,
) -> None:
    """Test that the device of an account leads to where it is managed."""
    entry = await set_up(hass, sample, simulator)
    account_id = devices_of(device_registry, entry)[sample.title_at(simulator)]
    account = device_registry.async_get(account_id)
    assert isinstance(account, dr.DeviceEntry)
    assert account.configuration_url == sample.console_url


async def test_time_of_last_message(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that the state is the time of the last message that was taken."""
    recipient = {**sample.recipient, **FAILS}
    await set_up(hass, sample, simulator, recipient=recipient)
    (entity_id,) = entity_ids(hass)
    freezer.move_to(datetime(2026, 11, 21, 8, 30, tzinfo=UTC))
    await send(hass, "Someone is there.")
    assert state_of(hass, entity_id) == "2026-11-21T08:30:00+00:00"
    freezer.tick(timedelta(minutes=1))
    simulator.always(BAD_ANSWERS["error_500"], sample.path)
    with pytest.raises(HomeAssistantError):
        await send(hass, "Nobody reads this.")
    assert state_of(hass, entity_id) == "2026-11-21T08:30:00+00:00"
    simulator.always(None, sample.path)
    await send(hass, "Someone is there again.")
    assert state_of(hass, entity_id) == "2026-11-21T08:31:00+00:00"


async def test_time_of_queued_message(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that a message of our action counts once the service took it."""
    entry = await set_up(hass, sample, simulator)
    (entity_id,) = entity_ids(hass)
    freezer.move_to(datetime(2026, 11, 21, 8, 30, tzinfo=UTC))
    await simulator.stop()
    (answer,) = (await say(hass, "Someone is there.")).values()
    assert answer["status"] == "queued"
    assert state_of(hass, entity_id) == STATE_UNKNOWN
    freezer.move_to(datetime(2026, 11, 21, 8, 45, tzinfo=UTC))
    await come_back(hass, simulator, entry)
    assert state_of(hass, entity_id) == "2026-11-21T08:45:00+00:00"


async def test_time_of_refused_message(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that a message of our action that reached nobody does not count."""
    await set_up(hass, WXPUSHER, wxpusher)
    (entity_id,) = entity_ids(hass)
    with pytest.raises(HomeAssistantError, match="for all targets"):
        await tell(hass, "Someone is there.", targets=[UID_WANG])
    assert state_of(hass, entity_id) == STATE_UNKNOWN


@pytest.mark.usefixtures("hass_storage")
async def test_restart(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that the time of the last message outlives a restart."""
    entry = await set_up(hass, sample, simulator)
    (entity_id,) = entity_ids(hass)
    freezer.move_to(datetime(2026, 11, 21, 8, 30, tzinfo=UTC))
    await send(hass, "Someone is there.")
    assert await hass.config_entries.async_unload(entry.entry_id)
    await async_mock_restore_state_shutdown_restart(hass)
    freezer.tick(timedelta(minutes=5))
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert state_of(hass, entity_id) == "2026-11-21T08:30:00+00:00"


async def test_group(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    wecom: WeCom,
    pushplus: PushPlus,
    pushjet: Pushjet,
) -> None:
    """Test a group of recipients of all services, made in the UI."""
    services = (wxpusher, wecom, pushplus, pushjet)
    for service in services:
        await set_up(hass, SAMPLES[service.name], service)
    flow = hass.config_entries.flow
    menu = await flow.async_init("group", context={"source": "user"})
    form = await flow.async_configure(menu["flow_id"], {"next_step_id": "notify"})
    created = await flow.async_configure(
        form["flow_id"],
        {"name": "Everybody", "entities": entity_ids(hass), "hide_members": False},
    )
    await hass.async_block_till_done()
    assert created["type"] is FlowResultType.CREATE_ENTRY
    await send(hass, "有人在门口。", "门铃", entity_id="notify.everybody")
    for service in services:
        (shown,) = service.notifications
        assert "门铃" in shown.title + shown.text
        assert shown.text.endswith("有人在门口。")


TARGETS: dict[str, dict[str, Any]] = {
    "wxpusher": {"appToken": WXPUSHER.secrets[0], "uids": [UID_ZHANG]},
    "wecom": {"agentid": 1000002, "touser": "@all"},
    "pushplus": {
        "token": PUSHPLUS.secrets[0],
        "topic": "family",
        "channel": "wechat",
    },
}


@pytest.mark.parametrize(
    ("sample", "style", "title", "body"),
    [
        pytest.param(
            WXPUSHER,
            "text",
            "门铃 <1>",
            {
                "content": "门铃 <1>\nAt *door*",
                "summary": "门铃 <1>",
                "contentType": 1,
            },
            id="wxpusher-text",
        ),
        pytest.param(
            WXPUSHER,
            "markdown",
            "门铃 <1>",
            {
                "content": "### 门铃 \\<1\\>\n\nAt *door*",
                "summary": "门铃 <1>",
                "contentType": 3,
            },
            id="wxpusher-markdown",
        ),
        pytest.param(
            WXPUSHER,
            "html",
            "门铃 <1>",
            {
                "content": "<h3>门铃 &lt;1&gt;</h3>At *door*",
                "summary": "门铃 <1>",
                "contentType": 2,
            },
            id="wxpusher-html",
        ),
        pytest.param(
            WXPUSHER,
            "text",
            None,
            {"content": "At *door*", "contentType": 1},
            id="wxpusher-no-title",
        ),
        pytest.param(
            WECOM,
            "text",
            "门铃 <1>",
            {"msgtype": "text", "text": {"content": "门铃 <1>\nAt *door*"}},
            id="wecom-text",
        ),
        pytest.param(
            WECOM,
            "markdown",
            "门铃",
            {"msgtype": "markdown", "markdown": {"content": "**门铃**\nAt door"}},
            id="wecom-markdown",
        ),
        pytest.param(
            WECOM,
            "text",
            None,
            {"msgtype": "text", "text": {"content": "At *door*"}},
            id="wecom-no-title",
        ),
        pytest.param(
            WECOM,
            "markdown",
            " ",
            {"msgtype": "markdown", "markdown": {"content": "At door"}},
            id="wecom-blank-title",
        ),
        pytest.param(
            PUSHPLUS,
            "text",
            "门铃 <1>",
            {"title": "门铃 <1>", "content": "At *door*", "template": "txt"},
            id="pushplus-text",
        ),
        pytest.param(
            PUSHPLUS,
            "markdown",
            "门铃",
            {"title": "门铃", "content": "At *door*", "template": "markdown"},
            id="pushplus-markdown",
        ),
        pytest.param(
            PUSHPLUS,
            "html",
            "门铃",
            {"title": "门铃", "content": "At *door*", "template": "html"},
            id="pushplus-html",
        ),
        pytest.param(
            PUSHPLUS,
            "text",
            None,
            {"title": "At *door*", "content": "At *door*", "template": "txt"},
            id="pushplus-no-title",
        ),
    ],
)
async def test_title_and_format(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    style: str,
    title: str | None,
    body: dict[str, Any],
) -> None:
    """Test that the title stands where the service shows it; without one, no line."""
    recipient = {**sample.recipient, "format": style}
    await set_up(hass, sample, simulator, recipient=recipient)
    await send(hass, "At *door*", title)
    (request,) = simulator.requests_to(sample.path)
    assert bodies(simulator, sample.path) == [{**TARGETS[sample.service], **body}]
    # As the services want it: raw UTF-8, and no null for what is not there.
    assert b"\\u" not in request.body
    assert b"null" not in request.body


@pytest.mark.parametrize(
    ("title", "fields"),
    [
        ("门铃 <1>", {"title": "门铃 <1>", "message": "At *door*"}),
        ("Two\nlines", {"title": "Two lines", "message": "At *door*"}),
        ("", {"message": "At *door*"}),
        (None, {"message": "At *door*"}),
    ],
    ids=["title", "two-lines", "empty", "none"],
)
async def test_pushjet_title(
    hass: HomeAssistant, pushjet: Pushjet, title: str | None, fields: dict[str, str]
) -> None:
    """Test that Pushjet gets a title only where there is one."""
    await set_up(hass, PUSHJET, pushjet)
    await send(hass, "At *door*", title)
    (request,) = pushjet.requests_to("/message")
    assert request.form == {"secret": PUSHJET.secrets[0], **fields}


LINES = [f"第 {number} 行 line {number} 🚪" for number in range(6000)]


async def test_long_message(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that a long message arrives whole and in order, in parts that are numbered."""
    entry = await set_up(hass, sample, simulator)
    # No text may be longer than 100,000 characters.
    lines = LINES[: min(sample.limit_bytes // 12, 4000)]
    await during(hass, freezer, send(hass, "\n".join(lines)))
    # PushPlus takes no more than five in a minute.
    await drain(hass, freezer, entry)
    parts = [shown.text for shown in simulator.notifications]
    assert 2 <= len(parts) <= 9
    arrived: list[str] = []
    for number, part in enumerate(parts, 1):
        *shown, mark = part.split(sample.line_break)
        arrived += shown
        assert mark == f"({number}/{len(parts)})"
        assert len(part.encode()) <= sample.limit_bytes
    assert arrived == lines


@pytest.mark.parametrize(
    "message", ["", "   ", "\n \t\n"], ids=["none", "blank", "lines"]
)
async def test_empty_message(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, message: str
) -> None:
    """Test that an empty message is refused before anything is sent."""
    await set_up(hass, sample, simulator)
    simulator.requests.clear()
    with pytest.raises(ServiceValidationError, match="The message is empty"):
        await send(hass, message)
    assert simulator.requests == []
    await send(hass, "Someone is there.")
    assert len(simulator.notifications) == 1


async def test_too_long(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that a message beyond all measure is refused before anything is sent."""
    await set_up(hass, sample, simulator)
    simulator.requests.clear()
    with pytest.raises(ServiceValidationError, match="The message is too long"):
        await send(hass, "长" * 4_000_000)
    assert simulator.requests == []


async def test_several_entities(
    hass: HomeAssistant, wxpusher: WxPusher, pushjet: Pushjet
) -> None:
    """Test that one recipient that fails does not keep the message from the others."""
    recipient = {**WXPUSHER.recipient, **FAILS}
    await set_up(hass, WXPUSHER, wxpusher, recipient=recipient)
    await set_up(hass, PUSHJET, pushjet)
    wxpusher.always(BAD_ANSWERS["error_500"])
    with pytest.raises(HomeAssistantError, match="internal error"):
        await send(hass, "Someone is there.")
    assert [shown.text for shown in pushjet.notifications] == ["Someone is there."]
