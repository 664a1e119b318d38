"""What becomes of messages: one promise a test."""

import asyncio
from contextlib import closing, suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
import sqlite3
from typing import Any, override
from unittest.mock import patch

import pytest

from custom_components.wechat_push.clients.errors import (
    ActionNeededError,
    ClientError,
    ContentError,
    CredentialsError,
    EndpointError,
    LimitError,
    TemporaryError,
    UnreachableError,
    UploadExpiredError,
)
from custom_components.wechat_push.clients.message import (
    Attachment,
    AttachmentKind,
    Format,
    Message,
    Part,
)
from custom_components.wechat_push.clients.rate_policy import (
    EVERYBODY,
    Rate,
    RatePolicy,
    Scope,
)
from custom_components.wechat_push.clients.receipt import Accepted, Receipt, Refused
from custom_components.wechat_push.delivery import capacity
from custom_components.wechat_push.delivery.errors import DeliveryError
from custom_components.wechat_push.delivery.outbox_file import OutboxFile
from custom_components.wechat_push.delivery.outbox_message import (
    MAX_LIFE,
    Content,
    OutboxMessage,
)
from custom_components.wechat_push.delivery.reports import DeliveryStatus

from .house import HANG, Answered, House
from .world import Disk, DiskFault

REFUSED = TemporaryError("server_error", status="503")
TIMEOUT = TemporaryError("timeout", uncertain=True)
BAD_GATEWAY = TemporaryError("server_error", uncertain=True, status="502")
UNREACHABLE = UnreachableError("cannot_connect")
NOT_FOUND = EndpointError("http_refused", status="404")
PICTURE = Attachment(
    kind=AttachmentKind.IMAGE, name="p.png", content_type="image/png", content=b"x" * 99
)


class Policy(RatePolicy):
    """Rates of targets, of which a recipient is one."""

    def __init__(self, *rates: Rate, **more: Any) -> None:
        self.rates = rates
        for name, value in more.items():
            setattr(self, name, value)

    @override
    def targets(self, part: Part) -> frozenset[str]:
        """Return the recipient, or everybody."""
        everybody = part["text"].startswith("all")
        return frozenset({EVERYBODY} if everybody else part["to"])

    @override
    def content(self, part: Part) -> str | None:
        """Return the text."""
        return str(part["text"])

    @override
    def vary(self, part: Part, note: str) -> Part | None:
        """Return the request with a note."""
        return {**part, "text": f"{part['text']} ({note})"}


def error_of(house: House, message: OutboxMessage) -> ClientError:
    """Return the error that a caller gets."""
    with pytest.raises(ClientError) as caught:
        house.answer(message)
    return caught.value


def use_disk_again(house: House, message: OutboxMessage) -> None:
    """Wait until a queued message is due, was read from disk, and needs it once more."""
    house.answer(message)
    house.wait(1.5)
    house.disk_delay = 1
    house.wait(2)
    assert house.blocking == 1


def times(house: House, text: str) -> list[float]:
    """Return the seconds between the requests of a text."""
    moments = [moment for moment, said in house.requests if said == text]
    return [round(b - a, 1) for a, b in pairwise(moments)]


# Ownership.


def test_sent(house: House) -> None:
    """A caller gets the receipt."""
    answer = house.answer(house.say("x"))
    assert answer.receipt.accepted[0].message_id == "x"
    assert answer.queued is None


def test_receipt_of_parts(house: House) -> None:
    """The receipt of a message in parts is that of all, which are recalled together."""
    message = house.say("1\n2")
    accepted = house.answer(message).receipt.accepted
    assert [each.message_id for each in accepted] == ["1", "2"]
    assert house.run(house.engine.recall("a", message.handle))
    assert house.recalled == ["1", "2"]


def test_callers_that_are_cancelled(house: House) -> None:
    """Whatever becomes of callers, nothing is lost."""
    house.answers[""] = [HANG]
    messages = [house.say(f"{number}") for number in range(20)]
    tasks = [house.loop.create_task(house.engine.answer(each)) for each in messages]
    house.wait(1.5)
    for task in tasks:
        task.cancel()
    house.wait(1)
    house.restart()
    house.wait(600)
    assert set(house.taken) == {f"{number}" for number in range(20)}


def test_answer_in_time(house: House) -> None:
    """A caller waits no longer than 15 s, however long the request hangs."""
    house.answers[""] = [HANG]
    started = house.loop.time()
    answer = house.answer(house.say("x"))
    assert answer.queued is not None and answer.durable
    assert house.loop.time() - started < 16


def test_told_at_once(house: House) -> None:
    """Who has to wait behind others that wait hears of it at once."""
    house.answers["x"] = [REFUSED]
    house.answer(house.say("x"))
    moment = house.loop.time()
    assert house.answer(house.say("y")).queued is not None
    assert house.loop.time() - moment < 1


def test_told_at_once_in_an_outage(house: House) -> None:
    """So does who waits for the trial of an outage."""
    house.answers[""] = [NOT_FOUND] * 99
    house.probe_answer = NOT_FOUND
    house.say("x", "a")
    house.say("y", "b")
    known = 0
    while house.engine.outage is None or len(house.requests) == known:
        known = len(house.requests)
        house.wait(0.05)
    # The trial has just begun.
    house.answers[""] = [HANG]
    house.wait(5)
    moment = house.loop.time()
    assert house.answer(house.say("z", "c")).queued is not None
    assert house.loop.time() - moment < 1
    assert len(house.requests) == known + 1
    # It is still under way when nothing else waits.
    house.call(house.engine.clear)
    house.wait(1)
    assert house.engine.outage is not None


def test_oldest_in_an_outage(house: House) -> None:
    """An outage is tried with the oldest message, whoever gets it."""
    house.answer(house.say("early", "a"))
    house.answers[""] = [UNREACHABLE]
    house.probe_answer = NOT_FOUND
    house.say("old", "b")
    house.wait(1)
    house.say("new", "a")
    house.wait(9)
    assert house.taken == ["early", "old", "new"]


def test_oldest_of_one_at_a_time(tmp_path: Path) -> None:
    """Where requests go one at a time, the oldest message is next, whoever gets it."""
    house = House(tmp_path, policy=Policy(one_at_a_time=True))
    house.say("early", "a")
    house.say("old", "b")
    house.say("middle", "c")
    house.say("new", "a")
    house.wait(0.6)
    assert house.taken == ["early", "old", "middle", "new"]
    house.close()


def test_order(house: House) -> None:
    """Messages arrive in the order of their hand-over, whatever fails once."""
    house.answers[""] = [UNREACHABLE, REFUSED]
    for number in range(9):
        house.say(f"{number}")
    house.wait(60)
    assert house.taken == [f"{number}" for number in range(9)]


