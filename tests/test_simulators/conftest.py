"""Fixtures for the tests of the simulators."""

from collections.abc import AsyncGenerator

import aiohttp
import pytest


@pytest.fixture
async def client(socket_enabled: None) -> AsyncGenerator[aiohttp.ClientSession]:
    """Return a client session with a time-out."""
    timeout = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        yield session
