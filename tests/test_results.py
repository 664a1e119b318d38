"""What becomes of messages that a service took: it is asked, or tells by itself."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
import json
import logging
from typing import Any

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from custom_components.wechat_push.const import DOMAIN
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util.async_ import get_scheduled_timer_handles
from tests.entities import recipient_entity, state_of
from tests.messages import PUSHPLUS_SEND, body, tell
from tests.samples import (
    FRIEND,
    ONESELF,
    PUSHPLUS,
    WXPUSHER,
    Sample,
    add_recipient,
    arrival,
    fill_in,
    send,
    set_up,
)
from tests.simulators import Answer, PushPlus, Simulator, WxPusher
from tests.simulators.base import json_answer
from tests.simulators.pushplus_sending import FAILED, SENT
from tests.simulators.wxpusher_accounts import APP_TOKEN
from tests.test_pushplus_pictures import OPEN
from tests.test_reconfigure import open_form

ACCESS_KEY = "/api/common/openApi/getAccessKey"
RESULT = "/api/open/message/sendMessageResult"
STATUS = "/api/send/query/status"
# Seconds from a message to the questions about it, and from one to the next.
STEPS = (15, 45, 240, 1500)
REASON = "用户未关注公众号"

type Browser = TestClient[Any, Any]
type Told = Callable[[], list[tuple[str, Any]]]


def listen(hass: HomeAssistant) -> Told:
    """Return what returns all that event entities told since: what, and the outcome."""
    changes = async_capture_events(hass, EVENT_STATE_CHANGED)

    def told() -> list[tuple[str, Any]]:
        states = [change.data["new_state"] for change in changes]
        return [
            (state.attributes["event_type"], state.attributes.get("outcome"))
            for state in states
            if state is not None and "event_type" in state.attributes
        ]

    return told


def timers(hass: HomeAssistant) -> list[asyncio.TimerHandle]:
    """Return what is to be asked later."""
    return [
        timer
        for timer in get_scheduled_timer_handles(hass.loop)
        if "Results" in str(timer._args) and not timer.cancelled()  # noqa: SLF001
    ]


async def later(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, seconds: float
) -> None:
    """Let time pass."""
    freezer.tick(seconds)
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)


async def choose(hass: HomeAssistant, entry: ConfigEntry, **options: Any) -> None:
    """Choose options of an account."""
    hass.config_entries.async_update_entry(entry, options=options)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED


async def answered(pushplus: PushPlus, count: int = 1) -> list[int | None]:
    """Wait until PushPlus has told so many results; return what it was answered."""
    async with asyncio.timeout(10):
        while len(pushplus.callbacks) < count:
            await asyncio.sleep(0)
    return [status for _, status in pushplus.callbacks]


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the warnings of the integration, and of the webhooks that it has."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno > logging.INFO
        and record.name.startswith(("custom_components", "homeassistant.components"))
    ]


@pytest.fixture
async def browser(
    hass: HomeAssistant,
    socket_enabled: None,
    hass_client_no_auth: ClientSessionGenerator,
) -> Browser:
    """Let Home Assistant be reached from outside; return somebody there."""
    # In tests, nothing can be added to a web server that runs already.
    for component in ("diagnostics", "notify", DOMAIN):
        assert await async_setup_component(hass, component, {})
    browser: Browser = await hass_client_no_auth()
    hass.config.external_url = str(browser.make_url("/")).rstrip("/")
    return browser


@pytest.fixture
async def listening(
    hass: HomeAssistant, pushplus: PushPlus, browser: Browser
) -> ConfigEntry:
    """Return an account whose service tells results."""
    entry = await set_up(hass, PUSHPLUS, pushplus)
    await choose(hass, entry, listen_results=True)
    return entry


def address(pushplus: PushPlus) -> str:
    """Return where PushPlus is to tell what becomes of the last message."""
    url: str = pushplus.requests_to(PUSHPLUS_SEND)[-1].json["callbackUrl"]
    return url


def news(short_code: str, status: object = SENT, message: str = "") -> dict[str, Any]:
    """Return what PushPlus tells."""
    info = {"shortCode": short_code, "sendStatus": status, "message": message}
    return {"event": "message_complate", "messageInfo": info}


# Asking


@pytest.mark.parametrize("step", range(4))
@pytest.mark.parametrize(
    ("error", "outcome"),
    [("", ("confirmed", None)), (REASON, ("failed", REASON))],
    ids=["delivered", "failed"],
)
async def test_asking(
    hass: HomeAssistant,
    pushplus: PushPlus,
    freezer: FrozenDateTimeFactory,
    step: int,
    error: str,
    outcome: tuple[str, Any],
) -> None:
    """Test that a message is asked about until the service knows what became of it."""
    await set_up(hass, OPEN, pushplus)
    told = listen(hass)
    pushplus.delivery_delay = sum(STEPS[: step + 1]) - 1
    pushplus.final_error = error
    await send(hass, "Someone is there.")
    for seconds in STEPS[:step]:
        await later(hass, freezer, seconds)
        assert told() == [("sent", None)]
    await later(hass, freezer, STEPS[step])
    assert told() == [("sent", None), outcome]
    for seconds in STEPS:
        await later(hass, freezer, seconds)
    assert told() == [("sent", None), outcome]
    (short_code,) = pushplus.messages
    asked = [request.query for request in pushplus.requests_to(RESULT)]
    assert asked == [{"shortCode": short_code}] * (step + 1)


async def test_asking_in_vain(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a message of which nothing is known is asked about four times."""
    await set_up(hass, OPEN, pushplus)
    told = listen(hass)
    pushplus.delivery_delay = 100_000
    await send(hass, "Someone is there.")
    for seconds in (*STEPS, 86_400):
        await later(hass, freezer, seconds)
    assert len(pushplus.requests_to(RESULT)) == 4
    assert timers(hass) == []
    assert told() == [("sent", None)]


