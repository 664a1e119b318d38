"""How long a service that was asked too often wants to be left alone."""

import aiohttp
from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.clients.errors import LimitError, Problem
from custom_components.wechat_push.clients.message import Message
from tests.simulators import Answer, Simulator

from .common import Service, endpoint, send

NOW = "2026-11-21T16:00:00+00:00"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30),
        (" 30 ", 30),
        ("0", 1),
        ("86400", 86_400),
        ("999999999", 86_400),
        ("9" * 5000, None),
        ("Sat, 21 Nov 2026 16:02:00 GMT", 120),
        ("Sat, 21 Nov 2026 16:02:00 -0000", 120),
        ("Sun, 22 Nov 2026 00:02:00 +0800", 120),
        ("Sat, 21 Nov 2026 15:00:00 GMT", 1),
        ("Sat, 21 Nov 2099 15:00:00 GMT", 86_400),
        ("Sat, 99 Nov 2026 16:02:00 GMT", None),
        ("-5", None),
        ("soon", None),
        ("", None),
    ],
)
async def test_header(
    service: Service,
    simulator: Simulator,
    session: aiohttp.ClientSession,
    freezer: FrozenDateTimeFactory,
    header: str,
    seconds: float | None,
) -> None:
    """The header of HTTP tells, in seconds or as a date; never more than a day."""
    freezer.move_to(NOW)
    simulator.always(Answer(status=429, headers={"Retry-After": header}))
    client = service.connect(session, endpoint(simulator))
    with pytest.raises(LimitError) as caught:
        await send(client, Message(text="a"), service.target)
    assert caught.value.problem == Problem.TOO_MANY_REQUESTS
    # Some services say it in their documents only.
    assert caught.value.retry_after == (seconds or getattr(client, "pause", None))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Sat, 21 Nov 2026 16:02:00 GMT", 120),
        ("30", 30),
    ],
)
async def test_own_clock_is_wrong(
    service: Service,
    simulator: Simulator,
    session: aiohttp.ClientSession,
    freezer: FrozenDateTimeFactory,
    header: str,
    seconds: float,
) -> None:
    """A date is measured against the date of the same answer."""
    freezer.move_to("2026-11-12T16:00:00+00:00")
    headers = {"Retry-After": header, "Date": "Sat, 21 Nov 2026 16:00:00 GMT"}
    simulator.always(Answer(status=429, headers=headers))
    with pytest.raises(LimitError) as caught:
        await send(
            service.connect(session, endpoint(simulator)),
            Message(text="a"),
            service.target,
        )
    assert caught.value.retry_after == seconds


async def test_no_date_beside_it(
    service: Service,
    simulator: Simulator,
    session: aiohttp.ClientSession,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Without one, it is measured against the clock of this machine."""
    freezer.move_to(NOW)
    headers = {"Retry-After": "Sat, 21 Nov 2026 16:02:00 GMT", "Date": "soon"}
    simulator.always(Answer(status=429, headers=headers))
    with pytest.raises(LimitError) as caught:
        await send(
            service.connect(session, endpoint(simulator)),
            Message(text="a"),
            service.target,
        )
    assert caught.value.retry_after == 120
