"""Simulators of the services on loopback."""

from .answers import (
    BAD_ANSWERS,
    Answer,
    Reset,
    basic_auth_page,
    json_answer,
    nginx_page,
    too_many,
)
from .base import Notification, Part, RecordedRequest, Simulator
from .pushjet import Pushjet
from .pushplus import PushPlus
from .serverchan import ServerChan
from .together import Simulators
from .trouble import Trouble
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
    "ServerChan",
    "Simulator",
    "Simulators",
    "Trouble",
    "WeCom",
    "WxPusher",
    "basic_auth_page",
    "json_answer",
    "nginx_page",
    "too_many",
]
