"""How the Java services read a JSON body: which types they bend, and which they refuse."""

from collections.abc import Mapping
from typing import Any

from .recorded import RecordedRequest


class NotReadableError(Exception):
    """The body is no JSON object, or a field is not of the type that is expected."""


def read_object(request: RecordedRequest) -> dict[str, Any]:
    """Read the body as a JSON object; the content type must say that it is one."""
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
    """Read a string; null counts as absent, numbers become text."""
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
    """Read an integer, also one written as text."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError) as err:
        raise NotReadableError(
            f"JSON parse error: Cannot deserialize value of type `java.lang.Long`: {value}"
        ) from err


def read_list(fields: Mapping[str, Any], key: str) -> list[Any]:
    """Read a list without duplicates; a single value is not taken for a list of one."""
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
