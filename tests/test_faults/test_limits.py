"""The services want to be left alone for a while, or forget who asks."""

from collections.abc import Callable
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import HomeAssistant
from tests.samples import PUSHPLUS, WECOM, WXPUSHER, Sample
from tests.simulators import Answer, PushPlus, Simulator, WeCom
from tests.simulators.base import json_answer
from tests.troubles import told

from .faults import Spell, brief, of_messages
from .home import Home, complaints, set_up

HOUR = 3600


def pushplus_says(code: int, data: str) -> Answer:
    """Return an answer of PushPlus, which gives its reasons in one of two places."""
    return json_answer({"code": code, "msg": "服务端验证错误", "data": data})


WXPUSHER_RATE = json_answer({"code": 1001, "msg": "发送过于频繁，请稍后再试"})
WXPUSHER_FAULT = json_answer({"code": 1005, "msg": "系统错误"})
WECOM_RATE = json_answer({"errcode": 45009, "errmsg": "api freq out of limit"})
WECOM_DAY = json_answer({"errcode": 45033, "errmsg": "api concurrent out of limit"})
WECOM_BUSY = json_answer({"errcode": -1, "errmsg": "system busy"})
PUSHPLUS_RATE = pushplus_says(999, "推送频率过快")
PUSHPLUS_FAULT = json_answer({"code": 500, "msg": "系统异常", "data": None})


@pytest.mark.parametrize(
    ("sample", "spell"),
    [
        pytest.param(WXPUSHER, of_messages(WXPUSHER_RATE), id="wxpusher-rate"),
        pytest.param(
            WXPUSHER, brief(WXPUSHER_RATE, times=3), id="wxpusher-rate-thrice"
        ),
        pytest.param(WXPUSHER, brief(WXPUSHER_FAULT), id="wxpusher-fault"),
        pytest.param(WECOM, of_messages(WECOM_RATE), id="wecom-rate"),
        pytest.param(WECOM, brief(WECOM_RATE, times=3), id="wecom-rate-thrice"),
        pytest.param(WECOM, of_messages(WECOM_DAY), id="wecom-concurrent"),
        pytest.param(WECOM, of_messages(WECOM_BUSY), id="wecom-busy"),
        pytest.param(PUSHPLUS, of_messages(PUSHPLUS_RATE), id="pushplus-rate"),
        pytest.param(
            PUSHPLUS, brief(PUSHPLUS_RATE, times=3), id="pushplus-rate-thrice"
        ),
        pytest.param(PUSHPLUS, brief(PUSHPLUS_FAULT), id="pushplus-fault"),
    ],
)
async def test_refused_for_a_while(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    spell: Spell,
) -> None:
    """Test that what is refused for now comes later, once, and is not forced."""
    home = await set_up(hass, sample, simulator, freezer)
    await home.send(2)
    simulator.requests.clear()
    async with spell(simulator, sample.path):
        await home.send(3)
        await home.pass_time(60)
        # Of all that waits, one or another tries now and then.
        assert len(simulator.requests_to(sample.path)) <= 12
    await home.send(2)
    await home.drain()
    home.check_all_arrived()
    assert complaints(caplog) == []


@pytest.mark.parametrize(
    "end",
    [WeCom.expire_tokens, WeCom.revoke_tokens],
    ids=["expired", "revoked"],
)
@pytest.mark.parametrize("sample", [WECOM], ids=["wecom"])
async def test_token_ends(
    hass: HomeAssistant,
    sample: Sample,
    wecom: WeCom,
    freezer: FrozenDateTimeFactory,
    end: Callable[[WeCom], None],
) -> None:
    """Test that an access token that ends costs nothing, not even while all is down."""
    home = await set_up(hass, sample, wecom, freezer)
    await home.send(2)
    end(wecom)
    await home.send(2)
    await wecom.stop()
    await home.send(3)
    end(wecom)
    await home.pass_time(40)
    wecom.gettoken_count = 0
    await wecom.start(port=wecom.port)
    await home.drain()
    await home.send(2)
    home.check_all_arrived()
    assert wecom.gettoken_count == 1


