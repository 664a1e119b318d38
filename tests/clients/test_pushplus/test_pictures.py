"""Pictures of a PushPlus message are uploaded through the open interface."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
import json
import ssl
from typing import Any

import aiohttp
from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.clients.errors import (
    ClientError,
    ContentError,
    EndpointError,
    Problem,
    TemporaryError,
    UnreachableError,
    UploadRefusedError,
)
from custom_components.wechat_push.clients.message import (
    Attachment,
    AttachmentKind,
    Format,
    Message,
)
from custom_components.wechat_push.clients.pushplus import picture_storage
from custom_components.wechat_push.clients.pushplus.client import (
    PushPlusClient,
    PushPlusTarget,
)
from custom_components.wechat_push.clients.pushplus.codes import PushPlusProblem
from custom_components.wechat_push.clients.transport import REDACTED, Endpoint
from tests.simulators import BAD_ANSWERS, Answer, PushPlus, Reset
from tests.simulators.answers import json_answer
from tests.simulators.pushplus_accounts import SECRET_KEY, TOKEN

from ..common import (
    LOGIN,
    PREFIX,
    Facts,
    endpoint,
    facts,
    only,
    pushplus_client,
    send,
    shown,
)

KEY = "/api/common/openApi/getAccessKey"
PERMIT = "/api/open/userImage/uploadToken"
STORE = "/qiniu/upload"
MYSELF = PushPlusTarget(channel="wechat")
PICTURE = Attachment(
    kind=AttachmentKind.IMAGE,
    name="门 1.jpg",
    content_type="image/jpeg",
    content=b"\xff\xd8\xff picture",
)
HELLO = Message(text="a", title="T", attachments=(PICTURE,))


@pytest.fixture
def client(pushplus: PushPlus, session: aiohttp.ClientSession) -> PushPlusClient:
    """Return the client of a member with the open interface."""
    pushplus.account.member = True
    return open_client(session, endpoint(pushplus))


def open_client(
    session: aiohttp.ClientSession, way: Endpoint, token: str = TOKEN
) -> PushPlusClient:
    """Return the client of a member with the open interface."""
    return PushPlusClient(session, way, token=token, secret_key=SECRET_KEY, member=True)


def paths(pushplus: PushPlus) -> list[str]:
    """Return what was asked for, in order."""
    return [each.path for each in pushplus.requests]


async def test_upload(pushplus: PushPlus, client: PushPlusClient) -> None:
    """A picture is stored first, and shown by its address."""
    await send(client, HELLO, MYSELF)
    key, permit, store, message = pushplus.requests
    (access_key,) = pushplus.access_keys
    assert (key.method, key.path) == ("POST", KEY)
    assert key.json == {"token": TOKEN, "secretKey": SECRET_KEY}
    assert (permit.method, permit.path) == ("GET", PERMIT)
    assert permit.headers["access-key"] == access_key
    assert (store.method, store.path) == ("POST", STORE)
    assert "access-key" not in store.headers
    assert [part.name for part in store.parts] == ["token", "file"]
    file = store.parts[1]
    assert (file.filename, file.content_type) == ("门 1.jpg", "image/jpeg")
    assert file.data == PICTURE.content
    content = message.json["content"]
    assert content.startswith(f'a<br/><img src="{pushplus.url}/image/')
    assert message.json["template"] == "html"
    assert message.json.keys() == {"token", "title", "template", "content", "channel"}


async def test_several_pictures(pushplus: PushPlus, client: PushPlusClient) -> None:
    """Each picture stands where it belongs, also one that has an address already."""
    linked = replace(
        PICTURE, content=b"", size=0, url="https://example.com/b.jpg", name="b"
    )
    message = Message(
        text="a",
        format=Format.MARKDOWN,
        attachments=(PICTURE, linked, replace(PICTURE, content=b"other", name="c")),
    )
    await send(client, message, MYSELF)
    (shown_message,) = pushplus.notifications
    first, _, last = shown_message.text.splitlines()[2::2]
    assert first.startswith(f"![门 1.jpg]({pushplus.url}/image/")
    assert "![b](https://example.com/b.jpg)" in shown_message.text
    assert last.startswith(f"![c]({pushplus.url}/image/")
    assert first.partition("(")[2] != last.partition("(")[2]
    assert [each for each in paths(pushplus) if each in (KEY, STORE)] == [
        KEY,
        STORE,
        STORE,
    ]


async def test_parts_upload_their_own_pictures(
    pushplus: PushPlus, client: PushPlusClient
) -> None:
    """In a long message, the picture goes with the part that shows it."""
    await send(client, replace(HELLO, text="x" * 99_900), MYSELF)
    assert ["<img" in each.text for each in pushplus.notifications] == [False, True]
    assert paths(pushplus) == ["/send", KEY, PERMIT, STORE, "/send"]
    assert all(len(each.text) <= 100_000 for each in pushplus.notifications)


async def test_without_a_secret_key(
    pushplus: PushPlus, session: aiohttp.ClientSession
) -> None:
    """Without the open interface no picture is taken."""
    client = pushplus_client(session, endpoint(pushplus))
    assert not client.takes_upload(AttachmentKind.IMAGE, HELLO, MYSELF)
    with pytest.raises(ContentError) as caught:
        await send(client, HELLO, MYSELF)
    assert caught.value.problem == Problem.ATTACHMENT_NOT_SUPPORTED
    assert not pushplus.requests


@pytest.mark.parametrize(
    ("kind", "expected"), [(AttachmentKind.IMAGE, True), (AttachmentKind.FILE, False)]
)
async def test_what_is_uploaded(
    client: PushPlusClient, kind: AttachmentKind, expected: bool
) -> None:
    """Only pictures are uploaded."""
    assert client.takes_upload(kind, HELLO, MYSELF) is expected


# The access key


async def test_key_is_shared(pushplus: PushPlus, client: PushPlusClient) -> None:
    """A new key would make the old one useless: all share one."""
    await asyncio.gather(*(send(client, HELLO, MYSELF) for _ in range(10)))
    assert len(pushplus.requests_to(KEY)) == 1
    assert len(pushplus.notifications) == 10


@pytest.mark.parametrize("code", [401, 302])
async def test_key_is_refused(
    pushplus: PushPlus, client: PushPlusClient, code: int
) -> None:
    """A key that was replaced elsewhere is renewed once."""
    await send(client, HELLO, MYSELF)
    pushplus.expire_access_keys()
    pushplus.script(json_answer({"code": code, "msg": "请求未授权"}), path=PERMIT)
    await send(client, HELLO, MYSELF)
    assert len(pushplus.requests_to(KEY)) == 2
    assert len(pushplus.notifications) == 2


async def test_new_key_is_refused_too(
    pushplus: PushPlus, client: PushPlusClient
) -> None:
    """A key is not renewed on and on."""
    pushplus.always(json_answer({"code": 401, "msg": "请求未授权"}), PERMIT)
    with pytest.raises(UploadRefusedError) as caught:
        await send(client, HELLO, MYSELF)
    assert facts(caught.value) == (
        UploadRefusedError,
        PushPlusProblem.OPEN_API_OFF,
        False,
    )
    assert paths(pushplus) == [KEY, PERMIT, KEY, PERMIT]


@pytest.mark.parametrize(
    ("lifetime", "kept", "renewed"),
    [(7200, 6899, 6900), (400, 199, 200), (None, 6899, 6900), (0, 6899, 6900)],
)
async def test_key_is_renewed_in_time(
    pushplus: PushPlus,
    client: PushPlusClient,
    freezer: FrozenDateTimeFactory,
    lifetime: int | None,
    kept: int,
    renewed: int,
) -> None:
    """A key is renewed a while before it ends, whatever its lifetime."""
    data = {"accessKey": "k" * 32, "expiresIn": lifetime}
    pushplus.always(json_answer({"code": 200, "data": data}), KEY)
    pushplus.always(
        json_answer(
            {"code": 200, "data": {"token": "t", "uploadUrl": pushplus.url + STORE}}
        ),
        PERMIT,
    )
    pushplus.always(json_answer({"errno": 0, "url": "https://example.com/a"}), STORE)
    await send(client, HELLO, MYSELF)
    freezer.tick(kept)
    await send(client, HELLO, MYSELF)
    assert len(pushplus.requests_to(KEY)) == 1
    freezer.tick(renewed - kept)
    await send(client, HELLO, MYSELF)
    assert len(pushplus.requests_to(KEY)) == 2


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        pytest.param(
            {"open_api": False},
            (UploadRefusedError, PushPlusProblem.OPEN_API_OFF, False),
            id="switched_off",
        ),
        pytest.param(
            {"ip_allowed": False},
            (UploadRefusedError, PushPlusProblem.OPEN_API_IP, False),
            id="other_address",
        ),
        pytest.param(
            {"secret_key": "other"},
            (UploadRefusedError, PushPlusProblem.OPEN_API_OFF, False),
            id="other_secret_key",
        ),
    ],
)
async def test_no_key(
    pushplus: PushPlus,
    client: PushPlusClient,
    account: dict[str, Any],
    expected: Facts,
) -> None:
    """What the person has to change in the settings is told, and nothing is sent."""
    for name, value in account.items():
        setattr(pushplus.account, name, value)
    with pytest.raises(ClientError) as caught:
        await send(client, HELLO, MYSELF)
    assert facts(caught.value) == expected
    assert paths(pushplus) == [KEY]


async def test_message_token(
    pushplus: PushPlus, session: aiohttp.ClientSession
) -> None:
    """A message token does not open the interface."""
    client = open_client(session, endpoint(pushplus), "0" * 32)
    for _ in range(2):
        with pytest.raises(UploadRefusedError) as caught:
            await client.upload(PICTURE)
        assert caught.value.problem == PushPlusProblem.TOKEN
    # Repeating a refused token gets the address banned.
    assert paths(pushplus) == [KEY]


# Uploads that fail


@pytest.mark.parametrize("path", [KEY, PERMIT, STORE])
@pytest.mark.parametrize(
    ("answer", "kind", "problem"),
    [
        pytest.param(
            Answer(status=502), TemporaryError, Problem.SERVER_ERROR, id="down"
        ),
        pytest.param(
            Answer(body="<p>Hi</p>"), EndpointError, Problem.NOT_THIS_SERVICE, id="page"
        ),
        pytest.param(
            BAD_ANSWERS["not_found_404"],
            EndpointError,
            Problem.NOT_THIS_SERVICE,
            id="not_passed_on",
        ),
        pytest.param(
            Answer(reset=Reset.DURING, body='{"code": 200, "errno": 0}'),
            TemporaryError,
            Problem.CONNECTION_LOST,
            id="connection_lost",
        ),
    ],
)
async def test_failures(
    pushplus: PushPlus,
    client: PushPlusClient,
    path: str,
    answer: Answer,
    kind: type[ClientError],
    problem: Problem,
) -> None:
    """Before its picture is stored, no message leaves."""
    pushplus.always(answer, path)
    with pytest.raises(ClientError) as caught:
        await send(client, HELLO, MYSELF)
    assert facts(caught.value) == (kind, problem, False)
    assert "/send" not in paths(pushplus)
    pushplus.always(None, path)
    await send(client, HELLO, MYSELF)
    assert len(pushplus.notifications) == 1


@pytest.mark.parametrize(
    ("path", "answer", "problem"),
    [
        pytest.param(KEY, {"code": 200}, Problem.NOT_THIS_SERVICE, id="no_key"),
        pytest.param(
            KEY,
            {"code": 200, "data": {"accessKey": 7}},
            Problem.NOT_THIS_SERVICE,
            id="number_for_a_key",
        ),
        pytest.param(KEY, {"code": 500}, Problem.SERVER_ERROR, id="key_error"),
        pytest.param(PERMIT, {"code": 500}, Problem.SERVER_ERROR, id="permit_error"),
        pytest.param(
            PERMIT, {"code": 200, "data": "x"}, Problem.NOT_THIS_SERVICE, id="no_permit"
        ),
        pytest.param(
            PERMIT,
            {"code": 200, "data": {"token": "t", "uploadUrl": None}},
            Problem.NOT_THIS_SERVICE,
            id="no_storage",
        ),
        pytest.param(
            PERMIT,
            {"code": 200, "data": {"token": "t", "uploadUrl": "ftp://127.0.0.1"}},
            Problem.REDIRECTED,
            id="storage_nowhere",
        ),
        pytest.param(
            STORE, {"errno": 1, "url": "u"}, Problem.SERVICE_REFUSED, id="not_stored"
        ),
        pytest.param(STORE, {"errno": 0}, Problem.SERVICE_REFUSED, id="no_address"),
        pytest.param(STORE, {"hello": "x"}, Problem.NOT_THIS_SERVICE, id="stranger"),
    ],
)
async def test_odd_answers(
    pushplus: PushPlus,
    client: PushPlusClient,
    path: str,
    answer: dict[str, Any],
    problem: Problem,
) -> None:
    """An answer without what it should hold is a failure."""
    pushplus.always(json_answer(answer), path)
    with pytest.raises(ClientError) as caught:
        await send(client, HELLO, MYSELF)
    kind = {
        Problem.NOT_THIS_SERVICE: EndpointError,
        Problem.REDIRECTED: EndpointError,
        Problem.SERVICE_REFUSED: ContentError,
    }.get(problem, TemporaryError)
    assert facts(caught.value) == (kind, problem, False)
    assert "/send" not in paths(pushplus)


@pytest.mark.parametrize(
    "answer",
    [
        {"url": "https://example.com/stored"},
        {"errno": 0, "data": "https://example.com/stored"},
        {"errno": 0, "data": {"url": "https://example.com/stored"}},
    ],
)
async def test_ways_to_tell_the_address(
    pushplus: PushPlus, client: PushPlusClient, answer: dict[str, Any]
) -> None:
    """The storage tells the address of a picture in one of several ways."""
    pushplus.always(json_answer(answer), STORE)
    await send(client, HELLO, MYSELF)
    assert 'src="https://example.com/stored"' in pushplus.notifications[0].text


async def test_permit_by_its_other_name(
    pushplus: PushPlus, client: PushPlusClient
) -> None:
    """The permit has two names."""
    data = {"uploadToken": "t", "uploadUrl": pushplus.url + STORE}
    pushplus.always(json_answer({"code": 200, "data": data}), PERMIT)
    pushplus.always(json_answer({"errno": 0, "url": "https://example.com/a"}), STORE)
    await send(client, HELLO, MYSELF)
    assert pushplus.requests_to(STORE)[0].form["token"] == "t"


async def test_login_of_a_proxy(
    pushplus: PushPlus, session: aiohttp.ClientSession
) -> None:
    """The login goes to the proxy alone, not to the storage elsewhere."""
    pushplus.prefix, pushplus.basic_auth = PREFIX, LOGIN
    username, password = LOGIN
    way = endpoint(
        pushplus, url=pushplus.url + PREFIX, username=username, password=password
    )
    client = open_client(session, way)
    pushplus.account.member = True
    pushplus.always(json_answer({"errno": 0, "url": "https://example.com/a"}), STORE)
    await send(client, HELLO, MYSELF)
    assert paths(pushplus) == [PREFIX + KEY, PREFIX + PERMIT, STORE, f"{PREFIX}/send"]
    logins = ["Authorization" in each.headers for each in pushplus.requests]
    assert logins == [True, True, False, True]


@pytest.mark.parametrize("path", [KEY, PERMIT])
async def test_no_secret_is_shown(
    pushplus: PushPlus,
    client: PushPlusClient,
    caplog: pytest.LogCaptureFixture,
    path: str,
) -> None:
    """What an answer repeats is shown without keys and tokens."""
    caplog.set_level("DEBUG")
    await send(client, HELLO, MYSELF)
    secrets = [TOKEN, SECRET_KEY, *pushplus.access_keys]
    for code in (401, 403, 999):
        text = f"sign {' '.join(secrets)}"
        pushplus.expire_access_keys()
        pushplus.always(json_answer({"code": code, "msg": text}), path)
        with pytest.raises(ClientError) as caught:
            await send(client, HELLO, MYSELF)
        seen = shown(caught.value)
        found = [each for each in secrets if each in seen or each in caplog.text]
        assert found == []
        pushplus.always(None, path)
        await send(client, HELLO, MYSELF)
        secrets = [TOKEN, SECRET_KEY, *pushplus.access_keys]


REFUSALS = [
    (401, "expired token"),
    (401, "bad token"),
    (403, "limited mimeType"),
    (400, "incorrect zone"),
    (413, "request entity too large"),
]


@pytest.mark.parametrize(("status", "error"), REFUSALS)
async def test_storage_refuses(
    pushplus: PushPlus, client: PushPlusClient, status: int, error: str
) -> None:
    """A refusal of the storage says nothing about the account's credentials."""
    pushplus.always(json_answer({"error": error}, status=status), STORE)
    with pytest.raises(ContentError) as caught:
        await client.upload(PICTURE)
    assert caught.value.problem == Problem.SERVICE_REFUSED
    assert caught.value.details == {"code": "-", "text": error}


