"""Links in messages to pages of Home Assistant."""

from collections.abc import Mapping
from typing import Any, Final

from yarl import URL

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.network import is_hass_url

from ..clients.errors import ContentError
from ..clients.message import clean_url
from .public import external_url

# What blueprints of the mobile app give for a notification that opens nothing.
_NO_ACTION: Final = "noaction"


# Fields that hold a link, in a message and in the parts of a card.
_LINK: Final = "url"
_LINK_ENDING: Final = "_url"
# What kind of link there is; without the link, there is none.
_LINK_TYPE: Final = "type"


@callback
def external_links(
    hass: HomeAssistant, fields: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...], ContentError | None]:
    """Return the fields of a message with links that open outside of the home.

    Args:
        hass: Home Assistant.
        fields: of the action.

    Returns:
        the fields, the links that they are without now, and why.

    """
    left_out: dict[str, ContentError] = {}

    def opened(value: Any) -> Any:
        """Return a value with the links in it."""
        if isinstance(value, list):
            return [opened(each) for each in value]
        if not isinstance(value, Mapping):
            return value
        made: dict[str, Any] = {}
        for key, each in value.items():
            if isinstance(each, str) and (
                key == _LINK or str(key).endswith(_LINK_ENDING)
            ):
                try:
                    link = async_external_link(hass, each)
                except ContentError as err:
                    left_out[err.details["name"]] = err
                    link = None
                if link is not None:
                    made[key] = link
            else:
                made[key] = opened(each)
        if _LINK in value and _LINK not in made:
            made.pop(_LINK_TYPE, None)
        return made

    return opened(fields), tuple(left_out), next(iter(left_out.values()), None)


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
    link = clean_url(text)
    if link is None or link.casefold() == _NO_ACTION:
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
