"""Connections that fail, and everything that can stand between a client and its service."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncGenerator
import contextlib
from dataclasses import replace
from datetime import date, timedelta
import socket
import ssl
from typing import Any, override

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
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
    Message,
)
from custom_components.wechat_push.clients.transport import (
    MAX_TEXT,
    REDACTED,
    Answer as ServiceAnswer,
    Endpoint,
    Transport,
)
from tests.simulators import Answer, Simulator, WeCom, WxPusher

from .common import LOGIN, PREFIX, SERVICES, SHORT, Service, endpoint, facts, peer, send

UPLOAD = "/cgi-bin/media/upload"
HELLO = Message(text="你好", title="Door")


async def failure(
    service: Service, session: aiohttp.ClientSession, way: Endpoint
) -> ClientError:
    """Return the error that a message ends in."""
    client = service.connect(session, way)
    with pytest.raises(ClientError) as caught:
        async with asyncio.timeout(5):
            await send(client, HELLO, service.target)
    return caught.value


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
    return port


class StubResolver(AbstractResolver):
    """Knows no host, at once or never."""

    def __init__(self, *, hangs: bool = False) -> None:
        """Keep how it fails."""
        self._hangs = hangs

    @override
    async def resolve(self, *args: Any, **kwargs: Any) -> list[ResolveResult]:
        """Find nothing."""
        await asyncio.sleep(3600 if self._hangs else 0)
        raise OSError("Name or service not known")

    @override
    async def close(self) -> None:
        """Have nothing to close."""


# Reaching the server


@pytest.fixture
async def secure_simulator(
    service: Service, certificate: ssl.SSLContext, socket_enabled: None
) -> AsyncGenerator[Simulator]:
    """Return a stand-in for the service whose certificate nobody vouches for."""
    simulator = service.simulator()
    await simulator.start(ssl_context=certificate)
    yield simulator
    await simulator.close()


async def test_certificate_nobody_vouches_for(
    service: Service, secure_simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    """A certificate that cannot be trusted keeps the message back."""
    err = await failure(service, session, endpoint(secure_simulator))
    assert facts(err) == (UnreachableError, Problem.INVALID_CERTIFICATE, False)
    assert not secure_simulator.requests


async def test_certificates_not_verified(
    service: Service, secure_simulator: Simulator
) -> None:
    """The caller's session decides that any certificate will do."""
    connector = aiohttp.TCPConnector(ssl=False)
    async with aiohttp.ClientSession(connector=connector) as session:
        client = service.connect(session, endpoint(secure_simulator))
        await send(client, HELLO, service.target)
    assert len(secure_simulator.notifications) == len(service.receivers)


async def test_https_to_a_plain_port(
    service: Service, simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    """A server that speaks no TLS is told from one with a bad certificate."""
    way = endpoint(simulator, url=simulator.url.replace("http:", "https:"))
    err = await failure(service, session, way)
    assert facts(err) == (UnreachableError, Problem.TLS_FAILED, False)


async def test_port_refused(service: Service, session: aiohttp.ClientSession) -> None:
    """Nobody listens."""
    way = Endpoint(url=f"http://127.0.0.1:{free_port()}")
    err = await failure(service, session, way)
    assert facts(err) == (UnreachableError, Problem.CANNOT_CONNECT, False)


async def test_unknown_host(service: Service, socket_enabled: None) -> None:
    """There is no host of that name."""
    connector = aiohttp.TCPConnector(resolver=StubResolver())
    async with aiohttp.ClientSession(connector=connector) as session:
        err = await failure(service, session, Endpoint(url="http://push.invalid"))
    assert facts(err) == (UnreachableError, Problem.HOST_NOT_FOUND, False)


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "http://",
        "http://[::1",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:port",
        "ftp://127.0.0.1",
    ],
)
async def test_no_address(
    service: Service, session: aiohttp.ClientSession, url: str
) -> None:
    """What is no address of a web server is reported like one that is not there."""
    err = await failure(service, session, Endpoint(url=url))
    assert facts(err) == (UnreachableError, Problem.CANNOT_CONNECT, False)


async def test_name_server_hangs(service: Service, socket_enabled: None) -> None:
    """Time runs out before there is a connection, so nothing was sent."""
    connector = aiohttp.TCPConnector(resolver=StubResolver(hangs=True))
    async with aiohttp.ClientSession(connector=connector) as session:
        err = await failure(
            service, session, Endpoint(url="http://push.invalid", **SHORT)
        )
    assert facts(err) == (UnreachableError, Problem.TIMEOUT, False)


