"""The time for which a service wants to be left alone."""

from custom_components.wechat_push.clients.errors import LimitError
from custom_components.wechat_push.delivery.cooldown import Cooldown


def busy(retry_after: float | None = None) -> LimitError:
    """Return a refusal."""
    return LimitError("too_many_requests", retry_after=retry_after)


def left(cooldown: Cooldown, now: float) -> float | None:
    """Return the seconds left."""
    error = cooldown.error(now)
    return None if error is None else error.retry_after


def test_as_long_as_said() -> None:
    """It lasts as long as the service says, a minute if it does not."""
    cooldown = Cooldown()
    cooldown.start(busy(90), 0)
    assert left(cooldown, 30) == 60
    assert left(cooldown, 90) is None
    cooldown = Cooldown()
    cooldown.start(busy(), 0)
    assert left(cooldown, 0) == 60


def test_back_off() -> None:
    """It lasts longer each time that it was not enough, an hour at most."""
    cooldown, now, lengths = Cooldown(), 0.0, []
    for _ in range(8):
        cooldown.start(busy(60), now)
        lengths.append(left(cooldown, now) or 0)
        now += lengths[-1]
    assert lengths == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    # But never shorter than said.
    cooldown.start(busy(2 * 86400), now)
    assert left(cooldown, now) == 2 * 86400


def test_many_refused_together() -> None:
    """Of many requests that are refused together, the first one counts."""
    cooldown = Cooldown()
    for moment in range(10):
        cooldown.start(busy(60), moment / 10)
    assert (left(cooldown, 1) or 0) < 61
    cooldown.start(busy(60), 70)
    assert left(cooldown, 70) == 120
    # What the service says is kept to, whichever says more.
    cooldown.start(busy(600), 80)
    cooldown.start(busy(60), 90)
    assert left(cooldown, 90) == 1190


def test_success_resets() -> None:
    """After a request that was taken, the next cooldown is a first one."""
    cooldown = Cooldown()
    cooldown.start(busy(60), 0)
    cooldown.start(busy(60), 100)
    # One that was under way when it began says nothing.
    cooldown.succeeded(101)
    cooldown.start(busy(60), 300)
    assert left(cooldown, 300) == 240
    cooldown.succeeded(600)
    cooldown.start(busy(60), 601)
    assert left(cooldown, 601) == 60


def test_restart() -> None:
    """A long cooldown survives a restart, in the time of another boot."""
    cooldown = Cooldown()
    cooldown.start(busy(86400), 1000)
    again = Cooldown()
    again.load(cooldown.dump(1100), 100)
    assert left(again, 100) == 86300
    # An absurd value does not block for ever.
    again.load({**(cooldown.dump(1100) or {}), "left": 1e9}, 100)
    assert (left(again, 100) or 0) <= 8 * 86400
    again = Cooldown()
    again.load({"error": 1}, 0)
    assert left(again, 0) is None
