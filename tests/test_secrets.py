"""No secret shows anywhere, whatever goes wrong, with every logger at debug level."""

from asyncio import StreamReader, StreamWriter, start_server
from base64 import b64encode
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
import json
import logging
import traceback
from typing import Any
from urllib.parse import quote, urlencode

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.const import DOMAIN
from custom_components.wechat_push.diagnostics import async_get_config_entry_diagnostics
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import MATCH_ALL
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.json import JSONEncoder
from tests.moments import drain, during, pass_time
from tests.sample_accounts import Renewal
from tests.samples import (
    FRIEND,
    FRIENDS,
    Sample,
    add_account,
    add_recipient,
    choose_recipient,
    entity_ids,
    fill_in,
    send,
    start_account_flow,
)
from tests.simulators import BAD_ANSWERS, Answer, RecordedRequest, Simulator
from tests.simulators.base import json_answer
from tests.simulators.pushplus_accounts import SECRET_KEY

LOGIN: dict[str, Any] = {"username": "ProxyUser", "password": "ProxyPassword-1"}
BASIC = b64encode(":".join(LOGIN.values()).encode()).decode()
WRONG_FRIEND = "deadf00ddeadf00ddeadf00ddeadf00d"
WRONG_SECRET = "deadbeefdeadbeefdeadbeefdeadbeef"
# So that a recipient's own secrets take part.
MORE = {"pushplus": {"secret_key": SECRET_KEY}}
RECIPIENTS = {"pushplus": FRIENDS}
QUICK = [answer for name, answer in BAD_ANSWERS.items() if name not in ("hang", "drip")]


@dataclass(kw_only=True, slots=True)
class Watch:
    """Everything that a person, a log or another integration gets to see."""

    hass: HomeAssistant
    sample: Sample
    simulator: Simulator
    # What was seen, by where.
    seen: list[tuple[str, str]] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Listen to all events."""
        renewal = self.sample.renewal
        self.secrets |= {*self.sample.secrets, FRIEND, LOGIN["password"], BASIC}
        self.secrets |= {WRONG_FRIEND, WRONG_SECRET, SECRET_KEY}
        self.secrets |= {
            value
            for key, value in (*renewal.credentials.items(), *renewal.wrong.items())
            if key not in ("username", "send_test")
        }

        @callback
        def hear(event: Event) -> None:
            self.see("event", json.dumps(event.as_dict(), cls=JSONEncoder))

        self.hass.bus.async_listen(MATCH_ALL, hear)

    def see(self, where: str, what: object) -> None:
        """Take note of something that shows."""
        # Access tokens come and go.
        self.secrets |= set(getattr(self.simulator, "tokens", ()))
        self.seen.append((where, str(what)))

    def see_result(self, result: Any) -> None:
        """Take note of what is said to what was typed in a form."""
        said = {key: result.get(key) for key in ("errors", "reason", "title")}
        self.see("form", {**said, "details": result.get("description_placeholders")})

    def see_entry(self, entry: ConfigEntry) -> None:
        """Take note of what an account, its devices and entities show."""
        self.see("entry", (entry.title, entry.unique_id, entry.reason, repr(entry)))
        for subentry in entry.subentries.values():
            self.see("recipient", (subentry.title, subentry.unique_id))
        devices = dr.async_get(self.hass)
        for device in dr.async_entries_for_config_entry(devices, entry.entry_id):
            self.see("device", repr(device))
        entities = er.async_get(self.hass)
        for entity in er.async_entries_for_config_entry(entities, entry.entry_id):
            self.see("entity", repr(entity))
        for state in self.hass.states.async_all():
            self.see("state", json.dumps(state.as_dict(), cls=JSONEncoder))

    async def send_in_vain(self, freezer: FrozenDateTimeFactory) -> None:
        """Send a message, as a person does and as an automation does, and see the error."""
        try:
            await during(self.hass, freezer, send(self.hass, "Someone is there."))
        except HomeAssistantError as err:
            self.see("error", "".join(traceback.format_exception(err)))
            self.see("error", repr(err.translation_placeholders))
        await self.hass.services.async_call(
            "notify",
            "send_message",
            {"entity_id": entity_ids(self.hass), "message": "Someone is there."},
        )
        # It waits for no longer than this.
        await pass_time(self.hass, freezer, 16)

    def told(self) -> list[tuple[str, str]]:
        """Return which secrets were seen, and where."""
        return sorted(
            {
                (secret, where)
                for where, what in self.seen
                for secret in self.secrets
                for written in (secret, quote(secret, safe=""))
                if written in what
            }
        )


@pytest.fixture(autouse=True)
def everything_is_logged(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Set every logger that there is to the debug level."""
    caplog.set_level(logging.DEBUG)
    for logger in logging.root.manager.loggerDict.values():
        monkeypatch.setattr(logger, "level", logging.NOTSET, raising=False)
        monkeypatch.setattr(logger, "disabled", False, raising=False)
    logging.root.manager._clear_cache()  # type: ignore[attr-defined]  # noqa: SLF001


