"""All simulators and the page of the phones as one."""

from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from .base import Simulator
from .phones import Phones
from .pushjet import Pushjet
from .pushplus import PushPlus
from .serverchan import ServerChan
from .wecom import WeCom
from .wecom_robot import WeComRobot
from .wxpusher import WxPusher
from .wxpusher_simple_push import WxPusherSimplePush

# In the order of their columns on the page.
SIMULATORS: tuple[type[Simulator], ...] = (
    WxPusher,
    WxPusherSimplePush,
    WeCom,
    WeComRobot,
    PushPlus,
    ServerChan,
    Pushjet,
)


class Simulators:
    """The page and the simulators, on consecutive or any free ports.

    Args:
        port_base: the port of the page; those of the simulators follow, in their order.

    """

    def __init__(self, port_base: int | None = None) -> None:
        self.all: tuple[Simulator, ...] = tuple(kind() for kind in SIMULATORS)
        self._phones = Phones(self.all)
        self._port_base = port_base
        self._started = AsyncExitStack()

    def __getitem__[SimulatorT: Simulator](self, kind: type[SimulatorT]) -> SimulatorT:
        """Return the simulator of a service."""
        (found,) = (one for one in self.all if type(one) is kind)
        assert isinstance(found, kind)
        return found

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
                stack.push_async_callback(part.close)
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