@pytest.mark.parametrize("status", [401, 413, 429, 500])
async def test_storage_refuses_without_json(
    pushplus: PushPlus, client: PushPlusClient, status: int
) -> None:
    """No refusal of the storage stops the messages of the account."""
    pushplus.always(Answer(status=status, body="<p>no</p>"), STORE)
    with pytest.raises(ClientError) as caught:
        await client.upload(PICTURE)
    assert type(caught.value) in (ContentError, TemporaryError)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (STORE, json_answer({"error": "expired token"}, status=401)),
        (STORE, Answer(status=500)),
        (PERMIT, json_answer({"code": 999, "msg": "x", "data": "no member"})),
        (KEY, json_answer({"code": 401, "msg": "off"})),
        (KEY, json_answer({"code": 903, "msg": "no such token"})),
    ],
)
async def test_link_instead(
    pushplus: PushPlus, client: PushPlusClient, path: str, answer: Answer
) -> None:
    """A picture that is not taken is shown by its own URL, if it has one."""
    pushplus.always(answer, path)
    picture = replace(PICTURE, url="https://a.b/c?d=e&f=(g)")
    await send(client, replace(HELLO, attachments=(picture,)), MYSELF)
    (message,) = pushplus.notifications
    assert 'src="https://a.b/c?d=e&amp;f=(g)"' in message.text


