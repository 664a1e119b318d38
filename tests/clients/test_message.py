"""What clients are given and give back, the same for every service."""

import asyncio
import time

import aiohttp
import pytest

from custom_components.wechat_push.clients.errors import (
    ClientError,
    ContentError,
    Problem,
    TemporaryError,
)
from custom_components.wechat_push.clients.fitting import MAX_PARTS
from custom_components.wechat_push.clients.message import (
    Accepted,
    Format,
    Message,
    Overflow,
    Receipt,
    Refused,
)
from custom_components.wechat_push.clients.transport import Endpoint
from tests.simulators import Simulator

from .common import Service, endpoint, send

MILLION = 1_000_000
LARGE = {
    "spaces": " " * (MILLION - 1) + "x",
    "lines": "\n" * (MILLION - 1) + "x",
    "words": "word " * (MILLION // 5),
    "flags": "🇨🇳" * (MILLION // 8),
    "marks": "\u0301" * (MILLION // 2),
    "signs": "<&>[](" * (MILLION // 6),
}


async def test_half_characters(
    service: Service, simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    """Escapes for the halves of a character give that character."""
    message = Message(text="\ud83d\ude42 or \ud83d", title="\ud83d\ude42")
    await send(service.connect(session, endpoint(simulator)), message, service.target)
    shown = simulator.notifications[-1]
    assert "🙂 or \ufffd" in shown.text
    assert "🙂" in shown.title + shown.text


@pytest.mark.parametrize("text", LARGE)
async def test_large_text(
    service: Service,
    session: aiohttp.ClientSession,
    text: str,
) -> None:
    """A megabyte of text does not keep the house waiting."""
    client = service.connect(session, Endpoint(url="http://127.0.0.1"))
    for format_, overflow in (
        (Format.TEXT, Overflow.SPLIT),
        (Format.MARKDOWN, Overflow.SPLIT),
        (Format.HTML, Overflow.TRUNCATE),
    ):
        message = Message(text=LARGE[text], format=format_, overflow=overflow)
        outcomes: list[object] = []
        started = time.process_time()
        try:
            outcomes += client.prepare(message, service.target)
        except ContentError as err:
            outcomes.append(err.problem)
        assert time.process_time() - started < 2
        assert 1 <= len(outcomes) <= MAX_PARTS


def test_receipts_add_up() -> None:
    """All that was accepted is told, and each refusal once."""
    first, second = Accepted(target="a", message_id="1"), Accepted(target="a")
    refused, other = Refused(target="b", reason="x"), Refused(target="b", reason="y")
    receipt = Receipt(accepted=(first,), refused=(refused,))
    receipt += Receipt(accepted=(second,), refused=(refused, other))
    assert receipt == Receipt(accepted=(first, second), refused=(refused, other))


def test_receipt_of_parts() -> None:
    """Who did not get a part of a message is not told to have got it."""
    everybody = Receipt(accepted=(Accepted(target="a"), Accepted(target="b")))
    refused = Refused(target="b", reason="x")
    part = Receipt(accepted=(Accepted(target="a"),), refused=(refused,))
    both = Receipt(accepted=(Accepted(target="a"),) * 2, refused=(refused,))
    assert everybody + part == both
    assert part + everybody == both


@pytest.mark.parametrize(
    ("err", "text"),
    [
        (ClientError("broken"), "broken"),
        (ClientError(Problem.TIMEOUT), "timeout"),
        (
            TemporaryError(Problem.SERVER_ERROR, doubtful=True, status=500, text="x"),
            "server_error (status: 500, text: x)",
        ),
    ],
)
def test_errors_in_one_line(err: ClientError, text: str) -> None:
    """An error says its problem and the details."""
    assert str(err) == text


async def test_many_messages_at_once(
    service: Service, simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    """One client sends many messages at once, each once."""
    client = service.connect(session, endpoint(simulator))
    texts = [f"message {number}" for number in range(20)]
    await asyncio.gather(
        *(send(client, Message(text=text), service.target) for text in texts)
    )
    shown = [each.text for each in simulator.notifications]
    assert sorted(shown) == sorted(texts * len(service.receivers))
