"""Recipients are added to an account and changed, in whatever way a person types them."""

from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, section
from tests.samples import (
    FRIEND,
    ONESELF,
    PUSHJET,
    PUSHPLUS,
    UID_LI,
    UID_WANG,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    Sample,
    add_account,
    add_recipient,
    fill_in_recipient,
    send,
    set_up,
    suggested,
)
from tests.simulators import Pushjet, Simulator, WeCom
from tests.simulators.pushjet import PUBLIC, SECRET
from tests.simulators.wecom_accounts import AGENT_ID

PLAIN: dict[str, Any] = {"topic": None, "friends": [], "option": None, "template": None}


@pytest.mark.parametrize(
    ("sample", "typed", "kept", "title", "receivers"),
    [
        pytest.param(
            WXPUSHER,
            {"targets": [f"{UID_ZHANG}，{UID_LI};8001\n 8001"], "format": "markdown"},
            {"uids": [UID_LI, UID_ZHANG], "topics": [8001], "format": "markdown"},
            f"{UID_LI}, Zhang San, 8001 (WxPusher)",
            [UID_LI, UID_ZHANG, "8001"],
            id="wxpusher-mixed",
        ),
        pytest.param(
            WXPUSHER,
            {"targets": ["8002 、8001", "uid" + UID_ZHANG[3:]], "format": "html"},
            {"uids": [UID_ZHANG], "topics": [8001, 8002], "format": "html"},
            "Zhang San, 8001, 8002 (WxPusher)",
            [UID_ZHANG, "8001", "8002"],
            id="wxpusher-chosen-and-typed",
        ),
        pytest.param(
            WECOM,
            {
                "targets": ["@zhangsan，＠LiSi #2、＃1；+2 ＋1"],
                "format": "markdown",
                "ordinary_wechat": False,
            },
            {
                "users": ["LiSi", "zhangsan"],
                "departments": [1, 2],
                "tags": [1, 2],
                "everyone": False,
                "ordinary_wechat": False,
                "format": "markdown",
            },
            "李四, 张三, #1, #2, +1, +2 (WeCom)",
            ["lisi", "zhangsan", "toparty:1", "toparty:2", "totag:1", "totag:2"],
            id="wecom-mixed",
        ),
        pytest.param(
            WECOM,
            {"targets": ["zhangsan", "ZhangSan", "%231", "%2B2"], "format": "text"},
            {
                "users": ["zhangsan"],
                "departments": [1],
                "tags": [2],
                "everyone": False,
                "ordinary_wechat": True,
                "format": "text",
            },
            "张三, #1, +2 (WeCom)",
            ["zhangsan", "toparty:1", "totag:2"],
            id="wecom-without-signs",
        ),
        pytest.param(
            WECOM,
            {
                "targets": ["zhangsan, ＠ALL, #1, +1"],
                "format": "text",
            },
            {
                "users": [],
                "departments": [],
                "tags": [],
                "everyone": True,
                "ordinary_wechat": True,
                "format": "text",
            },
            "Everyone (WeCom)",
            ["@all"],
            id="wecom-everyone",
        ),
        pytest.param(
            PUSHPLUS,
            ONESELF,
            {**PLAIN, "kind": "self", "channel": "wechat", "format": "text"},
            "Me (PushPlus)",
            ["self"],
            id="pushplus-oneself",
        ),
        pytest.param(
            PUSHPLUS,
            {**ONESELF, "kind": "topic", "topic": " family ", "format": "html"},
            {
                **PLAIN,
                "kind": "topic",
                "topic": "family",
                "channel": "wechat",
                "format": "html",
            },
            "family (PushPlus)",
            ["family"],
            id="pushplus-group",
        ),
        pytest.param(
            PUSHPLUS,
            {**ONESELF, "kind": "friends", "friends": [f"{FRIEND}，{FRIEND}"]},
            {
                **PLAIN,
                "kind": "friends",
                "friends": [FRIEND],
                "channel": "wechat",
                "format": "text",
            },
            "Friends (PushPlus)",
            [FRIEND],
            id="pushplus-friends",
        ),
        pytest.param(
            PUSHPLUS,
            {**ONESELF, "channel": "account_default", "template": "json"},
            {
                **PLAIN,
                "kind": "self",
                "channel": None,
                "template": "json",
                "format": "text",
            },
            "Me, Account default (PushPlus)",
            ["self"],
            id="pushplus-default-channel-and-template",
        ),
        pytest.param(
            PUSHPLUS,
            {**ONESELF, "channel": "webhook", "option": " bark "},
            {
                **PLAIN,
                "kind": "self",
                "channel": "webhook",
                "option": "bark",
                "format": "text",
            },
            "Me, Third-party webhook (PushPlus)",
            ["bark"],
            id="pushplus-webhook",
        ),
        pytest.param(
            PUSHPLUS,
            {
                **ONESELF,
                "kind": "friends",
                "friends": ["zhangsan", "lisi"],
                "channel": "cp",
                "option": "homecp",
            },
            {
                **PLAIN,
                "kind": "friends",
                "friends": ["lisi", "zhangsan"],
                "channel": "cp",
                "option": "homecp",
                "format": "text",
            },
            "Friends, WeCom application (PushPlus)",
            ["lisi", "zhangsan"],
            id="pushplus-wecom",
        ),
        pytest.param(
            PUSHJET,
            {"secret": f" {SECRET.upper()}\n"},
            {"secret": SECRET, "public": PUBLIC},
            "Home alarms (Pushjet)",
            [PUBLIC],
            id="pushjet",
        ),
    ],
)
async def test_recipient(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    typed: dict[str, Any],
    kept: dict[str, Any],
    title: str,
    receivers: list[str],
) -> None:
    """Test what is kept of what a person types, what it is called and whom it reaches."""
    entry = await set_up(hass, sample, simulator, recipient=typed)
    (recipient,) = entry.subentries.values()
    assert recipient.subentry_type == "recipient"
    assert recipient.data == {**kept, "when_down": "keep"}
    assert recipient.title == title
    await send(hass, "Someone is there.")
    assert [shown.recipient for shown in simulator.notifications] == receivers


