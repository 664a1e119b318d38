"""Fixtures of the tests of WxPusher."""

import aiohttp
import pytest

from custom_components.wechat_push.clients.wxpusher.client import WxPusherClient
from tests.simulators import WxPusher

from ..common import endpoint, wxpusher_client


@pytest.fixture
def client(wxpusher: WxPusher, session: aiohttp.ClientSession) -> WxPusherClient:
    """Return a client for the simulated application."""
    return wxpusher_client(session, endpoint(wxpusher))
