"""Server酱: what goes over the wire, and what comes of it."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime
import json
import logging
import socket
from typing import Any, override

import aiohttp
from aiohttp import ThreadedResolver
from aiohttp.abc import ResolveResult
from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.clients.errors import (
    ClientError,
    ContentError,
    CredentialsError,
    EndpointError,
    LimitError,
    Problem,
    TemporaryError,
    UnreachableError,
)
from custom_components.wechat_push.clients.message import (
    Attachment,
    AttachmentKind,
    Format,
    Message,
    Overflow,
)
from custom_components.wechat_push.clients.receipt import Accepted, Receipt
from custom_components.wechat_push.clients.serverchan import (
    ServerChanClient,
    ServerChanProblem,
    ServerChanTarget,
    send_key,
)
from custom_components.wechat_push.clients.transport import REDACTED, Endpoint
from tests.simulators import Answer, ServerChan
from tests.simulators.answers import json_answer
from tests.simulators.serverchan import DOWN, KEY, TURBO_KEY

from .common import Facts, endpoint, facts, send, shown

OWNER = ServerChanTarget()
WRONG_TURBO = "SCT1TwrongWrongWrongWrongWrong"
WRONG = "sctp1twrongwrongwrong"
PICTURE = Attachment(
    kind=AttachmentKind.IMAGE,
    name="Door",
    content_type="image/jpeg",
    url="https://example.com/a.jpg",
)


@pytest.fixture
async def serverchan(socket_enabled: None) -> AsyncGenerator[ServerChan]:
    """Return the running simulator."""
    async with ServerChan() as simulator:
        yield simulator


@pytest.fixture
def turbo(serverchan: ServerChan, session: aiohttp.ClientSession) -> ServerChanClient:
    """Return a client for the simulated account of Turbo."""
    return ServerChanClient(session, endpoint(serverchan), send_key=TURBO_KEY)


@pytest.fixture
def three(serverchan: ServerChan, session: aiohttp.ClientSession) -> ServerChanClient:
    """Return a client for the simulated account of Server酱³."""
    return ServerChanClient(session, endpoint(serverchan), send_key=KEY)


# The wire


async def test_turbo(serverchan: ServerChan, turbo: ServerChanClient) -> None:
    """A message is one POST of JSON in UTF-8, and does not tell where the home is."""
    receipt = await send(turbo, Message(text="门 & =+\n🙂", title="Door"), OWNER)
    (request,) = serverchan.requests
    assert (request.method, request.raw_path) == ("POST", f"/{TURBO_KEY}.send")
    assert request.query == {}
    assert request.headers["Content-Type"] == "application/json; charset=utf-8"
    assert (
        request.body.decode()
        == '{"title":"Door","desp":"门 & =+\\n\\n🙂","short":"门 & =+ 🙂","noip":1}'
    )
    assert receipt == Receipt(accepted=(Accepted(target="owner"),))
    (shown,) = serverchan.notifications
    assert (shown.title, shown.kind) == ("Door", "门 & =+ 🙂")


async def test_three(serverchan: ServerChan, three: ServerChanClient) -> None:
    """Server酱³ has its own path, and takes tags."""
    target = ServerChanTarget(tags=("home", "door"), channels=(9,))
    receipt = await send(three, Message(text="Open", title="Door"), target)
    (request,) = serverchan.requests
    assert (request.method, request.raw_path) == ("POST", f"/send/{KEY}.send")
    assert request.json == {
        "title": "Door",
        "desp": "Open",
        "short": "Open",
        "tags": "home|door",
    }
    assert receipt == Receipt(accepted=(Accepted(target="owner"),))
    assert [each.channel for each in serverchan.notifications] == ["home|door"]


class Nowhere(ThreadedResolver):
    """Finds no host, and remembers those that were looked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, int]] = []

    @override
    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,
    ) -> list[ResolveResult]:
        """Find nothing."""
        self.asked.append((host, port))
        raise OSError