async def test_given_name(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that a person may name a recipient."""
    named = {**sample.recipient, "name": " 爸爸 "}
    entry = await set_up(hass, sample, simulator, recipient=named)
    (recipient,) = entry.subentries.values()
    assert recipient.title == "爸爸"
    assert "name" not in recipient.data


async def test_member_without_name(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test a member whose name the application may not read."""
    wecom.agents[AGENT_ID].users["zhangsan"] = ""
    typed = {"targets": ["zhangsan"], "format": "text"}
    entry = await set_up(hass, WECOM, wecom, recipient=typed)
    assert [each.title for each in entry.subentries.values()] == ["zhangsan (WeCom)"]


async def test_service_without_name(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test a service of Pushjet that was made without a name."""
    pushjet.services[0].name = ""
    entry = await set_up(hass, PUSHJET, pushjet)
    assert [each.title for each in entry.subentries.values()] == [f"{PUBLIC} (Pushjet)"]


@pytest.mark.parametrize(
    ("sample", "typed", "errors", "details"),
    [
        pytest.param(
            WXPUSHER,
            {"targets": [f"{UID_ZHANG} hello"], "format": "text"},
            {"targets": "wxpusher_target"},
            {"target": "hello"},
            id="wxpusher-neither-user-nor-topic",
        ),
        pytest.param(
            WXPUSHER,
            {"targets": ["SPT_SimulatedSimplePushToken000000"], "format": "text"},
            {"targets": "wxpusher_target"},
            {"target": "SPT_SimulatedSimplePushToken000000"},
            id="wxpusher-simple-push",
        ),
        pytest.param(
            WXPUSHER,
            {"targets": [UID_ZHANG, "UID_Nobody", UID_WANG], "format": "text"},
            {"targets": "wxpusher_not_following"},
            {"target": f"UID_Nobody, {UID_WANG}"},
            id="wxpusher-strangers",
        ),
        pytest.param(
            WECOM,
            {"targets": ["@zhangsan 李四"], "format": "text"},
            {"targets": "wecom_target"},
            {"target": "李四"},
            id="wecom-name",
        ),
        pytest.param(
            WECOM,
            {"targets": ["＃Garage"], "format": "text"},
            {"targets": "wecom_target"},
            {"target": "＃Garage"},
            id="wecom-department-name",
        ),
        pytest.param(
            WECOM,
            {"targets": [], "format": "text"},
            {"targets": "targets_missing"},
            {},
            id="wecom-nobody",
        ),
        pytest.param(
            WECOM,
            {"targets": ["@zhangsan @wangwu"], "format": "text"},
            {"targets": "wecom_member_not_found"},
            {"target": "wangwu"},
            id="wecom-unknown",
        ),
        pytest.param(
            PUSHPLUS,
            {**ONESELF, "kind": "topic", "topic": " "},
            {"more": "pushplus_topic_missing"},
            {},
            id="pushplus-group",
        ),
        pytest.param(
            PUSHPLUS,
            {**ONESELF, "topic": "family"},
            {"kind": "pushplus_topic_unused"},
            {},
            id="pushplus-group-but-oneself",
        ),
        pytest.param(
            PUSHPLUS,
            {**ONESELF, "kind": "topic", "topic": "family", "friends": [FRIEND]},
            {"kind": "pushplus_friends_unused"},
            {},
            id="pushplus-friends-but-group",
        ),
        pytest.param(
            PUSHPLUS,
            {**ONESELF, "kind": "friends", "friends": ["，"]},
            {"more": "pushplus_friends_missing"},
            {},
            id="pushplus-friends",
        ),
        pytest.param(
            PUSHPLUS,
            {**ONESELF, "channel": "webhook"},
            {"more": "pushplus_option_missing"},
            {},
            id="pushplus-webhook",
        ),
        pytest.param(
            PUSHPLUS,
            {**ONESELF, "channel": "cp", "option": " "},
            {"more": "pushplus_option_missing"},
            {},
            id="pushplus-wecom",
        ),
        pytest.param(
            PUSHJET,
            {"secret": PUBLIC},
            {"secret": "pushjet_malformed_secret"},
            {},
            id="pushjet-public-key",
        ),
        pytest.param(
            PUSHJET,
            {"secret": "0" * 32},
            {"secret": "pushjet_unknown_secret"},
            {},
            id="pushjet-unknown",
        ),
    ],
)
async def test_wrong_input(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    typed: dict[str, Any],
    errors: dict[str, str],
    details: dict[str, str],
) -> None:
    """Test that each mistake has its own text, and that the form recovers."""
    entry = (await add_account(hass, sample, simulator))["result"]
    form = await add_recipient(hass, entry, typed)
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == sample.service
    assert form["errors"] == errors
    assert form["description_placeholders"].items() >= details.items()
    # What was typed is still there.
    assert suggested(form).items() >= typed.items()
    created = await fill_in_recipient(hass, form["flow_id"], entry, sample.recipient)
    assert created["type"] is FlowResultType.CREATE_ENTRY
    assert created["title"] == sample.recipient_title


async def test_sections(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that no section has a default: the frontend shows it instead of its fields'."""
    entry = await set_up(hass, sample, simulator)
    form = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "recipient"), context={"source": "user"}
    )
    schema = form["data_schema"]
    assert schema is not None
    sections = [
        key for key, value in schema.schema.items() if isinstance(value, section)
    ]
    assert not [str(key) for key in sections if callable(key.default)]


async def test_test_message(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that a first message is offered along with the first recipient."""
    entry = await set_up(
        hass, sample, simulator, recipient={**sample.recipient, "send_test": True}
    )
    assert [each.recipient for each in simulator.notifications] == sample.receivers
    shown = simulator.notifications[0]
    assert "Home Assistant" in f"{shown.title} {shown.text}"
    (subentry,) = entry.subentries.values()
    assert "send_test" not in subentry.data
    recipients = hass.config_entries.subentries
    key = (entry.entry_id, "recipient")
    second = await recipients.async_init(key, context={"source": "user"})
    assert "send_test" not in suggested(dict(second))
    hass.config_entries.async_remove_subentry(entry, subentry.subentry_id)
    first = await recipients.async_init(key, context={"source": "user"})
    assert suggested(dict(first))["send_test"] is True
