"""The circuit breaker."""

import random

import pytest

from custom_components.wechat_push.clients.errors import (
    ActionNeededError,
    EndpointError,
    TemporaryError,
    UnreachableError,
)
from custom_components.wechat_push.delivery.circuit_breaker import (
    BreakerState,
    CircuitBreaker,
)

from .house import SEED

DOWN = TemporaryError("server_error", status="503")
UNREACHABLE = UnreachableError("cannot_connect")


def breaker() -> CircuitBreaker:
    """Return a breaker."""
    return CircuitBreaker(random.Random(SEED))


def test_two_alike_are_an_outage() -> None:
    """One message that fails says nothing; two in a row that fail alike do."""
    found = breaker()
    found.suspect(1, DOWN, 0)
    found.suspect(1, DOWN, 1)
    assert found.is_closed
    found.suspect(2, EndpointError("http_refused"), 2)
    assert found.is_closed
    found.suspect(3, EndpointError("http_refused"), 3)
    assert found.state is BreakerState.OPEN


def test_success_between() -> None:
    """A success between them clears the service."""
    found = breaker()
    found.suspect(1, DOWN, 0)
    found.succeeded()
    found.suspect(2, DOWN, 1)
    assert found.is_closed


def test_delays() -> None:
    """Probes come at growing distances, shorter ones while nothing is reached."""

    def delays(err: TemporaryError | ActionNeededError) -> list[float]:
        found, now, seen = breaker(), 0.0, []
        found.open(err, now)
        for _ in range(12):
            seen.append(found.delay(now))
            now += seen[-1]
            found.probed(err, now, is_idle=False)
        return seen

    assert 1.6 <= delays(DOWN)[0] <= 2.4
    assert 240 <= max(delays(DOWN)) <= 360
    assert max(delays(UNREACHABLE)) <= 36
    assert 24 <= delays(ActionNeededError("x"))[0] <= 36
    assert max(delays(ActionNeededError("x"))) <= 1080


def test_good_probe_closes() -> None:
    """A good probe ends the outage."""
    found = breaker()
    found.open(UNREACHABLE, 5)
    assert found.duration(10) == 5
    # It is the same one when a trial fails.
    found.probed(EndpointError("http_refused"), 10, is_idle=False)
    found.open(UNREACHABLE, 10)
    assert found.duration(15) == 10
    found.probed(None, 20, is_idle=False)
    assert found.is_closed and found.error is None
    assert found.probe_works
    assert found.duration(20) == 0


def test_probe_that_misleads() -> None:
    """Where messages fail in spite of good probes, the oldest message is the probe."""
    found = breaker()
    found.suspect(1, DOWN, 0)
    found.suspect(2, DOWN, 1)
    found.probed(None, 3, is_idle=False)
    assert found.state is BreakerState.HALF_OPEN
    assert found.error is DOWN
    # It may be its own fault, so the next one has a try before the next probe.
    found.suspect(1, DOWN, 4)
    assert found.state is BreakerState.HALF_OPEN
    found.suspect(2, DOWN, 5)
    assert found.state is BreakerState.OPEN
    # Each time, there are two of them.
    found.probed(None, 6, is_idle=False)
    found.suspect(1, DOWN, 7)
    found.open(UNREACHABLE, 8)
    found.probed(None, 9, is_idle=False)
    found.suspect(1, DOWN, 10)
    assert found.state is BreakerState.HALF_OPEN
    found.succeeded()
    assert found.is_closed
    # What was sent since shows that the probe is right.
    found.open(UNREACHABLE, 10)
    found.probed(None, 12, is_idle=False)
    assert found.is_closed
    found.succeeded()
    # It does not meet what a person has to do.
    found.open(ActionNeededError("points"), 13)
    found.probed(None, 14, is_idle=False)
    assert found.state is BreakerState.HALF_OPEN
    found.succeeded()
    # With no message, there is nothing but the probe.
    found.suspect(1, DOWN, 15)
    found.suspect(2, DOWN, 16)
    found.probed(None, 18, is_idle=True)
    assert found.is_closed


def test_refused_probe() -> None:
    """Where the probe itself is refused, the oldest message is the probe."""
    found = breaker()
    found.open(UNREACHABLE, 0)
    found.probed(EndpointError("http_refused"), 2, is_idle=False)
    assert found.state is BreakerState.HALF_OPEN
    assert not found.probe_works
    # It may have been refused because of the outage.
    found.succeeded()
    assert found.probe_works
    found.open(UNREACHABLE, 10)
    found.probed(EndpointError("http_refused"), 12, is_idle=False)
    # With no message there is nothing to try, and nothing that is known.
    found.idle()
    assert found.is_closed


def test_bad_probe_without_outage() -> None:
    """A check that fails opens it, but a refused one proves nothing."""
    found = breaker()
    found.probed(EndpointError("http_refused"), 0, is_idle=True)
    assert found.is_closed
    found.probed(DOWN, 1, is_idle=True)
    assert found.state is BreakerState.OPEN


def test_hurry() -> None:
    """A hint that the network works brings the next probe, but not at once again."""
    found, now = breaker(), 0.0
    found.open(DOWN, now)
    for _ in range(8):
        now += found.delay(now)
        found.probed(DOWN, now, is_idle=False)
    found.hurry(now)
    assert found.delay(now) == pytest.approx(5)
    found.hurry(now + 60)
    assert found.delay(now + 60) == 0


@pytest.mark.parametrize("problem", ["proxy_login", "server_error"])
def test_login_that_lasts(problem: str) -> None:
    """A login page is reported once it stays for minutes over several tries."""
    found, login = breaker(), TemporaryError(problem)
    found.open(login, 0)
    assert not found.wants_login(400)
    found.probed(login, 200, is_idle=False)
    found.probed(login, 250, is_idle=False)
    assert not found.wants_login(299)
    assert found.wants_login(300) == (problem == "proxy_login")
    found.succeeded()
    assert not found.wants_login(400)
