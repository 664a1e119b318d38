"""What has to hold after every world."""

from typing import Final

from custom_components.wechat_push.clients.rate_policy import EVERYBODY
from custom_components.wechat_push.delivery.reports import DeliveryStatus

from .simulated_service import Request
from .world import Sent, World

_ARRIVED: Final = (DeliveryStatus.SENT, DeliveryStatus.DELIVERED_LATE)
_HOUR: Final = 3600.0
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
    wholes = {each.part["of"] for each in taken}
    if world.disk.has_faults and world.kills + world.bad_stops:
        # What was done could not be noted.
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
    if world.disk.has_faults:
        # An attempt that could not be noted.
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
    if world.disk.has_faults and world.kills + world.bad_stops:
        # What became of it could not be noted.
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
        or world.disk.has_faults
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
    if (
        (world.traits.content_calls and not world.traits.can_vary)
        or (world.traits.rates and len(world.sent) > 15)
        or _is_used_up(world, sent)
    ):
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


def _is_used_up(world: World, sent: Sent) -> bool:
    """Return if the targets of a message got all that they get in an hour."""
    targets = {*world.to[sent.recipient_id]}
    moments = [
        each.at
        for each in world.service.requests
        if EVERYBODY in {*targets, *each.part["to"]}
        or not targets.isdisjoint(each.part["to"])
    ]
    return any(
        rate.seconds >= _HOUR and later - moment < rate.seconds
        for rate in world.traits.rates
        for moment, later in zip(moments, moments[rate.calls - 1 :], strict=False)
    )


def _check_order(world: World, requests: dict[int, list[Request]]) -> None:
    """The order is kept, but for messages that stepped aside or were uncertain."""
    if world.disk.has_faults:
        # What cannot be read cannot be sent first.
        return
    firsts: dict[str, list[tuple[int, float, bool, int]]] = {}
    for sent in world.sent:
        own = requests.get(sent.id, [])
        taken = [each.at for each in own if each.shown and each.part["no"] == 0]
        if not taken:
            continue
        excused = (
            any(each.is_uncertain or each.fault in _STEP_ASIDE for each in own)
            or bool(sent.message.attachments)
            or sent.unsure
            or sent.cut
            # It lets the others go first, too, while it is tried again.
            or (not world.keeps[sent.recipient_id] and any(each.fault for each in own))
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
