"""serverchan-sdk, github.com/easychen/serverchan-sdk-python, of the service itself."""

from tests.simulators import ServerChan
from tests.simulators.serverchan import KEY, TURBO_KEY

from .common import needs, run

PROGRAM = """
from serverchan_sdk import sc_send

for key in arguments:
    found.append(sc_send(key, "Door", "Someone is there.", {"tags": "home"})["code"])
"""


@needs("serverchan_sdk")
async def test_versions(serverchan: ServerChan) -> None:
    """Both versions take a message, and no key but their own."""
    hosts = ("sctapi.ftqq.com", "1234.push.ft07.com")
    keys = (TURBO_KEY, KEY, f"{TURBO_KEY}0", f"{KEY}0")
    simulators = dict.fromkeys(hosts, serverchan)
    assert await run(PROGRAM, simulators, *keys) == [0, 0, 40001, 10003]
    assert [
        (shown.title, shown.text, shown.channel) for shown in serverchan.notifications
    ] == [("Door", "Someone is there.", ""), ("Door", "Someone is there.", "home")]
