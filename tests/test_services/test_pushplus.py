"""Tests for messages to PushPlus."""

from datetime import UTC, datetime
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from tests.messages import (
    PICTURE,
    PUSHPLUS_BATCH,
    PUSHPLUS_SEND,
    SENT,
    body,
    refusal,
    say,
    tell,
)
from tests.samples import FRIEND, PUSHPLUS, set_up
from tests.simulators import PushPlus
from tests.simulators.base import json_answer

SELF = {"kind": "self", "channel": "wechat", "format": "text"}
PLAIN = {
    "token": PUSHPLUS.secrets[0],
    "title": "Done",
    "template": "txt",
    "channel": "wechat",
    "topic": "family",
    "content": "Done",
}
WITHOUT_TOPIC = {key: value for key, value in PLAIN.items() if key != "topic"}
CALLBACK = "https://example.com/told"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, PLAIN),
        ({"title": "Wash"}, {**PLAIN, "title": "Wash"}),
        ({"channel": "app"}, {**PLAIN, "channel": "app"}),
        ({"channel": ["clawbot"]}, {**PLAIN, "channel": "clawbot"}),
        ({"channel": "a_new_one"}, {**PLAIN, "channel": "a_new_one"}),
        (
            {"channel": "account_default"},
            {key: value for key, value in PLAIN.items() if key != "channel"},
        ),
        (
            {"channel": "webhook", "option": "bark"},
            {**PLAIN, "channel": "webhook", "option": "bark"},
        ),
        ({"option": ["wxappid"]}, {**PLAIN, "option": "wxappid"}),
        ({"option": [None]}, PLAIN),
        ({"topic": "other"}, {**PLAIN, "topic": "other"}),
        ({"friends": FRIEND}, {**WITHOUT_TOPIC, "to": FRIEND}),
        (
            {"friends": [FRIEND, "b" * 32]},
            {**WITHOUT_TOPIC, "to": f"{FRIEND},{'b' * 32}"},
        ),
        ({"targets": [FRIEND]}, {**WITHOUT_TOPIC, "to": FRIEND}),
        ({"targets": "other"}, {**PLAIN, "topic": "other"}),
        ({"pre": "shout"}, {**PLAIN, "pre": "shout"}),
        ({"callback_url": CALLBACK}, {**PLAIN, "callbackUrl": CALLBACK}),
        ({"template": "html"}, {**PLAIN, "template": "html"}),
        ({"template": "jenkins"}, {**PLAIN, "template": "jenkins"}),
        ({"template": "a_new_one"}, {**PLAIN, "template": "a_new_one"}),
        (
            {"template": "form", "push_id": "f1"},
            {**PLAIN, "template": "form", "pushId": "f1"},
        ),
        ({"push_id": "f1"}, {**PLAIN, "pushId": "f1"}),
        ({"format": "markdown"}, {**PLAIN, "template": "markdown"}),
        (
            {"format": "markdown", "template": "txt"},
            PLAIN,
        ),
        (
            {"image": PICTURE},
            {
                **PLAIN,
                "template": "html",
                "content": f'Done<br/><img src="{PICTURE}" alt="door.jpg"/>',
            },
        ),
        (
            {"image": PICTURE, "template": "markdown", "url": CALLBACK},
            {
                **PLAIN,
                "template": "markdown",
                "content": f"Done\n\n![door.jpg]({PICTURE})\n\n[{CALLBACK}]({CALLBACK})",
            },
        ),
        (
            {"image": PICTURE, "template": "txt"},
            {**PLAIN, "content": f"Done\ndoor.jpg: {PICTURE}"},
        ),
    ],
)
async def test_fields(
    hass: HomeAssistant,
    pushplus: PushPlus,
    fields: dict[str, Any],
    expected: dict[str, str],
) -> None:
    """Test the request for each field."""
    await set_up(hass, PUSHPLUS, pushplus)
    pushplus.always(json_answer({"code": 200, "msg": "", "data": "1"}))
    await tell(hass, "Done", **fields)
    assert body(pushplus, PUSHPLUS_SEND) == expected


