"""Pushjet: what goes over the wire, and what comes of it."""

from typing import Any

import aiohttp
import pytest

from custom_components.wechat_push.clients.errors import (
    ClientError,
    ContentError,
    EndpointError,
    LimitError,
    Problem,
    RecipientError,
    TemporaryError,
)
from custom_components.wechat_push.clients.message import (
    Attachment,
    AttachmentKind,
    Format,
    Message,
    Overflow,
)
from custom_components.wechat_push.clients.pushjet import (
    SECRET_PATTERN,
    PushjetClient,
    PushjetProblem,
    PushjetService,
    PushjetTarget,
)
from custom_components.wechat_push.clients.receipt import Accepted, Receipt
from tests.simulators import Answer, Pushjet
from tests.simulators.answers import json_answer
from tests.simulators.pushjet import PUBLIC, SECRET, Service as SimulatedService

from .common import Facts, endpoint, facts, send

HOME = PushjetTarget(secret=SECRET, public=PUBLIC)
UNKNOWN = "0" * 32
PICTURE = Attachment(
    kind=AttachmentKind.IMAGE,
    name="Door",
    content_type="image/jpeg",
    url="https://example.com/a.jpg",
)


@pytest.fixture
def client(pushjet: Pushjet, session: aiohttp.ClientSession) -> PushjetClient:
    """Return a client for the simulated server."""
    return PushjetClient(session, endpoint(pushjet))


# The wire


async def test_wire(pushjet: Pushjet, client: PushjetClient) -> None:
    """A message is one POST of a form, without a slash at the end."""
    receipt = await send(client, Message(text="门 & =+\n🙂", title="Door"), HOME)
    (request,) = pushjet.requests
    assert (request.method, request.raw_path) == ("POST", "/message")
    assert request.query == {}
    assert request.content_type == "application/x-www-form-urlencoded"
    assert (
        request.body
        == (
            f"secret={SECRET}&title=Door&message=%E9%97%A8+%26+%3D%2B%0A%F0%9F%99%82"
        ).encode()
    )
    assert receipt == Receipt(accepted=(Accepted(target=PUBLIC),))


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(Message(text="a"), {"message": "a"}, id="text_alone"),
        pytest.param(
            Message(text="a", title=" \n"), {"message": "a"}, id="blank_title"
        ),
        pytest.param(
            Message(text=" a ", title=" T\n1 "),
            {"message": " a ", "title": "T 1"},
            id="title",
        ),
        pytest.param(
            Message(text="**a** [b](https://example.com)", format=Format.MARKDOWN),
            {"message": "a b (https://example.com)"},
            id="markdown",
        ),
        pytest.param(
            Message(text="<p>1 &lt; 2</p><p>b</p>", format=Format.HTML),
            {"message": "1 < 2\n\nb"},
            id="html",
        ),
        pytest.param(
            Message(text="a", url="https://example.com", level=5),
            {"message": "a", "link": "https://example.com", "level": "5"},
            id="link_and_level",
        ),
        pytest.param(
            Message(text="a", attachments=(PICTURE,)),
            {
                "message": "a\nDoor: https://example.com/a.jpg",
                "link": "https://example.com/a.jpg",
            },
            id="picture",
        ),
    ],
)
async def test_fields(
    pushjet: Pushjet, client: PushjetClient, message: Message, expected: dict[str, str]
) -> None:
    """What is not there leaves no field, and everything is plain text."""
    await send(client, message, HOME)
    assert pushjet.requests[-1].form == {"secret": SECRET, **expected}


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5])
async def test_levels(pushjet: Pushjet, client: PushjetClient, level: int) -> None:
    """The phone shows how important a message is."""
    await send(client, Message(text="a", level=level), HOME)
    assert [each.kind for each in pushjet.notifications] == [f"level {level}"]


@pytest.mark.parametrize("text", ["", " \n\t"])
async def test_empty(client: PushjetClient, text: str) -> None:
    """A message that says nothing is not sent, whatever its title."""
    with pytest.raises(ContentError) as caught:
        client.prepare(Message(text=text, title="T"), HOME)
    assert caught.value.problem == Problem.MESSAGE_EMPTY


# Limits


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("x" * 65_535, 1, id="bytes"),
        pytest.param("x" * 65_536, 2, id="one_byte_more"),
        pytest.param("中" * 21_845, 1, id="chinese"),
        pytest.param("中" * 21_846, 2, id="one_character_more"),
    ],
)
@pytest.mark.parametrize("strict", [True, False])
async def test_limits(
    pushjet: Pushjet, client: PushjetClient, text: str, parts: int, strict: bool
) -> None:
    """A text is as long as the database takes it, and nothing is lost of a longer one."""
    pushjet.strict = strict
    await send(client, Message(text=text), HOME)
    assert len(pushjet.notifications) == parts
    said = [each.text.partition("\n")[0] for each in pushjet.notifications]
    assert "".join(said) == text


