"""The sample account of WeCom, an application."""

from typing import Any

from tests.simulators import json_answer
from tests.simulators.wecom_accounts import AGENT_ID, CORP_ID, SECRET

from .sample import LINK, MARKUP, Person, Renewal, Sample, Titled, of_message_type

_RENEWED = "RenewedSecret-RenewedSecret-RenewedSecret-R"


def _renew(wecom: Any) -> None:
    """Reset the secret of the application."""
    wecom.secret = _RENEWED


def _person(number: int) -> Person:
    """Return a member."""
    name = f"person{number}"

    def join(wecom: Any) -> None:
        wecom.agents[AGENT_ID].users[name] = name

    return Person(fields={"targets": [f"@{name}"]}, receiver=name, join=join)


SAMPLE = Sample(
    service="wecom",
    title="WeCom · Home alarms",
    recipient_title="Everyone (WeCom)",
    chinese_titles=("企业微信 · Home alarms", "所有人（企业微信）"),
    entity_id="notify.everyone_wecom",
    console_url="https://work.weixin.qq.com/wework_admin/frame#apps",
    account={"corp_id": CORP_ID, "agent_id": str(AGENT_ID), "secret": SECRET},
    recipient={"targets": ["@all"], "format": "text", "ordinary_wechat": False},
    second={"targets": ["@lisi"], "format": "text", "ordinary_wechat": False},
    wrong_recipient={"targets": ["@nobody"], "format": "text"},
    receivers=["@all"],
    person=_person,
    stored_account={"corp_id": CORP_ID, "agent_id": str(AGENT_ID), "secret": SECRET},
    stored_recipient={
        "users": [],
        "departments": [],
        "tags": [],
        "everyone": True,
        "format": "text",
        "ordinary_wechat": False,
    },
    needed=frozenset({"everyone"}),
    secret_field="secret",
    secrets=(SECRET,),
    path="/cgi-bin/message/send",
    check_path="/cgi-bin/agent/get",
    options={"has_callback": False},
    renewal=Renewal(
        happens=_renew,
        credentials={"secret": _RENEWED},
        wrong={"secret": "WrongSecret"},
        errors={"secret": "wecom_secret"},
        refusal=json_answer({"errcode": 40001, "errmsg": "invalid credential"}),
        problem="wecom_secret",
    ),
    burst=30,
    # It drops what it is sent twice.
    copies=1,
    limit=2048,
    limit_bytes=2048,
    body=of_message_type,
    text_field="content",
    formats={
        "text": MARKUP,
        "markdown": "# A\n\n[b](https://c.d) e",
        "html": "# A [b](https://c.d) e",
    },
    titled=Titled(
        text={"content": f"Laundry\nDone\nLook: {LINK}"},
        link_alone={"content": f"Done\n{LINK}"},
        markdown={"content": f"**A *b***\nDone\n\n[c\\_d]({LINK})"},
        html={"content": f"A & B\nDone\n<c>: {LINK}"},
    ),
)
