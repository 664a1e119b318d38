"""What the tests of PushPlus share."""

from custom_components.wechat_push.clients.message import Attachment, AttachmentKind
from custom_components.wechat_push.clients.pushplus.client import PushPlusTarget
from tests.simulators.pushplus_accounts import TOPIC

MYSELF = PushPlusTarget()
FAMILY = PushPlusTarget(topic=TOPIC)
PICTURE = Attachment(
    kind=AttachmentKind.IMAGE,
    name="Door",
    content_type="image/jpeg",
    url="https://example.com/a.jpg",
)
