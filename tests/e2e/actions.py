"""The tool in which a person performs an action, with its form."""

from typing import Final

from playwright.async_api import Locator, expect

from .dialogs import open_sections
from .person import Person

_TOOL: Final = "ui.panel.config.tools.tabs.actions"
# Home Assistant's own words, which it does not translate.
_MY_MEDIA: Final = "My media"


class ActionForm:
    """The form of an action."""

    def __init__(self, person: Person, action: str = "send_message") -> None:
        self._person = person
        self._page = person.page
        self._form = person.page.locator("ha-service-control")
        self._texts = f"services.{action}"

    async def open(self) -> None:
        """Find the action by a word, and open its form."""
        await self._person.go("/config/tools/action")
        await self._person.click(self._page.locator("ha-service-picker"))
        await self._pick(
            self._person.texts.ours("title"),
            self._person.texts.ours(f"{self._texts}.name"),
        )
        # Until the choice is drawn, the form of the action chosen before is there.
        text = self._person.texts.ours(f"{self._texts}.description")
        await expect(self._form.locator(".description")).to_contain_text(text)

    async def open_sections(self) -> None:
        """Open all sections."""
        await open_sections(self._person, self._form)

    async def _pick(self, word: str, name: str) -> None:
        """Choose from the list that is open, by a word to look for and the name."""
        choices = self._page.locator("ha-picker-combo-box")
        await choices.locator("input").fill(word)
        await self._person.click(choices.get_by_text(name, exact=True).first)

    async def add_target(self, recipient: str) -> None:
        """Choose who gets the message."""
        add = self._person.texts.frontend("ui.components.target-picker.add_target")
        await self._person.click(self._page.get_by_role("button", name=add))
        await self._pick(recipient, recipient)
        await expect(
            self._form.locator("ha-selector-target").get_by_text(recipient).first
        ).to_be_visible()

    def row(self, field: str) -> Locator:
        """Return the row of a field."""
        return self._form.locator("ha-settings-row").filter(
            has=self._heading(
                self._person.texts.ours(f"{self._texts}.fields.{field}.name")
            )
        )

    def _heading(self, label: str) -> Locator:
        """Return what stands over a field."""
        return self._page.locator("[slot=heading]").get_by_text(label, exact=True)

    async def use(self, field: str) -> Locator:
        """Switch a field on, and return its row."""
        row = self.row(field)
        box = row.get_by_role("checkbox")
        if await box.count() and not await box.is_checked():
            await self._person.click(row.locator("[slot=heading]"))
        return row

    async def type(self, field: str, text: str) -> None:
        """Type into a field."""
        row = await self.use(field)
        await self._person.type(
            row.locator("textarea, input:not([type=checkbox])"), text
        )

    async def pick_media(self, field: str, name: str) -> None:
        """Choose a file of the media folder."""
        row = await self.use(field)
        await self._person.click(row.locator("ha-media-item-picker"))
        # A tooltip has the same words.
        titles = self._page.locator("ha-media-player-browse .title")
        await self._person.click(titles.filter(has_text=_MY_MEDIA))
        await self._person.click(titles.filter(has_text=name))
        await expect(row.get_by_text(name).first).to_be_visible()

    async def perform(self) -> None:
        """Perform the action."""
        name = self._person.texts.frontend(f"{_TOOL}.call_service")
        await self._person.click(
            self._page.get_by_role("button", name=name, exact=True)
        )

    async def expect_answer(self, text: str) -> None:
        """Wait until the answer is shown, with a text in it."""
        await expect(self._page.locator(".cm-content").last).to_contain_text(text)
