"""The sample account of a group robot of WeCom."""

from dataclasses import replace
from typing import Any

from tests.simulators import json_answer
from tests.simulators.wecom_accounts import ROBOT_KEY

from .sample import LINK, Renewal, Sample, of_message_type
from .wecom import SAMPLE as APPLICATION

_RENEWED = "fee15a1d-0c0f-2345-6789-0123456789ab"
_RECIPIENT: dict[str, Any] = {
    "mention": [],
    "format": "text",
    "markdown_version": "auto",
    "ordinary_wechat": False,
}


def _renew(wecom: Any) -> None:
    """Delete the robot, and add another one to its group."""
    wecom.robots[_RENEWED] = wecom.robots.pop(ROBOT_KEY)


SAMPLE = Sample(
    service="wecom_robot",
    title="WeCom group robot · …89ab",
    recipient_title="Group (WeCom group robot)",
    chinese_titles=("企业微信群机器人 · …89ab", "群（企业微信群机器人）"),
    entity_id="notify.group_wecom_group_robot",
    console_url="https://developer.work.weixin.qq.com/document/path/99110",
    account={"key": ROBOT_KEY, "send_test": False},
    first_entity_id="notify.group_wecom_group_robot",
    recipient=_RECIPIENT,
    second={**_RECIPIENT, "mention": ["zhangsan"]},
    wrong_recipient=_RECIPIENT,
    receivers=["Family group"],
    stored_account={"key": ROBOT_KEY},
    stored_recipient=_RECIPIENT,
    secret_field="key",
    secrets=(ROBOT_KEY,),
    path="/cgi-bin/webhook/send",
    check_path="/cgi-bin/webhook/send",
    checked={"send_test": True},
    renewal=Renewal(
        happens=_renew,
        credentials={"key": _RENEWED, "send_test": True},
        wrong={"key": "00000000-dead-0000-dead-000000000000", "send_test": True},
        errors={"key": "wecom_robot_key"},
        refusal=json_answer({"errcode": 93000, "errmsg": "invalid webhook url"}),
        problem="wecom_robot_key",
    ),
    burst=20,
    limit=2048,
    limit_bytes=2048,
    body=of_message_type,
    text_field="content",
    formats=APPLICATION.formats,
    titled=replace(
        APPLICATION.titled,
        html={"content": f"**A & B**\nDone\n\n[\\<c\\>]({LINK})"},
    ),
)
