"""An engine on virtual time, with a client that follows a script."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
import os
from pathlib import Path
import random
import time
from typing import Any, override

from custom_components.wechat_push.clients.client import Client
from custom_components.wechat_push.clients.message import (
    Attachment,
    Format,
    Message,
    Part,
)
from custom_components.wechat_push.clients.rate_policy import RatePolicy
from custom_components.wechat_push.clients.receipt import Accepted, Receipt
from custom_components.wechat_push.delivery.outbox_message import (
    Answer,
    Content,
    OutboxMessage,
)
from custom_components.wechat_push.delivery.ports import Connection, Override, Ports
from custom_components.wechat_push.delivery.reports import (
    DeliveryStatus,
    Report,
    StorageProblem,
    Undelivered,
)
from custom_components.wechat_push.delivery.service import DeliveryService

from .virtual_time import VirtualLoop

# Of random numbers; others are tried with `SEED=2`.
SEED = int(os.environ.get("SEED", "1"))
# The wall clock at the start.
START = 1_800_000_000.0
# An answer of a script that never comes.
HANG = 1e9

# What a request comes to: a receipt of its own, or the usual one after some seconds.
type Answered = Exception | Receipt | float


class ScriptedClient(Client[Any]):
    """A client that answers as told; what there is no answer for is taken."""

    has_recall = True

    def __init__(self, house: House) -> None:
        self.rate_policy = house.policy
        self._house = house

    @override
    def prepare(self, message: Message, target: Any) -> tuple[Part, ...]:
        """Return a request for each line."""
        files = list(range(len(message.attachments)))
        return tuple(
            {"to": target, "text": line, "files": [] if number else files}
            for number, line in enumerate(message.text.split("\n"))
        )

    @override
    async def send(self, part: Part, *, remaining: float | None = None) -> Receipt:
        """Send a part."""
        house = self._house
        house.requests.append((house.loop.time(), part["text"]))
        house.bodies.append(part)
        receipt = await house.follow(house.answers, part["text"])
        house.taken.append(part["text"])
        accepted = Accepted(target="somebody", message_id=part["text"])
        return receipt or Receipt(accepted=(accepted,))

    @override
    async def reach(self) -> None:
        """Do nothing."""

    @override
    async def recall(self, message_id: str) -> None:
        """Take a message back."""
        await asyncio.sleep(self._house.recall_delay)
        self._house.recalled.append(message_id)

    @override
    def pending_uploads(self, part: Part) -> tuple[int, ...]:
        """Return the attachments of a part."""
        return tuple(part["files"])

    @override
    async def upload(self, attachment: Attachment, part: Part | None = None) -> str:
        """Upload an attachment."""
        self._house.uploads.append(attachment.content)
        await self._house.follow(self._house.upload_answers, attachment.name)
        return f"upload {len(self._house.uploads)}"

    @override
    def fill(self, part: Part, uploads: Mapping[int, str]) -> Part:
        """Return the part with its uploads."""
        return {**part, "media": [uploads[each] for each in part["files"]]}

    @override
    def without(self, part: Part, number: int, note: str) -> Part:
        """Return the part without an upload."""
        files = [each for each in part["files"] if each != number]
        return {**part, "files": files, "text": f"{part['text']} [{note}]"}


class HouseRecipient:
    """A recipient."""

    def __init__(self, house: House, recipient_id: str) -> None:
        self.id = self.name = recipient_id
        self._house = house

    @property
    def keeps(self) -> bool:
        """Return if messages are kept."""
        return self.id not in self._house.fail_at_once

    @property
    def retries(self) -> int:
        """Return how often a message that is not kept is tried again."""
        return self._house.retries

    @property
    def retry_wait(self) -> float:
        """Return the seconds between two tries."""
        return self._house.retry_wait

    def prepare(
        self, message: Message, override: Override | None, meant_for: float | None
    ) -> tuple[Part, ...]:
        """Return the requests that say a message."""
        self._house.meant_for.append(meant_for)
        return self._house.client.prepare(message, [self.id])

    def renew_links(self, message: Message) -> tuple[int, ...]:
        """Return that no link is dead."""
        return ()

    def revive_link(self, attachment: Attachment) -> None:
        """Serve no link."""

    def upload_note(self, name: str) -> str:
        """Return the text in place of an attachment."""
        return f"without {name}"


class House:
    """An engine with its surroundings; it is its own clock and observer.

    Args:
        folder: for the outbox.
        policy: of the client.
        recipients: their IDs.
        life: seconds for which messages are wanted.
        repetitions: of uncertain requests.

    """

    def __init__(
        self,
        folder: Path,
        *,
        policy: RatePolicy | None = None,
        recipients: Iterable[str] = ("a", "b", "c"),
        life: float = 3600,
        repetitions: int = 3,
    ) -> None:
        self.path = folder / "outbox.sqlite"
        self.policy = policy or RatePolicy()
        self.recipients = tuple(recipients)
        self.fail_at_once: set[str] = set()
        self.retries, self.retry_wait = 0, 0.0
        self.life = life
        self.repetitions = repetitions
        self.probe_proves = True
        self.loop = VirtualLoop()
        self.boot_id = "boot"
        self.boot_at = -1000.0
        self._skew = 0.0
        self._watchers: list[Callable[[], None]] = []
        # What requests of a text come to, one after another; for other texts, under "".
        self.answers: dict[str, list[Answered]] = {}
        self.upload_answers: dict[str, list[Answered]] = {}
        self.probe_answer: Exception | None = None
        # When late messages were meant for that were prepared; None is one that is not.
        self.meant_for: list[float | None] = []
        self.requests: list[tuple[float, str]] = []
        self.bodies: list[Part] = []
        self.taken: list[str] = []
        self.uploads: list[bytes] = []
        self.recalled: list[str] = []
        self.recall_delay = 0.0
        self.probes: list[float] = []
        self.reports: list[Report] = []
        self.given_up: list[Undelivered] = []
        self.storage_problems: list[StorageProblem | None] = []
        # How often observers were told of it.
        self.logins = self.changes = self.counts = self.proofs = 0
        # Seconds that the disk takes, and how many threads are at work, at most.
        self.disk_delay = 0.01
        self.blocking = self.most_blocking = 0
        self.client = ScriptedClient(self)
        self.start()

    async def follow(
        self, script: dict[str, list[Answered]], key: str
    ) -> Receipt | None:
        """Do what a script says about a request; return its receipt, if it has one."""
        await asyncio.sleep(0.1)
        answers = script.get(key) or script.get("") or []
        match answers.pop(0) if answers else None:
            case Exception() as err:
                raise err
            case Receipt() as receipt:
                return receipt
            case float() | int() as delay:
                await asyncio.sleep(delay)
        return None

    # What happens.

    def start(self) -> None:
        """Start an engine on what is on disk."""
        ports = Ports(
            clock=self,
            run_blocking=self.run_blocking,
            start_task=self.start_task,
            observer=self,
            random=random.Random(SEED),
        )
        self.engine = DeliveryService(self.path, ports)
        self.run(self.engine.open())
        self.attach()

    def attach(self, credentials: str = "first") -> None:
        """Attach the client."""

        async def attach() -> None:
            self.engine.attach(
                Connection(
                    client=self.client,
                    probe=self._probe,
                    recipients={
                        each: HouseRecipient(self, each) for each in self.recipients
                    },
                    credentials=credentials,
                    life=self.life,
                    repetitions=self.repetitions,
                    probe_proves=self.probe_proves,
                )
            )

        self.run(attach())

    def stop(self) -> None:
        """End the engine in order."""

        async def stop() -> None:
            await self.engine.prepare_stop()
            await self.engine.stop()
            await self.engine.close()

        self.run(stop())

    def restart(self) -> None:
        """End the engine in order, and start another one."""
        self.stop()
        self.start()

    def kill(self, boot: str | None = None, *, off: float = 0.0) -> None:
        """End the process at once, and start another one on what is on disk.

        Args:
            boot: ID of the boot of the other one; None if the system runs on.
            off: seconds between them.

        """
        # The connection of what is killed keeps its lock in this process.
        database = self.engine._outbox._file._db  # noqa: SLF001
        if database is not None:
            database.rollback()
            database.close()
        # Nothing runs on in it, and nothing is said about that.
        self.loop.set_exception_handler(lambda *_: None)
        self.loop.close()
        self.loop = VirtualLoop(self.loop.time() + off)
        self.blocking = 0
        self._watchers.clear()
        if boot is not None:
            self.boot_id, self.boot_at = boot, self.loop.time() - 5
        self.start()

    def close(self) -> None:
        """End everything."""
        self.stop()
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        if tasks:
            self.run(asyncio.wait(tasks))
        self.loop.close()

    def run[T](self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine."""
        asyncio.set_event_loop(self.loop)
        return self.loop.run_until_complete(coroutine)

    def call[T](self, function: Callable[..., T], *args: Any) -> T:
        """Call a function of the engine, which wants a running loop."""

        async def call() -> T:
            return function(*args)

        return self.run(call())

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.run(asyncio.sleep(seconds))

    def say(
        self,
        text: str,
        recipient_id: str = "a",
        *,
        life: float | None = None,
        files: Iterable[Attachment] = (),
        keeps: bool = True,
        text_format: Format = Format.TEXT,
    ) -> OutboxMessage:
        """Hand a message over."""

        async def hand_over() -> OutboxMessage:
            message = Message(
                text=text,
                format=text_format,
                expires_after=life,
                attachments=tuple(files),
            )
            content = Content(message=message, keeps=keeps)
            return self.engine.hand_over(recipient_id, content)

        return self.run(hand_over())

    def answer(self, message: OutboxMessage) -> Answer:
        """Wait for the answer to a message."""
        return self.run(self.engine.answer(message))

    def statuses(self, message: OutboxMessage) -> list[DeliveryStatus]:
        """Return what was reported about a message."""
        return [each.status for each in self.reports if each.handle == message.handle]

    async def _probe(self) -> None:
        self.probes.append(self.loop.time())
        await asyncio.sleep(0.1)
        if self.probe_answer is not None:
            raise self.probe_answer

    # The surroundings.

    def now(self) -> float:
        """Return the seconds since the boot."""
        return self.loop.time() - self.boot_at

    def wall(self) -> float:
        """Return the time by the wall clock."""
        return START + self.loop.time() + self.skew

    def time_of_day(self) -> str:
        """Return the time of day."""
        return time.strftime("%H:%M:%S", time.gmtime(self.wall()))

    def watch(self, stepped: Callable[[], None]) -> Callable[[], None]:
        """Call a function when the wall clock is set."""
        self._watchers.append(stepped)
        return lambda: self._watchers.remove(stepped)

    @property
    def skew(self) -> float:
        """Return by how much the wall clock is wrong."""
        return self._skew

    @skew.setter
    def skew(self, skew: float) -> None:
        self._skew = skew
        for stepped in self._watchers:
            self.loop.call_soon(stepped)

    def run_blocking(self, function: Callable[[], Any]) -> Awaitable[Any]:
        """Run a function a moment later, whatever becomes of the caller."""
        loop = self.loop
        done = loop.create_future()
        self.blocking += 1
        self.most_blocking = max(self.blocking, self.most_blocking)

        def run() -> None:
            self.blocking -= 1
            try:
                result = function()
            except Exception as err:  # noqa: BLE001
                if not done.done():
                    done.set_exception(err)
            else:
                if not done.done():
                    done.set_result(result)

        loop.call_later(self.disk_delay, run)
        return done

    def start_task(
        self, coroutine: Coroutine[Any, Any, None], name: str
    ) -> asyncio.Task[None]:
        """Start a task."""
        return self.loop.create_task(coroutine, name=name)

    def report(self, recipient_id: str, report: Report) -> None:
        """Note a report."""
        self.reports.append(report)

    def undelivered(self, recipient_id: str, undelivered: Undelivered) -> None:
        """Note messages that were given up."""
        self.given_up.append(undelivered)

    def changed(self) -> None:
        """Note another state."""
        self.changes += 1

    def counted(self) -> None:
        """Note another count of requests."""
        self.counts += 1

    def storage(self, problem: StorageProblem | None) -> None:
        """Note a problem of the disk."""
        self.storage_problems.append(problem)

    def proved(self) -> None:
        """Note that the account was shown to work."""
        self.proofs += 1

    def credentials_needed(self) -> None:
        """Note that other credentials are wanted."""
        self.logins += 1