async def test_split_in_order(pushjet: Pushjet, client: PushjetClient) -> None:
    """A long text arrives in marked parts, in their order, each with the title."""
    await send(client, Message(text="门" * 100_000, title="Log"), HOME)
    shown = [each.text for each in pushjet.notifications]
    assert [each[-6:] for each in shown] == [
        f"\n({number}/5)" for number in range(1, 6)
    ]
    assert {each.title for each in pushjet.notifications} == {"Log"}


async def test_truncated(pushjet: Pushjet, client: PushjetClient) -> None:
    """A long text can be cut instead."""
    await send(client, Message(text="门" * 100_000, overflow=Overflow.TRUNCATE), HOME)
    (shown,) = pushjet.notifications
    assert shown.text == "门" * 21_844 + "…"


async def test_refused_for_its_length(client: PushjetClient) -> None:
    """A long text can be refused instead."""
    message = Message(text="x" * 65_536, overflow=Overflow.REFUSE)
    with pytest.raises(ContentError) as caught:
        client.prepare(message, HOME)
    assert caught.value.problem == Problem.MESSAGE_TOO_LARGE
    assert caught.value.details == {"limit": "65535"}


async def test_long_link(pushjet: Pushjet, client: PushjetClient) -> None:
    """A link that the server could not store is refused before it is sent."""
    link = "https://example.com/"
    fits = link + "x" * (65_535 - len(link))
    await send(client, Message(text="a", url=fits), HOME)
    assert len(pushjet.notifications) == 1
    with pytest.raises(ContentError) as caught:
        client.prepare(Message(text="a", url=fits + "x"), HOME)
    assert caught.value.problem == Problem.FIELD_TOO_LARGE
    assert caught.value.details == {"field": "url", "limit": "65535"}


@pytest.mark.parametrize(
    ("title", "shown"), [("题" * 255, "题" * 255), ("题" * 256, "题" * 254 + "…")]
)
async def test_long_title(
    pushjet: Pushjet, client: PushjetClient, title: str, shown: str
) -> None:
    """A title is not cut in silence, as the server would."""
    await send(client, Message(text="a", title=title), HOME)
    assert pushjet.notifications[-1].title == shown


# What comes of it


async def test_nobody_listens(pushjet: Pushjet, client: PushjetClient) -> None:
    """The server does not tell that nobody gets a message."""
    pushjet.subscriptions.clear()
    receipt = await send(client, Message(text="a"), HOME)
    assert [each.target for each in receipt.accepted] == [PUBLIC]


@pytest.mark.parametrize("old_server", [False, True])
@pytest.mark.parametrize(
    ("secret", "problem"),
    [
        ("short", PushjetProblem.MALFORMED_SECRET),
        (UNKNOWN, PushjetProblem.UNKNOWN_SECRET),
    ],
)
async def test_wrong_secret(
    pushjet: Pushjet,
    client: PushjetClient,
    secret: str,
    problem: PushjetProblem,
    old_server: bool,
) -> None:
    """A wrong secret is told from all other failures, on old servers too."""
    pushjet.old_server = old_server
    wrong = PushjetTarget(secret=secret, public=PUBLIC)
    for call in (send(client, Message(text="a"), wrong), client.service(secret)):
        with pytest.raises(RecipientError) as caught:
            await call
        assert caught.value.problem == problem


async def test_no_secret(pushjet: Pushjet, client: PushjetClient) -> None:
    """Without a secret, the server says what is missing."""
    with pytest.raises(ContentError) as caught:
        await send(client, Message(text="a"), PushjetTarget(secret=""))
    assert caught.value.details == {"code": "7", "text": "Missing argument secret"}


@pytest.mark.parametrize(
    ("status", "answer", "expected"),
    [
        pytest.param(
            429,
            {"error": {"id": 5, "message": "Whoaw there cowboy, slow down!"}},
            (LimitError, Problem.TOO_MANY_REQUESTS, False),
            id="slow_down",
        ),
        pytest.param(
            400,
            {"error": {"id": 7, "message": "Missing argument message"}},
            (ContentError, Problem.SERVICE_REFUSED, False),
            id="missing_argument",
        ),
        pytest.param(
            499,
            {"error": {"id": 9}},
            (ContentError, Problem.SERVICE_REFUSED, False),
            id="no_text",
        ),
        pytest.param(
            201,
            {"status": "ok"},
            (EndpointError, Problem.NOT_THIS_SERVICE, True),
            id="other_status",
        ),
        pytest.param(
            200,
            {"service": {"public": PUBLIC}},
            (EndpointError, Problem.NOT_THIS_SERVICE, True),
            id="other_answer",
        ),
        pytest.param(
            200,
            {"status": "ok!"},
            (EndpointError, Problem.NOT_THIS_SERVICE, True),
            id="other_service",
        ),
        pytest.param(
            200,
            {"error": {"id": True}},
            (EndpointError, Problem.NOT_THIS_SERVICE, True),
            id="truth",
        ),
    ],
)
async def test_answers(
    pushjet: Pushjet,
    client: PushjetClient,
    status: int,
    answer: dict[str, Any],
    expected: Facts,
) -> None:
    """The body counts, whatever its label; only HTTP 200 and "ok" is a success."""
    pushjet.always(json_answer(answer, status=status, content_type="text/html"))
    with pytest.raises(ClientError) as caught:
        await send(client, Message(text="a"), HOME)
    assert facts(caught.value) == expected


