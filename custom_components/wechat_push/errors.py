"""Translate errors of clients and refused targets to exceptions of Home Assistant."""

from collections.abc import Mapping, Sequence

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.translation import async_get_cached_translations

from .clients.errors import ClientError, ContentError, RecipientError
from .clients.message import Receipt, Refused
from .const import DOMAIN

# Targets that an error names; a message may have hundreds.
_MAX_NAMED = 10


def translate_error(err: ClientError) -> HomeAssistantError:
    """Return the translated exception for a client error."""
    if isinstance(err, ContentError):
        return validation_error(err.problem, err.details)
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=err.problem,
        translation_placeholders=dict(err.details),
    )


def validation_error(
    problem: str, details: Mapping[str, str]
) -> ServiceValidationError:
    """Return the translated exception for invalid input of the caller."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=problem,
        translation_placeholders=dict(details),
    )


def delivery_error(hass: HomeAssistant, err: ClientError) -> HomeAssistantError:
    """Return the exception for a failed message; it says how many parts were sent."""
    translated = translate_error(err)
    if not err.parts_done:
        return translated
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="partly_sent",
        translation_placeholders={
            "done": str(err.parts_done),
            "parts": str(err.parts),
            "reason": error_message(hass, translated),
        },
    )


def several_failed(
    hass: HomeAssistant, failures: Sequence[tuple[str, HomeAssistantError]]
) -> HomeAssistantError:
    """Return one exception for the failures of several recipients."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="several_failed",
        translation_placeholders={
            "failures": " ".join(
                f"{name}: {error_message(hass, err)}" for name, err in failures
            )
        },
    )


def error_message(hass: HomeAssistant, err: HomeAssistantError) -> str:
    """Return the message of an exception in the language of Home Assistant."""
    texts = async_get_cached_translations(
        hass, hass.config.language, "exceptions", DOMAIN
    )
    key = f"component.{DOMAIN}.exceptions.{err.translation_key}.message"
    text = texts.get(key)
    return text.format(**(err.translation_placeholders or {})) if text else str(err)


def all_refused(receipt: Receipt) -> ClientError:
    """Return the error for a message that all targets refused."""
    return RecipientError("all_refused", refused=_names(receipt.refused))


def raise_for_refused(receipt: Receipt) -> None:
    """Raise an exception if targets were refused."""
    if not receipt.refused:
        return
    raise HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="some_refused" if receipt.accepted else "all_refused",
        translation_placeholders={"refused": _names(receipt.refused)},
    )


def _names(refused: tuple[Refused, ...]) -> str:
    """Return the refused targets with their reasons."""
    names = [f"{each.target} ({each.reason})" for each in refused[:_MAX_NAMED]]
    if len(refused) > _MAX_NAMED:
        names.append(f"+{len(refused) - _MAX_NAMED}")
    return ", ".join(names)
