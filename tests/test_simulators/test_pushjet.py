"""Tests for the simulator of Pushjet."""

import aiohttp
import pytest

from tests.simulators import Pushjet
from tests.simulators.pushjet import PHONE, SECRET

from .calls import call

OK = '{"status": "ok"}'


@pytest.mark.parametrize(
    ("data", "status", "body"),
    [
        ({"message": "x"}, 400, "Missing argument secret"),
        ({"secret": "abc"}, 400, "Invalid secret"),
        ({"secret": "f" * 32}, 404, "Service not found"),
        ({"secret": SECRET}, 400, "Missing argument message"),
        ({"secret": SECRET, "message": "门" * 21_846}, 500, "Internal Server"),
        ({"secret": SECRET, "message": "门" * 21_845}, 200, OK),
        ({"secret": SECRET.upper(), "message": " "}, 200, OK),
        ([("secret", SECRET), ("secret", "abc"), ("message", "x")], 200, OK),
    ],
)
async def test_pushjet_answers(
    client: aiohttp.ClientSession,
    pushjet: Pushjet,
    data: dict[str, str] | list[tuple[str, str]],
    status: int,
    body: str,
) -> None:
    """Test the order of the checks and the label of answers, which is HTML."""
    async with client.post(f"{pushjet.url}/message", data=data) as response:
        assert response.status == status
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"
        assert body in await response.text()


@pytest.mark.parametrize(
    ("level", "stored"),
    [
        ("0", 3),
        ("1", 1),
        ("10", 1),
        ("5", 5),
        ("high", 3),
        ("-1", 3),
        (" 4", 3),
        ("", 3),
    ],
)
async def test_pushjet_reads_back(
    client: aiohttp.ClientSession, pushjet: Pushjet, level: str, stored: int
) -> None:
    """Test that a phone gets each message once."""
    data = {"secret": SECRET, "message": " Hi ", "title": " " + "题" * 300}
    await call(client, "POST", f"{pushjet.url}/message", data={**data, "level": level})
    url = f"{pushjet.url}/message?uuid={PHONE}"
    (message,) = (await call(client, "GET", url))["messages"]
    assert (message["message"], message["title"]) == (" Hi ", "题" * 255)
    assert message["level"] == stored
    assert await call(client, "GET", url) == {"messages": []}


async def test_pushjet_other_servers(
    client: aiohttp.ClientSession, pushjet: Pushjet
) -> None:
    """Test a lax database, a broken push, an old server and no subscriber."""
    url = f"{pushjet.url}/message"
    data = {"secret": SECRET, "message": "x" * 65_536}
    pushjet.strict = False
    assert await call(client, "POST", url, data=data) == {"status": "ok"}
    assert len(pushjet.notifications[0].text) == 65_535
    pushjet.gcm_broken = True
    async with client.post(url, data=data) as response:
        assert response.status == 500
    assert len(pushjet.notifications) == 2
    pushjet.old_server = True
    async with client.post(url, data={"secret": "abc"}) as response:
        assert (response.status, response.content_type) == (200, "application/json")
        assert (await response.json())["error"]["id"] == 3
    pushjet.subscriptions.clear()
    assert await call(client, "POST", url, data=data) == {"status": "ok"}
    assert len(pushjet.notifications) == 2
