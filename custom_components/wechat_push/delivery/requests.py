"""Requests: how those of a message are made, kept, and made ready to be sent."""

from collections.abc import Iterable
from typing import Any, Final

from ..clients.client import Client
from ..clients.message import Format, Message
from .outbox_message import OutboxMessage, Requests
from .ports import Clock, Recipient
from .rate_limiter import RateLimiter

# Seconds after which a message says when it was meant for.
_LATE: Final = 30.0
# Seconds after which late requests that were not sent are made anew.
_STALE: Final = 600.0
# Longer texts, and those that have to be converted, are prepared in a thread.
_SHORT_TEXT: Final = 2000
# Contents that a service takes for repeated are changed so often at a time.
_MAX_VARIED: Final = 3


def is_late(message: OutboxMessage, now: float) -> bool:
    """Return if a message has to say when it was meant for."""
    return now - message.born > _LATE


def is_short(message: Message) -> bool:
    """Return if the requests of a message are made in no time."""
    return message.format is Format.TEXT and len(message.text) <= _SHORT_TEXT


def usable_requests(message: OutboxMessage, now: float) -> Requests | None:
    """Return the requests of a message, unless they have to be made or made anew."""
    requests = message.requests
    if requests is None or not is_late(message, now):
        return requests
    # What may have been taken stays, and so does what had to be left out.
    is_frozen = requests.done or message.history.uncertain
    if is_frozen or message.left_out:
        return requests
    # They have no note yet, or one of another day by now.
    has_note = is_late(message, requests.made)
    return requests if has_note and now - requests.made < _STALE else None


def finalise(
    client: Client[Any],
    limiter: RateLimiter,
    message: OutboxMessage,
    requests: Requests,
    clock: Clock,
) -> Requests:
    """Return the requests with the next one as it is sent when its turn has come.

    It gets what makes the service drop its repetition, or is changed if the service would
    refuse it as repeated.
    """
    if requests.stamped:
        return requests
    policy, part, now = client.rate_policy, requests.next, clock.now()
    filled = client.fill(part, requests.uploads)
    is_repeated = limiter.is_repeated(policy.content(filled), now)
    if policy.dedup_window:
        key = f"{message.handle}-{requests.done}"
        part = policy.stamp(part, key, said_before=is_repeated)
    elif is_repeated or message.history.varied:
        for number in range(_MAX_VARIED):
            part = policy.vary(filled, clock.time_of_day() + "·" * number) or part
            if not limiter.is_repeated(policy.content(part), now):
                break
    return requests.with_next(part, stamped=True)


def without_attachments(
    client: Client[Any],
    recipient: Recipient,
    message: Message,
    requests: Requests,
    numbers: Iterable[int],
) -> tuple[tuple[str, ...], Requests]:
    """Return the names of attachments, and requests that go without them and say so."""
    part, names = requests.next, []
    for number in numbers:
        name = message.attachments[number].name
        part = client.without(part, number, recipient.upload_note(name))
        names.append(name)
    return tuple(names), requests.with_next(part)
