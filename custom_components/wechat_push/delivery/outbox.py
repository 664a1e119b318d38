"""The outbox: an SQLite file that holds what has to outlive a restart.

A single task touches the connection. It takes all that is wanted at the time in one
transaction, and repeats that one by one if it fails, so that a message that cannot be
written fails alone.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
import json
import logging
import os
from pathlib import Path
import sqlite3
from threading import Lock
import time
from typing import Any, Final

from ..clients.transport import dump
from .outbox_message import Content, History, OutboxMessage, Requests, State
from .ports import Clock, Ports
from .reports import StorageProblem

_LOGGER = logging.getLogger(__name__)

_VERSION: Final = 1
_SCHEMA: Final = {
    "boots": (
        "CREATE TABLE boots (boot TEXT PRIMARY KEY, offset REAL NOT NULL,"
        " written REAL NOT NULL) STRICT"
    ),
    "facts": "CREATE TABLE facts (key TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT",
    "messages": (
        "CREATE TABLE messages (seq INTEGER PRIMARY KEY, handle TEXT NOT NULL,"
        " recipient TEXT NOT NULL, state TEXT NOT NULL, born REAL NOT NULL,"
        " life REAL NOT NULL, due REAL NOT NULL, first_at REAL, part INTEGER NOT NULL,"
        " size INTEGER NOT NULL, history TEXT NOT NULL, content TEXT NOT NULL,"
        " requests TEXT, receipt TEXT) STRICT"
    ),
    "attachments": (
        "CREATE TABLE attachments (id INTEGER PRIMARY KEY, message INTEGER NOT NULL,"
        " number INTEGER NOT NULL, bytes BLOB NOT NULL, UNIQUE (message, number)) STRICT"
    ),
}
_PRAGMAS: Final = (
    "journal_mode = TRUNCATE",
    "synchronous = FULL",
    "secure_delete = ON",
    "locking_mode = EXCLUSIVE",
)
# Bytes of an attachment that are written at once.
_PIECE: Final = 256 * 1024
# Seconds until a disk that refused to write is tried again.
_RETRY: Final = 10.0

type Work[T] = Callable[[sqlite3.Connection], T]


class _DamagedError(Exception):
    """The file is no outbox."""


class _NewerError(Exception):
    """The file was written by a newer version."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredMessage:
    """A row of the outbox, without the content."""

    seq: int
    handle: str
    recipient_id: str
    was_sending: bool
    born: float
    life: float
    part: int
    size: int
    history: History


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """What an outbox holds when it is opened.

    Args:
        messages: in the order of their hand-over.
        facts: by key.
        shift: seconds to add to the moments in facts.

    """

    messages: tuple[StoredMessage, ...] = ()
    facts: Mapping[str, Any]
    shift: float = 0


@dataclass(kw_only=True, slots=True, eq=False)
class _Job:
    work: Work[Any]
    done: asyncio.Future[Any]
    is_owed: bool


