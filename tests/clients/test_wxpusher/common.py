"""What the tests of WxPusher share."""

from custom_components.wechat_push.clients.message import Attachment, AttachmentKind
from custom_components.wechat_push.clients.wxpusher.client import WxPusherTarget
from tests.simulators.wxpusher_accounts import UID_ZHANG

PATH = "/api/send/message"
ZHANG = WxPusherTarget(uids=(UID_ZHANG,))
UNKNOWN = "UID_Unknown00000000000000000000000"
PICTURE = Attachment(
    kind=AttachmentKind.IMAGE,
    name="Door <1>",
    content_type="image/jpeg",
    url="https://example.com/a.jpg?a=1&b=2",
)
