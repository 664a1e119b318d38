"""Nobody looks up an ID: a recipient is made by scanning a QR code."""

from playwright.async_api import expect

from ..simulators import Pushjet, WxPusher
from ..simulators.wxpusher_accounts import Audience
from .accounts import expect_message, note_account, recipient_at
from .count import Count
from .dialogs import add_integration
from .house import House
from .pages import Phones, press_test_button

# Of an application without followers, which other tests do not use.
_APP_TOKEN = "AT_ScannedAppToken000000000000000000"
_RECIPIENT = "config_subentries.recipient"


async def test_scan(house: House, counts: list[Count]) -> None:
    """A newcomer shows the QR code, somebody scans it, and gets a message."""
    person = house.person
    wxpusher = house.simulators[WxPusher]
    wxpusher.apps[_APP_TOKEN] = Audience(audience_id=5137, name="Scan")
    person.clicks = person.typed = 0
    dialog = await add_integration(person)
    await dialog.choose("config.step.user.menu_options.wxpusher")
    with person.uncounted():
        await dialog.fill("config.step.wxpusher", {"connection": {"url": wxpusher.url}})
    await dialog.type("config.step.wxpusher.data.app_token", _APP_TOKEN)
    await dialog.submit()
    await dialog.expect_title(f"{_RECIPIENT}.step.wxpusher.title")
    await note_account(house, "scan")
    await person.look("form that shows a QR code")
    await dialog.submit()

    await dialog.expect_title(f"{_RECIPIENT}.step.scan.title")
    picture = person.page.locator("dialog-data-entry-flow ha-markdown img")
    await expect(picture).to_be_visible()
    width = await picture.evaluate("(picture) => picture.naturalWidth")
    assert width, "the picture is not there"
    await person.look("QR code to scan")
    phones = await Phones.open(person, house.simulators.page_url)
    await phones.scan("wxpusher")
    await phones.close()

    await dialog.expect_title(f"{_RECIPIENT}.step.scanned.title")
    person.watch.quote("Wang Wu")
    await person.look("who has scanned")
    await dialog.choose(f"{_RECIPIENT}.step.scanned.menu_options.finish")
    recipient = await recipient_at(house, "scan")
    assert recipient.name.startswith("Wang Wu")
    await person.look("end of a scan")
    await dialog.submit()
    await dialog.expect_gone()
    set_up = person.clicks
    wxpusher.notifications.clear()
    await press_test_button(person, recipient.name)
    await expect_message(wxpusher, "")
    counts.append(
        Count(
            service=f"{wxpusher.title}, scanned",
            language=person.texts.language,
            set_up=set_up,
            clicks=person.clicks,
            typed=person.typed,
        )
    )


async def test_new_service(house: House) -> None:
    """A server of Pushjet is known by its bare address, and creates a service."""
    person = house.person
    dialog = await add_integration(person)
    await dialog.choose("config.step.user.menu_options.pushjet")
    pushjet = house.simulators[Pushjet]
    # Other tests know the server by its address.
    address = f"localhost:{pushjet.port}"
    await dialog.type("config.step.pushjet.data.url", address)
    await dialog.submit()
    code = person.page.locator("dialog-data-entry-flow ha-qr-code canvas")
    await expect(code).to_be_visible()
    await note_account(house, "service")
    service = pushjet.services[-1]
    await recipient_at(house, "service")
    await expect(person.page.get_by_text(service.public)).to_be_visible()
    await person.look("what to subscribe to")
    await person.show(house.folder / "service.png")
    await dialog.submit()
    await dialog.expect_gone()