async def test_no_link_while_pushplus_is_down(
    pushplus: PushPlus, session: aiohttp.ClientSession
) -> None:
    """A picture waits with its message for PushPlus."""
    client = open_client(session, endpoint(pushplus))
    await pushplus.stop()
    with pytest.raises(UnreachableError):
        await client.upload(replace(PICTURE, url="https://a.b/c"))


@pytest.mark.parametrize(
    ("channel", "template", "expected"),
    [
        ("wechat", None, True),
        ("wechat,app", "html", True),
        ("extension", "markdown", True),
        ("wechat", "txt", False),
        ("wechat", "json", False),
        ("wechat,mail", None, False),
        ("mail", None, False),
        (None, None, False),
    ],
)
def test_channels_that_show_uploads(
    client: PushPlusClient, channel: str | None, template: str | None, expected: bool
) -> None:
    """Only pages of PushPlus show what was uploaded."""
    target = PushPlusTarget(channel=channel, template=template)
    assert client.takes_upload(AttachmentKind.IMAGE, HELLO, target) is expected


async def test_no_upload_without_membership(
    pushplus: PushPlus, session: aiohttp.ClientSession
) -> None:
    """The picture service is for members."""
    client = PushPlusClient(
        session, endpoint(pushplus), token=TOKEN, secret_key=SECRET_KEY
    )
    assert not client.takes_upload(AttachmentKind.IMAGE, HELLO, MYSELF)


