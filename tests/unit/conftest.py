"""Fixtures: none of Home Assistant's, so that these tests are plain and fast."""

import pytest


@pytest.fixture(autouse=True)
def verify_cleanup() -> None:
    """Leave the check for tasks to the worlds, which have event loops of their own."""
