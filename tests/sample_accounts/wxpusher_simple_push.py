"""The sample account of WxPusher's simple push."""

from tests.simulators.wxpusher_accounts import OTHER_SPT, SPT

from .pushjet import LOGIN
from .sample import Sample, of_json
from .wxpusher import SAMPLE as WXPUSHER

SAMPLE = Sample(
    service="wxpusher_simple_push",
    title="WxPusher simple push",
    recipient_title="…0000 (WxPusher simple push)",
    chinese_titles=("WxPusher 极简推送", "…0000（WxPusher 极简推送）"),
    entity_id="notify.0000_wxpusher_simple_push",
    console_url="https://wxpusher.zjiecode.com/api/qrcode/RwjGLMOPTYp35zSYQr0HxbCPrV9eU0w"
    "KVBXU1D5VVtya0cQXEJWPjqBdW3gKLifS.jpg",
    account={},
    new={"secret": SPT, "send_test": False},
    first_entity_id="notify.0000_wxpusher_simple_push",
    recipient={"secret": SPT, "send_test": False},
    second={"secret": OTHER_SPT, "send_test": False},
    wrong_recipient={"secret": "SPT_Nobody", "send_test": True},
    receivers=[SPT],
    stored_account={},
    stored_recipient={"secret": SPT},
    needed=frozenset({"secret"}),
    secret_field=None,
    secrets=(SPT,),
    path="/api/send/message/simple-push",
    check_path="/api/send/query/status",
    renewal=LOGIN,
    burst=20,
    taken=WXPUSHER.taken | {"wrong_types_nested"},
    limit=WXPUSHER.limit,
    limit_bytes=WXPUSHER.limit_bytes,
    body=of_json,
    text_field="content",
    formats=WXPUSHER.formats,
    titled=WXPUSHER.titled,
)
