"""What the engine needs of its surroundings, handed in by whoever starts it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
import random
from typing import Any, Protocol

from ..clients.client import Client
from ..clients.message import Attachment, Message, Part
from .reports import Report, StorageProblem, Undelivered

type Override = Mapping[str, Any]


class Clock(Protocol):
    """Time as the engine measures it.

    Durations are measured by `now`, which a change of the wall clock does not touch.
    """

    @property
    def boot_id(self) -> str:
        """Return what tells one run of the system's clock from another."""

    def now(self) -> float:
        """Return the seconds since the system started, time asleep included."""

    def wall(self) -> float:
        """Return the seconds since 1970 by the wall clock, which may be wrong."""

    def time_of_day(self) -> str:
        """Return the time of day as the household reads it, with its seconds."""

    def watch(self, stepped: Callable[[], None]) -> Callable[[], None]:
        """Call a function whenever the wall clock is set; return what ends that."""


class Recipient(Protocol):
    """A recipient of an account."""

    @property
    def id(self) -> str:
        """Return the ID that its messages are kept under."""

    @property
    def name(self) -> str:
        """Return the name that logs show."""

    @property
    def keeps(self) -> bool:
        """Return if messages that cannot be sent now are kept for later."""

    @property
    def retries(self) -> int:
        """Return how often a message that is not kept is tried again."""

    @property
    def retry_wait(self) -> float:
        """Return the seconds between two tries of such a message."""

    def prepare(
        self, message: Message, override: Override | None, meant_for: float | None
    ) -> tuple[Part, ...]:
        """Return the requests that say a message; may run in a thread.

        Args:
            message: the message.
            override: the caller's target, instead of the recipient's own.
            meant_for: for a late message, when it was handed over (seconds since 1970).

        Raises:
            ContentError: the message cannot be sent.

        """

    def renew_links(self, message: Message) -> tuple[int, ...]:
        """Serve the links of a message from now on; return those that are dead.

        Returns:
            indexes into `Message.attachments`, for `revive_link`.

        """

    def revive_link(self, attachment: Attachment) -> None:
        """Serve an attachment, given with its content, under its link again."""

    def upload_note(self, name: str) -> str:
        """Return the text in place of an attachment that could not be sent."""


class Observer(Protocol):
    """Whoever shows a person what becomes of messages and of the account."""

    def report(self, recipient_id: str, report: Report) -> None:
        """Handle what has become of a message."""

    def undelivered(self, recipient_id: str, undelivered: Undelivered) -> None:
        """Handle that kept messages were given up; repeated after a restart."""

    def changed(self) -> None:
        """Handle another state of the account: outage, cooldown, queue, last error."""

    def counted(self) -> None:
        """Handle another count of requests."""

    def storage(self, problem: StorageProblem | None) -> None:
        """Handle that the outbox cannot be used as it should, or can be again."""

    def proved(self) -> None:
        """Handle that a check has shown the account to work."""

    def credentials_needed(self) -> None:
        """Handle that the service, or a proxy before it, wants other credentials."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ports:
    """The surroundings of one engine.

    Args:
        clock: measures time.
        run_blocking: runs a function in a thread. The function runs to its end even if
            its caller is cancelled.
        start_task: starts a task that lives until it ends or the engine cancels it.
        observer: is told what happens.
        random: for jitter.

    """

    clock: Clock
    run_blocking: Callable[[Callable[[], Any]], Awaitable[Any]]
    start_task: Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]]
    observer: Observer
    random: random.Random = field(default_factory=random.Random)


@dataclass(frozen=True, kw_only=True, slots=True)
class Connection:
    """What an engine sends with while it is attached.

    Args:
        client: of the account.
        probe: free request that shows whether the service works; raises a ClientError.
        recipients: by ID.
        credentials: digest of the account's credentials; refused ones are not repeated.
        life: seconds for which a message is kept that does not say so itself.
        repetitions: how often a request is repeated that may have been taken.
        probe_proves: a successful probe shows that nothing is left for a person to do.

    """

    client: Client[Any]
    probe: Callable[[], Awaitable[object]]
    recipients: Mapping[str, Recipient]
    credentials: str
    life: float
    repetitions: int
    probe_proves: bool
