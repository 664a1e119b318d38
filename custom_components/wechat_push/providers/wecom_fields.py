"""Fields of messages that applications and group robots of WeCom share."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

import voluptuous as vol

from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..clients.wecom.cards import CARD_OPTIONS, CardType
from ..clients.wecom.messages import Kind
from ..clients.wecom.robot_messages import RobotKind
from ..const import CONF_ORDINARY_WECHAT

CONF_KIND: Final = "kind"

# A field of the action has one validator. The clients refuse what is not theirs.
_KINDS = dict.fromkeys(str(kind) for kind in (*Kind, *RobotKind))
_BUTTON = vol.Schema(
    {
        vol.Required("text"): cv.string,
        vol.Optional("url"): cv.string,
        vol.Optional("key"): cv.string,
        vol.Optional("style"): vol.All(vol.Coerce(int), vol.Range(min=1, max=4)),
    }
)
_CHOICE = vol.Schema(
    {
        vol.Optional("key"): cv.string,
        vol.Optional("title"): cv.string,
        vol.Required("options"): vol.All(
            cv.ensure_list,
            vol.Length(min=1),
            [
                vol.Any(
                    vol.Schema(
                        {vol.Required("id"): cv.string, vol.Required("text"): cv.string}
                    ),
                    cv.string,
                )
            ],
        ),
        vol.Optional("selected"): vol.All(cv.ensure_list, [cv.string]),
        vol.Optional("multiple"): cv.boolean,
    }
)
_EMPHASIS = vol.Schema(
    {vol.Required("title"): cv.string, vol.Optional("description"): cv.string}
)
_ITEM = vol.Schema(
    {
        vol.Required("name"): cv.string,
        vol.Optional("value"): cv.string,
        vol.Optional("url"): cv.string,
    }
)
_LINK = vol.Schema({vol.Required("title"): cv.string, vol.Required("url"): cv.string})
_QUOTE = vol.Schema(
    {
        vol.Optional("title"): cv.string,
        vol.Optional("text"): cv.string,
        vol.Optional("url"): cv.string,
    }
)
_CARD_TYPE = vol.In([card_type.value for card_type in CardType])
MESSAGE_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_KIND): vol.In([*_KINDS]),
        vol.Optional(CONF_ORDINARY_WECHAT): cv.boolean,
        vol.Optional("card_type"): _CARD_TYPE,
        vol.Optional("card"): vol.Schema(
            {vol.Optional("card_type"): _CARD_TYPE}, extra=vol.ALLOW_EXTRA
        ),
        vol.Optional("source"): cv.string,
        vol.Optional("quote"): _QUOTE,
        vol.Optional("emphasis"): _EMPHASIS,
        vol.Optional("items"): vol.All(cv.ensure_list, [_ITEM]),
        vol.Optional("links"): vol.All(cv.ensure_list, [_LINK]),
    }
)
# Of cards that can be clicked.
INTERACTIVE_SCHEMA = vol.Schema(
    {
        vol.Optional("buttons"): vol.All(cv.ensure_list, [_BUTTON]),
        vol.Optional("choices"): vol.All(cv.ensure_list, [_CHOICE]),
        vol.Optional("submit_label"): cv.string,
        vol.Optional("submit_key"): cv.string,
    }
)


def kind_selector(kinds: Iterable[StrEnum]) -> SelectSelector:
    """Return the selector for the default type of messages."""
    return SelectSelector(
        SelectSelectorConfig(
            options=[kind.value for kind in kinds],
            mode=SelectSelectorMode.DROPDOWN,
            translation_key="wecom_kind",
        )
    )


def without_kind(
    defaults: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return default options without the type, if a message wants to be a card.

    Args:
        defaults: of the recipient.
        given: options of the message.

    """
    if given.keys().isdisjoint(CARD_OPTIONS):
        return dict(defaults)
    return {key: value for key, value in defaults.items() if key != CONF_KIND}
