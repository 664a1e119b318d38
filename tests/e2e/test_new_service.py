"""A server of Pushjet without a service, which is created and then subscribed to."""

from playwright.async_api import expect

from ..simulators import Pushjet
from .accounts import note_account, recipient_at
from .dialogs import add_integration
from .house import House


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