@pytest.mark.parametrize(
    ("key", "host"),
    [
        (TURBO_KEY, "sctapi.ftqq.com"),
        (KEY, "1234.push.ft07.com"),
        (KEY.upper(), "1234.push.ft07.com"),
    ],
)
async def test_official_hosts(key: str, host: str) -> None:
    """The key tells which of the two services it is for."""
    nowhere = Nowhere()
    connector = aiohttp.TCPConnector(resolver=nowhere)
    async with aiohttp.ClientSession(connector=connector) as session:
        client = ServerChanClient(session, send_key=key)
        with pytest.raises(UnreachableError):
            await send(client, Message(text="a"), OWNER)
    assert nowhere.asked == [(host, 443)]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(
            Message(text="a\nb"),
            {"title": "a", "desp": "a\n\nb", "short": "a b"},
            id="first_line",
        ),
        pytest.param(
            Message(text="# *Door*\n\nis **open**", format=Format.MARKDOWN),
            {
                "title": "Door",
                "desp": "# *Door*\n\nis **open**",
                "short": "Door is open",
            },
            id="markdown",
        ),
        pytest.param(
            Message(text="<p>1 &lt; 2*</p><p>b</p>", format=Format.HTML),
            {"title": "1 < 2*", "desp": "1 \\< 2\\*\n\nb", "short": "1 < 2* b"},
            id="html",
        ),
        pytest.param(
            Message(text="a", title=" T\n1 ", url="https://example.com/x_(1)"),
            {
                "title": "T 1",
                "desp": "a\n\n[https://example.com/x\\_\\(1\\)]"
                "(https://example.com/x_%281%29)",
                "short": "a https://example.com/x_(1) (https://example.com/x_%281%29)",
            },
            id="link",
        ),
        pytest.param(
            Message(text="a", title="T", attachments=(PICTURE,)),
            {
                "title": "T",
                "desp": "a\n\n![Door](https://example.com/a.jpg)",
                "short": "a Door (https://example.com/a.jpg)",
            },
            id="picture",
        ),
        pytest.param(
            Message(text="a", title="T", options={"summary": "S\n1"}),
            {"title": "T", "desp": "a", "short": "S 1"},
            id="summary",
        ),
    ],
)
async def test_fields(
    serverchan: ServerChan,
    turbo: ServerChanClient,
    message: Message,
    expected: dict[str, str],
) -> None:
    """A text reads as it was meant, and there always is a title."""
    await send(turbo, message, OWNER)
    assert serverchan.requests[-1].json == {**expected, "noip": 1}
    assert len(serverchan.notifications) == 1


async def test_channels(serverchan: ServerChan, turbo: ServerChanClient) -> None:
    """A recipient can have other channels than the account, and others who read."""
    target = ServerChanTarget(channels=(9, 66), openids="a|b", tags=("home",))
    await send(turbo, Message(text="a"), target)
    body = serverchan.requests[-1].json
    assert (body["channel"], body["openid"]) == ("9|66", "a|b")
    assert "tags" not in body


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_empty(turbo: ServerChanClient, text: str) -> None:
    """A message that says nothing is not sent, whatever its title."""
    with pytest.raises(ContentError) as caught:
        turbo.prepare(Message(text=text, title="T"), OWNER)
    assert caught.value.problem == Problem.MESSAGE_EMPTY


# Limits


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("x" * 32_768, 1, id="bytes"),
        pytest.param("x" * 32_769, 2, id="one_byte_more"),
        pytest.param("中" * 10_922, 1, id="chinese"),
        pytest.param("中" * 10_923, 2, id="one_character_more"),
        # A backslash is added to each.
        pytest.param("*" * 16_385, 2, id="escapes"),
    ],
)
async def test_limits(
    serverchan: ServerChan, turbo: ServerChanClient, text: str, parts: int
) -> None:
    """Nothing is lost of a text that is too long, and nothing is refused."""
    await send(turbo, Message(text=text, title="T"), OWNER)
    said = [each.text.partition("\n")[0] for each in serverchan.notifications]
    assert len(said) == parts
    assert "".join(said).replace("\\", "") == text


async def test_split_in_order(serverchan: ServerChan, turbo: ServerChanClient) -> None:
    """A long text arrives in marked parts, in their order, each with the title."""
    await send(turbo, Message(text="门" * 30_000, title="Log"), OWNER)
    shown = [each.text for each in serverchan.notifications]
    assert [each[-7:] for each in shown] == [f"\n\n({n}/3)" for n in (1, 2, 3)]
    assert {each.title for each in serverchan.notifications} == {"Log"}


async def test_truncated(serverchan: ServerChan, turbo: ServerChanClient) -> None:
    """A long text can be cut instead."""
    await send(turbo, Message(text="门" * 30_000, overflow=Overflow.TRUNCATE), OWNER)
    (shown,) = serverchan.notifications
    assert shown.text == "门" * 10_921 + "…"


def test_refused_for_its_length(turbo: ServerChanClient) -> None:
    """A long text can be refused instead."""
    message = Message(text="x" * 32_769, overflow=Overflow.REFUSE)
    with pytest.raises(ContentError) as caught:
        turbo.prepare(message, OWNER)
    assert caught.value.problem == Problem.MESSAGE_TOO_LARGE
    assert caught.value.details == {"limit": "32768"}