@pytest.fixture
async def watch(hass: HomeAssistant, sample: Sample, simulator: Simulator) -> Watch:
    """Watch an account behind a proxy that wants a login."""
    simulator.basic_auth = (LOGIN["username"], LOGIN["password"])
    return Watch(hass=hass, sample=sample, simulator=simulator)


async def set_up_watched(watch: Watch, **changes: str) -> ConfigEntry:
    """Set up an account behind the proxy, and a recipient that may be special."""
    service = watch.sample.service
    form = await start_account_flow(watch.hass, watch.sample)
    fields = watch.sample.new_input(watch.simulator, **LOGIN)
    result = await fill_in(watch.hass, form, {**fields, **MORE.get(service, {})})
    recipient = RECIPIENTS.get(service, watch.sample.recipient)
    entry = await choose_recipient(watch.hass, result, {**recipient, **changes})
    assert entity_ids(watch.hass)
    return entry


def assert_kept(
    watch: Watch, caplog: pytest.LogCaptureFixture, *, fails: bool = True
) -> None:
    """Check that no secret was seen, and that there was something to see."""
    watch.see("log", caplog.text)
    assert "answered HTTP 200" in caplog.text
    assert {where for where, _ in watch.seen} >= {
        "event",
        "log",
        *(("error",) if fails else ()),
    }
    assert watch.told() == []


@pytest.mark.parametrize("when_down", ["keep", "fail"])
async def test_failing_run(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    watch: Watch,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    when_down: str,
) -> None:
    """Test a whole life of an account in which all goes wrong that can."""
    renewal = sample.renewal
    wrong = {**sample.checked, **LOGIN, **renewal.wrong}
    watch.see_result(await add_account(hass, sample, simulator, **wrong))
    entry = await set_up_watched(watch, when_down=when_down)
    watch.see_result(await add_recipient(hass, entry, sample.wrong_recipient))
    await send(hass, "Someone is there.")
    watch.see_entry(entry)
    for answer in QUICK:
        # What waits is sent, so that the next message meets the next answer.
        await pass_time(hass, freezer, 70, step=10)
        await drain(hass, freezer, entry, step=10)
        simulator.always(answer)
        await watch.send_in_vain(freezer)
        await during(hass, freezer, hass.config_entries.async_reload(entry.entry_id))
        watch.see_entry(entry)
        simulator.always(None)
        await during(hass, freezer, hass.config_entries.async_reload(entry.entry_id))
    await simulator.stop()
    async with no_http(simulator.port):
        await watch.send_in_vain(freezer)
        await during(hass, freezer, hass.config_entries.async_reload(entry.entry_id))
        watch.see_entry(entry)
    await simulator.start(port=simulator.port)
    await drain(hass, freezer, entry)
    told = await async_get_config_entry_diagnostics(hass, entry)
    watch.see("diagnostics", json.dumps(told, cls=JSONEncoder))
    await renew(hass, watch, entry, renewal, freezer)
    await during(hass, freezer, hass.config_entries.async_remove(entry.entry_id))
    await hass.async_block_till_done()
    # What is kept may wait whatever the service answers.
    assert_kept(watch, caplog, fails=when_down == "fail")


