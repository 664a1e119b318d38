"""The retry policy: what a failure means, as a table."""

from dataclasses import replace
from itertools import pairwise

import pytest

from custom_components.wechat_push.clients.errors import (
    ActionNeededError,
    ClientError,
    ContentError,
    CredentialsError,
    EndpointError,
    LimitError,
    RecipientError,
    TemporaryError,
    UnreachableError,
    UploadExpiredError,
    UploadRefusedError,
)
from custom_components.wechat_push.delivery.outbox_message import History
from custom_components.wechat_push.delivery.retry_policy import (
    Action,
    Decision,
    Evidence,
    Verdict,
    decide,
    due_at,
    is_one_too_many,
)

NOW = 1000.0
NEW = History()
# The message wants an hour.
KEPT = Evidence(keeps=True, expires=NOW + 3600, successes=5, repetitions=3)
AT_ONCE = replace(KEPT, keeps=False)
REFUSED = TemporaryError("server_error", status="503")
TIMEOUT = TemporaryError("timeout", uncertain=True)
BAD_GATEWAY = TemporaryError("server_error", uncertain=True, status="502")
INTERRUPTED = TemporaryError("uncertain", uncertain=True)
UNREACHABLE = UnreachableError("cannot_connect")
BUSY = LimitError("too_many_requests", retry_after=60)
REPEATED = LimitError("too_many_requests", of_content=True)


def failed(
    *errors: ClientError, evidence: Evidence = KEPT, history: History = NEW
) -> Decision:
    """Return what follows from failures one after another, each when it was due."""
    now = NOW
    for err in errors:
        decision = decide(err, history, evidence, now)
        history = decision.history
        # What may have been taken before makes the next one a repetition.
        window = (history.first_at or 0) + evidence.dedup_window
        is_repetition = history.uncertain > 0 and history.due >= window
        evidence = replace(evidence, is_repetition=is_repetition)
        now = history.due
    return decision


@pytest.mark.parametrize(
    ("error", "action", "verdict"),
    [
        (CredentialsError("x"), Action.RETRY, Verdict.CREDENTIALS_REFUSED),
        (ActionNeededError("x"), Action.RETRY, Verdict.OUTAGE),
        (RecipientError("x"), Action.END, Verdict.NOTHING),
        (ContentError("x"), Action.END, Verdict.NOTHING),
        (UploadRefusedError("x"), Action.END, Verdict.NOTHING),
        (UploadExpiredError("x"), Action.END, Verdict.NOTHING),
        (BUSY, Action.RETRY, Verdict.COOLDOWN),
        (REPEATED, Action.RETRY, Verdict.NOTHING),
        (UNREACHABLE, Action.RETRY, Verdict.OUTAGE),
        (REFUSED, Action.RETRY, Verdict.SUSPECT),
        (EndpointError("http_refused"), Action.RETRY, Verdict.SUSPECT),
        (EndpointError("proxy_login"), Action.RETRY, Verdict.OUTAGE),
        (TIMEOUT, Action.RETRY, Verdict.OUTAGE),
        (BAD_GATEWAY, Action.RETRY, Verdict.SUSPECT),
        (ClientError("x"), Action.END, Verdict.NOTHING),
    ],
    ids=str,
)
def test_first_failure(error: ClientError, action: Action, verdict: Verdict) -> None:
    """The first failure of a kept message ends it only if it will never be taken."""
    decision = decide(error, NEW, KEPT, NOW)
    assert (decision.action, decision.verdict) == (action, verdict)
    assert decision.history.error is error


@pytest.mark.parametrize(
    "error",
    [
        CredentialsError("x"),
        ActionNeededError("x"),
        BUSY,
        UNREACHABLE,
        REFUSED,
        TIMEOUT,
    ],
    ids=str,
)
def test_nobody_waits(error: ClientError) -> None:
    """A message that is not kept ends with its first failure."""
    assert decide(error, NEW, AT_ONCE, NOW).action is Action.END


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (REFUSED, Action.RETRY),
        (UNREACHABLE, Action.RETRY),
        (EndpointError("http_refused"), Action.RETRY),
        (EndpointError("proxy_login"), Action.RETRY),
        (BUSY, Action.RETRY),
        # It may have arrived.
        (TIMEOUT, Action.END),
        (BAD_GATEWAY, Action.END),
        (INTERRUPTED, Action.END),
        # Only a person can help, or another message.
        (CredentialsError("x"), Action.END),
        (ActionNeededError("x"), Action.END),
        (RecipientError("x"), Action.END),
        (ContentError("x"), Action.END),
        (REPEATED, Action.END),
    ],
    ids=str,
)
def test_tried_again_while_its_caller_waits(error: ClientError, action: Action) -> None:
    """A message that is not kept is tried again as often as its recipient says."""
    patient = replace(AT_ONCE, retries=2, retry_wait=1.5)
    first = failed(error, evidence=patient)
    assert first.action is action
    assert first.verdict is failed(error).verdict
    if action is Action.RETRY:
        assert first.history.due == NOW + 1.5
        # Those behind it need not wait for that.
        assert first.history.aside
        assert failed(error, error, evidence=patient).action is Action.RETRY
        assert failed(error, error, error, evidence=patient).action is Action.END


