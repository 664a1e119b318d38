"""What has to hold after every world."""

from collections.abc import Iterator
from typing import Final

from custom_components.wechat_push.clients.rate_policy import EVERYBODY, Scope
from custom_components.wechat_push.delivery.reports import DeliveryStatus

from .simulated_service import Request
from .world import Sent, World

_ARRIVED: Final = (DeliveryStatus.SENT, DeliveryStatus.DELIVERED_LATE)
_HOUR: Final = 3600.0
# Requests that a record counts in advance.
_AHEAD: Final = 10
# Failures that may be those of one message alone.
_STEP_ASIDE: Final = (
    "503",
    "404",
    "login",
    "action",
    "repeated",
    "upload expired",
    "mistake",
)


def check(world: World) -> None:
    """Note what does not hold."""
    requests: dict[int, list[Request]] = {}
    for request in world.service.requests:
        requests.setdefault(request.part["id"], []).append(request)
    for sent in world.sent:
        if sent.born is not None:
            own = requests.get(sent.id, [])
            _check_told(world, sent)
            _check_true(world, sent, own)
            _check_copies(world, sent, own)
            _check_same(world, sent, own)
            _check_arrival(world, sent, own)
    _check_order(world, requests)
    _check_logs(world)
    _check_uploads(world)


def _check_told(world: World, sent: Sent) -> None:
    """Nothing that was promised is lost or untold; all is final in time."""
    if sent.final is None and not sent.unsure:
        world.violate(f"{sent.id}: never told")
    if sent.ended_at is not None and not world.clock_lies:
        assert sent.born is not None
        # Nothing ends while nothing runs.
        off = sum(end - start for start, end in world.off if end > sent.born)
        if sent.ended_at > sent.born + sent.life + off + _HOUR:
            world.violate(f"{sent.id}: ended too late")


def _check_true(world: World, sent: Sent, requests: list[Request]) -> None:
    """What is reported as sent was processed, all of it and out of one piece."""
    if sent.final is None or sent.final.status not in _ARRIVED:
        return
    taken = [each for each in requests if each.taken]
    if not taken:
        world.violate(f"{sent.id}: reported as sent, but never taken")
        return
    has_expired = any(each.fault == "upload expired" for each in requests)
    if not has_expired and not world.service.troubled.issuperset(sent.final.left_out):
        world.violate(f"{sent.id}: went without its picture for no reason")
    wholes = {each.part["of"] for each in taken}
    if _is_unnoted(world, requests):
        return
    if len(wholes) != 1:
        world.violate(f"{sent.id}: parts of different requests")
    elif {each.part["no"] for each in taken} != set(range(taken[0].part["of"])):
        world.violate(f"{sent.id}: reported as sent, but parts are missing")
    shown: dict[int, str] = {}
    for each in taken:
        shown.setdefault(each.part["no"], each.part["text"])
    pieces = [shown[number].partition(" [")[0] for number in sorted(shown)]
    text = "".join(piece.partition(" (")[0] for piece in pieces)
    if sent.message.text.replace("the same", "") not in text:
        world.violate(f"{sent.id}: another text: {text}")
    for each in taken:
        for number, reference in zip(
            each.part["files"], each.part["media"], strict=True
        ):
            content = sent.message.attachments[number].content
            if world.service.uploads[reference][1] != content:
                world.violate(f"{sent.id}: another picture")


