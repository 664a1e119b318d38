"""WeCom drops what it already took, and nothing that was meant to be said again."""

from dataclasses import replace

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.clients.errors import TemporaryError
from custom_components.wechat_push.clients.message import Message
from custom_components.wechat_push.clients.wecom.client import WeComClient
from custom_components.wechat_push.clients.wecom.duplicates import DuplicateCheck
from tests.simulators import BAD_ANSWERS, WeCom

from .common import PICTURE, SEND, ZHANG, kinds, refusal

HELLO = Message(text="门开了")
SNAPSHOT = Message(text="", attachments=(PICTURE,))

# WeCom compares the whole of a request, or its words alone: nobody knows.
BOTH_READINGS = pytest.mark.parametrize("words_compared", [False, True])


async def say(client: WeComClient, key: str, message: Message = HELLO) -> str | None:
    """Send a message under a key; return its ID."""
    (part,) = client.prepare(message, ZHANG)
    (accepted,) = (await client.send(part, key=key)).accepted
    return accepted.message_id


@BOTH_READINGS
@pytest.mark.parametrize(
    ("message", "kind"), [(HELLO, "text"), (SNAPSHOT, "image")], ids=["text", "image"]
)
@pytest.mark.parametrize("fault", ["reset_after", "bad_gateway_502"])
async def test_repetition(
    wecom: WeCom,
    client: WeComClient,
    words_compared: bool,
    message: Message,
    kind: str,
    fault: str,
) -> None:
    """A request that is repeated because its answer got lost is shown once."""
    wecom.words_compared = words_compared
    wecom.script(replace(BAD_ANSWERS[fault], act=True), path=SEND)
    with pytest.raises(TemporaryError) as caught:
        await say(client, "one", message)
    assert caught.value.doubtful
    await say(client, "one", message)
    first, second = wecom.requests_to(SEND)
    assert first.body == second.body
    assert kinds(wecom) == [kind]


@BOTH_READINGS
async def test_same_words(
    wecom: WeCom, client: WeComClient, words_compared: bool
) -> None:
    """Messages that say the same are all shown, however soon they follow."""
    wecom.words_compared = words_compared
    ids = [await say(client, key) for key in ("one", "two", "three")]
    assert len(wecom.notifications) == len(set(ids)) == 3


@BOTH_READINGS
async def test_repetition_after_the_same_words(
    wecom: WeCom, client: WeComClient, words_compared: bool
) -> None:
    """A repetition is dropped, even if others have said the same meanwhile."""
    wecom.words_compared = words_compared
    for key in ("one", "two", "one"):
        await say(client, key)
    assert len(wecom.notifications) == 2


@BOTH_READINGS
async def test_over_the_hours(
    wecom: WeCom,
    client: WeComClient,
    freezer: FrozenDateTimeFactory,
    words_compared: bool,
) -> None:
    """What is said every few minutes is shown each time."""
    wecom.words_compared = words_compared
    for number in range(12):
        await say(client, str(number))
        freezer.tick(600)
    assert len(wecom.notifications) == 12


async def test_protected_again(
    wecom: WeCom, client: WeComClient, freezer: FrozenDateTimeFactory
) -> None:
    """After a quarter of an hour the same words are protected as at first."""
    await say(client, "one")
    freezer.tick(901)
    for _ in range(2):
        await say(client, "two")
    assert len(wecom.notifications) == 2


async def test_fields(wecom: WeCom, client: WeComClient) -> None:
    """The check is asked for under a key alone, and lasts for minutes."""
    await say(client, "one")
    await say(client, "", replace(HELLO, text="b"))
    first, second = (request.json for request in wecom.requests_to(SEND))
    assert first["enable_duplicate_check"] == 1
    assert 300 <= first["duplicate_check_interval"] < 900
    assert not {"enable_duplicate_check", "duplicate_check_interval"} & second.keys()


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({"duplicate_check": True}, 1),
        ({"duplicate_check_interval": 60}, 1),
        ({"duplicate_check": False}, 2),
    ],
)
async def test_own_choice(
    wecom: WeCom, client: WeComClient, options: dict[str, int | bool], shown: int
) -> None:
    """What the person chose holds, whatever the key."""
    message = replace(HELLO, options=options)
    for key in ("one", "two"):
        await say(client, key, message)
    assert len(wecom.notifications) == shown
    expected = {"enable_duplicate_check": int(options.get("duplicate_check", True))}
    assert wecom.requests_to(SEND)[0].json.items() >= expected.items()


def test_many_messages() -> None:
    """When more was said than can be remembered, nothing is dropped by mistake."""
    check = DuplicateCheck()
    texts = [{"text": {"content": str(number)}} for number in range(2000)]
    first, second = (
        [check.fields(text, f"{turn}-{number}") for number, text in enumerate(texts)]
        for turn in range(2)
    )
    assert all(first[:1000])
    assert not any(one and other for one, other in zip(first, second, strict=True))


async def test_picture_that_expired(wecom: WeCom, client: WeComClient) -> None:
    """A picture that is uploaded anew goes out under the same key."""
    wecom.script(refusal(40007), path=SEND)
    await say(client, "one", SNAPSHOT)
    await say(client, "one", SNAPSHOT)
    assert kinds(wecom) == ["image"]
