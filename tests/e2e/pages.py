"""Pages of the frontend, as a person uses them."""

import re

from playwright.async_api import expect

from .dialogs import FlowDialog
from .person import Person


async def press_test_button(person: Person, recipient: str) -> None:
    """Send a test message, beginning at the list of integrations."""
    page = person.page
    cards = page.locator("ha-integration-card")
    await person.click(cards.get_by_text(person.texts.ours("title"), exact=True))
    row = page.locator("ha-config-sub-entry-row").filter(has_text=recipient)
    await person.click(row.locator("ha-config-entry-device-row").first)
    name = person.texts.ours("entity.button.test_message.name")
    button = page.locator("hui-button-entity-row").filter(has_text=name)
    await person.click(button.get_by_role("button").last)


class Activity:
    """What has happened, told as it happens."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._entries = person.page.locator("ha-logbook-renderer")

    async def open(self) -> None:
        """Open the page."""
        await self._person.go("/logbook")
        await self._entries.wait_for()

    async def expect_delivery(self, status: str) -> None:
        """Wait until a delivery with a status appears by itself."""
        delivery = "entity.event.delivery.state_attributes.event_type.state"
        text = self._person.texts.ours(f"{delivery}.{status}")
        ending = re.compile(rf"{re.escape(text)}\s*$")
        await expect(self._entries.get_by_text(ending).first).to_be_visible()


class Repairs:
    """What only a person can mend."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._issues = person.page.locator("ha-config-repairs")

    async def open(self) -> None:
        """Open the page."""
        await self._person.go("/config/repairs")

    async def choose(self, key: str) -> FlowDialog:
        """Choose an issue by its title."""
        title = self._person.texts.pattern(key)
        issue = self._issues.get_by_text(title)
        await issue.wait_for()
        await self._person.watch.look("repairs")
        await self._person.click(issue)
        return FlowDialog(self._person)

    async def expect_none(self, key: str) -> None:
        """Wait until an issue is gone."""
        title = self._person.texts.pattern(key)
        await expect(self._issues.get_by_text(title)).to_have_count(0)