async def test_reason_is_shown(pushjet: Pushjet, client: PushjetClient) -> None:
    """What the server says is passed on, with its number."""
    pushjet.always(json_answer({"error": {"id": 10, "message": "No changes"}}))
    with pytest.raises(ContentError) as caught:
        await send(client, Message(text="a"), HOME)
    assert caught.value.details == {"code": "10", "text": "No changes"}


async def test_google_out_of_reach(pushjet: Pushjet, client: PushjetClient) -> None:
    """An error 500 can hide a message that arrived."""
    pushjet.gcm_broken = True
    with pytest.raises(TemporaryError) as caught:
        await send(client, Message(text="a"), HOME)
    assert facts(caught.value) == (TemporaryError, Problem.SERVER_ERROR, True)
    assert [each.text for each in pushjet.notifications] == ["a"]


# Questions


@pytest.mark.parametrize("secret", [SECRET, SECRET.upper()])
async def test_service(pushjet: Pushjet, client: PushjetClient, secret: str) -> None:
    """The service of a secret is told without sending anything."""
    assert await client.service(secret) == PushjetService(
        public=PUBLIC, name="Home alarms"
    )
    (request,) = pushjet.requests
    assert (request.method, request.raw_path) == ("GET", "/service")
    assert request.query == {"secret": secret}
    assert not pushjet.notifications


async def test_service_without_a_name(pushjet: Pushjet, client: PushjetClient) -> None:
    """A service may have no name."""
    pushjet.services[:] = [SimulatedService(secret=SECRET, public=PUBLIC, name="")]
    assert (await client.service(SECRET)).name == ""


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "ok"},
        {"service": {}},
        {"service": {"public": 7, "name": "x"}},
    ],
)
async def test_no_service(
    pushjet: Pushjet, client: PushjetClient, answer: dict[str, Any]
) -> None:
    """An answer without a service comes from somebody else."""
    pushjet.always(json_answer(answer))
    with pytest.raises(TemporaryError) as caught:
        await client.service(SECRET)
    assert caught.value.problem == Problem.NOT_THIS_SERVICE


async def test_service_with_an_odd_name(
    pushjet: Pushjet, client: PushjetClient
) -> None:
    """A name that is no text is none."""
    pushjet.always(json_answer({"service": {"public": PUBLIC, "name": None}}))
    assert await client.service(SECRET) == PushjetService(public=PUBLIC, name="")


@pytest.mark.parametrize("old_server", [False, True])
async def test_probe(pushjet: Pushjet, client: PushjetClient, old_server: bool) -> None:
    """A Pushjet server is known by its answer to a question without a secret."""
    pushjet.old_server = old_server
    await client.probe()
    (request,) = pushjet.requests
    assert (request.method, request.path, request.query) == ("GET", "/service", {})


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(json_answer({"status": "ok"}), id="ok"),
        pytest.param(json_answer({"error": {"id": 3}}), id="other_error"),
        pytest.param(Answer(body="Welcome"), id="page"),
    ],
)
async def test_probe_finds_somebody_else(
    pushjet: Pushjet, client: PushjetClient, answer: Answer
) -> None:
    """Anything else is no Pushjet server."""
    pushjet.always(answer)
    with pytest.raises(TemporaryError) as caught:
        await client.probe()
    assert caught.value.problem == Problem.NOT_THIS_SERVICE


async def test_no_recall(pushjet: Pushjet, client: PushjetClient) -> None:
    """Pushjet cannot take a message back, and is not asked to."""
    with pytest.raises(ContentError) as caught:
        await client.recall("1")
    assert caught.value.problem == Problem.NO_RECALL
    assert not pushjet.requests


@pytest.mark.parametrize(
    ("text", "expected"),
    [(SECRET, True), (SECRET.upper(), True), (SECRET[:-1], False), (PUBLIC, False)],
)
def test_shape_of_secrets(text: str, expected: bool) -> None:
    """A secret has 32 letters and digits."""
    assert bool(SECRET_PATTERN.fullmatch(text)) is expected
