"""Defaults of a recipient: what its messages say unless they say otherwise.

Most doors, `notify.send_message` first, know a text and a title alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import voluptuous as vol

from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from .clients.message import Overflow
from .const import (
    CONF_EMOJIS,
    CONF_OPTIONAL,
    CONF_OVERFLOW,
    CONF_RETRIES,
    CONF_RETRY_WAIT,
)
from .fields import ATTR_FORMAT, ATTR_LEVEL, ATTR_OVERFLOW, ATTR_URL, read_data
from .providers.base import Provider
from .providers.forms import URL_TEXT, seconds_selector

MAX_RETRIES: Final = 10
MAX_RETRY_WAIT: Final = 20

# After the fields of the provider.
_GENERAL_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_OVERFLOW, default=Overflow.SPLIT.value): SelectSelector(
            SelectSelectorConfig(
                options=[overflow.value for overflow in Overflow],
                mode=SelectSelectorMode.DROPDOWN,
                translation_key=CONF_OVERFLOW,
            )
        ),
        vol.Optional(ATTR_URL): URL_TEXT,
        vol.Required(CONF_EMOJIS, default=False): BooleanSelector(),
        vol.Required(CONF_OPTIONAL, default=False): BooleanSelector(),
        vol.Required(CONF_RETRIES, default=0): vol.All(
            NumberSelector(
                NumberSelectorConfig(
                    min=0, max=MAX_RETRIES, step=1, mode=NumberSelectorMode.BOX
                )
            ),
            vol.Coerce(int),
        ),
        vol.Required(CONF_RETRY_WAIT, default=1): seconds_selector(0, MAX_RETRY_WAIT),
    }
)
# Fields of the action that are no options of one service.
_FIELDS: Final = (ATTR_FORMAT, ATTR_OVERFLOW, ATTR_LEVEL)


def defaults_schema(provider: Provider[Any, Any]) -> vol.Schema:
    """Return the form of the defaults of a recipient."""
    return provider.defaults_schema.extend(_GENERAL_SCHEMA.schema)


def parse_defaults(
    provider: Provider[Any, Any], user_input: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the defaults to store: what is not empty, and not what it is anyhow.

    Args:
        provider: of the recipient.
        user_input: fields of the form; those that are missing have their defaults.

    """
    stored: dict[str, Any] = {}
    for key in defaults_schema(provider).schema:
        usual = None if isinstance(key.default, vol.Undefined) else key.default()
        value = user_input.get(key.schema, usual)
        if isinstance(value, str):
            value = value.strip()
        is_known = key.schema in provider.stored_recipient.schema
        if value not in (None, "", []) and (is_known or value != usual):
            stored[key.schema] = value
    return stored


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageDefaults:
    """The defaults of a recipient.

    Args:
        fields: of the action, for messages to all services.
        options: of the action, for messages to this service.
        url: opens on a tap; as a person entered it.
        emojis: names of emojis become the emojis.
        optional: a message that fails is no error for its caller.
        retries: how often a message is tried again that nobody waits for.
        retry_wait: seconds between two tries of it.

    """

    fields: Mapping[str, Any]
    options: Mapping[str, Any]
    url: str | None
    emojis: bool
    optional: bool
    retries: int
    retry_wait: float

    @classmethod
    def of(
        cls,
        provider: Provider[Any, Any],
        data: Mapping[str, Any],
        understands: Callable[[str, Any], bool],
    ) -> Self:
        """Return the defaults in the data of a recipient; what is invalid is left out.

        Args:
            provider: of the recipient.
            data: as it is stored.
            understands: returns if the recipient takes a field with this value.

        """
        data = provider.recipient_data(data)
        own = (key.schema for key in provider.defaults_schema.schema)
        # In the order in which messages go without them.
        named = [*_FIELDS, ATTR_URL, *(k for k in own if k in provider.message_options)]
        given = {key: data[key] for key in named if key in data}
        read, _ = read_data(given, understands)
        fixed = provider.default_options(data)
        return cls(
            fields={key: read[key] for key in _FIELDS if key in read},
            options={
                key: read[key]
                for key in named
                if key in provider.message_options
                and key not in fixed
                # Off is what a message is without the option.
                and read.get(key, False) is not False
            },
            url=read.get(ATTR_URL),
            emojis=data.get(CONF_EMOJIS, False),
            optional=data.get(CONF_OPTIONAL, False),
            retries=data.get(CONF_RETRIES, 0),
            retry_wait=data.get(CONF_RETRY_WAIT, 1),
        )
