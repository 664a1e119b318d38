"""No secret appears in an error, a receipt or a log, whatever a service answers."""

from base64 import b64encode
from collections.abc import Callable
import json
import logging
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import pytest

from custom_components.wechat_push.clients.client import Client
from custom_components.wechat_push.clients.errors import ClientError
from custom_components.wechat_push.clients.message import Message
from custom_components.wechat_push.clients.receipt import Refused
from custom_components.wechat_push.clients.transport import MAX_TEXT, REDACTED, Endpoint
from custom_components.wechat_push.clients.wecom.client import WeComClient
from tests.simulators import BAD_ANSWERS, Answer, Simulator, WeCom, WxPusher
from tests.simulators.answers import json_answer
from tests.simulators.wecom_accounts import AGENT_ID, CORP_ID
from tests.simulators.wxpusher_accounts import UID_LI, UID_ZHANG

from .common import LOGIN, SERVICES, SHORT, Ask, Service, endpoint, peer, send, shown

HELLO = Message(text="你好", title="Door")
BASIC = b64encode(":".join(LOGIN).encode()).decode()
# Tells whether the text of an answer is shown at all.
SIGN = "!sign!"

# How services may repeat what was sent to them.
ECHOES: dict[str, Callable[[str], str]] = {
    "bare": lambda secret: secret,
    "quoted": lambda secret: f"token '{secret}' is bad, \"{secret}\"",
    "address": lambda secret: "/send?" + urlencode({"access_token": secret, "a": 1}),
    "json": lambda secret: json.dumps({"appToken": secret, "secret": secret}),
    "header": lambda secret: f"Authorization: Basic {secret}",
    "at_the_cut": lambda secret: "x" * (MAX_TEXT - 12 - len(SIGN)) + secret,
}
# Answers by which each service refuses a request in its own words.
REFUSALS: dict[str, Callable[[str], dict[str, Any]]] = {
    "wxpusher": lambda text: {"code": 1001, "msg": text},
    "wecom": lambda text: {"errcode": 40058, "errmsg": text},
    "pushplus": lambda text: {"code": 999, "msg": text, "data": text},
    "serverchan_turbo": lambda text: {"code": 20001, "message": text},
    "serverchan": lambda text: {"code": 10001, "error": text},
    "pushjet": lambda text: {"error": {"id": 10, "message": text}},
}


def secrets_of(service: Service, simulator: Simulator) -> list[str]:
    """Return all that must not be shown."""
    tokens = getattr(simulator, "tokens", {})
    return [*service.secrets, *tokens, LOGIN[1], BASIC]


def assert_kept(secrets: list[str], *places: str) -> None:
    """Check that no secret is found in any of the places."""
    assert [
        (secret, place) for place in places for secret in secrets if secret in place
    ] == []


@pytest.fixture
async def client(
    service: Service,
    simulator: Simulator,
    session: aiohttp.ClientSession,
    caplog: pytest.LogCaptureFixture,
) -> Client[Any]:
    """Return a client behind a proxy that has already sent a message."""
    caplog.set_level(logging.DEBUG)
    simulator.basic_auth = LOGIN
    username, password = LOGIN
    way = endpoint(simulator, username=username, password=password)
    client = service.connect(session, way)
    await send(client, HELLO, service.target)
    return client


