"""wxpusher, github.com/wxpusher/wxpusher-sdk-python."""

from tests.simulators import WxPusher
from tests.simulators.wxpusher_accounts import APP_TOKEN, UID_LI, UID_ZHANG

from .common import needs, run

PROGRAM = """
from wxpusher import WxPusher

token, *uids = arguments
WxPusher.default_token = token
sent = WxPusher.send_message(
    "Open.", uids=uids, topic_ids=[8001], summary="Door", url="https://a.b"
)
message_id = sent["data"][0]["messageId"]
found += [
    [(each["uid"], each["topicId"], each["code"]) for each in sent["data"]],
    WxPusher.query_message(message_id)["code"],
    WxPusher.create_qrcode("door")["data"]["extra"],
    [user["uid"] for user in WxPusher.query_user(1, 10)["data"]["records"]],
    WxPusher.send_message("Open.", uids=uids, token=f"{token}0"),
]
"""


@needs("wxpusher")
async def test_calls(wxpusher: WxPusher) -> None:
    """An application takes all calls, and no token but its own."""
    simulators = {"wxpusher.zjiecode.com": wxpusher}
    uids = (UID_ZHANG, "UID_nobody")
    results, state, extra, users, refusal = await run(
        PROGRAM, simulators, APP_TOKEN, *uids
    )
    assert results == [
        [UID_ZHANG, None, 1000],
        ["UID_nobody", None, 1001],
        [None, 8001, 1000],
    ]
    assert (state, extra, users) == (1000, "door", [UID_ZHANG, UID_LI])
    assert refusal == {
        "code": 1001,
        "msg": "appToken不正确",
        "data": None,
        "success": False,
    }
    assert [(shown.recipient, shown.title) for shown in wxpusher.notifications] == [
        (UID_ZHANG, "Door"),
        ("8001", "Door"),
    ]
