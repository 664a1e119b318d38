"""Fixtures of the tests of PushPlus."""

import aiohttp
import pytest

from custom_components.wechat_push.clients.pushplus.client import PushPlusClient
from tests.simulators import PushPlus

from ..common import endpoint, pushplus_client


@pytest.fixture
def client(pushplus: PushPlus, session: aiohttp.ClientSession) -> PushPlusClient:
    """Return a client for the simulated account."""
    return pushplus_client(session, endpoint(pushplus))
