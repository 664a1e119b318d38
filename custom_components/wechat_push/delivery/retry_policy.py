"""Retry policy: what a failure means for a message, as a pure function.

It judges by evidence. A failure that other messages do not have is the message's own; a
request that may have been taken is repeated only so often, and on a service that answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from ..clients.errors import (
    ActionNeededError,
    ClientError,
    ContentError,
    CredentialsError,
    LimitError,
    Problem,
    RecipientError,
    TemporaryError,
    UnreachableError,
    UploadExpiredError,
)
from .errors import DeliveryProblem
from .outbox_message import History

# Seconds before an uncertain request is repeated.
_DISTANCES: Final = (5.0, 60.0, 600.0)
# Seconds before a message that failed for itself is retried: doubled each time.
_FIRST_DELAY: Final = 2.0
_MAX_DELAY: Final = 600.0
# Failures of one message alone before those behind it go first.
_PATIENCE: Final = 2
# The same as the oldest message of an outage, the only one that is tried, unless a probe
# says that the service works.
_PATIENCE_IN_OUTAGE: Final = 3
# A content that is refused as repeated is varied so often before it waits.
_MAX_VARIED: Final = 3
_CONTENT_DELAY: Final = 3600.0
# Uploads that expire between upload and use before the message goes without.
_MAX_UPLOADS: Final = 2
# Seconds before the end of a message's life at which the last repetition is made at the
# latest, evidence or not, and any other try: late is better than never.
_LAST_CALL: Final = 180.0
_LAST_TRY: Final = 30.0


class Action(Enum):
    """What becomes of a message after a failure."""

    RETRY = auto()
    VARY = auto()
    UPLOAD_AGAIN = auto()
    # Send it without its attachments.
    LEAVE_OUT = auto()
    END = auto()


class Verdict(Enum):
    """What a failure tells of the service."""

    NOTHING = auto()
    # It may be the message, it may be the service.
    SUSPECT = auto()
    OUTAGE = auto()
    COOLDOWN = auto()
    CREDENTIALS_REFUSED = auto()


# What an uncertain failure tells of the service, if not what a failure does.
_UNCERTAIN: Final[Mapping[str, Verdict]] = {
    # Nothing came back at all.
    Problem.TIMEOUT: Verdict.OUTAGE,
    Problem.CONNECTION_LOST: Verdict.OUTAGE,
    # Nobody waited for it.
    DeliveryProblem.UNCERTAIN: Verdict.NOTHING,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What is known beside the failure.

    Args:
        keeps: the recipient wants messages late rather than an error.
        retries: how often the message is tried again if it is not kept.
        retry_wait: seconds between two of these tries.
        expires: moment after which nobody wants the message.
        successes: requests of the account that were taken so far.
        is_outage: the message was tried alone, as the oldest of an outage.
        probe_works: the service has a free request that shows whether it works.
        repetitions: how often an uncertain request may be repeated.
        is_repetition: the request may be shown again, as an earlier one may have been
            taken and the service does not drop this one.
        dedup_window: seconds in which the service drops the very same request.
        can_vary: the request can be changed so that it is unlike others.
        has_uploads: the request refers to uploads.

    """

    keeps: bool
    retries: int = 0
    retry_wait: float = 0
    expires: float
    successes: int
    is_outage: bool = False
    probe_works: bool = True
    repetitions: int
    is_repetition: bool = False
    dedup_window: float = 0
    can_vary: bool = False
    has_uploads: bool = False

    @property
    def is_probe(self) -> bool:
        """Return if uncertain requests are the only probe that there is."""
        return self.repetitions > 1 and not self.probe_works


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What follows from a failure.

    Args:
        action: for the message.
        verdict: on the service.
        history: of the message, with the failure.

    """

    action: Action
    verdict: Verdict
    history: History


def decide(
    err: ClientError, history: History, evidence: Evidence, now: float
) -> Decision:
    """Return what follows from a failure.

    Args:
        err: the failure of the request that was just made.
        history: of the message's part before that.
        evidence: what else is known.
        now: the moment of the failure.

    """
    other_succeeded = history.successes is not None and (
        evidence.successes > history.successes
    )
    history = replace(
        history,
        first_at=now if history.first_at is None else history.first_at,
        successes=evidence.successes,
        error=err,
        due=now,
        aside=False,
    )
    action, verdict = Action.RETRY, Verdict.NOTHING
    match err:
        case CredentialsError():
            verdict = Verdict.CREDENTIALS_REFUSED
        case ActionNeededError() if other_succeeded or evidence.is_outage:
            # It may be this message alone that needs the person, so try the next one.
            verdict = Verdict.NOTHING if other_succeeded else Verdict.OUTAGE
            history = _failed(history, evidence, now, steps_aside=True)
        case ActionNeededError():
            verdict = Verdict.OUTAGE
        case RecipientError() | ContentError():
            action = Action.END
        case UploadExpiredError() if evidence.has_uploads:
            is_useless = history.expired >= _MAX_UPLOADS
            action = Action.LEAVE_OUT if is_useless else Action.UPLOAD_AGAIN
            history = replace(history, expired=history.expired + 1)
        case LimitError(of_content=True) if (
            evidence.can_vary and history.varied < _MAX_VARIED
        ):
            action = Action.VARY
            history = replace(history, varied=history.varied + 1)
        case LimitError(of_content=True):
            history = _step_aside(history, now + (err.retry_after or _CONTENT_DELAY))
        case LimitError():
            verdict = Verdict.COOLDOWN
        case UnreachableError():
            verdict = Verdict.OUTAGE
        case TemporaryError(problem=Problem.PROXY_LOGIN):
            # A stranger answers for everybody.
            verdict = Verdict.OUTAGE
        case TemporaryError(uncertain=True):
            verdict = _UNCERTAIN.get(err.problem, Verdict.SUSPECT)
            if verdict is Verdict.SUSPECT and history.uncertain and not other_succeeded:
                # A lone message has no other one to tell: the probe has to.
                verdict = Verdict.OUTAGE
            action, history = _uncertain(history, evidence, now, other_succeeded)
        case TemporaryError():
            verdict = Verdict.SUSPECT
            history = _failed(history, evidence, now, steps_aside=other_succeeded)
        case _:
            action = Action.END
    if action is Action.RETRY and not evidence.keeps:
        action, history = _while_caller_waits(err, history, evidence, now)
    if action is Action.RETRY and history.due > evidence.expires:
        # It would come too late.
        action = Action.END
    return Decision(action=action, verdict=verdict, history=history)


def _while_caller_waits(
    err: ClientError, history: History, evidence: Evidence, now: float
) -> tuple[Action, History]:
    """Return if a message that is not kept is tried again, and when.

    That is surely no repetition, and without a person it may help.
    """
    match err:
        case LimitError(of_content=False) | TemporaryError() if not history.uncertain:
            may_help = history.retried < evidence.retries
        case _:
            may_help = False
    if not may_help:
        return Action.END, history
    history = replace(history, retried=history.retried + 1)
    return Action.RETRY, _step_aside(history, now + evidence.retry_wait)


def _uncertain(
    history: History, evidence: Evidence, now: float, other_succeeded: bool
) -> tuple[Action, History]:
    """Return when a request that may have been taken is repeated, if it is."""
    number, made = history.uncertain, history.repetitions + evidence.is_repetition
    was_probe = history.is_probe and not other_succeeded
    history = replace(
        history,
        uncertain=number + 1,
        repetitions=made,
        is_probe=evidence.is_probe or was_probe,
    )
    due = _in_time(now + _DISTANCES[min(number, len(_DISTANCES) - 1)], evidence, now)
    # It keeps its place for the first repetition.
    history = replace(history, due=due, aside=number > 0)
    assert history.first_at is not None
    is_dropped = due < history.first_at + evidence.dedup_window
    if is_dropped or evidence.is_probe:
        return Action.RETRY, history
    last_call = evidence.expires - _LAST_CALL
    if made >= evidence.repetitions:
        if not was_probe or evidence.repetitions <= 1 or due >= last_call:
            return Action.END, history
        # It was meant as a probe, which a restart has forgotten.
        return Action.RETRY, replace(history, due=last_call)
    if made + 1 == evidence.repetitions > 1:
        # The last one waits for evidence, see `due_at`, or for the last call.
        due = max(now + _DISTANCES[1], last_call)
    return Action.RETRY, replace(history, due=due)


def _failed(
    history: History, evidence: Evidence, now: float, *, steps_aside: bool
) -> History:
    """Return when a message that was not taken is retried, and in which place."""
    failures = history.failures + 1
    history = replace(history, failures=failures)
    delay = min(_FIRST_DELAY * 2 ** min(failures - 1, 20), _MAX_DELAY)
    due = _in_time(now + delay, evidence, now)
    patience = _PATIENCE
    if evidence.is_outage:
        patience = 1 if evidence.probe_works else _PATIENCE_IN_OUTAGE
    if steps_aside or failures >= patience:
        return _step_aside(history, due)
    return replace(history, due=due)


def _in_time(due: float, evidence: Evidence, now: float) -> float:
    """Return a moment that leaves a message a last try before it expires."""
    last = evidence.expires - _LAST_TRY
    return last if now < last < due else due


def _step_aside(history: History, due: float) -> History:
    """Return the history of a message that lets those behind it go first."""
    return replace(history, due=due, aside=True)


def is_one_too_many(history: History, evidence: Evidence) -> bool:
    """Return if a request would be repeated more often than it may be.

    Where repetitions were the probes, one is left for a service that works again.
    """
    is_last = history.repetitions >= evidence.repetitions
    return evidence.is_repetition and is_last and evidence.repetitions <= 1


def due_at(history: History, successes: int, repetitions: int) -> float:
    """Return the moment at which a message is due, as evidence has it by now.

    The last repetition of an uncertain request is due as soon as another message shows
    that the service takes messages, but for its distance.

    Args:
        history: of the message's next part.
        successes: requests of the account that were taken so far.
        repetitions: how often an uncertain request may be repeated.

    """
    if (
        history.uncertain
        and history.repetitions + 1 == repetitions > 1
        and history.first_at is not None
        and successes > (history.successes or 0)
    ):
        return min(history.due, history.first_at + sum(_DISTANCES))
    return history.due
