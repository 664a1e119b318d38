"""Fill in the forms of Home Assistant as its frontend does."""

from collections.abc import Mapping, Sequence
from typing import Any

from .errors import DemoError


def fill(
    fields: Sequence[Mapping[str, Any]], answers: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the input for a form: its own defaults, but for the answers given."""
    if unknown := answers.keys() - {field["name"] for field in fields}:
        raise DemoError(f"the form has no field {', '.join(sorted(unknown))}")
    filled: dict[str, Any] = {}
    for field in fields:
        name = field["name"]
        suggested = (field.get("description") or {}).get("suggested_value")
        if field.get("type") == "expandable":
            filled[name] = fill(field["schema"], answers.get(name, {}))
        elif name in answers:
            filled[name] = answers[name]
        elif suggested is not None:
            filled[name] = suggested
        elif "default" in field:
            filled[name] = field["default"]
        elif field.get("required"):
            raise DemoError(
                f"the form wants the field {name}, for which there is no answer"
            )
    return filled
