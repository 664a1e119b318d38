"""Accounts of WeCom behind a relay that forwards only what sending a message needs."""

from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.const import DOMAIN
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from tests.issues import confirm, open_repair, titles
from tests.messages import say
from tests.moments import drain, pass_time
from tests.pictures import picture
from tests.samples import (
    WECOM,
    add_account,
    add_recipient,
    fill_in,
    fill_in_recipient,
    send,
    set_up,
)
from tests.simulators import BAD_ANSWERS, Answer, WeCom
from tests.simulators.base import nginx_page
from tests.simulators.wecom import RELAYED
from tests.simulators.wecom_accounts import AGENT_ID
from tests.troubles import trust_nobody

TOKEN = "/cgi-bin/gettoken"
SEND = "/cgi-bin/message/send"

NOT_FORWARDED = {
    "404": BAD_ANSWERS["not_found_404"],
    "403": BAD_ANSWERS["forbidden_403"],
    "405": nginx_page(405, "Not Allowed"),
    "html": BAD_ANSWERS["html_page"],
}

NEW_SECRET = "RenewedSecret-RenewedSecret-RenewedSecret-R"


def forward_only_sending(wecom: WeCom, answer: Answer) -> None:
    """Give one answer to every request but those that send a message."""
    for path in wecom.routes():
        if path not in (TOKEN, SEND):
            wecom.always(answer, path)


@pytest.fixture(params=NOT_FORWARDED.values(), ids=list(NOT_FORWARDED))
def relay(request: pytest.FixtureRequest, wecom: WeCom) -> WeCom:
    """Return WeCom behind such a relay."""
    forward_only_sending(wecom, request.param)
    return wecom


async def start_flow(
    hass: HomeAssistant, entry: ConfigEntry, source: str
) -> dict[str, Any]:
    """Start the flow that changes an account or renews its credentials."""
    return dict(
        await hass.config_entries.flow.async_init(
            DOMAIN,
            context={"source": source, "entry_id": entry.entry_id},
            data=dict(entry.data) if source == "reauth" else None,
        )
    )


