"""Fixtures: the simulated services, and the accounts that are set up with them."""

from collections.abc import AsyncGenerator

import pytest

# First, so that this folder wins over the one of Home Assistant's test package.
import custom_components.wechat_push  # noqa: F401
from tests.samples import SAMPLES, Sample
from tests.simulators import Simulator
from tests.simulators.pushjet import Pushjet
from tests.simulators.pushplus import PushPlus
from tests.simulators.wecom import WeCom
from tests.simulators.wxpusher import WxPusher


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(enable_custom_integrations: None) -> None:
    """Let Home Assistant load the integration."""


@pytest.fixture
async def wxpusher(socket_enabled: None) -> AsyncGenerator[WxPusher]:
    """Return a running stand-in for WxPusher."""
    async with WxPusher() as simulator:
        yield simulator


@pytest.fixture
async def wecom(socket_enabled: None) -> AsyncGenerator[WeCom]:
    """Return a running stand-in for WeCom."""
    async with WeCom() as simulator:
        yield simulator


@pytest.fixture
async def pushplus(socket_enabled: None) -> AsyncGenerator[PushPlus]:
    """Return a running stand-in for PushPlus."""
    async with PushPlus() as simulator:
        yield simulator


@pytest.fixture
async def pushjet(socket_enabled: None) -> AsyncGenerator[Pushjet]:
    """Return a running stand-in for a Pushjet server."""
    async with Pushjet() as simulator:
        yield simulator


@pytest.fixture(params=SAMPLES.values(), ids=SAMPLES)
def sample(request: pytest.FixtureRequest) -> Sample:
    """Return an account of each service in turn."""
    value: Sample = request.param
    return value


@pytest.fixture
def simulator(
    sample: Sample,
    wxpusher: WxPusher,
    wecom: WeCom,
    pushplus: PushPlus,
    pushjet: Pushjet,
) -> Simulator:
    """Return the stand-in for the service of the sample."""
    running: dict[str, Simulator] = {
        each.name: each for each in (wxpusher, wecom, pushplus, pushjet)
    }
    return running[sample.service]
