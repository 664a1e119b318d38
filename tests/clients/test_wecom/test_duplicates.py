"""WeCom drops what it already accepted, and nothing that was meant to be said again."""

from dataclasses import replace
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.clients.errors import (
    TemporaryError,
    UploadExpiredError,
)
from custom_components.wechat_push.clients.message import Message, Part
from custom_components.wechat_push.clients.wecom.client import WeComClient, WeComTarget
from tests.simulators import BAD_ANSWERS, WeCom

from ..common import only, send
from .common import BUTTON, PICTURE, SEND, ZHANG, kinds, refusal

HELLO = Message(text="门开了")
SNAPSHOT = Message(text="", attachments=(PICTURE,))

# WeCom compares the whole of a request, or its words alone: nobody knows.
BOTH_READINGS = pytest.mark.parametrize("words_compared", [False, True])


class Sender:
    """Sends messages under keys, and remembers what was said under others."""

    def __init__(self, client: WeComClient) -> None:
        """Start with nothing said."""
        self._client = client
        self._said: dict[str | None, str] = {}

    async def say(self, key: str, message: Message = HELLO) -> str | None:
        """Send a message; return its ID."""
        client, policy = self._client, self._client.rate_policy
        part = only(client, message, ZHANG)
        uploads = {
            number: await client.upload(message.attachments[number], part)
            for number in client.pending_uploads(part)
        }
        filled = client.fill(part, uploads)
        first = self._said.setdefault(policy.content(filled), key)
        stamped = policy.stamp(filled, key, said_before=first != key)
        (accepted,) = (await client.send(stamped)).accepted
        return accepted.message_id


@pytest.fixture
def sender(client: WeComClient) -> Sender:
    """Return what sends messages under keys."""
    return Sender(client)


@BOTH_READINGS
@pytest.mark.parametrize(
    ("message", "kind"), [(HELLO, "text"), (SNAPSHOT, "image")], ids=["text", "image"]
)
@pytest.mark.parametrize("fault", ["reset_after", "bad_gateway_502"])
async def test_repetition(
    wecom: WeCom,
    sender: Sender,
    words_compared: bool,
    message: Message,
    kind: str,
    fault: str,
) -> None:
    """A request that is repeated because its answer got lost is shown once."""
    wecom.words_compared = words_compared
    wecom.script(replace(BAD_ANSWERS[fault], act=True), path=SEND)
    with pytest.raises(TemporaryError) as caught:
        await sender.say("one", message)
    assert caught.value.uncertain
    await sender.say("one", message)
    first, second = wecom.requests_to(SEND)
    assert first.body == second.body
    assert kinds(wecom) == [kind]


@BOTH_READINGS
async def test_same_words(wecom: WeCom, sender: Sender, words_compared: bool) -> None:
    """Messages that say the same are all shown, however soon they follow."""
    wecom.words_compared = words_compared
    ids = [await sender.say(key) for key in ("one", "two", "three")]
    assert len(wecom.notifications) == len(set(ids)) == 3


@BOTH_READINGS
async def test_delivered_again(
    wecom: WeCom, client: WeComClient, words_compared: bool
) -> None:
    """Who sends a message by itself, and the same again, sends two."""
    wecom.words_compared = words_compared
    for _ in range(2):
        await send(client, HELLO, ZHANG)
    assert len(wecom.notifications) == 2


@BOTH_READINGS
async def test_repetition_after_the_same_words(
    wecom: WeCom, sender: Sender, words_compared: bool
) -> None:
    """A repetition is dropped, even if others have said the same meanwhile."""
    wecom.words_compared = words_compared
    for key in ("one", "two", "one"):
        await sender.say(key)
    assert len(wecom.notifications) == 2


async def test_until_the_end_of_the_window(
    wecom: WeCom, client: WeComClient, sender: Sender, freezer: FrozenDateTimeFactory
) -> None:
    """A repetition is dropped for as long as the policy says, whatever the key."""
    for number in range(20):
        await sender.say(str(number), Message(text=str(number)))
    freezer.tick(client.rate_policy.dedup_window)
    for number in range(20):
        await sender.say(str(number), Message(text=str(number)))
    assert len(wecom.notifications) == 20


