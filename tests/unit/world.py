"""Worlds: an engine, a service and callers on a virtual clock, out of one seed."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
import errno
from functools import partial
import gc
import logging
import os
from pathlib import Path
import random
import sqlite3
import time
from typing import Any, Final, override
from unittest.mock import patch

from custom_components.wechat_push.clients.china_time import day_of
from custom_components.wechat_push.clients.errors import ClientError
from custom_components.wechat_push.clients.message import (
    Attachment,
    AttachmentKind,
    Message,
    Part,
)
from custom_components.wechat_push.clients.rate_policy import EVERYBODY, Rate, Scope
from custom_components.wechat_push.delivery import outbox_file
from custom_components.wechat_push.delivery.engine import PATIENCE
from custom_components.wechat_push.delivery.errors import DeliveryError
from custom_components.wechat_push.delivery.outbox_message import Answer, Content
from custom_components.wechat_push.delivery.ports import Connection, Override, Ports
from custom_components.wechat_push.delivery.reports import (
    DeliveryStatus,
    Report,
    StorageProblem,
    Undelivered,
)
from custom_components.wechat_push.delivery.service import DeliveryService

from .simulated_service import (
    OUTAGES,
    Killed,
    Outage,
    SimulatedClient,
    SimulatedService,
    Traits,
)
from .virtual_time import StalledError, VirtualLoop

# The wall clock at the start of a world, where it is right.
START: Final = 1_800_000_000.0
_HOUR: Final = 3600.0
_CONNECT: Final = sqlite3.connect
# Statements that write nothing.
_READS: Final = ("SELECT", "PRAGMA", "BEGIN", "COMMIT", "ROLLBACK")
_FINAL: Final = (
    DeliveryStatus.SENT,
    DeliveryStatus.DELIVERED_LATE,
    DeliveryStatus.REFUSED,
    DeliveryStatus.EXPIRED,
    DeliveryStatus.CLEARED,
)
_KINDS: Final = {
    "lost": (
        "lost",
        "not on disk",
        "never told",
        "never taken",
        "parts are missing",
        "never shown",
    ),
    "doubled": ("shown", "sent again"),
    "out of order": ("was sent before",),
}
_FAILED: Final = (DeliveryStatus.REFUSED, DeliveryStatus.EXPIRED)


@dataclass(kw_only=True, slots=True, eq=False)
class Sent:
    """A message that is handed over in a world, and what became of it.

    Args:
        id: its number.
        at: when it is to be handed over.
        recipient_id: to whom.
        message: what is said.
        cancelled_after: seconds after which its caller is cancelled.
        order: number of its hand-over.
        born: when it was handed over.
        life: seconds for which it is wanted.
        handle: of the engine.
        answer: what its caller was told.
        answered_at: when.
        reports: what observers were told, by process.
        ended_at: when it ended.
        cut: its process was killed when it was about to be sent.
        unsure: its process was killed, or had no disk, before it was promised.
        excused: it was cleared, recalled or its recipient removed.
        ended_life: the process in which it ended.

    """

    id: int
    at: float
    recipient_id: str
    message: Message
    cancelled_after: float | None
    order: int = 0
    born: float | None = None
    life: float = 0
    handle: str = ""
    answer: Answer | Exception | None = None
    answered_at: float | None = None
    reports: list[tuple[int, Report]] = field(default_factory=list)
    ended_at: float | None = None
    cut: bool = False
    unsure: bool = False
    excused: bool = False

    @property
    def is_durable(self) -> bool:
        """Return if its caller was told that it is on disk."""
        return isinstance(self.answer, Answer) and self.answer.durable

    @property
    def final(self) -> Report | None:
        """Return the report of its end."""
        for _, report in reversed(self.reports):
            if report.status in _FINAL:
                return report
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class DiskFault:
    """A time in which the disk does not work.

    Args:
        start: of it.
        end: of it.
        kind: "io", "read-only", "full" (of new things) or "no room" (for anything).

    """

    start: float
    end: float
    kind: str


class Disk:
    """The disk of a world, with its faults.

    Args:
        folder: where its files lie.
        faults: in which it does not work.

    """

    def __init__(self, folder: Path, faults: tuple[DiskFault, ...]) -> None:
        self.path = folder / "outbox.sqlite"
        self.connections: list[sqlite3.Connection] = []
        self.has_faults = bool(faults)
        # When it does not work, until the engine has seen that it does again.
        self.bad = [(each.start, each.end + 15) for each in faults]
        self._faults = faults

    @property
    def fault(self) -> str:
        """Return what is wrong with the disk right now."""
        now = asyncio.get_running_loop().time()
        for each in self._faults:
            if each.start <= now < each.end:
                return each.kind
        return ""

    @contextmanager
    def used(self) -> Generator[None]:
        """Have the engine's outbox use this disk."""
        real_open, disk = os.open, self

        class Connected(sqlite3.Connection):
            @override
            def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
                fault, reads = disk.fault, sql.startswith(_READS)
                if fault == "full":
                    # What is written over what is there needs no room.
                    reads |= sql.startswith("UPDATE")
                    reads |= sql.startswith("INSERT INTO facts") and (
                        args[0][0] == "clock"
                    )
                if fault == "io" or (fault and not reads):
                    code = {
                        "io": sqlite3.SQLITE_IOERR,
                        "full": sqlite3.SQLITE_FULL,
                        "no room": sqlite3.SQLITE_FULL,
                        "read-only": sqlite3.SQLITE_READONLY,
                    }[fault]
                    err = sqlite3.OperationalError(f"disk: {fault}")
                    err.sqlite_errorcode = code
                    if self.in_transaction:
                        super().execute("ROLLBACK")
                    raise err
                return super().execute(sql, *args)

        def connect(*args: Any, **kwargs: Any) -> sqlite3.Connection:
            connection = _CONNECT(*args, factory=Connected, **kwargs)
            disk.connections.append(connection)
            return connection

        def open_file(path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
            if disk.fault == "read-only" and str(path).startswith(str(disk.path)):
                raise OSError(errno.EROFS, "read-only")
            return real_open(path, flags, *args, **kwargs)

        with (
            patch.object(outbox_file.sqlite3, "connect", connect),
            patch.object(outbox_file.os, "open", open_file),
        ):
            yield

    def crash(self) -> None:
        """Leave the file as a crash would leave it once it is opened again."""
        for each in self.connections:
            with suppress(sqlite3.Error):
                each.rollback()
                each.close()
        self.connections.clear()

    def read(self) -> tuple[dict[str, str], dict[str, int]]:
        """Return the states of the messages on disk, and how many were told of."""
        if not self.path.exists():
            return {}, {}
        if self.connections:
            # The engine locks the file for itself.
            with suppress(sqlite3.ProgrammingError):
                return self._read(self.connections[-1])
        with closing(_CONNECT(self.path)) as db:
            return self._read(db)

    def _read(self, db: sqlite3.Connection) -> tuple[dict[str, str], dict[str, int]]:
        execute = partial(sqlite3.Connection.execute, db)
        if not execute("SELECT 1 FROM sqlite_schema").fetchone():
            return {}, {}
        rows = dict(execute("SELECT handle, state FROM messages"))
        told = dict(
            execute(
                "SELECT key, json_extract(json, '$.count') FROM facts"
                " WHERE key LIKE 'undelivered:%'"
            )
        )
        return rows, {key.partition(":")[2]: count for key, count in told.items()}


def retries(recipient_id: str) -> tuple[int, float]:
    """Return how often, and how far apart, a message that is not kept is tried again."""
    number = int(recipient_id[1:])
    return number % 4, number * 2.5


class SimulatedRecipient:
    """A recipient of a world."""

    def __init__(
        self, recipient_id: str, *, keeps: bool, to: tuple[str, ...], client: Any
    ) -> None:
        self.id = self.name = recipient_id
        self.keeps = keeps
        self.retries, self.retry_wait = retries(recipient_id)
        self.to = to
        self._client: SimulatedClient = client

    def prepare(
        self, message: Message, override: Override | None, meant_for: float | None
    ) -> tuple[Part, ...]:
        """Return the requests that say a message."""
        if meant_for is not None:
            note = f"<{time.strftime('%H:%M', time.gmtime(meant_for))}>"
            message = self._client.delayed(message, self.to, note)
        return self._client.prepare(message, self.to)

    def renew_links(self, message: Message) -> tuple[int, ...]:
        """Return that no link is dead."""
        return ()

    def revive_link(self, attachment: Attachment) -> None:
        """Serve no link."""

    def upload_note(self, name: str) -> str:
        """Return the text in place of an attachment."""
        return f"without {name}"


class _Log(logging.Handler):
    """Keeps what is logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        self.records.append(record)


class Process:
    """One run of Home Assistant: clock, threads, observers and the engine.

    Args:
        world: that it runs in.
        number: of the process.
        boot: number of the system's boot.
        boot_at: when that was.

    """

    def __init__(self, world: World, number: int, boot: int, boot_at: float) -> None:
        self.is_alive = True
        self.number = number
        self.boot_id = f"boot {boot}"
        self.stopping_at: float | None = None
        self.undelivered_reports: dict[str, Undelivered] = {}
        self.storage_problem: StorageProblem | None = None
        self.tasks: list[asyncio.Task[None]] = []
        self.random = random.Random(world.random.random())
        self._world = world
        self._boot_at = boot_at
        self._disk_busy = False
        ports = Ports(
            clock=self,
            run_blocking=self.run_blocking,
            start_task=self.start_task,
            observer=self,
            random=self.random,
        )
        self.engine = DeliveryService(world.disk.path, ports)

    # The clock.

    def now(self) -> float:
        """Return the seconds since the boot."""
        return self._world.loop.time() - self._boot_at + 100

    def wall(self) -> float:
        """Return the time by the wall clock."""
        return START + self._world.loop.time() + self._world.skew

    def time_of_day(self) -> str:
        """Return the time of day."""
        return time.strftime("%H:%M:%S", time.gmtime(self.wall()))

    def watch(self, stepped: Callable[[], None]) -> Callable[[], None]:
        """Call a function when the wall clock is set."""
        self.stepped = stepped
        return lambda: None

    # Threads and tasks.

    def run_blocking(self, function: Callable[[], Any]) -> Awaitable[Any]:
        """Run a function later, whatever becomes of the caller."""
        done = self._world.loop.create_future()
        if not self.is_alive:
            return done
        owner = getattr(getattr(function, "func", function), "__self__", None)
        is_disk = type(owner).__module__ == outbox_file.__name__
        if is_disk:
            if self._disk_busy:
                self._world.violate("two tasks use the disk at once")
            self._disk_busy = True

        def run() -> None:
            if not self.is_alive:
                return
            if is_disk and self._world.service.kill == "before disk":
                raise Killed
            try:
                result = function()
            except Exception as err:  # noqa: BLE001
                if not done.done():
                    done.set_exception(err)
            else:
                if not done.done():
                    done.set_result(result)
            if is_disk:
                self._disk_busy = False
                if self._world.service.kill == "after disk":
                    raise Killed

        self._world.loop.call_later(self.random.uniform(0.001, 0.03), run)
        return done

    def start_task(
        self, coroutine: Coroutine[Any, Any, None], name: str
    ) -> asyncio.Task[None]:
        """Start a task."""
        task = self._world.loop.create_task(coroutine, name=name)
        self.tasks = [each for each in self.tasks if not each.done()]
        self.tasks.append(task)
        return task

    # The observer.

    def report(self, recipient_id: str, report: Report) -> None:
        """Note a report."""
        if self.is_alive:
            self._world.note_report(self, recipient_id, report)

    def undelivered(self, recipient_id: str, undelivered: Undelivered) -> None:
        """Note messages that were given up."""
        self.undelivered_reports[recipient_id] = undelivered

    def changed(self) -> None:
        """Do nothing."""

    def counted(self) -> None:
        """Do nothing."""

    def storage(self, problem: StorageProblem | None) -> None:
        """Note a problem of the disk."""
        self.storage_problem = problem

    def proved(self) -> None:
        """Do nothing."""

    def credentials_needed(self) -> None:
        """Do nothing."""

    def reachable(self) -> None:
        """Do nothing."""


class World:
    """A world.

    Args:
        seed: of everything that happens in it.
        folder: for the files of the engine.

    """

    def __init__(self, seed: int, folder: Path) -> None:
        self.seed = seed
        self.random = random.Random(seed)
        self.violations: list[str] = []
        self.kills = 0
        # Requests that were cut off by a stop or a reload.
        self.interrupted = 0
        self.skew = 0.0
        # Orderly ends at which the disk could not be written.
        self.bad_stops = 0
        # Clocks that jump ahead make messages older than they are.
        self.clock_lies = False
        self.now = 0.0
        # When nothing could be sent, for whatever reason.
        self.away: list[tuple[float, float]] = []
        # When nothing ran.
        self.off: list[tuple[float, float]] = []
        self.removed: set[str] = set()
        self.log = _Log()
        pick = self.random
        self.horizon = pick.choice((60.0, 600.0, 2 * _HOUR, 6 * _HOUR))
        self.repetitions = pick.choice((3, 3, 3, 3, 3, 1, 0))
        self.life = pick.choice((600.0, _HOUR, 4 * _HOUR))
        self.keeps = {f"r{number}": pick.random() < 0.75 for number in range(10)}
        self.to = {each: self._pick_target(each) for each in self.keeps}
        self.traits = self._pick_traits()
        self.sent = [
            self._pick_message(number) for number in range(pick.randint(1, 40))
        ]
        self.sent.sort(key=lambda each: each.at)
        self.by_handle: dict[str, Sent] = {}
        self.disk = Disk(folder, self._pick_disk_faults())
        poisons = {}
        for each in self.sent:
            if pick.random() < 0.05:
                poisons[each.id] = pick.choice(
                    (
                        "503",
                        "502",
                        "502, taken",
                        "hang",
                        "hang, taken",
                        "404",
                        "content",
                        "recipient",
                        "mistake",
                    )
                )
        uploads = {
            attachment.name: pick.choice(("404", "refused", "503"))
            for each in self.sent
            for attachment in each.message.attachments
            if pick.random() < 0.2
        }
        self.service = SimulatedService(
            traits=self.traits,
            random=random.Random(pick.random()),
            poison=poisons,
            poisoned_uploads=uploads,
        )
        self.loop = VirtualLoop()
        self.orders = 0

    @property
    def kinds(self) -> list[str]:
        """Return of which kind what does not hold is."""
        kinds = []
        for each in self.violations:
            kind = [
                kind for kind, signs in _KINDS.items() if any(s in each for s in signs)
            ]
            kinds.append(kind[0] if kind else "other")
        return kinds

    def violate(self, what: str) -> None:
        """Note that an invariant does not hold."""
        self.violations.append(what)

    # What a world is like.

    def _pick_target(self, recipient_id: str) -> tuple[str, ...]:
        if self.random.random() < 0.1:
            return (EVERYBODY,)
        if self.random.random() < 0.2:
            return (f"user {recipient_id}", "user shared")
        return (f"user {recipient_id}",)

    def _pick_traits(self) -> Traits:
        pick = self.random
        rates: tuple[Rate, ...] = ()
        if pick.random() < 0.5:
            rates = pick.choice(
                (
                    (Rate(calls=2, seconds=10),),
                    (Rate(calls=5, seconds=60),),
                    (
                        Rate(calls=5, seconds=60, scope=Scope.TARGET),
                        Rate(calls=30, seconds=3600, scope=Scope.TARGET),
                    ),
                    (
                        Rate(calls=3, seconds=60, scope=Scope.TARGET),
                        Rate(calls=20, seconds=60),
                    ),
                )
            )
        dedup = pick.random() < 0.3
        content = not dedup and pick.random() < 0.2
        outages = []
        for _ in range(pick.choice((0, 0, 1, 1, 2, 3))):
            start = pick.uniform(0, self.horizon)
            length = pick.choice((3.0, 30.0, 300.0, _HOUR))
            kinds = pick.choice(
                (("send", "probe", "upload"), ("send", "probe", "upload"), ("send",))
            )
            outages.append(
                Outage(
                    start=start,
                    end=start + pick.uniform(0.3, 1) * length,
                    fault=pick.choice(OUTAGES),
                    kinds=frozenset(kinds),
                )
            )
        return Traits(
            rates=rates,
            one_at_a_time=pick.random() < 0.2,
            dedup_window=1800 if dedup else 0,
            dedup_by_words=pick.random() < 0.5,
            quota=pick.choice((None, None, None, 1_000_000)),
            content_calls=2 if content else 0,
            content_window=_HOUR if content else 0,
            can_vary=pick.random() < 0.7,
            probe="absent" if pick.random() < 0.15 else "good",
            blips=pick.choice((0, 0, 0, 0.05, 0.2)),
            upload_life=pick.choice((1e9, 1e9, 60.0)),
            outages=tuple(outages),
        )

    def _pick_message(self, number: int) -> Sent:
        pick = self.random
        recipient_id = pick.choice(tuple(self.keeps)[: pick.choice((1, 3, 10))])
        text = f"{number} " + "x" * pick.choice((3, 3, 3, 50, 100))
        if pick.random() < 0.2:
            text = "the same"
        attachments: tuple[Attachment, ...] = ()
        if pick.random() < 0.15:
            attachments = tuple(
                Attachment(
                    kind=AttachmentKind.IMAGE,
                    name=f"{number}-{each}.png",
                    content_type="image/png",
                    content=f"{number}-{each}".encode() * 10,
                )
                for each in range(pick.randint(1, 2))
            )
        at = pick.uniform(0, self.horizon)
        if pick.random() < 0.5:
            # A burst.
            at = self.horizon / 3 + pick.uniform(0, 3)
        return Sent(
            id=number,
            at=at,
            recipient_id=recipient_id,
            cancelled_after=pick.uniform(0, 20) if pick.random() < 0.3 else None,
            message=Message(
                text=text,
                options={"id": number, "recipient": recipient_id},
                attachments=attachments,
                expires_after=(
                    pick.choice((60.0, 900.0, _HOUR, 2 * _HOUR))
                    if pick.random() < 0.3
                    else None
                ),
            ),
        )

    def _pick_disk_faults(self) -> tuple[DiskFault, ...]:
        if self.random.random() < 0.8:
            return ()
        start = self.random.uniform(0, self.horizon)
        length = self.random.choice((5, 60, 600))
        kind = self.random.choice(("io", "full", "no room", "read-only"))
        return (DiskFault(start=start, end=start + length, kind=kind),)

    # What happens.

    def run(self) -> None:
        """Let it all happen."""
        logger = logging.getLogger(outbox_file.__name__.rpartition(".")[0])
        logger.addHandler(self.log)
        was_propagated, logger.propagate = logger.propagate, False
        try:
            with self.disk.used():
                self._run()
        finally:
            logger.removeHandler(self.log)
            logger.propagate = was_propagated
        self.violations += self.service.violations

    def _run(self) -> None:
        """Run one process after another."""
        ends = sorted(
            self.random.uniform(0, self.horizon * 1.2)
            for _ in range(self.random.choice((0, 1, 1, 2, 3)))
        )
        boot, boot_at = 0, 0.0
        for number, end in enumerate((*ends, None)):
            process = Process(self, number, boot, boot_at)
            self.process = process
            ended = self._run_process(process, end)
            if not ended:
                return
            gap = self.random.choice((15.0, 60.0, 900.0))
            self.away.append((self.now, self.now + gap))
            self.off.append((self.now, self.now + gap))
            self.now += gap
            if self.random.random() < 0.4:
                boot, boot_at = boot + 1, self.now
                lie = self.random.choice((0, 0, -9 * 86400.0, 2 * _HOUR))
                if lie > 0:
                    self.service.checks_limits = False
                    self.service.alone_until = 0
                if lie:
                    self.skew += lie
                    self.clock_lies = True
            self.loop = VirtualLoop(self.now)
            if self.service.alone_until < self.now + 60 or self.bad_stops:
                # A short cooldown is not kept over restarts, nor without a disk.
                self.service.alone_until = 0

    def _run_process(self, process: Process, end: float | None) -> bool:
        """Run one process to its end; return if there can be another."""
        loop = self.loop
        problems: list[dict[str, Any]] = []
        loop.set_exception_handler(lambda _, context: problems.append(context))
        loop.limit = self.now + 40 * _HOUR
        how = self.random.choice(("kill", "kill", "stop"))
        asyncio.set_event_loop(loop)
        good = True
        main = loop.create_task(self._live(process, end if how == "stop" else None))
        if end is not None and how == "kill":
            where = self.random.choice(
                ("now", "now", "before disk", "after disk", "processed")
            )
            burst = self.horizon / 3 + self.random.uniform(0, 3)
            if self.random.random() < 0.5 and self.now < burst:
                end = burst
            loop.call_at(max(end, self.now + 0.001), self._kill, where)
        try:
            loop.run_until_complete(main)
        except Killed:
            self.kills += 1
            self._after_kill(process)
            problems.clear()
        except StalledError as err:
            waiting = [each.id for each in self.sent if self._is_pending(each)]
            self.violate(f"stalled: {err}; waiting: {waiting}")
            self._after_kill(process)
            problems.clear()
            good = False
        else:
            good = end is not None
            tasks = [each for each in asyncio.all_tasks(loop) if not each.done()]
            if tasks:
                self.violate(f"tasks left: {[each.get_name() for each in tasks]}")
            del tasks
            del main
            process.tasks.clear()
            gc.collect(0)
        self.now = loop.now
        with suppress(Killed):
            loop.close()
        self.problems_of(problems)
        self.disk.crash()
        return good

    def problems_of(self, problems: list[dict[str, Any]]) -> None:
        """Note exceptions that nobody has retrieved."""
        for context in problems:
            self.violate(f"{context.get('message')}: {context.get('exception')!r}")

    def _kill(self, where: str) -> None:
        if where == "now":
            raise Killed
        self.service.kill = where

    def _after_kill(self, process: Process) -> None:
        """Cut off a process that was killed, and see what it has left."""
        process.is_alive = False
        self.service.kill = None
        self.service.forget_open()
        self.service.slack += 3
        if self.disk.has_faults:
            self.service.checks_limits = False
        self.disk.crash()
        loop = self.loop
        loop.limit = float("inf")
        for _ in range(20):
            tasks = [each for each in asyncio.all_tasks(loop) if not each.done()]
            if not tasks:
                break
            for task in tasks:
                task.cancel()
            with suppress(Killed, StalledError, asyncio.CancelledError):
                loop.run_until_complete(asyncio.wait(tasks, timeout=1))
        rows, told = self.disk.read()
        lost: dict[str, int] = {}
        for each in self.sent:
            if each.born is None:
                continue
            if each.handle in rows:
                # It cannot know whether the request was made.
                each.cut |= rows[each.handle] == "sending"
                continue
            final = each.final
            if final is None:
                if each.is_durable:
                    self.violate(f"{each.id}: promised, and not on disk after a kill")
                each.unsure = True
            elif final.status in _FAILED and each.is_durable and not each.excused:
                lost[each.recipient_id] = lost.get(each.recipient_id, 0) + 1
        for recipient_id, count in lost.items():
            if told.get(recipient_id, 0) < count and recipient_id not in self.removed:
                self.violate(
                    f"{recipient_id}: {count} given up, {told.get(recipient_id, 0)} told"
                )

    def _is_pending(self, each: Sent) -> bool:
        return each.born is not None and each.final is None and not each.unsure

    async def _live(self, process: Process, end: float | None) -> None:
        """Do what happens in one process until it is stopped, or all is over."""
        engine, loop, pick = process.engine, self.loop, self.random
        self.done = asyncio.Event()
        self.calls: set[asyncio.Task[None]] = set()
        await engine.open()
        self.attach(process)
        for each in self.sent:
            if each.at >= self.now and (end is None or each.at < end):
                loop.call_at(each.at, self._call, process, each)
        last = self.sent[-1].at
        until = min(end or self.horizon * 1.2, self.horizon * 1.2)
        for _ in range(pick.choice((0, 0, 1, 2, 4))):
            if until > self.now:
                what = pick.choice(
                    (self._reload, self._reload, self._clear, self._recall, self._step)
                )
                loop.call_at(pick.uniform(self.now, until), self._do, what, process)
        if pick.random() < 0.15 and until > self.now:
            at = pick.uniform(self.now, until)
            loop.call_at(at, self._revoke)
            loop.call_at(
                at + pick.choice((5, 300, 3000)), self._do, self._renew, process
            )
        if end is not None:
            await asyncio.sleep(max(end - loop.time(), 0.01))
            await self._stop(process)
            return
        while loop.time() < last or any(self._is_pending(each) for each in self.sent):
            self.done.clear()
            if loop.time() < last:
                await asyncio.sleep(last - loop.time() + 0.001)
            else:
                await self.done.wait()
        while self.calls:
            await asyncio.wait(self.calls)
        await self._stop(process)

    async def _stop(self, process: Process) -> None:
        """End a process in order, with messages that come late."""
        engine, pick, loop = process.engine, self.random, self.loop
        while self.busy:
            await asyncio.sleep(1)
        process.stopping_at = loop.time()
        self.interrupted += 1
        await engine.prepare_stop()
        late = [
            each for each in self.sent if each.born is None and each.at > loop.time()
        ]
        if late and pick.random() < 0.5:
            self._call(process, late[0])
        await asyncio.sleep(pick.choice((0, 1, 20)))
        await engine.stop()
        if len(late) > 1 and pick.random() < 0.5:
            self._call(process, late[1])
        await asyncio.sleep(pick.choice((0, 1, 5)))
        await engine.close()
        if self.calls:
            await asyncio.wait(self.calls)
        if self.disk.fault or process.storage_problem:
            self.bad_stops += 1
            self.service.checks_limits = False
        self.check_kept(process, "stopped")
        self._check_count(process)
        process.is_alive = False

    def check_kept(self, process: Process, when: str) -> None:
        """Check that everything that waits is on disk."""
        rows, _ = self.disk.read()
        for each in self.sent:
            if self._is_pending(each) and each.handle not in rows:
                if self.disk.fault or process.storage_problem:
                    each.unsure |= when == "stopped"
                else:
                    self.violate(f"{each.id}: not on disk when {when}")

    def _check_count(self, process: Process) -> None:
        """Check that as many requests were charged as the service has seen."""
        seen = sum(each.reached for each in self.service.requests)
        # A step by some seconds may be one over midnight.
        days = {day_of(START - 70), day_of(START + self.loop.time() + 70)}
        if self.traits.quota is not None and len(days) == 1 and not self.clock_lies:
            charged = process.engine.sent_today.get("messages", 0)
            least = 0 if self.kills or self.disk.has_faults else seen
            # What was cut off may have reached it.
            if not least <= charged <= len(self.service.requests):
                self.violate(f"{charged} requests charged, {seen} seen")

    busy = False

    def _do(self, what: Callable[[Process], Awaitable[None]], process: Process) -> None:
        """Do something that a person does, unless another thing is under way."""
        if not self.busy and process.stopping_at is None:
            task = self.loop.create_task(self._guard(what(process)))
            self.calls.add(task)
            task.add_done_callback(self.calls.discard)

    async def _guard(self, what: Awaitable[None]) -> None:
        self.busy = True
        try:
            await what
        finally:
            self.busy = False

    def attach(self, process: Process) -> None:
        """Attach the engine to a client."""
        service, credentials = self.service, self.service.credentials
        if process.number and self.random.random() < 0.05:
            self.removed.add(self.random.choice(tuple(self.keeps)))
        client = SimulatedClient(service, credentials, self.random.choice((40, 40, 25)))

        async def probe() -> None:
            await service.probe(credentials)

        process.engine.attach(
            Connection(
                client=client,
                probe=probe,
                recipients={
                    each: SimulatedRecipient(
                        each, keeps=keeps, to=self.to[each], client=client
                    )
                    for each, keeps in self.keeps.items()
                    if each not in self.removed
                },
                credentials=credentials,
                life=self.life,
                repetitions=self.repetitions,
                probe_proves=True,
            )
        )
        for each in self.sent:
            if each.recipient_id in self.removed:
                each.excused = True

    def _call(self, process: Process, sent: Sent) -> None:
        if process.is_alive and sent.born is None:
            task = self.loop.create_task(self._send(process, sent))
            self.calls.add(task)
            task.add_done_callback(self.calls.discard)
            if sent.cancelled_after is not None:
                self.loop.call_later(sent.cancelled_after, task.cancel)

    async def _send(self, process: Process, sent: Sent) -> None:
        """Be a caller."""
        sent.born = self.loop.time()
        sent.life = sent.message.expires_after or self.life
        sent.order = self.orders = self.orders + 1
        try:
            message = process.engine.hand_over(
                sent.recipient_id, Content(message=sent.message)
            )
        except DeliveryError as err:
            sent.answer, sent.answered_at, sent.unsure = err, sent.born, True
            return
        sent.handle = message.handle
        self.by_handle[message.handle] = sent
        sent.life = message.life
        try:
            sent.answer = await process.engine.answer(message)
        except ClientError as err:
            sent.answer = err
        except asyncio.CancelledError:
            sent.cancelled_after = self.loop.time() - sent.born
            return
        sent.answered_at = self.loop.time()
        patience = PATIENCE
        if not self.keeps[sent.recipient_id]:
            number, wait = retries(sent.recipient_id)
            patience += number * wait
        until = sent.born + patience
        if process.stopping_at is not None:
            until = min(until, max(sent.born, process.stopping_at) + 1)
        if self.loop.time() > until + 1:
            waited = self.loop.time() - sent.born
            self.violate(f"{sent.id}: answered after {waited:.1f} s")

    def note_report(self, process: Process, recipient_id: str, report: Report) -> None:
        """Note what observers are told."""
        if (sent := self.by_handle.get(report.handle)) is None:
            # It is reported before its caller has got the handle.
            return
        before = [each for number, each in sent.reports if number == process.number]
        if any(each.status in _FINAL for each in before):
            self.violate(f"{sent.id}: {report.status} after its end")
        if sent.recipient_id != recipient_id:
            self.violate(f"{sent.id}: reported for {recipient_id}")
        sent.reports.append((process.number, report))
        if report.status in _FINAL:
            sent.ended_at = self.loop.time()
            self.done.set()

    async def _reload(self, process: Process) -> None:
        """Detach the client, and attach another one."""
        start = self.loop.time()
        self.interrupted += 1
        await process.engine.detach()
        self.check_kept(process, "detached")
        seen = len(self.service.requests)
        await asyncio.sleep(self.random.choice((0, 0.1, 3, 30)))
        if len(self.service.requests) > seen:
            self.violate("a request of a detached account")
        self.attach(process)
        self.away.append((start, self.loop.time()))

    async def _clear(self, process: Process) -> None:
        for each in self.sent:
            if each.born is not None and each.final is None:
                each.excused = True
        process.engine.clear()

    async def _recall(self, process: Process) -> None:
        known = [each for each in self.sent if each.handle and not each.unsure]
        if known:
            sent = self.random.choice(known)
            sent.excused = True
            with suppress(ClientError):
                await process.engine.recall(sent.recipient_id, sent.handle)

    async def _step(self, process: Process) -> None:
        """Set the wall clock."""
        self.skew += self.random.choice((-9 * 86400.0, -67.0, 1.0, 9 * 86400.0))
        process.stepped()

    def _revoke(self) -> None:
        self.service.credentials = f"new {self.loop.time()}"
        self.revoked_at = self.loop.time()
        self.away.append((self.revoked_at, self.revoked_at + 100 * _HOUR))

    async def _renew(self, process: Process) -> None:
        """Enter the new credentials."""
        await self._reload(process)
        self.away.append((self.revoked_at, self.loop.time()))
        self.away.remove((self.revoked_at, self.revoked_at + 100 * _HOUR))