async def test_handshake_hangs(
    service: Service, session: aiohttp.ClientSession
) -> None:
    """A connection without its TLS handshake is none."""
    async with peer(b"") as port:
        way = Endpoint(url=f"https://127.0.0.1:{port}", **SHORT)
        err = await failure(service, session, way)
    assert facts(err) == (UnreachableError, Problem.TIMEOUT, False)


async def test_not_http(session: aiohttp.ClientSession) -> None:
    """Something else than a web server answers."""
    async with peer(b"SSH-2.0-OpenSSH_9.9\r\n") as port:
        way = Endpoint(url=f"http://127.0.0.1:{port}")
        transport = Transport(session, way, recognise=lambda answer: True)
        with pytest.raises(TemporaryError) as caught:
            await transport.post_json("/send", {})
    assert facts(caught.value) == (EndpointError, Problem.NOT_THIS_SERVICE, True)


# Reverse proxies and relays


@pytest.mark.parametrize("slash", ["", "/"])
async def test_relay(
    service: Service, simulator: Simulator, session: aiohttp.ClientSession, slash: str
) -> None:
    """A path in the address is kept before every path, and the login goes along."""
    simulator.prefix, simulator.basic_auth = PREFIX, LOGIN
    username, password = LOGIN
    way = endpoint(
        simulator,
        url=simulator.url + PREFIX + slash,
        username=username,
        password=password,
    )
    receipt = await send(service.connect(session, way), HELLO, service.target)
    assert [each.target for each in receipt.accepted] == [*service.targets]
    assert [each.recipient for each in simulator.notifications] == [*service.receivers]
    assert simulator.requests[-1].path == PREFIX + service.path


@pytest.mark.parametrize(
    ("login", "sent"),
    [
        pytest.param({}, None, id="none"),
        pytest.param({"username": "home"}, b"home:", id="no_password"),
        pytest.param(
            {"username": "home", "password": "wröng"}, "home:wröng".encode(), id="wrong"
        ),
    ],
)
async def test_relay_wants_another_login(
    service: Service,
    simulator: Simulator,
    session: aiohttp.ClientSession,
    login: dict[str, str],
    sent: bytes | None,
) -> None:
    """A proxy that asks for a login is not taken for a fault of the service."""
    simulator.basic_auth = LOGIN
    err = await failure(service, session, endpoint(simulator, **login))
    kind = CredentialsError if login else TemporaryError
    assert facts(err) == (kind, Problem.PROXY_LOGIN, False)
    expected = None if sent is None else f"Basic {b64encode(sent).decode()}"
    assert [each.headers.get("Authorization") for each in simulator.requests] == [
        expected
    ]