async def test_body(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test a request byte by byte."""
    await set_up(hass, PUSHPLUS, pushplus)
    await tell(hass, "# 洗衣机\n完成", format="markdown")
    (request,) = pushplus.requests_to(PUSHPLUS_SEND)
    assert request.method == "POST"
    assert request.content_type == "application/json"
    assert request.body.decode() == (
        f'{{"token":"{PUSHPLUS.secrets[0]}","title":"洗衣机","template":"markdown",'
        '"channel":"wechat","topic":"family","content":"# 洗衣机\\n完成"}'
    )


async def test_to_oneself(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that a message to oneself has no target."""
    await set_up(hass, PUSHPLUS, pushplus, recipient=SELF)
    answer = await say(hass, "Done")
    assert body(pushplus, PUSHPLUS_SEND) == WITHOUT_TOPIC
    (receipt,) = answer.values()
    assert [each["target"] for each in receipt["accepted"]] == ["self"]


async def test_expiry(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that the expiry is sent in milliseconds."""
    await set_up(hass, PUSHPLUS, pushplus)
    freezer.move_to(datetime(2026, 11, 21, 8, tzinfo=UTC))
    await tell(hass, "Done", expires_after={"hours": 1, "seconds": 30})
    # With a margin for clocks that differ.
    expected = datetime(2026, 11, 21, 9, 1, 30, tzinfo=UTC)
    assert body(pushplus, PUSHPLUS_SEND)["timestamp"] == expected.timestamp() * 1000
    assert b'"timestamp":1795251690000}' in pushplus.requests[-1].body


@pytest.mark.parametrize(
    ("fields", "channel", "option"),
    [
        (
            {"channel": ["wechat", "webhook", "cp"], "option": ["", "bark", "homecp"]},
            "wechat,webhook,cp",
            ",bark,homecp",
        ),
        (
            {
                "channel": ["webhook", "wechat", "cp"],
                "option": ["bark", None, "homecp"],
            },
            "webhook,wechat,cp",
            "bark,,homecp",
        ),
        ({"channel": ["webhook", "app"], "option": "bark"}, "webhook,app", "bark"),
        ({"channel": "wechat, webhook", "option": ",bark"}, "wechat,webhook", ",bark"),
        ({"channel": ["wechat", "app"]}, "wechat,app", None),
    ],
)
async def test_several_channels(
    hass: HomeAssistant,
    pushplus: PushPlus,
    fields: dict[str, Any],
    channel: str,
    option: str | None,
) -> None:
    """Test that channels and options keep their order in one request."""
    await set_up(hass, PUSHPLUS, pushplus)
    answer = await say(hass, "Done", **fields)
    sent = body(pushplus, PUSHPLUS_BATCH)
    assert sent["channel"] == channel
    assert sent.get("option") == option
    assert not pushplus.requests_to(PUSHPLUS_SEND)
    (receipt,) = answer.values()
    assert receipt == {
        **SENT,
        "accepted": [
            {"target": name, "message_id": short_code}
            for name, short_code in zip(
                channel.split(","), pushplus.messages, strict=True
            )
        ],
        "refused": [],
    }


async def test_one_channel_refused(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that the error names a failed channel while others succeed."""
    await set_up(hass, PUSHPLUS, pushplus)
    channels = {"channel": ["wechat", "webhook", "mail"], "option": ["", "x", "y"]}
    answer = await say(hass, "Done", **channels)
    (short_code,) = pushplus.messages
    assert answer["notify.family_pushplus"] == {
        **SENT,
        "accepted": [{"target": "wechat", "message_id": short_code}],
        "refused": [
            {"target": "webhook", "reason": "webhook编码不存在"},
            {"target": "mail", "reason": "邮箱编码不存在"},
        ],
    }
    with pytest.raises(HomeAssistantError) as raised:
        await tell(hass, "Done", **channels)
    assert str(raised.value) == (
        "The service refused the message for these targets: webhook (webhook编码不存在), "
        "mail (邮箱编码不存在). It was sent to all others"
    )


async def test_friend_token_is_shown_to_nobody(
    hass: HomeAssistant, pushplus: PushPlus
) -> None:
    """Test that answers and errors do not contain friend tokens."""
    await set_up(hass, PUSHPLUS, pushplus)
    answer = await say(hass, "Done", friends=FRIEND)
    assert answer["notify.family_pushplus"]["accepted"][0]["target"] == "f00d…"
    refused = [{"code": 999, "message": f"{FRIEND} x", "channel": "app"}]
    pushplus.always(json_answer({"code": 200, "data": refused}))
    with pytest.raises(HomeAssistantError) as raised:
        await say(hass, "Done", friends=FRIEND, channel=["app", "wechat"])
    assert "app (" in str(raised.value)
    assert FRIEND not in str(raised.value)


async def test_many_friends(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that friends above the limit of a request go into another one."""
    await set_up(hass, PUSHPLUS, pushplus)
    friends = [f"{number:032x}" for number in range(11)]
    await tell(hass, "Done", friends=friends)
    sent = [each.json["to"].split(",") for each in pushplus.requests_to(PUSHPLUS_SEND)]
    assert sent == [friends[:10], friends[10:]]


@pytest.mark.parametrize(
    ("template", "fields", "expected"),
    [
        ("html", {}, "html"),
        ("html", {"format": "text"}, "txt"),
        ("json", {}, "json"),
    ],
)
async def test_template_of_the_recipient(
    hass: HomeAssistant,
    pushplus: PushPlus,
    template: str,
    fields: dict[str, str],
    expected: str,
) -> None:
    """Test that the format of a message overrides the recipient's template."""
    recipient = {**PUSHPLUS.recipient, "template": template}
    await set_up(hass, PUSHPLUS, pushplus, recipient=recipient)
    await tell(hass, '{"a": "b"}', **fields)
    sent = body(pushplus, PUSHPLUS_SEND)
    assert (sent["template"], sent["content"]) == (expected, '{"a": "b"}')


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (
            {"template": "json", "message": "x" * 20_001},
            "The message is too long. The limit is 20000 characters",
        ),
        ({"template": "json", "message": " "}, "The message is empty."),
        (
            {"template": "json", "url": CALLBACK},
            "Not supported here: Link (json). Use html, markdown, txt instead",
        ),
        (
            {"template": "pay", "image": PICTURE},
            "Not supported here: Picture, File (pay). Use html, markdown, txt instead",
        ),
        ({"template": "form"}, "This message type requires the field Stored content"),
        (
            {"template": "webdiff"},
            "This message type requires the field Stored content",
        ),
        (
            {"channel": "cp"},
            "This message type requires the field Channel configurations (WeCom application)",
        ),
        (
            {"channel": ["wechat", "webhook"], "option": ["bark"]},
            "This message type requires the field Channel configurations (Third-party webhook)",
        ),
        (
            {"channel": "wechat", "option": ["", "bark"]},
            "The field Channel configurations has too many entries. The limit is 1",
        ),
        ({"topic": "family", "friends": FRIEND}, "Enter the code of one group, or"),
        ({"targets": "family", "friends": FRIEND}, "Enter the code of one group, or"),
    ],
)
async def test_refused(
    hass: HomeAssistant, pushplus: PushPlus, fields: dict[str, Any], text: str
) -> None:
    """Test refusals that need no request."""
    await set_up(hass, PUSHPLUS, pushplus)
    assert (await refusal(hass, **{"message": "Done", **fields})).startswith(text)
    assert not pushplus.requests