async def test_success(
    service: Service,
    simulator: Simulator,
    client: Client[Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Receipts name targets without what would let anyone write to them."""
    receipt = await send(client, HELLO, service.target)
    assert_kept(secrets_of(service, simulator), str(receipt), caplog.text)
    assert "answered HTTP 200" in caplog.text


async def test_bad_answers(
    service: Service,
    simulator: Simulator,
    session: aiohttp.ClientSession,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Errors name no secret, and no address that holds one."""
    caplog.set_level(logging.DEBUG)
    username, password = LOGIN
    way = endpoint(simulator, username=username, password=password)
    client = service.connect(session, way)
    await send(client, HELLO, service.target)
    calls: list[Ask] = [
        lambda client: send(client, HELLO, service.target),
        *service.questions.values(),
    ]
    places: list[str] = []
    # Who never answers says nothing either.
    for bad in BAD_ANSWERS.keys() - {"hang", "drip"}:
        simulator.always(BAD_ANSWERS[bad])
        for call in calls[:2]:
            try:
                places.append(str(await call(client)))
            except ClientError as err:
                places.append(shown(err))
    assert len(places) >= len(BAD_ANSWERS) - 2
    assert_kept(secrets_of(service, simulator), *places, caplog.text)


@pytest.mark.parametrize(
    ("scheme", "greeting"), [("http", b"SSH-2.0-OpenSSH_9.9\r\n"), ("https", b"")]
)
async def test_no_web_server(
    service: Service,
    session: aiohttp.ClientSession,
    caplog: pytest.LogCaptureFixture,
    scheme: str,
    greeting: bytes,
) -> None:
    """Errors of the library hold the address, which does not come to light."""
    caplog.set_level(logging.DEBUG)
    calls: list[Ask] = [
        lambda client: send(client, HELLO, service.target),
        *service.questions.values(),
    ]
    async with peer(greeting) as port:
        url = f"{scheme}://127.0.0.1:{port}"
        client = service.connect(session, Endpoint(url=url, **SHORT))
        for call in calls[:2]:
            with pytest.raises(ClientError) as caught:
                await call(client)
            assert_kept([*service.secrets], shown(caught.value), caplog.text)


@pytest.mark.parametrize("echo", ECHOES)
async def test_answers_that_echo(
    service: Service,
    simulator: Simulator,
    client: Client[Any],
    caplog: pytest.LogCaptureFixture,
    echo: str,
) -> None:
    """What a service says is shown, without the secrets that it repeats."""
    refuse = REFUSALS[simulator.name]
    secrets = secrets_of(service, simulator)
    for secret in secrets:
        simulator.always(json_answer(refuse(SIGN + ECHOES[echo](secret))))
        with pytest.raises(ClientError) as caught:
            await send(client, HELLO, service.target)
        seen = shown(caught.value)
        assert SIGN in seen
        assert_kept([secret, secret[:16]], seen, caplog.text)


async def test_refused_targets(
    wxpusher: WxPusher, session: aiohttp.ClientSession
) -> None:
    """The reasons for refused targets repeat no secret either."""
    service = SERVICES["wxpusher"]
    (secret,) = service.secrets
    data = [
        {"uid": UID_ZHANG, "code": 1001, "status": f"{secret} is bad"},
        {"uid": UID_LI, "code": secret, "status": None},
    ]
    wxpusher.always(json_answer({"code": 1000, "data": data}))
    client = service.connect(session, endpoint(wxpusher))
    receipt = await send(client, HELLO, service.target)
    assert receipt.refused == (
        Refused(target=UID_ZHANG, reason=f"{REDACTED} is bad"),
        Refused(target=UID_LI, reason=REDACTED),
    )


async def test_secret_in_an_address(
    wecom: WeCom, session: aiohttp.ClientSession
) -> None:
    """A secret that looks different in an address is not shown there either."""
    secret = "a+b/c=d&e f中"
    client = WeComClient(
        session, endpoint(wecom), corp_id=CORP_ID, agent_id=AGENT_ID, secret=secret
    )
    text = f"bad: /gettoken?corpid=ww&corpsecret={quote(secret, safe='')} or {secret}"
    wecom.always(json_answer({"errcode": 40001, "errmsg": text}))
    with pytest.raises(ClientError) as caught:
        await client.agent()
    expected = f"bad: /gettoken?corpid=ww&corpsecret={REDACTED} or {REDACTED}"
    assert caught.value.details["text"] == expected


@pytest.mark.parametrize("count", [2, 5])
async def test_old_access_tokens(
    wecom: WeCom, session: aiohttp.ClientSession, count: int
) -> None:
    """A token that was just replaced is not shown either."""
    service = SERVICES["wecom"]
    client = service.connect(session, endpoint(wecom))
    used: list[str] = []
    for _ in range(count):
        await send(client, HELLO, service.target)
        used += [each for each in wecom.tokens if each not in used]
        wecom.expire_tokens()
    text = " ".join(used[-2:])
    wecom.always(json_answer({"errcode": 40058, "errmsg": text}), service.path)
    with pytest.raises(ClientError) as caught:
        await send(client, HELLO, service.target)
    assert caught.value.details["text"] == f"{REDACTED} {REDACTED}"


@pytest.mark.parametrize("status", [200, 302, 500])
async def test_pages_that_echo(
    service: Service,
    simulator: Simulator,
    client: Client[Any],
    caplog: pytest.LogCaptureFixture,
    status: int,
) -> None:
    """Nothing is shown of what is not the service's own answer."""
    for secret in secrets_of(service, simulator):
        location = f"https://u:{quote(secret)}@example.com/{secret}"
        simulator.always(
            Answer(
                status=status,
                headers={"Location": location},
                body=f"<p>{secret}</p>",
            )
        )
        with pytest.raises(ClientError) as caught:
            await send(client, HELLO, service.target)
        assert_kept([secret, quote(secret)], shown(caught.value), caplog.text)
