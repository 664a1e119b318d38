"""The simulator of WxPusher for simple push, which shows on a phone of its own."""

from typing import ClassVar

from .wxpusher import WxPusher


class WxPusherSimplePush(WxPusher):
    """WxPusher, where only simple push is used."""

    name: ClassVar[str] = "wxpusher_simple_push"
    title: ClassVar[str] = "WxPusher simple push"
    chinese_title: ClassVar[str] = "WxPusher 极简推送"
    colour: ClassVar[str] = "#0b8f83"
    badge: ClassVar[str] = "简"
