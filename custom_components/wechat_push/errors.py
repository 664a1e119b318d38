"""Turn what clients raise and receipts tell into what Home Assistant shows."""

from collections.abc import Mapping, Sequence

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.translation import async_get_cached_translations

from .clients.errors import ClientError, ContentError, RecipientError
from .clients.receipt import Receipt, Refused
from .const import DOMAIN

# A message to hundreds of targets must not fill the screen with those refused.
_MAX_NAMED = 10


def as_home_assistant_error(err: ClientError) -> HomeAssistantError:
    """Return the translated exception for a failure; content is the caller's fault."""
    if isinstance(err, ContentError):
        return invalid(err.problem, err.details)
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=err.problem,
        translation_placeholders=dict(err.details),
    )


def invalid(problem: str, details: Mapping[str, str]) -> ServiceValidationError:
    """Return the translated exception for something that the caller got wrong."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=problem,
        translation_placeholders=dict(details),
    )


def delivery_error(hass: HomeAssistant, err: ClientError) -> HomeAssistantError:
    """Return the exception for a message that failed, with what of it had been sent."""
    whole = as_home_assistant_error(err)
    if not err.parts_done:
        return whole
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="partly_sent",
        translation_placeholders={
            "done": str(err.parts_done),
            "parts": str(err.parts),
            "reason": words(hass, whole),
        },
    )


def several_failed(
    hass: HomeAssistant, failures: Sequence[tuple[str, HomeAssistantError]]
) -> HomeAssistantError:
    """Return one exception for the failures of several recipients, which it names."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="several_failed",
        translation_placeholders={
            "failures": " ".join(
                f"{name}: {words(hass, err)}" for name, err in failures
            )
        },
    )


def words(hass: HomeAssistant, err: HomeAssistantError) -> str:
    """Return what an exception says, in the language of the household."""
    texts = async_get_cached_translations(
        hass, hass.config.language, "exceptions", DOMAIN
    )
    key = f"component.{DOMAIN}.exceptions.{err.translation_key}.message"
    text = texts.get(key)
    return text.format(**(err.translation_placeholders or {})) if text else str(err)


def all_refused(receipt: Receipt) -> ClientError:
    """Return what is wrong with a message that no target took."""
    return RecipientError("all_refused", refused=_names(receipt.refused))


def raise_for_refused(receipt: Receipt) -> None:
    """Raise an error that names the targets that were refused, if there are any."""
    if not receipt.refused:
        return
    raise HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="some_refused" if receipt.accepted else "all_refused",
        translation_placeholders={"refused": _names(receipt.refused)},
    )


def _names(refused: tuple[Refused, ...]) -> str:
    """Return the refused targets with the reasons the service gave."""
    names = [f"{each.target} ({each.reason})" for each in refused[:_MAX_NAMED]]
    if len(refused) > _MAX_NAMED:
        names.append(f"+{len(refused) - _MAX_NAMED}")
    return ", ".join(names)
