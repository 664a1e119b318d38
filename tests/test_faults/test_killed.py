"""Home Assistant ends, as it likes or not, while hundreds of messages wait."""

import json
from pathlib import Path
import re
import signal
from typing import Any, Final

import pytest

from homeassistant.core import HomeAssistant
from tests.pictures import picture
from tests.samples import PUSHJET, WECOM, WXPUSHER, Sample, arrival, set_up
from tests.simulators import Answer, Pushjet, Simulator, WeCom, WxPusher
from tests.test_delivery.disk import waiting, waiting_texts

from . import house
from .home import set_up_two
from .process import House, living, move

# To each of two people.
MESSAGES: Final = 100
_NUMBER: Final = re.compile(r"(\d+)\.$")


@pytest.fixture
async def folder(hass: HomeAssistant, pushjet: Pushjet, tmp_path: Path) -> Path:
    """Return the folder of a house with an account of two recipients, now out of reach."""
    entry, _ = await set_up_two(hass, PUSHJET, pushjet)
    move(entry, tmp_path)
    await hass.config_entries.async_remove(entry.entry_id)
    await pushjet.stop()
    return tmp_path


async def new_house(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, folder: Path, **data: Any
) -> Path:
    """Let a house have an account of one recipient; return the file of its outbox."""
    entry = await set_up(hass, sample, simulator)
    path = move(entry, folder, **data)
    await hass.config_entries.async_remove(entry.entry_id)
    return path


def send(home: House, number: int, **fields: Any) -> None:
    """Send a numbered message."""
    data = {"entity_id": "all", "message": f"Message {number}.", **fields}
    home.call(f"{number}", "wechat_push.send_message", data)


def arrived(simulator: Simulator) -> dict[str, list[int]]:
    """Return the numbers of the messages that each person was shown."""
    found: dict[str, list[int]] = {}
    for shown in simulator.notifications:
        match = _NUMBER.search(shown.text)
        assert match is not None
        found.setdefault(shown.recipient, []).append(int(match[1]))
    return found