class Outbox:
    """The messages of one account that wait, on disk.

    Every method that writes returns a future: True once it is on disk, False if it could
    not be written. Nothing that a caller does to the future reaches the disk.

    Args:
        path: of the file, which is made when it is first needed.
        ports: clock, threads and the observer.
        opened: called with what the file holds, once it could be opened.

    """

    def __init__(
        self, path: Path, ports: Ports, opened: Callable[[Stored], None]
    ) -> None:
        self._file = _File(path, ports.clock)
        self._ports = ports
        self._opened = opened
        self._jobs: list[_Job] = []
        self._task: asyncio.Task[None] | None = None
        # Closes or deletes the file.
        self._last: Callable[[], None] | None = None
        self._held: dict[int, asyncio.Future[bool]] = {}
        self._problem: StorageProblem | None = None
        self._retry: asyncio.TimerHandle | None = None
        # What could not be written, other than messages that wait.
        self._owed: list[Work[Any]] = []
        self._is_open = False

    def holds(self, seq: int) -> bool:
        """Return if a message is on disk, or about to be."""
        return seq in self._held

    def lacks(self, message: OutboxMessage) -> bool:
        """Return if a message is in memory alone."""
        return message.content is not None and message.seq not in self._held

    @property
    def is_due(self) -> bool:
        """Return if it is worth trying to write."""
        return self._problem in (None, StorageProblem.DAMAGED)

    async def open(self) -> None:
        """Read what the file holds, if there is one."""
        await asyncio.shield(self._do(lambda _: None, may_create=False, is_owed=False))

    def add(self, message: OutboxMessage) -> asyncio.Future[bool]:
        """Write a message with its attachments, unless it is written."""
        seq, row = message.seq, _row(message)
        content, requests = message.content, message.requests
        if (held := self._held.get(seq)) is not None:
            return held
        if content is None:
            # It was in a file that was damaged.
            lost = self._loop_future()
            lost.set_result(False)
            return lost

        def write(db: sqlite3.Connection) -> bool:
            texts = (
                content.dump(),
                None if requests is None else requests.dump(),
                None if requests is None else requests.dump_receipt(),
            )
            db.execute(
                "INSERT OR REPLACE INTO messages"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*row, *texts),
            )
            for number, data in enumerate(content.attachments):
                if data:
                    _write_attachment(db, seq, number, data)
            return True

        written = self._held[seq] = self._wrote(self._do(write, is_owed=False))
        written.add_done_callback(partial(self._added, seq))
        return written

    def update(self, message: OutboxMessage) -> asyncio.Future[bool]:
        """Write how far a message is."""
        row = _row(message)
        requests = message.requests

        def write(db: sqlite3.Connection) -> bool:
            seq, _, _, state, _, _, due, first_at, part, _, history = row
            fields: tuple[Any, ...] = (state, due, first_at, part, history)
            columns = "state = ?, due = ?, first_at = ?, part = ?, history = ?"
            if requests is not None:
                columns += ", requests = ?, receipt = ?"
                fields += (requests.dump(), requests.dump_receipt())
            db.execute(
                f"UPDATE messages SET {columns} WHERE seq = ?",  # noqa: S608
                (*fields, seq),
            )
            return True

        return self._wrote(self._do(write))

    def remove(
        self, seq: int, facts: Mapping[str, Any] | None = None
    ) -> asyncio.Future[bool]:
        """Delete a message, and write facts with that."""
        texts = _texts(facts or {})
        self._held.pop(seq, None)

        def write(db: sqlite3.Connection) -> bool:
            db.execute("DELETE FROM messages WHERE seq = ?", (seq,))
            db.execute("DELETE FROM attachments WHERE message = ?", (seq,))
            _write_facts(db, texts)
            return True

        return self._wrote(self._do(write))

    def put(self, facts: Mapping[str, Any]) -> asyncio.Future[bool]:
        """Write facts; one that is None is deleted."""
        texts = _texts(facts)

        def write(db: sqlite3.Connection) -> bool:
            _write_facts(db, texts)
            return True

        return self._wrote(self._do(write))

    async def load(self, message: OutboxMessage) -> tuple[Content, Requests | None]:
        """Return the content of a message that is only on disk.

        Raises:
            LookupError: it is not there, or damaged.
            OSError: the disk cannot be read at the moment.

        """
        seq, done = message.seq, message.parts_done

        def read(db: sqlite3.Connection) -> tuple[Content, Requests | None]:
            row = db.execute(
                "SELECT content, part, requests, receipt FROM messages WHERE seq = ?",
                (seq,),
            ).fetchone()
            try:
                content, part, requests, receipt = row
                loaded = Content.load(content)
                if requests is None:
                    return loaded, None
                return loaded, Requests.load(requests, max(part, done), receipt)
            except (ValueError, TypeError, AttributeError) as err:
                raise LookupError("damaged") from err

        return await self._read(read)

    async def attachment(self, seq: int, number: int) -> bytes:
        """Return the content of an attachment.

        Raises:
            LookupError: it is not there.
            OSError: the disk cannot be read at the moment.

        """

        def read(db: sqlite3.Connection) -> bytes:
            row = db.execute(
                "SELECT bytes FROM attachments WHERE message = ? AND number = ?",
                (seq, number),
            ).fetchone()
            if row is None:
                raise LookupError("damaged")
            return bytes(row[0])

        return await self._read(read)

    async def flush(self) -> None:
        """Wait until all that was wanted so far is written, or could not be."""
        while self._task is not None and not self._task.done():
            await asyncio.wait((self._task,))

    async def close(self) -> None:
        """Write what is wanted, and close the file; it opens again when needed."""
        if self._retry is not None:
            self._retry.cancel()
            self._try_again()
        await self.flush()
        self._stop_retrying()
        await self._end(self._file.close)

    async def delete(self) -> None:
        """Delete the file, with all that is in it."""
        self._jobs.clear()
        await self.flush()
        self._stop_retrying()
        await self._end(self._file.delete)

    async def _end(self, action: Callable[[], None]) -> None:
        """Have the task close or delete the file when it has done all else."""
        self._last = action
        self._start()
        await self.flush()

    async def _read[T](self, work: Work[T]) -> T:
        result = await asyncio.shield(self._do(work, is_owed=False))
        if isinstance(result, sqlite3.Error | OSError):
            raise OSError("the outbox cannot be read")
        if isinstance(result, Exception):
            raise LookupError("damaged") from result  # noqa: TRY004
        value: T = result
        return value

    def _added(self, seq: int, written: asyncio.Future[bool]) -> None:
        if not written.result() and self._held.get(seq) is written:
            del self._held[seq]

    def _wrote(self, written: asyncio.Future[Any]) -> asyncio.Future[bool]:
        """Return a future of whether something was written."""
        result = self._loop_future()

        def pass_on(_: object) -> None:
            if not result.done():
                result.set_result(written.result() is True)

        written.add_done_callback(pass_on)
        return result

    def _loop_future(self) -> asyncio.Future[bool]:
        return asyncio.get_running_loop().create_future()

    def _do(
        self, work: Work[Any], *, may_create: bool = True, is_owed: bool = True
    ) -> asyncio.Future[Any]:
        """Have the task do something; the future has the result or the exception.

        Args:
            work: what to do with the file.
            may_create: make the file if there is none.
            is_owed: do it later, once the disk can be written again, if it cannot now.

        """
        self._file.may_create |= may_create
        done = asyncio.get_running_loop().create_future()
        job = _Job(work=work, done=done, is_owed=is_owed)
        self._jobs.append(job)
        self._start()
        return job.done

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = self._ports.start_task(self._work(), "outbox")

    async def _work(self) -> None:
        """Do what is wanted, until nothing is."""
        while self._jobs or self._last is not None:
            jobs, self._jobs = self._jobs, []
            if not jobs and self._last is not None:
                last, self._last = self._last, None
                await self._run(last)
                continue
            works = [job.work for job in jobs]
            results = await self._run(partial(self._file.run, works))
            self._notice(results)
            for job, result in zip(jobs, results, strict=True):
                if job.is_owed and isinstance(result, sqlite3.Error | OSError):
                    self._owed.append(job.work)
                if not job.done.done():
                    job.done.set_result(result)

    async def _run[T](self, function: Callable[[], T]) -> T:
        result: T = await self._ports.run_blocking(function)
        return result

    def _try_again(self) -> None:
        """Find out if a disk that refused to write does not any more."""
        self._retry = None
        owed, self._owed = self._owed, []
        for work in owed or (lambda _: True,):
            self._do(work)

    def _stop_retrying(self) -> None:
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None

    def _notice(self, results: list[Any]) -> None:
        """Report another state of the file."""
        if not self._is_open and self._file.stored is not None:
            self._is_open = True
            stored, self._file.stored = self._file.stored, None
            for message in stored.messages:
                held = self._held[message.seq] = self._loop_future()
                held.set_result(True)
            self._opened(stored)
        problem = self._file.problem
        if problem is StorageProblem.DAMAGED:
            # It was put aside; a new one takes what is in memory.
            self._file.problem = None
            self._held.clear()
        if problem is StorageProblem.UNWRITABLE and self._retry is None:
            loop = asyncio.get_running_loop()
            self._retry = loop.call_later(_RETRY, self._try_again)
        if problem is not self._problem:
            self._problem = problem
            self._ports.observer.storage(problem)


