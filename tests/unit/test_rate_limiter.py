"""Sliding windows of published rates."""

import pytest

from custom_components.wechat_push.clients.rate_policy import (
    EVERYBODY,
    Rate,
    RatePolicy,
    Scope,
)
from custom_components.wechat_push.delivery.rate_limiter import RateLimiter

A, B = frozenset({"a"}), frozenset({"b"})
ALL = frozenset({EVERYBODY})


def limiter(*rates: Rate, dedup_window: float = 0) -> RateLimiter:
    """Return a limiter of some rates."""
    policy = RatePolicy()
    policy.rates, policy.dedup_window = rates, dedup_window
    return RateLimiter(policy)


PER_TARGET = Rate(calls=2, seconds=60, scope=Scope.TARGET)
PER_ACCOUNT = Rate(calls=2, seconds=60)
PER_CONTENT = Rate(calls=2, seconds=60, scope=Scope.CONTENT)


def test_margin() -> None:
    """A window is a second longer than published: clocks and ways differ."""
    found = limiter(PER_ACCOUNT)
    found.charge(A, None, 100)
    found.charge(A, None, 110)
    assert found.account_delay(120) == 41
    assert found.account_delay(160.5) == 0.5
    assert found.account_delay(161) == 0


def test_sliding() -> None:
    """Never are there more in any window, however they are spread."""
    found, now = limiter(Rate(calls=30, seconds=60)), 0.0
    moments: list[float] = []
    while now < 600:
        if delay := found.account_delay(now):
            now += delay
        found.charge(A, None, now)
        moments.append(now)
        now += 0.7
    for moment in moments:
        assert sum(moment <= other < moment + 60 for other in moments) <= 30


def test_target() -> None:
    """A rate of targets concerns each for itself."""
    found = limiter(PER_TARGET)
    found.charge(A, None, 100)
    found.charge(A | B, None, 101)
    assert found.target_delay(A, 102) > 0
    assert found.target_delay(A | B, 102) > 0
    assert found.target_delay(B, 102) == 0
    found.charge(B, None, 102)
    assert found.target_delay(B, 103) > 0
    assert found.account_delay(103) == 0


@pytest.mark.parametrize("first", [A, ALL], ids=["own", "everybody"])
def test_everybody(first: frozenset[str]) -> None:
    """A request to everybody or a department counts for each member."""
    found = limiter(PER_TARGET)
    found.charge(first, None, 100)
    found.charge(ALL, None, 101)
    assert found.target_delay(A, 102) > 0
    # One who is not known may be among them.
    assert found.target_delay(ALL, 102) > 0
    if first == ALL:
        assert found.target_delay(B, 102) > 0
    else:
        assert found.target_delay(B, 102) == 0


def test_content() -> None:
    """A content is repeated once it was said as often as the service takes it."""
    found = limiter(PER_CONTENT)
    found.charge(A, "x", 100)
    assert not found.is_repeated("x", 101)
    found.charge(A, "x", 101)
    assert found.is_repeated("x", 102)
    assert not found.is_repeated("y", 102)
    assert not found.is_repeated(None, 102)
    assert not found.is_repeated("x", 161)


def test_dedup_window() -> None:
    """What was said lately is known for longer than the service promises to drop it."""
    found = limiter(dedup_window=1800)
    found.charge(A, "x", 100)
    assert found.is_repeated("x", 100 + 1800 * 1.4)
    assert not found.is_repeated("x", 100 + 1800 * 1.6)


def test_uncharge() -> None:
    """What did not happen is not counted; of what was refused, the content is not."""
    found = limiter(PER_TARGET, PER_ACCOUNT, PER_CONTENT)
    for moment in (100.0, 101.0):
        found.charge(A, "x", moment)
    found.uncharge(frozenset(), "x", 101)
    assert not found.is_repeated("x", 102)
    assert found.target_delay(A, 102) > 0
    found.uncharge(A, "x", 101)
    assert found.target_delay(A, 102) == 0
    assert found.account_delay(102) == 0


def test_restart() -> None:
    """Windows of a minute or more survive a restart, shorter ones are over by then."""
    found = limiter(PER_TARGET, Rate(calls=2, seconds=10))
    for moment in (100.0, 101.0):
        found.charge(A, None, moment)
    assert found.has_unrecorded
    stored, taken = found.dump(102), found.take_unrecorded()
    assert not found.has_unrecorded
    # They are not on disk before they are.
    assert found.unrecorded(A) == 2
    found.recorded(taken, is_written=True)
    assert found.unrecorded(A) == 0
    again = limiter(PER_TARGET, Rate(calls=2, seconds=10))
    # The clock of the new boot began anew.
    again.load(stored, 2)
    assert again.target_delay(A, 2) == 59
    assert again.account_delay(2) == 0


@pytest.mark.parametrize(
    "stored", [None, [], [[0]], [[7, "a", [1]]], [[0, "a", ["x"]]]]
)
def test_damage(stored: object) -> None:
    """What is damaged is left out."""
    found = limiter(PER_TARGET)
    found.load(stored, 0)
    assert found.target_delay(A, 10) == 0


def test_unrecorded() -> None:
    """Requests that are not on disk are counted as the rates count them."""
    found = limiter(PER_TARGET)
    found.charge(A, None, 1)
    found.charge(ALL, None, 2)
    found.charge(B, None, 3)
    found.charge(B, None, 4)
    assert found.unrecorded(A) == 2
    assert found.unrecorded(B) == 3
    assert found.unrecorded(frozenset({"c"})) == 1
    assert found.unrecorded(ALL) == 3
    found.recorded(found.take_unrecorded(), is_written=False)
    assert found.has_unrecorded
    assert found.unrecorded(B) == 3
    account = limiter(PER_ACCOUNT)
    account.charge(A, None, 1)
    account.charge(B, None, 1)
    assert account.unrecorded(frozenset({"c"})) == 2


def test_memory() -> None:
    """Windows that are over are forgotten."""
    found = limiter(PER_TARGET, PER_ACCOUNT)
    for number in range(10_000):
        found.charge(frozenset({str(number)}), None, number)
    assert len(found.dump(10_000)) < 100


def test_ahead() -> None:
    """A record can count some requests in advance, which then need none of their own."""
    found = limiter(Rate(calls=30, seconds=60, scope=Scope.TARGET))
    found.charge(B, None, 99)
    found.recorded(found.take_unrecorded(), is_written=True)
    found.charge(A, None, 100)
    stored, taken = found.dump(100, ahead=True), found.take_unrecorded()
    found.charge(A, None, 100.5)
    found.recorded(taken, is_written=True, ahead=True)
    for number in range(9):
        assert found.unrecorded(A) == number - 9
        found.charge(A, None, 101 + number / 100)
    # They have to be written as they were all the same.
    assert found.has_unrecorded
    found.charge(A, None, 101)
    assert found.unrecorded(A) == 1
    again = limiter(Rate(calls=11, seconds=60, scope=Scope.TARGET))
    again.load(stored, 100)
    again.charge(A, None, 110)
    # What may have been made last is free last.
    assert again.target_delay(A, 161.5) > 0
    assert again.target_delay(A, 163) == 0
    # To those who had none lately, none is expected.
    again = limiter(Rate(calls=2, seconds=60, scope=Scope.TARGET))
    again.load(stored, 100)
    assert again.target_delay(B, 110) == 0