def test_fields(client: WeComClient) -> None:
    """The check is of the key, and lasts for half an hour and up to ten minutes more."""
    policy = client.rate_policy
    part = only(client, HELLO, ZHANG)
    stamped = [policy.stamp(part, str(key), said_before=False) for key in range(50)]
    assert {each["enable_duplicate_check"] for each in stamped} == {1}
    intervals = {each["duplicate_check_interval"] for each in stamped}
    assert min(intervals) >= 1800
    assert max(intervals) < 2400
    assert len(intervals) > 40
    assert policy.stamp(part, "1", said_before=False) == stamped[1]
    assert policy.stamp(part, "1", said_before=True) == part


@pytest.mark.parametrize(
    ("options", "said_before", "window"),
    [
        ({}, False, 1790),
        ({}, True, 0),
        ({"duplicate_check": True}, True, 1790),
        ({"duplicate_check_interval": 60}, False, 50),
        ({"duplicate_check": False}, False, 0),
    ],
)
def test_window(
    client: WeComClient, options: dict[str, Any], said_before: bool, window: float
) -> None:
    """How long a repetition is dropped stands in the request."""
    policy = client.rate_policy
    part = only(client, replace(HELLO, options=options), ZHANG)
    stamped = policy.stamp(part, "one", said_before=said_before)
    assert 0 <= policy.dedup_window_of(stamped) - window < 600
    assert policy.dedup_window == 1790


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({"duplicate_check": True}, 1),
        ({"duplicate_check_interval": 60}, 1),
        ({"duplicate_check": False}, 2),
    ],
)
async def test_own_choice(
    wecom: WeCom, sender: Sender, options: dict[str, int | bool], shown: int
) -> None:
    """What the person chose holds, whatever the key."""
    message = replace(HELLO, options=options)
    for key in ("one", "two"):
        await sender.say(key, message)
    assert len(wecom.notifications) == shown
    expected = {"enable_duplicate_check": int(options.get("duplicate_check", True))}
    assert wecom.requests_to(SEND)[0].json.items() >= expected.items()


def test_content(client: WeComClient) -> None:
    """Requests are compared with their targets, and without how they are stamped."""
    policy = client.rate_policy

    def content(part: Part) -> str | None:
        return policy.content(part)

    part = only(client, HELLO, ZHANG)
    stamped = policy.stamp(part, "one", said_before=False)
    assert content(part) == content(stamped)
    other = only(client, HELLO, WeComTarget(users=("lisi",)))
    assert content(other) != content(part)
    assert content(only(client, Message(text="b"), ZHANG)) != content(part)
    # The order of fields does not count.
    assert content({name: part[name] for name in reversed([*part])}) == content(part)


@pytest.mark.usefixtures("callback")
async def test_cards(wecom: WeCom, client: WeComClient, sender: Sender) -> None:
    """A card is another one than that which looks the same, and its repetition is not."""
    message = Message(text="a", options={"buttons": [BUTTON]})
    assert client.rate_policy.content(only(client, message, ZHANG)) is None
    for key in ("one", "two", "one"):
        await sender.say(key, message)
    first, second, third = (each.body for each in wecom.requests_to(SEND))
    assert first == third != second
    assert len(wecom.notifications) == 2


async def test_stamped_before_the_upload(wecom: WeCom, client: WeComClient) -> None:
    """A request can be stamped before its picture is uploaded."""
    part = only(client, SNAPSHOT, ZHANG)
    stamped = client.rate_policy.stamp(part, "one", said_before=False)
    assert client.pending_uploads(stamped) == (0,)
    for _ in range(2):
        media_id = await client.upload(PICTURE, stamped)
        await client.send(client.fill(stamped, {0: media_id}))
    assert kinds(wecom) == ["image"]


async def test_picture_that_expired(wecom: WeCom, sender: Sender) -> None:
    """A picture that is uploaded anew goes out under the same key."""
    wecom.script(refusal(40007), path=SEND)
    with pytest.raises(UploadExpiredError):
        await sender.say("one", SNAPSHOT)
    await sender.say("one", SNAPSHOT)
    assert kinds(wecom) == ["image"]