@pytest.mark.parametrize(
    ("sample", "options"),
    [(OPEN, {"ask_results": False}), (PUSHPLUS, {}), (WXPUSHER, {})],
    ids=["pushplus-off", "pushplus-without-key", "wxpusher"],
)
async def test_not_asking(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
    options: dict[str, Any],
) -> None:
    """Test that a service is not asked where nobody chose it, or where it is in vain."""
    entry = await set_up(hass, sample, simulator)
    await choose(hass, entry, **options)
    told = listen(hass)
    await send(hass, "Someone is there.")
    simulator.requests.clear()
    for seconds in STEPS:
        await later(hass, freezer, seconds)
    assert simulator.requests == []
    assert told() == [("sent", None)]


@pytest.mark.parametrize(
    "trouble",
    [
        Answer(status=502),
        json_answer({"code": 500, "msg": "系统异常", "data": None}),
        json_answer({"code": 600, "msg": "数据异常，操作失败", "data": None}),
        json_answer({"code": 200, "msg": "请求成功", "data": {"status": "?"}}),
    ],
    ids=["502", "500", "600", "rubbish"],
)
async def test_trouble_while_asking(
    hass: HomeAssistant,
    pushplus: PushPlus,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    trouble: Answer,
) -> None:
    """Test that a question that was not answered is asked again at its time."""
    await set_up(hass, OPEN, pushplus)
    told = listen(hass)
    await send(hass, "Someone is there.")
    assert len(timers(hass)) == 1
    pushplus.script(trouble, path=RESULT)
    await later(hass, freezer, 15)
    assert told() == [("sent", None)]
    await later(hass, freezer, 45)
    assert told() == [("sent", None), ("confirmed", None)]
    assert len(pushplus.requests_to(RESULT)) == 2
    assert complaints(caplog) == []


@pytest.mark.parametrize("field", ["open_api", "ip_allowed", "secret_key"])
async def test_refused_while_asking(
    hass: HomeAssistant,
    pushplus: PushPlus,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    field: str,
) -> None:
    """Test that a service that refuses questions is asked once, until a reload."""
    entry = await set_up(hass, OPEN, pushplus)
    told = listen(hass)
    for text in ("Someone is there.", "Someone is still there."):
        await send(hass, text)
    known = getattr(pushplus.account, field)
    pushplus.requests.clear()
    pushplus.expire_access_keys()
    setattr(pushplus.account, field, "")
    for seconds in (15, 1, *STEPS[1:]):
        await later(hass, freezer, seconds)
    await send(hass, "Someone has gone.")
    for seconds in STEPS:
        await later(hass, freezer, seconds)
    assert len(pushplus.requests_to(RESULT)) == 1
    (complaint,) = complaints(caplog)
    assert "through PushPlus · Home are not queried until it is reloaded" in complaint
    assert told() == [("sent", None)] * 3
    setattr(pushplus.account, field, known)
    await hass.config_entries.async_reload(entry.entry_id)
    await send(hass, "Someone is there again.")
    await later(hass, freezer, 15)
    assert told()[-2:] == [("sent", None), ("confirmed", None)]


