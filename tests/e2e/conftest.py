"""Fixtures: a browser, and a house for each language."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser
import pytest

from .accounts import NAMES
from .count import Count, report
from .house import DESK, PHONE, House, Screen, running_browser, running_house

# Pictures of what went wrong, and Home Assistant's log, are kept there.
_FOLDER: Final = (Path(__file__).parents[2] / ".cache" / "e2e").resolve()
_COUNTS: Final = pytest.StashKey[list[Count]]()
_FAILED: Final = pytest.StashKey[bool]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin to count."""
    config.stash[_COUNTS] = []


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print how much a person had to do."""
    if counts := config.stash[_COUNTS]:
        terminalreporter.write_line("")
        terminalreporter.write_line(report(counts))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Let the fixtures know whether a test has failed."""
    outcome = yield
    if outcome.failed:
        item.stash[_FAILED] = True
    return outcome


@pytest.fixture
def counts(pytestconfig: pytest.Config) -> list[Count]:
    """Return what was counted so far."""
    return pytestconfig.stash[_COUNTS]


@pytest.fixture(scope="session")
async def browser() -> AsyncGenerator[Browser]:
    """Return a running browser."""
    async with running_browser() as started:
        yield started


@pytest.fixture(
    scope="session",
    params=[pytest.param(screen, id=screen.language) for screen in (DESK, PHONE)],
)
async def _house(
    request: pytest.FixtureRequest, browser: Browser
) -> AsyncGenerator[House]:
    """Return a house in each language in turn."""
    screen: Screen = request.param
    async with running_house(browser, _FOLDER / screen.language, screen) as started:
        started.person.watch.quote(*NAMES)
        yield started


@pytest.fixture
async def house(request: pytest.FixtureRequest, _house: House) -> AsyncGenerator[House]:
    """Return the house; look at the end that the person has seen nothing wrong."""
    person = _house.person
    person.watch.problems.clear()
    yield _house
    if request.node.stash.get(_FAILED, False):
        name = request.node.name.translate({ord(c): "-" for c in "[]/ "}).strip("-")
        picture = _FOLDER / f"{name}.png"
        await person.show(picture)
        print(f"What the person saw: {picture}")  # noqa: T201
    assert not person.watch.problems, "\n" + "\n".join(person.watch.problems)