def test_mistake_of_ours(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """A worker does not die of an unexpected exception: it rests for 30 s."""
    house.answers["x"] = [RuntimeError("a mistake")]
    house.say("x")
    house.say("y")
    house.wait(20)
    assert house.taken == []
    house.wait(15)
    assert house.taken == ["y"]
    house.wait(600)
    assert house.taken == ["y", "x"]
    assert "Delivering a message failed" in caplog.text


def test_wakes_up(house: House) -> None:
    """A message that comes while its worker waits is sent at once."""
    house.answers["x"] = [REFUSED, REFUSED]
    house.say("x")
    house.wait(3)
    moment = house.loop.time()
    house.answer(house.say("y", "b"))
    assert house.loop.time() - moment < 1


def test_disk_is_used_by_one(house: House) -> None:
    """A thread that works on after its waiter was cancelled is still waited for."""
    house.disk_delay = 3
    house.answers[""] = [UNREACHABLE] * 99
    house.say("x")
    house.wait(1)
    for what in (house.engine.detach, house.engine.flush, house.engine.close):
        task = house.loop.create_task(what())
        house.wait(0.5)
        task.cancel()
        house.say("y", "b")
    house.run(house.engine.close())
    assert house.most_blocking == 1


# Reload and stop.


def test_reload_while_a_request_hangs(house: House) -> None:
    """A request of a detached account does not run on, and its message is not lost."""
    house.answers["x"] = [HANG]
    house.say("x")
    house.wait(1)
    house.run(house.engine.detach())
    assert house.loop.time() < 10
    count = len(house.requests)
    house.say("y")
    house.wait(60)
    assert len(house.requests) == count
    house.attach()
    house.wait(60)
    assert house.taken == ["x", "y"]


def test_stop(house: House) -> None:
    """Everything unanswered is on disk at the end, with what comes after it."""
    house.answers[""] = [HANG] * 3
    early = [house.say("x", each) for each in "abc"]
    tasks = [house.loop.create_task(house.engine.answer(each)) for each in early]
    house.wait(0.5)
    house.run(house.engine.prepare_stop())
    house.wait(1.1)
    assert all(task.done() for task in tasks)
    house.run(house.engine.stop())
    late = house.answer(house.say("late"))
    assert late.durable
    house.run(house.engine.close())
    house.start()
    house.wait(100)
    assert sorted(house.taken) == ["late", "x", "x", "x"]


def test_removed_recipient(house: House) -> None:
    """What waited for a recipient that was removed is reported."""
    house.answers[""] = [UNREACHABLE] * 99
    message = house.say("x")
    house.answer(message)
    house.run(house.engine.detach())
    house.recipients = ("b",)
    house.attach()
    assert house.statuses(message)[-1] is DeliveryStatus.REFUSED
    assert house.given_up[-1].error.problem == "recipient_removed"


def test_recipient_to_come(house: House) -> None:
    """A message to a recipient that is added during a reload waits for it."""
    house.run(house.engine.detach())
    message = house.say("x", "new")
    house.wait(2)
    house.recipients = ("a", "new")
    house.attach()
    house.wait(2)
    assert house.statuses(message)[-1] is DeliveryStatus.SENT


def test_removed_before_the_hand_over(house: House) -> None:
    """A message to a recipient that was removed meanwhile is refused at once."""
    house.recipients = ("b",)
    house.attach()
    with pytest.raises(DeliveryError) as caught:
        house.say("x", "a")
    assert caught.value.problem == "recipient_removed"
    assert [each.status for each in house.reports] == [DeliveryStatus.REFUSED]


@pytest.mark.parametrize("remaining", ["1", "1\n2"], ids=["last part", "first part"])
def test_removed_while_it_is_sent(house: House, remaining: str) -> None:
    """A recipient that is removed while it is being sent to gets nothing after that."""
    house.answers["1"] = [3.0] if "2" in remaining else [REFUSED]
    message = house.say(remaining)
    house.wait(0.05)
    house.recipients = ("b",)
    house.attach()
    house.wait(10)
    assert house.statuses(message)[-1] is DeliveryStatus.REFUSED
    assert house.engine.queued == 0
    assert len(house.requests) == 1


@pytest.mark.parametrize("after", [0, 0.005, 0.02, 2, 5.02])
def test_attach_while_it_is_detached(house: House, after: float) -> None:
    """A change of options during an unload begins nothing, and the next attach does."""
    house.answers["x"] = [HANG]
    house.say("x")
    house.wait(0.5)

    async def change_while_detaching() -> None:
        connection = house.engine.connection
        assert connection is not None
        detaching = asyncio.ensure_future(house.engine.detach())
        await asyncio.sleep(after)
        house.engine.attach(connection)
        await detaching

    house.run(change_while_detaching())
    if after < 5:
        assert house.engine.connection is None
        count = len(house.requests)
        house.say("y")
        house.wait(60)
        assert len(house.requests) == count
    house.attach()
    house.wait(60)
    assert "x" in house.taken


@pytest.mark.parametrize("how", ["stop", "remove"])
def test_attach_after_the_end(house: House, how: str) -> None:
    """A change of options begins no request after the end."""
    house.answers["x"] = [REFUSED]
    house.answer(house.say("x"))
    house.run(getattr(house.engine, how)())
    house.attach()
    house.wait(60)
    assert len(house.requests) == 1


def test_hand_over_after_removal(house: House) -> None:
    """A message to an account that was removed is an error, not queued."""
    house.run(house.engine.remove())
    with pytest.raises(DeliveryError, match="recipient_removed"):
        house.say("x")
    assert house.reports[-1].status is DeliveryStatus.REFUSED
    house.start()


def test_answer_on_a_slow_disk(house: House) -> None:
    """A caller waits no longer than 15 s, however long the disk takes."""
    house.disk_delay = 60
    house.answers[""] = [UNREACHABLE] * 99
    house.probe_answer = UNREACHABLE
    started = house.loop.time()
    answer = house.answer(house.say("x"))
    assert house.loop.time() - started < 16
    assert answer.queued is not None and not answer.durable


# Requests.


def test_frozen_parts(house: House) -> None:
    """After a part was sent, the others are of the same making, over restarts."""
    house.answers["2"] = [REFUSED] * 3
    message = house.say("1\n2\n3")
    house.wait(2)
    house.restart()
    house.client.prepare = lambda *_: ({"text": "other", "files": []},)  # type: ignore[method-assign]
    house.wait(600)
    assert house.taken == ["1", "2", "3"]
    assert house.statuses(message)[-1] is DeliveryStatus.DELIVERED_LATE


@pytest.mark.parametrize("text", ["x", "x" * 3000], ids=["short", "long"])
@pytest.mark.parametrize("boot", [None, "another"])
def test_late(house: House, boot: str | None, text: str) -> None:
    """A message that is late says when it was meant for, however short the uptime is."""
    house.answers[text] = [REFUSED]
    meant_for = house.wall()
    house.say(text)
    house.wait(1)
    assert house.meant_for == [None]
    house.loop.now += 1800
    house.kill(boot)
    house.wait(10)
    assert house.taken == [text]
    assert house.meant_for[-1] == pytest.approx(meant_for, abs=1)
    assert house.reports[-1].meant_for == pytest.approx(meant_for, abs=1)


def test_late_for_long(house: House) -> None:
    """A mark of yesterday is made anew, but not for each try."""
    house.answers[""] = [NOT_FOUND] * 999
    house.probe_answer = NOT_FOUND
    house.say("x")
    house.wait(3500)
    assert 5 < len(house.meant_for) < 10


def test_doubts_do_not_carry_over(house: House) -> None:
    """Each part has its own repetitions."""
    house.answers["1"] = [TIMEOUT, TIMEOUT]
    house.answers["2"] = [TIMEOUT, TIMEOUT]
    house.say("1\n2")
    house.wait(600)
    assert house.taken == ["1", "2"]
    assert times(house, "1")[0] == times(house, "2")[0]


def test_two_blips(house: House) -> None:
    """Two answers 502 within seconds lose nothing."""
    house.answers["x"] = [BAD_GATEWAY, BAD_GATEWAY]
    message = house.say("x")
    house.wait(120)
    assert house.statuses(message)[-1] is DeliveryStatus.DELIVERED_LATE


@pytest.mark.parametrize(
    "error", [TIMEOUT, BAD_GATEWAY, REFUSED, UNREACHABLE, NOT_FOUND], ids=str
)
@pytest.mark.parametrize("probe_fails", [True, False])
def test_outage_shorter_than_life(
    house: House, error: TemporaryError, probe_fails: bool
) -> None:
    """An outage that is shorter than a message's life does not lose it."""
    house.life = 2 * 3600
    house.attach()
    house.answers[""] = [error] * 10_000
    house.probe_answer = error if probe_fails else None
    messages = [house.say(each, each) for each in "abc"]
    house.wait(3600)
    # One a moment while nothing reaches the service, which troubles nobody.
    assert len(house.requests) < (200 if error is UNREACHABLE else 60)
    house.answers.clear()
    house.probe_answer = None
    house.wait(3590)
    for message in messages:
        assert house.statuses(message)[-1] is DeliveryStatus.DELIVERED_LATE


@pytest.mark.parametrize("error", [TIMEOUT, BAD_GATEWAY], ids=str)
def test_lone_message_in_an_outage(house: House, error: TemporaryError) -> None:
    """A repetition is not spent on a dead service, though its probe says otherwise."""
    house.answers[""] = [error] * 10_000
    message = house.say("x")
    house.wait(2400)
    house.answers.clear()
    house.wait(1190)
    assert house.statuses(message)[-1] is DeliveryStatus.DELIVERED_LATE


@pytest.mark.parametrize("error", [TIMEOUT, BAD_GATEWAY], ids=str)
def test_lone_message_in_a_short_outage(house: House, error: TemporaryError) -> None:
    """A lone message arrives soon after an outage that the probe sees as well."""
    house.answers[""] = [error] * 100
    house.probe_answer = error
    message = house.say("x")
    house.wait(300)
    house.answers.clear()
    house.probe_answer = None
    house.wait(300)
    assert house.statuses(message)[-1] is DeliveryStatus.DELIVERED_LATE


def test_probe_before_the_end(house: House) -> None:
    """No message is given up because the next probe comes too late for it."""
    house.answers[""] = [UNREACHABLE, *[BAD_GATEWAY] * 99]
    house.probe_answer = REFUSED
    message = house.say("x", life=3000)
    house.wait(2900)
    house.answers.clear()
    house.probe_answer = None
    house.wait(100)
    assert house.statuses(message)[-1] is DeliveryStatus.DELIVERED_LATE
    assert len(house.probes) < 30


def test_last_repetition_after_a_restart(house: House) -> None:
    """A last repetition that others gave reason for is the last, restarts or not."""
    house.answers["x"] = [BAD_GATEWAY] * 9
    message = house.say("x")
    house.wait(600)
    house.restart()
    house.answer(house.say("y", "b"))
    house.wait(3000)
    assert house.statuses(message)[-1] is DeliveryStatus.REFUSED
    assert len(times(house, "x")) == 3


def test_poison_steps_aside(house: House) -> None:
    """A message that fails for itself holds up nobody, and asks less and less."""
    house.answers["bad"] = [REFUSED] * 10_000
    bad = house.say("bad", life=7200)
    good = [house.say(f"{number}", "ab"[number % 2]) for number in range(6)]
    house.wait(60)
    for message in good:
        assert house.statuses(message)[-1] in (
            DeliveryStatus.SENT,
            DeliveryStatus.DELIVERED_LATE,
        )
    house.wait(7200)
    assert house.statuses(bad)[-1] in (DeliveryStatus.REFUSED, DeliveryStatus.EXPIRED)
    assert len(times(house, "bad")) < 30
    assert house.given_up[-1].error.problem == "server_error"


@pytest.mark.parametrize("error", [REFUSED, TIMEOUT], ids=str)
def test_poison_in_an_outage(house: House, error: TemporaryError) -> None:
    """A message that fails for itself holds up nobody when an outage is over."""
    house.answers[""] = [REFUSED] * 1000
    house.answers["bad"] = [error] * 1000
    house.say("bad", life=7200)
    good = [house.say(f"{number}", "abc"[number % 3]) for number in range(6)]
    house.wait(900)
    house.answers[""].clear()
    house.wait(390)
    for message in good:
        assert house.statuses(message)[-1] is DeliveryStatus.DELIVERED_LATE


@pytest.mark.parametrize(
    "errors",
    [[NOT_FOUND], [UNREACHABLE, *[NOT_FOUND, REFUSED] * 99]],
    ids=["alike", "by turns"],
)
def test_endpoint_that_is_not_there(house: House, errors: list[Answered]) -> None:
    """A hundred messages at an endpoint that answers 404 make few requests."""
    house.answers[""] = errors * 99
    house.probe_answer = NOT_FOUND
    for number in range(100):
        house.say(f"{number}", "abc"[number % 3])
    house.wait(600)
    assert len(house.requests) < 20
    house.answers.clear()
    house.wait(900)
    assert len(house.taken) == 100


def test_person_is_needed_for_one(house: House) -> None:
    """What a person has to mend for one recipient holds up no other."""
    house.answers["a"] = [ActionNeededError("points")] * 10_000
    house.say("a", "a")
    house.wait(5)
    message = house.say("b", "b")
    house.wait(600)
    assert house.statuses(message)[-1] is DeliveryStatus.DELIVERED_LATE


@pytest.mark.parametrize("life", [6 * 3600, 600])
def test_tries_until_a_person_acts(house: House, life: float) -> None:
    """What a person has to mend is tried seldom, however many messages there are."""
    house.answers[""] = [ActionNeededError("real_name")] * 10_000
    for number in range(360):
        house.say(f"{number}", "abc"[number % 3], life=life)
        house.call(house.engine.hint)
        house.wait(60)
    # Those that are about to expire are tried all the same.
    assert len(house.requests) < (40 if life > 3600 else 90)


def test_person_is_needed_after_an_outage(house: House) -> None:
    """What a person has to mend for one holds up no other, whatever was before."""
    house.probe_answer = UNREACHABLE
    house.answers["w"] = [UNREACHABLE] * 9
    house.say("w", life=100)
    house.wait(400)
    house.probe_answer = None
    house.wait(40)
    house.answers["first"] = [ActionNeededError("untrusted_ip")] * 100
    house.say("first")
    house.wait(2)
    message = house.say("second", "b", life=900)
    house.wait(60)
    assert house.statuses(message)[-1] is DeliveryStatus.DELIVERED_LATE


def test_attached_while_it_is_detached(house: House) -> None:
    """No worker is left behind when a client is attached before a detach is over."""
    house.disk_delay = 0.2
    house.answers = {"y": [HANG], "x": [15.0, 15.0]}

    async def detach() -> None:
        engine = house.engine
        task = asyncio.ensure_future(engine.detach())
        await asyncio.sleep(1)
        engine.hand_over("a", Content(message=Message(text="x")))
        await asyncio.sleep(3.9)
        engine._engine.connection = connection  # noqa: SLF001
        engine._wake()  # noqa: SLF001
        await task
        assert not any(each.is_sending for each in engine._queues.values())  # noqa: SLF001

    # There is a queue already, and its worker is the first to end.
    house.answer(house.say("w"))
    house.say("y", "b")
    house.wait(1)
    connection = house.engine.connection
    house.run(detach())
    assert not [
        task.get_name()
        for task in asyncio.all_tasks(house.loop)
        if task.get_name().startswith("delivery")
    ]


def test_mended_by_a_person_before_the_end(house: House) -> None:
    """A message that a person has made possible is sent before it expires."""
    house.answers[""] = [ActionNeededError("real_name")] * 10_000
    message = house.say("x", life=3600)
    house.wait(3480)
    house.answers.clear()
    house.wait(120)
    assert house.statuses(message)[-1] is DeliveryStatus.DELIVERED_LATE


def test_outage_without_messages(house: House) -> None:
    """Of an outage that messages alone could end, nothing is known without one."""
    house.answers["x"] = [UNREACHABLE, ContentError("message_empty")]
    house.probe_answer = NOT_FOUND
    house.answer(house.say("x"))
    assert house.engine.outage is not None
    house.wait(60)
    assert house.engine.queued == 0
    assert house.engine.outage is None


@pytest.mark.parametrize("is_urgent", [True, False])
def test_not_kept_beside_others_in_an_outage(house: House, is_urgent: bool) -> None:
    """A message that is not kept does not wait for those that wait for the service."""
    house.fail_at_once.add("b")
    house.answers[""] = [UNREACHABLE] * 2
    house.probe_answer = UNREACHABLE
    house.answer(house.say("kept", "a"))
    house.wait(2)
    began = house.loop.time()
    message = house.say("now", "b", keeps=not is_urgent)
    assert error_of(house, message).problem == "cannot_connect"
    # It may be the one that finds out that the service works again.
    house.answer(house.say("now", "b", keeps=not is_urgent))
    assert house.loop.time() - began < 1
    house.wait(1)
    assert house.taken == ["now", "kept"]


# Credentials, cooldown, rates.


def test_refused_credentials(house: House) -> None:
    """No request goes out with refused credentials; with others all is sent."""
    house.answers["x"] = [CredentialsError("credentials")]
    answer = house.answer(house.say("x"))
    assert isinstance(answer.queued, CredentialsError)
    assert isinstance(house.engine.outage, CredentialsError)
    assert house.logins == 1
    house.say("y")
    house.wait(60)
    house.restart()
    house.wait(60)
    assert len(house.requests) == 1
    assert house.logins == 2
    house.run(house.engine.detach())
    house.attach("second")
    house.wait(60)
    assert house.taken == ["x", "y"]


def test_earlier_credentials_are_refused(house: House) -> None:
    """What a request with earlier credentials comes to says nothing about present ones."""

    async def change() -> None:
        message = house.engine.hand_over("a", Content(message=Message(text="x")))
        await asyncio.sleep(0.05)
        connection = house.engine.connection
        assert connection is not None
        house.engine.attach(replace(connection, credentials="second"))
        await house.engine.answer(message)

    house.answers["x"] = [CredentialsError("credentials")]
    house.run(change())
    house.wait(5)
    assert house.taken == ["x"]
    assert house.logins == 0


def test_mended(house: House) -> None:
    """Credentials that are right after all are used at once."""
    house.answers["x"] = [CredentialsError("credentials")]
    house.answer(house.say("x"))
    house.call(house.engine.accept_credentials)
    house.wait(1)
    assert house.taken == ["x"]


def test_cooldown_is_lifted(house: House) -> None:
    """A person who has mended it ends the pause at once."""
    house.answers["x"] = [LimitError("too_many_requests", retry_after=1800)]
    house.answer(house.say("x"))
    house.wait(60)
    assert house.taken == []
    house.call(house.engine.lift_cooldown)
    house.wait(1)
    assert house.taken == ["x"]


def test_cooldown_survives(house: House) -> None:
    """A long cooldown outlives a restart, and a kill a second later."""
    house.answers["x"] = [LimitError("too_many_requests", retry_after=1800)]
    house.answer(house.say("x"))
    house.wait(1)
    house.kill()
    house.wait(1700)
    assert len(house.requests) == 1
    house.wait(200)
    assert house.taken == ["x"]


def test_cooldown_after_a_success(house: House) -> None:
    """A cooldown after something was sent is no longer than the service says."""
    for text in ("x", "y"):
        house.answers[text] = [LimitError("too_many_requests", retry_after=60)]
        house.say(text)
        house.wait(70)
    assert house.taken == ["x", "y"]


def test_second_cooldown_survives(house: House) -> None:
    """Each cooldown is kept, also if it is told like the one before."""
    house.answers["x"] = [
        LimitError("too_many_requests", retry_after=61),
        LimitError("too_many_requests", retry_after=1800),
    ]
    house.answer(house.say("x", life=4 * 3600))
    house.wait(70)
    house.kill()
    # Twice as long as said, as the first one was not enough.
    house.wait(3500)
    assert len(house.requests) == 2
    house.wait(100)
    assert house.taken == ["x"]


def test_probe_starts_a_cooldown(house: House) -> None:
    """A probe that is refused as too many starts the cooldown."""
    house.probe_answer = LimitError("too_many_requests", retry_after=600)
    with pytest.raises(LimitError):
        house.run(house.engine.check())
    message = house.say("x")
    house.wait(590)
    assert house.requests == []
    house.wait(20)
    assert house.statuses(message)[-1] is DeliveryStatus.DELIVERED_LATE


def test_longer_than_wanted(house: House) -> None:
    """What nobody wants any more by the end of a pause is an error at once."""
    house.answers["x"] = [LimitError("too_many_requests", retry_after=86400)]
    assert error_of(house, house.say("x", life=600)).problem == "too_many_requests"
    assert error_of(house, house.say("y", life=600)).problem == "too_many_requests"


def test_unreachable_costs_no_slot(tmp_path: Path) -> None:
    """A request that did not reach the service is not counted."""
    house = House(tmp_path, policy=Policy(Rate(calls=2, seconds=60)))
    house.answers["x"] = [UNREACHABLE]
    house.say("x")
    house.wait(5)
    assert house.answer(house.say("y")).queued is None
    assert house.engine.sent_today == {"messages": 2}
    house.close()


def test_refused_request_counts(tmp_path: Path) -> None:
    """The service counts a request that it refuses; so is it counted here."""
    house = House(tmp_path, policy=Policy(quotas={"messages": 200}))
    house.answers[""] = [LimitError("too_many_requests", of_content=True), REFUSED]
    house.say("x")
    house.wait(60)
    assert len(house.requests) == 3
    assert house.engine.sent_today == {"messages": 3}
    house.close()


@pytest.mark.parametrize("scope", [Scope.ACCOUNT, Scope.TARGET])
def test_no_room_for_long(tmp_path: Path, scope: Scope) -> None:
    """Who has to wait long for room is told at once, also after a kill."""
    policy = Policy(Rate(calls=1, seconds=600, scope=scope))
    house = House(tmp_path, policy=policy)
    house.client.has_recall = False
    house.answer(house.say("x"))
    house.wait(2)
    house.kill()
    began = house.loop.time()
    assert house.answer(house.say("y")).queued is not None
    assert house.loop.time() - began < 1
    house.wait(590)
    assert house.taken == ["x"]
    house.wait(20)
    assert house.taken == ["x", "y"]
    house.close()


def test_rate_around_a_kill(tmp_path: Path) -> None:
    """WeCom drops what exceeds 30 a minute: a kill lets at most 33 through."""
    house = House(
        tmp_path, policy=Policy(Rate(calls=30, seconds=60, scope=Scope.TARGET))
    )
    for number in range(30):
        house.answer(house.say(f"{number}"))
    house.kill()
    for number in range(40):
        house.say(f"more {number}")
    house.wait(50)
    assert 30 <= len(house.requests) <= 33
    house.wait(120)
    assert len(house.requests) == 70
    house.close()


def test_rate_around_a_power_cut(tmp_path: Path) -> None:
    """It is the same limit if the clock was set right just before the power failed."""
    house = House(
        tmp_path, policy=Policy(Rate(calls=30, seconds=60, scope=Scope.TARGET))
    )
    house.skew = -9 * 86400.0
    for number in range(30):
        house.answer(house.say(f"{number}"))
    house.wait(2)
    house.skew = 0
    house.wait(1)
    house.kill("another boot")
    for number in range(40):
        house.say(f"more {number}")
    house.wait(40)
    assert 30 <= len(house.requests) <= 33
    house.close()


def test_waits_for_the_midnight_of_a_wrong_clock(tmp_path: Path) -> None:
    """What waits for another day goes out when the clock is set to that day."""
    house = House(tmp_path, policy=Policy(quotas={"messages": 1}), life=86400)
    house.say("x")
    house.skew = -6 * 3600.0
    alarm = house.say("alarm")
    assert house.answer(alarm).queued is not None
    # Midnight by the right clock, which is four hours ahead.
    house.wait(9 * 3600)
    assert house.taken == ["x"]
    house.skew = 0
    house.wait(1)
    assert house.taken == ["x", "alarm"]
    house.close()


@pytest.mark.parametrize("behind", [9 * 86400.0, 5 * 3600.0])
def test_count_when_the_clock_is_set(tmp_path: Path, behind: float) -> None:
    """What was sent while the clock was behind counts for the day that it was."""
    house = House(tmp_path, policy=Policy(quotas={"messages": 200}))
    house.skew = -behind
    house.answer(house.say("x"))
    house.skew = 0
    house.answer(house.say("y"))
    house.wait(2)
    house.kill("another boot")
    assert house.engine.sent_today == {"messages": 2}
    house.close()


def test_counts_after_the_disk_failed(tmp_path: Path) -> None:
    """Counts that could not be written are once the disk takes them again."""
    house = House(tmp_path, policy=Policy(quotas={"messages": 200}))
    house.client.has_recall = False
    with Disk(tmp_path, (DiskFault(start=0, end=20, kind="io"),)).used():
        house.answer(house.say("x"))
        house.wait(60)
        house.kill()
    assert house.engine.sent_today == {"messages": 1}
    house.close()


def test_counts_of_what_waited(tmp_path: Path) -> None:
    """What is sent out of the outbox counts after a kill as well."""
    house = House(tmp_path, policy=Policy(quotas={"messages": 200}))
    house.answers[""] = [UNREACHABLE] * 3
    house.probe_answer = UNREACHABLE
    for recipient_id in "abc":
        house.say("x", recipient_id)
    house.wait(60)
    house.probe_answer = None
    house.wait(60)
    assert house.taken == ["x"] * 3
    house.kill()
    assert house.engine.sent_today == {"messages": 3}
    house.close()


def test_rate_on_a_slow_disk(tmp_path: Path) -> None:
    """While counts are not on disk, few requests are made that a kill would forget."""
    rate = Rate(calls=30, seconds=60, scope=Scope.TARGET)
    house = House(tmp_path, policy=Policy(rate))
    house.disk_delay = 5
    for number in range(20):
        house.say(f"{number}")
    house.wait(4)
    assert len(house.requests) == 3
    house.wait(600)
    assert len(house.requests) == 20
    house.close()


@pytest.mark.parametrize(("start", "most"), [(1e9, 30), (0, 5)], ids=["", "broken"])
def test_counts_on_disk(tmp_path: Path, start: float, most: int) -> None:
    """Counts are written now and then; a disk that refuses them holds up no message."""
    house = House(tmp_path, policy=Policy(Rate(calls=1000, seconds=3600)))
    house.client.has_recall = False
    disk = Disk(tmp_path, (DiskFault(start=start, end=2e9, kind="io"),))
    real = OutboxFile.run
    with disk.used(), patch.object(OutboxFile, "run", autospec=True) as run:
        run.side_effect = real
        for number in range(40):
            house.say(f"{number}")
            house.wait(0.3)
    assert len(house.taken) == 40
    assert 0 < run.call_count < most
    house.close()


def test_rate_is_looked_at_again(tmp_path: Path) -> None:
    """Two that wait for the same target do not both go when it is free."""
    policy = Policy(Rate(calls=2, seconds=60, scope=Scope.TARGET))
    house = House(tmp_path, policy=policy)
    for recipient_id in "abc":
        house.say("all", recipient_id)
        house.say("all", recipient_id)
    house.wait(600)
    moments = [moment for moment, _ in house.requests]
    assert len(moments) == 6
    for moment in moments:
        assert sum(moment <= other < moment + 60 for other in moments) <= 2
    house.close()


def test_same_alarm_again_and_again(tmp_path: Path) -> None:
    """A content that a service takes three times an hour is made different in time."""
    content = Rate(calls=3, seconds=3600, scope=Scope.CONTENT)
    house = House(tmp_path, policy=Policy(content, one_at_a_time=True))
    for _ in range(10):
        for recipient_id in "abc":
            house.say("alarm", recipient_id)
        house.wait(120)
    assert len(house.taken) == 30
    assert max(house.taken.count(text) for text in house.taken) <= 3
    # What the service refuses all the same is changed once more.
    repeated = LimitError("too_many_requests", of_content=True)
    house.answers["new"] = [repeated]
    house.say("new")
    house.wait(5)
    assert house.taken[-1].startswith("new (")
    house.close()


def test_same_alarm_after_an_outage(tmp_path: Path) -> None:
    """Contents are made different also where several are noted on disk at a time."""
    content = Rate(calls=1, seconds=3600, scope=Scope.CONTENT)
    house = House(tmp_path, policy=Policy(content))
    house.answers[""] = [UNREACHABLE] * 2
    house.probe_answer = UNREACHABLE
    for recipient_id in "abc":
        house.say("alarm", recipient_id)
    house.wait(20)
    house.probe_answer = None
    house.wait(60)
    assert len(set(house.taken)) == len(house.taken) == 3
    house.close()


# Telling.


def test_real_cause(house: House) -> None:
    """A message that expires is told of with what kept it from being sent."""
    house.answers[""] = [REFUSED] * 10_000
    house.probe_answer = REFUSED
    first, second = house.say("x", life=60), house.say("y", life=60)
    house.wait(90)
    for message in (first, second):
        report = [each for each in house.reports if each.handle == message.handle][-1]
        assert report.error is not None
        assert report.error.problem == "server_error"
    assert house.given_up[-1].count == 2


@pytest.mark.parametrize(
    ("accepted", "refused", "status"),
    [
        ("a", "b", DeliveryStatus.SENT),
        ("", "b", DeliveryStatus.REFUSED),
        # The service does not say.
        ("", "", DeliveryStatus.SENT),
        # It gives no ID.
        ("?", "", DeliveryStatus.SENT),
    ],
)
def test_refused_by_some(
    house: House, accepted: str, refused: str, status: DeliveryStatus
) -> None:
    """A message that no target took is refused, and cannot be recalled."""
    receipt = Receipt(
        accepted=tuple(
            Accepted(target=each, message_id=None if each == "?" else each)
            for each in accepted
        ),
        refused=tuple(Refused(target=each, reason="gone") for each in refused),
    )
    house.answers["x"] = [receipt]
    message = house.say("x")
    assert house.answer(message).receipt == receipt
    assert house.statuses(message) == [status]
    assert (house.engine.last_error is None) == (status is DeliveryStatus.SENT)
    can_recall = accepted == "a"
    assert house.run(house.engine.recall("a", message.handle)) == can_recall
    assert house.recalled == ["a"] * can_recall


def test_last_error(house: House) -> None:
    """The last error is what went wrong, until something is sent."""
    house.answers["x"] = [20.0]
    messages = [house.say(text) for text in ("x", "y")]
    problems = [getattr(house.answer(each).queued, "problem", "") for each in messages]
    assert problems == ["timeout", "waiting_behind"]
    assert getattr(house.engine.last_error, "problem", "") == "timeout"
    house.wait(10)
    assert house.taken == ["x", "y"]
    assert house.engine.last_error is None


def test_observers(house: House) -> None:
    """Observers are told of counts and states, of many messages at once."""
    house.answer(house.say("x"))
    assert (house.counts, house.changes) == (1, 0)
    house.answers[""] = [HANG]
    house.say("y")
    house.wait(16)
    changes = house.changes
    messages = [house.say(f"{number}") for number in range(50)]
    house.answer(messages[-1])
    assert house.counts == 1
    assert 0 < house.changes - changes < 5


@pytest.mark.parametrize(
    ("answer", "proves", "proofs"),
    [(None, True, 1), (None, False, 0), (UNREACHABLE, True, 0)],
)
def test_proof(
    house: House, answer: ClientError | None, proves: bool, proofs: int
) -> None:
    """A check that succeeds shows the account to work, if its probe can."""
    house.probe_answer, house.probe_proves = answer, proves
    house.attach()
    with suppress(ClientError):
        house.run(house.engine.check())
    assert house.proofs == proofs


def test_telling_survives_a_kill(house: House) -> None:
    """What was given up is told of after a kill, until a person has seen it."""
    house.answers[""] = [UNREACHABLE] * 10_000
    house.probe_answer = UNREACHABLE
    house.say("x", life=60)
    house.wait(61)
    assert house.given_up
    house.given_up.clear()
    house.kill()
    assert [(each.count, each.recipient) for each in house.given_up] == [(1, "a")]
    house.call(house.engine.acknowledge, "a")
    house.wait(1)
    house.given_up.clear()
    house.kill()
    assert house.given_up == []


def test_clear_while_it_is_sent(house: House) -> None:
    """What is being sent is not cleared: it is never reported as both."""
    house.answers["x"] = [3.0]
    message, other = house.say("x"), house.say("y")
    house.wait(1)
    assert house.call(house.engine.clear) == {"a": 1}
    house.wait(60)
    assert house.statuses(message) == [DeliveryStatus.SENT]
    assert house.statuses(other) == [DeliveryStatus.CLEARED]
    assert house.taken == ["x"]


def test_clear_while_it_is_noted(house: House) -> None:
    """What is cleared while its attempt is noted on disk is not sent, or not cleared."""
    house.answers["x"] = [REFUSED]
    message = house.say("x")
    house.answer(message)
    house.disk_delay = 1
    house.wait(2.5)
    cleared = house.call(house.engine.clear)
    house.wait(60)
    assert (DeliveryStatus.CLEARED in house.statuses(message)) == bool(cleared)
    assert (house.taken == []) == bool(cleared)


# Recall.


def test_recall_of_what_waits(house: House) -> None:
    """The last one handed over is taken back, never another one in its place."""
    house.answer(house.say("alarm"))
    house.answers[""] = [UNREACHABLE] * 99
    gate = house.say("gate open")
    house.answer(gate)
    assert house.run(house.engine.recall("a"))
    assert house.recalled == []
    house.answers.clear()
    house.wait(60)
    assert house.taken == ["alarm"]
    assert not house.run(house.engine.recall("a"))
    assert house.recalled == []


def test_recall_while_it_is_sent(house: House) -> None:
    """What is being sent is taken back after its answer."""
    house.answers["x"] = [3.0]
    message = house.say("x")
    house.wait(1)
    assert house.run(house.engine.recall("a", message.handle))
    assert house.recalled == ["x"]


def test_sent_while_another_is_recalled(house: House) -> None:
    """What is sent while another one is being recalled can be recalled as well."""
    first = house.say("x")
    house.answer(first)

    async def recall_and_send() -> bool:
        recalling = asyncio.ensure_future(house.engine.recall("a", first.handle))
        await asyncio.sleep(0.05)
        content = Content(message=Message(text="y"))
        await house.engine.answer(house.engine.hand_over("a", content))
        assert await recalling
        return await house.engine.recall("a")

    house.recall_delay = 1
    assert house.run(recall_and_send())
    assert house.recalled == ["x", "y"]


def test_recall_outlives_a_reload(house: House) -> None:
    """What can be taken back is known after a reload."""
    message = house.say("x")
    house.answer(message)
    house.run(house.engine.detach())
    house.attach()
    assert house.run(house.engine.recall("a", message.handle))
    assert house.recalled == ["x"]


@pytest.mark.parametrize("how", ["stop", "kill"])
@pytest.mark.parametrize("skew", [0, -9 * 86400])
def test_recall_of_the_last_after_a_restart(
    house: House, how: str, skew: float
) -> None:
    """The last one handed over is known after a restart, whatever the clock says."""
    # It steps aside.
    house.answers["bad"] = [REFUSED] * 99
    bad = house.say("bad")
    house.wait(1)
    house.answer(house.say("x"))
    house.wait(5)
    house.skew = skew
    again = house.restart if how == "stop" else house.kill
    again()
    assert house.run(house.engine.recall("a"))
    assert not house.run(house.engine.recall("a"))
    assert house.recalled == ["x"]
    assert house.engine.waits("a", bad.handle)
    house.answer(house.say("y"))
    house.wait(2)
    assert house.run(house.engine.recall("a"))
    assert house.recalled == ["x", "y"]
    # What was recalled is not recalled again.
    house.wait(2)
    again()
    assert not house.run(house.engine.recall("a"))


@pytest.mark.parametrize("how", ["restart", "kill"])
def test_last_of_a_service_without_recall(house: House, how: str) -> None:
    """What waits does not become the last one because the last one cannot be recalled."""
    house.client.has_recall = False
    house.answers["bad"] = [REFUSED] * 99
    bad = house.say("bad")
    house.wait(2)
    house.answer(house.say("x"))
    house.wait(2)
    getattr(house, how)()
    assert not house.engine.waits("a", None)
    assert house.engine.waits("a", bad.handle)


@pytest.mark.parametrize("how", ["restart", "kill"])
def test_last_of_two_at_once(house: House, how: str) -> None:
    """An alarm is not taken back because another message was sent right behind it."""
    house.client.has_recall = False
    house.answers["alarm"] = [REFUSED] * 3
    house.say("alarm")
    house.say("gate")
    house.wait(4)
    assert house.taken == ["gate"]
    getattr(house, how)()
    assert not house.engine.waits("a", None)
    house.wait(600)
    assert house.taken == ["gate", "alarm"]


@pytest.mark.parametrize("how", ["unreachable", "starting"])
def test_recall_of_a_part_again(house: House, how: str) -> None:
    """A part that could not be taken back can be later, by the same handle."""
    house.answers["2"] = [UNREACHABLE] * 99
    house.probe_answer = UNREACHABLE
    message = house.say("1\n2")
    house.answer(message)
    with patch.object(house.client, "recall", side_effect=UNREACHABLE):
        if how == "starting":
            house.run(house.engine.detach())
        with pytest.raises(ClientError):
            house.run(house.engine.recall("a", message.handle))
    house.attach()
    assert house.run(house.engine.recall("a", message.handle))
    assert house.recalled == ["1"]
    house.probe_answer = None
    house.answers.clear()
    house.wait(600)
    assert house.taken == ["1"]


def test_recall_of_what_cannot_be_read(house: House, tmp_path: Path) -> None:
    """Whoever takes back what cannot be read hears of that; parts may have been sent."""
    with Disk(tmp_path, (DiskFault(start=20, end=60, kind="io"),)).used():
        house.answers["2"] = [REFUSED] * 50
        house.probe_answer = REFUSED
        house.say("w", "b")
        message = house.say("1\n2")
        house.wait(10)
        house.restart()
        house.run(house.engine.detach())
        house.wait(12)
        with pytest.raises(DeliveryError):
            house.run(house.engine.recall("a", message.handle))
        house.wait(60)
        house.attach()
        assert house.run(house.engine.recall("a", message.handle))
        assert house.recalled == ["1"]


def test_what_was_sent_to_a_removed_recipient(house: House) -> None:
    """Nothing is known on disk of a recipient that was removed."""
    house.answer(house.say("x"))
    house.answer(house.say("y", "b"))
    house.restart()
    house.recipients = ("b",)
    house.attach()
    house.restart()
    house.stop()
    with closing(sqlite3.connect(house.path)) as database:
        keys = {key for (key,) in database.execute("SELECT key FROM facts")}
    assert {key for key in keys if key.startswith("sent:")} == {"sent:b"}


def test_recall_of_a_refused_one_after_a_restart(house: House) -> None:
    """No other one takes the place of the last one if that was refused."""
    house.answer(house.say("x"))
    house.wait(2)
    house.answers["y"] = [ContentError("message_empty")]
    error_of(house, house.say("y"))
    house.wait(2)
    house.kill()
    assert not house.run(house.engine.recall("a"))
    assert house.recalled == []


@pytest.mark.parametrize("how", ["", "stop", "kill"])
def test_last_twenty(house: House, how: str) -> None:
    """The last twenty messages of a recipient can be taken back, after a restart too."""
    messages = [house.say(f"{number}") for number in range(25)]
    if how == "stop":
        house.answer(messages[-1])
        house.restart()
    house.wait(60)
    if how == "kill":
        house.kill()
    assert house.run(house.engine.recall("a", messages[5].handle))
    assert house.recalled == ["5"]


def test_last_hundred(house: House) -> None:
    """No more than a hundred messages of a recipient are remembered."""
    messages = [house.say(f"{number}") for number in range(101)]
    house.wait(30)
    assert not house.run(house.engine.recall("a", messages[0].handle))
    assert house.run(house.engine.recall("a", messages[1].handle))


# Attachments.


def test_picture_that_is_refused(house: House) -> None:
    """A picture that cannot be had costs no alarm, and the text says so."""
    house.upload_answers["p.png"] = [ContentError("attachment_too_large")]
    answer = house.answer(house.say("x", files=[PICTURE]))
    assert answer.left_out == ("p.png",)
    assert house.taken == ["x [without p.png]"]
    assert house.reports[-1].upload_error is not None
    assert house.reports[-1].with_attachments
    house.answer(house.say("y"))
    assert not house.reports[-1].with_attachments


def test_upload_endpoint_that_is_not_there(house: House) -> None:
    """A relay that does not pass on uploads stops no text behind it."""
    house.upload_answers[""] = [NOT_FOUND] * 99
    house.probe_answer = NOT_FOUND
    house.answer(house.say("x", files=[PICTURE]))
    house.answer(house.say("y"))
    assert house.taken == ["x [without p.png]", "y"]


def test_left_out_stays_left_out(house: House) -> None:
    """A picture that was left out does not come back with the late note."""
    house.upload_answers["p.png"] = [ContentError("attachment_too_large")]
    house.answers[""] = [REFUSED] * 6
    house.say("x", files=[PICTURE])
    house.wait(600)
    assert house.taken == ["x [without p.png]"]
    assert len(house.uploads) == 1


@pytest.mark.parametrize("restarts", [False, True])
def test_left_out_of_what_is_on_disk(house: House, restarts: bool) -> None:
    """What is left out of a message that waits on disk is told of at its end."""
    house.answers["w"] = [4.0]
    house.upload_answers["p.png"] = [ContentError("attachment_too_large")] * 9
    house.answers["x [without p.png]"] = [REFUSED] * 4
    house.say("w")
    message = house.say("x", files=[PICTURE])
    house.wait(20)
    if restarts:
        house.restart()
    house.wait(600)
    assert house.taken == ["w", "x [without p.png]"]
    assert len(house.uploads) == 1
    (*_, last) = (each for each in house.reports if each.handle == message.handle)
    assert last.left_out == ("p.png",)


def test_many_that_are_not_kept_behind_another(house: House) -> None:
    """Those that can be told nothing yet keep no worker busy."""
    house.answers["head"] = [BAD_GATEWAY]
    house.say("head")
    house.wait(0.5)
    house.fail_at_once.add("a")
    for number in range(60):
        house.say(f"{number}")
    turns = house.loop.turns
    house.wait(3)
    assert house.loop.turns - turns < 1000


@pytest.mark.parametrize("turns", range(6))
def test_detach_that_is_cancelled(house: House, turns: int) -> None:
    """An account that is attached again after a cancelled detach sends."""
    house.answers["x"] = [30.0]
    house.say("x")
    house.wait(1)

    async def detach() -> None:
        house.engine._engine.connection = None  # noqa: SLF001
        task = asyncio.ensure_future(house.engine.detach())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait((task,))

    house.run(detach())
    house.attach()
    house.say("y")
    house.wait(100)
    assert "y" in house.taken


def test_expired_upload(house: House) -> None:
    """An upload that the service does not know any more is made again."""
    house.answers["x"] = [UploadExpiredError("x")]
    house.answer(house.say("x", files=[PICTURE]))
    assert [body["media"] for body in house.bodies] == [["upload 1"], ["upload 2"]]


def test_uploads_in_an_outage(house: House) -> None:
    """An outage does not cost the picture."""
    house.upload_answers["p.png"] = [UNREACHABLE, UNREACHABLE, UNREACHABLE]
    house.say("x", files=[PICTURE])
    house.wait(60)
    assert house.taken == ["x"]


@pytest.mark.parametrize(
    "error",
    [CredentialsError("x"), LimitError("too_many_requests", retry_after=60)],
    ids=str,
)
def test_upload_after_failures(house: House, error: ClientError) -> None:
    """What refuses everything costs no picture, and is not asked again at once."""
    house.answers["x"] = [REFUSED, REFUSED, UploadExpiredError("x")]
    house.upload_answers["p.png"] = [0, error]
    house.say("x", files=[PICTURE])
    house.wait(30)
    assert len(house.requests) == 3
    house.attach("second")
    house.wait(60)
    assert house.taken == ["x"]


# Bounds.


def test_messages(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more messages wait than there is room for, over reloads."""
    monkeypatch.setattr(capacity, "MAX_MESSAGES", 5)
    house.answers[""] = [UNREACHABLE] * 99
    for _ in range(5):
        house.answer(house.say("x"))
    with pytest.raises(DeliveryError, match="outbox_full"):
        house.say("y")
    house.run(house.engine.detach())
    house.attach()
    with pytest.raises(DeliveryError, match="outbox_full"):
        house.say("y")
    house.restart()
    with pytest.raises(DeliveryError, match="outbox_full"):
        house.say("y")
    house.answers.clear()
    house.wait(60)
    house.answer(house.say("y"))


def test_bytes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Room is counted in bytes, reserved room included."""
    monkeypatch.setattr(capacity, "MAX_BYTES", 3000)
    house.answers[""] = [UNREACHABLE] * 99
    house.answer(house.say("报警" * 100))
    room = house.engine.reserve(1500)
    assert room is not None
    assert house.engine.reserve(1500) is None
    with pytest.raises(DeliveryError, match="outbox_full"):
        house.say("x" * 500)
    room.shrink(100)
    house.say("x" * 500)
    assert house.engine.reserve(801) is None
    rest = house.engine.reserve(800)
    assert rest is not None
    rest.release()
    house.say("x" * 300)
    room.release()
    house.restart()
    with pytest.raises(DeliveryError, match="outbox_full"):
        house.say("x" * 2000)


def test_life(house: House) -> None:
    """A message is kept for a week at most, and for no time if it says so."""
    assert house.say("x", life=1e9).life == MAX_LIFE
    house.fail_at_once.add("b")
    house.answers[""] = [UNREACHABLE] * 9
    assert error_of(house, house.say("x", "c", life=0)).problem


def test_memory(house: House) -> None:
    """What waits on disk is not in memory, but for the first one's text."""
    house.answers[""] = [UNREACHABLE] * 10_000
    house.probe_answer = UNREACHABLE
    messages = [house.say("x" * 1000, files=[PICTURE]) for _ in range(20)]
    house.wait(5)
    assert sum(each.content is not None for each in messages) <= 1
    assert not any(each.holds_files for each in messages)


def test_nothing_runs_idle(house: House) -> None:
    """An engine with nothing to do sets no timers."""
    house.answers["x"] = [REFUSED]
    house.answer(house.say("x"))
    house.wait(60)
    turns = house.loop.turns
    house.wait(86400)
    assert house.loop.turns - turns < 10


def test_clear_while_it_is_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What was interrupted and is cleared while it is read from disk is over."""
    house = House(tmp_path, repetitions=0)
    house.answers["x"] = [REFUSED]
    house.say("x")
    house.wait(1)
    house.stop()
    with closing(sqlite3.connect(house.path)) as database:
        database.execute("UPDATE messages SET state = 'sending'")
        database.commit()
    house.disk_delay = 1
    house.start()
    house.wait(0.5)
    assert house.blocking
    assert house.call(house.engine.clear) == {"a": 1}
    house.wait(60)
    assert len(house.requests) == 1
    assert "Delivering a message failed" not in caplog.text
    house.close()


@pytest.mark.parametrize(
    ("length", "text_format"), [(3000, Format.TEXT), (1, Format.MARKDOWN)]
)
def test_clear_while_it_is_prepared(
    house: House, length: int, text_format: Format
) -> None:
    """What is cleared while a thread makes its requests is not sent."""
    house.disk_delay = 1
    message = house.say("x" * length, text_format=text_format)
    house.wait(0.5)
    assert house.call(house.engine.clear) == {"a": 1}
    house.wait(60)
    assert house.requests == []
    assert house.statuses(message) == [DeliveryStatus.CLEARED]


def test_what_cannot_be_said(house: House) -> None:
    """A message of which no request can be made is refused; the next one is sent."""
    with patch.object(house.client, "prepare", side_effect=ContentError("too_long")):
        assert error_of(house, house.say("x")).problem == "too_long"
    house.answer(house.say("y"))
    assert house.taken == ["y"]


def test_same_after_an_uncertain_request(tmp_path: Path) -> None:
    """What may have been taken is repeated as it was, also after a refusal."""
    content = Rate(calls=1, seconds=3600, scope=Scope.CONTENT)
    house = House(tmp_path, policy=Policy(content))
    house.answer(house.say("alarm"))
    house.answers[""] = [BAD_GATEWAY, REFUSED]
    house.say("alarm")
    house.wait(300)
    assert len(house.taken) == 2
    assert house.bodies[1] == house.bodies[2] == house.bodies[3]
    house.close()


@pytest.mark.parametrize("is_on_disk", [True, False])
def test_repetition_after_a_kill(tmp_path: Path, is_on_disk: bool) -> None:
    """The service drops a repetition for a time that began before the kill."""
    house = House(tmp_path, policy=Policy(dedup_window=1800), repetitions=0)
    if is_on_disk:
        house.answers["w"] = [UNREACHABLE]
        house.probe_answer = UNREACHABLE
        house.answer(house.say("w", "b"))
        house.answer(house.say("x", life=7200))
        house.probe_answer = None
    house.answers["x"] = [HANG, *[BAD_GATEWAY] * 99]
    if not is_on_disk:
        house.say("x", life=7200)
    house.wait(60)
    ((began, _),) = (each for each in house.requests if each[1] == "x")
    house.kill(off=900)
    house.wait(7200)
    assert len(times(house, "x")) > 1
    assert house.requests[-1][0] < began + 1800
    house.close()


def test_same_words_one_after_another(tmp_path: Path) -> None:
    """Of the same words at the same time, the service would drop either."""
    house = House(tmp_path, policy=Policy(dedup_window=1800))
    house.answers["x"] = [5.0]
    house.say("x", "a")
    house.say("x", "b")
    house.say("y", "c")
    house.wait(4)
    assert [text for _, text in house.requests] == ["x", "y"]
    house.wait(4)
    assert house.taken == ["y", "x", "x"]
    house.close()


def test_repetitions_that_are_dropped(tmp_path: Path) -> None:
    """While the service drops repetitions, they do not count as such."""
    house = House(tmp_path, policy=Policy(dedup_window=700), repetitions=1)
    house.answers["x"] = [BAD_GATEWAY] * 4
    house.say("x")
    house.wait(1400)
    assert times(house, "x") == pytest.approx([5, 60, 600, 600], abs=5)
    assert house.taken == ["x"]
    house.close()


def test_pause_while_it_is_noted(house: House) -> None:
    """No request begins after a pause, until a client is attached again."""
    house.answers["x"] = [REFUSED]
    use_disk_again(house, house.say("x"))
    assert len(house.requests) == 1
    house.run(house.engine.pause())
    house.wait(60)
    assert len(house.requests) == 1
    house.attach()
    house.wait(5)
    assert house.taken == ["x"]


def test_pause_while_a_file_is_read(house: House) -> None:
    """No upload begins after a pause, either."""
    house.upload_answers["p.png"] = [UNREACHABLE]
    use_disk_again(house, house.say("x", files=[PICTURE]))
    assert len(house.uploads) == 1
    house.run(house.engine.pause())
    house.wait(60)
    assert len(house.uploads) == 1
    house.attach()
    house.wait(5)
    assert house.taken == ["x"]


@pytest.mark.parametrize(
    "error",
    [UNREACHABLE, LimitError("too_many_requests", retry_after=45)],
    ids=["outage", "cooldown"],
)
def test_cause_of_one_that_expires_behind_another(
    house: House, error: ClientError
) -> None:
    """A message tells what it waited for, also if the one before it is over by then."""
    house.answers[""] = [error] * 99
    house.probe_answer = error
    for text in ("first", "second"):
        house.say(text, life=60)
    house.wait(120)
    assert {each.error.problem for each in house.reports if each.error} == {
        error.problem
    }
    assert [each.count for each in house.given_up] == [1, 2]


def test_place_after_an_outage(house: House) -> None:
    """What stepped aside as the trial of an outage takes its place again after it."""
    house.answers["x"] = [REFUSED, REFUSED]
    house.answers["y"] = [REFUSED]
    house.say("x")
    house.say("z")
    house.say("y", "b")
    house.wait(60)
    assert house.taken == ["y", "x", "z"]


def test_recall_of_a_part_after_a_restart(tmp_path: Path) -> None:
    """Parts that were sent before a restart are taken back with what waits."""
    house = House(tmp_path)
    house.answers["two"] = [REFUSED] * 99
    message = house.say("one\ntwo")
    house.wait(2)
    house.stop()
    house.disk_delay = 1
    house.start()
    assert house.run(house.engine.recall("a", message.handle))
    assert house.recalled == ["one"]
    house.wait(60)
    assert house.taken == ["one"]
    house.close()


@pytest.mark.parametrize("restarts", [False, True])
def test_evidence_of_others(house: House, restarts: bool) -> None:
    """The last repetition goes out when another message shows that the service works."""
    for number in range(3):
        house.answer(house.say(f"{number}", "b"))
    house.taken.clear()
    house.answers["x"] = [BAD_GATEWAY, BAD_GATEWAY, BAD_GATEWAY]
    house.say("x")
    house.wait(1000)
    assert len(times(house, "x")) == 2
    if restarts:
        # What was taken before it is no evidence after it.
        house.restart()
        house.wait(60)
        assert len(times(house, "x")) == 2
    house.say("y", "b")
    house.wait(5)
    assert house.taken == ["y", "x"]


def test_stop_while_it_is_noted(tmp_path: Path) -> None:
    """An attempt that was noted on disk but not made costs no repetition."""
    house = House(tmp_path, repetitions=0)
    house.answers["x"] = [REFUSED]
    message = house.say("x")
    use_disk_again(house, message)
    assert len(house.requests) == 1
    house.run(house.engine.detach())
    assert len(house.requests) == 1
    house.disk_delay = 0.01
    house.kill()
    house.wait(60)
    assert house.taken == ["x"]
    assert house.statuses(message)[-1] is DeliveryStatus.DELIVERED_LATE
    house.close()


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_part_is_not_repeated(tmp_path: Path, how: str) -> None:
    """A part that was sent is not sent again after a restart."""
    house = House(tmp_path, policy=Policy(Rate(calls=2, seconds=60)), repetitions=0)
    house.answers["1"] = [REFUSED]
    house.answer(house.say("1\n2"))
    house.wait(5)
    assert house.taken == ["1"]
    if how == "stop":
        house.restart()
    else:
        house.kill()
    house.wait(100)
    assert house.taken == ["1", "2"]
    house.close()


def test_reload_in_an_outage(house: House) -> None:
    """An outage is probed after a reload as well, with nothing that waits."""
    house.probe_answer = UNREACHABLE
    with pytest.raises(UnreachableError):
        house.run(house.engine.check())
    house.wait(600)
    began = house.loop.time()

    async def reload() -> None:
        connection = house.engine.connection
        assert connection is not None
        await house.engine.detach()
        house.engine.attach(connection)

    house.run(reload())
    assert house.loop.time() - began < 1
    count = len(house.probes)
    house.wait(120)
    assert len(house.probes) > count


def test_not_kept(house: House) -> None:
    """A message that is not to be kept is sent now, or refused with the reason."""
    house.answers["now"] = [UNREACHABLE]
    house.probe_answer = UNREACHABLE
    message = house.say("now", keeps=False)
    assert error_of(house, message).problem == "cannot_connect"
    # In an outage, it does not wait behind those that are kept.
    kept = house.say("kept")
    house.answers["kept"] = [UNREACHABLE]
    house.wait(2)
    began = house.loop.time()
    message = house.say("now", keeps=False)
    assert error_of(house, message).problem == "cannot_connect"
    assert house.loop.time() - began < 1
    assert not kept.state.is_final
    house.probe_answer = None
    house.wait(3600)
    assert house.taken == ["kept"]
    assert house.engine.queued == 0


def test_not_kept_behind_another(house: House) -> None:
    """A message that is not to be kept does not wait for one that is tried again."""
    house.answers["kept"] = [TIMEOUT]
    house.say("kept")
    house.wait(1)
    began = house.loop.time()
    house.answer(house.say("now", keeps=False))
    assert house.loop.time() - began < 1
    assert house.taken == ["now"]
    house.wait(10)
    assert house.taken == ["now", "kept"]


def test_not_kept_behind_a_request(house: House) -> None:
    """A message that is not to be kept is given up soon if a request is in its way."""
    house.answers["kept"] = [HANG]
    kept = house.say("kept")
    house.wait(1)
    began = house.loop.time()
    message = house.say("now", keeps=False)
    assert error_of(house, message).problem == "waiting_behind"
    assert house.loop.time() - began < 4
    assert not kept.state.is_final


def test_not_kept_answered_slowly(house: House) -> None:
    """A request that is under way is given the time that every caller has."""
    house.answers["now"] = [HANG]
    began = house.loop.time()
    message = house.say("now", keeps=False)
    assert error_of(house, message).problem == "timeout"
    assert 14 < house.loop.time() - began < 16


def test_tried_again_while_its_caller_waits(house: House) -> None:
    """A message that is not kept may be tried several times before the error is told."""
    house.fail_at_once.add("a")
    house.retries, house.retry_wait = 2, 12.5
    house.answers["x"] = [REFUSED, REFUSED]
    message = house.say("x")
    house.wait(1)
    # Those behind it do not wait for that.
    house.answer(house.say("y"))
    assert house.answer(message).queued is None
    assert house.taken == ["y", "x"]
    assert times(house, "x") == [12.6, 12.6]
    house.answers["z"] = [REFUSED] * 9
    assert error_of(house, house.say("z")).problem == "server_error"
    assert len(times(house, "z")) == 2
    # A probe that succeeds brings the next try forward.
    house.answers["v"] = [UNREACHABLE]
    house.answer(house.say("v"))
    assert times(house, "v") < [3]
    # It may have arrived.
    house.answers["u"] = [BAD_GATEWAY] * 9
    assert error_of(house, house.say("u")).problem == "server_error"
    assert times(house, "u") == []


def test_tried_again_until_the_end(house: House) -> None:
    """Nobody waits for further tries once Home Assistant is about to stop."""
    house.fail_at_once.add("a")
    house.retries, house.retry_wait = 10, 20.0
    house.answers["x"] = [REFUSED] * 99
    message = house.say("x")
    house.wait(30)
    assert not message.state.is_final
    began = house.loop.time()
    house.run(house.engine.prepare_stop())
    assert error_of(house, message).problem == "server_error"
    assert house.loop.time() - began < 1
    house.start()
    # A message that is wanted now is not tried again.
    house.answers["now"] = [REFUSED] * 2
    assert error_of(house, house.say("now", keeps=False)).problem == "server_error"
    assert times(house, "now") == []
