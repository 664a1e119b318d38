"""Nobody looks up an ID: a recipient is made by scanning a QR code."""

from playwright.async_api import expect

from .accounts import demo_account, note_account
from .dialogs import add_integration
from .house import PATIENCE, House
from .pages import Phones

_RECIPIENT = "config_subentries.recipient"


async def test_scan(house: House) -> None:
    """A newcomer shows the QR code, somebody scans it, and is a recipient."""
    person = house.person
    account = demo_account(house, "wxpusher")
    dialog = await add_integration(person)
    await dialog.choose("config.step.user.menu_options.wxpusher")
    await dialog.fill("config.step.wxpusher", account.account)
    await dialog.submit()
    await dialog.expect_title(f"{_RECIPIENT}.step.wxpusher.title")
    await note_account(house, "wxpusher")
    await person.look("form that shows a QR code")
    await person.show(house.folder / "scan-form.png")
    person.clicks = 0
    await dialog.submit()

    await dialog.expect_title(f"{_RECIPIENT}.step.scan.title")
    picture = dialog.surface.locator("ha-markdown img")
    await expect(picture).to_be_visible()
    width = await picture.evaluate("(picture) => picture.naturalWidth")
    assert width, "the picture is not there"
    await person.look("QR code to scan")
    await person.show(house.folder / "scan-code.png")
    phones = await Phones.open(person, house.simulators.page_url)
    await phones.look("phone that scans")
    await phones.scan("wxpusher")
    await phones.close()

    await dialog.expect_title(f"{_RECIPIENT}.step.scanned.title")
    person.watch.quote("Wang Wu")
    await person.look("who has scanned")
    await person.show(house.folder / "scan-menu.png")
    await dialog.choose(f"{_RECIPIENT}.step.scanned.menu_options.together")
    await dialog.expect_text(f"{_RECIPIENT}.create_entry.default")
    await person.show(house.folder / "scan-end.png")
    await dialog.submit()
    await dialog.expect_gone()
    # Submit, finish and close.
    assert person.clicks == 4
    assert PATIENCE
