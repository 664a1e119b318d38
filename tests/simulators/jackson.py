"""How the Java services read JSON: the types they convert and those they refuse."""

from collections.abc import Mapping
from typing import Any

from .recorded import RecordedRequest


class NotReadableError(Exception):
    """The body is not a JSON object, or a field has the wrong type."""


def read_object(request: RecordedRequest) -> dict[str, Any]:
    """Return the JSON object of a body labelled as JSON."""
    if request.content_type != "application/json":
        raise NotReadableError(f"Content type '{request.content_type}' not supported")
    try:
        body = request.json
    except ValueError as err:
        raise NotReadableError(f"JSON parse error: {err}") from err
    if not isinstance(body, dict):
        raise NotReadableError("JSON parse error: Cannot deserialize value of type Map")
    return body


def read_text(fields: Mapping[str, Any], key: str) -> str:
    """Return a string; null counts as absent, numbers become text."""
    match fields.get(key):
        case None:
            return ""
        case str() | bool() | int() | float() as value:
            return str(value)
        case value:
            raise NotReadableError(
                "JSON parse error: Cannot deserialize value of type"
                f" `java.lang.String`: {value}"
            )


def read_number(value: Any) -> int:
    """Return an integer, which may be written as text."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError) as err:
        raise NotReadableError(
            f"JSON parse error: Cannot deserialize value of type `java.lang.Long`: {value}"
        ) from err


def read_list(fields: Mapping[str, Any], key: str) -> list[Any]:
    """Return a list without duplicates; a single value is refused."""
    match fields.get(key):
        case None:
            return []
        case [*values] if not any(isinstance(value, (dict, list)) for value in values):
            return list(dict.fromkeys(values))
        case value:
            raise NotReadableError(
                "JSON parse error: Cannot deserialize value of type `java.util.ArrayList`"
                f' from String value (token `JsonToken.VALUE_STRING`): "{value}"'
            )
