"""Group robots, simple push and Server酱: one key or token, and its recipient with it."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from tests.issues import confirm, open_repair, titles
from tests.messages import refusal, say, tell
from tests.moments import drain, pass_time
from tests.samples import (
    SERVERCHAN,
    SIMPLE_PUSH,
    WECOM_ROBOT,
    Sample,
    add_account,
    add_recipient,
    entity_ids,
    fill_in,
    send,
    start_account_flow,
)
from tests.simulators import ServerChan, Simulator, WeComRobot, WxPusherSimplePush
from tests.simulators.serverchan import KEY, TURBO_KEY
from tests.simulators.wecom_accounts import ROBOT_KEY
from tests.simulators.wxpusher_accounts import OTHER_SPT, SPT
from tests.test_recipient_changes import fill_in as change, open_form

ADDRESS = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key="


def secret_of(sample: Sample) -> str:
    """Return the only field that a person has to fill in."""
    return "secret" if sample is SIMPLE_PUSH else "key"


every_key = pytest.mark.parametrize(
    "sample",
    [WECOM_ROBOT, SIMPLE_PUSH, SERVERCHAN],
    ids=lambda sample: sample.service,
)


@every_key
async def test_one_field(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that one field is all that it takes, and that a message proves it."""
    form = await start_account_flow(hass, sample)
    required = [
        str(key)
        for key in form["data_schema"].schema
        if key.default is not None and not callable(key.default)
    ]
    assert required == [secret_of(sample), "connection"]
    fields = {
        secret_of(sample): sample.secrets[0],
        "connection": {"url": simulator.url},
    }
    result = await fill_in(hass, form, fields)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert [shown.recipient for shown in simulator.notifications] == sample.receivers
    assert entity_ids(hass) == [sample.first_entity_id]
    # The text is that of the button.
    assert "If you can read this" in simulator.notifications[0].text


@pytest.mark.parametrize(
    ("sample", "typed", "error"),
    [
        (WECOM_ROBOT, "https://qyapi.weixin.qq.com/", "wecom_robot_key_shape"),
        (WECOM_ROBOT, " ", "secret_missing"),
        (WECOM_ROBOT, "deadbeef-dead", "wecom_robot_key"),
        (SIMPLE_PUSH, "AT_SimulatedAppToken", "wxpusher_simple_push_shape"),
        (SIMPLE_PUSH, "SPT_Nobody", "wxpusher_simple_push_token"),
        (SERVERCHAN, "SCU123", "serverchan_key_shape"),
        (SERVERCHAN, "SCT1TNobody", "serverchan_send_key"),
        (SERVERCHAN, "sctp1tnobody", "serverchan_send_key"),
    ],
)
async def test_wrong(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, typed: str, error: str
) -> None:
    """Test that what is wrong is said at the field, and can be corrected."""
    field = secret_of(sample)
    form = await start_account_flow(hass, sample)
    fields = sample.new_input(simulator, **{field: typed, "send_test": True})
    form = await fill_in(hass, form, fields)
    assert form["errors"] == {field: error}
    result = await fill_in(hass, form, sample.new_input(simulator, send_test=True))
    assert result["type"] is FlowResultType.CREATE_ENTRY


