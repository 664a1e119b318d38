"""New friends and members of groups at PushPlus become events."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from custom_components.wechat_push.const import DOMAIN
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from tests.entities import account_entity, state_of
from tests.samples import FRIEND, PUSHPLUS, WXPUSHER, send, set_up, suggested
from tests.simulators import PushPlus, WxPusher
from tests.test_options_flow import fill_in, open_form

# As in the documents of PushPlus.
FRIEND_ADDED: dict[str, Any] = {
    "event": "add_friend",
    "qrCode": "front door",
    "friendInfo": {
        "token": FRIEND,
        "friendId": 10,
        "isFollow": 1,
        "nickName": f"Li Si\n {FRIEND}",
        "havePhone": 0,
        "createTime": "2026-11-27 12:00:00",
        "emailStatus": 0,
    },
}
GROUP_JOINED: dict[str, Any] = {
    "event": "add_topic_user",
    "topicUserInfo": {
        "id": 7,
        "openId": "o-secret",
        "topicId": 2,
        "userSex": 0,
        "isFollow": 1,
        "nickName": "王五",
        "havePhone": 0,
        "topicCode": "family",
        "topicName": "Family",
        "headImgUrl": "",
        "emailStatus": 0,
    },
}

type Browser = TestClient[Any, Any]


@pytest.fixture
async def browser(
    hass: HomeAssistant,
    socket_enabled: None,
    hass_client_no_auth: ClientSessionGenerator,
) -> Browser:
    """Let Home Assistant be reached from outside; return somebody there."""
    # In tests, nothing can be added to a web server that runs already.
    for component in ("notify", DOMAIN):
        assert await async_setup_component(hass, component, {})
    browser: Browser = await hass_client_no_auth()
    hass.config.external_url = str(browser.make_url("/")).rstrip("/")
    return browser


def attributes_of(hass: HomeAssistant, entity_id: str) -> Mapping[str, Any]:
    """Return the attributes of the last event, without those that all have."""
    attributes = dict(state_of(hass, entity_id).attributes)
    for name in ("event_types", "friendly_name"):
        del attributes[name]
    return attributes


async def listen(hass: HomeAssistant, entry: ConfigEntry) -> str:
    """Copy the address from the form of the options, and let PushPlus report there."""
    form = await open_form(hass, entry)
    address: str = suggested(form)["callback_url"]
    chosen = {**form["data_schema"]({}), "listen_results": True}
    # A form sends what it shows, whether it can be changed or not.
    await fill_in(hass, form, {**chosen, "callback_url": address})
    assert "callback_url" not in entry.options
    return address


async def test_events(
    hass: HomeAssistant, pushplus: PushPlus, browser: Browser
) -> None:
    """Test that both events are told, and no secrets."""
    entry = await set_up(hass, PUSHPLUS, pushplus)
    url = URL(await listen(hass, entry)).path
    contacts = account_entity(hass, entry, "contacts")
    assert state_of(hass, contacts).state == "unknown"
    answer = await browser.post(url, json=FRIEND_ADDED)
    assert answer.status == HTTPStatus.OK
    await hass.async_block_till_done()
    assert attributes_of(hass, contacts) == {
        "event_type": "add_friend",
        "friend_id": 10,
        "nickname": "Li Si **REDACTED**",
        "qr_code": "front door",
    }
    await browser.post(url, json=GROUP_JOINED)
    await hass.async_block_till_done()
    assert attributes_of(hass, contacts) == {
        "event_type": "add_topic_user",
        "user_id": 7,
        "nickname": "王五",
        "group_code": "family",
        "group_name": "Family",
    }


async def test_address_stays(
    hass: HomeAssistant, pushplus: PushPlus, browser: Browser
) -> None:
    """Test that the address that was copied is the one that works, and stays."""
    entry = await set_up(hass, PUSHPLUS, pushplus)
    address = await listen(hass, entry)
    await send(hass, "Someone is there.")
    assert pushplus.requests_to("/send")[-1].json["callbackUrl"] == address
    assert suggested(await open_form(hass, entry))["callback_url"] == address
    await hass.config_entries.async_reload(entry.entry_id)
    assert suggested(await open_form(hass, entry))["callback_url"] == address
    contacts = account_entity(hass, entry, "contacts")
    await browser.post(URL(address).path, json=GROUP_JOINED)
    await hass.async_block_till_done()
    assert state_of(hass, contacts).attributes["event_type"] == "add_topic_user"


async def test_no_address(
    hass: HomeAssistant,
    pushplus: PushPlus,
    wxpusher: WxPusher,
    entity_registry: er.EntityRegistry,
) -> None:
    """Test that there is no address where the internet does not reach, and no entity."""
    entry = await set_up(hass, PUSHPLUS, pushplus)
    assert "callback_url" not in (await open_form(hass, entry))["data_schema"].schema
    hass.config.external_url = "https://ha.example.com"
    other = await set_up(hass, WXPUSHER, wxpusher)
    assert "callback_url" not in (await open_form(hass, other))["data_schema"].schema
    ids = [entity.unique_id for entity in entity_registry.entities.values()]
    assert not [each for each in ids if each.endswith("contacts")]
