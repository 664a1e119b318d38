"""The registry of providers."""

from typing import Any, Final

from .base import Provider
from .pushjet import Pushjet
from .pushplus import PushPlus
from .serverchan import ServerChan
from .wecom import WeCom
from .wecom_robot import WeComRobot
from .wxpusher import WxPusher
from .wxpusher_simple_push import WxPusherSimplePush

PROVIDERS: Final[dict[str, Provider[Any, Any]]] = {
    # In the order of what most homes want.
    provider.key: provider
    for provider in (
        PushPlus(),
        WeComRobot(),
        ServerChan(),
        WxPusherSimplePush(),
        WxPusher(),
        WeCom(),
        Pushjet(),
    )
}