@every_key
async def test_shape_alone(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that nothing is sent if a person does not want a test message."""
    result = await add_account(hass, sample, simulator)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert simulator.requests_to(sample.path) == []


@pytest.mark.parametrize(
    ("sample", "typed"),
    [
        (WECOM_ROBOT, f" “{ADDRESS}{ROBOT_KEY}” "),
        (WECOM_ROBOT, ROBOT_KEY),
        (SERVERCHAN, f"https://sctapi.ftqq.com/{TURBO_KEY}.send"),
        (SERVERCHAN, f"https://1234.push.ft07.com/send/{KEY}.send?title=x"),
    ],
)
async def test_address(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, typed: str
) -> None:
    """Test that the address that a console shows is as good as the key in it."""
    result = await add_account(hass, sample, simulator, key=typed, send_test=True)
    assert result["result"].data["key"] in (ROBOT_KEY, TURBO_KEY, KEY)
    assert len(simulator.notifications) == 1


async def test_mentions(hass: HomeAssistant, wecom_robot: WeComRobot) -> None:
    """Test another recipient of a group that mentions somebody."""
    result = await add_account(hass, WECOM_ROBOT, wecom_robot)
    everybody = {**WECOM_ROBOT.recipient, "mention": ["@all", "@lisi 13800000000"]}
    added = await add_recipient(hass, result["result"], everybody)
    assert added["title"] == "Group, Everyone, @lisi, 13800000000 (WeCom group robot)"
    (loud,) = set(entity_ids(hass)) - {WECOM_ROBOT.first_entity_id}
    await send(hass, "Water!", entity_id=loud)
    (request,) = wecom_robot.requests_to(WECOM_ROBOT.path)
    assert request.json["text"] == {
        "content": "Water!",
        "mentioned_list": ["@all", "lisi"],
        "mentioned_mobile_list": ["13800000000"],
    }


@pytest.mark.parametrize(
    ("recipient", "text", "kind"),
    [
        ({}, "**a**", "markdown"),
        ({}, "| a |\n|---|\n| b |", "markdown_v2"),
        ({"markdown_version": "markdown_v2"}, "**a**", "markdown_v2"),
        ({"markdown_version": "markdown"}, "- a\n- b", "markdown"),
        ({"ordinary_wechat": True}, "**a**", "text"),
    ],
)
async def test_markdown(
    hass: HomeAssistant,
    wecom_robot: WeComRobot,
    recipient: dict[str, Any],
    text: str,
    kind: str,
) -> None:
    """Test which Markdown a group gets."""
    result = await add_account(hass, WECOM_ROBOT, wecom_robot)
    chosen = {**WECOM_ROBOT.recipient, **recipient, "mention": ["x"]}
    await add_recipient(hass, result["result"], chosen)
    (entity_id,) = set(entity_ids(hass)) - {WECOM_ROBOT.first_entity_id}
    await tell(hass, text, format="markdown", entity_id=entity_id)
    assert wecom_robot.requests[0].json["msgtype"] == kind


async def test_kinds(hass: HomeAssistant, wecom_robot: WeComRobot) -> None:
    """Test that a kind that only applications have is refused with another one."""
    await add_account(hass, WECOM_ROBOT, wecom_robot)
    said = await refusal(hass, "Done", kind="textcard", url="https://example.com")
    assert "Article with a link" in said
    assert wecom_robot.requests == []


@every_key
async def test_other_targets(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that a message cannot be sent to somebody else, but for another token."""
    await add_account(hass, sample, simulator)
    if sample is SIMPLE_PUSH:
        await tell(hass, "Done", targets=[OTHER_SPT])
        assert [shown.recipient for shown in simulator.notifications] == [OTHER_SPT]
        said = await refusal(hass, "Done", targets=["UID_x"])
        assert said.startswith("Simple push tokens start with SPT_")
    else:
        said = await refusal(hass, "Done", targets=["x"])
        assert "cannot send to other targets" in said


@pytest.mark.parametrize(
    ("state", "title"), [("disabled", "robot disabled"), ("gone", "robot removed")]
)
async def test_repair(
    hass: HomeAssistant,
    wecom_robot: WeComRobot,
    freezer: FrozenDateTimeFactory,
    state: str,
    title: str,
) -> None:
    """Test that a robot that a person has to mend is told, and that messages wait."""
    result = await add_account(hass, WECOM_ROBOT, wecom_robot)
    robot = wecom_robot.robots[ROBOT_KEY]
    robot.enabled, robot.in_group = state != "disabled", state != "gone"
    (answer,) = (await say(hass, "Someone is there.")).values()
    assert answer["status"] == "queued"
    title = f"{WECOM_ROBOT.title}: {title}"
    assert titles(hass) == [title]
    # WeCom cannot be asked: the next message shows it.
    form = await confirm(hass, await open_repair(hass, title))
    assert form["step_id"] == "next_message"
    robot.enabled = robot.in_group = True
    await drain(hass, freezer, result["result"], step=10)
    assert len(wecom_robot.notifications) == 1
    assert titles(hass) == []


async def test_too_many(
    hass: HomeAssistant, wecom_robot: WeComRobot, freezer: FrozenDateTimeFactory
) -> None:
    """Test that the group gets 20 messages a minute, and the others after that."""
    result = await add_account(hass, WECOM_ROBOT, wecom_robot)
    wecom_robot.enforce_limits()
    for number in range(25):
        await say(hass, f"No. {number}")
    assert len(wecom_robot.notifications) == 20
    await drain(hass, freezer, result["result"], step=5)
    said = [shown.text.rsplit("] ", 1)[-1] for shown in wecom_robot.notifications]
    assert said == [f"No. {number}" for number in range(25)]


async def test_tokens(
    hass: HomeAssistant, wxpusher_simple_push: WxPusherSimplePush
) -> None:
    """Test that a token that is refused concerns its recipient alone."""
    result = await add_account(hass, SIMPLE_PUSH, wxpusher_simple_push)
    entry = result["result"]
    form = await add_recipient(hass, entry, {"secret": "SPT_No", "send_test": True})
    assert form["errors"] == {"secret": "wxpusher_simple_push_token"}
    other = {"name": "Li Si", "secret": OTHER_SPT, "send_test": True}
    assert (await add_recipient(hass, entry, other))["title"] == "Li Si"
    del wxpusher_simple_push.spts[SPT]
    wxpusher_simple_push.notifications.clear()
    with pytest.raises(HomeAssistantError):
        await send(hass, "Someone is there.")
    assert [each.recipient for each in wxpusher_simple_push.notifications] == [
        OTHER_SPT
    ]
    (title,) = titles(hass)
    assert title == f"{SIMPLE_PUSH.recipient_title}: SPT refused"
    wxpusher_simple_push.spts[SPT] = "Zhang San"
    await send(hass, "Someone is there again.")
    assert titles(hass) == []


async def test_other_token(
    hass: HomeAssistant, wxpusher_simple_push: WxPusherSimplePush
) -> None:
    """Test that another token of a recipient is proved by a message, the same is not."""
    entry = (await add_account(hass, SIMPLE_PUSH, wxpusher_simple_push))["result"]
    (recipient_id,) = entry.subentries
    form = await open_form(hass, entry, recipient_id)
    form = await change(hass, form, {"secret": "SPT_No", "send_test": True})
    assert form["errors"] == {"secret": "wxpusher_simple_push_token"}
    result = await change(hass, form, {"secret": OTHER_SPT, "send_test": True})
    assert result["reason"] == "reconfigure_successful"
    form = await open_form(hass, entry, recipient_id)
    result = await change(hass, form, {"send_test": True})
    assert result["reason"] == "reconfigure_successful"
    shown = [each.recipient for each in wxpusher_simple_push.notifications]
    assert shown == [OTHER_SPT]


async def test_quota(
    hass: HomeAssistant, serverchan: ServerChan, freezer: FrozenDateTimeFactory
) -> None:
    """Test that messages beyond those of the day wait; the key is not blamed."""
    freezer.move_to("2026-11-21 15:50:00+00:00")
    result = await add_account(hass, SERVERCHAN, serverchan)
    serverchan.quota = 1
    await send(hass, "One.")
    (answer,) = (await say(hass, "Two.")).values()
    assert (answer["status"], answer["reason"]) == ("queued", "serverchan_quota")
    assert hass.config_entries.flow.async_progress() == []
    # At midnight in China.
    serverchan.used = 0
    await pass_time(hass, freezer, 900, step=30)
    await drain(hass, freezer, result["result"], step=30)
    assert len(serverchan.notifications) == 2
