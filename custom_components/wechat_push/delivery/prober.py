"""Prober: finds out when a service that does not work does again."""

import asyncio
from contextlib import suppress
import copy
import logging

from ..clients.errors import ClientError, Problem, TemporaryError
from .circuit_breaker import BreakerState
from .engine import Engine
from .errors import DeliveryError, DeliveryProblem

_LOGGER = logging.getLogger(__name__)


class Prober:
    """Probes the service of an account.

    Args:
        engine: of the account.

    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._hurried = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def check(self) -> None:
        """Find out now whether the account works.

        Raises:
            ClientError: it does not.

        """
        engine, obstacles = self._engine, self._engine.obstacles
        if obstacles.refused.error is not None:
            raise copy.copy(obstacles.refused.error)
        if (connection := engine.connection) is None:
            raise DeliveryError(DeliveryProblem.STARTING)
        error: ClientError | None = None
        try:
            await connection.probe()
        except ClientError as err:
            error = err
        except Exception:
            # Nothing would be sent any more if this ended the outage's probes.
            _LOGGER.exception("Checking the account failed")
            error = TemporaryError(Problem.SERVER_ERROR, status="?")
        if engine.connection is connection:
            obstacles.probed(error, connection.credentials)
            if error is None and connection.probe_proves:
                engine.ports.observer.proved()
            engine.changed()
        if error is not None:
            raise error

    def hurry(self, moment: float | None = None) -> None:
        """Probe soon, as it may work again, or no later than a moment."""
        now, breaker = self._engine.ports.clock.now(), self._engine.obstacles.breaker
        if moment is None:
            breaker.hurry(now)
        else:
            breaker.is_wanted_by(max(moment, now))
        self._hurried.set()

    def start(self) -> None:
        """Probe until the outage is over, if there is one."""
        is_idle = self._task is None or self._task.done()
        if is_idle and self._is_wanted:
            self._task = self._engine.ports.start_task(self._probe(), "probe")

    async def stop(self) -> None:
        """Probe no more."""
        while (task := self._task) is not None and not task.done():
            task.cancel()
            await asyncio.wait((task,))

    @property
    def _is_wanted(self) -> bool:
        """Return if there is an outage that messages cannot end."""
        obstacles = self._engine.obstacles
        return (
            obstacles.breaker.state is BreakerState.OPEN
            and obstacles.refused.error is None
            and self._engine.connection is not None
        )

    async def _probe(self) -> None:
        breaker, clock = self._engine.obstacles.breaker, self._engine.ports.clock
        try:
            while self._is_wanted:
                if delay := breaker.delay(clock.now()):
                    self._hurried.clear()
                    with suppress(TimeoutError):
                        async with asyncio.timeout(delay):
                            await self._hurried.wait()
                    continue
                with suppress(ClientError):
                    await self.check()
        finally:
            self._task = None