async def test_one_question_at_a_time(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that many questions neither come at once nor use up what messages may."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await choose(hass, entry, ask_results=True)
    told = listen(hass)
    for text in ("1", "2", "3"):
        await send(hass, text)
    wxpusher.script(Answer(genuine=True, delay=5), path=STATUS)
    freezer.tick(15)
    async_fire_time_changed(hass)
    await arrival(wxpusher, STATUS)
    freezer.tick(4)
    async_fire_time_changed(hass)
    assert len(wxpusher.requests_to(STATUS)) == 1
    for seconds, count in ((1, 1), (0.4, 1), (0.6, 2), (1, 3), (1, 3)):
        await later(hass, freezer, seconds)
        assert len(wxpusher.requests_to(STATUS)) == count
    asked = [request.query["sendRecordId"] for request in wxpusher.requests_to(STATUS)]
    assert asked == [str(record_id) for record_id in wxpusher.send_states]
    assert told() == [("sent", None)] * 3


async def test_pause_between_questions(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a question that is due soon after another waits for its turn."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await choose(hass, entry, ask_results=True)
    for text in ("1", "2"):
        await send(hass, text)
        freezer.tick(0.85)
    # The time that tests let pass is half a second longer than they say.
    for seconds, count in ((13.3, 1), (0.4, 1), (0.6, 2), (1, 2)):
        await later(hass, freezer, seconds)
        assert len(wxpusher.requests_to(STATUS)) == count


async def test_many_messages(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that the oldest of very many messages is given up."""
    follower = next(iter(wxpusher.apps[APP_TOKEN].followers.values()))
    uids = [f"UID_{number:028}" for number in range(203)]
    wxpusher.users |= set(uids)
    wxpusher.apps[APP_TOKEN].followers |= dict.fromkeys(uids, follower)
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await choose(hass, entry, ask_results=True)
    await tell(hass, "Someone is there.", targets=uids)
    await later(hass, freezer, 15)
    for _ in range(210):
        await later(hass, freezer, 1)
    asked = [
        int(request.query["sendRecordId"]) for request in wxpusher.requests_to(STATUS)
    ]
    # Some are asked about for the second time already.
    assert sorted(set(asked)) == sorted(wxpusher.send_states)[3:]


@pytest.mark.parametrize(("state", "outcome"), [(2, "delivered"), (3, "failed")])
async def test_hint(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    freezer: FrozenDateTimeFactory,
    state: int,
    outcome: str,
) -> None:
    """Test that what a service promises nothing about is never called delivered."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await choose(hass, entry, ask_results=True)
    told = listen(hass)
    await send(hass, "Someone is there.")
    wxpusher.send_states = dict.fromkeys(wxpusher.send_states, state)
    for seconds in STEPS:
        await later(hass, freezer, seconds)
    assert told() == [("sent", None), ("hint", outcome)]
    assert len(wxpusher.requests_to(STATUS)) == 1


@pytest.mark.parametrize("seconds", [0, 15, 60])
async def test_unloaded_while_asking(
    hass: HomeAssistant,
    pushplus: PushPlus,
    freezer: FrozenDateTimeFactory,
    seconds: int,
) -> None:
    """Test that an account that is unloaded asks nothing any more."""
    entry = await set_up(hass, OPEN, pushplus)
    pushplus.delivery_delay = 100_000
    await send(hass, "Someone is there.")
    await later(hass, freezer, seconds)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert timers(hass) == []
    pushplus.requests.clear()
    for each in STEPS:
        await later(hass, freezer, each)
    assert pushplus.requests == []


async def test_asking_after_a_reload(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a message sent before a recipient was added is asked about as planned."""
    entry = await set_up(hass, OPEN, pushplus)
    told = listen(hass)
    await send(hass, "Someone is there.")
    await later(hass, freezer, 10)
    await add_recipient(hass, entry, ONESELF)
    await later(hass, freezer, 4)
    assert pushplus.requests_to(RESULT) == []
    await later(hass, freezer, 1)
    assert [event for event, _ in told() if event == "confirmed"] == ["confirmed"]
    for seconds in STEPS:
        await later(hass, freezer, seconds)
    assert len(pushplus.requests_to(RESULT)) == 1


async def test_due_while_unloaded(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that what became due while an account was not loaded is asked afterwards."""
    entry = await set_up(hass, OPEN, pushplus)
    told = listen(hass)
    for text in ("1", "2"):
        await send(hass, text)
    assert await hass.config_entries.async_unload(entry.entry_id)
    await later(hass, freezer, 3600)
    assert pushplus.requests_to(RESULT) == []
    assert await hass.config_entries.async_setup(entry.entry_id)
    for count in (1, 2, 2):
        await later(hass, freezer, 1)
        assert len(pushplus.requests_to(RESULT)) == count
    assert [event for event, _ in told() if event == "confirmed"] == ["confirmed"] * 2


async def test_recipient_removed(
    hass: HomeAssistant,
    pushplus: PushPlus,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Test that the result of a message to a recipient that was removed is dropped."""
    entry = await set_up(hass, OPEN, pushplus)
    await send(hass, "Someone is there.")
    (recipient_id,) = entry.subentries
    hass.config_entries.async_remove_subentry(entry, recipient_id)
    await hass.async_block_till_done()
    told = listen(hass)
    await later(hass, freezer, 15)
    assert told() == []
    assert complaints(caplog) == []


async def test_account_removed(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that nothing is asked for an account that was removed."""
    entry = await set_up(hass, OPEN, pushplus)
    await send(hass, "Someone is there.")
    await hass.config_entries.async_remove(entry.entry_id)
    assert timers(hass) == []
    await set_up(hass, OPEN, pushplus)
    for seconds in STEPS:
        await later(hass, freezer, seconds)
    assert pushplus.requests_to(RESULT) == []


async def test_unloaded_during_a_question(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a question under way when an account is unloaded is asked again later."""
    entry = await set_up(hass, OPEN, pushplus)
    await send(hass, "Someone is there.")
    told = listen(hass)
    pushplus.script(Answer(hang=True), path=RESULT)
    freezer.tick(15)
    async_fire_time_changed(hass)
    await arrival(pushplus, RESULT)
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert [event for event, _ in told() if event == "confirmed"] == []
    assert len(pushplus.requests_to(RESULT)) == 1
    assert await hass.config_entries.async_setup(entry.entry_id)
    await later(hass, freezer, 1)
    assert [event for event, _ in told() if event == "confirmed"] == ["confirmed"]
    assert len(pushplus.requests_to(RESULT)) == 2


# Listening


@pytest.mark.parametrize(
    ("error", "outcome"),
    [("", ("confirmed", None)), (REASON, ("failed", REASON))],
    ids=["delivered", "failed"],
)
async def test_listening(
    hass: HomeAssistant,
    pushplus: PushPlus,
    listening: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    error: str,
    outcome: tuple[str, Any],
) -> None:
    """Test that PushPlus tells what became of a message."""
    told = listen(hass)
    pushplus.final_error = error
    pushplus.delivery_delay = 5
    await send(hass, "Someone is there.")
    assert told() == [("sent", None)]
    assert address(pushplus).startswith(f"{hass.config.external_url}/api/webhook/")
    await later(hass, freezer, 5)
    assert await answered(pushplus) == [HTTPStatus.OK]
    await hass.async_block_till_done()
    assert told() == [("sent", None), outcome]


async def test_secrets_in_what_is_told(
    hass: HomeAssistant, pushplus: PushPlus, listening: ConfigEntry, browser: Browser
) -> None:
    """Test that nobody else can read a message, or write to a friend, with a reason."""
    pushplus.delivery_delay = 100_000
    await send(hass, "Someone is there.")
    told = listen(hass)
    (short_code,) = pushplus.messages
    (token,) = PUSHPLUS.secrets[:1]
    reason = f"{short_code}\x1b[31m x{token}x\n{FRIEND}"
    await browser.post(
        URL(address(pushplus)).path, json=news(short_code, FAILED, reason)
    )
    await hass.async_block_till_done()
    assert told() == [("failed", "**REDACTED** x**REDACTED**x **REDACTED**")]


async def test_listening_after_a_reload(
    hass: HomeAssistant, pushplus: PushPlus, listening: ConfigEntry, browser: Browser
) -> None:
    """Test a result of a message that was sent before a reload."""
    pushplus.delivery_delay = 100_000
    await send(hass, "Someone is there.")
    await hass.config_entries.async_reload(listening.entry_id)
    told = listen(hass)
    (short_code,) = pushplus.messages
    await browser.post(URL(address(pushplus)).path, json=news(short_code))
    await hass.async_block_till_done()
    assert told() == [("confirmed", None)]


async def test_told_before_the_message_is_known(
    hass: HomeAssistant, pushplus: PushPlus, listening: ConfigEntry
) -> None:
    """Test a result that comes before the answer that the message was taken."""
    told = listen(hass)
    heard = asyncio.Event()
    pushplus.script(Answer(genuine=True, after=heard), path=PUSHPLUS_SEND)
    sending = hass.async_create_task(send(hass, "Someone is there."))
    assert await answered(pushplus) == [HTTPStatus.OK]
    assert told() == []
    heard.set()
    await sending
    assert told() == [("sent", None), ("confirmed", None)]


@pytest.mark.parametrize(
    ("seconds", "others", "outcomes"),
    [
        pytest.param(59, 49, [("confirmed", None)], id="early"),
        pytest.param(61, 0, [], id="long-ago"),
        pytest.param(1, 50, [], id="too-many"),
    ],
)
async def test_told_of_an_unknown_message(
    hass: HomeAssistant,
    pushplus: PushPlus,
    listening: ConfigEntry,
    browser: Browser,
    freezer: FrozenDateTimeFactory,
    seconds: int,
    others: int,
    outcomes: list[tuple[str, Any]],
) -> None:
    """Test that a result waits a minute for its message, among not too many others."""
    pushplus.delivery_delay = 100_000
    await send(hass, "Somebody else is there.")
    url = URL(address(pushplus)).path
    told = listen(hass)
    for short_code in ("mine", *(f"other-{number}" for number in range(others))):
        await browser.post(url, json=news(short_code))
    await later(hass, freezer, seconds)
    taken = json_answer({"code": 200, "msg": "请求成功", "data": "mine"})
    pushplus.script(taken, path=PUSHPLUS_SEND)
    await send(hass, "Someone is there.")
    await hass.async_block_till_done()
    assert told() == [("sent", None), *outcomes]


async def test_told_again(
    hass: HomeAssistant, pushplus: PushPlus, listening: ConfigEntry, browser: Browser
) -> None:
    """Test that what is told again, or differently, changes nothing."""
    told = listen(hass)
    await send(hass, "Someone is there.")
    await answered(pushplus)
    (short_code,) = pushplus.messages
    for status in (SENT, FAILED):
        await browser.post(URL(address(pushplus)).path, json=news(short_code, status))
    await hass.async_block_till_done()
    assert told() == [("sent", None), ("confirmed", None)]


async def test_told_of_the_right_message(
    hass: HomeAssistant, pushplus: PushPlus, listening: ConfigEntry, browser: Browser
) -> None:
    """Test that each of several messages gets its own result, whatever the spelling."""
    pushplus.delivery_delay = 100_000
    for text in ("1", "2"):
        await send(hass, text)
    url = URL(address(pushplus)).path
    first, second = pushplus.messages
    told = listen(hass)
    # Not the misspelt name that the service uses, and not the type.
    payload = {**news(second, str(FAILED), REASON), "event": "message_complete"}
    await browser.post(url, data=json.dumps(payload), headers={"Content-Type": "x/y"})
    await browser.post(url, json=news(first, 1))
    await browser.post(url, json=news(first, SENT))
    await hass.async_block_till_done()
    assert told() == [("failed", REASON), ("confirmed", None)]
    state = state_of(hass, recipient_entity(hass, listening, "delivery"))
    assert state.attributes["targets"] == ["family"]
    assert first not in str(state.attributes)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'"message_complate"',
        b'{"event": "message_complate"}',
        b'{"event": "message_complate", "messageInfo": []}',
        b'{"event": "message_complate", "messageInfo": {"shortCode": 5}}',
        b'{"event": "add_friend", "friendInfo": "x"}',
        b'{"event": "add_topic_user", "friendInfo": {}}',
        b'{"event": ["message_complate"], "messageInfo": {}}',
        b"[" * 100_000,
        b" " * 200_000,
        b'{"x": "' + b"x" * 200_000 + b'"}',
    ],
    ids=lambda payload: repr(payload[:60]),
)
async def test_told_rubbish(
    hass: HomeAssistant,
    pushplus: PushPlus,
    listening: ConfigEntry,
    browser: Browser,
    caplog: pytest.LogCaptureFixture,
    payload: bytes,
) -> None:
    """Test that whatever anybody tells, nothing happens, and the next is understood."""
    pushplus.delivery_delay = 100_000
    await send(hass, "Someone is there.")
    told = listen(hass)
    url = URL(address(pushplus)).path
    answer = await browser.post(url, data=payload)
    assert answer.status == HTTPStatus.OK
    await hass.async_block_till_done()
    assert told() == []
    assert complaints(caplog) == []
    (short_code,) = pushplus.messages
    await browser.post(url, json=news(short_code))
    await hass.async_block_till_done()
    assert told() == [("confirmed", None)]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
async def test_only_posts(
    hass: HomeAssistant,
    pushplus: PushPlus,
    listening: ConfigEntry,
    browser: Browser,
    caplog: pytest.LogCaptureFixture,
    method: str,
) -> None:
    """Test that no other method does anything, nor makes a log show the address."""
    pushplus.delivery_delay = 100_000
    await send(hass, "Someone is there.")
    (short_code,) = pushplus.messages
    told = listen(hass)
    answer = await browser.request(
        method, URL(address(pushplus)).path, json=news(short_code)
    )
    assert answer.status == HTTPStatus.METHOD_NOT_ALLOWED
    await hass.async_block_till_done()
    assert told() == []
    assert complaints(caplog) == []


async def test_told_before_asked(
    hass: HomeAssistant,
    pushplus: PushPlus,
    browser: Browser,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that a message whose result was told is not asked about."""
    entry = await set_up(hass, OPEN, pushplus)
    await choose(hass, entry, listen_results=True)
    told = listen(hass)
    await send(hass, "Someone is there.")
    await answered(pushplus)
    await hass.async_block_till_done()
    assert timers(hass) == []
    for seconds in STEPS:
        await later(hass, freezer, seconds)
    assert pushplus.requests_to(RESULT) == []
    assert told() == [("sent", None), ("confirmed", None)]


async def test_told_before_its_turn(
    hass: HomeAssistant,
    pushplus: PushPlus,
    browser: Browser,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that a message is not asked about whose result is told while others are."""
    entry = await set_up(hass, OPEN, pushplus)
    await choose(hass, entry, listen_results=True)
    pushplus.delivery_delay = 100_000
    for text in ("1", "2", "3"):
        await send(hass, text)
    await later(hass, freezer, 15)
    (asked,) = pushplus.requests_to(RESULT)
    second, third = set(pushplus.messages) - {asked.query["shortCode"]}
    await browser.post(URL(address(pushplus)).path, json=news(second))
    for _ in range(3):
        await later(hass, freezer, 1)
    _, asked = pushplus.requests_to(RESULT)
    assert asked.query == {"shortCode": third}


async def test_asked_before_told(
    hass: HomeAssistant,
    pushplus: PushPlus,
    browser: Browser,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test a result that is told while, and after, the service is asked about it."""
    entry = await set_up(hass, OPEN, pushplus)
    await choose(hass, entry, listen_results=True)
    told = listen(hass)
    pushplus.delivery_delay = 100_000
    await send(hass, "Someone is there.")
    (message,) = pushplus.messages.values()
    message.status = SENT
    pushplus.script(Answer(genuine=True, delay=5), path=RESULT)
    freezer.tick(15)
    async_fire_time_changed(hass)
    await arrival(pushplus, RESULT)
    url = URL(address(pushplus)).path
    for _ in range(2):
        await browser.post(url, json=news(message.short_code))
        await later(hass, freezer, 5)
    assert told() == [("sent", None), ("confirmed", None)]


async def test_address_of_the_message_itself(
    hass: HomeAssistant, pushplus: PushPlus, listening: ConfigEntry
) -> None:
    """Test that the result of a message that names an address of its own goes there."""
    own = "https://example.com/result"
    await tell(hass, "Someone is there.", callback_url=own)
    assert body(pushplus, PUSHPLUS_SEND)["callbackUrl"] == own


async def test_address_stays(
    hass: HomeAssistant, pushplus: PushPlus, listening: ConfigEntry
) -> None:
    """Test that the address stays the same over a restart and a change of the account."""
    await send(hass, "1")
    first = address(pushplus)
    await hass.config_entries.async_reload(listening.entry_id)
    await send(hass, "2")
    assert address(pushplus) == first
    form = await open_form(hass, listening)
    await fill_in(hass, form, PUSHPLUS.account_input(pushplus, read_timeout=7))
    assert listening.data["read_timeout"] == 7
    await send(hass, "3")
    assert address(pushplus) == first


async def test_no_longer_listening(
    hass: HomeAssistant, pushplus: PushPlus, listening: ConfigEntry, browser: Browser
) -> None:
    """Test that the address is given up, and another one is made the next time."""
    pushplus.delivery_delay = 100_000
    await send(hass, "1")
    first = address(pushplus)
    await choose(hass, listening, listen_results=False)
    assert first.rpartition("/")[2] not in str(listening.data)
    await send(hass, "2")
    assert "callbackUrl" not in pushplus.requests_to(PUSHPLUS_SEND)[-1].json
    told = listen(hass)
    for short_code in pushplus.messages:
        await browser.post(URL(first).path, json=news(short_code))
    await hass.async_block_till_done()
    assert told() == []
    await choose(hass, listening, listen_results=True)
    await send(hass, "3")
    assert address(pushplus) != first


async def test_no_address(
    hass: HomeAssistant, pushplus: PushPlus, caplog: pytest.LogCaptureFixture
) -> None:
    """Test that a person learns why nothing is told, and messages go out all the same."""
    entry = await set_up(hass, PUSHPLUS, pushplus)
    hass.config.internal_url = "http://192.168.1.2:8123"
    await choose(hass, entry, listen_results=True)
    (complaint,) = complaints(caplog)
    assert "no URL that can be reached from the internet" in complaint
    await send(hass, "Someone is there.")
    assert "callbackUrl" not in body(pushplus, PUSHPLUS_SEND)
    assert len(pushplus.notifications) == 1


async def test_unloaded_while_listening(
    hass: HomeAssistant, pushplus: PushPlus, listening: ConfigEntry, browser: Browser
) -> None:
    """Test that an account that is unloaded hears nothing."""
    pushplus.delivery_delay = 100_000
    await send(hass, "Someone is there.")
    (short_code,) = pushplus.messages
    assert await hass.config_entries.async_unload(listening.entry_id)
    told = listen(hass)
    await browser.post(URL(address(pushplus)).path, json=news(short_code))
    await hass.async_block_till_done()
    assert told() == []
    assert await hass.config_entries.async_setup(listening.entry_id)
    await hass.async_block_till_done()
    assert [event for event, _ in told() if event == "confirmed"] == []


async def test_address_is_secret(
    hass: HomeAssistant,
    pushplus: PushPlus,
    listening: ConfigEntry,
    hass_client: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Test that nobody gets to see the address, by which anyone could tell results."""
    caplog.set_level(logging.DEBUG)
    await send(hass, "Someone is there.")
    await answered(pushplus)
    await hass.async_block_till_done()
    secret = address(pushplus).rpartition("/")[2]
    assert secret in str(listening.data)
    diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, listening)
    seen = [diagnostics, *hass.states.async_all()]
    ours = [each for each in caplog.records if "wechat_push" in each.name]
    assert ours
    seen += [each.getMessage() for each in ours]
    assert secret not in str(seen)
