"""Finding out whether a service answers at all, without asking it for anything."""

from base64 import b64encode
from typing import Any

import aiohttp
import pytest

from custom_components.wechat_push.clients.errors import (
    EndpointError,
    Problem,
    TemporaryError,
    UnreachableError,
)
from tests.simulators import BAD_ANSWERS, Answer, Simulator

from .common import LOGIN, PREFIX, SHORT, Service, endpoint, facts

REACHED = (
    "html_page",
    "empty_body",
    "proxy_login_401",
    "forbidden_403",
    "not_found_404",
    "too_many_429",
)
NOT_REACHED = {
    "redirect_301": Problem.REDIRECTED,
    "error_500": Problem.SERVER_ERROR,
    "unavailable_503": Problem.SERVER_ERROR,
    "reset_before": Problem.CONNECTION_LOST,
    "hang": Problem.TIMEOUT,
}


async def test_reached(
    service: Service, simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    """One request is made, which holds nothing that is secret."""
    await service.connect(session, endpoint(simulator)).reach()
    (request,) = simulator.requests
    assert (request.method, request.path, request.query) == ("GET", "/", {})
    assert not request.body
    assert "Authorization" not in request.headers
    assert "access-key" not in request.headers


async def test_behind_a_proxy(
    service: Service, simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    """The proxy is reached at its path, with its login."""
    simulator.prefix, simulator.basic_auth = PREFIX, LOGIN
    proxy = endpoint(
        simulator,
        url=simulator.url + PREFIX,
        username=LOGIN[0],
        password=LOGIN[1],
    )
    await service.connect(session, proxy).reach()
    (request,) = simulator.requests
    assert request.path == f"{PREFIX}/"
    login = b64encode(":".join(LOGIN).encode()).decode()
    assert request.headers["Authorization"] == f"Basic {login}"


@pytest.mark.parametrize("answer", REACHED)
async def test_any_answer_will_do(
    service: Service,
    simulator: Simulator,
    session: aiohttp.ClientSession,
    answer: str,
) -> None:
    """Somebody answers, and that was the question."""
    simulator.always(BAD_ANSWERS[answer])
    await service.connect(session, endpoint(simulator)).reach()
    assert len(simulator.requests) == 1


async def test_redirected_at_home(
    service: Service, simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    """A redirect is not followed; one that stays with the server is its own."""
    simulator.always(Answer(status=302, headers={"Location": "/index.html"}))
    await service.connect(session, endpoint(simulator)).reach()
    assert len(simulator.requests) == 1


async def test_body_is_not_read(
    service: Service, simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    """A page that never ends keeps nobody waiting."""
    simulator.always(Answer(body="x" * 1000, drip=60))
    await service.connect(session, endpoint(simulator, **SHORT)).reach()
    assert len(simulator.requests) == 1


@pytest.mark.parametrize("answer", NOT_REACHED)
async def test_not_reached(
    service: Service,
    simulator: Simulator,
    session: aiohttp.ClientSession,
    answer: str,
) -> None:
    """What does not work is told as for a message, but nothing is in doubt."""
    simulator.always(BAD_ANSWERS[answer])
    client = service.connect(session, endpoint(simulator, **SHORT))
    with pytest.raises(TemporaryError) as caught:
        await client.reach()
    redirected = answer.startswith("redirect")
    kind = EndpointError if redirected else TemporaryError
    assert facts(caught.value) == (kind, NOT_REACHED[answer], False)


async def test_nobody_there(
    service: Service, simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    """A service that is stopped is not reached, and is once it is back."""
    client: Any = service.connect(session, endpoint(simulator))
    await simulator.stop()
    with pytest.raises(TemporaryError) as caught:
        await client.reach()
    assert facts(caught.value) == (UnreachableError, Problem.CANNOT_CONNECT, False)
    await simulator.start(port=simulator.port)
    await client.reach()
