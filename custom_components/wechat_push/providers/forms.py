"""Parts of forms that providers share."""

from collections.abc import Container, Iterable, Mapping, Sequence
from enum import StrEnum
import re
import string
from typing import Any, Final
import unicodedata
from urllib.parse import unquote

import voluptuous as vol
from yarl import URL

from homeassistant.const import (
    CONF_NAME,
    CONF_PASSWORD,
    CONF_TIME_ZONE,
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

from ..clients.message import Format, shortened
from ..clients.transport import Endpoint
from ..const import (
    CONF_CONNECT_TIMEOUT,
    CONF_FOLLOW_REDIRECTS,
    CONF_FORMAT,
    CONF_PROXY,
    CONF_READ_TIMEOUT,
    CONF_TARGETS,
    SECTION_CONNECTION,
)
from ..time_zones import time_zones

CONF_SEND_TEST: Final = "send_test"

# Whitespace, and commas and semicolons of Latin and Chinese keyboards.
_SEPARATORS = re.compile(r"[\s,;，；、]+")
_SPACE = re.compile(r"\s")
_SLASHES = re.compile(r"[/|／｜]+")
# What is copied along with a token.
_QUOTES: Final = "\"'`´“”„‘’‚«»「」『』＂＇"
_EXAMPLE_URL: Final = "https://example.com"
_EXAMPLE_PROXY: Final = "http://user:password@192.168.1.2:3128"
_NO_BREAK: Final = "\u00a0\u2007\u202f"

TEXT = TextSelector()
URL_TEXT = TextSelector(
    TextSelectorConfig(type=TextSelectorType.URL, autocomplete="url")
)
SECRET = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
)


def seconds_selector(minimum: float, maximum: float) -> NumberSelector:
    """Return the selector for seconds, with decimals."""
    return NumberSelector(
        NumberSelectorConfig(
            min=minimum,
            max=maximum,
            step="any",
            unit_of_measurement=UnitOfTime.SECONDS,
            mode=NumberSelectorMode.BOX,
        )
    )


_TIMEOUT = seconds_selector(0.1, 120)


class InputError(Exception):
    """A field of a form is invalid.

    Args:
        field: of the form.
        problem: translation key of the error.
        **details: placeholders of the error.

    """

    def __init__(self, field: str, problem: str, **details: str) -> None:
        super().__init__(problem)
        self.field = field
        self.problem = problem
        self.details = {key: shortened(value) for key, value in details.items()}


# For a reverse proxy in front of the service.
LOGIN_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_USERNAME): TextSelector(
            TextSelectorConfig(autocomplete="username")
        ),
        vol.Optional(CONF_PASSWORD): SECRET,
    }
)
# For a forward proxy on the way to the service.
PROXY_SCHEMA = vol.Schema({vol.Optional(CONF_PROXY): SECRET})
# The connection of every provider. The URL is added where there is an official one.
_CONNECTION_FIELDS = (
    vol.Schema(
        {
            vol.Required(CONF_VERIFY_SSL, default=True): BooleanSelector(),
            vol.Required(CONF_FOLLOW_REDIRECTS, default=False): BooleanSelector(),
            vol.Required(CONF_CONNECT_TIMEOUT, default=10): _TIMEOUT,
            vol.Required(CONF_READ_TIMEOUT, default=30): _TIMEOUT,
        }
    )
    .extend(LOGIN_SCHEMA.schema)
    .extend(PROXY_SCHEMA.schema)
    # The choices are added where the form is shown: reading their names takes a while.
    .extend({vol.Optional(CONF_TIME_ZONE): TEXT})
)
COLLAPSED: SectionConfig = {"collapsed": True}
_OPEN: SectionConfig = {"collapsed": False}
CONNECTION_SCHEMA = vol.Schema(
    {vol.Required(SECTION_CONNECTION): section(_CONNECTION_FIELDS, COLLAPSED)}
)


def connection_schema(default_url: str) -> vol.Schema:
    """Return the connection section of a provider that has an official URL."""
    return vol.Schema(
        {
            vol.Required(SECTION_CONNECTION): section(
                vol.Schema(
                    {vol.Required(CONF_URL, default=default_url): URL_TEXT}
                ).extend(_CONNECTION_FIELDS.schema),
                COLLAPSED,
            )
        }
    )


