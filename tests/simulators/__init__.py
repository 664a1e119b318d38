"""Stand-ins on loopback for the services that WeChat Push sends through."""

from .base import (
    BAD_ANSWERS,
    Answer,
    Notification,
    Part,
    RecordedRequest,
    Reset,
    Simulator,
)
from .pushjet import Pushjet
from .pushplus import PushPlus
from .together import Simulators
from .wecom import WeCom
from .wxpusher import WxPusher

__all__ = [
    "BAD_ANSWERS",
    "Answer",
    "Notification",
    "Part",
    "PushPlus",
    "Pushjet",
    "RecordedRequest",
    "Reset",
    "Simulator",
    "Simulators",
    "WeCom",
    "WxPusher",
]
