"""The parts of forms that providers share, and how forgiving input becomes canonical."""

from collections.abc import Container, Iterable, Mapping, Sequence
import re
from typing import Any

import voluptuous as vol
from yarl import URL

from homeassistant.const import (
    CONF_NAME,
    CONF_PASSWORD,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
    UnitOfTime,
)
from homeassistant.data_entry_flow import SectionConfig, section
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from ..clients.message import Format
from ..clients.transport import Endpoint
from ..const import (
    CONF_CONNECT_TIMEOUT,
    CONF_FORMAT,
    CONF_READ_TIMEOUT,
    CONF_TARGETS,
    SECTION_CONNECTION,
)

# White space, and commas and semicolons as Latin and Chinese keyboards write them.
_SEPARATORS = re.compile(r"[\s,;，；、]+")

TEXT = TextSelector()
URL_TEXT = TextSelector(
    TextSelectorConfig(type=TextSelectorType.URL, autocomplete="url")
)
SECRET = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
)
_SECONDS = vol.All(
    NumberSelector(
        NumberSelectorConfig(
            min=1,
            max=120,
            step=1,
            unit_of_measurement=UnitOfTime.SECONDS,
            mode=NumberSelectorMode.BOX,
        )
    ),
    vol.Coerce(int),
)


class InputError(Exception):
    """A field of a form holds something that cannot be meant.

    Args:
        field: the field of the form.
        problem: the key of the text that tells a person what is wrong.
        **details: what that text names.

    """

    def __init__(self, field: str, problem: str, **details: str) -> None:
        """Keep the field, the problem and its details."""
        super().__init__(problem)
        self.field = field
        self.problem = problem
        self.details = details


# For a reverse proxy in front of the service.
LOGIN_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_USERNAME): TextSelector(
            TextSelectorConfig(autocomplete="username")
        ),
        vol.Optional(CONF_PASSWORD): SECRET,
    }
)
# How the service is reached, the same for every provider. The address has a field of
# its own where there is no official one.
_WAY_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_VERIFY_SSL, default=True): BooleanSelector(),
        vol.Required(CONF_CONNECT_TIMEOUT, default=10): _SECONDS,
        vol.Required(CONF_READ_TIMEOUT, default=30): _SECONDS,
    }
).extend(LOGIN_SCHEMA.schema)
_COLLAPSED: SectionConfig = {"collapsed": True}
CONNECTION_SCHEMA = vol.Schema(
    {vol.Required(SECTION_CONNECTION): section(_WAY_SCHEMA, _COLLAPSED)}
)


def connection_schema(default_url: str) -> vol.Schema:
    """Return the section of a service that has an official address."""
    return vol.Schema(
        {
            vol.Required(SECTION_CONNECTION): section(
                vol.Schema(
                    {vol.Required(CONF_URL, default=default_url): URL_TEXT}
                ).extend(_WAY_SCHEMA.schema),
                _COLLAPSED,
            )
        }
    )


def endpoint(data: Mapping[str, Any]) -> Endpoint:
    """Return where and how an account's service is reached."""
    return Endpoint(
        url=data[CONF_URL],
        username=data.get(CONF_USERNAME),
        password=data.get(CONF_PASSWORD),
        connect_timeout=data[CONF_CONNECT_TIMEOUT],
        read_timeout=data[CONF_READ_TIMEOUT],
    )


def canonical_connection(data: dict[str, Any]) -> dict[str, Any]:
    """Return the data with its address in one form, the login taken out of it.

    Raises:
        InputError: the address is none.

    """
    try:
        url = URL(data[CONF_URL].strip())
        # Reading the port is what checks it.
        valid = url.scheme in ("http", "https") and bool(url.host and url.port)
    except ValueError:
        valid = False
    if not valid or url.query_string or url.fragment:
        raise InputError(CONF_URL, "invalid_url")
    login = {
        key: value
        for key, value in ((CONF_USERNAME, url.user), (CONF_PASSWORD, url.password))
        if value is not None
    }
    bare = str(url.with_user(None)).rstrip("/")
    result = {**data, **login, CONF_URL: bare}
    for key in (CONF_USERNAME, CONF_PASSWORD):
        if not result.get(key):
            result.pop(key, None)
    return result


def format_selector(formats: Iterable[Format]) -> SelectSelector:
    """Return the selector for the format that messages are written in."""
    return SelectSelector(
        SelectSelectorConfig(
            options=[format_.value for format_ in formats],
            mode=SelectSelectorMode.DROPDOWN,
            translation_key=CONF_FORMAT,
        )
    )


def open_list(
    options: Sequence[str] | Sequence[SelectOptionDict],
    *,
    multiple: bool = False,
    translation_key: str | None = None,
) -> SelectSelector:
    """Return a selector that offers options and takes anything else as well."""
    config = SelectSelectorConfig(
        options=options,
        multiple=multiple,
        custom_value=True,
        mode=SelectSelectorMode.DROPDOWN,
    )
    if translation_key is not None:
        config["translation_key"] = translation_key
    return SelectSelector(config)


def choice(value: str, name: str) -> SelectOptionDict:
    """Return a target to choose, with its name where that is known."""
    return SelectOptionDict(value=value, label=f"{name} ({value})" if name else value)


def targets_schema(options: Sequence[SelectOptionDict]) -> vol.Schema:
    """Return the name and targets of a recipient, with targets to choose from."""
    return vol.Schema(
        {
            vol.Optional(CONF_NAME): TEXT,
            vol.Required(CONF_TARGETS): open_list(options, multiple=True),
        }
    )


def with_optional(schema: vol.Schema, keys: Container[str]) -> vol.Schema:
    """Return a form in which some fields may stay empty."""
    return vol.Schema(
        {
            vol.Optional(key.schema) if key.schema in keys else key: value
            for key, value in schema.schema.items()
        }
    )


def split_targets(items: Iterable[str]) -> list[str]:
    """Return the targets in what a person typed or chose, each once, in order."""
    typed = " ".join(items)
    return list(dict.fromkeys(filter(None, _SEPARATORS.split(typed))))
