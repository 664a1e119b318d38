"""Translate errors of clients and refused targets to exceptions of Home Assistant."""

from collections.abc import Mapping, Sequence
import re
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.translation import async_get_cached_translations

from .clients.errors import ClientError, ContentError
from .clients.message import one_line, shortened
from .const import DOMAIN
from .delivery.outbox_message import Answer, OutboxMessage
from .delivery.reports import listed, name_refused

# Details of errors in which fields are named, or values that a field can have.
_NAMING: Final = frozenset({"field", "instead", "option"})
# A value of a field, a field, perhaps with one of its items, but no name of a file.
_FIELD: Final = re.compile(
    r"(?P<field>[a-z_]+)=(?P<value>[a-z_]+)|\([^)=]*\)|[a-z_]+(?:\.[a-z_]+)*"
)

# Markdown characters, and those that make an address a link.
_MARKUP: Final = re.compile(r"[\\`*_{}\[\]<>#|~!&:@]|(?<=www)\.", re.IGNORECASE)

# Between failures: a line break, and a mark where Home Assistant shows one line.
_BETWEEN: Final = " /\n"

# The texts of the selectors of the action, by field.
SELECTORS: Final[Mapping[str, str]] = {
    "buttons": "wecom_button",
    "card_type": "wecom_card_type",
    "channel": "pushplus_channel",
    "choices": "wecom_choice",
    "emphasis": "wecom_emphasis",
    "format": "format",
    "items": "wecom_item",
    "kind": "wecom_kind",
    "links": "wecom_link",
    "overflow": "overflow",
    "quote": "wecom_quote",
    "verify_pay_type": "verify_pay_type",
}


def translate_error(hass: HomeAssistant, err: ClientError) -> HomeAssistantError:
    """Return the translated exception for a client error."""
    details = named_details(hass, err.details)
    if isinstance(err, ContentError):
        return validation_error(err.problem, details)
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=err.problem,
        translation_placeholders=details,
    )


def named_details(hass: HomeAssistant, details: Mapping[str, str]) -> dict[str, str]:
    """Return details of an error with the names of fields and values as forms show them."""
    return {
        key: _name_fields(hass, value, to_be_given=key == "instead")
        if key in _NAMING
        else value
        for key, value in details.items()
    }


def _name_fields(hass: HomeAssistant, text: str, *, to_be_given: bool) -> str:
    """Return a text with the names of fields and values as the form shows them.

    Args:
        hass: Home Assistant.
        text: of an error.
        to_be_given: a person may have to write the values in YAML.

    """

    def name(found: re.Match[str]) -> str:
        """Return the name of what may be a field or a value."""
        word = found[0]
        if (field := found["field"]) is not None:
            return value_label(hass, field, found["value"], to_be_given=to_be_given)
        return word if word[0] == "(" else field_label(hass, word.split("."))

    return _FIELD.sub(name, text)


def value_label(
    hass: HomeAssistant, field: str, value: str, *, to_be_given: bool
) -> str:
    """Return a value of a field as the form of the action shows it.

    Args:
        hass: Home Assistant.
        field: of the action.
        value: that it can have; as it is where the form has no text for it.
        to_be_given: add the value itself, as it is written in YAML.

    """
    texts = async_get_cached_translations(
        hass, hass.config.language, "selector", DOMAIN
    )
    key = f"component.{DOMAIN}.selector.{SELECTORS.get(field)}.options.{value}"
    label = texts.get(key, value)
    if not to_be_given or label.lower() == value:
        return label
    return f"{label} ({value})"


