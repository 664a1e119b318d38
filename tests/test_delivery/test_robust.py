"""Whatever goes wrong around one message or at one question, all else goes on."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
import errno
import os
from pathlib import Path
import sqlite3
from typing import Any, Final, override

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.clients.pushjet import PushjetClient
from custom_components.wechat_push.delivery.reports import DeliveryStatus, Report
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from tests.messages import say
from tests.moments import drain, during, pass_time, settle
from tests.pictures import picture
from tests.samples import (
    PUSHJET,
    PUSHPLUS,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    add_recipient,
    send,
    set_up,
)
from tests.simulators import (
    BAD_ANSWERS,
    Answer,
    Pushjet,
    PushPlus,
    Simulator,
    WeCom,
    json_answer,
)
from tests.simulators.wecom import RELAYED
from tests.test_delivery.common import error, numbers, reports, status, texts, texts_to
from tests.test_delivery.disk import begin, end, outbox, waiting_texts
from tests.troubles import told

POISON: Final = "Poison"
ZHANG, OTHER = "notify.zhang_san_wxpusher", "notify.8001_wxpusher"


@contextmanager
def full_disk() -> Iterator[None]:
    """Let nothing be written to an outbox that is opened meanwhile."""
    connect = sqlite3.connect

    class Full(sqlite3.Connection):
        """A connection to a file on a full disk."""

        @override
        def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
            if sql.startswith(("INSERT", "UPDATE", "DELETE", "CREATE", "VACUUM")):
                raise sqlite3.OperationalError("database or disk is full")
            return super().execute(sql, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            sqlite3,
            "connect",
            lambda *args, **kwargs: connect(*args, **{**kwargs, "factory": Full}),
        )
        yield


async def test_disk_fills_up(
    hass: HomeAssistant, pushjet: Pushjet, freezer: FrozenDateTimeFactory
) -> None:
    """Test that all goes on in memory, that it is told, and that it ends by itself."""
    entry = await set_up(hass, PUSHJET, pushjet)
    await pushjet.stop()
    with full_disk():
        (answer,) = (await say(hass, "No. 1")).values()
        assert (answer["status"], answer["durable"]) == ("queued", False)
        assert list(told(hass)) == ["storage_unwritable"]
        await pushjet.start(port=pushjet.port)
        await drain(hass, freezer, entry)
    await pushjet.stop()
    assert (await status(hass, "No. 2"))[0] == "queued"
    await pass_time(hass, freezer, 60, step=5)
    assert told(hass) == {}
    await pushjet.start(port=pushjet.port)
    await drain(hass, freezer, entry)
    assert numbers(pushjet) == [1, 2]


async def test_disk_becomes_read_only(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    outboxes: Path,
    tmp_path: Path,
) -> None:
    """Test that what waits is delivered, once, from a disk that cannot be written."""
    (tmp_path / "door.jpg").write_bytes(picture())
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    entry = await set_up(hass, WECOM, wecom)
    await wecom.stop()
    await status(hass, "No. 0", image=str(tmp_path / "door.jpg"))
    await status(hass, "No. 1")
    await end(hass, freezer, outboxes, entry)
    open_file = os.open

    def read_only(path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        if str(path).endswith(".sqlite") and flags & os.O_RDWR:
            raise OSError(errno.EROFS, "Read-only file system")
        return open_file(path, flags, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "open", read_only)
        await begin(hass, entry)
        assert "storage_unwritable" in told(hass)
        heard = reports(entry)
        await wecom.start(port=wecom.port)
        await drain(hass, freezer, entry)
        await pass_time(hass, freezer, 600, step=20)
    assert [each.status for each in heard] == [DeliveryStatus.DELIVERED_LATE] * 2
    # The picture comes with its words.
    assert len(texts(wecom)) == 3


@pytest.mark.parametrize("left", ["a newer version", "no permission"])
async def test_outbox_that_cannot_be_read(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    outboxes: Path,
    monkeypatch: pytest.MonkeyPatch,
    left: str,
) -> None:
    """Test that what cannot be read at a start is not taken for nothing.

    It is told, the account works, and nothing is overwritten.
    """
    entry = await set_up(hass, PUSHJET, pushjet)
    await pushjet.stop()
    await send(hass, "No. 0")
    await end(hass, freezer, outboxes, entry)
    path = outbox(outboxes, entry)
    connect = sqlite3.connect
    with pytest.MonkeyPatch.context() as patch:
        if left == "a newer version":
            with connect(path) as db:
                db.execute("PRAGMA user_version = 99")
            db.close()
        else:

            def refuse(*args: Any, **kwargs: Any) -> sqlite3.Connection:
                raise PermissionError(errno.EACCES, "Permission denied")

            patch.setattr(sqlite3, "connect", refuse)
        before = path.read_bytes()
        await begin(hass, entry)
        (answer,) = (await say(hass, "No. 1")).values()
        assert (answer["status"], answer["durable"]) == ("queued", False)
        assert len(told(hass)) == 1
        await pass_time(hass, freezer, 30, step=5)
    assert path.read_bytes()[100:] == before[100:]
    assert waiting_texts(path) == ["No. 0"]
    await pushjet.start(port=pushjet.port)
    await pass_time(hass, freezer, 60, step=5)
    assert 1 in numbers(pushjet)


async def test_damaged_outbox(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    outboxes: Path,
) -> None:
    """Test that a damaged file is put aside and told of, and that the account works."""
    entry = await set_up(hass, PUSHJET, pushjet)
    await pushjet.stop()
    await send(hass, "No. 0")
    await end(hass, freezer, outboxes, entry)
    path = outbox(outboxes, entry)
    damaged = b"This is no database. " * 100
    path.write_bytes(damaged)
    await begin(hass, entry)
    assert list(told(hass)) == ["storage_damaged"]
    (answer,) = (await say(hass, "No. 1")).values()
    assert answer["durable"]
    aside = [each.read_bytes() for each in path.parent.glob(f"{path.name}.*")]
    assert damaged in aside
    await pushjet.start(port=pushjet.port)
    await drain(hass, freezer, entry)
    assert numbers(pushjet) == [1]


async def test_value_that_cannot_be_written(
    hass: HomeAssistant,
    pushplus: PushPlus,
    freezer: FrozenDateTimeFactory,
    outboxes: Path,
) -> None:
    """Test that half a character in a field does no harm to other messages."""
    entry = await set_up(hass, PUSHPLUS, pushplus)
    await pushplus.stop()
    odd: list[dict[str, Any]] = [
        {},
        {"targets": ["fam\ud83d"]},
        {"title": "Door\udc00"},
        {},
    ]
    for number, fields in enumerate(odd):
        await hass.services.async_call(
            "wechat_push",
            "send_message",
            {
                "entity_id": "notify.family_pushplus",
                "message": f"No. {number}",
                **fields,
            },
        )
        await settle(hass)
    await end(hass, freezer, outboxes, entry)
    assert {"No. 0", "No. 3"} <= set(waiting_texts(outbox(outboxes, entry)))
    await begin(hass, entry)
    await pushplus.start(port=pushplus.port)
    await pass_time(hass, freezer, 600, step=5)
    assert {0, 3} <= set(numbers(pushplus))
    assert entry.runtime_data.delivery.queued == 0


async def test_listener(
    hass: HomeAssistant, pushjet: Pushjet, freezer: FrozenDateTimeFactory
) -> None:
    """Test that whoever is told may fail, and the others are told all the same."""
    entry = await set_up(hass, PUSHJET, pushjet)
    (recipient,) = entry.runtime_data.recipients.values()

    @callback
    def fail(report: Report) -> None:
        raise RuntimeError("Strange")

    async_dispatcher_connect(hass, recipient.signal_report, fail)
    heard = reports(entry)
    await pushjet.stop()
    await status(hass, "No. 1")
    await status(hass, "No. 2")
    await pushjet.start(port=pushjet.port)
    await drain(hass, freezer, entry)
    assert await status(hass, "No. 3") == ("sent", None)
    assert numbers(pushjet) == [1, 2, 3]
    assert [report.status for report in heard] == [
        *[DeliveryStatus.QUEUED] * 2,
        *[DeliveryStatus.DELIVERED_LATE] * 2,
        DeliveryStatus.SENT,
    ]


async def test_strange_question(
    hass: HomeAssistant,
    pushjet: Pushjet,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Test that an account that fails to ask whether all is well asks again."""
    await set_up(hass, PUSHJET, pushjet)
    await pushjet.stop()
    await status(hass, "No. 1")

    async def fail(client: PushjetClient) -> None:
        raise RuntimeError("Strange")

    with monkeypatch.context() as patch:
        patch.setattr(PushjetClient, "probe", fail)
        await pass_time(hass, freezer, 30, step=5)
    assert "RuntimeError: Strange" in caplog.text
    await pushjet.start(port=pushjet.port)
    await pass_time(hass, freezer, 300, step=5)
    assert numbers(pushjet) == [1]
    assert await status(hass, "No. 2") == ("sent", None)


