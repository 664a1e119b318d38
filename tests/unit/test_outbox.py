"""The outbox: what is on disk, and what becomes of it when the disk fails."""

import asyncio
from contextlib import closing
from dataclasses import replace
import errno
import os
from pathlib import Path
import sqlite3
from typing import Any, override
from unittest.mock import patch

import pytest

from custom_components.wechat_push.clients.errors import (
    LimitError,
    TemporaryError,
    UnreachableError,
)
from custom_components.wechat_push.clients.message import (
    Attachment,
    AttachmentKind,
    Message,
)
from custom_components.wechat_push.clients.rate_policy import Rate, RatePolicy, Scope
from custom_components.wechat_push.delivery.errors import DeliveryProblem
from custom_components.wechat_push.delivery.outbox_file import OutboxFile, Work
from custom_components.wechat_push.delivery.outbox_message import Content
from custom_components.wechat_push.delivery.reports import (
    DeliveryStatus,
    StorageProblem,
)

from .house import HANG, START, House
from .world import Disk, DiskFault

UNREACHABLE = TemporaryError("server_error", status="503")
PICTURE = Attachment(
    kind=AttachmentKind.IMAGE,
    name="p.png",
    content_type="image/png",
    content=bytes(range(256)) * 3000,
)


class TwoAMinute(RatePolicy):
    """Two requests a minute, one after another."""

    rates = (Rate(calls=2, seconds=60, scope=Scope.ACCOUNT),)
    one_at_a_time = True


@pytest.fixture(autouse=True)
def away(house: House) -> None:
    """Have the service be away."""
    house.answers[""] = [UNREACHABLE] * 1000


def queued(house: House, text: str = "x", recipient_id: str = "a", **more: Any) -> Any:
    """Hand over a message that waits, and return it with its answer."""
    message = house.say(text, recipient_id, **more)
    answer = house.answer(message)
    assert answer.queued is not None
    return message, answer


def no_network(house: House) -> None:
    """Have nothing reach the service, so that only the first message is tried."""
    house.probe_answer = UnreachableError("cannot_connect")
    house.answers[""] = [house.probe_answer] * 1000


def network(house: House) -> None:
    """Have everything reach the service again."""
    house.probe_answer = None
    house.answers.clear()


def raise_error(*_: object) -> None:
    """Fail as a disk does."""
    raise OSError(errno.EIO, "I/O error")


def rows(house: House) -> list[Any]:
    """Return the messages on disk, once the engine is closed."""
    database = sqlite3.connect(house.path)
    found = database.execute("SELECT content, state FROM messages").fetchall()
    database.close()
    return found


def test_nothing_to_keep(house: House, tmp_path: Path) -> None:
    """Without a message that waits or can be recalled there is no file."""
    house.client.has_recall = False
    house.answers.clear()
    house.answer(house.say("x"))
    house.restart()
    assert list(tmp_path.iterdir()) == []


def test_answered_within_the_second(house: House) -> None:
    """What is answered within the second is not written."""
    house.client.has_recall = False
    house.answers[""] = [0.7]
    assert house.answer(house.say("x")).queued is None
    house.wait(5)
    assert not house.path.exists()


def test_kept_after_a_second(house: House) -> None:
    """What is not answered within the second outlives a kill."""
    house.answers.clear()
    house.upload_answers[""] = [HANG]
    house.say("x", files=[PICTURE])
    house.wait(1.5)
    house.kill()
    house.wait(60)
    assert house.taken == ["x"]


def test_places_after_the_clock_was_set(house: House) -> None:
    """No message takes the place of another one, whatever the clock says."""
    for text, recipient_id in ("x", "a"), ("y", "b"):
        queued(house, text, recipient_id)
    house.skew = -9 * 86400.0
    house.restart()
    queued(house, "z", "c")
    house.kill()
    house.answers.clear()
    house.wait(600)
    assert sorted(house.taken) == ["x", "y", "z"]


def test_mode(house: House) -> None:
    """Nobody else can read the file."""
    queued(house)
    assert house.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("waits", [True, False])
