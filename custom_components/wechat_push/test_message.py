"""The message by which a person sees that messages arrive."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN


async def async_greeting(hass: HomeAssistant) -> tuple[str, str]:
    """Return title and text of a test message, in the language of the household."""
    texts = await async_get_translations(hass, hass.config.language, "common", {DOMAIN})
    prefix = f"component.{DOMAIN}.common.test_"
    # Services refuse the same text when it comes too often, so it tells the time.
    now = f"{dt_util.now():%Y-%m-%d %H:%M:%S}"
    return texts[f"{prefix}title"], f"{texts[f'{prefix}message']} ({now})"
