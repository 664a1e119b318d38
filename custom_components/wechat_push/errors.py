"""Translate errors of clients and refused targets to exceptions of Home Assistant."""

from collections.abc import Mapping, Sequence

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.translation import async_get_cached_translations

from .clients.errors import ClientError, ContentError
from .const import DOMAIN
from .delivery.outbox_message import Answer, OutboxMessage
from .delivery.reports import name_refused


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


def delivery_error(
    hass: HomeAssistant, err: ClientError, message: OutboxMessage | None
) -> HomeAssistantError:
    """Return the exception for a failed message; it says how many parts were sent."""
    translated = translate_error(err)
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