def test_what_was_deleted_is_gone(house: House, waits: bool) -> None:
    """Nothing of a message that was sent is left in the file, and no room if none waits."""
    # Here, the ID that it is recalled by is its text.
    house.client.has_recall = False
    secret = "secret" * 100
    queued(house, secret, files=[PICTURE])
    assert b"secretsecret" in house.path.read_bytes()
    if waits:
        queued(house, "other", "b", life=7200)
        house.answers["other"] = [UNREACHABLE] * 1000
    house.answers[""].clear()
    house.wait(600)
    assert house.taken == [secret]
    assert house.engine.queued == waits
    assert b"secretsecret" not in house.path.read_bytes()
    assert waits or house.path.stat().st_size < 100_000


def test_picture_survives(house: House) -> None:
    """An attachment of a message that waits is the same after a restart."""
    house.upload_answers[""] = [HANG]
    house.say("x", files=[PICTURE])
    house.wait(0.5)
    house.restart()
    house.answers.clear()
    house.upload_answers.clear()
    house.wait(600)
    assert house.taken == ["x"]
    assert house.uploads[-1] == PICTURE.content


def test_upload_is_not_repeated(house: House) -> None:
    """What an upload gave is kept over a restart."""
    queued(house, files=[PICTURE])
    house.wait(2)
    house.restart()
    house.answers.clear()
    house.wait(600)
    assert house.taken == ["x"]
    assert len(house.uploads) == 1


def test_not_a_database(house: House, tmp_path: Path) -> None:
    """A file that is no database is put aside, and the account works on."""
    house.stop()
    house.path.write_bytes(b"rubbish " * 1000)
    house.start()
    assert house.storage_problems == [StorageProblem.DAMAGED]
    queued(house)
    names = {each.name for each in tmp_path.iterdir()}
    (aside,) = (name for name in names if ".damaged-" in name and "journal" not in name)
    assert (tmp_path / aside).read_bytes() == b"rubbish " * 1000
    house.stop()
    assert len(rows(house)) == 1


@pytest.mark.parametrize("where", [100, 5000])
def test_corrupt(house: House, tmp_path: Path, where: int) -> None:
    """A database that is damaged is put aside with all that is in it."""
    for number in range(20):
        queued(house, f"{number} " + "x" * 500)
    house.stop()
    data = bytearray(house.path.read_bytes())
    data[where : where + 4000] = b"\xff" * 4000
    house.path.write_bytes(data)
    house.start()
    assert StorageProblem.DAMAGED in house.storage_problems
    assert any(".damaged-" in each.name for each in tmp_path.iterdir())
    queued(house, "y")


def test_wrong_schema(house: House, tmp_path: Path) -> None:
    """A database of somebody else is put aside."""
    house.stop()
    database = sqlite3.connect(house.path)
    database.execute("CREATE TABLE messages (x)")
    database.close()
    house.start()
    assert house.storage_problems == [StorageProblem.DAMAGED]
    assert any(".damaged-" in each.name for each in tmp_path.iterdir())


def test_damaged_while_it_is_used(house: House) -> None:
    """Damage during operation is told; what is in memory is written again."""
    first, _ = queued(house, "first")
    second, _ = queued(house, "second", "b")
    house.wait(1)
    database = house.engine._outbox._file._db  # noqa: SLF001
    assert database is not None
    database.execute("DROP TABLE attachments")
    data = bytearray(house.path.read_bytes())
    data[100:] = b"\xff" * (len(data) - 100)
    house.path.write_bytes(data)
    database.execute("PRAGMA shrink_memory")
    third = house.say("third", "c")
    house.wait(30)
    assert StorageProblem.DAMAGED in house.storage_problems
    house.answers.clear()
    house.wait(3600)
    for message in (first, second, third):
        assert house.statuses(message)[-1] in (
            DeliveryStatus.DELIVERED_LATE,
            DeliveryStatus.REFUSED,
        )
    assert "third" in house.taken


def test_damaged_among_several_works(house: House) -> None:
    """Damage is told of, though what comes after it is written to another file."""
    no_network(house)
    for number in range(15):
        queued(house, f"{number} " + "x" * 3000)
    house.wait(5)
    database = house.engine._outbox._file._db  # noqa: SLF001
    assert database is not None
    with house.path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * (house.path.stat().st_size - 100))
    database.execute("PRAGMA shrink_memory")

    def put() -> None:
        for key in "ab":
            house.engine._outbox.put({key: {}})  # noqa: SLF001

    house.call(put)
    house.wait(1)
    assert house.storage_problems == [StorageProblem.DAMAGED, None]
    # What was in it alone is told of at once, and the rest is in the new one.
    house.restart()
    network(house)
    house.wait(600)
    assert len(house.taken) + house.given_up[-1].count == 15


