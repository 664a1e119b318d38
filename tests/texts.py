"""Checks that all translations that flows and errors refer to exist."""

from collections.abc import Iterator, Mapping
import json
from pathlib import Path
from string import Formatter
from typing import Any

import custom_components.wechat_push
from custom_components.wechat_push.const import DOMAIN
from homeassistant.components.repairs import RepairsFlow
from homeassistant.config_entries import ConfigSubentryFlow, OptionsFlow
from homeassistant.data_entry_flow import FlowHandler, FlowResultType, section
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.selector import SelectSelector

TRANSLATIONS = Path(custom_components.wechat_push.__file__).parent / "translations"
ENGLISH: Mapping[str, Any] = json.loads(
    (TRANSLATIONS / "en.json").read_text(encoding="utf-8")
)

# A choice that a service or a newer version may have added: it has no text.
NEW_CHOICE = "new"

type Problems = Iterator[str]


def flow_problems(
    flow: FlowHandler[Any, Any, Any], result: Mapping[str, Any]
) -> Problems:
    """Yield the missing translations of a step of one of our flows."""
    ours = type(flow).__module__.startswith(custom_components.wechat_push.__name__)
    if not ours and not (isinstance(flow, RepairsFlow) and flow.handler == DOMAIN):
        return
    match flow:
        case RepairsFlow():
            texts = ENGLISH["issues"][(flow.data or {})["problem"]]["fix_flow"]
        case ConfigSubentryFlow():
            texts = ENGLISH["config_subentries"][result["handler"][1]]
        case OptionsFlow():
            texts = ENGLISH["options"]
        case _:
            texts = ENGLISH["config"]
    placeholders = result.get("description_placeholders") or {}
    match result["type"]:
        case FlowResultType.ABORT if result.get("translation_domain") is None:
            yield from _missing(texts["abort"], result["reason"], placeholders)
        case FlowResultType.CREATE_ENTRY if not isinstance(
            flow, OptionsFlow | RepairsFlow
        ):
            end = result.get("description") or "default"
            yield from _missing(texts["create_entry"], end, placeholders)
        case FlowResultType.SHOW_PROGRESS:
            yield from _missing(texts["step"][result["step_id"]], "title")
            yield from _missing(
                texts["progress"], result["progress_action"], placeholders
            )
        case FlowResultType.MENU:
            step = texts["step"][result["step_id"]]
            yield from _missing(step, "description", placeholders)
            for option in result["menu_options"]:
                yield from _missing(step["menu_options"], option)
                yield from _missing(step["menu_option_descriptions"], option)
        case FlowResultType.FORM:
            step = texts["step"].get(result["step_id"], {})
            yield from _missing(step, "title", placeholders)
            if "description" in step:
                yield from _missing(step, "description", placeholders)
            yield from _field_problems(step, result["data_schema"].schema, placeholders)
            for error in (result["errors"] or {}).values():
                yield from _missing(texts["error"], error, placeholders)


def error_problems(err: HomeAssistantError) -> Problems:
    """Yield the missing translations of an error."""
    if err.translation_domain != DOMAIN:
        return
    texts = {key: text["message"] for key, text in ENGLISH["exceptions"].items()}
    yield from _missing(
        texts, str(err.translation_key), err.translation_placeholders or {}
    )


def _field_problems(
    step: Mapping[str, Any],
    fields: Mapping[Any, Any],
    placeholders: Mapping[str, str],
) -> Problems:
    """Yield the missing labels of fields and options."""
    for key, field in fields.items():
        if isinstance(field, section):
            inner = step.get("sections", {}).get(str(key), {})
            yield from _missing(inner, "name")
            yield from _field_problems(inner, field.schema.schema, placeholders)
            continue
        yield from _missing(step.get("data", {}), str(key))
        yield from _missing(step.get("data_description", {}), str(key), placeholders)
        if isinstance(field, SelectSelector) and (
            kind := field.config.get("translation_key")
        ):
            for option in field.config["options"]:
                if option != NEW_CHOICE:
                    texts = ENGLISH["selector"][kind]["options"]
                    yield from _missing(texts, str(option))


def _missing(
    texts: Mapping[str, str], key: str, placeholders: Mapping[str, str] | None = None
) -> Problems:
    """Yield that a translation or one of its placeholders is missing."""
    if not (text := texts.get(key)):
        yield f"There is no text for {key}"
        return
    for _, name, _, _ in Formatter().parse(text):
        if name is not None and name not in (placeholders or {}):
            yield f"The text for {key} names {name}, which nobody tells"