@pytest.mark.parametrize(
    ("title", "text", "expected", "body"),
    [
        pytest.param("题" * 32, "a", "题" * 32, "a", id="fits"),
        pytest.param(
            "题" * 33, "a", "题" * 31 + "…", f"### {'题' * 33}\n\na", id="title"
        ),
        pytest.param(None, "字" * 33, "字" * 31 + "…", "字" * 33, id="first_line"),
    ],
)
async def test_long_title(
    serverchan: ServerChan,
    turbo: ServerChanClient,
    title: str | None,
    text: str,
    expected: str,
    body: str,
) -> None:
    """A title of 32 characters is soon too long; what is cut off stands in the text."""
    await send(turbo, Message(text=text, title=title), OWNER)
    (shown,) = serverchan.notifications
    assert (shown.title, shown.text) == (expected, body)


async def test_long_summary(serverchan: ServerChan, turbo: ServerChanClient) -> None:
    """A card shows 64 characters."""
    await send(turbo, Message(text="字" * 65), OWNER)
    assert serverchan.notifications[-1].kind == "字" * 63 + "…"


# What comes of it


@pytest.mark.parametrize("key", [WRONG_TURBO, WRONG])
async def test_wrong_key(
    serverchan: ServerChan, session: aiohttp.ClientSession, key: str
) -> None:
    """A wrong key is told from all other failures."""
    client = ServerChanClient(session, endpoint(serverchan), send_key=key)
    with pytest.raises(CredentialsError) as caught:
        await send(client, Message(text="a"), OWNER)
    assert caught.value.problem == ServerChanProblem.SEND_KEY
    assert not serverchan.notifications


async def test_quota(
    serverchan: ServerChan, turbo: ServerChanClient, freezer: FrozenDateTimeFactory
) -> None:
    """A quota that is used up is no wrong key, though both have the same code."""
    freezer.move_to(datetime(2026, 11, 27, 15, 0, tzinfo=UTC))
    serverchan.enforce_limits()
    for _ in range(5):
        await send(turbo, Message(text="a"), OWNER)
    with pytest.raises(LimitError) as caught:
        await send(turbo, Message(text="a"), OWNER)
    assert caught.value.problem == ServerChanProblem.QUOTA
    assert caught.value.details == {"text": "[AUTH]超过当天的发送次数限制[5]"}
    # Until midnight in China, and a minute for clocks that differ.
    assert caught.value.retry_after == 3660
    assert len(serverchan.notifications) == 5


async def test_address_called_too_often(
    serverchan: ServerChan, turbo: ServerChanClient
) -> None:
    """An address that called too often is left alone for a day."""
    serverchan.ip_limited = True
    with pytest.raises(LimitError) as caught:
        await send(turbo, Message(text="a"), OWNER)
    assert caught.value.problem == Problem.TOO_MANY_REQUESTS
    assert caught.value.retry_after == 24 * 3600


TURBO_WORDS = {"info": "x", "args": [None]}


@pytest.mark.parametrize(
    ("status", "answer", "expected"),
    [
        pytest.param(
            400,
            {"message": "[AUTH]用户不存在或者权限不足", "code": 40001},
            (CredentialsError, ServerChanProblem.SEND_KEY, False),
            id="old_words_for_a_wrong_key",
        ),
        pytest.param(
            200,
            {"message": "[AUTH]错误的Key", "code": 40001, **TURBO_WORDS},
            (CredentialsError, ServerChanProblem.SEND_KEY, False),
            id="wrong_key_with_200",
        ),
        pytest.param(
            400,
            {"message": "[AUTH]其他", "code": 40001, "scode": 471},
            (LimitError, ServerChanProblem.QUOTA, False),
            id="quota_by_its_number",
        ),
        pytest.param(
            400,
            {"message": "[AUTH]超过当天的发送次数限制[10]", "code": 40001},
            (LimitError, ServerChanProblem.QUOTA, False),
            id="quota_by_its_words",
        ),
        pytest.param(
            400,
            {"message": "[AUTH]账号异常", "code": 40001, "scode": 462},
            (ContentError, Problem.SERVICE_REFUSED, False),
            id="other_words",
        ),
        pytest.param(
            400,
            {"message": "[INPUT]title 不能为空", "code": 20001, "scode": 460},
            (ContentError, Problem.SERVICE_REFUSED, False),
            id="empty_title",
        ),
        pytest.param(
            200,
            {"code": True},
            (EndpointError, Problem.NOT_THIS_SERVICE, True),
            id="truth",
        ),
        pytest.param(
            200,
            {"errno": 0, "errmsg": "success", "dataset": "done"},
            (EndpointError, Problem.NOT_THIS_SERVICE, True),
            id="the_old_service",
        ),
    ],
)
async def test_answers(
    serverchan: ServerChan,
    turbo: ServerChanClient,
    status: int,
    answer: dict[str, Any],
    expected: Facts,
) -> None:
    """The body counts, whatever the status; only the code 0 is a success."""
    serverchan.always(json_answer(answer, status=status))
    with pytest.raises(ClientError) as caught:
        await send(turbo, Message(text="a"), OWNER)
    assert facts(caught.value) == expected


