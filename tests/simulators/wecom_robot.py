"""The simulator of WeCom for group robots, whose messages show on a phone of their own."""

from typing import ClassVar

from .wecom import WeCom


class WeComRobot(WeCom):
    """WeCom, where only robots are used."""

    name: ClassVar[str] = "wecom_robot"
    title: ClassVar[str] = "WeCom group robot"
    chinese_title: ClassVar[str] = "企业微信群机器人"
    colour: ClassVar[str] = "#1673c9"
    badge: ClassVar[str] = "群"