class _File:
    """The SQLite file; used by one thread at a time."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.problem: StorageProblem | None = None
        # What the file held when it was opened first.
        self.stored: Stored | None = None
        self.may_create = False
        self._path = path
        self._clock = clock
        self._db: sqlite3.Connection | None = None
        self._is_read_only = False
        self._is_deleted = False
        # Held by the thread itself: whoever waits for it may be cancelled.
        self._lock = Lock()

    def run(self, works: list[Work[Any]]) -> list[Any]:
        """Do works in one transaction, or one by one if that fails."""
        with self._lock:
            return self._do(works)

    def _do(self, works: list[Work[Any]]) -> list[Any]:
        if self._is_deleted:
            return [None] * len(works)
        try:
            db = self._connect()
        except (sqlite3.Error, OSError, _NewerError) as err:
            return [err] * len(works)
        if db is None:
            return [None] * len(works)
        try:
            results = self._transact(db, works)
        except Exception as err:  # noqa: BLE001
            if len(works) == 1:
                results = [err]
            else:
                results = [self._do([work])[0] for work in works]
        self._look_at(results)
        return results

    def close(self) -> None:
        """Close the file, without what was deleted."""
        with self._lock:
            if (db := self._db) is None:
                return
            self._db = None
            try:
                self._compact(db)
            except sqlite3.Error as err:
                _LOGGER.debug("Compacting the outbox failed: %s", err)
            db.close()

    def delete(self) -> None:
        """Delete the file with its journal; it is not made again."""
        with self._lock:
            self._is_deleted = True
            if self._db is not None:
                self._db.close()
                self._db = None
            for suffix in ("", "-journal"):
                path = self._path.with_name(self._path.name + suffix)
                path.unlink(missing_ok=True)

    def _transact(self, db: sqlite3.Connection, works: list[Work[Any]]) -> list[Any]:
        """Do works in one transaction."""
        if self._is_read_only:
            return [_attempt(work, db) for work in works]
        with _transaction(db):
            results = [work(db) for work in works]
            self._note_clock(db)
        if any(result is True for result in results):
            (left,) = db.execute("SELECT EXISTS (SELECT 1 FROM messages)").fetchone()
            if not left:
                self._compact(db)
        return results

    def _compact(self, db: sqlite3.Connection) -> None:
        """Give the room of deleted messages back to the disk."""
        if not self._is_read_only:
            (free,) = db.execute("PRAGMA freelist_count").fetchone()
            if free:
                db.execute("VACUUM")

    def _look_at(self, results: list[Any]) -> None:
        """Find out from the results whether the file can be used."""
        errors = [each for each in results if isinstance(each, sqlite3.Error | OSError)]
        if not errors:
            if any(each is True for each in results):
                self.problem = None
            return
        if any(_is_damage(each) for each in errors):
            self._put_aside()
            return
        _LOGGER.debug("The outbox cannot be written: %s", errors[0])
        self.problem = StorageProblem.UNWRITABLE

    def _connect(self) -> sqlite3.Connection | None:
        """Open the file, if there is one or there may be one."""
        if self._db is not None and not self._is_read_only:
            return self._db
        try:
            if not self._path.exists():
                if self.stored is None:
                    self.stored = Stored(facts={})
                if not self.may_create:
                    return None
            self._db = self._open()
        except _DamagedError:
            self._put_aside()
            self._db = self._open()
        except _NewerError:
            self.problem = StorageProblem.NEWER
            raise
        except (sqlite3.Error, OSError) as err:
            if _is_damage(err):
                self._put_aside()
                self._db = self._open()
            elif self._db is not None:
                return self._db
            else:
                _LOGGER.debug("The outbox cannot be opened: %s", err)
                self.problem = StorageProblem.UNWRITABLE
                raise
        return self._db

    def _open(self) -> sqlite3.Connection:
        """Return a connection, read-only where the disk is."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            # SQLite itself would let others read it.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            mode = "rw"
        except OSError:
            if not self._path.exists():
                raise
            mode = "ro"
        if self._db is not None:
            if mode == "ro":
                return self._db
            self._db.close()
            self._db = None
        uri = f"{self._path.absolute().as_uri()}?mode={mode}"
        db = sqlite3.connect(
            uri, uri=True, isolation_level=None, timeout=1, check_same_thread=False
        )
        try:
            self._prepare(db, is_read_only=mode == "ro")
        except BaseException:
            db.close()
            raise
        self._is_read_only = mode == "ro"
        if self._is_read_only:
            self.problem = StorageProblem.UNWRITABLE
        return db

    def _prepare(self, db: sqlite3.Connection, *, is_read_only: bool) -> None:
        """Check the file, make what is missing, and read what it holds."""
        if not is_read_only:
            for pragma in _PRAGMAS:
                db.execute(f"PRAGMA {pragma}")
        (version,) = db.execute("PRAGMA user_version").fetchone()
        tables = dict(
            db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'")
        )
        if version > _VERSION:
            raise _NewerError
        if not tables and not is_read_only:
            with _transaction(db):
                for statement in _SCHEMA.values():
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {_VERSION}")
        elif version != _VERSION or tables != _SCHEMA:
            raise _DamagedError
        if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise _DamagedError
        if self.stored is None:
            self.stored = self._read(db, is_read_only=is_read_only)

    def _read(self, db: sqlite3.Connection, *, is_read_only: bool) -> Stored:
        """Return what the file holds, with moments of the present boot."""
        now, wall, boot = self._clock.now(), self._clock.wall(), self._clock.boot_id
        shift = 0.0
        known = db.execute("SELECT boot, offset, written FROM boots").fetchone()
        if known is not None and known[0] != boot:
            _, offset, written = known
            # A wall clock that is behind what it was when the file was last written is
            # wrong: then no time has passed.
            passed = max(wall - (written + offset), 0.0)
            shift = now - passed - written
        rows = db.execute(
            "SELECT seq, handle, recipient, state, born + ?, life, due + ?,"
            " first_at + ?, part, size, history FROM messages ORDER BY seq",
            (shift, shift, shift),
        ).fetchall()
        facts = {
            key: json.loads(text)
            for key, text in db.execute("SELECT key, json FROM facts")
        }
        if shift and not is_read_only:
            with _transaction(db):
                db.execute(
                    "UPDATE messages SET born = born + ?, due = due + ?,"
                    " first_at = first_at + ?",
                    (shift, shift, shift),
                )
                self._note_clock(db)
        return Stored(
            messages=tuple(
                StoredMessage(
                    seq=seq,
                    handle=handle,
                    recipient_id=recipient,
                    was_sending=state == State.SENDING,
                    born=min(born, now),
                    life=life,
                    part=part,
                    size=size,
                    history=History.load(history, first_at, due),
                )
                for (
                    seq,
                    handle,
                    recipient,
                    state,
                    born,
                    life,
                    due,
                    first_at,
                    part,
                    size,
                    history,
                ) in rows
            ),
            facts=facts,
            shift=shift,
        )

    def _note_clock(self, db: sqlite3.Connection) -> None:
        """Write how the clocks stand to each other, and that it is written now."""
        now, wall, boot = self._clock.now(), self._clock.wall(), self._clock.boot_id
        db.execute("DELETE FROM boots WHERE boot != ?", (boot,))
        db.execute(
            "INSERT OR REPLACE INTO boots VALUES (?, ?, ?)", (boot, wall - now, now)
        )

    def _put_aside(self) -> None:
        """Rename a file that is damaged, so that nothing in it is lost."""
        if self._db is not None:
            self._db.close()
            self._db = None
        suffix = f".damaged-{time.time_ns()}"
        _LOGGER.error(
            "The outbox %s is damaged and was renamed to %s%s",
            self._path.name,
            self._path.name,
            suffix,
        )
        for ending in ("", "-journal"):
            # The journal under the same name beside it: the file needs it.
            path = self._path.with_name(self._path.name + ending)
            if path.exists():
                path.rename(self._path.with_name(self._path.name + suffix + ending))
        self.problem = StorageProblem.DAMAGED
        self.stored = self.stored or Stored(facts={})


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _attempt(work: Work[Any], db: sqlite3.Connection) -> Any:
    """Return the result of a work, or the exception."""
    try:
        return work(db)
    except Exception as err:  # noqa: BLE001
        return err


