"""Links in messages to pages of Home Assistant."""

from collections.abc import Mapping
import re
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

_WEB: Final = frozenset({"http", "https"})
# Addresses that open something for a reader in WeChat.
_ADDRESS: Final = re.compile(
    r"/|(?P<scheme>[a-z][a-z0-9+.-]*)://[^/\s]|(?:mailto|sms|tel):\S", re.IGNORECASE
)
# What runs or shows something of its own, and what only the companion app opens.
_NO_LINKS: Final = frozenset(
    {
        *("about", "blob", "data", "file", "javascript", "vbscript", "view-source"),
        *("app", "deep-link", "intent", "settings"),
    }
)


def holds_links(field: str, value: Any) -> bool:
    """Return if all that stands for a link in a field can be meant as one.

    Args:
        field: of the action, or of what is in it.
        value: of the field.

    """
    match value:
        case str() if _is_link_field(field):
            return _can_be_link(value)
        case Mapping():
            return all(holds_links(str(key), each) for key, each in value.items())
        case list():
            return all(holds_links("", each) for each in value)
    return True


def _is_link_field(field: str) -> bool:
    """Return if a field, or one of what is in it, holds a link."""
    return field == _LINK or field.endswith(_LINK_ENDING)


def _can_be_link(text: str) -> bool:
    """Return if a text can be meant as a link, or as none."""
    link = clean_url(text)
    if link is None or link.casefold() == _NO_ACTION:
        return True
    if (found := _ADDRESS.match(link)) is None:
        return False
    scheme = (found["scheme"] or "").lower()
    if scheme not in _WEB:
        return scheme not in _NO_LINKS
    try:
        return bool(URL(link).host)
    except ValueError:
        return False


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
            if isinstance(each, str) and _is_link_field(str(key)):
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