def field_label(hass: HomeAssistant, path: Sequence[Any]) -> str:
    """Return the name of a field as the form of the action shows it.

    Args:
        hass: Home Assistant.
        path: of the field; numbers are positions in lists.

    """
    language = hass.config.language
    field, *inner = (each if isinstance(each, int) else str(each) for each in path)
    key = f"component.{DOMAIN}.services.send_message.fields.{field}.name"
    texts = async_get_cached_translations(hass, language, "services", DOMAIN)
    label = texts.get(key, str(field))
    if not inner:
        return label
    texts = async_get_cached_translations(hass, language, "selector", DOMAIN)
    form = f"component.{DOMAIN}.selector.{SELECTORS.get(str(field))}.fields"
    for each in inner:
        if isinstance(each, int):
            label = f"{label} {each + 1}"
        else:
            name = texts.get(f"{form}.{each}.name", shortened(each))
            label = labelled(hass, label, name)
    return label


def service_name(hass: HomeAssistant, provider_key: str) -> str:
    """Return what a service calls itself in the language of Home Assistant."""
    return common_text(hass, f"brand_{provider_key}", provider_key)


def labelled(hass: HomeAssistant, label: str, text: str) -> str:
    """Return a text after its label and the colon of the language of Home Assistant."""
    return common_text(hass, "labelled", "{label}: {text}").format(
        label=label, text=text
    )


def common_text(hass: HomeAssistant, key: str, default: str) -> str:
    """Return a common text in the language of Home Assistant."""
    texts = async_get_cached_translations(hass, hass.config.language, "common", DOMAIN)
    return texts.get(f"component.{DOMAIN}.common.{key}", default)


def validation_error(
    problem: str, details: Mapping[str, str]
) -> ServiceValidationError:
    """Return the translated exception for invalid input of the caller."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=problem,
        translation_placeholders=dict(details),
    )


def delivery_error(
    hass: HomeAssistant, err: ClientError, message: OutboxMessage | None
) -> HomeAssistantError:
    """Return the exception for a failed message; it says how many parts were sent."""
    translated = translate_error(hass, err)
    requests = None if message is None else message.requests
    if requests is None or not requests.done:
        return translated
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="partly_sent",
        translation_placeholders={
            "done": str(requests.done),
            "parts": str(len(requests.parts)),
            "reason": error_message(hass, translated),
        },
    )


def several_failed(
    hass: HomeAssistant,
    failures: Sequence[tuple[str, HomeAssistantError]],
    unreached: Sequence[str] = (),
    *,
    succeeded: int,
) -> HomeAssistantError:
    """Return one exception for the failures of several recipients.

    Args:
        hass: Home Assistant.
        failures: with the names of the recipients.
        unreached: entities that were named and are none of ours, or not available.
        succeeded: how many recipients had no failure.

    """
    failed = len(failures) + len(unreached)
    reasons = [
        labelled(hass, one_line(name), error_message(hass, err))
        for name, err in failures
    ]
    if unreached:
        reasons.append(error_message(hass, not_reached(unreached)))
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="several_failed",
        translation_placeholders={
            "failed": str(failed),
            "total": str(failed + succeeded),
            "failures": _BETWEEN.join(reasons),
        },
    )


def not_reached(entities: Sequence[str]) -> ServiceValidationError:
    """Return the exception for targets of an action that are no recipients of ours."""
    return validation_error(
        "not_reached", {"entities": listed([*map(shortened, entities)])}
    )


def error_message(hass: HomeAssistant, err: HomeAssistantError) -> str:
    """Return the message of an exception in the language of Home Assistant."""
    texts = async_get_cached_translations(
        hass, hass.config.language, "exceptions", DOMAIN
    )
    key = f"component.{DOMAIN}.exceptions.{err.translation_key}.message"
    text = texts.get(key)
    return text.format(**(err.translation_placeholders or {})) if text else str(err)


def escape_others(text: str) -> str:
    """Return what others wrote for a text of Home Assistant that is Markdown.

    A nickname, or the words of a service, must become no link and no picture there.
    """
    return _MARKUP.sub(r"\\\g<0>", one_line(text))


def raise_for_refused(answer: Answer) -> None:
    """Raise an exception if targets were refused, unless the message still waits."""
    receipt = answer.receipt
    if not receipt.refused or answer.queued is not None:
        return
    raise HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="some_refused" if receipt.accepted else "all_refused",
        translation_placeholders={"refused": name_refused(receipt.refused)},
    )
