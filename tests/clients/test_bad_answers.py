"""Every answer that a service should not give ends in an error, soon and the right one."""

import asyncio
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
from custom_components.wechat_push.clients.message import Message
from custom_components.wechat_push.clients.pushjet import PushjetProblem
from custom_components.wechat_push.clients.receipt import Accepted
from tests.simulators import BAD_ANSWERS, Answer, Simulator, WeCom, WxPusher
from tests.simulators.wxpusher_accounts import UID_LI, UID_ZHANG

from .common import SERVICES, SHORT, Facts, Service, endpoint, facts, send, wecom_client

HELLO = Message(text="你好")
GETTOKEN = "/cgi-bin/gettoken"

# Who answers HTTP 200 may have taken the message, whatever it says.
STRANGER: Facts = (EndpointError, Problem.NOT_THIS_SERVICE, True)
ELSEWHERE: Facts = (EndpointError, Problem.NOT_THIS_SERVICE, False)
REDIRECTED: Facts = (EndpointError, Problem.REDIRECTED, False)
REFUSED: Facts = (EndpointError, Problem.HTTP_REFUSED, False)
BROKEN: Facts = (TemporaryError, Problem.SERVER_ERROR, True)
LOST: Facts = (TemporaryError, Problem.CONNECTION_LOST, True)
TIMEOUT: Facts = (TemporaryError, Problem.TIMEOUT, True)
CONTENT: Facts = (ContentError, Problem.SERVICE_REFUSED, False)

EXPECTED: dict[str, Facts] = {
    "html_page": STRANGER,
    "html_labelled_json": STRANGER,
    "cut_off_json": STRANGER,
    "empty_body": STRANGER,
    "json_list": STRANGER,
    "json_null": STRANGER,
    "json_string": STRANGER,
    "json_number": STRANGER,
    "json_empty_object": STRANGER,
    "wrong_types": STRANGER,
    "wrong_types_nested": STRANGER,
    "wrong_types_records": STRANGER,
    "odd_numbers": STRANGER,
    "long_number": STRANGER,
    "lone_surrogate": CONTENT,
    "redirect_301": REDIRECTED,
    "redirect_302": REDIRECTED,
    "redirect_308": REDIRECTED,
    "proxy_login_401": (TemporaryError, Problem.PROXY_LOGIN, False),
    "forbidden_403": REFUSED,
    "not_found_404": ELSEWHERE,
    "too_large_413": (ContentError, Problem.HTTP_REFUSED, False),
    "too_many_429": (LimitError, Problem.TOO_MANY_REQUESTS, False),
    "error_500": BROKEN,
    "bad_gateway_502": BROKEN,
    "unavailable_503": (TemporaryError, Problem.SERVER_ERROR, False),
    "gateway_timeout_504": BROKEN,
    "reset_before": LOST,
    "reset_after": LOST,
    "reset_during": LOST,
    "hang": TIMEOUT,
    "drip": TIMEOUT,
    "huge_body": STRANGER,
    "not_utf8": STRANGER,
    "deep_json": STRANGER,
}
# Where an answer means something to one service.
EXCEPTIONS: dict[tuple[str, str], Facts] = {
    ("pushplus", "wrong_types_nested"): CONTENT,
    ("pushplus", "wrong_types_records"): CONTENT,
    **dict.fromkeys(
        (
            (name, bad)
            for name in ("serverchan", "serverchan_turbo")
            for bad in ("wrong_types_nested", "wrong_types_records")
        ),
        CONTENT,
    ),
    ("pushjet", "lone_surrogate"): (
        RecipientError,
        PushjetProblem.MALFORMED_SECRET,
        False,
    ),
}
# WxPusher says "success" here, with nonsense in place of the targets.
SUCCESSES = ("wrong_types_nested", "wrong_types_records")

SENT = [
    pytest.param(
        service,
        answer,
        EXCEPTIONS.get((name, bad), EXPECTED[bad]),
        id=f"{name}-{bad}",
    )
    for name, service in SERVICES.items()
    for bad, answer in BAD_ANSWERS.items()
    if not (service.simulator is WxPusher and bad in SUCCESSES)
]
ASKED = [
    pytest.param(service, ask, id=f"{name}-{question}")
    for name, service in SERVICES.items()
    for question, ask in service.questions.items()
]


