"""All simulators and the page of the phones as one."""

from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from .base import Simulator
from .phones import Phones
from .pushjet import Pushjet
from .pushplus import PushPlus
from .wecom import WeCom
from .wxpusher import WxPusher


class Simulators:
    """The page and the simulators, on consecutive or any free ports.

    Args:
        port_base: the port of the page; those of the simulators follow, in their order.

    """

    def __init__(self, port_base: int | None = None) -> None:
        self.wxpusher = WxPusher()
        self.wecom = WeCom()
        self.pushplus = PushPlus()
        self.pushjet = Pushjet()
        # Also the columns of the page, in this order.
        self.all: tuple[Simulator, ...] = (
            self.wxpusher,
            self.wecom,
            self.pushplus,
            self.pushjet,
        )
        self._phones = Phones(self.all)
        self._port_base = port_base
        self._started = AsyncExitStack()

    @property
    def page_url(self) -> str:
        """Return the URL of the page of the phones."""
        return self._phones.url

    async def __aenter__(self) -> Self:
        """Start all parts, or none if one fails."""
        async with AsyncExitStack() as stack:
            parts: tuple[Simulator | Phones, ...] = (self._phones, *self.all)
            for offset, part in enumerate(parts):
                port = 0 if self._port_base is None else self._port_base + offset
                await part.start(port=port)
                stack.push_async_callback(part.stop)
            self._started = stack.pop_all()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop all parts."""
        await self._started.aclose()