async def test_relay_has_another_path(
    service: Service, simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    """A wrong path is a fault of the address."""
    simulator.prefix = PREFIX
    err = await failure(service, session, endpoint(simulator))
    assert facts(err) == (EndpointError, Problem.NOT_THIS_SERVICE, False)
    assert err.details == {"status": "404"}


@pytest.mark.parametrize("service", [SERVICES["wxpusher"]], indirect=True)
async def test_relay_takes_only_small_messages(
    service: Service, simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    """A message too big for a proxy will be too big the next time as well."""
    simulator.body_limit = 100
    err = await failure(service, session, endpoint(simulator))
    assert facts(err) == (ContentError, Problem.HTTP_REFUSED, False)


@pytest.mark.parametrize(
    ("headers", "location"),
    [
        ({"Location": "https://example.com/a?key=SECRET"}, "https://example.com"),
        ({"Location": "http://me:SECRET@10.0.0.1:81/"}, "http://10.0.0.1:81"),
        ({"Location": "/login?next=SECRET"}, "{url}"),
        ({"Location": "http://[SECRET"}, "?"),
        ({"Location": "mailto:SECRET"}, "?"),
        ({}, "{url}"),
    ],
)
async def test_redirect(
    wxpusher: WxPusher,
    session: aiohttp.ClientSession,
    headers: dict[str, str],
    location: str,
) -> None:
    """A redirect is not followed; where it leads is told without what may be secret."""
    wxpusher.always(Answer(status=302, headers=headers))
    transport = Transport(session, endpoint(wxpusher), recognise=lambda answer: True)
    with pytest.raises(TemporaryError) as caught:
        await transport.post_json("/send", {})
    assert facts(caught.value) == (EndpointError, Problem.REDIRECTED, False)
    assert caught.value.details == {"location": location.format(url=wxpusher.url)}
    assert len(wxpusher.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirect_is_followed(
    wxpusher: WxPusher, session: aiohttp.ClientSession, status: int
) -> None:
    """Where that is wanted, method and body stay, as they are on the first way."""
    wxpusher.script(
        *[
            Answer(status=status, headers={"Location": f"/new/{n}?a=b"})
            for n in range(5)
        ],
        Answer(body="{}"),
    )
    username, password = LOGIN
    way = endpoint(
        wxpusher, username=username, password=password, follow_redirects=True
    )
    transport = Transport(session, way, recognise=lambda answer: True)
    answer = await transport.post_json("/send", {"text": "hi"}, query={"c": "d"})
    assert answer.status == 200
    first, *others = wxpusher.requests
    assert first.query == {"c": "d"}
    assert [(each.path, each.query) for each in others] == [
        (f"/new/{n}", {"a": "b"}) for n in range(5)
    ]
    for other in others:
        assert (other.method, other.body) == ("POST", first.body)
        assert other.headers["Authorization"] == first.headers["Authorization"]


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://example.com/a?key=SECRET", "https://example.com"),
        ("http://127.0.0.2:80/", "http://127.0.0.2"),
        ("ftp://127.0.0.1/", "ftp://127.0.0.1"),
        ("mailto:SECRET", "?"),
        ("/again", "{url}"),
    ],
)
async def test_redirect_is_not_followed(
    wxpusher: WxPusher, session: aiohttp.ClientSession, location: str, shown: str
) -> None:
    """No secret goes to another host, and no request goes round in circles."""
    wxpusher.always(Answer(status=302, headers={"Location": location}))
    way = endpoint(wxpusher, follow_redirects=True)
    transport = Transport(session, way, recognise=lambda answer: True)
    with pytest.raises(TemporaryError) as caught:
        await transport.post_json("/send", {})
    assert facts(caught.value) == (EndpointError, Problem.REDIRECTED, False)
    assert caught.value.details == {"location": shown.format(url=wxpusher.url)}
    assert len(wxpusher.requests) == (6 if location == "/again" else 1)


async def test_redirect_of_an_upload(
    session: aiohttp.ClientSession, wecom: WeCom
) -> None:
    """A file is sent again to where the redirect leads."""
    client = SERVICES["wecom"].connect(session, endpoint(wecom, follow_redirects=True))
    picture = Attachment(
        kind=AttachmentKind.FILE,
        name="a.txt",
        content=b"words of a file",
        content_type="text/plain",
    )
    location = "/cgi-bin/media/upload?access_token={token}&type=file"
    await client.upload(picture)
    (token,) = (each.query["access_token"] for each in wecom.requests_to(UPLOAD))
    wecom.script(
        Answer(status=307, headers={"Location": location.format(token=token)}),
        path=UPLOAD,
    )
    other = replace(picture, content=b"other words")
    assert await client.upload(other)
    _, redirected, followed = wecom.requests_to(UPLOAD)
    assert b"other words" in redirected.body and b"other words" in followed.body


# Answers


@pytest.mark.parametrize(
    ("status", "kind", "problem", "uncertain"),
    [
        (201, EndpointError, Problem.HTTP_REFUSED, True),
        (204, EndpointError, Problem.HTTP_REFUSED, True),
        (400, EndpointError, Problem.HTTP_REFUSED, False),
        (401, TemporaryError, Problem.PROXY_LOGIN, False),
        (403, EndpointError, Problem.HTTP_REFUSED, False),
        (404, EndpointError, Problem.NOT_THIS_SERVICE, False),
        (405, EndpointError, Problem.NOT_THIS_SERVICE, False),
        (407, TemporaryError, Problem.PROXY_LOGIN, False),
        (413, ContentError, Problem.HTTP_REFUSED, False),
        (429, LimitError, Problem.TOO_MANY_REQUESTS, False),
        (500, TemporaryError, Problem.SERVER_ERROR, True),
        (503, TemporaryError, Problem.SERVER_ERROR, False),
        (599, TemporaryError, Problem.SERVER_ERROR, True),
    ],
)
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(body="<p>No</p>"), id="page"),
        pytest.param(Answer(body="No", padding=2 * 1024 * 1024), id="huge_page"),
        pytest.param(Answer(body='{"status": "no"}'), id="other_json"),
    ],
)
async def test_status(
    wxpusher: WxPusher,
    session: aiohttp.ClientSession,
    answer: Answer,
    status: int,
    kind: type[ClientError],
    problem: Problem,
    uncertain: bool,
) -> None:
    """What is not the service's own answer is judged by its status, however long."""
    padding = answer.padding * (status != 204)
    wxpusher.always(Answer(status=status, body=answer.body, padding=padding))
    transport = Transport(session, endpoint(wxpusher), recognise=lambda answer: False)
    with pytest.raises(ClientError) as caught:
        await transport.post_json("/send", {})
    assert facts(caught.value) == (kind, problem, uncertain)