async def test_add(hass: HomeAssistant, relay: WeCom) -> None:
    """Test that an account is added once the person knows what was not checked."""
    form = await add_account(hass, WECOM, relay)
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == "unchecked"
    assert not form["errors"]
    assert hass.config_entries.async_entries(DOMAIN) == []
    result = await fill_in(hass, form, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == f"WeCom · {AGENT_ID}"
    entry: ConfigEntry = result["result"]
    assert entry.data["agent_id"] == str(AGENT_ID)
    assert entry.data["secret"] == WECOM.account["secret"]
    assert result["next_flow"]


@pytest.mark.parametrize(
    ("wrong", "errors"),
    [
        ({"secret": "AWrongSecret"}, {"secret": "wecom_secret"}),
        ({"corp_id": "ww0000000000000000"}, {"corp_id": "wecom_corp_id"}),
    ],
    ids=["secret", "corp-id"],
)
async def test_wrong_credentials(
    hass: HomeAssistant, relay: WeCom, wrong: dict[str, str], errors: dict[str, str]
) -> None:
    """Test that wrong credentials are refused, and the form recovers."""
    form = await add_account(hass, WECOM, relay, **wrong)
    assert form["step_id"] == "wecom"
    assert form["errors"] == errors
    form = await fill_in(hass, form, WECOM.account_input(relay))
    assert form["step_id"] == "unchecked"
    result = await fill_in(hass, form, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].data["secret"] == WECOM.account["secret"]


async def test_nothing_forwarded(hass: HomeAssistant, relay: WeCom) -> None:
    """Test that a server that forwards no access token either is refused."""
    relay.always(BAD_ANSWERS["not_found_404"], TOKEN)
    form = await add_account(hass, WECOM, relay)
    assert form["step_id"] == "wecom"
    assert form["errors"] == {"connection": "not_this_service"}
    relay.always(None, TOKEN)
    form = await fill_in(hass, form, WECOM.account_input(relay))
    result = await fill_in(hass, form, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("bad", "error"),
    [("bad_gateway_502", "server_error"), ("reset_before", "connection_lost")],
)
async def test_outage(hass: HomeAssistant, wecom: WeCom, bad: str, error: str) -> None:
    """Test that an outage is not taken for a relay."""
    forward_only_sending(wecom, BAD_ANSWERS[bad])
    form = await add_account(hass, WECOM, wecom)
    assert form["step_id"] == "wecom"
    assert form["errors"] == {"base": error}
    wecom.reset()
    result = await fill_in(hass, form, WECOM.account_input(wecom))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == WECOM.title


async def test_reconfigure(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that an account is moved to such a relay."""
    entry = await set_up(hass, WECOM, wecom)
    form = await start_flow(hass, entry, "reconfigure")
    forward_only_sending(wecom, BAD_ANSWERS["not_found_404"])
    form = await fill_in(hass, form, WECOM.account_input(wecom, read_timeout=7))
    assert form["step_id"] == "unchecked"
    assert entry.data["read_timeout"] == 5
    result = await fill_in(hass, form, {})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["read_timeout"] == 7
    assert entry.title == WECOM.title


async def test_reauth(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a new secret is taken behind such a relay, and a wrong one is not."""
    entry = await set_up(hass, WECOM, wecom)
    wecom.secret = NEW_SECRET
    form = await start_flow(hass, entry, "reauth")
    forward_only_sending(wecom, BAD_ANSWERS["not_found_404"])
    form = await fill_in(hass, form, {"secret": "AWrongSecret"})
    assert form["step_id"] == "reauth_wecom"
    assert form["errors"] == {"secret": "wecom_secret"}
    form = await fill_in(hass, form, {"secret": NEW_SECRET})
    assert form["step_id"] == "unchecked"
    assert entry.data["secret"] == WECOM.account["secret"]
    result = await fill_in(hass, form, {})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reauth_successful"
    assert entry.data["secret"] == NEW_SECRET


async def test_recipients(hass: HomeAssistant, relay: WeCom) -> None:
    """Test that members are added who cannot be looked up."""
    form = await add_account(hass, WECOM, relay)
    entry: ConfigEntry = (await fill_in(hass, form, {}))["result"]
    relay.requests.clear()
    typed = {"targets": ["@lisi", "@zhangsan", "#1"], "format": "text"}
    result = await add_recipient(hass, entry, typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "lisi, zhangsan, #1 (WeCom)"
    # Side by side, and none of them again.
    assert len(relay.requests_to("/cgi-bin/user/get")) == 2


async def test_recipient_outage(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a member who cannot be looked up in an outage is not added."""
    entry = await set_up(hass, WECOM, wecom)
    wecom.always(BAD_ANSWERS["bad_gateway_502"], "/cgi-bin/user/get")
    typed = {"targets": ["@lisi"], "format": "text"}
    form = await add_recipient(hass, entry, typed)
    assert form["errors"] == {"base": "server_error"}
    wecom.always(None, "/cgi-bin/user/get")
    result = await fill_in_recipient(hass, form["flow_id"], entry, typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.fixture(name="relayed")
async def relayed_fixture(hass: HomeAssistant, wecom: WeCom) -> ConfigEntry:
    """Return an account whose relay passes on nothing but tokens and messages."""
    wecom.passed_paths = RELAYED
    form = await add_account(hass, WECOM, wecom)
    entry: ConfigEntry = (await fill_in(hass, form, {}))["result"]
    await add_recipient(hass, entry, WECOM.recipient)
    return entry


async def test_send(hass: HomeAssistant, wecom: WeCom, relayed: ConfigEntry) -> None:
    """Test that messages go through a relay, at once and after a reload."""
    await send(hass, "Someone is there.")
    assert await hass.config_entries.async_reload(relayed.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert titles(hass) == []
    await send(hass, "Someone is there again.")
    shown = [each.text for each in wecom.notifications]
    assert shown == ["Someone is there.", "Someone is there again."]


async def test_picture(
    hass: HomeAssistant, wecom: WeCom, relayed: ConfigEntry, tmp_path: Path
) -> None:
    """Test that a picture that no relay passes on costs nothing but itself."""
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    (tmp_path / "door.jpg").write_bytes(picture())
    image = str(tmp_path / "door.jpg")
    (answer,) = (await say(hass, "Someone is there.", image=image)).values()
    assert (answer["status"], answer["left_out"]) == ("sent", ["door.jpg"])
    (event,) = hass.states.async_all("event")
    assert event.attributes["event_type"] == "sent"
    assert event.attributes["left_out"] == ["door.jpg"]
    await send(hass, "Someone is there again.")
    shown = [each.text for each in wecom.notifications]
    assert shown[0] == "Someone is there."
    assert shown[1] == "[door.jpg could not be sent]"
    assert shown[2] == "Someone is there again."


async def test_outage_behind_relay(
    hass: HomeAssistant,
    wecom: WeCom,
    relayed: ConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that messages are their own probe where none is passed on."""
    await wecom.stop()
    (answer,) = (await say(hass, "Someone is there.")).values()
    assert answer["status"] == "queued"
    await pass_time(hass, freezer, 60)
    await wecom.start(port=wecom.port)
    await drain(hass, freezer, relayed)
    assert len(wecom.notifications) == 1


async def test_check_again(
    hass: HomeAssistant,
    wecom: WeCom,
    relayed: ConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that a problem is not called unsolved because a relay passes on no check."""
    title = f"WeCom · {AGENT_ID}: IP not trusted"
    trust_nobody(wecom)
    (answer,) = (await say(hass, "Someone is there.")).values()
    assert answer["status"] == "queued"
    assert titles(hass) == [title]
    wecom.trusted_ips = None
    result = await confirm(hass, await open_repair(hass, title))
    # What the relay passes on does not show it.
    assert result["step_id"] == "next_message"
    result = await confirm(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await drain(hass, freezer, relayed)
    assert len(wecom.notifications) == 1
    assert titles(hass) == []