def test_not_tried_again() -> None:
    """Once a message may have arrived, or nobody wants it, it is not tried again."""
    patient = replace(AT_ONCE, retries=9, retry_wait=1)
    assert failed(REFUSED, TIMEOUT, evidence=patient).action is Action.END
    soon = replace(patient, expires=NOW + 0.5)
    assert failed(REFUSED, evidence=soon).action is Action.END
    # Kept messages have their own distances.
    kept = replace(patient, keeps=True)
    assert failed(REFUSED, evidence=kept).history.due == NOW + 2


def test_own_failures_at_growing_distances() -> None:
    """A message that fails for itself is retried later and later, and steps aside."""
    moments = [NOW, *(failed(*[REFUSED] * count).history.due for count in range(1, 6))]
    assert [b - a for a, b in pairwise(moments)] == [
        2,
        4,
        8,
        16,
        32,
    ]
    assert not failed(REFUSED).history.aside
    assert failed(REFUSED, REFUSED).history.aside


def test_others_succeed() -> None:
    """A failure that others do not have is the message's own."""
    first = failed(REFUSED)
    others = replace(KEPT, successes=6)
    assert decide(REFUSED, first.history, others, NOW + 2).history.aside
    # Others that succeeded before its first failure say nothing.
    assert not decide(REFUSED, NEW, others, NOW).history.aside


def test_action_needed_by_one_message() -> None:
    """What needs a person may concern one message: others are tried."""
    assert failed(ActionNeededError("x")).verdict is Verdict.OUTAGE
    assert not failed(ActionNeededError("x")).history.aside
    trial = decide(ActionNeededError("x"), NEW, replace(KEPT, is_outage=True), NOW)
    assert trial.history.aside and trial.verdict is Verdict.OUTAGE
    first = failed(ActionNeededError("x"))
    later = decide(
        ActionNeededError("x"), first.history, replace(KEPT, successes=6), NOW + 60
    )
    assert later.history.aside and later.verdict is Verdict.NOTHING


def test_trial_of_an_outage() -> None:
    """The oldest message of an outage is tried three times before the next one.

    Where a probe says that the service works, once.
    """
    trial = replace(KEPT, is_outage=True, probe_works=False)
    assert not failed(REFUSED, REFUSED, evidence=trial).history.aside
    assert failed(REFUSED, REFUSED, REFUSED, evidence=trial).history.aside
    assert failed(REFUSED, evidence=replace(trial, probe_works=True)).history.aside


def test_uncertain_again() -> None:
    """Uncertain twice with no success between, one message is enough for an outage."""
    assert failed(BAD_GATEWAY).verdict is Verdict.SUSPECT
    assert failed(BAD_GATEWAY, BAD_GATEWAY).verdict is Verdict.OUTAGE
    history = failed(BAD_GATEWAY).history
    other = replace(KEPT, successes=KEPT.successes + 1)
    assert decide(BAD_GATEWAY, history, other, NOW + 5).verdict is Verdict.SUSPECT


def test_timeouts_are_not_the_message() -> None:
    """Time-outs do not count as a failure of the message itself."""
    assert failed(TIMEOUT, TIMEOUT).history.failures == 0


def test_uncertain_repetitions() -> None:
    """An uncertain request is repeated three times; the last time late in its life."""
    first = failed(TIMEOUT)
    assert first.history.due == NOW + 5
    # It keeps its place for the first repetition.
    assert not first.history.aside
    second = failed(TIMEOUT, TIMEOUT)
    assert second.history.due == NOW + 5 + 60
    assert second.history.aside
    third = failed(TIMEOUT, TIMEOUT, TIMEOUT)
    assert third.action is Action.RETRY
    assert third.history.due == KEPT.expires - 180
    # Others are taken: then it is not kept for later.
    assert due_at(third.history, 5, 3) == third.history.due
    assert due_at(third.history, 6, 3) == NOW + 5 + 60 + 600
    assert failed(TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT).action is Action.END


@pytest.mark.parametrize(("repetitions", "requests"), [(0, 1), (1, 2), (2, 3), (3, 4)])
def test_number_of_repetitions(repetitions: int, requests: int) -> None:
    """The account's option says how often an uncertain request is repeated."""
    evidence = replace(KEPT, repetitions=repetitions)
    for count in range(1, requests):
        assert failed(*[TIMEOUT] * count, evidence=evidence).action is Action.RETRY
    assert failed(*[TIMEOUT] * requests, evidence=evidence).action is Action.END


