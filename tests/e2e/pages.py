"""Pages of the frontend, as a person uses them."""

import re
from typing import Final, Self

from playwright.async_api import Locator, Page, expect

from ..demo import DOMAIN
from .dialogs import FlowDialog
from .person import Person

_ENTRY: Final = "ui.panel.config.integrations.config_entry"


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


class Accounts:
    """The accounts with their recipients."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._rows = person.page.locator("ha-config-entry-row")

    async def open(self) -> None:
        """Open the page."""
        await self._person.go(f"/config/integrations/integration/{DOMAIN}")
        await self._rows.first.wait_for()

    def _account(self, name: str) -> Locator:
        """Return the row of an account."""
        return self._rows.filter(
            has=self._person.page.locator("ha-row-item").get_by_text(name, exact=True)
        )

    async def expect_recipient(self, account: str, recipient: str) -> None:
        """Wait until an account has a recipient."""
        row = self._account(account).locator("ha-config-sub-entry-row")
        await expect(row.filter(has_text=recipient)).to_be_visible()

    async def configure(self, account: str) -> FlowDialog:
        """Open the options of an account."""
        row = self._account(account).locator("ha-row-item")
        return await self._press(
            row, self._person.texts.frontend(f"{_ENTRY}.configure")
        )

    async def configure_recipient(self, account: str) -> FlowDialog:
        """Open the form that changes the recipient of an account."""
        row = self._account(account).locator("ha-config-sub-entry-row").first
        key = "config_subentries.recipient.initiate_flow.reconfigure"
        return await self._press(row, self._person.texts.ours(key))

    async def _press(self, row: Locator, name: str) -> FlowDialog:
        """Press a button that opens a dialog."""
        await self._person.click(row.get_by_role("button", name=name, exact=True))
        return FlowDialog(self._person)

    async def reconfigure(self, account: str) -> FlowDialog:
        """Open the form that changes an account, from its menu."""
        row = self._account(account).locator("ha-row-item")
        await self._person.click(row.locator("[slot=trigger]"))
        name = self._person.texts.frontend(f"{_ENTRY}.reconfigure")
        await self._person.click(row.get_by_role("menuitem", name=name, exact=True))
        return FlowDialog(self._person)


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
        await self._person.look("repairs")
        await self._person.click(issue)
        return FlowDialog(self._person)

    async def expect_none(self, key: str) -> None:
        """Wait until an issue is gone."""
        title = self._person.texts.pattern(key)
        await expect(self._issues.get_by_text(title)).to_have_count(0)


class Phones:
    """The page of the simulated phones, beside Home Assistant."""

    def __init__(self, person: Person, page: Page) -> None:
        self._person = person
        self._page = page

    @classmethod
    async def open(cls, person: Person, url: str) -> Self:
        """Open the page in a tab of its own."""
        page = await person.page.context.new_page()
        person.watch.follow(page)
        await page.goto(url)
        return cls(person, page)

    async def switch(self, service: str, trouble: str | None) -> None:
        """Let a service have a trouble, or none."""
        name = f"[data-trouble={trouble}]" if trouble else ":not([data-trouble])"
        button = self._page.locator(f"#{service} .troubles button{name}")
        await self._person.click(button)
        await expect(button).to_have_attribute("aria-checked", "true")

    async def scan(self, service: str) -> None:
        """Let somebody scan the QR code that a service shows."""
        await self._person.click(self._page.locator(f"#{service} button.scan"))

    async def expect_message(self, service: str, text: str) -> None:
        """Wait until a message is on a phone."""
        bubbles = self._page.locator(f"#{service} .bubble")
        await expect(bubbles.filter(has_text=text)).to_be_visible()

    async def look(self, where: str) -> None:
        """Look at the page, and note what is wrong."""
        await self._person.watch.look(self._page, where)

    async def close(self) -> None:
        """Close the tab."""
        await self._page.close()
