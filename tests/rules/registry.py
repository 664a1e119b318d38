"""Rules for the registry of providers: what each of them needs is there."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import voluptuous as vol

from custom_components.wechat_push.const import CONF_PROXY
from custom_components.wechat_push.flows.recipient import complete_form
from custom_components.wechat_push.providers.base import Choices
from homeassistant.const import CONF_NAME, CONF_PASSWORD, CONF_USERNAME
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import SelectSelector

from .common import Json, Problems

# The texts of fields, and their explanations.
_FIELD_TEXTS = ("data", "data_description")
# What a form that asks for new credentials may have beside the secrets.
_LOGINS = (CONF_USERNAME, CONF_PASSWORD, CONF_PROXY)
_OPTIONS = ("expires_after", "repeat", "notify_actions")
# Sensors and events tell problems by these.
_STATES = (
    "entity.sensor.last_error.state.{}",
    "entity.event.delivery.state_attributes.reason.state.{}",
)


def attributes(provider: Any) -> Problems:
    """A provider says all that is asked of one, and nothing that does not fit."""
    where = type(provider).__name__
    wanted = {
        name
        for kind in type(provider).__mro__
        for name in vars(kind).get("__annotations__", {})
        or getattr(kind, "__annotations__", {})
        if not name.startswith("_")
    }
    for name in sorted(wanted):
        if not hasattr(provider, name):
            yield f"{where}.{name} is not set"
            return
    known = {
        "account_schema": _fields(provider.account_schema),
        "stored_recipient": _fields(provider.stored_recipient),
    }
    for name, field in (
        ("identity", "account_schema"),
        ("account_secrets", "account_schema"),
        ("optional_secrets", "account_schema"),
        ("recipient_identity", "stored_recipient"),
        ("recipient_secrets", "stored_recipient"),
    ):
        for each in sorted({*map(str, getattr(provider, name))} - known[field]):
            yield f"{where}.{name}: {each} is not in {field}"
    forms = _fields(provider.new_account_schema) | _fields(_recipient_form(provider))
    for problem, remedy in provider.problems.items():
        if remedy.field is not None and remedy.field not in forms:
            yield f"{where}.problems: {problem} is at no field of a form"
        if remedy.url is None and any(
            value is True for value in asdict(remedy).values()
        ):
            yield f"{where}.problems: {problem} is no repair issue, as it has no url"


def texts(
    provider: Any, kinds: Mapping[str, str], tree: Json, language: str
) -> Problems:
    """Every text that a provider needs is there.

    Args:
        provider: of the registry.
        kinds: what is stored of a recipient of it.
        tree: the translations.
        language: of them.

    """
    for key in sorted({*_keys(provider, kinds)}):
        found: Any = tree
        for part in key.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        if not isinstance(found, str) or not found:
            yield f"{language}.json: {key} is missing"


def _fields(schema: vol.Schema) -> set[str]:
    """Return the fields of a form, those in sections included."""
    found: set[str] = set()
    for key, value in schema.schema.items():
        found |= _fields(value.schema) if isinstance(value, section) else {str(key)}
    return found


def _recipient_form(provider: Any) -> vol.Schema:
    """Return the form of a recipient."""
    return complete_form(provider, provider.recipient_form_schema(Choices()))


def _form(step: str, schema: vol.Schema, *more: str) -> Iterator[str]:
    """Yield the keys of the texts of a form."""
    yield f"{step}.title"
    for key in more:
        yield from (f"{step}.{part}.{key}" for part in _FIELD_TEXTS)
    for key, value in schema.schema.items():
        if isinstance(value, section):
            inner = f"{step}.sections.{key}"
            yield f"{inner}.name"
            yield from (
                each for each in _form(inner, value.schema) if each != f"{inner}.title"
            )
            continue
        yield from (f"{step}.{part}.{key}" for part in _FIELD_TEXTS)
        if isinstance(value, SelectSelector) and (
            selector := value.config.get("translation_key")
        ):
            for option in value.config["options"]:
                yield f"selector.{selector}.options.{option}"


def _keys(provider: Any, stored: Mapping[str, Any]) -> Iterator[str]:
    """Yield the keys of all texts of a provider."""
    name = provider.key
    yield from (f"common.brand_{name}", f"common.account_{name}")
    yield f"common.{name}_{provider.recipient_kind(stored)}"
    menu = "config.step.user"
    yield from (
        f"{menu}.menu_options.{name}",
        f"{menu}.menu_option_descriptions.{name}",
    )
    yield from _form(f"config.step.{name}", provider.new_account_schema)
    yield from _form(f"config.step.reconfigure_{name}", provider.account_schema)
    if provider.account_secrets:
        asked = (*sorted(provider.account_secrets), *_LOGINS)
        yield from _form(f"config.step.reauth_{name}", vol.Schema({}), *asked)
    recipient = "config_subentries.recipient.step"
    form = _recipient_form(provider)
    for step in (name, f"reconfigure_{name}"):
        yield from _form(f"{recipient}.{step}", form, CONF_NAME)
    yield from _form(f"options.step.{name}", provider.options_schema, *_OPTIONS)
    for field in provider.message_options:
        for part in ("name", "description"):
            yield f"services.send_message.fields.{field}.{part}"
    account = _fields(provider.new_account_schema)
    for problem, remedy in provider.problems.items():
        yield from (state.format(problem) for state in _STATES)
        if remedy.url is None or remedy.field is not None:
            yield f"exceptions.{problem}.message"
        if remedy.field in account:
            yield f"config.error.{problem}"
        if remedy.field in _fields(form):
            yield f"config_subentries.recipient.error.{problem}"
        if remedy.url is not None:
            issue = f"issues.{problem}"
            confirm = f"{issue}.fix_flow.step.confirm"
            yield from (f"{issue}.title", f"{confirm}.title", f"{confirm}.description")
