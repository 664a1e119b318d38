"""The outbox: an SQLite file that holds what has to outlive a restart.

A single task uses the connection. It does all that is wanted at the time in one
transaction, and one by one if that fails, so that a message that cannot be written fails
alone.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
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
from .outbox_message import Content, OutboxMessage, Requests
from .ports import Clock, Ports
from .reports import StorageProblem

_LOGGER = logging.getLogger(__name__)

_VERSION: Final = 1
_SCHEMA: Final = {
    "facts": "CREATE TABLE facts (key TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT",
    "messages": (
        "CREATE TABLE messages (seq INTEGER PRIMARY KEY, handle TEXT NOT NULL,"
        " state TEXT NOT NULL, progress TEXT NOT NULL, requests TEXT,"
        " content TEXT NOT NULL) STRICT"
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
# The fact that says how the clocks stood to each other when the file was last written.
_CLOCK: Final = "clock"
# The fact that is written to see if there is room.
_ROOM: Final = "room"
# The moment of a fact, which has to be told in the time of the present boot.
_AT: Final = "at"
# The state of a message that could not be deleted when it was over.
_OVER: Final = "over"
# Bytes of an attachment that are written at once.
_PIECE: Final = 256 * 1024
# Seconds until a disk that refused to write is tried again.
_RETRY: Final = 10.0
_DAMAGE: Final = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)

type Work = Callable[[sqlite3.Connection], Any]


class _DamagedError(sqlite3.DatabaseError):
    """The file is no outbox."""

    sqlite_errorcode = sqlite3.SQLITE_NOTADB


class _NewerError(OSError):
    """The file was written by a newer version."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """What an outbox holds when it is opened, with moments of the present boot.

    Args:
        messages: in the order of their hand-over, without their content.
        facts: by key.

    """

    messages: tuple[OutboxMessage, ...] = ()
    facts: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Job:
    """Something to do with the file.

    Args:
        work: what to do.
        done: its result; for what is written, whether it was.
        reads: it writes nothing.
        is_owed: if it cannot be written now, it is later.
        otherwise: what is tried until then.

    """

    work: Work
    done: asyncio.Future[Any]
    reads: bool
    is_owed: bool
    otherwise: Work | None


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
        self._owed: list[Work] = []

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
        await asyncio.shield(self._do(lambda _: None, reads=True))

    def add(self, message: OutboxMessage) -> asyncio.Future[bool]:
        """Write a message with its attachments, unless it is written."""
        seq, content = message.seq, message.content
        if (held := self._held.get(seq)) is not None:
            return held
        progress, requests = message.dump(), message.requests

        def write(db: sqlite3.Connection) -> bool:
            if content is None:
                # It was in a file that was damaged.
                raise LookupError("damaged")
            db.execute(
                "INSERT OR REPLACE INTO messages VALUES (?, ?, ?, ?, ?, ?)",
                (seq, *progress, requests and requests.dump(), content.dump()),
            )
            for number, data in enumerate(content.attachments):
                if data:
                    _write_attachment(db, seq, number, data)
            return True

        def added(written: asyncio.Future[bool]) -> None:
            if not written.result() and self._held.get(seq) is written:
                del self._held[seq]

        written = self._held[seq] = self._do(write)
        written.add_done_callback(added)
        return written

    def update(self, message: OutboxMessage) -> asyncio.Future[Any]:
        """Write how far a message is, or try to."""
        seq, progress, requests = message.seq, message.dump(), message.requests

        def write(db: sqlite3.Connection) -> None:
            # A full disk may have room for this, which says nothing about others.
            db.execute(
                "UPDATE messages SET handle = ?, state = ?, progress = ?,"
                " requests = coalesce(?, requests) WHERE seq = ?",
                (*progress, requests and requests.dump(), seq),
            )

        return self._do(write, is_owed=True)

    def remove(self, seq: int, facts: Mapping[str, Any]) -> asyncio.Future[bool]:
        """Delete a message, and write facts with that."""
        texts = _texts(facts)
        self._held.pop(seq, None)

        def write(db: sqlite3.Connection) -> bool:
            _delete(db, "VALUES (?)", seq)
            return _write_facts(db, texts)

        def mark(db: sqlite3.Connection) -> None:
            # A full disk may have no room for the journal of the deletion.
            db.execute("UPDATE messages SET state = ? WHERE seq = ?", (_OVER, seq))

        # What was given up is told of first.
        return self._do(write, is_owed=True, otherwise=None if facts else mark)

    def put(self, facts: Mapping[str, Any]) -> asyncio.Future[bool]:
        """Write facts; one that is None is deleted.

        Args:
            facts: JSON by key. "at" in it is a moment of the engine's clock.

        """
        return self._do(partial(_write_facts, texts=_texts(facts)), is_owed=True)

    async def load(self, seq: int) -> tuple[Content, Requests | None]:
        """Return the content of a message that is only on disk.

        Raises:
            LookupError: it is not there, or damaged.
            OSError: the disk cannot be read at the moment.

        """

        def read(db: sqlite3.Connection) -> tuple[Content, Requests | None]:
            content, requests = _row(
                db, "SELECT content, requests FROM messages WHERE seq = ?", seq
            )
            return Content.load(content), requests and Requests.load(requests)

        found: tuple[Content, Requests | None] = await self._read(read)
        return found

    async def attachment(self, seq: int, number: int) -> bytes:
        """Return the content of an attachment.

        Raises:
            LookupError: it is not there.
            OSError: the disk cannot be read at the moment.

        """
        select = "SELECT bytes FROM attachments WHERE message = ? AND number = ?"
        (data,) = await self._read(lambda db: _row(db, select, seq, number))
        return bytes(data)

    async def flush(self) -> None:
        """Wait until all that was wanted so far is written, or could not be."""
        while self._task is not None and not self._task.done():
            await asyncio.wait((self._task,))

    async def close(self) -> None:
        """Write what is wanted, and close the file; it opens again when needed."""
        if self._retry is not None:
            self._try_again()
        await self._end(self._file.close)

    async def delete(self) -> None:
        """Delete the file, with all that is in it."""
        self._jobs.clear()
        await self._end(self._file.delete)

    async def _end(self, action: Callable[[], None]) -> None:
        """Have the task close or delete the file when it has done all else."""
        self._last = action
        self._start()
        await self.flush()
        self._stop_retrying()

    async def _read(self, work: Work) -> Any:
        result = await asyncio.shield(self._do(work, reads=True))
        if isinstance(result, sqlite3.Error | OSError):
            raise OSError("the outbox cannot be read")
        if isinstance(result, Exception) or result is None:
            raise LookupError("damaged")
        return result

    def _do(
        self,
        work: Work,
        *,
        reads: bool = False,
        is_owed: bool = False,
        otherwise: Work | None = None,
    ) -> asyncio.Future[Any]:
        """Have the task do something."""
        self._file.may_create |= not reads
        done = asyncio.get_running_loop().create_future()
        self._jobs.append(
            _Job(
                work=work, done=done, reads=reads, is_owed=is_owed, otherwise=otherwise
            )
        )
        self._start()
        return done

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = self._ports.start_task(self._work(), "outbox")

    async def _work(self) -> None:
        """Do what is wanted, until nothing is."""
        run = self._ports.run_blocking
        while self._jobs or self._last is not None:
            jobs, self._jobs = self._jobs, []
            if not jobs and self._last is not None:
                last, self._last = self._last, None
                await run(last)
                continue
            works = [job.work for job in jobs]
            results = await run(partial(self._file.run, works))
            self._notice()
            for job, result in zip(jobs, results, strict=True):
                if job.is_owed and isinstance(result, sqlite3.Error | OSError):
                    self._owed.append(job.work)
                    if job.otherwise is not None:
                        self._do(job.otherwise)
                if not job.done.done():
                    job.done.set_result(result if job.reads else result is True)

    def _try_again(self) -> None:
        """Find out if a disk that refused to write does not any more."""
        self._stop_retrying()
        owed, self._owed = self._owed, []
        for work in (_try_room, *owed):
            self._do(work, is_owed=True)

    def _stop_retrying(self) -> None:
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None

    def _notice(self) -> None:
        """Report another state of the file."""
        if (stored := self._file.take_stored()) is not None:
            written = asyncio.get_running_loop().create_future()
            written.set_result(True)
            self._held |= {message.seq: written for message in stored.messages}
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
        self.may_create = False
        self._path = path
        self._clock = clock
        self._db: sqlite3.Connection | None = None
        self._is_read_only = self._is_deleted = False
        # What the file held when it was opened first.
        self._stored: Stored | None = None
        self._is_known = False
        # Held by the thread itself: whoever waits for it may be cancelled.
        self._lock = Lock()

    def take_stored(self) -> Stored | None:
        """Return what the file held when it was opened first, once."""
        stored, self._stored = self._stored, None
        return stored

    def run(self, works: list[Work]) -> list[Any]:
        """Do works in one transaction, or one by one if that fails."""
        with self._lock:
            return self._do(works)

    def close(self) -> None:
        """Close the file, without what was deleted."""
        with self._lock:
            if self._db is not None:
                try:
                    self._compact(self._db)
                except sqlite3.Error as err:
                    _LOGGER.debug("Compacting the outbox failed: %s", err)
            self._close()

    def delete(self) -> None:
        """Delete the file with its journal; it is not made again."""
        with self._lock:
            self._is_deleted = True
            self._close()
            for path in self._paths():
                path.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    def _paths(self, suffix: str = "") -> tuple[Path, Path]:
        """Return the paths of the file and its journal."""
        name = self._path.name + suffix
        return self._path.with_name(name), self._path.with_name(f"{name}-journal")

    def _do(self, works: list[Work]) -> list[Any]:
        try:
            db = self._connect()
            results = [None] * len(works) if db is None else self._transact(db, works)
        except Exception as err:  # noqa: BLE001
            if len(works) > 1 and self._db is not None:
                return [self._do([work])[0] for work in works]
            self._look_at(err)
            return [err] * len(works)
        if any(each is True for each in results) and not self._is_read_only:
            self.problem = None
        return results

    def _transact(self, db: sqlite3.Connection, works: list[Work]) -> list[Any]:
        """Do works in one transaction; where nothing can be written, one by one."""
        if self._is_read_only:
            return [_attempt(work, db) for work in works]
        with _transaction(db):
            results = [work(db) for work in works]
            self._note_clock(db)
        if any(result is True for result in results):
            (left,) = _row(db, "SELECT EXISTS (SELECT 1 FROM messages)")
            if not left:
                self._compact(db)
        return results

    def _compact(self, db: sqlite3.Connection) -> None:
        """Give the room of deleted messages back to the disk."""
        if not self._is_read_only and _row(db, "PRAGMA freelist_count") != (0,):
            db.execute("VACUUM")

    def _look_at(self, err: Exception) -> None:
        """Find out from an error whether the file can be used."""
        if isinstance(err, _NewerError):
            self.problem = StorageProblem.NEWER
        elif getattr(err, "sqlite_errorcode", 0) & 0xFF in _DAMAGE:
            self._put_aside()
        elif isinstance(err, sqlite3.Error | OSError):
            _LOGGER.debug("The outbox cannot be used: %s", err)
            self.problem = StorageProblem.UNWRITABLE

    def _connect(self) -> sqlite3.Connection | None:
        """Open the file, if there is one or there may be one."""
        if self._db is not None and not self._is_read_only:
            return self._db
        if self._is_deleted or not (self.may_create or self._path.exists()):
            self._know(Stored(facts={}))
            return None
        try:
            self._open()
        except (sqlite3.Error, OSError) as err:
            if self._db is None and not isinstance(err, _NewerError):
                self._look_at(err)
            if self.problem is not StorageProblem.DAMAGED:
                if self._db is None:
                    raise
                return self._db
            self._open()
        return self._db

    def _open(self) -> None:
        """Open the file, read-only where the disk is."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            # SQLite itself would let others read it.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        except OSError:
            if self._db is not None or not self._path.exists():
                raise
            self._is_read_only = True
        else:
            self._is_read_only = False
        self._close()
        mode = "ro" if self._is_read_only else "rw"
        db = sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            timeout=1,
            check_same_thread=False,
        )
        try:
            self._prepare(db)
        except BaseException:
            db.close()
            raise
        self._db = db
        if self._is_read_only:
            self.problem = StorageProblem.UNWRITABLE

    def _prepare(self, db: sqlite3.Connection) -> None:
        """Check the file, make what is missing, and read what it holds."""
        if not self._is_read_only:
            for pragma in _PRAGMAS:
                db.execute(f"PRAGMA {pragma}")
        (version,) = _row(db, "PRAGMA user_version")
        tables = dict(
            db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'")
        )
        if version > _VERSION:
            raise _NewerError
        if not tables and version == 0:
            if not self._is_read_only:
                with _transaction(db):
                    for statement in _SCHEMA.values():
                        db.execute(statement)
                    db.execute(f"PRAGMA user_version = {_VERSION}")
            self._know(Stored(facts={}))
        elif version != _VERSION or tables != _SCHEMA:
            raise _DamagedError
        if _row(db, "PRAGMA quick_check(1)") != ("ok",):
            raise _DamagedError
        if not self._is_known:
            try:
                self._know(self._read(db))
            except (LookupError, ValueError, TypeError) as err:
                raise _DamagedError from err
            # The disk may still be full.
            with suppress(sqlite3.Error):
                _delete(db, "SELECT seq FROM messages WHERE state = ?", _OVER)

    def _know(self, stored: Stored) -> None:
        if not self._is_known:
            self._stored, self._is_known = stored, True

    def _read(self, db: sqlite3.Connection) -> Stored:
        """Return what the file holds, and write it with moments of the present boot."""
        now, wall, shift = self._clock.now(), self._clock.wall(), 0.0
        rows = db.execute("SELECT key, json FROM facts").fetchall()
        facts = {key: json.loads(text) for key, text in rows}
        known = facts.pop(_CLOCK, None)
        if known is not None and known["boot"] != self._clock.boot_id:
            # A wall clock that is behind what it was when the file was last written is
            # wrong: then no time has passed.
            passed = max(wall - known["wall"], 0.0)
            shift = now - passed - known["now"]
        for fact in facts.values():
            if _AT in fact:
                fact[_AT] += shift
        messages = [
            OutboxMessage.load(*row, shift=shift, now=now)
            for row in db.execute(
                "SELECT seq, handle, state, progress FROM messages"
                " WHERE state != ? ORDER BY seq",
                (_OVER,),
            )
        ]
        if shift and not self._is_read_only:
            with _transaction(db):
                db.executemany(
                    "UPDATE messages SET progress = ? WHERE seq = ?",
                    [(each.dump()[-1], each.seq) for each in messages],
                )
                _write_facts(db, _texts(facts))
                self._note_clock(db)
        return Stored(messages=tuple(messages), facts=facts)

    def _note_clock(self, db: sqlite3.Connection) -> None:
        """Write how the clocks stand to each other, now that the file is written."""
        clock = self._clock
        fact = {"boot": clock.boot_id, "wall": clock.wall(), "now": clock.now()}
        _write_facts(db, _texts({_CLOCK: fact}))

    def _put_aside(self) -> None:
        """Rename a file that is damaged, so that nothing in it is lost."""
        self._close()
        suffix = f".damaged-{time.time_ns()}"
        _LOGGER.error(
            "The outbox %s is damaged and was renamed to %s%s",
            self._path.name,
            self._path.name,
            suffix,
        )
        for path, aside in zip(self._paths(), self._paths(suffix), strict=True):
            # The journal under the same name beside it: the file needs it.
            if path.exists():
                path.rename(aside)
        self.problem = StorageProblem.DAMAGED
        self._know(Stored(facts={}))


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


