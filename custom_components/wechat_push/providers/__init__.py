"""The registry of providers."""

from typing import Any, Final

from .base import Provider
from .pushjet import Pushjet
from .pushplus import PushPlus
from .wecom import WeCom
from .wxpusher import WxPusher

PROVIDERS: Final[dict[str, Provider[Any, Any]]] = {
    provider.key: provider for provider in (WxPusher(), WeCom(), PushPlus(), Pushjet())
}
