"""New credentials are asked for when the old ones are refused, and only then."""

from dataclasses import replace
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.const import DOMAIN
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from tests.messages import say
from tests.moments import drain, pass_time, settle
from tests.samples import (
    ASKING,
    FAILS,
    PUSHPLUS,
    SEVERAL,
    WXPUSHER,
    Sample,
    add_account,
    add_recipient,
    entity_ids,
    fill_in,
    send,
    set_up,
    suggested,
)
from tests.simulators import PushPlus, Simulator, WxPusher
from tests.simulators.pushplus_accounts import MESSAGE_TOKEN, SECRET_KEY
from tests.simulators.wxpusher_accounts import APP_TOKEN, initial_apps


def step_of(sample: Sample) -> str:
    """Return the form that asks for what was refused."""
    return f"reauth_{sample.service if sample.secret_field else 'proxy'}"


async def refuse(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Send a message that has to wait for other credentials."""
    (answer,) = (await say(hass, "Someone is there.")).values()
    assert answer["status"] == "queued"
    # A login that a proxy wants may pass by itself.
    for _ in range(90):
        if hass.config_entries.flow.async_progress_by_handler(DOMAIN):
            return
        await pass_time(hass, freezer, 10)
    pytest.fail("Nobody is asked for credentials")


def heard(simulator: Simulator) -> list[str]:
    """Return what the messages say that are no test messages, without notes."""
    texts = [shown.text for shown in simulator.notifications]
    return [text[text.index("Someone") :] for text in texts if "Someone" in text]


async def open_form(hass: HomeAssistant, step_id: str) -> dict[str, Any]:
    """Open the form that Home Assistant asks the person to fill in."""
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == "reauth"
    form = await hass.config_entries.flow.async_configure(flow["flow_id"])
    assert form["step_id"] == step_id
    return dict(form)


async def test_new_credentials(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test the way from a refused message over wrong credentials to the right ones."""
    entry = await set_up(hass, sample, simulator)
    recipients = dict(entry.subentries)
    sample.renewal.happens(simulator)
    await refuse(hass, freezer)
    form = await open_form(hass, step_of(sample))
    assert form["description_placeholders"]["name"] == sample.title_at(simulator)
    form = await fill_in(hass, form, sample.renewal.wrong)
    assert form["type"] is FlowResultType.FORM
    assert form["errors"] == sample.renewal.errors
    result = await fill_in(hass, form, sample.renewal.credentials)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reauth_successful"
    assert entry.state is ConfigEntryState.LOADED
    assert dict(entry.subentries) == recipients
    await send(hass, "Someone is there again.")
    await drain(hass, freezer, entry)
    assert heard(simulator) == ["Someone is there.", "Someone is there again."]


async def test_asked(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that a person is asked for what was refused, and nothing else."""
    await set_up(hass, sample, simulator)
    sample.renewal.happens(simulator)
    await refuse(hass, freezer)
    form = await open_form(hass, step_of(sample))
    assert set(form["data_schema"].schema) == set(sample.renewal.credentials)


async def test_proxy_refuses(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test a proxy that wants a login while a token is renewed."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    WXPUSHER.renewal.happens(wxpusher)
    await refuse(hass, freezer)
    form = await open_form(hass, "reauth_wxpusher")
    wxpusher.basic_auth = ("zhangsan", "ProxyPassword1")
    renewed = {"app_token": "AT_RenewedAppToken"}
    form = await fill_in(hass, form, renewed)
    assert form["errors"] == {"username": "proxy_login"}
    login = {"username": "zhangsan", "password": "ProxyPassword1"}
    result = await fill_in(hass, form, {**renewed, **login})
    assert result["reason"] == "reauth_successful"
    assert entry.data.items() >= {**renewed, **login}.items()


async def test_not_loaded(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that all secrets are asked for where nobody knows which one was refused."""
    entry = await set_up(hass, PUSHPLUS, pushplus)
    await hass.config_entries.async_unload(entry.entry_id)
    entry.async_start_reauth(hass)
    await hass.async_block_till_done()
    form = await open_form(hass, "reauth_pushplus")
    assert set(form["data_schema"].schema) == {"token", "send_test", "secret_key"}
    result = await fill_in(hass, form, {"token": MESSAGE_TOKEN, "send_test": False})
    assert result["reason"] == "reauth_successful"
    assert entry.data["token"] == MESSAGE_TOKEN


async def test_same_credentials(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test credentials that are fine again: left empty, they stay, and messages flow."""
    entry = await set_up(hass, sample, simulator)
    known = dict(entry.data)
    simulator.always(sample.renewal.refusal, sample.path)
    await refuse(hass, freezer)
    simulator.always(None, sample.path)
    form = await open_form(hass, step_of(sample))
    nothing = {key: False for key in sample.renewal.credentials if key == "send_test"}
    result = await fill_in(hass, form, nothing)
    assert result["reason"] == "reauth_successful"
    assert dict(entry.data) == known
    assert entry.state is ConfigEntryState.LOADED
    await send(hass, "Someone is there again.")
    await drain(hass, freezer, entry)
    assert heard(simulator) == ["Someone is there.", "Someone is there again."]


@pytest.mark.parametrize("sample", ASKING, ids=lambda sample: sample.service)
async def test_refused_at_start(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test credentials that are found refused when Home Assistant starts."""
    entry = await set_up(hass, sample, simulator)
    sample.renewal.happens(simulator)
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    await refuse(hass, freezer)
    form = await open_form(hass, step_of(sample))
    result = await fill_in(hass, form, sample.renewal.credentials)
    assert result["reason"] == "reauth_successful"
    await drain(hass, freezer, entry)
    assert heard(simulator) == ["Someone is there."]


@pytest.mark.parametrize(
    "sample",
    # What a proxy wants is tried again.
    [sample for sample in SEVERAL if sample.secret_field],
    ids=lambda sample: sample.service,
)
async def test_asked_once(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that refused credentials are not tried again, and asked for once."""
    fails = {**sample.second, **FAILS}
    entry = await set_up(hass, sample, simulator)
    (entity_id,) = entity_ids(hass)
    await add_recipient(hass, entry, fails)
    (other,) = set(entity_ids(hass)) - {entity_id}
    sample.renewal.happens(simulator)
    (first,) = (await say(hass, "Someone is there.", entity_id=entity_id)).values()
    assert first["status"] == "queued"
    simulator.requests.clear()
    (second,) = (await say(hass, "Someone is there.", entity_id=entity_id)).values()
    assert (second["status"], second["reason"]) == ("queued", first["reason"])
    # A recipient that keeps nothing gets the error.
    with pytest.raises(HomeAssistantError) as raised:
        await send(hass, "Someone is there.", entity_id=other)
    assert raised.value.translation_key == first["reason"]
    assert simulator.requests == []
    assert len(hass.config_entries.flow.async_progress_by_handler(DOMAIN)) == 1


@pytest.mark.parametrize(
    "sample",
    [
        # It may ask for the limits of the account.
        replace(PUSHPLUS, account={**PUSHPLUS.account, "secret_key": SECRET_KEY}),
        *(sample for sample in SEVERAL if sample.secret_field),
    ],
    ids=lambda sample: f"{sample.service}-{len(sample.account)}",
)
async def test_not_tried_after_a_reload(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that no request goes out with credentials that were refused before."""
    entry = await set_up(hass, sample, simulator)
    sample.renewal.happens(simulator)
    await say(hass, "Someone is there.")
    await settle(hass)
    simulator.requests.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert simulator.requests == []


async def test_test_message(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a new token of PushPlus may be proved by a message, or not."""
    await set_up(hass, PUSHPLUS, pushplus)
    pushplus.always(PUSHPLUS.renewal.refusal)
    await refuse(hass, freezer)
    form = await open_form(hass, "reauth_pushplus")
    other = {"token": MESSAGE_TOKEN, "send_test": True}
    form = await fill_in(hass, form, other)
    assert form["errors"] == {"token": "pushplus_token"}
    pushplus.always(None)
    result = await fill_in(hass, form, other)
    assert result["reason"] == "reauth_successful"
    assert [shown.recipient for shown in pushplus.notifications] == ["self"]


async def test_credentials_of_another_account(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that two accounts do not become the same one."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    wxpusher.apps["AT_Second"] = initial_apps()[APP_TOKEN]
    await add_account(hass, WXPUSHER, wxpusher, app_token="AT_Second")
    del wxpusher.apps[APP_TOKEN]
    await refuse(hass, freezer)
    form = await open_form(hass, "reauth_wxpusher")
    result = await fill_in(hass, form, {"app_token": "AT_Second"})
    assert result["reason"] == "already_configured"
    assert entry.data["app_token"] == APP_TOKEN


@pytest.mark.parametrize(
    ("login", "kept"),
    [
        ({"username": "zhangsan"}, ("zhangsan", "ProxyPassword1")),
        ({}, (None, None)),
        ({"username": "lisi", "password": "Password2"}, ("lisi", "Password2")),
    ],
    ids=["left", "removed", "changed"],
)
async def test_login_of_proxy(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    login: dict[str, str],
    kept: tuple[str | None, str | None],
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that the login of a proxy is renewed together with the secret, or stays."""
    wxpusher.basic_auth = ("zhangsan", "ProxyPassword1")
    old: dict[str, Any] = {"username": "zhangsan", "password": "ProxyPassword1"}
    entry = await set_up(hass, WXPUSHER, wxpusher, **old)
    WXPUSHER.renewal.happens(wxpusher)
    await refuse(hass, freezer)
    form = await open_form(hass, "reauth_wxpusher")
    assert suggested(form) == {"username": "zhangsan"}
    wxpusher.basic_auth = None
    result = await fill_in(hass, form, {"app_token": "AT_RenewedAppToken", **login})
    assert result["reason"] == "reauth_successful"
    assert (entry.data.get("username"), entry.data.get("password")) == kept
    assert entry.data["app_token"] == "AT_RenewedAppToken"