@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.1/",
        "https://[::1]/",
        "http://93.184.215.14/",
        "http://127.0.0.2/",
        "ftp://93.184.215.14/",
        "https://[",
    ],
)
async def test_storage_elsewhere(
    pushplus: PushPlus, client: PushPlusClient, url: str
) -> None:
    """A picture goes nowhere into a home, nor in clear."""
    pushplus.upload_url = url
    with pytest.raises(EndpointError):
        await client.upload(PICTURE)
    assert STORE not in paths(pushplus)


async def test_storage_with_another_certificate(
    pushplus: PushPlus, client: PushPlusClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The certificate of a storage is checked, whatever the account's setting is."""
    made: list[ssl.SSLContext] = []

    def connector(
        addresses: Sequence[str], context: ssl.SSLContext
    ) -> aiohttp.TCPConnector:
        made.append(context)
        raise TimeoutError

    monkeypatch.setattr(picture_storage, "pinned_connector", connector)
    pushplus.upload_url = "https://93.184.215.14/"
    with pytest.raises(TimeoutError):
        await client.upload(PICTURE)
    (context,) = made
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "x" * 10, f"http://{'x' * 700}"]
)
async def test_address_that_no_page_shows(
    pushplus: PushPlus, client: PushPlusClient, address: str
) -> None:
    """An address that is none is not put into a message."""
    pushplus.always(json_answer({"errno": 0, "url": address}), STORE)
    with pytest.raises(EndpointError):
        await client.upload(PICTURE)


