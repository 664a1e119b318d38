"""Whether an account may send at the moment, and how it finds out when it may again."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
import copy
import logging
import random
import time
from typing import Any, Final

from .clients.errors import (
    ActionNeededError,
    ClientError,
    CredentialsError,
    LimitError,
    Problem,
    TemporaryError,
)

_LOGGER = logging.getLogger(__name__)

# Nothing reached the service, so that trying often does not trouble it.
UNREACHED: Final[frozenset[str]] = frozenset(
    {
        Problem.CANNOT_CONNECT,
        Problem.HOST_NOT_FOUND,
        Problem.TIMEOUT,
    }
)
_FIRST_PAUSE: Final = 2.0
_MAX_PAUSE_UNREACHED: Final = 30.0
_MAX_PAUSE: Final = 300.0
# What a person has to mend at the service takes its time.
_MAX_PAUSE_PERSON: Final = 900.0
_JITTER: Final = 0.2
# Whoever hears that the connection may be back tries no more often than that.
_MIN_PAUSE: Final = 5.0
# After a service refused for being asked too often, without saying for how long.
_BLOCK: Final = 60.0
_MAX_BLOCK: Final = 3600.0
# A shorter block is over before Home Assistant has started again.
_LONG_BLOCK: Final = 60.0
# No block lasts longer, unless the clock was put back.
_LONGEST_BLOCK: Final = 8 * 24 * 3600.0

type Probe = Callable[[], Awaitable[object]]
type Start = Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]]


class Gate:
    """Stands between the messages of an account and its service.

    Args:
        name: of the account.
        probe: asks the service something that means nothing; raises a ClientError.
        start: runs something in the background.
        changed: called when it opens, closes, or stays closed for another reason.
        blocked: called when it closes for so long that a restart must not forget it.
        unblocked: called when that is over, with the problem it was closed for.
        refused: called when the credentials are refused.
        closed_gates: all gates that are closed because of an outage.

    """

    def __init__(
        self,
        name: str,
        probe: Probe,
        *,
        start: Start,
        changed: Callable[[], None],
        blocked: Callable[[], None],
        unblocked: Callable[[str], None],
        refused: Callable[[], None],
        closed_gates: set[Gate],
    ) -> None:
        """Start open."""
        self.refusal: CredentialsError | None = None
        self.trouble: ActionNeededError | TemporaryError | None = None
        self._name = name
        self._probe = probe
        self._start = start
        self._changed = changed
        self._blocked = blocked
        self._unblocked = unblocked
        self._refused = refused
        self._closed_gates = closed_gates
        self._block: LimitError | None = None
        self._blocked_until = 0.0
        self._blocks = 0
        self._since = 0.0
        # How many messages were taken while it stood open.
        self.taken = 0
        self._failures = 0
        self._tried = 0.0
        self._moved = asyncio.Event()
        self._hurry = asyncio.Event()
        self._closed = False
        self._recovery: asyncio.Task[None] | None = None
        self._release: asyncio.Task[None] | None = None

    @property
    def _in_trouble(self) -> bool:
        """Tell if there is something that passes, and is worth waiting for."""
        return self.trouble is not None and self.refusal is None

    @property
    def lasts(self) -> float:
        """Return for how many seconds the trouble has lasted."""
        return 0 if self.trouble is None else time.monotonic() - self._since

    @property
    def block(self) -> LimitError | None:
        """Return why the service wants to be left alone, with the seconds left."""
        left = self._blocked_until - time.monotonic()
        if self._block is None or left <= 0:
            return None
        block = copy.copy(self._block)
        block.retry_after = left
        return block

    @property
    def hindrance(self) -> ClientError | None:
        """Return what keeps the account from sending, if anything."""
        for reason in (self.refusal, self.trouble):
            if reason is not None:
                return copy.copy(reason)
        return self.block

    def raise_if_refused(self) -> None:
        """Stop whoever wants to send with credentials that were refused.

        Raises:
            CredentialsError: repeating them gets the address banned.

        """
        if self.refusal is not None:
            raise copy.copy(self.refusal)

    async def opened(self, timeout: float) -> bool:
        """Wait until the account may send; return whether it may.

        Args:
            timeout: seconds after which nobody wants to know any more.

        """
        deadline = time.monotonic() + timeout
        while (reason := self.hindrance) is not None:
            left = deadline - time.monotonic()
            if isinstance(reason, LimitError):
                left = min(left, reason.retry_after or 0)
            try:
                async with asyncio.timeout(max(left, 0)):
                    await self._moved.wait()
            except TimeoutError:
                if deadline <= time.monotonic():
                    return False
        return True

    async def unblocked(self, deadline: float) -> LimitError | None:
        """Wait until a short block is over; return the block if it lasts too long."""
        while (block := self.block) is not None:
            left = block.retry_after or 0
            if time.monotonic() + left > deadline:
                return block
            await asyncio.sleep(left)
        return None

    def refuse(self, err: CredentialsError) -> None:
        """Close for good: repeating refused credentials gets the address banned."""
        if self.refusal is None:
            self.refusal = err
            self._move()
            self._refused()

    def down(self, err: ActionNeededError | TemporaryError) -> None:
        """Close until the service answers again."""
        self._tried = time.monotonic()
        if self.trouble is None:
            # Of many messages that fail together, the first one counts.
            self._since = self._tried
            self._failures += 1
            _LOGGER.info("%s does not work at the moment: %s", self._name, err.problem)
        self.trouble = err
        if not self._closed:
            self._closed_gates.add(self)
        self._move()
        self._recover_later()

    def limit(self, err: LimitError) -> None:
        """Close for as long as the service says, and longer if that was not enough."""
        least = err.retry_after or _BLOCK
        if self.block is None:
            # Of many messages that are refused together, the first one counts.
            self._blocks += 1
        pause = max(least, min(least * 2 ** min(self._blocks - 1, 10), _MAX_BLOCK))
        self._hold(err, pause)
        if pause > _LONG_BLOCK:
            self._blocked()

    def up(self) -> None:
        """Take note that a message was taken."""
        if self._closed_gates:
            for gate in tuple(self._closed_gates - {self}):
                gate.poke()
        self.taken += 1
        self._failures = 0
        if self.block is None:
            self._blocks = 0
        if self.trouble is not None:
            self._open()

    def lift(self) -> None:
        """Forget that the service wants to be left alone."""
        if self._release is not None:
            self._release.cancel()
            self._release = None
        if self._block is not None:
            problem, self._block = self._block.problem, None
            self._unblocked(problem)
        self._move()

    def poke(self) -> None:
        """Try again soon: the connection may have come back."""
        if self.trouble is not None:
            self._hurry.set()
            self._recover_later()

    async def check(self) -> None:
        """Ask the service now, and take note of what it says.

        Raises:
            ClientError: there is still something wrong.

        """
        self._tried = time.monotonic()
        try:
            await self._probe()
        except CredentialsError as err:
            self.refuse(err)
            raise
        except (ActionNeededError, TemporaryError) as err:
            if self.trouble is not None:
                self._failures += 1
            self.down(err)
            raise
        except ClientError as err:
            # It answers, and that was the question.
            self._open()
            if isinstance(err, LimitError):
                self.limit(err)
            raise
        self._open()

    def stored(self) -> dict[str, Any] | None:
        """Return what is to be known of a block after a restart."""
        if (block := self.block) is None:
            return None
        return {
            "problem": block.problem,
            "details": dict(block.details),
            "until": time.time() + (block.retry_after or 0),
        }

    def restore(self, stored: object) -> LimitError | None:
        """Take up a block if it still lasts; return it then."""
        match stored:
            case {
                "problem": str(problem),
                "details": dict(details),
                "until": int() | float() as until,
            }:
                left = min(until - time.time(), _LONGEST_BLOCK)
                self._hold(LimitError(problem, **details), left)
        return self.block

    def _hold(self, err: LimitError, seconds: float) -> None:
        """Close for a while, unless it is closed for longer already."""
        until = time.monotonic() + seconds
        if self.block is None or until > self._blocked_until:
            self._block, self._blocked_until = err, until
        self._move()
        if seconds > _LONG_BLOCK and self._release is None and not self._closed:
            self._release = self._start(self._release_later(), "release")

    async def _release_later(self) -> None:
        """Wait for the end of a long block, which nobody may be waiting for."""
        try:
            while (block := self.block) is not None:
                await asyncio.sleep(block.retry_after or 0)
        finally:
            if self._release is asyncio.current_task():
                self._release = None
        self.lift()

    async def _recover(self) -> None:
        """Try again and again until the service answers."""
        try:
            while self._in_trouble:
                await self._rest()
                if self._in_trouble:
                    await self._try()
        finally:
            self._recovery = None

    async def _try(self) -> None:
        """Look whether the service answers again."""
        try:
            await self.check()
        except ClientError as err:
            _LOGGER.debug("There is still something wrong: %s", err.problem)
        except Exception:
            # Whatever it is, nothing would ever be sent again if this ended.
            _LOGGER.exception("Looking whether the service answers failed")
            self._failures += 1

    def _recover_later(self) -> None:
        """See to it that somebody looks whether the service answers again."""
        if self._recovery is None and not self._closed:
            self._recovery = self._start(self._recover(), "recovery")

    async def _rest(self) -> None:
        """Wait for the next try: longer each time, and shorter when there is hope."""
        most = _MAX_PAUSE
        if isinstance(self.trouble, ActionNeededError):
            most = _MAX_PAUSE_PERSON
        elif self.trouble is not None and self.trouble.problem in UNREACHED:
            most = _MAX_PAUSE_UNREACHED
        pause = min(_FIRST_PAUSE * 2 ** min(self._failures - 1, 20), most)
        # Not all homes at once, when a service that was down comes back.
        pause *= random.uniform(1 - _JITTER, 1 + _JITTER)
        self._hurry.clear()
        try:
            async with asyncio.timeout(pause):
                await self._hurry.wait()
                await asyncio.sleep(max(self._tried + _MIN_PAUSE - time.monotonic(), 0))
        except TimeoutError:
            pass

    def _open(self) -> None:
        """Forget the trouble, and let go on what waited."""
        if self.trouble is not None:
            _LOGGER.info("%s works again", self._name)
        self.trouble = None
        self._closed_gates.discard(self)
        self._hurry.set()
        self._move()

    def _move(self) -> None:
        """Let all who wait look again."""
        self._moved.set()
        self._moved = asyncio.Event()
        self._changed()

    def close(self) -> None:
        """End all that goes on in the background, and begin nothing new."""
        self._closed = True
        self._closed_gates.discard(self)
        for task in (self._recovery, self._release):
            if task is not None:
                task.cancel()