async def test_killed(pushjet: Pushjet, folder: Path, unused_tcp_port: int) -> None:
    """Test that what waits survives, also an end in the middle of its delivery."""
    # While messages are taken.
    async with living(folder, unused_tcp_port) as home:
        for number in range(MESSAGES):
            send(home, number)
        await home.until(lambda: len(home.answers) >= MESSAGES // 2)
        await home.end(signal.SIGKILL)
    promised = {int(mark) for mark in home.answers}
    assert pushjet.notifications == []
    await pushjet.start(port=pushjet.port)
    # While messages are sent.
    async with living(folder, unused_tcp_port) as home:
        await home.until(lambda: len(pushjet.notifications) >= MESSAGES // 4)
        # Each of these is taken at once, and answered when the end has begun.
        pushjet.always(Answer(genuine=True, delay=0.5), PUSHJET.path)
        under_way = len(pushjet.requests) + 2
        await arrival(pushjet, PUSHJET.path, count=under_way)
        await home.end(signal.SIGKILL)
    pushjet.always(None, PUSHJET.path)
    assert len(pushjet.notifications) < 2 * len(promised)
    async with living(folder, unused_tcp_port) as home:
        await home.until(lambda: home.queued == 0)
        await home.end(signal.SIGTERM)
    assert len(arrived(pushjet)) == 2
    for numbers in arrived(pushjet).values():
        first = list(dict.fromkeys(numbers))
        assert first == sorted(first)
        assert promised <= set(first)
        # No more than what was under way.
        assert len(numbers) <= len(first) + 2


def sending(at: Any, text: str, *, delay: float = 0) -> dict[str, Any]:
    """Return an automation that sends a message at an event."""
    wait = [{"delay": delay}] if delay else []
    message = {
        "action": "notify.send_message",
        "data": {"entity_id": "notify.everyone_wecom", "message": text},
    }
    return {"alias": text, "triggers": at, "actions": [*wait, message]}


def event(name: str) -> dict[str, str]:
    """Return the trigger of an event."""
    return {"trigger": "event", "event_type": name}


async def test_stopped_while_hanging(
    hass: HomeAssistant, wecom: WeCom, tmp_path: Path, unused_tcp_port: int
) -> None:
    """Test that all that is unanswered at a stop is on disk, with its files.

    That holds for what automations, scripts and people say at the end, and after it.
    """
    path = await new_house(hass, WECOM, wecom, tmp_path, read_timeout=60)
    (tmp_path / "door.jpg").write_bytes(picture())
    shutdown = {"trigger": "homeassistant", "event": "shutdown"}
    config = {
        "automation": [
            sending(shutdown, "At shutdown."),
            sending(event("homeassistant_stop"), "At the stop."),
            sending(event("homeassistant_stop"), "After the stop.", delay=3),
            sending(event("homeassistant_final_write"), "At the final write."),
        ],
        "script": {"ring": {"sequence": sending({}, "From a script.")["actions"]}},
    }
    (tmp_path / house.CONFIGURATION).write_text(json.dumps(config))
    wecom.always(Answer(hang=True), WECOM.path)
    async with living(tmp_path, unused_tcp_port) as home:
        for number in range(300):
            send(home, number)
        send(home, 300, image=str(tmp_path / "door.jpg"))
        home.call("script", "script.ring", {})
        await arrival(wecom, WECOM.path)
        # Time for all lines to be read, not for callers to lose patience.
        home.call("last", "homeassistant.save_persistent_states", {})
        await home.until(lambda: "last" in home.answers)
        await home.end(signal.SIGTERM)
    texts = waiting_texts(path)
    assert sorted(texts) == sorted(
        [
            *(f"Message {number}." for number in range(301)),
            *("From a script.", "At shutdown.", "At the stop."),
            *("After the stop.", "At the final write."),
        ]
    )
    kept = next(each for each in waiting(path) if each.text == "Message 300.")
    assert kept.files == (picture(),)
    assert len(wecom.requests_to(WECOM.path)) == 1


async def test_container_stopped_while_shutdown_hangs(
    hass: HomeAssistant, wecom: WeCom, tmp_path: Path, unused_tcp_port: int
) -> None:
    """Test that all is on disk though an automation holds up the stop.

    A container is killed ten seconds after it was asked to stop.
    """
    path = await new_house(hass, WECOM, wecom, tmp_path, read_timeout=60)
    shutdown = {"trigger": "homeassistant", "event": "shutdown"}
    config = {"automation": [sending(shutdown, "Never.", delay=60)]}
    (tmp_path / house.CONFIGURATION).write_text(json.dumps(config))
    wecom.always(Answer(hang=True), WECOM.path)
    async with living(tmp_path, unused_tcp_port) as home:
        for number in range(300):
            send(home, number)
        await arrival(wecom, WECOM.path)
        home.signal(signal.SIGTERM)
        # What is said meanwhile is not lost either.
        send(home, 300)
        await home.until(lambda: "300" in home.answers)
        await home.end(signal.SIGKILL)
    assert home.answers["300"]["notify.everyone_wecom"]["durable"]
    assert waiting_texts(path) == [f"Message {number}." for number in range(301)]


async def test_stopped_at_a_limit(
    hass: HomeAssistant, wxpusher: WxPusher, tmp_path: Path, unused_tcp_port: int
) -> None:
    """Test that what only waits for its turn at a stop is on disk."""
    path = await new_house(hass, WXPUSHER, wxpusher, tmp_path)
    wxpusher.enforce_limits()
    async with living(tmp_path, unused_tcp_port) as home:
        for number in range(30):
            send(home, number)
        await home.until(lambda: len(home.answers) == 20)
        await home.end(signal.SIGTERM)
    assert arrived(wxpusher) == {WXPUSHER.receivers[0]: list(range(20))}
    assert waiting_texts(path) == [f"Message {number}." for number in range(20, 30)]


async def test_rates_after_a_kill(
    hass: HomeAssistant, wecom: WeCom, tmp_path: Path, unused_tcp_port: int
) -> None:
    """Test that a member does not get more messages a minute than WeCom lets through.

    WeCom drops the rest without a word, so that a few may be lost by a kill, at most.
    """
    await new_house(hass, WECOM, wecom, tmp_path)
    async with living(tmp_path, unused_tcp_port) as home:
        for number in range(30):
            send(home, number)
        await home.until(lambda: len(home.answers) == 30)
        await home.end(signal.SIGKILL)
    async with living(tmp_path, unused_tcp_port) as home:
        for number in range(30, 60):
            send(home, number)
        # All that may go out at once has gone when the last one is told that it waits.
        await home.until(lambda: "59" in home.answers)
        await home.end(signal.SIGKILL)
    assert len(wecom.notifications) <= 33