@asynccontextmanager
async def no_http(port: int) -> AsyncGenerator[None]:
    """Run something at a port that does not speak HTTP at all."""

    async def greet(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readline()
        writer.write(b"SSH-2.0-OpenSSH_10.0\r\n")
        writer.close()

    server = await start_server(greet, "127.0.0.1", port)
    async with server:
        yield


async def renew(
    hass: HomeAssistant,
    watch: Watch,
    entry: ConfigEntry,
    renewal: Renewal,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Give new credentials, wrong ones first."""
    for flow in hass.config_entries.flow.async_progress():
        hass.config_entries.flow.async_abort(flow["flow_id"])
    await during(hass, freezer, hass.config_entries.async_reload(entry.entry_id))
    renewal.happens(watch.simulator)
    await watch.send_in_vain(freezer)
    # PushPlus takes no more than five in a minute.
    await pass_time(hass, freezer, 120, step=10)
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    kept = {"username": LOGIN["username"]}
    form = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {**kept, **renewal.wrong}
    )
    watch.see_result(form)
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {**kept, **renewal.credentials}
    )
    await hass.async_block_till_done()
    assert result["reason"] == "reauth_successful"
    watch.see_entry(entry)


def query_of(request: RecordedRequest) -> str:
    """Return the address of a request."""
    return f"no {request.method} {request.path}?{urlencode(request.query)} here"


def headers_of(request: RecordedRequest) -> str:
    """Return the headers of a request."""
    return " ".join(f"{key}: {value}" for key, value in request.headers.items())


def body_of(request: RecordedRequest) -> str:
    """Return the body of a request."""
    return request.body.decode()


def values_of(request: RecordedRequest) -> str:
    """Return all that a request says, each between quotes."""
    sent = {**request.query, **request.form}
    with suppress(ValueError):
        sent |= request.json
    return json.dumps(list(sent.values()))


@pytest.mark.parametrize("everywhere", [True, False], ids=["all", "messages"])
@pytest.mark.parametrize("codes", [(1001, 40058), (903, 40001)], ids=["other", "token"])
@pytest.mark.parametrize("repeat", [query_of, headers_of, body_of, values_of])
async def test_echo(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    watch: Watch,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    repeat: Callable[[RecordedRequest], str],
    codes: tuple[int, int],
    *,
    everywhere: bool,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test answers that repeat what was sent to them."""
    # A recipient that keeps messages would not hear of errors.
    entry = await set_up_watched(watch, when_down="fail")
    await send(hass, "Someone is there.")
    own = simulator.respond

    def respond(request: RecordedRequest) -> Answer:
        if not (everywhere or request.path == sample.path):
            return own(request)
        text = repeat(request)
        return json_answer(
            {
                "code": codes[0],
                "errcode": codes[1],
                "msg": text,
                "errmsg": text,
                "data": text,
                "error": {"id": 10, "message": text},
            }
        )

    monkeypatch.setattr(simulator, "respond", respond)
    await watch.send_in_vain(freezer)
    typed = sample.account_input(simulator, **{**sample.checked, **LOGIN})
    form = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": "reconfigure", "entry_id": entry.entry_id}
    )
    watch.see_result(
        await hass.config_entries.flow.async_configure(form["flow_id"], typed)
    )
    watch.see_result(await add_recipient(hass, entry, sample.wrong_recipient))
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    watch.see_entry(entry)
    assert_kept(watch, caplog)


async def test_targets_that_are_secrets(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    watch: Watch,
    caplog: pytest.LogCaptureFixture,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test answers that name secrets as the targets that were refused."""
    await set_up_watched(watch, when_down="fail")
    await send(hass, "Someone is there.")
    tokens = getattr(simulator, "tokens", {})
    for secret in (*sample.secrets, LOGIN["password"], *tokens):
        result = {"uid": secret, "code": 1001, "status": secret}
        refused = {"code": 1000, "data": [result], "errcode": 0, "invaliduser": secret}
        simulator.script(json_answer(refused), path=sample.path)
        await watch.send_in_vain(freezer)
    # A service that names no targets takes no note of it.
    watch.see("log", caplog.text)
    assert watch.told() == []
