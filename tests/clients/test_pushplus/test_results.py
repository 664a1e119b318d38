"""What becomes of messages that PushPlus took."""

from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from custom_components.wechat_push.clients.errors import (
    ActionNeededError,
    ContentError,
    TemporaryError,
)
from custom_components.wechat_push.clients.message import Message
from custom_components.wechat_push.clients.pushplus.callback import read_callback
from custom_components.wechat_push.clients.pushplus.client import (
    PushPlusClient,
    PushPlusTarget,
)
from custom_components.wechat_push.clients.receipt import Fate, Outcome
from custom_components.wechat_push.clients.transport import clean as clean_text
from tests.simulators import BAD_ANSWERS, PushPlus
from tests.simulators.answers import json_answer
from tests.simulators.pushplus_accounts import FRIEND_TOKEN, SECRET_KEY, TOKEN

from ..common import endpoint, send
from .common import MYSELF

RESULT = "/api/open/message/sendMessageResult"
CODE = "3cbc5eab19fe512e80677540fbde332a"
DELIVERED = Outcome(fate=Fate.DELIVERED)
WAITING = Outcome(fate=Fate.WAITING)


@pytest.fixture
def knowing(pushplus: PushPlus, session: aiohttp.ClientSession) -> PushPlusClient:
    """Return a client that may use the open interface."""
    return PushPlusClient(
        session, endpoint(pushplus), token=TOKEN, secret_key=SECRET_KEY
    )


async def taken(client: PushPlusClient, target: PushPlusTarget = MYSELF) -> list[str]:
    """Send a message; return what PushPlus can be asked by."""
    receipt = await send(client, Message(text="a"), target)
    return [each.record_id or "" for each in receipt.accepted]


async def test_delivered(pushplus: PushPlus, knowing: PushPlusClient) -> None:
    """A message that has arrived is known to have."""
    (record_id,) = await taken(knowing)
    assert knowing.has_outcomes
    assert await knowing.outcome(record_id) == DELIVERED
    assert pushplus.requests_to(RESULT)[0].query == {"shortCode": record_id}


async def test_of_each_channel(knowing: PushPlusClient) -> None:
    """Each channel has a fate of its own."""
    first, second = await taken(knowing, PushPlusTarget(channel="wechat,app"))
    assert first != second
    assert await knowing.outcome(first) == await knowing.outcome(second) == DELIVERED


async def test_failed(pushplus: PushPlus, knowing: PushPlusClient) -> None:
    """Why a message did not arrive is told, in the service's own words."""
    pushplus.final_error = "用户未关注公众号"
    (record_id,) = await taken(knowing)
    assert await knowing.outcome(record_id) == Outcome(
        fate=Fate.FAILED, reason="用户未关注公众号"
    )


async def test_on_its_way(pushplus: PushPlus, knowing: PushPlusClient) -> None:
    """A message in the queue is neither."""
    pushplus.delivery_delay = 60
    (record_id,) = await taken(knowing)
    assert await knowing.outcome(record_id) == WAITING


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"status": 0, "errorMessage": ""}, WAITING),
        (
            {"status": 0, "errorMessage": "过期"},
            Outcome(fate=Fate.FAILED, reason="过期"),
        ),
        ({"status": "2", "errorMessage": None}, DELIVERED),
        ({"status": 2, "errorMessage": "x"}, DELIVERED),
        ({"status": 7}, WAITING),
        ({"status": None}, WAITING),
        ({"status": [3]}, WAITING),
        ([], WAITING),
        (None, WAITING),
        (
            {"status": 3, "errorMessage": f"{CODE} {SECRET_KEY}"},
            Outcome(fate=Fate.FAILED, reason="**REDACTED** **REDACTED**"),
        ),
    ],
)
async def test_answers(
    pushplus: PushPlus, knowing: PushPlusClient, data: object, expected: Outcome
) -> None:
    """Only what is sure is said, and nothing that is secret."""
    pushplus.always(json_answer({"code": 200, "msg": "", "data": data}), RESULT)
    assert await knowing.outcome(CODE) == expected


