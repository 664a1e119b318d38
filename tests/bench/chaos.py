"""Break everything at once, and look what became of the messages.

A real Home Assistant sends them, from calls and scripts that get cancelled, through
services with all kinds of faults; it is killed, or stopped in order, again and again.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
import json
from pathlib import Path
import random
import shutil
from signal import SIGKILL, SIGTERM, Signals
import socket
import sqlite3
from time import perf_counter
from typing import Any, Final

from PIL import Image

from ..test_faults import house
from ..test_faults.process import House, living
from . import fast_house
from .accounts import Account
from .server import NUMBERED
from .services import Services
from .weather import POISON

# Recipients of each of the two accounts that get messages.
_RECIPIENTS: Final = 5
_LIVES: Final = 16
# Of a hundred messages, so many have a file if they can, are said by a script that the next message
# restarts, or by a call that is cancelled.
_WITH_FILE: Final = 10
_BY_SCRIPT: Final = 15
_CANCELLED: Final = 15
# Seconds that what nobody has heard of has to be known for to be on disk.
_KEPT_AFTER: Final = 1.5
# Seconds in the end for what still waits. An hour of the house is three minutes.
_PATIENCE: Final = 400
# The first request and three repetitions; one where the service drops repetitions.
_MOST_COPIES: Final = 4
_SEED: Final = 9

_SCRIPT: Final = {
    "alarm": {
        "mode": "restart",
        "sequence": [
            {
                "action": "notify.send_message",
                "data": {"entity_id": "{{ to }}", "message": "{{ text }}"},
            }
        ],
    }
}


@dataclass(kw_only=True, slots=True)
class Sent:
    """A message that was sent.

    Args:
        entity_id: of the recipient.
        life: number of the process that it was sent to.
        way: how it was sent.
        place: in the order of hand-over, if it came to that. Who is cancelled before has
            said nothing.
        before: seconds before the end of that process, and how that ended.
        answer: what its sender was told.
        promised: it has to arrive, or a person has to be told.
        error: what its sender was told is wrong.

    """

    entity_id: str
    life: int
    way: str = "call"
    place: int | None = None
    before: str = ""
    answer: str | None = None
    promised: bool = False
    error: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Chaos:
    """What became of many messages.

    Args:
        tried: so many were sent.
        promised: so many had to arrive, or somebody to be told.
        arrived: so many different ones did.
        told: a person was told that so many will not.
        lost: were promised and did not arrive, though they were not tried as often as is
            allowed, or nobody was told.
        doubled: arrived more than once.
        too_often: arrived more often than it is allowed.
        stepped_aside: were overtaken after they had failed for themselves.
        out_of_order: were overtaken though they had not.
        untold: texts that no service takes, of which nobody was told.
        pictures: so many arrived that were sent with a picture.
        pictureless: so many of those came without it, and said so.
        errors: what senders were told, and how often.
        faults: what befell the services, and how often.
        ends: how processes ended, and how often.
        notes: all that is known of messages with which something is wrong.
        seconds: it all took.

    """

    tried: int
    promised: int
    arrived: int
    told: int
    lost: Sequence[int]
    doubled: int
    too_often: Sequence[int]
    stepped_aside: int
    out_of_order: Sequence[int]
    untold: int
    pictures: int
    pictureless: int
    errors: Mapping[str, int]
    faults: Mapping[str, int]
    ends: Mapping[str, int]
    notes: Sequence[str]
    seconds: float

    @property
    def good(self) -> bool:
        """Return if all is as it has to be."""
        wrong = self.lost or self.too_often or self.out_of_order or self.untold
        # One whose sender was stopped while it was read may be missing.
        return not wrong and self.pictureless <= self.pictures // 2


@dataclass(kw_only=True, slots=True)
class _Run:
    """A run in progress."""

    folder: Path
    port: int
    recipients: tuple[str, ...]
    receivers: Mapping[str, str]
    outboxes: tuple[Path, ...]
    lots: random.Random = field(default_factory=lambda: random.Random(_SEED))
    sent: list[Sent] = field(default_factory=list)
    poisoned: int = 0
    handed_over: int = 0


async def chaos(
    services: Services, accounts: Sequence[Account], config: Path, messages: int
) -> Chaos:
    """Return what became of messages.

    Args:
        services: the simulators.
        accounts: one of a service that takes what it is sent twice, and one of WeCom.
        config: folder of the configuration that has them.
        messages: so many are sent.

    """
    started = perf_counter()
    run = _prepare(accounts, config)
    ends: Counter[str] = Counter()
    async with services.flapping() as faults:
        for life in range(_LIVES):
            how = SIGTERM if life % 2 else SIGKILL
            ends[how.name] += 1
            share = messages * (life + 1) // _LIVES - len(run.sent)
            async with living(run.folder, run.port, fast_house) as home:
                await _live(run, home, life, share, how)
    async with living(run.folder, run.port, fast_house) as home:
        async with asyncio.timeout(_PATIENCE):
            await _until_empty(home)
        await home.end(SIGTERM)
    tried = {int(n): count for n, count in (await services.tried()).items()}
    shown = {**await services.shown(services.unsteady)}
    shown |= await services.shown(services.deduplicating)
    return _judge(
        run,
        {run.receivers[name]: texts for name, texts in shown.items()},
        tried,
        faults=faults,
        ends=ends,
        seconds=perf_counter() - started,
    )


def _prepare(accounts: Sequence[Account], config: Path) -> _Run:
    """Let a house of its own have the accounts."""
    # Home Assistant does not read files by way of a link.
    folder = config.resolve() / "house"
    storage = folder / ".storage"
    storage.mkdir(parents=True)
    for name in ("config_entries", "device_registry", "entity_registry"):
        shutil.copy2(config / ".storage" / f"core.{name}", storage)
    (folder / house.CONFIGURATION).write_text(json.dumps({"script": _SCRIPT}))
    Image.effect_noise((640, 480), 50).save(folder / "door.jpg")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    recipients = [
        (entity_id, receiver)
        for account in accounts
        for entity_id, receiver in zip(
            account.entity_ids, account.receivers, strict=True
        )
    ]
    return _Run(
        folder=folder,
        port=port,
        recipients=tuple(
            entity_id
            for account in accounts
            for entity_id in account.entity_ids[:_RECIPIENTS]
        ),
        receivers={receiver: entity_id for entity_id, receiver in recipients},
        outboxes=tuple(
            storage / f"wechat_push.outbox.{account.entry.entry_id}.sqlite"
            for account in accounts
        ),
    )


async def _live(run: _Run, home: House, life: int, share: int, how: Signals) -> None:
    """Send messages, and end the process, maybe in the middle."""
    first = len(run.sent)
    for place in range(share):
        if home.is_over:
            break
        _send(run, home, life)
        if place == share // 2 and life % 4 == 1:
            _poison(run, home)
        await asyncio.sleep(run.lots.expovariate(60))
        if how is SIGKILL and run.lots.random() < 1 / max(share, 1):
            break
    if how is SIGTERM:
        # All that was said is handed over.
        home.call(f"life {life}", "homeassistant.save_persistent_states", {})
        done = f"life {life}"
        await home.until(lambda: done in home.answers or done in home.errors)
        await asyncio.sleep(0.5)
    else:
        await asyncio.sleep(run.lots.uniform(0, 2))
    ended = perf_counter()
    await home.end(how)
    for text, moment in home.handed_over:
        if (match := NUMBERED.search(text)) is not None:
            sent = run.sent[int(match[1])]
            sent.place = run.handed_over
            sent.before = f"{ended - moment:.1f} s before {how.name}"
            sent.promised = how is SIGTERM or moment < ended - _KEPT_AFTER
            run.handed_over += 1
    for number, sent in enumerate(run.sent[first:], first):
        mark = f"{number}"
        sent.error = home.errors.get(mark)
        answer = (home.answers.get(mark) or {}).get(sent.entity_id)
        if answer is not None:
            sent.answer = f"{answer['status']} ({answer['reason']})"
            sent.promised = answer["status"] == "sent" or answer["durable"]
        elif sent.error is not None:
            sent.promised = False


def _send(run: _Run, home: House, life: int) -> None:
    """Send the next message, and cancel it or not."""
    number, lots = len(run.sent), run.lots
    entity_id, kind = lots.choice(run.recipients), lots.randrange(100)
    text, mark = f"Message {number}.", f"{number}"
    sent = Sent(entity_id=entity_id, life=life)
    run.sent.append(sent)
    if kind < _BY_SCRIPT:
        sent.way = "script"
        home.call(mark, "script.alarm", {"to": entity_id, "text": text})
        return
    data: dict[str, Any] = {"entity_id": entity_id, "message": text}
    if kind >= 100 - _WITH_FILE and entity_id in run.recipients[_RECIPIENTS:]:
        sent.way = "picture"
        data["image"] = str(run.folder / "door.jpg")
    home.call(mark, "wechat_push.send_message", data)
    if kind < _BY_SCRIPT + _CANCELLED:
        sent.way = "cancelled call"
        delay = lots.uniform(0.02, 0.5)
        asyncio.get_running_loop().call_later(delay, home.cancel, mark)


def _poison(run: _Run, home: House) -> None:
    """Send a text that no service takes, for which nobody will wait long."""
    run.poisoned += 1
    home.call(
        f"poison {run.poisoned}",
        "wechat_push.send_message",
        {
            "entity_id": run.recipients[0],
            "message": POISON,
            "expires_after": {"minutes": 10},
        },
    )


async def _until_empty(home: House) -> None:
    """Wait until nothing waits any more."""
    while not (home.waiting and not any(home.waiting.values())):
        await asyncio.sleep(0.1)


def _told(outboxes: Sequence[Path]) -> int:
    """Return of how many messages a person was told that they will not arrive."""
    told = 0
    for path in outboxes:
        if not path.exists():
            continue
        with closing(sqlite3.connect(path)) as db:
            facts = db.execute("SELECT json FROM facts WHERE key LIKE 'undelivered:%'")
            told += sum(json.loads(fact)["count"] for (fact,) in facts)
    return told


def _judge(
    run: _Run,
    shown: Mapping[str, Sequence[str]],
    tried: Mapping[int, int],
    **known: Any,
) -> Chaos:
    """Return what became of the messages."""
    arrived: dict[str, list[int]] = defaultdict(list)
    pictureless: set[int] = set()
    for entity_id, texts in shown.items():
        for text in texts:
            if (match := NUMBERED.search(text)) is not None:
                arrived[entity_id].append(int(match[1]))
                if not text.endswith(match[0]):
                    pictureless.add(int(match[1]))
    copies = Counter(number for numbers in arrived.values() for number in numbers)
    once = run.recipients[_RECIPIENTS:]
    too_often = [
        number
        for number, count in copies.items()
        if count > (1 if run.sent[number].entity_id in once else _MOST_COPIES)
    ]
    promised = [number for number, sent in enumerate(run.sent) if sent.promised]
    missing = [number for number in promised if number not in copies]
    told = _told(run.outboxes)
    overtaken = {
        number: by
        for numbers in arrived.values()
        for number, by in _overtaken(run, list(dict.fromkeys(numbers))).items()
    }
    out_of_order = sorted(number for number in overtaken if tried.get(number, 0) < 2)
    untold = max(run.poisoned - told, 0)
    # Of what was tried as often as is allowed it is enough that a person was told, but no
    # fault lasts for so long that anything else may be given up.
    spent = [number for number in missing if tried.get(number, 0) >= _MOST_COPIES]
    # The text that nobody takes is told of as well.
    lost = sorted({*missing} - {*spent} | {*spent[max(told - run.poisoned, 0) :]})
    return Chaos(
        tried=len(run.sent),
        promised=len(promised),
        arrived=len(copies),
        told=told,
        lost=lost,
        doubled=sum(count > 1 for count in copies.values()),
        too_often=too_often,
        stepped_aside=len(overtaken) - len(out_of_order),
        out_of_order=out_of_order,
        untold=untold,
        pictures=sum(run.sent[number].way == "picture" for number in copies),
        pictureless=len(pictureless),
        notes=[
            f"{number}: {run.sent[number]}, {tried.get(number, 0)} requests"
            + (f", overtaken by {overtaken[number]}" if number in overtaken else "")
            for number in (*lost, *too_often, *out_of_order)
        ],
        errors=Counter(each.error for each in run.sent if each.error),
        **known,
    )


def _overtaken(run: _Run, arrived: Sequence[int]) -> dict[int, int]:
    """Return the numbers before which one arrived that was handed over later."""
    latest, found = -1, {}
    by = -1
    for number in arrived:
        # What a process said before it was killed may be missing.
        place = run.sent[number].place
        if place is None:
            continue
        if place < latest:
            found[number] = by
        else:
            latest, by = place, number
    return found
