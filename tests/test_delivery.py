"""Messages arrive in order, once, or it is said why not."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from custom_components.wechat_push.const import DOMAIN
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.json import json_bytes
from tests.samples import (
    PUSHJET,
    PUSHPLUS,
    SAMPLES,
    UID_LI,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    Sample,
    add_recipient,
    arrival,
    entity_ids,
    send,
    set_up,
)
from tests.simulators import BAD_ANSWERS, Answer, Pushjet, Simulator, WeCom, WxPusher
from tests.simulators.base import json_answer
from tests.troubles import RENEWALS, Cause, Renewal, leave, nothing, unfollow, unlicense

# These take as long as the time-outs say.
SLOW = ("hang", "drip")
# New credentials are wanted after this one.
TESTED_ELSEWHERE = {(service, "proxy_login_401") for service in SAMPLES}
# To WxPusher this is a success that names no targets.
TESTED_ELSEWHERE |= {("wxpusher", "wrong_types_records")}
SHORT: dict[str, Any] = {"connect_timeout": 1, "read_timeout": 1}


def texts(simulator: Simulator) -> list[str]:
    """Return what the phones show, in the order that it came in."""
    return [shown.text for shown in simulator.notifications]


@pytest.mark.parametrize(
    ("sample", "recipient", "cause", "refused", "receivers"),
    [
        pytest.param(
            WXPUSHER,
            {"targets": [UID_ZHANG, UID_LI, "8001"], "format": "text"},
            unfollow,
            f"{UID_LI} (用户UID=[{UID_LI}]未订阅应用)",
            [UID_ZHANG, "8001"],
            id="wxpusher-user",
        ),
        pytest.param(
            WXPUSHER,
            {"targets": [UID_ZHANG, "8001", "9999"], "format": "text"},
            nothing,
            "9999 (主题[9999]不存在)",
            [UID_ZHANG, "8001"],
            id="wxpusher-topic",
        ),
        pytest.param(
            WECOM,
            {"targets": ["@zhangsan @LiSi #1 #7 +9"], "format": "text"},
            leave,
            "LiSi (invaliduser), #7 (invalidparty), +9 (invalidtag)",
            ["zhangsan", "toparty:1"],
            id="wecom-unknown",
        ),
        pytest.param(
            WECOM,
            {"targets": ["@zhangsan @lisi"], "format": "text"},
            unlicense,
            "lisi (unlicenseduser)",
            ["zhangsan"],
            id="wecom-unlicensed",
        ),
    ],
)
async def test_refused_among_good(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    recipient: dict[str, Any],
    cause: Cause,
    refused: str,
    receivers: list[str],
) -> None:
    """Test that targets that are refused are named, and that the others get theirs."""
    await set_up(hass, sample, simulator, recipient=recipient)
    cause(simulator)
    with pytest.raises(HomeAssistantError) as raised:
        await send(hass, "Someone is there.")
    assert str(raised.value) == (
        f"The message was not taken for these targets: {refused}."
        # Home Assistant takes the full stop away.
        " All others got theirs"
    )
    assert [shown.recipient for shown in simulator.notifications] == receivers


async def test_many_refused(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that hundreds of refused targets do not fill the screen."""
    departments = " ".join(f"#{number}" for number in range(100, 150))
    recipient = {"targets": [f"@zhangsan {departments}"], "format": "text"}
    await set_up(hass, WECOM, wecom, recipient=recipient)
    with pytest.raises(HomeAssistantError, match=r"#109 \(invalidparty\), \+40\. All"):
        await send(hass, "Someone is there.")


