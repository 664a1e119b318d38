"""A server of Pushjet is found by its bare address, and creates services by itself."""

import asyncio
from dataclasses import replace
import ssl
from typing import Any

import pytest

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, UnknownFlow
from tests.samples import (
    PUSHJET,
    add_account,
    add_recipient,
    fill_in,
    send,
    start_account_flow,
)
from tests.simulators import Answer, Pushjet, WxPusher, json_answer
from tests.simulators.pushjet import SECRET
from tests.test_reconfigure import open_form

KNOWN = replace(PUSHJET, account={"secret": SECRET})


@pytest.mark.parametrize(
    "typed",
    [
        "{host}",
        "{host}/",
        " “{host}/message”",
        "http://{host}/service/",
        "HTTP://{host}",
    ],
)
async def test_plain(hass: HomeAssistant, pushjet: Pushjet, typed: str) -> None:
    """Test a server without TLS, however its address is written."""
    url = typed.format(host=f"127.0.0.1:{pushjet.port}")
    result = await add_account(hass, KNOWN, pushjet, url=url)
    assert result["data"]["url"] == pushjet.url
    again = await add_account(hass, KNOWN, pushjet)
    assert again["reason"] == "already_configured"


async def test_path(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test a server below a path, with a login in the address."""
    pushjet.prefix = "/push"
    pushjet.basic_auth = ("li", "s3cret")
    url = f"li:s3cret@127.0.0.1:{pushjet.port}/push/"
    result = await add_account(hass, KNOWN, pushjet, url=url)
    assert result["data"]["url"] == f"http://127.0.0.1:{pushjet.port}/push"
    assert result["data"]["username"] == "li"


async def test_secure(
    hass: HomeAssistant, socket_enabled: None, certificate: ssl.SSLContext
) -> None:
    """Test that TLS wins, and that a bad certificate is no reason to do without."""
    pushjet = Pushjet()
    await pushjet.start(ssl_context=certificate)
    url = f"127.0.0.1:{pushjet.port}"
    form = await add_account(hass, KNOWN, pushjet, url=url)
    assert form["errors"] == {"url": "invalid_certificate"}
    result = await add_account(hass, KNOWN, pushjet, url=url, verify_ssl=False)
    assert result["data"]["url"] == f"https://{url}"
    await pushjet.stop()


async def test_nobody(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test an address at which there is no server."""
    await pushjet.stop()
    url = f"127.0.0.1:{pushjet.port}"
    form = await add_account(hass, PUSHJET, pushjet, url=url)
    assert form["errors"] == {"base": "cannot_connect"}


async def test_other_server(
    hass: HomeAssistant, wxpusher: WxPusher, pushjet: Pushjet
) -> None:
    """Test that another server is told as such, whatever the secret, and gets none."""
    url = f"127.0.0.1:{wxpusher.port}"
    form = await add_account(hass, KNOWN, pushjet, url=url, secret="no secret")
    assert form["errors"] == {"url": "not_this_service"}
    assert not any("no secret" in str(each) for each in wxpusher.requests)


async def test_other_secure_server(
    hass: HomeAssistant, socket_enabled: None, certificate: ssl.SSLContext
) -> None:
    """Test that the server that speaks TLS is the one that is told of."""
    other = WxPusher()
    await other.start(ssl_context=certificate)
    form = await add_account(
        hass, PUSHJET, other, url=f"127.0.0.1:{other.port}", verify_ssl=False
    )
    assert form["errors"] == {"url": "not_this_service"}
    await other.stop()


async def test_reconfigure(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test a bare address in the form of a stored account."""
    result = await add_account(hass, KNOWN, pushjet)
    entry: ConfigEntry[Any] = result["result"]
    form = await open_form(hass, entry)
    fields = PUSHJET.account_input(pushjet, url=f"127.0.0.1:{pushjet.port}/")
    result = await fill_in(hass, form, fields)
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["url"] == pushjet.url


async def test_new_service(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test that an empty secret creates a service, and shows what to subscribe to."""
    result = await add_account(hass, PUSHJET, pushjet)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    _, service = pushjet.services
    assert service.name == "Home Assistant"
    assert result["description"] == "subscribe"
    assert result["description_placeholders"] == {
        "recipient": "Home Assistant (Pushjet)",
        "key": service.public,
        "qr_code": (f'<ha-qr-code data="{service.public}" scale="6"></ha-qr-code>'),
    }
    (recipient,) = result["result"].subentries.values()
    assert recipient.data["secret"] == service.secret
    assert service.secret not in str(result["description_placeholders"])
    pushjet.subscriptions[0].service = service
    await send(hass, "Someone is there.")
    assert [each.recipient for each in pushjet.notifications] == [service.public]


async def test_another_service(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test the same in the form of a recipient, whose name apps show."""
    entry = (await add_account(hass, KNOWN, pushjet))["result"]
    result = await add_recipient(hass, entry, {"name": " Front\ndoor "})
    assert result["title"] == "Front door"
    assert result["description"] == "subscribe"
    assert [each.name for each in pushjet.services] == ["Home alarms", "Front door"]


@pytest.mark.parametrize(
    ("answer", "errors"),
    [
        (Answer(status=500), {"base": "server_error"}),
        (Answer(body='{"service": {"public": "x"}}'), {"url": "not_this_service"}),
        (
            json_answer({"service": {"secret": SECRET, "public": '"><img src="x'}}),
            {"url": "not_this_service"},
        ),
        (
            Answer(status=400, body='{"error": {"id": 7, "message": "Missing"}}'),
            {"base": "service_refused"},
        ),
    ],
    ids=["error", "no_secret", "no_key", "refused"],
)
async def test_no_service(
    hass: HomeAssistant, pushjet: Pushjet, answer: Answer, errors: dict[str, str]
) -> None:
    """Test that a server that creates no service makes no account, and may be retried."""
    form = await start_account_flow(hass, PUSHJET)
    # The first request is the one that recognises the server.
    pushjet.script(Answer(genuine=True), answer, path="/service")
    form = await fill_in(hass, form, PUSHJET.account_input(pushjet))
    assert form["errors"] == errors
    assert not hass.config_entries.async_entries("wechat_push")
    result = await fill_in(hass, form, PUSHJET.account_input(pushjet))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert len(pushjet.services) == 2


async def test_twice(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test that forms that are submitted twice create one service."""
    form = await start_account_flow(hass, PUSHJET)
    fields = PUSHJET.account_input(pushjet)
    results = await asyncio.gather(
        *(fill_in(hass, form, fields) for _ in range(2)), return_exceptions=True
    )
    assert [each for each in results if not isinstance(each, UnknownFlow)]
    assert len(pushjet.services) == 2
    (entry,) = hass.config_entries.async_entries("wechat_push")
    form = dict(
        await hass.config_entries.subentries.async_init(
            (entry.entry_id, "recipient"), context={"source": "user"}
        )
    )
    await asyncio.gather(
        *(
            hass.config_entries.subentries.async_configure(
                form["flow_id"], {"name": "Door"}
            )
            for _ in range(2)
        ),
        return_exceptions=True,
    )
    assert len(pushjet.services) == 3
    assert len(entry.subentries) == 2
