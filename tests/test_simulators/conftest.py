"""A plain client, without Home Assistant."""

from collections.abc import AsyncGenerator

import aiohttp
import pytest


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations() -> None:
    """Do without Home Assistant here."""


@pytest.fixture
async def client(socket_enabled: None) -> AsyncGenerator[aiohttp.ClientSession]:
    """Return a client that lets nothing hang for long."""
    timeout = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        yield session