def _attempt(work: Work, db: sqlite3.Connection) -> Any:
    """Return the result of a work, or the exception."""
    try:
        return work(db)
    except Exception as err:  # noqa: BLE001
        return err


def _row(db: sqlite3.Connection, sql: str, *values: int) -> Any:
    """Return the first row of a query, or None."""
    return db.execute(sql, values).fetchone()


def _try_room(db: sqlite3.Connection) -> bool:
    """Find out if something new can be written."""
    _write_facts(db, {_ROOM: " " * 10_000})
    return _write_facts(db, {_ROOM: None})


def _delete(db: sqlite3.Connection, which: str, value: int | str) -> None:
    """Delete messages with their attachments."""
    db.execute(f"DELETE FROM attachments WHERE message IN ({which})", (value,))  # noqa: S608
    db.execute(f"DELETE FROM messages WHERE seq IN ({which})", (value,))  # noqa: S608


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


def _write_facts(db: sqlite3.Connection, texts: Mapping[str, str | None]) -> bool:
    """Write facts, and delete those that are None."""
    for key, text in texts.items():
        if text is None:
            db.execute("DELETE FROM facts WHERE key = ?", (key,))
        else:
            db.execute(
                "INSERT INTO facts VALUES (?, ?)"
                " ON CONFLICT (key) DO UPDATE SET json = excluded.json",
                (key, text),
            )
    return True
