"""The sample account of PushPlus."""

from typing import Any

from tests.simulators import json_answer
from tests.simulators.pushplus_accounts import SECRET_KEY, TOKEN, Topic

from .sample import AS_IT_IS, LINK, Person, Renewal, Sample, Titled, of_json

FRIEND = "f00df00df00df00df00df00df00df00d"
ONESELF: dict[str, Any] = {"kind": "self", "channel": "wechat", "format": "text"}
_RENEWED = "0000e0e0e0e0e0e0e0e0e0e0e0e0e0e0"


def _renew(pushplus: Any) -> None:
    """Reset the token of the person."""
    account = pushplus.accounts.pop(TOKEN)
    account.token = _RENEWED
    pushplus.accounts[account.token] = account


def _person(number: int) -> Person:
    """Return a group."""
    code = f"group{number}"

    def join(pushplus: Any) -> None:
        pushplus.account.topics[code] = Topic(topic_id=100 + number, name=code)

    return Person(fields={"topic": code}, receiver=code, join=join)


SAMPLE = Sample(
    service="pushplus",
    title="PushPlus · …abcd",
    recipient_title="family (PushPlus)",
    chinese_titles=("PushPlus · …abcd", "family（PushPlus）"),
    entity_id="notify.family_pushplus",
    console_url="https://www.pushplus.plus/uc.html",
    account={"token": TOKEN, "send_test": False},
    first_entity_id="notify.me_pushplus",
    recipient={**ONESELF, "kind": "topic", "topic": "family"},
    second=ONESELF,
    wrong_recipient={
        **ONESELF,
        "kind": "friends",
        "friends": ["deadf00ddeadf00ddeadf00ddeadf00d"],
        "channel": "cp",
    },
    receivers=["family"],
    person=_person,
    stored_account={"token": TOKEN, "secret_key": SECRET_KEY},
    stored_recipient={
        "kind": "topic",
        "topic": "family",
        "friends": [],
        "channel": "wechat",
        "option": None,
        "template": None,
        "format": "text",
    },
    needed=frozenset({"topic"}),
    secret_field="token",
    secrets=(TOKEN, FRIEND),
    path="/send",
    check_path="/send",
    checked={"send_test": True},
    options={"member": False, "ask_results": True, "listen_results": False},
    outcomes=["confirmed", "failed"],
    renewal=Renewal(
        happens=_renew,
        credentials={"token": _RENEWED, "send_test": True},
        wrong={"token": "0000dead0000dead0000dead0000dead", "send_test": True},
        errors={"token": "pushplus_token"},
        refusal=json_answer({"code": 903, "msg": "无效的用户token", "data": None}),
        problem="pushplus_token",
    ),
    burst=5,
    limit=20_000,
    limit_bytes=20_000 * 4,
    body=of_json,
    text_field="content",
    formats=AS_IT_IS,
    titled=Titled(
        text={"content": f"Done\nLook: {LINK}", "title": "Laundry"},
        link_alone={"content": f"Done\n{LINK}", "title": "Done"},
        markdown={"content": f"Done\n\n[c\\_d]({LINK})", "title": "A *b*"},
        html={
            "content": "Done<br/>"
            '<a href="https://example.com/laundry?day=1&amp;room=2">&lt;c&gt;</a>',
            "title": "A & B",
        },
    ),
)
