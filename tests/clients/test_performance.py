"""No input takes much longer than others of its length, or stops the event loop."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future
import contextlib
from dataclasses import replace
from functools import partial
import gc
import json
from threading import Thread
import time
from typing import Any

import aiohttp
import pytest

from custom_components.wechat_push.clients.conversion import convert, read
from custom_components.wechat_push.clients.errors import UnreachableError
from custom_components.wechat_push.clients.fitting import (
    Limit,
    fit,
    fits,
    truncate,
    utf8_length,
)
from custom_components.wechat_push.clients.markup.tokens import Kind
from custom_components.wechat_push.clients.message import (
    AttachmentKind,
    Format,
    Message,
    Overflow,
)
from custom_components.wechat_push.clients.transport import Endpoint, clean
from custom_components.wechat_push.clients.wecom.media import LIMITS
from tests.simulators import Answer, WeCom
from tests.simulators.answers import json_answer

from .common import Service, endpoint, wecom_client
from .test_wecom.common import FILE, UPLOAD

type Make = Callable[[int], str]

# Four times the length takes about four times as long; a quadratic algorithm sixteen.
FACTOR = 10
# Seconds that are too short to be measured, and not worth it.
SHORT = 0.02
# Seconds for reading the longest part that a service takes, to find what is open where it
# ends.
READ = 0.1
# Characters, and objects of which as many may survive. When as many survive as a quarter of
# those that a home has, all are looked at, which stops all threads. It has 200,000 at
# least, and a text can have three times as many characters.
LONG = 30_000
FEW = 5_000
# Seconds of CPU for which the event loop may stand still.
STALL = 0.02

MARKDOWN: dict[str, Make] = {
    "brackets": lambda n: "[" * n,
    "pairs_of_brackets": lambda n: "[" * (n // 2) + "]" * (n // 2),
    "pictures": lambda n: "![" * (n // 2),
    "links": lambda n: "[a](" * (n // 4),
    "nested_links": lambda n: "[" * (n // 8) + "a" + "](u)" * (n // 8),
    "stars": lambda n: "*" * n,
    "open_stars": lambda n: "**a" * (n // 3),
    "mixed_emphasis": lambda n: "*_" * (n // 2),
    "emphasis_both_ways": lambda n: "a**b" + "c* " * (n // 3),
    "code": lambda n: "`a" * (n // 2),
    "code_of_all_lengths": lambda n: "".join(
        "`" * (i % 99) + "a" for i in range(n // 50)
    ),
    "nested_quotes": lambda n: ">" * n,
    "quotes_of_all_depths": lambda n: "\n".join(
        ">" * (i % 99) + "a" for i in range(n // 51)
    ),
    "nested_lists": lambda n: ("- " * 50 + "a\n") * (n // 102),
    "table": lambda n: "|a|\n|-|\n" + "|\n" * (n // 2),
    "wide_table": lambda n: (
        "a|" * (n // 6) + "\n" + "-|" * (n // 6) + "\n" + "b|" * (n // 6)
    ),
    "references": lambda n: "[a]: " + "u" * (n // 2) + "\n\n" + "[a]" * (n // 6),
    "tags": lambda n: "<a " * (n // 3),
    "signs": lambda n: "<" * n,
    "declarations": lambda n: "<!" * (n // 2),
    "closing_brackets": lambda n: "]" * n,
    "escapes": lambda n: "\\a\\*" * (n // 4),
    "headings": lambda n: "a\n=\n" * (n // 4),
    "numbers": lambda n: "1. a\n" * (n // 5),
    "prose": lambda n: "Hello **world**, [a](http://b.c) text.\n\n" * (n // 40),
}
HTML: dict[str, Make] = {
    "signs": lambda n: "<" * n,
    "tags": lambda n: "<b>" * (n // 3),
    "open_tags": lambda n: "<a " * (n // 3),
    "open_attributes": lambda n: '<a b="' * (n // 6),
    "attributes": lambda n: "<a " + 'b="c" ' * (n // 6) + ">",
    "comments": lambda n: "<!--" * (n // 4),
    "sections": lambda n: "<![CDATA[" * (n // 9),
    "entities": lambda n: "&#x1" * (n // 4),
    "scripts": lambda n: "<script></script " * (n // 17),
    "nested_links": lambda n: (
        '<a href="u">' * (n // 32) + "x" * (n // 2) + "</a>" * (n // 32)
    ),
    "paragraphs_after_text": lambda n: "x" * (n // 2) + "<p>" * (n // 6),
    "nested_lists": lambda n: "<ul><li>" * (n // 8),
    "cells": lambda n: "<tr><td>" * (n // 8),
    "spaces": lambda n: " " * n + "x",
    "line_breaks": lambda n: "<br>" * (n // 4),
}
TEXTS: dict[str, Make] = {
    "spaces": lambda n: " " * n,
    "lines": lambda n: "\n" * n,
    "words": lambda n: "word " * (n // 5),
    "chinese": lambda n: "中" * n,
    "flags": lambda n: "🇨🇳" * (n // 2),
    "families": lambda n: "👨\u200d" * (n // 2),
    "skin_tones": lambda n: "👍🏽" * (n // 2),
    "marks": lambda n: "\u0301" * n,
    "marks_on_spaces": lambda n: " \u0301" * (n // 2),
    "tags_with_spaces": lambda n: "<a b>" * (n // 5),
    "links_with_spaces": lambda n: "[a b](c)" * (n // 8),
    "entities": lambda n: "&a; " * (n // 4),
    "open_entities": lambda n: "&" + "a" * n,
    "escapes": lambda n: "\\ " * (n // 2),
}
CHARACTERS = (Limit(maximum=20_000),)
BYTES = (Limit(maximum=2048, size=utf8_length),)


def seconds(action: Callable[[], object]) -> float:
    """Return the CPU time that something takes, without the garbage of others."""
    gc.disable()
    try:
        started = time.thread_time()
        action()
        return time.thread_time() - started
    finally:
        gc.enable()


def is_quick(action: Callable[[], object], most: float) -> bool:
    """Return if something takes less CPU time than it may, at its best of two."""
    return seconds(action) < most or seconds(action) < most


@contextlib.contextmanager
def survivors() -> Iterator[list[int]]:
    """Count the objects that survive young collections while something is done."""
    counts = [0]

    def count(phase: str, info: dict[str, int]) -> None:
        """Count when survivors have grown old."""
        if phase == "stop" and info["generation"]:
            counts.append(len(gc.get_objects(generation=2)))

    gc.collect()
    # What is there already is not looked at.
    gc.freeze()
    gc.callbacks.append(count)
    try:
        yield counts
    finally:
        gc.callbacks.remove(count)
        gc.unfreeze()


def assert_linear(make: Make, length: int, action: Callable[[str], object]) -> None:
    """Check that what is four times as long takes about four times as long."""
    short, long = make(length), make(4 * length)
    once = min(seconds(lambda: action(short)) for _ in range(2))
    assert is_quick(lambda: action(long), max(FACTOR * once, SHORT))


@pytest.mark.parametrize("make", MARKDOWN.values(), ids=list(MARKDOWN))
def test_markdown(make: Make) -> None:
    """Markdown is converted in linear time."""
    assert_linear(make, 5_000, lambda text: convert(text, Format.MARKDOWN, Format.TEXT))


@pytest.mark.parametrize("make", HTML.values(), ids=list(HTML))
def test_html(make: Make) -> None:
    """HTML is converted in linear time."""
    assert_linear(make, 25_000, lambda text: convert(text, Format.HTML, Format.TEXT))


@pytest.mark.parametrize("name", MARKDOWN)
def test_garbage_of_markdown(name: str) -> None:
    """Markdown makes too few objects for a collection that stops all threads."""
    text = MARKDOWN[name](LONG)
    with survivors() as counts:
        convert(text, Format.MARKDOWN, Format.TEXT)
        fit(text, CHARACTERS, Overflow.SPLIT, Format.MARKDOWN)
    assert max(counts) < FEW


@pytest.mark.parametrize("signs", ["<", "&", "!", "< ", "wow! ", "a & b ", "5 <\t6 "])
def test_signs_that_are_text(signs: str) -> None:
    """A sign that is no markup is read with the text around it."""
    text = (signs * LONG).strip()
    (shown,) = (
        token.value
        for token in read(text, Format.MARKDOWN).tokens
        if token.kind is Kind.TEXT
    )
    assert shown == text


@pytest.mark.parametrize("name", HTML)
def test_garbage_of_html(name: str) -> None:
    """HTML makes too few objects for a collection that stops all threads."""
    text = HTML[name](LONG)
    with survivors() as counts:
        convert(text, Format.HTML, Format.TEXT)
        fit(text, CHARACTERS, Overflow.SPLIT, Format.HTML)
    assert max(counts) < FEW


@pytest.mark.parametrize("written", Format)
@pytest.mark.parametrize("make", TEXTS.values(), ids=list(TEXTS))
def test_splitting(make: Make, written: Format) -> None:
    """The longest text is split and cut in a fraction of a second."""
    text = make(100_000)
    for limits in (CHARACTERS, BYTES):
        for part in (1, 4):
            piece = text[: len(text) * part // 4]
            most = SHORT if written is Format.TEXT else READ
            assert is_quick(partial(truncate, piece, limits, written), most)
        assert fits(truncate(text, limits, written), limits)
    most = 10 * (SHORT if written is Format.TEXT else READ)
    assert is_quick(lambda: fit(text, CHARACTERS, Overflow.SPLIT, written), most)


@pytest.mark.parametrize("written", Format)
@pytest.mark.parametrize("make", TEXTS.values(), ids=list(TEXTS))
def test_splitting_is_linear(make: Make, written: Format) -> None:
    """Splitting takes as long as there are pieces."""
    assert_linear(
        make,
        25_000,
        lambda text: fit(text[:100_000], CHARACTERS, Overflow.SPLIT, written),
    )


def test_options() -> None:
    """The options of a message are looked at in linear time."""
    assert_linear(
        lambda n: "x" * n,
        25_000,
        lambda text: Message(
            text="a", options={"items": [*text], "card": {text: text}}
        ),
    )


@pytest.mark.parametrize(
    "text",
    ["x" * 1_000_000, " x" * 500_000, "token=" * 150_000, "key=a " * 150_000],
    ids=["word", "words", "keys", "secrets"],
)
def test_words_of_a_service(text: str) -> None:
    """However much a service says, what is shown of it is found at once."""
    assert is_quick(lambda: clean(text, ("secret",)), SHORT)


async def longest_stall(work: Any) -> float:
    """Return the most CPU time that passes on this thread between two turns."""
    task = asyncio.ensure_future(work)
    longest = 0.0
    while not task.done():
        started = time.thread_time()
        await asyncio.sleep(0)
        longest = max(longest, time.thread_time() - started)
    await task
    return longest


@contextlib.contextmanager
def beside() -> Iterator[WeCom]:
    """Run a WeCom on a thread of its own, whose work is not counted."""
    running: Future[tuple[WeCom, Callable[[], object]]] = Future()

    async def serve() -> None:
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        async with WeCom() as wecom:
            running.set_result((wecom, partial(loop.call_soon_threadsafe, stopped.set)))
            await stopped.wait()

    thread = Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    wecom, stop = running.result(10)
    try:
        yield wecom
    finally:
        stop()
        thread.join()


async def test_uploading(session: aiohttp.ClientSession) -> None:
    """The largest file is hashed and uploaded beside everything else."""
    with beside() as wecom:
        # It does not look at the file, which would take the time of this thread, too.
        wecom.always(json_answer({"errcode": 0, "media_id": "m"}), UPLOAD)
        client = wecom_client(session, endpoint(wecom))
        await client.check_secret()
        attachment = replace(FILE, content=bytes(LIMITS[AttachmentKind.FILE]))
        gc.collect()
        assert await longest_stall(client.upload(attachment)) < STALL
        assert len(wecom.requests_to(UPLOAD)[0].body) > attachment.size


async def test_long_answer(wecom: WeCom, session: aiohttp.ClientSession) -> None:
    """A list of very many members is read beside everything else."""
    members = [{"userid": f"u{number}", "name": "\ud83d"} for number in range(20_000)]
    body = json.dumps({"errcode": 0, "userlist": members})
    client = wecom_client(session, endpoint(wecom))
    await client.check_secret()
    wecom.always(Answer(body=body), "/cgi-bin/user/simplelist")
    gc.collect()
    assert await longest_stall(client.members(1)) < STALL


async def test_long_markdown(service: Service) -> None:
    """What takes long to convert is converted beside everything else."""
    client = service.connect(None, Endpoint(url="nonsense"))
    message = Message(text="![" * 5_000, format=Format.MARKDOWN)

    async def deliver() -> None:
        with pytest.raises(UnreachableError):
            await client.deliver(message, service.target)

    gc.collect()
    assert await longest_stall(deliver()) < STALL
