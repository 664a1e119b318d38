"""What befalls a service, or the way to it."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
import socket
from typing import Any, Final
from unittest.mock import patch

from aiohttp import TCPConnector

from tests.simulators import BAD_ANSWERS, Answer, Reset, Simulator

# So many are sent to each recipient meanwhile.
MESSAGES: Final = 3

# The requests for one message that may have been taken, at most: the first, and three
# repetitions.
MOST_COPIES: Final = 4

# Lets something befall a service, and the path that takes messages, for a while.
type Spell = Callable[[Simulator, str], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """Something that befalls a service, and what may come of messages meanwhile.

    Args:
        spell: lets it happen.
        copies: of a message at most; more than one where its service may have taken it
            unheard, unless it drops repetitions.
        unread: the service does not know which messages it refuses.

    """

    spell: Spell
    copies: int = 1
    unread: bool = False


def lasting(answer: Answer) -> Spell:
    """Return what lets a service answer like this, whatever it is asked."""

    @asynccontextmanager
    async def spell(simulator: Simulator, path: str) -> AsyncGenerator[None]:
        simulator.always(answer)
        yield
        simulator.always(None)

    return spell


def of_messages(answer: Answer) -> Spell:
    """Return what lets a service answer like this to messages, and work otherwise."""

    @asynccontextmanager
    async def spell(simulator: Simulator, path: str) -> AsyncGenerator[None]:
        simulator.always(answer, path)
        yield
        simulator.always(None, path)

    return spell


def brief(answer: Answer, *, times: int = 1) -> Spell:
    """Return what lets a service answer like this to one message, or some."""

    @asynccontextmanager
    async def spell(simulator: Simulator, path: str) -> AsyncGenerator[None]:
        simulator.script(*[answer] * times, path=path)
        yield

    return spell


@asynccontextmanager
async def refused(simulator: Simulator, path: str) -> AsyncGenerator[None]:
    """Let nobody listen where the service was."""
    await simulator.stop()
    yield
    await simulator.start(port=simulator.port)


@asynccontextmanager
async def unresolved(simulator: Simulator, path: str) -> AsyncGenerator[None]:
    """Let the service be gone with its name, and come back before its name does."""

    async def fail(*args: Any, **kwargs: Any) -> Any:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    with patch.object(TCPConnector, "_resolve_host", fail):
        # Connections that stand need no name.
        await simulator.stop()
        await simulator.start(port=simulator.port)
        yield


_UNHEARD: Final = Answer(genuine=True, reset=Reset.DURING)
_DRIP: Final = Answer(genuine=True, drip=10)
_PAGE: Final = BAD_ANSWERS["html_page"]
_CUT_OFF: Final = BAD_ANSWERS["cut_off_json"]
_ERROR: Final = BAD_ANSWERS["error_500"]
_LATE: Final = BAD_ANSWERS["gateway_timeout_504"]


def _taken(answer: Answer) -> Answer:
    """Return an answer that hides that the message was taken."""
    return replace(answer, act=True)


FAULTS: Final[Mapping[str, Fault]] = {
    "refused": Fault(spell=refused),
    "unresolved": Fault(spell=unresolved),
    "reset-before-once": Fault(spell=brief(BAD_ANSWERS["reset_before"]), unread=True),
    "reset-after-once": Fault(
        spell=brief(BAD_ANSWERS["reset_after"]), copies=MOST_COPIES
    ),
    "reset-before": Fault(spell=lasting(BAD_ANSWERS["reset_before"]), unread=True),
    "reset-after": Fault(spell=lasting(BAD_ANSWERS["reset_after"]), copies=MOST_COPIES),
    "broken-off": Fault(spell=lasting(_UNHEARD), copies=MOST_COPIES),
    "hang": Fault(spell=lasting(BAD_ANSWERS["hang"])),
    "hang-once": Fault(spell=brief(BAD_ANSWERS["hang"])),
    "hang-taken": Fault(spell=lasting(_taken(BAD_ANSWERS["hang"])), copies=MOST_COPIES),
    "drip": Fault(spell=lasting(_DRIP), copies=MOST_COPIES),
    "page": Fault(spell=lasting(_PAGE)),
    "page-taken": Fault(spell=brief(_taken(_PAGE)), copies=MOST_COPIES),
    "cut-off": Fault(spell=lasting(_CUT_OFF)),
    "cut-off-taken": Fault(spell=brief(_taken(_CUT_OFF)), copies=MOST_COPIES),
    "list": Fault(spell=lasting(BAD_ANSWERS["json_list"])),
    "types": Fault(spell=lasting(BAD_ANSWERS["wrong_types"])),
    "odd-numbers": Fault(spell=lasting(BAD_ANSWERS["odd_numbers"])),
    "redirect": Fault(spell=lasting(BAD_ANSWERS["redirect_302"])),
    "forbidden": Fault(spell=lasting(BAD_ANSWERS["forbidden_403"])),
    "not-found": Fault(spell=lasting(BAD_ANSWERS["not_found_404"])),
    "429": Fault(spell=lasting(BAD_ANSWERS["too_many_429"])),
    "429-once": Fault(spell=brief(BAD_ANSWERS["too_many_429"])),
    "500": Fault(spell=lasting(_ERROR)),
    "500-taken": Fault(spell=lasting(_taken(_ERROR)), copies=MOST_COPIES),
    # All but messages works.
    "500-for-messages": Fault(spell=of_messages(_taken(_ERROR)), copies=MOST_COPIES),
    "502": Fault(spell=lasting(BAD_ANSWERS["bad_gateway_502"])),
    "503": Fault(spell=lasting(BAD_ANSWERS["unavailable_503"])),
    "504-taken": Fault(spell=lasting(_taken(_LATE)), copies=MOST_COPIES),
}