async def outcome(call: Any) -> Any:
    """Return what a call returns or raises, if it is one of our errors."""
    try:
        # Without a time-out of its own, a call would run into this one and fail.
        async with asyncio.timeout(5):
            return await call
    except ClientError as err:
        return err


def test_all_are_expected() -> None:
    """No bad answer is left out."""
    assert EXPECTED.keys() == BAD_ANSWERS.keys()


@pytest.mark.parametrize(("service", "answer", "expected"), SENT)
async def test_sending(
    service: Service,
    simulator: Simulator,
    session: aiohttp.ClientSession,
    answer: Answer,
    expected: Facts,
) -> None:
    """The error tells what happened, and whether the message may have arrived."""
    simulator.always(answer, service.path)
    timeouts = SHORT if answer.hang or answer.drip else {}
    client = service.connect(session, endpoint(simulator, **timeouts))
    err = await outcome(send(client, HELLO, service.target))
    assert facts(err) == expected
    # Whether to send again is not for the client to decide.
    assert len(simulator.requests_to(service.path)) == 1
    # Once the service is back, the same client delivers.
    simulator.always(None, service.path)
    await send(client, HELLO, service.target)
    assert simulator.notifications


@pytest.mark.parametrize("bad", SUCCESSES)
@pytest.mark.parametrize("service", [SERVICES["wxpusher"]], indirect=True)
async def test_success_with_nonsense(
    service: Service,
    simulator: Simulator,
    session: aiohttp.ClientSession,
    bad: str,
) -> None:
    """A success stays one, though WxPusher tells nothing of the targets."""
    simulator.always(BAD_ANSWERS[bad])
    client = service.connect(session, endpoint(simulator))
    receipt = await send(client, HELLO, service.target)
    assert receipt.accepted == (Accepted(target=UID_ZHANG), Accepted(target=UID_LI))


@pytest.mark.parametrize(("service", "ask"), ASKED)
async def test_asking(
    service: Service,
    simulator: Simulator,
    session: aiohttp.ClientSession,
    ask: Any,
) -> None:
    """A question that set-up asks ends in one of our errors."""
    client = service.connect(session, endpoint(simulator))
    outcomes = {}
    for bad in BAD_ANSWERS.keys() - {"hang", "drip"}:
        simulator.always(BAD_ANSWERS[bad])
        outcomes[bad] = await outcome(ask(client))
    assert {
        bad: result
        for bad, result in outcomes.items()
        if not isinstance(result, ClientError)
    } == {}


@pytest.mark.parametrize(("service", "ask"), [ASKED[0], ASKED[1], ASKED[-1]])
@pytest.mark.parametrize("bad", ["hang", "drip"])
async def test_asking_ends(
    service: Service,
    simulator: Simulator,
    session: aiohttp.ClientSession,
    ask: Any,
    bad: str,
) -> None:
    """A question that is not answered ends at the time-out."""
    simulator.always(BAD_ANSWERS[bad])
    err = await outcome(ask(service.connect(session, endpoint(simulator, **SHORT))))
    assert err.problem == Problem.TIMEOUT


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(answer, EXPECTED[bad], id=bad)
        for bad, answer in BAD_ANSWERS.items()
    ],
)
async def test_access_token(
    wecom: WeCom, session: aiohttp.ClientSession, answer: Answer, expected: Facts
) -> None:
    """Without an access token the message surely did not leave."""
    wecom.always(answer, GETTOKEN)
    timeouts = SHORT if answer.hang or answer.drip else {}
    client = wecom_client(session, endpoint(wecom, **timeouts))
    err = await outcome(send(client, HELLO, SERVICES["wecom"].target))
    kind, problem, _ = expected
    assert facts(err) == (kind, problem, False)
    assert {each.path for each in wecom.requests} == {GETTOKEN}
