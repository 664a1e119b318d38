"""Fixtures of the clients' tests: no Home Assistant, a plain session, a client each."""

from collections.abc import AsyncGenerator

import aiohttp
import pytest


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations() -> None:
    """Start no Home Assistant, which the fixture of this name does elsewhere."""


@pytest.fixture
async def session(socket_enabled: None) -> AsyncGenerator[aiohttp.ClientSession]:
    """Return a session as any program has one."""
    async with aiohttp.ClientSession() as session:
        yield session
