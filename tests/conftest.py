"""Fixtures: the simulated services, and the accounts that are set up with them."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
import ssl
import time
from typing import Any

import pytest

# First, so that this folder wins over the one of Home Assistant's test package.
from custom_components.wechat_push import account
from custom_components.wechat_push.storage import SystemClock
from homeassistant.core import ServiceRegistry, ServiceResponse
from homeassistant.data_entry_flow import FlowHandler, FlowManager
from homeassistant.exceptions import HomeAssistantError
from tests.certificates import self_signed
from tests.moments import track_jobs
from tests.samples import SAMPLES, Sample
from tests.simulators import Simulator
from tests.simulators.pushjet import Pushjet
from tests.simulators.pushplus import PushPlus
from tests.simulators.wecom import WeCom
from tests.simulators.wxpusher import WxPusher
from tests.texts import error_problems, flow_problems


@pytest.fixture(autouse=True)
async def enable_event_loop_debug(pytestconfig: pytest.Config) -> None:
    """Replace the fixture of the test package: debug the event loop on request."""
    asyncio.get_running_loop().set_debug(pytestconfig.getoption("loop_debug"))


@pytest.fixture(autouse=True)
async def executor_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `tests.moments` know when the executor is idle."""
    track_jobs(asyncio.get_running_loop(), monkeypatch)


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(enable_custom_integrations: None) -> None:
    """Let Home Assistant load the integration."""


@pytest.fixture(autouse=True)
def outboxes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the folder of the outboxes; their clock is the one that tests can stop."""
    monkeypatch.setattr(
        account, "outbox_path", lambda hass, entry_id: tmp_path / f"{entry_id}.sqlite"
    )
    monkeypatch.setattr(SystemClock, "now", lambda self: time.monotonic())
    return tmp_path


@pytest.fixture(autouse=True)
def storage(hass_storage: dict[str, Any]) -> dict[str, Any]:
    """Return what is on the disk: nothing at first, and nothing when a test is over."""
    return hass_storage


@pytest.fixture(autouse=True)
def every_text_exists(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Look at all that flows and errors show while a test runs."""
    problems: list[str] = []
    # Every step of every flow passes here, also those that open by themselves.
    handle_step = vars(FlowManager)["_async_handle_step"]
    call_service = ServiceRegistry.async_call

    async def look_at_step(
        manager: Any, flow: FlowHandler[Any, Any, Any], *args: Any
    ) -> Any:
        result = await handle_step(manager, flow, *args)
        problems.extend(flow_problems(flow, result))
        return result

    async def look_at_error(*args: Any, **kwargs: Any) -> ServiceResponse:
        try:
            return await call_service(*args, **kwargs)
        except HomeAssistantError as err:
            problems.extend(error_problems(err))
            raise

    monkeypatch.setattr(FlowManager, "_async_handle_step", look_at_step)
    monkeypatch.setattr(ServiceRegistry, "async_call", look_at_error)
    yield
    assert not problems


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """Return what a simulator serves TLS with; no client trusts it."""
    return self_signed(tmp_path_factory.mktemp("certificate"))


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


@pytest.fixture(params=SAMPLES.values(), ids=list(SAMPLES))
def sample(request: pytest.FixtureRequest) -> Sample:
    """Return an account of each service in turn."""
    value: Sample = request.param
    return value


@pytest.fixture
def simulator(sample: Sample, request: pytest.FixtureRequest) -> Simulator:
    """Return the running simulator of the sample's service."""
    started: Simulator = request.getfixturevalue(sample.service)
    return started
