"""The SQLite file of an outbox: how it is opened, and what becomes of it if it fails."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
import json
import logging
import os
from pathlib import Path
import sqlite3
from threading import Lock
import time
from typing import Any, Final

from ..clients.transport import dump
from .outbox_message import OutboxMessage
from .ports import Clock
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
# The moment of a fact, which has to be told in the time of the present boot.
_AT: Final = "at"
# The state of a message that could not be deleted when it was over.
OVER: Final = "over"
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


class OutboxFile:
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
        """Close the file."""
        with self._lock:
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
                return self._do_each(works)
            self._look_at(err)
            return [err] * len(works)
        if any(each is True for each in results):
            self.problem = None
        return results

    def _do_each(self, works: list[Work]) -> list[Any]:
        """Do works one by one; what one of them met is not over because of the next."""
        results: list[Any] = []
        problems: set[StorageProblem | None] = set()
        for work in works:
            result = self._do([work])
            if self.problem is StorageProblem.DAMAGED:
                # What was written before is in the file that was put aside.
                results = [False if each is True else each for each in results]
            results += result
            problems.add(self.problem)
        for problem in (StorageProblem.DAMAGED, StorageProblem.UNWRITABLE):
            if problem in problems:
                self.problem = problem
                break
        return results

    def _transact(self, db: sqlite3.Connection, works: list[Work]) -> list[Any]:
        """Do works in one transaction; where nothing can be written, one by one."""
        if self._is_read_only:
            return [_attempt(work, db) for work in works]
        before = db.total_changes
        with _transaction(db):
            results = [work(db) for work in works]
            # Whoever only reads needs no room.
            if db.total_changes != before:
                self.note_clock(db)
        if any(result is True for result in results):
            (left,) = row(db, "SELECT EXISTS (SELECT 1 FROM messages)")
            if not left and row(db, "PRAGMA freelist_count") != (0,):
                # Give the room of deleted messages back to the disk, if that has any.
                with suppress(sqlite3.Error):
                    db.execute("VACUUM")
        return results

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
        self._open()
        return self._db

    def _open(self) -> None:
        """Open the file, read-only where the disk is."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            # SQLite itself would let others read it.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        except OSError:
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
        for pragma in _PRAGMAS:
            db.execute(f"PRAGMA {pragma}")
        (version,) = row(db, "PRAGMA user_version")
        tables = dict(
            db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'")
        )
        if version > _VERSION:
            raise _NewerError
        if not tables:
            if not self._is_read_only:
                with _transaction(db):
                    for statement in _SCHEMA.values():
                        db.execute(statement)
                    db.execute(f"PRAGMA user_version = {_VERSION}")
            self._know(Stored(facts={}))
        elif tables != _SCHEMA:
            raise _DamagedError
        if row(db, "PRAGMA quick_check(1)") != ("ok",):
            raise _DamagedError
        if not self._is_known:
            try:
                self._know(self._read(db))
            except (LookupError, ValueError, TypeError) as err:
                raise _DamagedError from err
            # The disk may still be full.
            with suppress(sqlite3.Error):
                delete(db, "SELECT seq FROM messages WHERE state = ?", OVER)

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
                (OVER,),
            )
        ]
        if shift and not self._is_read_only:
            with _transaction(db):
                db.executemany(
                    "UPDATE messages SET progress = ? WHERE seq = ?",
                    [(each.dump(), each.seq) for each in messages],
                )
                write_facts(db, as_texts(facts))
                self.note_clock(db)
        return Stored(messages=tuple(messages), facts=facts)

    def note_clock(self, db: sqlite3.Connection) -> None:
        """Write how the clocks stand to each other, now that the file is written."""
        clock = self._clock
        fact = {"boot": clock.boot_id, "wall": clock.wall(), "now": clock.now()}
        write_facts(db, as_texts({_CLOCK: fact}))

    def _put_aside(self) -> None:
        """Rename a file that is damaged, so that nothing in it is lost."""
        self._close()
        suffix = f".damaged-{time.time_ns()}"
        try:
            for path, aside in zip(self._paths(), self._paths(suffix), strict=True):
                # The journal under the same name beside it: the file needs it.
                if path.exists():
                    path.rename(aside)
        except OSError as err:
            # The disk fails altogether.
            self._look_at(err)
            return
        _LOGGER.error(
            "The outbox %s is damaged and was renamed to %s%s",
            self._path.name,
            self._path.name,
            suffix,
        )
        self.problem = StorageProblem.DAMAGED
        self._know(Stored(facts={}))


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN")
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


def row(db: sqlite3.Connection, sql: str, *values: int) -> Any:
    """Return the first row of a query, or None."""
    return db.execute(sql, values).fetchone()


def delete(db: sqlite3.Connection, which: str, value: int | str) -> None:
    """Delete messages with their attachments."""
    db.execute(f"DELETE FROM attachments WHERE message IN ({which})", (value,))  # noqa: S608
    db.execute(f"DELETE FROM messages WHERE seq IN ({which})", (value,))  # noqa: S608


def as_texts(facts: Mapping[str, Any]) -> dict[str, str | None]:
    """Return facts as JSON texts."""
    return {
        key: None if fact is None else dump(fact).decode()
        for key, fact in facts.items()
    }


def write_facts(db: sqlite3.Connection, texts: Mapping[str, str | None]) -> bool:
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