def defaults_of(schema: vol.Schema) -> dict[str, Any]:
    """Return the defaults of a form and its sections.

    Required fields without a default are texts, and empty.
    """
    found: dict[str, Any] = {}
    for key, value in schema.schema.items():
        if isinstance(value, section):
            found |= defaults_of(value.schema)
        elif not isinstance(key.default, vol.Undefined):
            found[key.schema] = key.default()
        elif isinstance(key, vol.Required):
            found[key.schema] = ""
    return found


def stored_choice[E: StrEnum](value: object, default: E) -> E:
    """Return a choice that is stored, or the default if this version has no such one.

    Args:
        value: as it is stored, perhaps by a newer version.
        default: one of the choices.

    """
    return next((each for each in type(default) if each == value), default)


def clean_text(text: str) -> str:
    """Return an identifier or address without what was copied along with it.

    That is white space and quotes around it, and invisible characters anywhere.
    """
    visible = "".join(
        character
        for character in text
        if character not in _NO_BREAK and unicodedata.category(character) != "Cf"
    )
    return visible.strip(string.whitespace + "\u3000" + _QUOTES)


def endpoint(data: Mapping[str, Any]) -> Endpoint:
    """Return the endpoint of an account."""
    return Endpoint(
        url=data[CONF_URL],
        username=data.get(CONF_USERNAME),
        password=data.get(CONF_PASSWORD),
        connect_timeout=data[CONF_CONNECT_TIMEOUT],
        read_timeout=data[CONF_READ_TIMEOUT],
        proxy=data.get(CONF_PROXY),
        follow_redirects=data[CONF_FOLLOW_REDIRECTS],
    )