def _is_damage(err: Exception) -> bool:
    """Return if an error says that the file is damaged; all others may pass."""
    return getattr(err, "sqlite_errorcode", 0) & 0xFF in (
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_CORRUPT,
    )


def _row(message: OutboxMessage) -> tuple[Any, ...]:
    """Return the columns of a message, but for its content and requests."""
    history = message.history
    return (
        message.seq,
        message.handle,
        message.recipient_id,
        message.state.value,
        message.born,
        message.life,
        history.due,
        history.first_at,
        message.parts_done,
        message.size,
        history.dump(),
    )


def _write_attachment(
    db: sqlite3.Connection, seq: int, number: int, data: bytes
) -> None:
    """Write an attachment in pieces, so that it is never in memory twice."""
    row = db.execute(
        "INSERT OR REPLACE INTO attachments (message, number, bytes)"
        " VALUES (?, ?, zeroblob(?))",
        (seq, number, len(data)),
    ).lastrowid
    assert row is not None
    view = memoryview(data)
    with db.blobopen("attachments", "bytes", row) as blob:
        for start in range(0, len(data), _PIECE):
            blob.write(view[start : start + _PIECE])


def _texts(facts: Mapping[str, Any]) -> dict[str, str | None]:
    """Return facts as JSON texts."""
    return {
        key: None if fact is None else dump(fact).decode()
        for key, fact in facts.items()
    }


def _write_facts(db: sqlite3.Connection, texts: Mapping[str, str | None]) -> None:
    """Write facts, and delete those that are None."""
    for key, text in texts.items():
        if text is None:
            db.execute("DELETE FROM facts WHERE key = ?", (key,))
        else:
            db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (key, text))
