"""Fixtures: none of Home Assistant's, so that these tests are plain and fast."""

import pytest


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations() -> None:
    """Load no integration."""


@pytest.fixture(autouse=True)
def storage() -> None:
    """Use no storage of Home Assistant."""


@pytest.fixture(autouse=True)
def every_text_exists() -> None:
    """Check no texts: there are no flows."""


@pytest.fixture(autouse=True)
def verify_cleanup() -> None:
    """Leave the check for tasks to the worlds, which have event loops of their own."""
