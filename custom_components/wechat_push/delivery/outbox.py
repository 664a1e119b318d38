"""The outbox: what has to outlive a restart.

A single task uses the file. It does all that is wanted at the time in one transaction,
and one by one if that fails, so that a message that cannot be written fails alone.
"""

import asyncio
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import partial
import logging
from pathlib import Path
import sqlite3
from typing import Any, Final

from .outbox_file import (
    OVER,
    OutboxFile,
    Stored,
    Work,
    as_texts,
    delete,
    row,
    write_facts,
)
from .outbox_message import Content, OutboxMessage, Requests, State
from .ports import Ports
from .reports import StorageProblem

_LOGGER = logging.getLogger(__name__)

# The fact that is written to see if there is room.
_ROOM: Final = "room"
# Bytes of an attachment that are written at once.
_PIECE: Final = 256 * 1024
_UPDATE: Final = "update"
# Seconds until a disk that refused to write is tried again.
_RETRY: Final = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Job:
    """Something to do with the file.

    Args:
        work: what to do.
        done: its result; for what is written, whether it was.
        reads: its result is what was read; no file is made for it.
        owed: if it cannot be written now, it is later, instead of what was owed under
            the same key; None if it is not.
        otherwise: what is tried until then.

    """

    work: Work
    done: asyncio.Future[Any]
    reads: bool
    owed: Hashable
    otherwise: Work | None


