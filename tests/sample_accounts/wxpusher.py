"""The sample account of WxPusher."""

from typing import Any

from tests.simulators import json_answer
from tests.simulators.wxpusher_accounts import APP_TOKEN, UID_ZHANG, Follower

from .sample import AS_IT_IS, LINK, Person, Renewal, Sample, Titled, of_json


def _renew(wxpusher: Any) -> None:
    """Reset the token of the application."""
    wxpusher.apps["AT_RenewedAppToken"] = wxpusher.apps.pop(APP_TOKEN)


def _person(number: int) -> Person:
    """Return a follower."""
    uid = f"UID_Person{number:022}"

    def join(wxpusher: Any) -> None:
        name = f"Person {number}"
        follower = Follower(record_id=100 + number, uid=uid, nickname=name)
        wxpusher.apps[APP_TOKEN].followers[uid] = follower

    return Person(fields={"targets": [uid]}, receiver=uid, join=join)


SAMPLE = Sample(
    service="wxpusher",
    title="WxPusher · Home alarms",
    recipient_title="Zhang San (WxPusher)",
    chinese_titles=("WxPusher · Home alarms", "Zhang San（WxPusher）"),
    entity_id="notify.zhang_san_wxpusher",
    console_url="https://wxpusher.zjiecode.com/admin/",
    account={"app_token": APP_TOKEN},
    recipient={"targets": [UID_ZHANG], "format": "text"},
    second={"targets": ["8002"], "format": "text"},
    wrong_recipient={"targets": ["UID_Nobody"], "format": "text"},
    receivers=[UID_ZHANG],
    person=_person,
    stored_account={"app_token": APP_TOKEN},
    stored_recipient={"uids": [UID_ZHANG], "topics": [], "format": "text"},
    needed=frozenset({"uids"}),
    secret_field="app_token",
    secrets=(APP_TOKEN,),
    path="/api/send/message",
    check_path="/api/fun/wxuser/v2",
    options={"ask_results": False},
    outcomes=["hint"],
    renewal=Renewal(
        happens=_renew,
        credentials={"app_token": "AT_RenewedAppToken"},
        wrong={"app_token": "AT_WrongAppToken"},
        errors={"app_token": "wxpusher_app_token"},
        refusal=json_answer({"code": 1001, "msg": "appToken不正确"}),
        problem="wxpusher_app_token",
    ),
    burst=20,
    taken=frozenset({"wrong_types_records"}),
    limit=40_000,
    limit_bytes=65_535,
    body=of_json,
    text_field="content",
    formats=AS_IT_IS,
    titled=Titled(
        text={"content": "Laundry\nDone", "summary": "Laundry"},
        link_alone={"content": "Done", "url": LINK},
        markdown={"content": "### A \\*b\\*\n\nDone", "url": LINK},
        html={"content": "<h3>A &amp; B</h3>Done", "url": LINK},
    ),
)
