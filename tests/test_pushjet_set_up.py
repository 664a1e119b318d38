"""A server of Pushjet is found by its bare address, and creates services by itself."""

import asyncio
import ssl
from typing import Any

import pytest

from homeassistant.config_entries import ConfigEntry, FlowType
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, UnknownFlow
from tests.samples import PUSHJET, add_account, add_recipient, fill_in, send, suggested
from tests.simulators import Answer, Pushjet, WxPusher, json_answer
from tests.simulators.pushjet import SECRET
from tests.test_reconfigure import open_form

type Step = dict[str, Any]


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
    result = await add_account(hass, PUSHJET, pushjet, url=url)
    assert result["data"]["url"] == pushjet.url
    again = await add_account(hass, PUSHJET, pushjet)
    assert again["reason"] == "already_configured"


async def test_path(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test a server below a path, with a login in the address."""
    pushjet.prefix = "/push"
    pushjet.basic_auth = ("li", "s3cret")
    url = f"li:s3cret@127.0.0.1:{pushjet.port}/push/"
    result = await add_account(hass, PUSHJET, pushjet, url=url)
    assert result["data"]["url"] == f"http://127.0.0.1:{pushjet.port}/push"
    assert result["data"]["username"] == "li"


async def test_secure(
    hass: HomeAssistant, socket_enabled: None, certificate: ssl.SSLContext
) -> None:
    """Test that TLS wins, and that a bad certificate is no reason to do without."""
    pushjet = Pushjet()
    await pushjet.start(ssl_context=certificate)
    url = f"127.0.0.1:{pushjet.port}"
    form = await add_account(hass, PUSHJET, pushjet, url=url)
    assert form["errors"] == {"url": "invalid_certificate"}
    result = await add_account(hass, PUSHJET, pushjet, url=url, verify_ssl=False)
    assert result["data"]["url"] == f"https://{url}"
    await pushjet.close()


async def test_nobody(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test an address at which there is no server."""
    await pushjet.close()
    url = f"127.0.0.1:{pushjet.port}"
    form = await add_account(hass, PUSHJET, pushjet, url=url)
    assert form["errors"] == {"base": "cannot_connect"}


async def test_other_server(
    hass: HomeAssistant, wxpusher: WxPusher, pushjet: Pushjet
) -> None:
    """Test that another server is told as such."""
    url = f"127.0.0.1:{wxpusher.port}"
    form = await add_account(hass, PUSHJET, pushjet, url=url)
    assert form["errors"] == {"url": "not_this_service"}


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
    await other.close()


async def test_reconfigure(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test a bare address in the form of a stored account."""
    result = await add_account(hass, PUSHJET, pushjet)
    entry: ConfigEntry[Any] = result["result"]
    form = await open_form(hass, entry)
    fields = PUSHJET.account_input(pushjet, url=f"127.0.0.1:{pushjet.port}/")
    result = await fill_in(hass, form, fields)
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["url"] == pushjet.url


async def open_recipient_form(hass: HomeAssistant, pushjet: Pushjet) -> Step:
    """Add a server; return the form of its first service, which opens by itself."""
    result = await add_account(hass, PUSHJET, pushjet)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    kind, flow_id = result["next_flow"]
    assert kind is FlowType.CONFIG_SUBENTRIES_FLOW
    return await go_on(hass, {"flow_id": flow_id})


async def go_on(
    hass: HomeAssistant, step: Step, fields: dict[str, Any] | None = None
) -> Step:
    """Submit a form, or look at it again."""
    result = await hass.config_entries.subentries.async_configure(
        step["flow_id"], fields
    )
    await hass.async_block_till_done()
    return dict(result)


async def test_new_service(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test that an empty secret creates a service, which is tested once subscribed to."""
    form = await open_recipient_form(hass, pushjet)
    assert suggested(form)["send_test"] is True
    step = await go_on(hass, form, suggested(form))
    assert step["step_id"] == "subscribe"
    _, service = pushjet.services
    assert service.name == "Home Assistant"
    assert step["description_placeholders"] == {
        "key": service.public,
        "qr_code": (f'<ha-qr-code data="{service.public}" scale="6"></ha-qr-code>'),
    }
    assert service.secret not in str(step)
    assert suggested(step) == {"send_test": True}
    # The server would discard it.
    assert not pushjet.requests_to("/message")
    assert not only_entry(hass).subentries
    pushjet.subscriptions[0].service = service
    # A page that is loaded again changes nothing.
    step = await go_on(hass, step)
    result = await go_on(hass, step, {"send_test": True})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Home Assistant (Pushjet)"
    assert result["description"] == "tested"
    assert [each.recipient for each in pushjet.notifications] == [service.public]
    (recipient,) = only_entry(hass).subentries.values()
    assert recipient.data["secret"] == service.secret
    await send(hass, "Someone is there.")
    assert len(pushjet.notifications) == 2


def only_entry(hass: HomeAssistant) -> ConfigEntry[Any]:
    """Return the only account."""
    (entry,) = hass.config_entries.async_entries("wechat_push")
    return entry


async def test_untested(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test that a test message that fails may be left out."""
    form = await open_recipient_form(hass, pushjet)
    step = await go_on(hass, form, {"send_test": False})
    assert suggested(step) == {"send_test": False}
    pushjet.always(Answer(status=500), path="/message")
    step = await go_on(hass, step, {"send_test": True})
    assert step["step_id"] == "subscribe"
    assert step["errors"] == {"base": "server_error"}
    assert suggested(step) == {"send_test": True}
    result = await go_on(hass, step, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["description"] is None
    assert len(pushjet.services) == 2


async def test_another_service(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test that apps show the name of the form."""
    entry = (await add_account(hass, PUSHJET, pushjet))["result"]
    step = await add_recipient(hass, entry, {"name": " Front\ndoor "})
    result = await go_on(hass, step, {})
    assert result["title"] == "Front door"
    assert [each.name for each in pushjet.services] == ["Home alarms", "Front door"]


@pytest.mark.parametrize(
    ("answer", "errors"),
    [
        (Answer(status=500), {"base": "server_error"}),
        (Answer(body='{"service": {"public": "x"}}'), {"base": "not_this_service"}),
        (
            json_answer({"service": {"secret": SECRET, "public": '"><img src="x'}}),
            {"base": "not_this_service"},
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
    """Test that a server that creates no service makes no recipient, and may be retried."""
    form = await open_recipient_form(hass, pushjet)
    pushjet.script(answer, text="name=")
    form = await go_on(hass, form, {})
    assert form["errors"] == errors
    step = await go_on(hass, form, {})
    assert step["step_id"] == "subscribe"
    assert len(pushjet.services) == 2


async def test_twice(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test that forms that are submitted twice create one service, and test it once."""
    form = await open_recipient_form(hass, pushjet)
    step, _ = await asyncio.gather(*(go_on(hass, form, {}) for _ in range(2)))
    assert len(pushjet.services) == 2
    pushjet.subscriptions[0].service = pushjet.services[-1]
    results = await asyncio.gather(
        *(go_on(hass, step, {"send_test": True}) for _ in range(2)),
        return_exceptions=True,
    )
    assert [each for each in results if not isinstance(each, UnknownFlow)]
    assert len(pushjet.notifications) == 1
    assert len(only_entry(hass).subentries) == 1