def test_certain_failure_spends_no_repetition() -> None:
    """A repetition that was surely not taken may be made again."""
    evidence = replace(KEPT, repetitions=1)
    decision = failed(TIMEOUT, REFUSED, REFUSED, evidence=evidence)
    assert decision.action is Action.RETRY
    assert failed(TIMEOUT, REFUSED, TIMEOUT, evidence=evidence).action is Action.END


def test_dedup_window() -> None:
    """While the service drops repetitions they are free, and not thereafter."""
    evidence = replace(KEPT, repetitions=0, dedup_window=1800, expires=NOW + 7200)
    decision = failed(TIMEOUT, TIMEOUT, TIMEOUT, evidence=evidence)
    assert decision.action is Action.RETRY
    assert decision.history.repetitions == 0
    assert failed(*[TIMEOUT] * 9, evidence=evidence).action is Action.END


def test_one_too_many() -> None:
    """A request that is only made after the window is counted when it is made."""
    history = History(uncertain=1, first_at=NOW)
    late = replace(KEPT, repetitions=0, is_repetition=True)
    assert is_one_too_many(history, late)
    assert not is_one_too_many(history, replace(late, is_repetition=False))
    assert not is_one_too_many(history, replace(late, repetitions=1))
    assert is_one_too_many(
        replace(history, repetitions=1), replace(late, repetitions=1)
    )


def test_repetitions_are_the_probes() -> None:
    """Without a probe, repetitions go on for as long as the message is wanted."""
    evidence = replace(KEPT, probe_works=False)
    decision = failed(*[TIMEOUT] * 7, evidence=evidence)
    assert decision.action is Action.RETRY
    before = failed(*[TIMEOUT] * 6, evidence=evidence).history.due
    assert decision.history.due == before + 600
    # But whoever wants it once or never gets that.
    once = replace(evidence, repetitions=1)
    assert failed(TIMEOUT, TIMEOUT, evidence=once).action is Action.END


def test_interrupted() -> None:
    """A request of which nobody saw the end is uncertain, and tells nothing."""
    decision = failed(INTERRUPTED)
    assert (decision.action, decision.verdict) == (Action.RETRY, Verdict.NOTHING)
    assert decision.history.uncertain == 1
    never = replace(KEPT, repetitions=0)
    assert failed(INTERRUPTED, evidence=never).action is Action.END


def test_last_try_before_the_end() -> None:
    """The last try is made in time, and only one."""
    soon = replace(KEPT, expires=NOW + 3600)
    history = History(failures=9, first_at=NOW, successes=5)
    late = decide(REFUSED, history, soon, NOW + 3500)
    assert late.history.due == NOW + 3570
    # After that it is too late.
    assert decide(REFUSED, late.history, soon, NOW + 3571).action is Action.END


def test_repeated_content() -> None:
    """A content that is refused as repeated is varied three times, then it waits."""
    evidence = replace(KEPT, can_vary=True, expires=NOW + 7200)
    assert failed(REPEATED, evidence=evidence).action is Action.VARY
    assert failed(*[REPEATED] * 3, evidence=evidence).action is Action.VARY
    last = failed(*[REPEATED] * 4, evidence=evidence)
    assert last.action is Action.RETRY and last.history.aside
    assert last.history.due == NOW + 3600
    known = LimitError("too_many_requests", of_content=True, retry_after=60)
    assert failed(known).history.due == NOW + 60


def test_expired_uploads() -> None:
    """Expired uploads are made again twice, then the message goes without."""
    evidence = replace(KEPT, has_uploads=True)
    expired = UploadExpiredError("x")
    assert failed(expired, evidence=evidence).action is Action.UPLOAD_AGAIN
    assert failed(expired, expired, evidence=evidence).action is Action.UPLOAD_AGAIN
    last = failed(expired, expired, expired, evidence=evidence)
    assert last.action is Action.LEAVE_OUT
    # Failures of other kinds do not count for that.
    other = failed(REFUSED, REFUSED, REFUSED, expired, evidence=evidence)
    assert other.action is Action.UPLOAD_AGAIN


def test_probe_after_a_restart() -> None:
    """What was a probe goes on as one until another message was taken."""
    absent, unknown = replace(KEPT, probe_works=False), KEPT
    history = failed(*[TIMEOUT] * 5, evidence=absent).history
    again = decide(TIMEOUT, history, unknown, NOW)
    assert again.action is Action.RETRY
    other = replace(unknown, successes=unknown.successes + 1)
    assert decide(TIMEOUT, history, other, NOW).action is Action.END
    # What was none does not become one, whatever the last failure was.
    history = replace(failed(*[TIMEOUT] * 3).history, error=CredentialsError("x"))
    last = replace(unknown, is_repetition=True)
    assert decide(TIMEOUT, history, last, NOW).action is Action.END