def _check_copies(world: World, sent: Sent, requests: list[Request]) -> None:
    """No part is shown more often than the policy allows."""
    shown: dict[int, int] = {}
    for each in requests:
        if each.shown:
            shown[each.part["no"]] = shown.get(each.part["no"], 0) + 1
    most = 1 + world.repetitions
    if world.traits.probe == "absent" or any(
        each.fault == "404" and "probe" in each.kinds for each in world.traits.outages
    ):
        # The repetitions are the probes.
        most += int(sent.life // 600) + 2
    if _is_unnoted(world, requests):
        most += world.kills + world.bad_stops
    # Uploaded again, a request is another one.
    most += sum(each.fault == "upload expired" for each in requests)
    if world.clock_lies and world.traits.dedup_window:
        # What time has passed between two boots is not known.
        return
    for number, count in shown.items():
        if count > most:
            world.violate(f"{sent.id}: part {number} shown {count} times")
    times = [each for each in requests if each.taken]
    for one in times:
        later = [each for each in times if each.key == one.key and each.at > one.at]
        if later and not (one.is_uncertain or world.kills or world.interrupted):
            world.violate(f"{sent.id}: sent again though it was taken")


def _check_same(world: World, sent: Sent, requests: list[Request]) -> None:
    """Repetitions of what may have been taken are the very same."""
    if _is_unnoted(world, requests):
        return
    before: dict[int, Request] = {}
    for each in requests:
        first = before.get(each.part["no"])
        if first is not None and each.part != first.part:
            world.violate(f"{sent.id}: {first.part} repeated as {each.part}")
        if each.fault in ("repeated", "upload expired"):
            before.pop(each.part["no"], None)
        elif each.taken or each.is_uncertain:
            before[each.part["no"]] = each


def _check_arrival(world: World, sent: Sent, requests: list[Request]) -> None:
    """A kept message arrives soon once the service works, if it is still wanted."""
    assert sent.born is not None
    if (
        not world.keeps[sent.recipient_id]
        or sent.excused
        or sent.unsure
        or sent.id in world.service.poison
        or world.repetitions != 3
        or world.clock_lies
        or any(each.is_uncertain and not each.in_outage for each in requests)
        or _is_used_up(world, requests)
    ):
        return
    until = sent.born + sent.life
    if sent.final is not None and sent.final.status in _ARRIVED:
        if any(each.is_uncertain for each in requests):
            # The last repetition waits for others to succeed.
            return
    elif any(each.shown for each in requests):
        # It arrived, though nobody knows.
        return
    if sent.final is not None and sent.final.status in _ARRIVED:
        until = min(each.at for each in requests if each.taken)
    if world.traits.content_calls and not world.traits.can_vary:
        return
    slack = 600.0
    faults = {each.fault for each in world.traits.outages}
    if faults & {"429", "429, for how long"} or world.traits.blips:
        slack = 4500
    elif "action" in faults:
        slack = 2500
    elif world.service.poison:
        # Poison may be what an outage is tried with.
        slack = 1500
    bad = sorted(
        (
            *((each.start, each.end) for each in world.traits.outages),
            *world.away,
            *world.disk.bad,
            *_times_without_room(world, sent),
            (until, until),
        )
    )
    free_since = sent.born
    for start, end in bad:
        if min(start, until) - free_since >= slack:
            reason = sent.final and f"{sent.final.status}: {sent.final.error}"
            world.violate(
                f"{sent.id}: lost or late, with {start - free_since:.0f} s ({reason})"
            )
            return
        free_since = max(free_since, end)


def _times_without_room(world: World, sent: Sent) -> Iterator[tuple[float, float]]:
    """Return the times in which the rates leave no room for a message."""
    known = {target for targets in world.to.values() for target in targets}
    own = (
        known
        if EVERYBODY in world.to[sent.recipient_id]
        else world.to[sent.recipient_id]
    )
    for rate in world.traits.rates:
        for target in {EVERYBODY} if rate.scope is Scope.ACCOUNT else {EVERYBODY, *own}:
            moments = [
                each.at
                for each in world.service.requests
                if each.reached
                and (
                    rate.scope is Scope.ACCOUNT
                    or not {target, EVERYBODY}.isdisjoint(each.part["to"])
                )
            ]
            # Before a kill, so many were recorded in advance, to it and to everybody.
            moments += [off for off, _ in world.off if world.kills] * (2 * _AHEAD)
            moments.sort()
            for first, last in zip(moments, moments[rate.calls - 1 :], strict=False):
                if last < first + rate.seconds:
                    yield last, first + rate.seconds


def _is_used_up(world: World, requests: list[Request]) -> bool:
    """Return if all repetitions were made, with nothing to tell when to make the last.

    No other message was taken that would have shown that the service works, so that the
    last one is made late in the message's life, maybe in another outage.
    """
    tried = [each for each in requests if each.is_uncertain]
    if len(tried) <= world.repetitions:
        return False
    before, last = tried[-2:]
    return not any(
        each.taken and not each.fault and before.at < each.at < last.at
        for each in world.service.requests
    )


def _is_unnoted(world: World, requests: list[Request]) -> bool:
    """Return if a process did not know what an earlier one did, as the disk failed."""
    return bool(world.kills + world.bad_stops) and any(
        start <= each.at < end for each in requests for start, end in world.disk.bad
    )


def _check_order(world: World, requests: dict[int, list[Request]]) -> None:
    """The order is kept, but for messages that stepped aside or were uncertain."""
    firsts: dict[str, list[tuple[int, float, bool, int]]] = {}
    for sent in world.sent:
        own = requests.get(sent.id, [])
        taken = [each.at for each in own if each.shown and each.part["no"] == 0]
        if not taken:
            continue
        excused = (
            any(each.fault in _STEP_ASIDE for each in own)
            # It keeps its place for the first repetition.
            or sum(each.is_uncertain for each in own) > 1
            or bool(sent.message.attachments)
            or sent.unsure
            or sent.cut
            # It lets the others go first, too, while it is tried again.
            or (not world.keeps[sent.recipient_id] and any(each.fault for each in own))
            # What cannot be read cannot be sent first.
            or any(
                start < min(taken) and end > (sent.born or 0)
                for start, end in world.disk.bad
            )
        )
        if world.kills or world.interrupted:
            # The request that was under way may have been taken.
            excused |= any(not each.fault and not each.taken for each in own)
            excused |= len(taken) > 1
        firsts.setdefault(sent.recipient_id, []).append(
            (sent.order, min(taken), excused, sent.id)
        )
    for known in firsts.values():
        known.sort()
        for index, (_, at, excused, number) in enumerate(known):
            if not excused:
                for _, other, _, other_number in known[index + 1 :]:
                    if other < at:
                        world.violate(f"{other_number} was sent before {number}")


def _check_logs(world: World) -> None:
    """Nothing is logged as an error but mistakes made on purpose."""
    for record in world.log.records:
        err = record.exc_info[1] if record.exc_info else None
        if str(err) != "a mistake of ours":
            world.violate(f"logged: {record.getMessage()} {err!r}")


def _check_uploads(world: World) -> None:
    """Nothing is uploaded anew without need."""
    uploaded = world.service.uploaded
    allowed = 1 + world.kills + world.interrupted
    expired = any(each.fault == "upload expired" for each in world.service.requests)
    for name in set(uploaded):
        if uploaded.count(name) > allowed and not expired:
            world.violate(f"{name} uploaded {uploaded.count(name)} times")