class Outbox:
    """The messages of one account that wait, on disk.

    Every method that writes returns a future: True once it is on disk, False if it could
    not be written. Nothing that a caller does to the future reaches the disk.

    Args:
        path: of the file, which is made when it is first needed.
        ports: clock, threads and the observer.
        opened: called with what the file holds, once it could be opened.
        damaged: called when the file was put aside, with all that was in it alone.

    """

    def __init__(
        self,
        path: Path,
        ports: Ports,
        opened: Callable[[Stored], None],
        damaged: Callable[[], None],
    ) -> None:
        self._file = OutboxFile(path, ports.clock)
        self._ports = ports
        self._opened = opened
        self._damaged = damaged
        self._jobs: list[_Job] = []
        self._task: asyncio.Task[None] | None = None
        # Closes or deletes the file.
        self._last: Callable[[], None] | None = None
        self._held: dict[int, asyncio.Future[bool]] = {}
        self._problem: StorageProblem | None = None
        self._retry: asyncio.TimerHandle | None = None
        # What is not written yet, or could not be, other than messages that wait.
        self._owed: dict[Hashable, Work] = {}

    def holds(self, seq: int) -> bool:
        """Return if a message is on disk, or about to be."""
        return seq in self._held

    def lacks(self, message: OutboxMessage) -> bool:
        """Return if a message is in memory alone."""
        return message.content is not None and message.seq not in self._held

    def owes(self, seq: int) -> bool:
        """Return if what is on disk of a message is not how far it is."""
        return (_UPDATE, seq) in self._owed

    @property
    def is_due(self) -> bool:
        """Return if it is worth trying to write."""
        return self._problem in (None, StorageProblem.DAMAGED)

    async def open(self) -> None:
        """Read what the file holds, if there is one."""
        # The wall clock may have been set since the file was written last.
        await asyncio.shield(self._do(self._file.note_clock, reads=True))

    def add(self, message: OutboxMessage) -> asyncio.Future[bool]:
        """Write a message with its attachments, unless it is written."""
        seq, content = message.seq, message.content
        if (held := self._held.get(seq)) is not None:
            return held
        handle, state, progress = message.handle, message.state, message.dump()
        requests = message.requests
        # What was owed from before is older.
        self._owed.pop((_UPDATE, seq), None)

        def write(db: sqlite3.Connection) -> bool:
            if content is None:
                # It was in a file that was damaged.
                raise LookupError("damaged")
            db.execute(
                "INSERT OR REPLACE INTO messages VALUES (?, ?, ?, ?, ?, ?)",
                (
                    seq,
                    handle,
                    state,
                    progress,
                    requests and requests.dump(),
                    content.dump(),
                ),
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

    def update(self, message: OutboxMessage) -> None:
        """Write how far a message is, or try to, if it is on disk."""
        if self.holds(message.seq):
            self._update(message, message.state, message.requests)

    def note_attempt(
        self, message: OutboxMessage, requests: Requests
    ) -> asyncio.Future[Any]:
        """Write that the next of some requests may be taken from now on."""
        return self._update(message, State.SENDING, requests)

    def _update(
        self, message: OutboxMessage, state: State, requests: Requests | None
    ) -> asyncio.Future[Any]:
        seq, progress = message.seq, message.dump()

        def write(db: sqlite3.Connection) -> None:
            # A full disk may have room for this, which says nothing about others.
            db.execute(
                "UPDATE messages SET state = ?, progress = ?,"
                " requests = coalesce(?, requests) WHERE seq = ?",
                (state, progress, requests and requests.dump(), seq),
            )

        return self._do(write, owed=(_UPDATE, seq))

    def remove(self, seq: int, facts: Mapping[str, Any]) -> asyncio.Future[bool]:
        """Delete a message, and write facts with that."""
        texts = as_texts(facts)
        self._held.pop(seq, None)
        self._owed.pop((_UPDATE, seq), None)

        def write(db: sqlite3.Connection) -> bool:
            delete(db, "VALUES (?)", seq)
            return write_facts(db, texts)

        def mark(db: sqlite3.Connection) -> None:
            # A full disk may have no room for the journal of the deletion.
            db.execute("UPDATE messages SET state = ? WHERE seq = ?", (OVER, seq))

        # What was given up is told of first.
        otherwise = None if facts else mark
        return self._do(write, owed=("remove", seq), otherwise=otherwise)

    def put(self, facts: Mapping[str, Any]) -> asyncio.Future[bool]:
        """Write facts; one that is None is deleted.

        Args:
            facts: JSON by key. "at" in it is a moment of the engine's clock.

        """
        write = partial(write_facts, texts=as_texts(facts))
        return self._do(write, owed=frozenset(facts))

    async def load(self, seq: int) -> tuple[Content, Requests | None]:
        """Return the content of a message that is only on disk.

        Raises:
            LookupError: it is not there, or damaged.
            OSError: the disk cannot be read at the moment.

        """

        def read(db: sqlite3.Connection) -> tuple[Content, Requests | None]:
            content, requests = row(
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
        (data,) = await self._read(lambda db: row(db, select, seq, number))
        return bytes(data)

    def note_clock(self) -> None:
        """Write how the clocks stand to each other, as the wall clock was set.

        If the power fails before anything else is written, the step would be taken for
        time that has passed.
        """
        # A file is not made for it.
        self._do(self._file.note_clock, reads=True)

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
        owed: Hashable = None,
        otherwise: Work | None = None,
    ) -> asyncio.Future[Any]:
        """Have the task do something."""
        self._file.may_create |= not reads
        if owed is not None:
            # What was owed before is outdated, and so is its place.
            self._owed.pop(owed, None)
            self._owed[owed] = work
        done = asyncio.get_running_loop().create_future()
        self._jobs.append(
            _Job(work=work, done=done, reads=reads, owed=owed, otherwise=otherwise)
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
                try:
                    await run(last)
                except (OSError, RuntimeError) as err:
                    _LOGGER.warning("The outbox cannot be closed or deleted: %s", err)
                continue
            works = [job.work for job in jobs]
            try:
                results = await run(partial(self._file.run, works))
            except RuntimeError as err:
                # No thread can be started.
                results = [OSError(str(err))] * len(works)
                self._file.problem = StorageProblem.UNWRITABLE
            self._notice()
            for job, result in zip(jobs, results, strict=True):
                if isinstance(result, sqlite3.Error | OSError):
                    if job.otherwise is not None:
                        self._do(job.otherwise)
                elif self._owed.get(job.owed) is job.work:
                    del self._owed[job.owed]
                if not job.done.done():
                    job.done.set_result(result if job.reads else result is True)

    def _try_again(self) -> None:
        """Find out if a disk that refused to write does not any more."""
        self._stop_retrying()
        owed, self._owed = self._owed, {}
        self._do(_try_room)
        for key, work in owed.items():
            self._do(work, owed=key)

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
            # What is being written is in the new one, or hears that it is not written.
            self._held = {
                seq: written
                for seq, written in self._held.items()
                if not written.done()
            }
            self._damaged()
        if problem is StorageProblem.UNWRITABLE and self._retry is None:
            loop = asyncio.get_running_loop()
            self._retry = loop.call_later(_RETRY, self._try_again)
        if problem is not self._problem:
            self._problem = problem
            self._ports.observer.storage(problem)


def _try_room(db: sqlite3.Connection) -> bool:
    """Find out if something new can be written."""
    write_facts(db, {_ROOM: " " * 10_000})
    return write_facts(db, {_ROOM: None})


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
