"""The sample account of Server酱."""

from typing import Any

from tests.simulators import json_answer
from tests.simulators.serverchan import TURBO_KEY

from .sample import LINK, MARKUP, Renewal, Sample, Titled, of_json

_RENEWED = "SCT654321TRenewedRenewedRenewedRen"


def _renew(serverchan: Any) -> None:
    """Give the owner another key."""
    serverchan.turbo_keys = [_RENEWED]


SAMPLE = Sample(
    service="serverchan",
    title="Server酱 · …UvWx",
    recipient_title="Me (Server酱)",
    chinese_titles=("Server酱 · …UvWx", "我（Server酱）"),
    entity_id="notify.me_serverjiang",
    console_url="https://sct.ftqq.com/sendkey",
    account={"key": TURBO_KEY, "send_test": False},
    first_entity_id="notify.me_serverjiang",
    recipient={},
    second={},
    wrong_recipient={},
    receivers=["owner"],
    stored_account={"key": TURBO_KEY},
    stored_recipient={},
    secret_field="key",
    secrets=(TURBO_KEY,),
    path=f"/{TURBO_KEY}.send",
    check_path=f"/{TURBO_KEY}.send",
    checked={"send_test": True},
    renewal=Renewal(
        happens=_renew,
        credentials={"key": _RENEWED, "send_test": True},
        wrong={"key": "SCT1TNobodyNobodyNobodyNobody", "send_test": True},
        errors={"key": "serverchan_send_key"},
        refusal=json_answer({"code": 40001, "message": "[AUTH]错误的Key"}, status=400),
        problem="serverchan_send_key",
    ),
    burst=50,
    limit=32_768,
    limit_bytes=32_768,
    body=of_json,
    text_field="desp",
    # All of it is Markdown.
    plain="洗衣机 done 🧺\n\n\\<b>& it's 21 °C\\</b>",
    line_break="\n\n",
    formats={
        "text": "\\# A\n\n\\[b\\]([https://c.d](https://c.d)) \\<i>e\\</i>",
        "markdown": MARKUP,
        "html": "\\# A \\[b\\]([https://c.d](https://c.d)) e",
    },
    titled=Titled(
        text={"title": "Laundry", "desp": f"Done\n\n[Look]({LINK})"},
        link_alone={"title": "Done", "desp": f"Done\n\n[{LINK}]({LINK})"},
        markdown={"title": "A *b*", "desp": f"Done\n\n[c\\_d]({LINK})"},
        html={"title": "A & B", "desp": f"Done\n\n[\\<c\\>]({LINK})"},
    ),
)
