"""Requests per day."""

import pytest

from custom_components.wechat_push.clients.china_time import seconds_left
from custom_components.wechat_push.delivery.daily_quota import DailyQuota

# Ten in the morning in China.
WALL = 1_800_000_000.0 + 3600 * 2
DAY = 86400.0
QUOTAS = {"x": 2}


def used(quota: DailyQuota, now: float, wall: float) -> int:
    """Return how many requests of today there were."""
    return quota.counts(now, wall).get("x", 0)


def test_exceeded() -> None:
    """A request that would exceed its quota is named."""
    quota = DailyQuota()
    quota.charge({"x": 1, "y": 5}, 0, WALL)
    assert quota.exceeded({"x": 1}, QUOTAS, 0, WALL) is None
    assert quota.exceeded({"x": 2}, QUOTAS, 0, WALL) == "x"
    assert quota.exceeded({"y": 9}, QUOTAS, 0, WALL) is None
    assert quota.exceeded({"y": 9, "x": 1}, QUOTAS, 0, WALL) is None


def test_next_day() -> None:
    """Another day begins anew."""
    quota = DailyQuota()
    for day in range(3):
        now, wall = day * DAY, WALL + day * DAY
        assert used(quota, now, wall) == 0
        quota.charge({"x": 2}, now, wall)
        assert used(quota, now + 3600, wall + 3600) == 2


def test_clock_set_back() -> None:
    """A clock that is set back does not begin the day anew."""
    quota = DailyQuota()
    quota.charge({"x": 2}, 0, WALL)
    assert used(quota, 60, WALL - 9 * DAY) == 2
    # But after a day it is another day, whatever the clock says.
    assert used(quota, DAY + 1, WALL - 9 * DAY) == 0


@pytest.mark.parametrize("step", [-2.0, -20 * 60.0, 2.0])
def test_small_step(step: float) -> None:
    """A small step of the clock, as of a time server, begins no day anew."""
    quota = DailyQuota()
    midnight = WALL + seconds_left(WALL)
    assert used(quota, 0, midnight + 1) == 0
    for hour in range(1, 10):
        quota.charge({"x": 20}, hour * 3600, midnight + hour * 3600)
    assert used(quota, 50_000, midnight + 50_000) == 180
    assert used(quota, 50_001, midnight + 50_001 + step) == 180
    assert used(quota, 50_002, midnight + 50_002) == 180


def test_midnight_of_a_wrong_clock() -> None:
    """The midnight of a clock that is wrong is undone when the clock is set right."""
    quota = DailyQuota()
    midnight = WALL + seconds_left(WALL)
    quota.charge({"x": 180}, 0, midnight - 60)
    assert used(quota, 120, midnight + 60) == 0
    quota.charge({"x": 1}, 120, midnight + 60)
    assert used(quota, 120, midnight + 60) == 1
    # It was noon.
    assert used(quota, 180, midnight - 12 * 3600) == 181


def test_midnight_while_the_clock_is_wrong() -> None:
    """What was sent hours before the midnight of the right clock is not of today."""
    quota = DailyQuota()
    for hour in range(6):
        quota.charge({"x": 1}, hour * 3600, WALL + hour * 3600)
    # It is two hours after midnight.
    midnight = WALL + seconds_left(WALL)
    assert used(quota, 5 * 3600, midnight + 2 * 3600) == 3


def test_not_kept_for_ever() -> None:
    """No more is kept than a day's hours."""
    quota = DailyQuota()
    for hour in range(100):
        quota.charge({"x": 1}, hour * 3600, WALL + hour * 3600)
    assert len(quota.dump(0)) <= 26


def test_read_late() -> None:
    """What was counted before the disk could be read is added to what is there."""
    before, quota = DailyQuota(), DailyQuota()
    before.charge({"x": 100}, 0, WALL)
    quota.charge({"x": 50}, 60, WALL + 60)
    quota.load(before.dump(0), 0)
    assert used(quota, 60, WALL + 60) == 150


@pytest.mark.parametrize("behind", [9 * DAY, 5 * 3600.0])
def test_clock_set_right(behind: float) -> None:
    """A clock that was behind and is set right does not begin the day anew."""
    quota = DailyQuota()
    quota.charge({"x": 2}, 0, WALL - behind)
    assert used(quota, 60, WALL) == 2
    # That of the clock which is right begins at its midnight.
    assert used(quota, 14 * 3600 + 60, WALL + 14 * 3600) == 0


def test_correct() -> None:
    """Larger counts of the service are taken over, as other programs send as well."""
    quota = DailyQuota()
    quota.charge({"x": 2}, 0, WALL)
    quota.correct({"x": 1, "y": 3}, 0, WALL)
    assert quota.counts(0, WALL) == {"x": 2, "y": 3}
    quota.correct({"x": 4}, 0, WALL)
    assert used(quota, 0, WALL) == 4


def test_uncharge() -> None:
    """A request that did not reach the service is not counted."""
    quota = DailyQuota()
    quota.charge({"x": 2}, 0, WALL)
    quota.uncharge({"x": 1})
    assert used(quota, 0, WALL) == 1
    quota.uncharge({"x": 5})
    assert used(quota, 0, WALL) == 0


def test_restart() -> None:
    """The counts survive a restart; damage counts as nothing."""
    quota = DailyQuota()
    quota.charge({"x": 2}, 5 * DAY, WALL)
    assert quota.has_unrecorded
    stored = quota.dump(5 * DAY + 100)
    assert not quota.has_unrecorded
    again = DailyQuota()
    again.load(stored, 200)
    assert used(again, 200, WALL) == 2
    assert used(again, 100 + DAY, WALL) == 0
    for damaged in (None, {}, [["x", {}]], [[0, {"x": "y"}]], [[0]]):
        again.load(damaged, 0)
        assert used(again, 200, WALL) in (0, 2)