@pytest.mark.parametrize(
    ("sample", "recipient", "cause", "text"),
    [
        pytest.param(
            WXPUSHER,
            {"targets": [UID_LI], "format": "text"},
            unfollow,
            f"The message reached nobody. The service refused: {UID_LI} ",
            id="wxpusher",
        ),
        pytest.param(
            WECOM,
            {"targets": ["@lisi"], "format": "text"},
            leave,
            "None of the targets can see the application",
            id="wecom",
        ),
        pytest.param(
            WECOM,
            {"targets": ["@lisi"], "format": "text"},
            unlicense,
            "The message reached nobody. The service refused: lisi (unlicenseduser)",
            id="wecom-unlicensed",
        ),
        pytest.param(
            PUSHPLUS,
            PUSHPLUS.recipient,
            lambda pushplus: pushplus.always(
                json_answer(
                    {"code": 999, "msg": "服务端验证错误", "data": "无用户接收消息"}
                )
            ),
            "Nobody is there to receive the message.",
            id="pushplus",
        ),
        pytest.param(
            PUSHJET,
            PUSHJET.recipient,
            lambda pushjet: pushjet.services.clear(),
            "The server knows no service with this secret key.",
            id="pushjet",
        ),
    ],
)
async def test_all_refused(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    recipient: dict[str, Any],
    cause: Cause,
    text: str,
) -> None:
    """Test a message that nobody gets; that is no matter of credentials."""
    await set_up(hass, sample, simulator, recipient=recipient)
    cause(simulator)
    with pytest.raises(HomeAssistantError) as raised:
        await send(hass, "Someone is there.")
    assert str(raised.value).startswith(text)
    assert simulator.notifications == []
    assert hass.config_entries.flow.async_progress() == []


@pytest.mark.parametrize(
    ("sample", "renewal", "asked"),
    [
        (renewal.sample, renewal, [renewal.sample.path, *then])
        for renewal, then in zip(
            RENEWALS.values(), ([], ["/cgi-bin/gettoken"], [], []), strict=True
        )
    ],
    ids=RENEWALS,
)
async def test_refused_credentials(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    renewal: Renewal,
    asked: list[str],
) -> None:
    """Test that refused credentials are tried once, however many messages wait."""
    await set_up(hass, sample, simulator)
    renewal.happens(simulator)
    simulator.requests.clear()
    results = await asyncio.gather(
        *(send(hass, f"Message {number}") for number in range(20)),
        return_exceptions=True,
    )
    assert all(isinstance(result, HomeAssistantError) for result in results)
    assert [request.path for request in simulator.requests] == asked
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"


async def recipients_of_wecom(hass: HomeAssistant, wecom: WeCom) -> ConfigEntry:
    """Set up an account with a few recipients."""
    entry = await set_up(hass, WECOM, wecom)
    for target in ("@zhangsan", "@lisi", "#1", "+1"):
        typed = {"targets": [target], "format": "text"}
        result = await add_recipient(hass, entry, typed)
        assert result["type"] is FlowResultType.CREATE_ENTRY
    return entry


async def send_many(hass: HomeAssistant, count: int) -> None:
    """Send many messages at once, spread over the recipients."""
    entities = entity_ids(hass)
    await asyncio.gather(
        *(
            send(hass, f"{number}", entity_id=entities[number % len(entities)])
            for number in range(count)
        )
    )


