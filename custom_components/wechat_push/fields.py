"""Fields of messages: what a caller may give, cleaned and checked.

Empty is absent, in every field: white space, null, empty lists and mappings, and in
fields that are not text for people, what templates make of nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from enum import EnumType
import json
from typing import Any, Final

import voluptuous as vol

from homeassistant.components.notify import ATTR_DATA
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import json_loads

from .clients.message import Format, Overflow, one_line, plain_json
from .errors import field_label, validation_error, value_label
from .media.attachments import ATTR_FILE, ATTR_IMAGE
from .providers import PROVIDERS

ATTR_EXPIRES_AFTER: Final = "expires_after"
ATTR_FORMAT: Final = "format"
ATTR_LEVEL: Final = "level"
ATTR_MESSAGE: Final = "message"
ATTR_OVERFLOW: Final = "overflow"
ATTR_TARGETS: Final = "targets"
ATTR_TITLE: Final = "title"
ATTR_URL: Final = "url"
ATTR_URL_LABEL: Final = "url_label"

_MEDIA_ID: Final = "media_content_id"
_MEDIA_FIELDS: Final = frozenset({ATTR_FILE, ATTR_IMAGE})
# The value of a media selector, a path or a URL.
_MEDIA = vol.Any(
    vol.Schema({vol.Required(_MEDIA_ID): cv.string}, extra=vol.REMOVE_EXTRA), cv.string
)

_GENERAL: Final[Mapping[vol.Marker, Any]] = {
    vol.Optional(ATTR_MESSAGE): cv.string,
    vol.Optional(ATTR_TITLE): cv.string,
    vol.Optional(ATTR_FORMAT): vol.Coerce(Format),
    vol.Optional(ATTR_URL): cv.string,
    vol.Optional(ATTR_URL_LABEL): cv.string,
    vol.Optional(ATTR_IMAGE): _MEDIA,
    vol.Optional(ATTR_FILE): _MEDIA,
    vol.Optional(ATTR_LEVEL): vol.All(vol.Coerce(int), vol.Range(min=1, max=5)),
    vol.Optional(ATTR_EXPIRES_AFTER): cv.positive_time_period,
    vol.Optional(ATTR_OVERFLOW): vol.Coerce(Overflow),
    vol.Optional(ATTR_TARGETS): vol.All(cv.ensure_list, [cv.string]),
}
# Fields that messages to all services have; all others are options of one service.
GENERAL_NAMES: Final = frozenset(key.schema for key in _GENERAL)
# The validator of each field of all services.
FIELDS: Final[Mapping[str, Any]] = {
    key.schema: value
    for schema in (
        _GENERAL,
        *(provider.message_schema.schema for provider in PROVIDERS.values()),
    )
    for key, value in schema.items()
}
_SCHEMAS: Final = {
    field: vol.Schema({vol.Required(field): value}) for field, value in FIELDS.items()
}

# Fields, and fields of what is in lists, that hold text for people: there the words
# below are words.
_FOR_PEOPLE: Final = frozenset(
    {
        ATTR_MESSAGE,
        ATTR_TITLE,
        ATTR_URL_LABEL,
        "author",
        "description",
        "name",
        "options",
        "selected",
        "source",
        "submit_label",
        "summary",
        "text",
        "value",
    }
)
# What templates make of nothing.
_NOTHING: Final = frozenset({"None", "null", "unavailable", "unknown"})
_NO_TITLE: Final = "None"
# The service's own format, in which an empty value takes one of ours away.
_RAW: Final = "card"
# Lists in which the position means something, so that empty items stay.
_IN_ORDER: Final = frozenset({"option"})
# Text that may be given as a mapping or a list, and fields that may be given as JSON.
_AS_JSON: Final = frozenset({ATTR_MESSAGE, ATTR_TITLE})
_STRUCTURED: Final = frozenset(
    {"buttons", "card", "choices", "emphasis", "items", "links", "quote"}
)

# What other notifiers call our fields. Companion app, ha-wework_notify, PushPlus.
ALIASES: Final[Mapping[str, str]] = {
    "attachment": ATTR_IMAGE,
    "audio": ATTR_FILE,
    "clickAction": ATTR_URL,
    "imagepath": ATTR_IMAGE,
    "picurl": ATTR_IMAGE,
    "type": "kind",
    "video": ATTR_FILE,
    "videopath": ATTR_FILE,
    "webhook": "option",
}
# Where the value of an alias is in a mapping.
_ATTACHMENT_URL: Final = "url"
_ATTACHMENT_TYPE: Final = "content-type"
# How the names and content types of attachments end that are no pictures.
_NO_PICTURES: Final = ("aac", "m4a", "mov", "mp3", "mp4", "mpeg", "mpeg4", "wav")

# Bounds of keys that others wrote, in reports and errors.
_MAX_KEY: Final = 50
_MAX_LEFT_OUT: Final = 20

# What validators raise at values that cannot be meant, such as infinite numbers.
_NOT_MEANT: Final = (
    vol.Invalid,
    ArithmeticError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


def clean(field: str, value: Any) -> Any:
    """Return the value of a field without what is empty in it, or None if all is.

    Args:
        field: of a message, or of an item in a list.
        value: as it was given.

    """
    match value:
        case str():
            return None if _is_nothing(field, value.strip()) else value
        case Mapping():
            if field == _RAW:
                return dict(value) or None
            cleaned = {
                key: each
                for key, old in value.items()
                if (each := clean(str(key), old)) is not None
            }
            if field in _MEDIA_FIELDS and _MEDIA_ID in value.keys() - cleaned.keys():
                # The media selector keeps the other keys when it is cleared.
                return None
            return cleaned or None
        case list() | tuple() | set() | frozenset():
            items = [clean(field, each) for each in value]
            if field in _IN_ORDER:
                filled = ["" if each is None else each for each in items]
                return filled if any(filled) else None
            return [each for each in items if each is not None] or None
    return value


def _is_nothing(field: str, text: str) -> bool:
    """Return if a text without white space around it is empty in a field."""
    if field == ATTR_TITLE:
        return text in ("", _NO_TITLE)
    return not text or (field not in _FOR_PEOPLE and text in _NOTHING)


def read_fields(hass: HomeAssistant, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of the action, cleaned and checked.

    Args:
        hass: Home Assistant.
        given: by the caller.

    Raises:
        ServiceValidationError: there is no such field, or it does not take its value.

    """
    read: dict[str, Any] = {}
    for field, value in given.items():
        try:
            read |= _checked(field, value)
        except _NOT_MEANT as err:
            raise _field_error(hass, field, err) from err
    return read