async def test_nothing_known(knowing: PushPlusClient) -> None:
    """A message that PushPlus does not know has no fate."""
    with pytest.raises(ContentError):
        await knowing.outcome(CODE)


async def test_open_interface_off(pushplus: PushPlus, knowing: PushPlusClient) -> None:
    """What the person has to switch on is said."""
    pushplus.account.open_api = False
    with pytest.raises(ActionNeededError):
        await knowing.outcome(CODE)


async def test_no_answer(pushplus: PushPlus, knowing: PushPlusClient) -> None:
    """An outage is an outage."""
    pushplus.always(BAD_ANSWERS["bad_gateway_502"], RESULT)
    with pytest.raises(TemporaryError):
        await knowing.outcome(CODE)


async def test_without_the_open_interface(
    pushplus: PushPlus, client: PushPlusClient
) -> None:
    """Without a secret key nothing is asked."""
    assert not client.has_outcomes
    assert await client.outcome(CODE) == WAITING
    assert not pushplus.requests


def test_shown_id(client: PushPlusClient) -> None:
    """Nobody can open the message by what is shown."""
    assert client.shown_id(CODE) == "3cbc5e…"


# Callbacks


def clean(text: object, *secrets: str) -> str:
    """Return a text as the client of an account does."""
    return clean_text(text, (SECRET_KEY, *secrets))


def told(status: object, **changes: Any) -> dict[str, Any]:
    """Return what PushPlus posts."""
    info = {"shortCode": CODE, "sendStatus": status, "message": "", **changes}
    return {"event": "message_complate", "messageInfo": info}


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (told(2), DELIVERED),
        (told("2"), DELIVERED),
        (told(2.0, message=None, extra=1), DELIVERED),
        ({**told(2), "event": "message_complete"}, DELIVERED),
        (told(1), WAITING),
        (told(9), WAITING),
        (told("x"), WAITING),
        (told(float("nan")), WAITING),
        (told(float("inf")), WAITING),
        (told("9" * 5000), WAITING),
        (told(0), Outcome(fate=Fate.FAILED)),
        (
            told(3, message="无用户\n接收消息"),
            Outcome(fate=Fate.FAILED, reason="无用户 接收消息"),
        ),
        (
            told(3, message=f"\x1b[31m{CODE}\x1b[0m {SECRET_KEY} {FRIEND_TOKEN}"),
            Outcome(fate=Fate.FAILED, reason=" ".join(["**REDACTED**"] * 3)),
        ),
        (
            told(3, message=f"token={TOKEN}"),
            Outcome(fate=Fate.FAILED, reason="token=**REDACTED**"),
        ),
    ],
)
def test_callback(payload: object, expected: Outcome) -> None:
    """A callback tells of one message, in whatever type its number comes."""
    assert read_callback(payload, clean) == (CODE, expected)


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "message_complate",
        {},
        {"event": "add_friend", "friendInfo": {"token": TOKEN}},
        {**told(2), "event": "something_else"},
        {**told(2), "event": ["message_complate"]},
        {"event": "message_complate"},
        {"event": "message_complate", "messageInfo": None},
        {"event": "message_complate", "messageInfo": {"shortCode": CODE}},
        told(2, shortCode=""),
        told(2, shortCode=7),
    ],
)
def test_no_callback(payload: object) -> None:
    """What is none is ignored: anyone may call."""
    assert read_callback(payload, clean) is None


# Late messages


@pytest.mark.parametrize(
    ("template", "message", "title", "content"),
    [
        ("json", Message(text='{"a": 1}', title="T"), "[late] T", '{"a": 1}'),
        ("json", Message(text="[1]\n"), "[late] [1]", "[1]\n"),
        ("txt", Message(text="a", title="T"), "[late] T", "a"),
        (None, Message(text="a"), "[late] a", "[late] a"),
    ],
)
async def test_delayed(
    pushplus: PushPlus,
    client: PushPlusClient,
    template: str | None,
    message: Message,
    title: str,
    content: str,
) -> None:
    """That a message comes late never stands in data."""
    target = replace(MYSELF, template=template)
    await send(client, client.delayed(message, target, "[late]"), target)
    (shown,) = pushplus.notifications
    assert (shown.title, shown.text) == (title, content)
