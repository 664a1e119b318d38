"""Links in messages to pages of Home Assistant."""

import pytest

from custom_components.wechat_push.clients.errors import ContentError
from custom_components.wechat_push.media.links import async_external_link
from homeassistant.core import HomeAssistant

OUTSIDE = "https://ha.example.com"
INSIDE = "http://192.168.1.2:8123"


@pytest.mark.parametrize(
    ("given", "link"),
    [
        ("/lovelace/0", f"{OUTSIDE}/lovelace/0"),
        (" /lovelace/0?edit=1#top\n", f"{OUTSIDE}/lovelace/0?edit=1#top"),
        ("/", f"{OUTSIDE}/"),
        (f"{INSIDE}/lovelace/0?a=%20b", f"{OUTSIDE}/lovelace/0?a=%20b"),
        (INSIDE, OUTSIDE),
        (f"{OUTSIDE}/lovelace/0", f"{OUTSIDE}/lovelace/0"),
        ("homeassistant://navigate/lovelace/0", "homeassistant://navigate/lovelace/0"),
        ("https://example.com/x ", "https://example.com/x"),
        ("http://192.168.1.77/", "http://192.168.1.77/"),
        ("http://[::1", "http://[::1"),
        ("weixin://dl/business", "weixin://dl/business"),
        ("//example.com", "//example.com"),
        ("noaction", None),
        ("noAction", None),
        ("  ", None),
        ("", None),
        (None, None),
    ],
)
async def test_link(hass: HomeAssistant, given: str | None, link: str | None) -> None:
    """Test that a link opens outside of the home."""
    hass.config.internal_url, hass.config.external_url = INSIDE, OUTSIDE
    assert async_external_link(hass, given) == link


@pytest.mark.parametrize("given", ["/lovelace/0?token=x", f"{INSIDE}/lovelace/0?a=b"])
async def test_no_external_url(hass: HomeAssistant, given: str) -> None:
    """Test that a link that nobody could open is an error, without its query."""
    hass.config.internal_url = INSIDE
    with pytest.raises(ContentError) as caught:
        async_external_link(hass, given)
    assert caught.value.problem == "no_external_url"
    assert caught.value.details == {"name": "/lovelace/0"}