async def test_server_behind_cloudflare_is_down(
    serverchan: ServerChan, three: ServerChanClient
) -> None:
    """Cloudflare's own status is an outage like others."""
    serverchan.always(DOWN)
    with pytest.raises(TemporaryError) as caught:
        await send(three, Message(text="a"), OWNER)
    assert facts(caught.value) == (TemporaryError, Problem.SERVER_ERROR, True)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"code": 9, "message": "M", "info": "I", "error": "E"}, "M"),
        ({"code": 9, "message": "", "info": "I", "error": "E"}, "I"),
        ({"code": 9, "error": "E"}, "E"),
        ({"code": 9, "message": None, "info": 7}, ""),
    ],
)
async def test_reason_is_shown(
    serverchan: ServerChan,
    turbo: ServerChanClient,
    answer: dict[str, Any],
    text: str,
) -> None:
    """What the service says is passed on, wherever it says it."""
    serverchan.always(json_answer(answer))
    with pytest.raises(ContentError) as caught:
        await send(turbo, Message(text="a"), OWNER)
    assert caught.value.details == {"code": "9", "text": text}


async def test_nobody_listens(serverchan: ServerChan, three: ServerChanClient) -> None:
    """The service does not tell that no phone is registered."""
    serverchan.has_device = False
    receipt = await send(three, Message(text="a"), OWNER)
    assert [each.target for each in receipt.accepted] == ["owner"]
    assert not serverchan.notifications


async def test_no_recall(serverchan: ServerChan, turbo: ServerChanClient) -> None:
    """Nothing can be taken back, and the service is not asked to."""
    with pytest.raises(ContentError) as caught:
        await turbo.recall("1")
    assert caught.value.problem == Problem.NO_RECALL
    assert not serverchan.requests


async def test_key_is_kept(
    serverchan: ServerChan,
    session: aiohttp.ClientSession,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The key is in the path of every request, and nowhere else."""
    caplog.set_level(logging.DEBUG)
    for key in (TURBO_KEY, KEY):
        client = ServerChanClient(session, endpoint(serverchan), send_key=key)
        receipt = await send(client, Message(text="a"), OWNER)
        text = json.dumps({"url": f"/{key}.send", "key": key})
        serverchan.script(
            json_answer({"code": 9, "message": text}),
            Answer(status=302, headers={"Location": f"https://x.y/{key}.send"}),
        )
        for _ in range(2):
            with pytest.raises(ClientError) as caught:
                await send(client, Message(text="a"), OWNER)
            assert key not in shown(caught.value)
        assert key not in str(receipt)
    assert f"POST /{REDACTED}.send answered HTTP 200" in caplog.text
    assert f"POST /send/{REDACTED}.send answered HTTP 302" in caplog.text
    assert TURBO_KEY not in caplog.text
    assert KEY not in caplog.text


async def test_unusual_key_is_kept(
    serverchan: ServerChan,
    session: aiohttp.ClientSession,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A key that looks different in an address is not shown there either."""
    caplog.set_level(logging.DEBUG)
    for key in ("a b中/c", "a%20b"):
        client = ServerChanClient(session, endpoint(serverchan), send_key=key)
        with pytest.raises(ClientError):
            await send(client, Message(text="a"), OWNER)
        assert key not in caplog.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f" {TURBO_KEY}\n", TURBO_KEY),
        (KEY, KEY),
        (KEY.upper(), KEY.upper()),
        (f"https://sctapi.ftqq.com/{TURBO_KEY}.send", TURBO_KEY),
        (f"https://sctapi.ftqq.com/{TURBO_KEY}.send?title=a&desp=b", TURBO_KEY),
        (f"https://1234.push.ft07.com/send/{KEY}.send", KEY),
        ("SCU1234Tabc", None),
        ("sctpabc", None),
        ("https://sctapi.ftqq.com/", None),
        ("SCT1 T2", None),
        ("", None),
    ],
)
def test_key_in_an_address(text: str, expected: str | None) -> None:
    """People paste the whole address; old keys and others are none."""
    assert send_key(text) == expected


def test_key_is_no_part_of_a_message() -> None:
    """What waits on disk holds no key."""
    client = ServerChanClient(None, Endpoint(url="http://x.y"), send_key=KEY)
    (part,) = client.prepare(Message(text="a"), replace(OWNER, tags=("home",)))
    assert KEY not in str(part)