async def test_cold_start(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a hundred messages at a start fetch one access token among them."""
    entry = await recipients_of_wecom(hass, wecom)
    assert await hass.config_entries.async_unload(entry.entry_id)
    wecom.gettoken_count = 0
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await send_many(hass, 100)
    assert wecom.gettoken_count == 1
    assert sorted(map(int, texts(wecom))) == list(range(100))


@pytest.mark.parametrize(
    "end",
    [WeCom.expire_tokens, WeCom.revoke_tokens],
    ids=["expired", "revoked"],
)
async def test_dead_token(
    hass: HomeAssistant, wecom: WeCom, end: Callable[[WeCom], None]
) -> None:
    """Test that a token that dies on the way costs no message, and one request."""
    await recipients_of_wecom(hass, wecom)
    await send_many(hass, 10)
    wecom.notifications.clear()
    wecom.gettoken_count = 0
    end(wecom)
    await send_many(hass, 50)
    assert wecom.gettoken_count == 1
    assert sorted(map(int, texts(wecom))) == list(range(50))


@pytest.mark.parametrize(
    ("sample", "bad"),
    [
        pytest.param(sample, bad, id=f"{sample.service}-{bad}")
        for sample in SAMPLES.values()
        for bad in BAD_ANSWERS
        if bad not in SLOW and (sample.service, bad) not in TESTED_ELSEWHERE
    ],
)
async def test_bad_answer(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, bad: str
) -> None:
    """Test that every bad answer is an error in words, and that the next one works."""
    await set_up(hass, sample, simulator)
    simulator.always(BAD_ANSWERS[bad], sample.path)
    with pytest.raises(HomeAssistantError) as raised:
        await send(hass, "Someone is there.")
    assert raised.value.translation_domain == DOMAIN
    assert raised.value.translation_key not in (None, "unknown")
    # It is sent to the browser.
    assert json_bytes(str(raised.value))
    simulator.always(None, sample.path)
    simulator.notifications.clear()
    await send(hass, "Someone is there again.")
    assert texts(simulator) == ["Someone is there again."]
    assert hass.config_entries.flow.async_progress() == []


@pytest.mark.parametrize("bad", SLOW)
async def test_no_answer_in_time(
    hass: HomeAssistant, wxpusher: WxPusher, bad: str
) -> None:
    """Test that a service that keeps a message waiting does not do so for ever."""
    await set_up(hass, WXPUSHER, wxpusher, **SHORT)
    wxpusher.always(BAD_ANSWERS[bad], WXPUSHER.path)
    with pytest.raises(HomeAssistantError, match="did not answer in time"):
        await send(hass, "Someone is there.")
    wxpusher.always(None, WXPUSHER.path)
    await send(hass, "Someone is there again.")
    assert texts(wxpusher) == ["Someone is there again."]


async def test_lost_before(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that a message that was surely not taken is sent again, and arrives once."""
    await set_up(hass, sample, simulator)
    simulator.script(BAD_ANSWERS["reset_before"], path=sample.path)
    await send(hass, "Someone is there.")
    assert texts(simulator) == ["Someone is there."]


async def test_lost_after(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that a message that may have been taken is repeated once at most."""
    await set_up(hass, sample, simulator)
    simulator.always(BAD_ANSWERS["reset_after"], sample.path)
    with pytest.raises(HomeAssistantError, match="connection broke off"):
        await send(hass, "Someone is there.")
    assert texts(simulator) == ["Someone is there."] * 2


async def test_order(hass: HomeAssistant, sample: Sample, simulator: Simulator) -> None:
    """Test that messages to a recipient arrive in the order that they were sent in."""
    await set_up(hass, sample, simulator)
    simulator.script(Answer(genuine=True, delay=0.05), path=sample.path)
    messages = [f"Message {number}" for number in range(20)]
    await asyncio.gather(*(send(hass, message) for message in messages))
    assert texts(simulator) == messages


async def test_no_waiting_for_others(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a message does not wait for those to other recipients."""
    await recipients_of_wecom(hass, wecom)
    first, second, *_ = entity_ids(hass)
    wecom.script(Answer(hang=True), path=WECOM.path)
    slow = hass.async_create_task(send(hass, "Slow", entity_id=first))
    await arrival(wecom, WECOM.path)
    await send(hass, "Fast", entity_id=second)
    assert texts(wecom) == ["Fast"]
    await wecom.stop()
    with pytest.raises(HomeAssistantError, match="connection"):
        await slow


async def test_cancelled(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that a script that is stopped while it sends holds up nobody."""
    await set_up(hass, sample, simulator)
    simulator.script(Answer(hang=True), path=sample.path)
    stopped = hass.async_create_task(send(hass, "Stopped"))
    await arrival(simulator, sample.path)
    waiting = hass.async_create_task(send(hass, "Someone is there."))
    stopped.cancel()
    await waiting
    assert texts(simulator) == ["Someone is there."]


async def test_part_fails(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that no later part of a long message arrives without the earlier ones."""
    await set_up(hass, WECOM, wecom)
    wecom.script(Answer(genuine=True), BAD_ANSWERS["unavailable_503"], path=WECOM.path)
    with pytest.raises(HomeAssistantError, match="fault of its own"):
        await send(hass, "x" * 5000)
    assert [text[-5:] for text in texts(wecom)] == ["(1/3)"]


async def test_queue_full(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test that an automation gone wild is told so, while what waits is delivered."""
    await set_up(hass, PUSHJET, pushjet)
    pushjet.script(Answer(hang=True), path=PUSHJET.path)
    waiting = [
        hass.async_create_task(send(hass, f"Message {number}")) for number in range(500)
    ]
    await arrival(pushjet, PUSHJET.path)
    with pytest.raises(HomeAssistantError, match="Already 500 messages wait"):
        await send(hass, "One too many")
    for task in (waiting[0], *waiting[10:]):
        task.cancel()
    await asyncio.gather(*waiting[1:10])
    assert texts(pushjet) == [f"Message {number}" for number in range(1, 10)]
    await send(hass, "There is room again.")
    assert texts(pushjet)[-1] == "There is room again."