def read_data(
    given: Any, understands: Callable[[str, Any], bool]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the fields in data that may be meant for another notifier.

    Args:
        given: a mapping, or JSON text of one.
        understands: returns if the recipient takes a field with this value.

    Returns:
        the fields, and the keys that are not understood or have a value that cannot be
        meant.

    """
    given = _from_json(given)
    if not isinstance(given, Mapping):
        is_empty = (
            _is_nothing("", given.strip()) if isinstance(given, str) else not given
        )
        return {}, () if is_empty else (ATTR_DATA,)
    read: dict[str, Any] = {}
    left_out: list[str] = []
    # Our own names come first.
    for key in sorted(given, key=lambda key: key in ALIASES):
        try:
            field, value = _own(key, given[key])
            checked = _checked(field, value)
            is_meant = all(understands(*each) for each in checked.items())
        except _NOT_MEANT:
            is_meant = False
        if is_meant:
            read = {**checked, **read}
        else:
            left_out.append(shown_key(key))
    return read, tuple(dict.fromkeys(left_out[:_MAX_LEFT_OUT]))


def shown_key(key: object) -> str:
    """Return a key that others wrote as logs, reports and errors show it."""
    shown = one_line(str(key))
    return shown if len(shown) <= _MAX_KEY else f"{shown[:_MAX_KEY]}…"


def _own(key: Any, value: Any) -> tuple[str, Any]:
    """Return our field for a key of data, and its value there."""
    field = ALIASES.get(key, key)
    if key == "attachment" and isinstance(value, Mapping):
        kind = str(value.get(_ATTACHMENT_TYPE, "")).lower()
        value = value.get(_ATTACHMENT_URL)
        name = str(value).partition("?")[0].lower()
        if kind.endswith(_NO_PICTURES) or name.endswith(_NO_PICTURES):
            field = ATTR_FILE
    return field, value


def _checked(field: str, value: Any) -> dict[str, Any]:
    """Return a field by its name, cleaned and checked; nothing if it is empty.

    Raises:
        one of _NOT_MEANT: there is no such field, or it does not take this value.

    """
    if field in _AS_JSON and isinstance(value, Mapping | list | tuple):
        value = json.dumps(plain_json(value), ensure_ascii=False) if value else None
    elif field in _STRUCTURED:
        value = _from_json(value)
    if (cleaned := clean(field, value)) is None:
        return {}
    checked: dict[str, Any] = _SCHEMAS[field]({field: cleaned})
    return checked


def _from_json(value: Any) -> Any:
    """Return a value that is the JSON text of a mapping or a list as that."""
    if isinstance(value, str) and value.strip()[:1] in ("{", "["):
        with suppress(ValueError):
            return json_loads(value)
    return value


def _field_error(
    hass: HomeAssistant, field: str, err: Exception
) -> ServiceValidationError:
    """Return the translated error for a field with a value that it does not take."""
    if field not in FIELDS:
        return validation_error("field_not_known", {"field": shown_key(field)})
    if isinstance(err, vol.MultipleInvalid):
        err = err.errors[0]
    path = (err.path if isinstance(err, vol.Invalid) else None) or [field]
    details = {"field": field_label(hass, path)}
    if isinstance(err, vol.RequiredFieldInvalid):
        return validation_error("field_missing", details)
    for validator in _validators(FIELDS[field], path[1:]):
        match validator:
            case vol.Range(min=int(lowest), max=int(highest)):
                details |= {"min": str(lowest), "max": str(highest)}
                return validation_error("field_out_of_range", details)
            case (
                vol.In(container=Iterable() as options)
                | vol.Coerce(type=EnumType() as options)
            ):
                offered: Iterable[Any] = options
                details["options"] = ", ".join(
                    value_label(hass, str(path[-1]), str(each), to_be_given=True)
                    for each in offered
                )
                return validation_error("field_not_offered", details)
    return validation_error("field_invalid", details)


def _validators(validator: Any, path: Sequence[Any]) -> Iterator[Any]:
    """Yield the validators of what is at a path in a value."""
    match validator:
        case vol.Schema():
            yield from _validators(validator.schema, path)
        case vol.All() | vol.Any():
            for each in validator.validators:
                yield from _validators(each, path)
        case dict() if path:
            for key, value in validator.items():
                if str(key) == str(path[0]):
                    yield from _validators(value, path[1:])
        case list() if path:
            for each in validator:
                yield from _validators(each, path[1:])
        case _ if not path:
            yield validator
