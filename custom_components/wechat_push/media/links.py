"""Links in messages to pages of Home Assistant."""

from typing import Final

from yarl import URL

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.network import is_hass_url

from .public import external_url

# What blueprints of the mobile app give for a notification that opens nothing.
_NO_ACTION: Final = "noaction"


@callback
def async_external_link(hass: HomeAssistant, text: str | None) -> str | None:
    """Return a link as it opens outside of the home, or None if there is none.

    An address within Home Assistant, such as `/lovelace/0`, gets the external URL in
    front. Everything else stays as it is, `homeassistant://…` as well.

    Args:
        hass: Home Assistant.
        text: what a person or a blueprint gave as the link.

    Raises:
        ContentError: it is within Home Assistant, which has no external URL.

    """
    link = (text or "").strip()
    if not link or link.casefold() == _NO_ACTION:
        return None
    if link.startswith("/") and not link.startswith("//"):
        return f"{external_url(hass, _shown(link))}{link}"
    if not link.lower().startswith(("http://", "https://")):
        return link
    try:
        url = URL(link)
        if is_hass_url(hass, link):
            return f"{external_url(hass, _shown(url.path))}{url.relative()}"
    except ValueError:
        # Not an address that Home Assistant could have.
        pass
    return link


def _shown(path: str) -> str:
    """Return a path for errors, without its query."""
    return path.partition("?")[0]
