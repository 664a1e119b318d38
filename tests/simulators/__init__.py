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
from .base import Notification, Part, RecordedRequest, Simulator, arrival
from .pushjet import Pushjet
from .pushplus import PushPlus
from .serverchan import ServerChan
from .together import SIMULATORS, Simulators
from .trouble import Trouble
from .wecom import WeCom
from .wecom_robot import WeComRobot
from .wxpusher import WxPusher
from .wxpusher_simple_push import WxPusherSimplePush

__all__ = [
    "BAD_ANSWERS",
    "SIMULATORS",
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
    "WeComRobot",
    "WxPusher",
    "WxPusherSimplePush",
    "arrival",
    "basic_auth_page",
    "json_answer",
    "nginx_page",
    "too_many",
]