async def test_error_of_the_server_in_its_own_words(
    wxpusher: WxPusher, session: aiohttp.ClientSession
) -> None:
    """Whatever a broken server says, it says nothing of the message."""
    wxpusher.always(Answer(status=500, body='{"code": 1000}'))
    transport = Transport(session, endpoint(wxpusher), recognise=lambda answer: True)
    with pytest.raises(TemporaryError) as caught:
        await transport.post_json("/send", {})
    assert facts(caught.value) == (TemporaryError, Problem.SERVER_ERROR, True)


async def test_answer_is_not_what_it_says_it_is(
    wxpusher: WxPusher, session: aiohttp.ClientSession
) -> None:
    """A body that claims to be packed and is not, was broken on the way."""
    # Not shorter: the decoder that Home Assistant gives aiohttp waits for a whole header.
    body = '{"code": 1000, "msg": "ok"}'
    wxpusher.always(Answer(body=body, headers={"Content-Encoding": "gzip"}))
    transport = Transport(session, endpoint(wxpusher), recognise=lambda answer: True)
    with pytest.raises(TemporaryError) as caught:
        await transport.post_json("/send", {})
    assert facts(caught.value) == (TemporaryError, Problem.CONNECTION_LOST, True)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(b'{"a": "\\ud83d\\ude42"}', {"a": "🙂"}, id="pair"),
        pytest.param(b'{"a": "\\ud83dx"}', {"a": "\ufffdx"}, id="first_half"),
        pytest.param(
            b'{"a": "\\ude42\\ud83d"}', {"a": "\ufffd\ufffd"}, id="wrong_order"
        ),
        pytest.param(b'{"a": "\\\\ud83d"}', {"a": "\\ud83d"}, id="no_escape"),
        pytest.param(b'\xef\xbb\xbf{"a": 1}', {"a": 1}, id="byte_order_mark"),
        pytest.param('{"a": "中"}'.encode("gb18030"), None, id="not_utf8"),
    ],
)
async def test_characters_of_an_answer(
    wxpusher: WxPusher,
    session: aiohttp.ClientSession,
    body: bytes,
    expected: dict[str, Any] | None,
) -> None:
    """Text from an answer can always be written as UTF-8 again."""
    wxpusher.always(Answer(body=body))
    transport = Transport(session, endpoint(wxpusher), recognise=lambda answer: True)
    answers: list[ServiceAnswer] = []
    with contextlib.suppress(TemporaryError):
        answers.append(await transport.get("/send", {}))
    assert [answer.json for answer in answers] == [expected] * (expected is not None)


@pytest.mark.parametrize("sign", ["x", "中"])
def test_texts_of_a_service(session: aiohttp.ClientSession, sign: str) -> None:
    """A text of the service is shown on one line: whole, or cut with an ellipsis."""
    way = Endpoint(url="http://127.0.0.1")
    transport = Transport(session, way, recognise=lambda answer: True)
    longest = sign * MAX_TEXT
    assert transport.clean(longest) == longest
    assert transport.clean(f"{longest}x") == f"{longest[:-1]}…"
    assert transport.clean(f" {sign}\n token=0123456789 ") == f"{sign} token={REDACTED}"
    assert transport.clean(None) == ""


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("中 🙂", '"中 🙂"'),
        (date(2026, 11, 21), '"2026-11-21"'),
        (timedelta(hours=1), '"1:00:00"'),
        (2**70, "1180591620717411303424"),
    ],
)
async def test_whatever_a_template_gives(
    wxpusher: WxPusher, session: aiohttp.ClientSession, value: object, sent: str
) -> None:
    """Bodies are raw UTF-8, and hold what JSON has no type for as text."""
    wxpusher.always(Answer(body='{"code": 1000}'))
    transport = Transport(session, endpoint(wxpusher), recognise=lambda answer: True)
    await transport.post_json("/send", {"value": value})
    assert wxpusher.requests[-1].body.decode().replace(" ", "") == (
        f'{{"value":{sent}}}'.replace(" ", "")
    )
