"""Names in the language of Home Assistant."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .const import DOMAIN

_CATEGORIES: Final = ("common", "selector")


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """The texts that names are made of.

    Args:
        texts: translations by their full key.

    """

    texts: Mapping[str, str]

    def common(self, key: str, **placeholders: str) -> str:
        """Return a common text."""
        text = self.texts[f"component.{DOMAIN}.common.{key}"]
        return text.format(**placeholders) if placeholders else text

    def option(self, selector: str, value: str) -> str:
        """Return the label of an option; a typed value stays as it is."""
        return self.texts.get(
            f"component.{DOMAIN}.selector.{selector}.options.{value}", value
        )

    def brand(self, provider_key: str) -> str:
        """Return what a service calls itself."""
        return self.common(f"brand_{provider_key}")

    def account_title(
        self, provider_key: str, name: str, taken: Collection[str]
    ) -> str:
        """Return the title of an account.

        Args:
            provider_key: of the service.
            name: what tells the account from others of the service.
            taken: the titles of the other accounts.

        """
        brand = self.brand(provider_key)
        return _numbered(f"{brand} · {name}" if name else brand, taken)

    def recipient_title(self, name: str, service: str, taken: Collection[str]) -> str:
        """Return the title of a recipient whose name nobody typed.

        Args:
            name: of the recipient at the service.
            service: the brand, or the title of the account.
            taken: the titles of the other recipients.

        """
        title = self.common("recipient_title", name=name, service=service)
        return _numbered(title, taken)


async def async_get_words(hass: HomeAssistant) -> Words:
    """Return the texts in the language of Home Assistant."""
    texts: dict[str, str] = {}
    for category in _CATEGORIES:
        texts |= await async_get_translations(
            hass, hass.config.language, category, {DOMAIN}
        )
    return Words(texts=texts)


def _numbered(title: str, taken: Collection[str]) -> str:
    """Return a title with a number if it is taken."""
    numbered, number = title, 1
    while numbered in taken:
        number += 1
        numbered = f"{title} {number}"
    return numbered