async def test_token_refused_for_a_while(
    hass: HomeAssistant, wecom: WeCom, freezer: FrozenDateTimeFactory
) -> None:
    """Test that messages wait when WeCom gives no access token for too many wishes."""
    home = await set_up(hass, WECOM, wecom, freezer)
    await home.send(1)
    wecom.expire_tokens()
    wecom.requests.clear()
    wecom.always(WECOM_RATE, "/cgi-bin/gettoken")
    await home.send(3)
    await home.pass_time(300)
    # WeCom does not say for how long: each wait is longer than the one before.
    assert len(wecom.requests_to("/cgi-bin/gettoken")) <= 6
    wecom.always(None, "/cgi-bin/gettoken")
    await home.drain()
    home.check_all_arrived()


async def restricted(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> Home:
    """Return two people whose messages may wait long, for PushPlus takes no more."""
    home = await set_up(hass, PUSHPLUS, pushplus, freezer)
    hass.config_entries.async_update_entry(
        home.entry, options={"expires_after": 72 * HOUR}
    )
    await hass.async_block_till_done()
    await home.send(1)
    pushplus.restrict(days=2)
    pushplus.requests.clear()
    await home.send(3)
    return home


async def test_restricted(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that PushPlus is left alone for two days, and then gets all that waited."""
    home = await restricted(hass, pushplus, freezer)
    await home.pass_time(24 * HOUR, step=600)
    await hass.config_entries.async_reload(home.entry.entry_id)
    await home.send(1)
    await home.pass_time(24 * HOUR - 600, step=600)
    # Two may have been under way at once.
    assert len(pushplus.requests) <= 2
    await home.drain()
    home.check_all_arrived()


async def test_restricted_for_longer_than_wanted(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that whoever sends is told at once that it would come too late."""
    home = await set_up(hass, PUSHPLUS, pushplus, freezer)
    await home.send(1)
    pushplus.restrict(days=2)
    await home.send(2)
    failed = ["sent", "pushplus_restricted", "pushplus_restricted"]
    assert [person.answers for person in home.people] == [failed, failed]
    await home.pass_time(49 * HOUR, step=600)
    await home.send(1)
    await home.drain()
    home.check()
    assert [home.arrived(person) for person in home.people] == [[0, 3], [0, 3]]


@pytest.mark.parametrize(
    ("sample", "cause", "mend", "problem"),
    [
        pytest.param(
            PUSHPLUS,
            lambda pushplus: setattr(pushplus.account, "verified", False),
            lambda pushplus: setattr(pushplus.account, "verified", True),
            "pushplus_real_name",
            id="pushplus-real-name",
        ),
        pytest.param(
            WECOM,
            lambda wecom: setattr(wecom, "trusted_ips", {"198.51.100.1"}),
            lambda wecom: setattr(wecom, "trusted_ips", None),
            "wecom_untrusted_ip",
            id="wecom-untrusted-ip",
        ),
    ],
)
async def test_only_a_person_can_mend(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
    cause: Callable[[Any], None],
    mend: Callable[[Any], None],
    problem: str,
) -> None:
    """Test that what waits from before does not go lost by what a person has to mend."""
    home = await set_up(hass, sample, simulator, freezer)
    await home.send(1)
    await simulator.stop()
    await home.send(2)
    cause(simulator)
    await simulator.start(port=simulator.port)
    await home.pass_time(60)
    mend(simulator)
    await home.drain()
    await home.send(1)
    await home.drain()
    home.check_all_arrived()
    cause(simulator)
    await home.send(1)
    assert [person.answers[-1] for person in home.people] == ["queued"] * 2
    assert problem in told(hass)
    mend(simulator)
    await home.drain()
    home.check_all_arrived()
