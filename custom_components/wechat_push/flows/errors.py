"""Convert exceptions to errors of a form."""

from collections.abc import Mapping
from typing import Any, Final

import voluptuous as vol

from homeassistant.const import CONF_URL, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from ..clients.errors import ClientError, Problem
from ..const import CONF_PROXY, DOMAIN, SECTION_DEFAULTS
from ..errors import escape_others
from ..providers.base import Provider
from ..providers.forms import InputError, section_of

type FormError = InputError | ClientError

# The fields that cause problems of every service.
_SHARED_FIELDS: Final[Mapping[str, str]] = {
    Problem.FORWARD_PROXY: CONF_PROXY,
    Problem.FORWARD_PROXY_LOGIN: CONF_PROXY,
    Problem.FORWARD_PROXY_REFUSED: CONF_PROXY,
    Problem.HTTP_REFUSED: CONF_URL,
    Problem.INVALID_CERTIFICATE: CONF_URL,
    Problem.NOT_THIS_SERVICE: CONF_URL,
    Problem.PROXY_LOGIN: CONF_USERNAME,
    Problem.REDIRECTED: CONF_URL,
    Problem.TLS_FAILED: CONF_URL,
}


def form_errors(
    err: FormError, schema: vol.Schema, provider: Provider[Any, Any]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the errors of a form by field, and their placeholders.

    Home Assistant shows no errors at fields within a section, only at the section.

    Args:
        err: raised by the check of the input.
        schema: of the form; errors of other fields are shown above it.
        provider: knows which field causes a problem of the service.

    """
    field = (
        err.field
        if isinstance(err, InputError)
        else _SHARED_FIELDS.get(err.problem) or provider.remedy(err.problem).field
    )
    shown = None
    if field is not None:
        shown = field if field in schema.schema else section_of(schema, field)
    if shown == SECTION_DEFAULTS and not isinstance(err, InputError):
        # Its link has the name of the address of a service.
        shown = None
    return {shown or "base": err.problem}, dict(err.details)


async def async_get_error_texts(hass: HomeAssistant) -> dict[str, str]:
    """Return the texts of the errors of all forms by problem."""
    found: dict[str, str] = {}
    for category in ("config_subentries", "config"):
        texts = await async_get_translations(
            hass, hass.config.language, category, {DOMAIN}
        )
        found |= {
            key.rpartition(".error.")[2]: text
            for key, text in texts.items()
            if ".error." in key
        }
    return found


def error_text(
    texts: Mapping[str, str], problem: str, details: Mapping[str, str]
) -> str:
    """Return the text of an error for a form that is Markdown.

    Args:
        texts: as from `async_get_error_texts`.
        problem: of the error.
        details: of the error.

    """
    return texts[problem].format(
        **{key: escape_others(value) for key, value in details.items()}
    )
