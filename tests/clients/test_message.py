"""What clients are given and give back, the same for every service."""

import asyncio
import contextlib
from datetime import date
import json
import time
from typing import Any

import aiohttp
import pytest

from custom_components.wechat_push.clients import (
    PushjetTarget,
    PushPlusTarget,
    RobotTarget,
    SimplePushTarget,
    WeComTarget,
    WxPusherTarget,
)
from custom_components.wechat_push.clients.errors import (
    ClientError,
    ContentError,
    Problem,
    TemporaryError,
)
from custom_components.wechat_push.clients.fitting import MAX_PARTS
from custom_components.wechat_push.clients.message import (
    Attachment,
    AttachmentKind,
    Format,
    Message,
    Overflow,
)
from custom_components.wechat_push.clients.receipt import Accepted, Receipt, Refused
from custom_components.wechat_push.clients.serverchan import ServerChanTarget
from custom_components.wechat_push.clients.transport import Endpoint
from tests.simulators import Simulator

from .common import SERVICES, Service, endpoint, send

MOST = 100_000
LARGE = {
    "spaces": " " * (MOST - 1) + "x",
    "lines": "\n" * (MOST - 1) + "x",
    "words": "word " * (MOST // 5),
    "flags": "🇨🇳" * (MOST // 8),
    "marks": "\u0301" * (MOST // 2),
    "signs": "<&>[](" * (MOST // 6),
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
    """The longest text does not keep the house waiting."""
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


@pytest.mark.parametrize("format_", Format)
def test_longest_text(format_: Format) -> None:
    """A text beyond the most that any service takes is refused at once."""
    assert len(Message(text="x" * MOST, format=format_).text) == MOST
    with pytest.raises(ContentError) as caught:
        Message(text="x" * (MOST + 1), format=format_)
    assert caught.value.problem == Problem.MESSAGE_TOO_LONG
    assert caught.value.details == {"limit": "100000"}


@pytest.mark.parametrize("title", [None, "T"])
def test_longest_text_comes_late(service: Service, title: str | None) -> None:
    """A note that it is late does not make a message too long."""
    message = Message(text="x" * MOST, title=title)
    client = service.connect(None, Endpoint(url="http://127.0.0.1"))
    late = client.delayed(message, service.target, "16:00")
    assert late.text == message.text
    assert late.title == ("16:00 T" if title else "16:00")


def test_prepared_alike(service: Service) -> None:
    """The same message gives the same requests, as plain JSON."""
    client = service.connect(None, Endpoint(url="http://127.0.0.1"))
    message = Message(
        text="\ud83d" * 30_000,
        title="T",
        options={"summary": date(2026, 11, 21), "callback_url": ("a", {1})},
    )
    parts = client.prepare(message, service.target)
    assert client.prepare(message, service.target) == parts
    assert json.loads(json.dumps(parts)) == [*parts]
    assert json.dumps(parts, ensure_ascii=False).encode()
    assert "\ufffd" in json.dumps(parts, ensure_ascii=False)


@pytest.mark.parametrize("broken", ["fam\ud83d", "\ud83d\ude42"])
def test_broken_targets(broken: str) -> None:
    """A target that is no valid text is written as one all the same."""
    for name, target in (
        ("wxpusher", WxPusherTarget.of(broken)),
        ("wecom", WeComTarget.of(broken)),
        ("pushplus", PushPlusTarget(topic=broken, channel=broken, friends=(broken,))),
        ("pushjet", PushjetTarget(secret=broken)),
        ("serverchan", ServerChanTarget(tags=(broken,))),
    ):
        client = SERVICES[name].connect(None, Endpoint(url="http://127.0.0.1"))
        (part,) = client.prepare(Message(text="a"), target)
        assert json.dumps(part, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        pytest.param("\x1b[31mERROR\x1b[0m: disk", "ERROR: disk", id="colours"),
        pytest.param("\x1b[1;38;5;196mhot\x1b[m", "hot", id="many_colours"),
        pytest.param("\x9b2Ka\x1b(Bb\x1b7c", "abc", id="commands"),
        pytest.param("\x1b]8;;https://x.y\x1b\\link\x1b]8;;\x07", "link", id="links"),
        pytest.param("\x1b]unended text", "]unended text", id="unended"),
        pytest.param("a\x00b\x07c\x7fd\x80e", "abcde", id="controls"),
        pytest.param("a\r\nb\rc\x0bd\x0ce\x85f", "a\nb\nc\nd\ne\nf", id="lines"),
        pytest.param(
            "a\tb\nc\u2028\u200d\ufeff", "a\tb\nc\u2028\u200d\ufeff", id="kept"
        ),
        pytest.param("\ud83d\ude42 \ud83d", "🙂 \ufffd", id="halves"),
    ],
)
def test_clean(written: str, cleaned: str) -> None:
    """Control characters are in no field that is sent; tabs and line feeds stay."""
    message = Message(
        text=written, title=written, url_label=written, options={written: [written]}
    )
    assert message.text == message.title == message.url_label == cleaned
    assert message.options == {cleaned: [cleaned]}
    attachment = Attachment(
        kind=AttachmentKind.FILE, name=written, content_type="a/b\r\n", url=written
    )
    assert attachment.name == " ".join(cleaned.split())
    assert attachment.content_type == "a/b"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (" https://x.y/a\n", "https://x.y/a"),
        ("\thttps://x.y/\x1b[1ma\r\nb", "https://x.y/ab"),
        ("https://x.y/e\u0301", "https://x.y/e\u0301"),
        (" \n", None),
        (None, None),
    ],
)
def test_url(url: str | None, expected: str | None) -> None:
    """White space around an address is no part of it, and letters stay as they are."""
    assert Message(text="a", url=url).url == expected
    attachment = Attachment(
        kind=AttachmentKind.IMAGE, name="a", content_type="image/png", url=url
    )
    assert attachment.url == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            {"温度": 21.5, "b": ["\ud83d", None]},
            '{"温度": 21.5, "b": ["\ufffd", null]}',
        ),
        ([1, "a"], '[1, "a"]'),
        (21.5, "21.5"),
        (None, ""),
        ("a", "a"),
    ],
)
def test_text_of_a_template(value: Any, expected: str) -> None:
    """A mapping or a list is sent as JSON."""
    assert Message(text=value).text == expected


