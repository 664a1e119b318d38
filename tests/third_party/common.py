"""A client of somebody else, in a Python of its own."""

import asyncio
from collections.abc import Mapping
from importlib.util import find_spec
import json
import subprocess
import sys
from typing import Any, Final

import pytest

from tests.simulators import Simulator

# They know the official addresses alone, and all of them use requests.
_DIVERTED: Final = """
import json
import sys
from urllib.parse import urlsplit

import requests.sessions
from requests.adapters import HTTPAdapter

class Diverted(HTTPAdapter):
    def send(self, request, **options):
        host = urlsplit(request.url).netloc
        request.url = urls[host] + request.url.partition(host)[2]
        return super().send(request, **{**options, "proxies": {}})

requests.sessions.HTTPAdapter = Diverted
urls, arguments = json.loads(sys.argv[1])
found = []
"""
_TOLD: Final = """
print(json.dumps(found))
"""


def needs(module: str) -> pytest.MarkDecorator:
    """Return the mark of tests with a client that is not installed everywhere."""
    return pytest.mark.skipif(
        find_spec(module) is None,
        reason=f"{module} is installed beside the newest Home Assistant alone",
    )


async def run(
    program: str, simulators: Mapping[str, Simulator], *arguments: Any
) -> list[Any]:
    """Run a program; return what it appended to `found`.

    Args:
        program: finds its `arguments`.
        simulators: that answer, by the host of the service.
        *arguments: as JSON has them.

    """
    urls = {host: simulator.url for host, simulator in simulators.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _DIVERTED + program + _TOLD,
        json.dumps([urls, arguments]),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    printed, log = await process.communicate()
    assert process.returncode == 0, log.decode()
    # Some of them print what they do.
    found: list[Any] = json.loads(printed.splitlines()[-1])
    return found
