"""The test message, and what is said of it."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN


async def async_get_test_message(hass: HomeAssistant) -> tuple[str, str]:
    """Return the title and text of a test message in the language of Home Assistant."""
    title, text = await _async_get_texts(hass, "test_title", "test_message")
    # Services refuse a text that is repeated too often; the time makes it unique.
    return title, f"{text} ({dt_util.now():%Y-%m-%d %H:%M:%S})"


async def async_get_test_result(
    hass: HomeAssistant, *, service: str, recipient: str
) -> tuple[str, str]:
    """Return the title and text of the notification that a test message was accepted.

    Args:
        hass: Home Assistant.
        service: its name.
        recipient: its name, escaped for Markdown.

    """
    title, text = await _async_get_texts(hass, "test_sent_title", "test_sent_message")
    now = f"{dt_util.now():%H:%M:%S}"
    return title, text.format(service=service, recipient=recipient, time=now)


async def _async_get_texts(hass: HomeAssistant, *keys: str) -> list[str]:
    """Return texts in the language of Home Assistant."""
    texts = await async_get_translations(hass, hass.config.language, "common", {DOMAIN})
    return [texts[f"component.{DOMAIN}.common.{key}"] for key in keys]