@pytest.mark.parametrize(
    "sample", [WECOM, PUSHPLUS], ids=[WECOM.service, PUSHPLUS.service]
)
async def test_half_outage(
    hass: HomeAssistant,
    sample: Any,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that a message waits while all else than sending works at its service."""
    entry = await set_up(hass, sample, simulator)
    simulator.always(BAD_ANSWERS["unavailable_503"], sample.path)
    assert (await status(hass, "No. 1"))[0] == "queued"
    await pass_time(hass, freezer, 2400, step=10)
    assert entry.runtime_data.delivery.queued == 1
    simulator.always(None, sample.path)
    await drain(hass, freezer, entry, step=5)
    # After so many tries, PushPlus is told the time, as it refuses what it had before.
    (text,) = texts(simulator)
    assert text.splitlines()[0].endswith("No. 1")
    assert told(hass) == {}


@pytest.mark.parametrize(
    ("sample", "answer", "others"),
    [
        pytest.param(
            WECOM,
            json_answer({"errcode": -1, "errmsg": "system busy"}),
            ("@lisi", "@zhangsan"),
            id="wecom-busy",
        ),
        pytest.param(
            WXPUSHER,
            BAD_ANSWERS["unavailable_503"],
            ("8001", UID_ZHANG),
            id="wxpusher-503",
        ),
    ],
)
async def test_poison(
    hass: HomeAssistant,
    sample: Any,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
    answer: Answer,
    others: tuple[str, str],
) -> None:
    """Test that what its service does not digest steps aside for all others."""
    other, own = others
    recipient = {"targets": [own], "format": "text"}
    entry = await set_up(hass, sample, simulator, recipient=recipient)
    await add_recipient(hass, entry, {"targets": [other], "format": "text"})
    first, second = hass.states.async_entity_ids("notify")
    own_name, other_name = own.removeprefix("@"), other.removeprefix("@")
    simulator.always(answer, sample.path, text=POISON)
    await send(hass, POISON, entity_id=first)
    await during(hass, freezer, send(hass, "No. 99", entity_id=first))
    for number in range(4):
        await during(hass, freezer, send(hass, f"No. {number}", entity_id=second))
        await pass_time(hass, freezer, 10, step=2)
    # A minute later, only the poison waits.
    await pass_time(hass, freezer, 20, step=5)
    assert entry.runtime_data.delivery.queued == 1
    received = [text.split("] ")[-1] for text in texts_to(simulator, own_name)]
    assert received == ["No. 99"]
    received = [text.split("] ")[-1] for text in texts_to(simulator, other_name)]
    assert received == [f"No. {number}" for number in range(4)]
    simulator.requests.clear()
    await pass_time(hass, freezer, 3600, step=20)
    # Tried at growing intervals until nobody wants it, which is told with the cause.
    assert 3 <= len(simulator.requests_to(sample.path)) <= 20
    assert told(hass)["undelivered"]["count"] == "1"
    assert "xpired" not in told(hass)["undelivered"]["reason"]


async def test_expired_with_a_cause(
    hass: HomeAssistant, pushjet: Pushjet, freezer: FrozenDateTimeFactory
) -> None:
    """Test that what expires after a failure is told with that failure everywhere."""
    entry = await set_up(hass, PUSHJET, pushjet)
    heard = reports(entry)
    pushjet.always(BAD_ANSWERS["unavailable_503"])
    await say(hass, "No. 1", expires_after={"minutes": 5})
    await pass_time(hass, freezer, 330, step=10)
    last = heard[-1]
    assert last.status in (DeliveryStatus.EXPIRED, DeliveryStatus.REFUSED)
    assert last.error is not None
    assert last.error.problem == "server_error"
    assert "503" in told(hass)["undelivered"]["reason"]
    state = hass.states.get(f"sensor.pushjet_127_0_0_1_{pushjet.port}_last_error")
    assert state is not None
    assert state.state == "server_error"


async def test_two_failures_in_a_row(
    hass: HomeAssistant, pushjet: Pushjet, freezer: FrozenDateTimeFactory
) -> None:
    """Test that two bad answers within seconds do not end a message that is kept."""
    entry = await set_up(hass, PUSHJET, pushjet)
    pushjet.script(*[BAD_ANSWERS["bad_gateway_502"]] * 2, path=PUSHJET.path)
    assert (await status(hass, "No. 1"))[0] == "queued"
    await drain(hass, freezer, entry, step=5)
    assert numbers(pushjet)[0] == 1
    assert told(hass) == {}


async def test_silence_of_those_who_fail_at_once(
    hass: HomeAssistant, pushjet: Pushjet, freezer: FrozenDateTimeFactory
) -> None:
    """Test that who wants no late message is told after 15 seconds, and it has ended."""
    recipient = {**PUSHJET.recipient, "when_down": "fail"}
    await set_up(hass, PUSHJET, pushjet, recipient=recipient, read_timeout=60)
    pushjet.always(Answer(hang=True), PUSHJET.path)
    begun = freezer().timestamp()
    assert await during(hass, freezer, error(hass, "No. 1")) == "timeout"
    assert freezer().timestamp() - begun <= 16


async def test_picture_that_cannot_be_uploaded(
    hass: HomeAssistant,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    tmp_path: Path,
) -> None:
    """Test that a relay that passes on no uploads costs the picture, and nothing else.

    Most relays pass on the access token and messages only.
    """
    (tmp_path / "door.jpg").write_bytes(picture())
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    entry = await set_up(hass, WECOM, wecom)
    wecom.passed_paths = RELAYED
    image = str(tmp_path / "door.jpg")
    (said,) = (await during(hass, freezer, say(hass, "Look!", image=image))).values()
    assert (said["status"], said["left_out"]) == ("sent", ["door.jpg"])
    assert await during(hass, freezer, status(hass, "No. 1")) == ("sent", None)
    await drain(hass, freezer, entry)
    first, note, last = texts(wecom)
    assert (first, last) == ("Look!", "No. 1")
    assert "door.jpg" in note


async def test_many_messages_to_a_wrong_address(
    hass: HomeAssistant, pushjet: Pushjet, freezer: FrozenDateTimeFactory
) -> None:
    """Test that what waits behind a page that is not there makes a handful of requests."""
    entry = await set_up(hass, PUSHJET, pushjet)
    pushjet.always(BAD_ANSWERS["not_found_404"])
    sending = [send(hass, f"No. {number}") for number in range(40)]
    await during(hass, freezer, asyncio.gather(*sending))
    assert entry.runtime_data.delivery.queued == 40
    await pass_time(hass, freezer, 300, step=5)
    assert len(pushjet.requests_to(PUSHJET.path)) <= 15
    pushjet.always(None)
    await drain(hass, freezer, entry, step=5)
    assert sorted(numbers(pushjet)) == list(range(40))
