"""Fixtures: Home Assistant, the simulators and a sample account of each service."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
import ssl
from typing import Any, Final

import pytest

# First, so that this folder wins over the one of Home Assistant's test package.
from custom_components.wechat_push import account
from custom_components.wechat_push.clients import uptime
from homeassistant.core import HomeAssistant, ServiceRegistry, ServiceResponse
from homeassistant.data_entry_flow import FlowHandler, FlowManager
from homeassistant.exceptions import HomeAssistantError
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from tests.certificates import self_signed
from tests.moments import track_jobs
from tests.samples import SAMPLES, Sample
from tests.simulators import SIMULATORS, Simulator
from tests.texts import error_problems, flow_problems

# They need a browser, and run by themselves: see scripts/test.
collect_ignore: Final = ["e2e"]
# Turns of the event loop for a reload; it may wait for something that never comes.
_MOST_TURNS: Final = 1000


@pytest.fixture(autouse=True)
async def enable_event_loop_debug(pytestconfig: pytest.Config) -> None:
    """Replace the fixture of the test package: debug the event loop on request."""
    asyncio.get_running_loop().set_debug(pytestconfig.getoption("loop_debug"))


@pytest.fixture
async def executor_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `tests.moments` know when the executor is idle."""
    track_jobs(asyncio.get_running_loop(), monkeypatch)


@pytest.fixture
def outboxes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the folder of the outboxes, and let them use the clock that tests freeze."""
    monkeypatch.setattr(
        account, "outbox_path", lambda hass, entry_id: tmp_path / f"{entry_id}.sqlite"
    )
    monkeypatch.setattr(uptime, "_CLOCK", None)
    return tmp_path


@pytest.fixture
def storage(hass_storage: dict[str, Any]) -> dict[str, Any]:
    """Return the content of Home Assistant's storage, kept in memory and empty at first."""
    return hass_storage


@pytest.fixture
async def hass(
    executor_jobs: None,
    outboxes: Path,
    hass: HomeAssistant,
    every_text_exists: None,
) -> AsyncGenerator[HomeAssistant]:
    """Return Home Assistant, with custom integrations; it stops after pending reloads.

    A reload that goes on while Home Assistant stops changes registries after their
    final write, for which their stores start a timer that nobody cancels.
    """
    hass.data.pop(DATA_CUSTOM_COMPONENTS)
    yield hass
    entries = hass.config_entries.async_entries()
    for _ in range(_MOST_TURNS):
        if not any(entry.setup_lock.locked() for entry in entries):
            break
        await hass.async_add_executor_job(bool)


@pytest.fixture
def every_text_exists(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Check that flows and errors refer to existing translations only."""
    problems: list[str] = []
    # Every step of every flow passes here, those that open by themselves included.
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
    """Return a TLS context with a self-signed certificate."""
    return self_signed(tmp_path_factory.mktemp("certificate"))


def _simulator_fixture(kind: type[Simulator]) -> Any:
    """Return the fixture of the running simulator of a service, by its name."""

    @pytest.fixture(name=kind.name)
    async def simulator(socket_enabled: None) -> AsyncGenerator[Simulator]:
        async with kind() as started:
            yield started

    return simulator


globals().update({kind.name: _simulator_fixture(kind) for kind in SIMULATORS})


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