def test_written_beside_damage(house: House) -> None:
    """What is written right before or after damage is met is sent once."""
    no_network(house)
    queued(house, "old", "c")
    house.wait(3)

    def corrupt(_: sqlite3.Connection) -> None:
        err = sqlite3.DatabaseError("malformed")
        err.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise err

    def keep() -> None:
        engine = house.engine
        for text, recipient_id in (("before", "a"), ("after", "b")):
            content = Content(message=Message(text=text))
            message = engine.hand_over(recipient_id, content)
            engine._queue(recipient_id).keep(message)  # noqa: SLF001
            if text == "before":
                engine._outbox._do(corrupt)  # noqa: SLF001

    house.call(keep)
    house.wait(5)
    assert house.storage_problems[0] is StorageProblem.DAMAGED
    network(house)
    house.wait(120)
    house.restart()
    house.wait(120)
    assert sorted(house.taken) == ["after", "before", "old"]


def test_full_among_several_works(house: House) -> None:
    """What does not fit is owed and told of, though something smaller fits."""

    def write(_: sqlite3.Connection) -> bool:
        if house.loop.time() < 10:
            raise sqlite3.OperationalError("full")
        written.append(house.now())
        return True

    written: list[float] = []

    def put() -> None:
        outbox = house.engine._outbox  # noqa: SLF001
        outbox._do(write, owed="large")  # noqa: SLF001
        outbox.put({"small": {}})

    house.call(put)
    house.wait(1)
    assert house.storage_problems == [StorageProblem.UNWRITABLE]
    house.wait(15)
    assert house.storage_problems == [StorageProblem.UNWRITABLE, None]
    assert written


@pytest.mark.parametrize("killed", [False, True])
def test_update_from_before_a_failed_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: bool
) -> None:
    """What could not be written of a message does not replace what was written later."""
    house = House(tmp_path, policy=TwoAMinute())
    house.disk_delay = 1
    house.answers = {"one": [1.5], "two": [3.0]}
    with monkeypatch.context() as patch:
        patch.setattr(OutboxFile, "_transact", raise_error)
        house.say("one\ntwo\nthree")
        house.wait(4)
    house.disk_delay = 0.01
    house.wait(11)
    if killed:
        house.kill()
    else:
        house.restart()
    house.wait(200)
    assert house.taken == ["one", "two", "three"]
    house.close()


