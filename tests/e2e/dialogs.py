"""The dialogs of the frontend that lead through a flow, as a person uses them."""

from collections.abc import Mapping
import re
from typing import Any, Final

from playwright.async_api import Locator, expect

from ..demo import DOMAIN
from .person import Person

# How many lines the text of an element takes.
_LINES: Final = """(element) => {
  const range = document.createRange();
  range.selectNodeContents(element);
  return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
}"""
_FLOWS: Final = "ui.panel.config.integrations"


class FlowDialog:
    """The dialog of a flow: of an account, a recipient or a repair."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._root = person.page.locator("dialog-data-entry-flow")
        self._title = self._root.locator("[slot=headerTitle]")
        self._created = self._root.locator("step-flow-create-entry")

    @property
    def surface(self) -> Locator:
        """Return what is seen of the dialog."""
        return self._root.locator("dialog")

    async def expect_title(self, key: str) -> None:
        """Wait for a step of WeChat Push by its title."""
        title = self._person.texts.whole(key)
        await expect(self._title).to_have_text(title)
        await self._expect_room_for_title()

    async def expect_title_or_end(self, key: str) -> bool:
        """Wait for a step by its title, or for the end; return whether it is the step."""
        title = self._title.filter(has_text=self._person.texts.whole(key))
        await expect(title.or_(self._created).first).to_be_visible()
        return await title.count() > 0

    async def expect_created(self) -> None:
        """Wait for the last step of a form that adds something."""
        await expect(self._created).to_be_visible()

    async def _expect_room_for_title(self) -> None:
        """Check that a title does not cover the line below it."""
        below = self._root.locator("[slot=headerSubtitle]")
        if not await below.count() or not await below.is_visible():
            return
        lines = await self._title.evaluate(_LINES)
        assert lines == 1, await self._title.inner_text()

    async def expect_text(self, key: str) -> None:
        """Wait for a text of WeChat Push, whatever stands in it."""
        pattern = self._person.texts.pattern(key)
        found = self._root.get_by_text(pattern).first
        await expect(found).to_be_visible()
        # What a service said stands in it in the language of the service.
        if match := pattern.search(await found.inner_text()):
            self._person.watch.quote(*filter(None, match.groups()))

    async def expect_end(self, text: str) -> None:
        """Wait for what the last step says; close the dialog."""
        await expect(self._root.get_by_text(text).first).to_be_visible()
        await self._person.look(f"last step of a flow: {text}")
        await self.submit()
        await self.expect_gone()

    async def choose(self, key: str) -> None:
        """Choose from a menu."""
        option = self._person.texts.ours(key)
        menu = self._root.locator("step-flow-menu")
        await self._person.click(menu.get_by_text(option, exact=True))

    def _field(self, key: str) -> Locator:
        """Return the field with a label; required fields have a star behind it."""
        label = re.escape(self._person.texts.ours(key))
        name = re.compile(rf"^\s*{label}\s*\*?\s*$")
        return self._root.locator("ha-selector").filter(
            has=self._person.page.get_by_text(name)
        )

    async def expect_chosen(self, key: str) -> None:
        """Wait for a list that shows what is chosen by its label."""
        label = re.escape(self._person.texts.ours(key))
        button = self._root.get_by_role("button", name=re.compile(rf" {label}$"))
        await expect(button).to_be_visible()

    async def type(self, key: str, text: str) -> None:
        """Type into the field with a label."""
        field = self._field(key).locator("input, textarea")
        await self._person.type(field, text)

    async def fill(self, step: str, values: Mapping[str, Any]) -> None:
        """Type into fields of a step, those of its sections included."""
        for name, value in values.items():
            if isinstance(value, str):
                await self.type(f"{step}.data.{name}", value)
                continue
            section = f"{step}.sections.{name}"
            await self.open_section(f"{section}.name")
            await self.fill(section, value)

    async def open_section(self, key: str) -> None:
        """Open a section, unless it is open."""
        name = self._person.texts.ours(key)
        section = self._root.get_by_role("button", name=name, exact=True)
        await expect(section).to_be_visible()
        if await section.get_attribute("aria-expanded") != "true":
            await self._person.click(section)

    async def open_sections(self) -> None:
        """Wait for a form, whichever it is, and open all its sections."""
        form = self._root.locator("step-flow-form ha-form").first
        await expect(form).to_be_visible()
        await open_sections(self._person, form)

    async def submit(self) -> None:
        """Press the button that sends the form or ends the dialog."""
        buttons = self._root.locator("[slot=footer]").get_by_role("button")
        await self._person.click(buttons.last)

    async def close(self) -> None:
        """Close the dialog without sending anything."""
        await self._person.click(self._root.locator("[slot=headerNavigationIcon]"))
        await self.expect_gone()

    async def expect_gone(self) -> None:
        """Wait until the dialog is closed."""
        await expect(self._title).to_have_count(0)


async def open_sections(person: Person, form: Locator) -> None:
    """Open all sections of a form."""
    for section in await form.locator("ha-expansion-panel").all():
        head = section.locator("[role=button]").first
        if await head.get_attribute("aria-expanded") != "true":
            await person.click(head)


async def add_integration(person: Person) -> FlowDialog:
    """Look for WeChat Push, and begin with it."""
    await person.go("/config/integrations/dashboard")
    add = person.texts.frontend(f"{_FLOWS}.add_integration")
    await person.click(person.page.get_by_role("button", name=add))
    dialog = person.page.locator("dialog-add-integration")
    with person.uncounted():
        await person.type(dialog.locator("input"), DOMAIN.partition("_")[0])
    name = person.texts.name
    await person.click(dialog.get_by_text(name, exact=True))
    return FlowDialog(person)


async def open_reauth(person: Person) -> FlowDialog:
    """Follow the card that asks for new credentials."""
    await person.go("/config/integrations/dashboard")
    name = person.texts.frontend(f"{_FLOWS}.reconfigure")
    button = person.page.get_by_role("button", name=name, exact=True)
    await button.wait_for()
    await person.look("card that asks for new credentials")
    await person.click(button)
    return FlowDialog(person)
