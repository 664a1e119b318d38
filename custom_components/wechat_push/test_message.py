"""The test message."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN


async def async_get_test_message(hass: HomeAssistant) -> tuple[str, str]:
    """Return the title and text of a test message in the language of Home Assistant."""
    texts = await async_get_translations(hass, hass.config.language, "common", {DOMAIN})
    prefix = f"component.{DOMAIN}.common.test_"
    # Services refuse a text that is repeated too often; the time makes it unique.
    now = f"{dt_util.now():%Y-%m-%d %H:%M:%S}"
    return texts[f"{prefix}title"], f"{texts[f'{prefix}message']} ({now})"