async def test_half_characters_everywhere(
    service: Service, simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    """Half a character in any field ends in no other error than those of clients."""
    client = service.connect(session, endpoint(simulator))
    half = "\ud83d"
    message = Message(
        text=half,
        title=half,
        url=f"https://x.y/{half}",
        url_label=half,
        options={"summary": half, half: half},
    )
    targets = [
        WxPusherTarget.of(half),
        SimplePushTarget(token=half),
        WeComTarget.of(half),
        PushPlusTarget(topic=half, friends=(half,), channel=half),
        PushjetTarget(secret=half, public=half),
        RobotTarget(),
        ServerChanTarget(openids=half, tags=(half,)),
    ]
    target = next(each for each in targets if isinstance(each, type(service.target)))
    for action in (
        client.deliver(message, target),
        client.recall(half),
        client.outcome(half),
        *(
            ask(half)
            for name in ("service", "member_name")
            if (ask := getattr(client, name, None))
        ),
    ):
        with contextlib.suppress(ClientError):
            await action


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\ud83d", "a\ufffd"),
        ({1: (True, None)}, {"1": [True, None]}),
        (date(2026, 11, 21), "2026-11-21"),
        (b"a", "b'a'"),
        (range(2), [0, 1]),
        (2**70, 2**70),
        (0.5, 0.5),
    ],
)
def test_plain_options(value: object, expected: object) -> None:
    """What a template gives as an option can be written as JSON."""
    assert Message(text="a", options={"a": value}).options == {"a": expected}


async def test_no_session(service: Service, simulator: Simulator) -> None:
    """Without a session of its own, a client opens one for each request."""
    client = service.connect(None, endpoint(simulator))
    receipt = await client.deliver(Message(text="a"), service.target)
    assert [each.target for each in receipt.accepted] == [*service.targets]


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
            TemporaryError(Problem.SERVER_ERROR, uncertain=True, status=500, text="x"),
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
