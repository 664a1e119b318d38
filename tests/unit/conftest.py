"""Fixtures: none of Home Assistant's, so that these tests are plain and fast."""

from collections.abc import Generator
from pathlib import Path

import pytest

from .house import House


@pytest.fixture
def house(tmp_path: Path) -> Generator[House]:
    """Return an engine."""
    house = House(tmp_path)
    yield house
    house.close()


@pytest.fixture(autouse=True)
def verify_cleanup() -> None:
    """Leave the check for tasks to the worlds, which have event loops of their own."""
