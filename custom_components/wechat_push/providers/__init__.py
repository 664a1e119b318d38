"""The registry of providers."""

from typing import Any, Final

from .base import Provider
from .pushjet import Pushjet
from .pushplus import PushPlus
from .wecom import WeCom
from .wxpusher import WxPusher

PROVIDERS: Final[dict[str, Provider[Any, Any]]] = {
    # In the order of what most homes want.
    provider.key: provider
    for provider in (PushPlus(), WxPusher(), WeCom(), Pushjet())
}