def parse_connection(data: dict[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """Return the data with a normalized URL, and the login that was part of it.

    Args:
        data: of an account.
        paths: of requests to the service, which are no part of its URL.

    Raises:
        InputError: the URL is invalid.

    """
    try:
        url = URL(data[CONF_URL])
        # Accessing the port validates it.
        valid = url.scheme in ("http", "https") and bool(url.host and url.port)
    except ValueError:
        valid = False
    if not valid or url.query_string or url.fragment:
        raise InputError(CONF_URL, "invalid_url", example=_EXAMPLE_URL)
    login = {
        key: value
        for key, value in ((CONF_USERNAME, url.user), (CONF_PASSWORD, url.password))
        if value is not None
    }
    bare = str(url.with_user(None)).rstrip("/")
    # The longest first, as one may be the end of another.
    for path in sorted(paths, key=len, reverse=True):
        if bare.endswith(path):
            bare = bare.removesuffix(path).rstrip("/")
            break
    result = {**data, **login, CONF_URL: bare}
    for key in (CONF_USERNAME, CONF_PASSWORD):
        if not result.get(key):
            result.pop(key, None)
    return result


def parse_proxy(text: str, known: str | None) -> str:
    """Return the address of a forward proxy, with its login.

    Args:
        text: of the form, with or without a scheme.
        known: the current address; its password stays if everything else does.

    Raises:
        InputError: the address is invalid.

    """
    if known is not None and text == without_password(known):
        return known
    scheme, _, rest = text.rpartition("://")
    # A password may hold any character.
    login, _, place = rest.rpartition("@")
    user, _, password = login.partition(":")
    try:
        url = URL(f"{scheme.lower() or 'http'}://{place.rstrip('/')}")
        # Accessing the port validates it.
        valid = url.scheme in ("http", "https") and bool(url.host and url.port)
    except ValueError:
        valid = False
    if not valid or url != url.origin() or _SPACE.search(place):
        raise InputError(CONF_PROXY, "invalid_proxy", example=_EXAMPLE_PROXY)
    if login:
        url = url.with_user(unquote(user)).with_password(unquote(password) or None)
    return str(url)


def without_password(proxy: str) -> str:
    """Return the address of a forward proxy as forms show it."""
    return str(URL(proxy).with_password(None))


def with_time_zones(schema: vol.Schema) -> vol.Schema:
    """Return the form of an account with the time zones to choose from."""
    choice = SelectSelector(
        SelectSelectorConfig(
            options=time_zones(), mode=SelectSelectorMode.DROPDOWN, sort=False
        )
    )
    fields = dict(schema.schema)
    for key, value in fields.items():
        if isinstance(value, section) and CONF_TIME_ZONE in value.schema.schema:
            inner = value.schema.extend({vol.Optional(CONF_TIME_ZONE): choice})
            fields[key] = section(inner, value.options)
    return vol.Schema(fields)


def format_selector(formats: Iterable[Format]) -> SelectSelector:
    """Return the selector for the format of messages."""
    return SelectSelector(
        SelectSelectorConfig(
            options=[format_.value for format_ in formats],
            mode=SelectSelectorMode.DROPDOWN,
            translation_key=CONF_FORMAT,
        )
    )


def custom_value_selector(
    options: Sequence[str] | Sequence[SelectOptionDict], *, multiple: bool = False
) -> SelectSelector:
    """Return a selector with options that accepts other values as well.

    Unless it is multiple, the frontend shows the value that is chosen, not its label.
    """
    return SelectSelector(
        SelectSelectorConfig(
            options=options,
            multiple=multiple,
            custom_value=True,
            mode=SelectSelectorMode.DROPDOWN,
        )
    )


def target_option(value: str, name: str) -> SelectOptionDict:
    """Return the option for a target; its name may be empty."""
    return SelectOptionDict(value=value, label=f"{name} ({value})" if name else value)


def targets_schema(options: Sequence[SelectOptionDict]) -> vol.Schema:
    """Return the form with the name and targets of a recipient."""
    return vol.Schema(
        {
            vol.Optional(CONF_NAME): TEXT,
            vol.Required(CONF_TARGETS): custom_value_selector(options, multiple=True),
        }
    )


def section_of(schema: vol.Schema, field: str) -> str | None:
    """Return the section of a form that holds a field."""
    return next(
        (
            str(key)
            for key, value in schema.schema.items()
            if isinstance(value, section) and field in value.schema.schema
        ),
        None,
    )


def open_sections(schema: vol.Schema, keys: Container[str]) -> vol.Schema:
    """Return a form in which some sections are open."""
    return vol.Schema(
        {
            key: section(value.schema, _OPEN)
            if isinstance(value, section) and key.schema in keys
            else value
            for key, value in schema.schema.items()
        }
    )


def flatten(schema: vol.Schema, user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return the input of a form with the fields of its sections beside the others."""
    flat: dict[str, Any] = {}
    for key, value in user_input.items():
        if isinstance(schema.schema.get(key), section):
            flat |= value
        else:
            flat[key] = value
    return flat


def nest(schema: vol.Schema, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return data with the fields of a form's sections within them."""
    nested = dict(data)
    for key, value in schema.schema.items():
        if isinstance(value, section):
            inner = value.schema.schema
            nested[key.schema] = {k: v for k, v in data.items() if k in inner}
    return nested


def make_optional(schema: vol.Schema, keys: Container[str]) -> vol.Schema:
    """Return a form in which some fields are optional."""
    return vol.Schema(
        {
            vol.Optional(key.schema) if key.schema in keys else key: value
            for key, value in schema.schema.items()
        }
    )


def with_stored(schema: vol.Schema, stored: Mapping[str, Any]) -> vol.Schema:
    """Return a form that accepts what is stored although it is no option of a field.

    Args:
        schema: of the form.
        stored: data by field.

    """
    fields: dict[Any, Any] = {}
    for key, value in schema.schema.items():
        fields[key] = value
        if isinstance(value, section):
            inner = with_stored(value.schema, stored)
            fields[key] = section(inner, value.options)
        elif isinstance(value, SelectSelector):
            config, chosen = value.config, stored.get(key.schema)
            if (
                isinstance(chosen, str)
                and not config["custom_value"]
                and chosen not in config["options"]
            ):
                options = [*config["options"], chosen]
                fields[key] = SelectSelector({**config, "options": options})
    return vol.Schema(fields)


def split_targets(items: Iterable[object], *, by_slash: bool = True) -> list[str]:
    """Return the targets of the input, without duplicates and in order.

    Args:
        items: the input; numbers count as texts.
        by_slash: slashes and vertical bars separate targets as well.

    """
    typed = " ".join(map(str, items))
    if by_slash:
        typed = _SLASHES.sub(" ", typed)
    targets = map(clean_text, _SEPARATORS.split(typed))
    return list(dict.fromkeys(filter(None, targets)))