async def test_recall(pushplus: PushPlus, client: PushPlusClient) -> None:
    """With a secret key, a message is deleted for all recipients."""
    assert client.has_recall
    receipt = await send(client, Message(text="a"), MYSELF)
    message_id = receipt.accepted[0].message_id
    assert message_id is not None
    await client.recall(message_id)
    assert message_id not in pushplus.messages
    with pytest.raises(ContentError):
        await client.recall(message_id)


async def test_no_recall(pushplus: PushPlus, session: aiohttp.ClientSession) -> None:
    """Without a secret key, nothing is recalled."""
    client = pushplus_client(session, endpoint(pushplus))
    assert not client.has_recall
    with pytest.raises(ContentError):
        await client.recall("0" * 32)


async def test_storage_by_its_host(pushplus: PushPlus, client: PushPlusClient) -> None:
    """A permit can name the host of the storage alone."""
    data = {"uploadToken": "t", "uploadHost": pushplus.url + STORE}
    pushplus.always(json_answer({"code": 200, "data": data}), PERMIT)
    pushplus.always(json_answer({"errno": 0, "url": "https://example.com/a"}), STORE)
    await send(client, HELLO, MYSELF)
    assert len(pushplus.notifications) == 1


# Pictures that are left out


NOTE = "picture <missing>"


