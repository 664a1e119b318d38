"""Fixtures of the clients' tests: no Home Assistant, a plain session, a client each."""

from collections.abc import AsyncGenerator

import aiohttp
import pytest

from custom_components.wechat_push.clients import uptime
from tests.simulators import Simulator

from .common import SERVICES, Service


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure by the clock that tests freeze."""
    monkeypatch.setattr(uptime, "_CLOCK", None)


@pytest.fixture
async def session(socket_enabled: None) -> AsyncGenerator[aiohttp.ClientSession]:
    """Return a session as any program has one."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture(params=SERVICES.values(), ids=list(SERVICES))
def service(request: pytest.FixtureRequest) -> Service:
    """Return each service in turn."""
    value: Service = request.param
    return value


@pytest.fixture
async def simulator(
    service: Service, socket_enabled: None
) -> AsyncGenerator[Simulator]:
    """Return the running stand-in for the service."""
    async with service.simulator() as simulator:
        yield simulator