def test_given_up_before_it_could_be_read(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was given up adds to what the file holds, once that can be read."""
    for number in range(3):
        queued(house, f"{number}", life=60)
    house.wait(100)
    house.stop()
    with monkeypatch.context() as patch:
        patch.setattr(OutboxFile, "_connect", raise_error)
        house.start()
        for number in range(5):
            queued(house, f"later {number}", life=60)
        house.wait(100)
    house.wait(30)
    assert house.given_up[-1].count == 8
    house.restart()
    assert house.given_up[-1].count == 8


def test_files_are_not_in_memory(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of a message that waits are on disk alone, however long its request took."""

    async def fail(script: object, key: str) -> None:
        await asyncio.sleep(20)
        raise TemporaryError("server_error", uncertain=True, status="502")

    monkeypatch.setattr(house, "follow", fail)
    for recipient_id in "abc":
        house.say(recipient_id, recipient_id, files=[PICTURE])
    house.wait(110)
    assert not any(each.holds_files for each in house.engine._messages())  # noqa: SLF001


def test_no_thread(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """An executor that takes no work for a while does not end the outbox."""
    queued(house)
    outbox = house.engine._outbox  # noqa: SLF001
    run, refusals = house.run_blocking, ["can't start new thread"]

    def run_blocking(function: Any) -> Any:
        if refusals:
            raise RuntimeError(refusals.pop())
        return run(function)

    monkeypatch.setattr(
        outbox,
        "_ports",
        replace(outbox._ports, run_blocking=run_blocking),  # noqa: SLF001
    )
    house.wait(1)
    queued(house, "y", "b")
    house.answers.clear()
    house.wait(600)
    assert sorted(house.taken) == ["x", "y"]
    assert house.storage_problems == [StorageProblem.UNWRITABLE, None]


def test_newer_version(house: House) -> None:
    """A file of a newer version is left as it is; the account works in memory."""
    queued(house, "old")
    house.stop()
    database = sqlite3.connect(house.path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    before = house.path.read_bytes()
    house.start()
    assert house.storage_problems[-1] is StorageProblem.NEWER
    _, answer = queued(house, "new")
    assert not answer.durable
    assert answer.queued.problem == DeliveryProblem.STORAGE_UNWRITABLE
    house.answers.clear()
    house.wait(600)
    assert house.taken == ["new"]
    house.stop()
    assert house.path.read_bytes() == before


def test_one_that_cannot_be_written(house: House, monkeypatch: Any) -> None:
    """A message that cannot be written fails alone."""
    house.stop()
    real, bad = sqlite3.connect, "bad"

    class Picky(sqlite3.Connection):
        @override
        def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
            if (
                sql.startswith("INSERT")
                and args
                and any(bad in str(x) for x in args[0])
            ):
                raise sqlite3.DataError("too big")
            return super().execute(sql, *args)

    monkeypatch.setattr(
        sqlite3, "connect", lambda *args, **more: real(*args, factory=Picky, **more)
    )
    house.start()
    texts = {"a": "x", "b": "bad", "c": "y"}
    messages = [house.say(text, each) for each, text in texts.items()]
    durable = [house.answer(each).durable for each in messages]
    assert durable == [True, False, True]
    monkeypatch.undo()
    house.answers.clear()
    house.wait(600)
    assert sorted(house.taken) == ["bad", "x", "y"]


@pytest.mark.parametrize("kind", ["io", "full", "read-only"])
def test_disk_that_fails(house: House, tmp_path: Path, kind: str) -> None:
    """A disk that refuses is told of once; it is written again by itself."""
    disk = Disk(tmp_path, (DiskFault(start=10, end=310, kind=kind),))
    with disk.used():
        queued(house, "before")
        house.wait(10)
        _, answer = queued(house, "during", "b")
        assert not answer.durable
        assert answer.queued.problem == DeliveryProblem.STORAGE_UNWRITABLE
        house.wait(200)
        assert house.storage_problems == [StorageProblem.UNWRITABLE]
        house.wait(120)
        assert house.storage_problems == [StorageProblem.UNWRITABLE, None]
        house.restart()
        house.answers.clear()
        house.wait(900)
    assert sorted(house.taken) == ["before", "during"]


@pytest.mark.parametrize("kind", ["io", "full", "read-only"])
@pytest.mark.parametrize(
    ("end", "rest"), [(310, 800), (122, 1)], ids=["tried again", "at the end"]
)
def test_sent_while_the_disk_fails(
    house: House, tmp_path: Path, kind: str, end: float, rest: float
) -> None:
    """What was sent while the disk failed does not come back after a restart."""
    disk = Disk(tmp_path, (DiskFault(start=20, end=end, kind=kind),))
    with disk.used():
        message, _ = queued(house, "x")
        house.wait(21)
        house.answers.clear()
        house.wait(100)
        assert house.statuses(message)[-1] is DeliveryStatus.DELIVERED_LATE
        house.wait(rest)
        house.restart()
        house.wait(600)
    assert house.taken == ["x"]


@pytest.mark.parametrize("kind", ["full", "no room", "read-only"])
@pytest.mark.parametrize("restarts", [False, True])
def test_read_from_a_disk_that_cannot_be_written(
    house: House, tmp_path: Path, kind: str, restarts: bool
) -> None:
    """What is on disk alone is sent, and holds up nothing behind it."""
    with Disk(tmp_path, (DiskFault(start=20, end=1e9, kind=kind),)).used():
        no_network(house)
        for number in range(4):
            queued(house, f"{number}")
        house.wait(21)
        if restarts:
            house.restart()
        network(house)
        house.wait(60)
        house.answer(house.say("4"))
    assert house.taken == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("kind", ["full", "no room", "read-only"])
def test_parts_on_a_disk_that_cannot_be_written(
    house: House, tmp_path: Path, kind: str
) -> None:
    """A part that was sent is not sent again when the account is reloaded."""
    with Disk(tmp_path, (DiskFault(start=20, end=1e9, kind=kind),)).used():
        no_network(house)
        queued(house, "1\n2")
        house.wait(21)
        network(house)
        house.answers["2"] = [UNREACHABLE] * 100
        house.wait(60)
        assert house.taken == ["1"]
        house.run(house.engine.detach())
        house.attach()
        house.answers.clear()
        house.wait(60)
    assert house.taken == ["1", "2"]


def test_disk_that_cannot_be_read(tmp_path: Path) -> None:
    """A message that cannot be read holds up neither its recipient nor others."""
    house = House(tmp_path, policy=TwoAMinute())
    with Disk(tmp_path, (DiskFault(start=20, end=900, kind="io"),)).used():
        house.wait(10)
        for number in range(2):
            house.say(f"{number}", "b")
        house.wait(1)
        house.say("old")
        house.wait(70)
        for recipient_id in "ac":
            house.say(f"alarm {recipient_id}", recipient_id)
        house.wait(120)
        assert house.taken == ["0", "1", "alarm a", "alarm c"]
        house.wait(900)
        assert house.taken[-1] == "old"
    house.close()


def test_expired_while_the_disk_cannot_be_read(house: House, tmp_path: Path) -> None:
    """A message that cannot be read until it expires is told of with that reason."""
    with Disk(tmp_path, (DiskFault(start=20, end=1e9, kind="io"),)).used():
        no_network(house)
        queued(house, life=600)
        queued(house, "y", life=600)
        house.wait(21)
        network(house)
        house.wait(600)
    assert house.taken == ["x"]
    assert house.given_up[-1].error.problem == DeliveryProblem.DAMAGED


def test_disk_that_fails_for_long(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that fails for days costs no more and no more."""
    real_run, works = OutboxFile.run, []

    def run(self: OutboxFile, wanted: list[Work]) -> list[Any]:
        works.append(len(wanted))
        return real_run(self, wanted)

    monkeypatch.setattr(OutboxFile, "run", run)
    with Disk(tmp_path, (DiskFault(start=10, end=1e9, kind="io"),)).used():
        queued(house, life=1e6)
        house.wait(86400)
    assert 7000 < len(works) < 9000
    assert max(works) < 10


def test_sent_while_the_disk_is_full(house: House, tmp_path: Path) -> None:
    """What cannot be deleted from a full disk is marked, and not sent after a kill."""
    disk = Disk(tmp_path, (DiskFault(start=20, end=1e9, kind="full"),))
    with disk.used():
        queued(house, "x", files=[PICTURE])
        house.wait(21)
        house.answers.clear()
        house.wait(100)
        assert house.taken == ["x"]
        house.kill()
        house.wait(600)
        assert house.taken == ["x"]
    house.restart()
    house.stop()
    assert rows(house) == []
    assert PICTURE.content[:1000] not in house.path.read_bytes()


@pytest.mark.parametrize("kind", ["io", "full", "read-only"])
def test_given_up_while_the_disk_fails(house: House, tmp_path: Path, kind: str) -> None:
    """What is given up while nothing can be written is told after a restart as well."""
    disk = Disk(tmp_path, (DiskFault(start=0, end=60, kind=kind),))
    with disk.used():
        _, answer = queued(house, life=30)
        assert not answer.durable
        house.wait(120)
        assert [each.count for each in house.given_up] == [1]
        house.given_up.clear()
        house.restart()
    assert [each.count for each in house.given_up] == [1]


def test_stop_while_the_disk_fails(house: House, tmp_path: Path) -> None:
    """A disk that refuses everything does not keep Home Assistant from stopping."""
    disk = Disk(tmp_path, (DiskFault(start=0, end=1e9, kind="io"),))
    with disk.used():
        queued(house)
        began = house.loop.time()
        house.stop()
    assert house.loop.time() - began < 10


def test_journal_of_a_damaged_file(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A damaged file keeps its journal: the other way round, SQLite would drop it."""
    queued(house)
    house.stop()
    names = ("outbox.sqlite", "outbox.sqlite-journal")
    for name in names:
        (tmp_path / name).write_bytes(name.encode())
    real, renamed = Path.rename, []

    def damaged(*_: Any, **__: Any) -> None:
        monkeypatch.undo()
        monkeypatch.setattr(Path, "rename", rename)
        err = sqlite3.DatabaseError("damaged")
        err.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise err

    def rename(path: Path, to: Path) -> Path:
        renamed.append((path.name, to.name))
        return real(path, to)

    monkeypatch.setattr(sqlite3, "connect", damaged)
    house.start()
    assert house.storage_problems == [StorageProblem.DAMAGED]
    assert [name for name, _ in renamed] == [*names]
    (aside, journal) = (name for _, name in renamed)
    assert journal == f"{aside}-journal"
    for name, to in renamed:
        assert (tmp_path / to).read_bytes() == name.encode()


@pytest.mark.parametrize(("boot", "later"), [("boot", 0), ("another", 900)])
def test_read_only_at_the_start(
    house: House, monkeypatch: Any, boot: str, later: float
) -> None:
    """What is on a disk that is read-only is delivered from it, and only once."""
    queued(house, "x")
    house.stop()
    house.boot_id = boot
    house.boot_at += later
    real = os.open

    def refuse(path: Any, flags: int, *args: Any) -> int:
        if flags & os.O_RDWR and str(path).startswith(str(house.path)):
            raise OSError(errno.EROFS, "read-only")
        return real(path, flags, *args)

    monkeypatch.setattr(os, "open", refuse)
    house.answers.clear()
    house.start()
    assert house.storage_problems == [StorageProblem.UNWRITABLE]
    house.wait(60)
    assert house.taken == ["x"]
    monkeypatch.undo()
    house.wait(15)
    assert house.storage_problems == [StorageProblem.UNWRITABLE, None]
    house.kill()
    house.wait(60)
    assert house.taken == ["x"]


def test_damaged_on_a_disk_that_fails(house: House, tmp_path: Path) -> None:
    """A damaged file that cannot be put aside holds up nothing, and is later."""
    house.stop()
    house.path.write_bytes(b"rubbish " * 1000)
    with patch.object(Path, "rename", side_effect=OSError(errno.EROFS, "read-only")):
        house.start()
        assert house.storage_problems == [StorageProblem.UNWRITABLE]
        _, answer = queued(house)
        assert not answer.durable
        house.answers.clear()
        house.wait(600)
        assert house.taken == ["x"]
    house.wait(15)
    assert StorageProblem.DAMAGED in house.storage_problems
    assert any(".damaged-" in each.name for each in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("off", "skew", "left"),
    [
        # The power was off for half an hour.
        (1800.0, 0.0, 1800.0 - 60),
        # No clock chip: the clock is behind what it was, so it is wrong.
        (1800.0, -9 * 86400.0, 3600.0 - 60),
    ],
    ids=["later", "earlier"],
)
def test_another_boot(house: House, off: float, skew: float, left: float) -> None:
    """The time between two boots counts if the wall clock is later."""
    message, _ = queued(house, life=3600)
    house.wait(60)
    house.stop()
    house.boot_id = "another"
    house.loop.now += off
    house.boot_at = house.loop.now - 5
    house.skew = skew
    house.start()
    (restored,) = house.engine._messages()  # noqa: SLF001
    assert restored.handle == message.handle
    assert restored.expires - house.now() == pytest.approx(left, abs=60)
    before = restored.expires - house.now()
    house.restart()
    (restored,) = house.engine._messages()  # noqa: SLF001
    assert restored.expires - house.now() == pytest.approx(before, abs=5)


def test_clock_set_before_another_boot(house: House) -> None:
    """A wall clock that was set, with nothing written since, is no time that passed."""
    message, _ = queued(house, life=3600)
    house.wait(60)
    house.skew = 9 * 86400.0
    house.stop()
    house.boot_id, house.boot_at = "another", house.loop.now - 5
    house.start()
    (restored,) = house.engine._messages()  # noqa: SLF001
    assert restored.handle == message.handle
    assert restored.expires - house.now() == pytest.approx(3540, abs=60)


@pytest.mark.parametrize("behind", [9 * 86400.0, 2 * 3600.0])
def test_clock_set_before_a_power_cut(house: House, behind: float) -> None:
    """A clock that was behind and is set right is no time that passed."""
    house.skew = -behind
    house.restart()
    house.probe_answer = UNREACHABLE
    queued(house, life=3600)
    house.wait(60)
    house.skew = 0
    house.wait(1)
    house.kill("another")
    assert house.engine.queued == 1
    house.answers.clear()
    house.probe_answer = None
    house.wait(600)
    assert house.taken == ["x"]
    assert not house.given_up


def test_clock_set_between_two_runs(house: House) -> None:
    """A clock that was set while nothing ran, before a power cut, is no time either."""
    house.skew = -9 * 86400.0
    house.restart()
    queued(house, life=3600)
    house.stop()
    house.skew = 0
    house.start()
    house.kill("another")
    house.wait(60)
    assert house.engine.queued == 1
    assert not house.given_up


def test_boots_on_a_disk_that_fails(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time between two boots counts once, though nothing was written since."""
    queued(house, life=3600)
    house.stop()
    house.loop.now += 1800
    with monkeypatch.context() as patch:
        patch.setattr(OutboxFile, "_transact", raise_error)
        house.boot_id, house.boot_at = "another", house.loop.now - 5
        house.start()
        house.kill("a third one")
    (restored,) = house.engine._messages()  # noqa: SLF001
    assert restored.expires - house.now() == pytest.approx(1800, abs=60)


def test_block_over_a_power_cut(house: House) -> None:
    """A block of a day lasts a day, whatever the clock was when it began."""
    house.skew = -9 * 86400.0
    house.restart()
    house.answers["x"] = [LimitError("too_many_requests", retry_after=86400)]
    queued(house, life=6 * 86400.0)
    house.skew = 0
    house.wait(1)
    house.kill("another")
    assert house.engine.blocked_until == pytest.approx(START + 86400, abs=60)
    house.wait(3600)
    assert len(house.requests) == 1


def test_clock_set_without_a_file(house: House, tmp_path: Path) -> None:
    """No file is made because the clock is set."""
    house.skew = 60
    house.wait(5)
    assert list(tmp_path.iterdir()) == []


def test_read_late(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What happened before the outbox could be read is not replaced by what it holds."""
    house.answers["x"] = [LimitError("too_many_requests", retry_after=120)]
    queued(house, life=6 * 86400.0)
    house.wait(5)
    house.stop()
    house.wait(300)
    with monkeypatch.context() as patch:
        patch.setattr(OutboxFile, "_open", raise_error)
        house.start()
        house.answers["y"] = [LimitError("too_many_requests", retry_after=86400)]
        house.say("y", life=6 * 86400.0)
        house.wait(5)
        number = len(house.requests)
    house.wait(60)
    assert house.storage_problems[-1] is None
    assert len(house.requests) == number


@pytest.mark.parametrize("runs", [True, False])
def test_same_boot(house: House, runs: bool) -> None:
    """Within a boot the wall clock does not matter, whenever it is set."""
    queued(house, life=3600)
    if not runs:
        house.stop()
    house.skew = 9 * 86400.0
    if runs:
        house.stop()
    house.start()
    (restored,) = house.engine._messages()  # noqa: SLF001
    assert restored.expires - house.now() == pytest.approx(3600, abs=5)


def test_clock_that_is_not_known(house: House) -> None:
    """What was written before the clocks were noted is no damage."""
    queued(house)
    house.stop()
    with closing(sqlite3.connect(house.path)) as database:
        database.execute("DELETE FROM facts WHERE key = 'clock'")
        database.commit()
    house.answers.clear()
    house.start()
    house.wait(60)
    assert house.storage_problems == []
    assert house.taken == ["x"]


def test_cause_after_a_restart(house: House) -> None:
    """What expired while nothing ran is told of with what it waited for."""
    queued(house, life=60)
    house.stop()
    house.loop.now += 120
    house.start()
    house.wait(1)
    assert house.given_up[-1].error.problem == UNREACHABLE.problem


def test_removed(house: House, tmp_path: Path) -> None:
    """Nothing is left of an account that is removed."""
    queued(house, files=[PICTURE])
    house.run(house.engine.remove())
    # A person may have clicked on something.
    house.call(house.engine.lift_cooldown)
    house.wait(60)
    assert list(tmp_path.iterdir()) == []


def test_boots_without_a_request(house: House) -> None:
    """A pause that is told in the time of one boot is no longer in the third one."""
    house.answers["x"] = [LimitError("too_many_requests", retry_after=86400)]
    house.say("x", life=7 * 86400.0)
    house.wait(10)
    for boot in range(3):
        house.stop()
        house.boot_id = f"boot {boot}"
        house.boot_at = house.loop.now - 5
        house.start()
        house.wait(60)
    blocked_until = house.engine.blocked_until
    assert blocked_until == pytest.approx(START + 86400, abs=60)