@pytest.mark.parametrize(
    ("format_", "content"),
    [
        (Format.MARKDOWN, "a\n\npicture \\<missing\\>{url}\n\n![b](https://picture-1."),
        (
            Format.HTML,
            'a<br/>picture &lt;missing&gt;{url}<br/><img src="https://picture-1.',
        ),
    ],
)
@pytest.mark.parametrize("url", [None, "https://a.b/c"])
async def test_without_a_picture(
    pushplus: PushPlus,
    client: PushPlusClient,
    format_: Format,
    content: str,
    url: str | None,
) -> None:
    """A note stands where a picture would, and the others stay where they are."""
    odd = replace(PICTURE, name='a]b\\"<c', url=url)
    message = Message(
        text="a", format=format_, attachments=(odd, replace(PICTURE, name="b"))
    )
    part = client.without(only(client, message, MYSELF), 0, NOTE)
    address = {Format.MARKDOWN: "https://a.b/c", Format.HTML: "https://a.b/c"}[format_]
    expected = content.format(url=f" {address}" if url else "")
    assert part["content"].startswith(expected)
    assert client.pending_uploads(part) == (1,)
    uploads = {1: await client.upload(message.attachments[1], part)}
    await client.send(client.fill(part, uploads))
    assert "invalid" not in pushplus.notifications[0].text
    assert client.pending_uploads(client.without(part, 1, NOTE)) == ()


def test_without_a_picture_in_text(client: PushPlusClient) -> None:
    """A template for plain text has the note as well."""
    message = Message(text="a", attachments=(PICTURE,))
    part = only(client, message, PushPlusTarget(template="txt"))
    assert client.without(part, 0, NOTE)["content"] == f"a\n{NOTE}"


def test_note_within_the_limit(client: PushPlusClient) -> None:
    """A long note has no more room than the picture had."""
    (*_, part) = client.prepare(replace(HELLO, text="x" * 99_900), MYSELF)
    assert len(client.without(part, 0, "y" * 130_000)["content"]) <= 100_000


def test_parts_are_plain(client: PushPlusClient) -> None:
    """Requests that wait for an upload hold its number, and no content."""
    part = only(client, HELLO, MYSELF)
    assert json.loads(json.dumps(part)) == part
    assert client.pending_uploads(part) == (0,)


async def test_no_permit_is_shown(pushplus: PushPlus, client: PushPlusClient) -> None:
    """The storage repeats no permit either."""
    permit = "permit-to-store-one-picture"
    data = {"token": permit, "uploadUrl": pushplus.url + STORE}
    pushplus.always(json_answer({"code": 200, "data": data}), PERMIT)
    pushplus.always(json_answer({"errno": f"bad {permit}"}), STORE)
    with pytest.raises(ContentError) as caught:
        await send(client, HELLO, MYSELF)
    assert caught.value.details["text"] == f"bad {REDACTED}"
