"""Fixtures of the tests of WeCom."""

from collections.abc import AsyncGenerator

import aiohttp
import pytest

from custom_components.wechat_push.clients.wecom.client import WeComClient
from tests.simulators import WeCom
from tests.simulators.wecom_accounts import AGENT_ID

from ..common import endpoint, wecom_client


@pytest.fixture
def client(wecom: WeCom, session: aiohttp.ClientSession) -> WeComClient:
    """Return a client for the simulated application."""
    return wecom_client(session, endpoint(wecom))


@pytest.fixture
async def patient_client(wecom: WeCom) -> AsyncGenerator[WeComClient]:
    """Return a client with as many connections as it wants."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield wecom_client(session, endpoint(wecom))


@pytest.fixture
def callback(wecom: WeCom) -> None:
    """Let the application hear what is clicked."""
    wecom.agents[AGENT_ID].callback_url_configured = True
