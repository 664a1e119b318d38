"""A server of Pushjet without a service, which is created and then subscribed to."""

from playwright.async_api import expect

from ..simulators import Pushjet
from ..simulators.pushjet import PHONE, Subscription
from .accounts import note_account, recipient_at
from .count import NTFY, Count
from .dialogs import add_integration
from .house import House

_STEPS = "config_subentries.recipient.step"


async def test_new_service(house: House, counts: list[Count]) -> None:
    """A server of Pushjet is known by its bare address, and creates a service."""
    person = house.person
    person.clicks = person.typed = 0
    dialog = await add_integration(person)
    await dialog.choose("config.step.user.menu_options.pushjet")
    pushjet = house.simulators[Pushjet]
    # Other tests know the server by its address.
    address = f"localhost:{pushjet.port}"
    await dialog.type("config.step.pushjet.data.url", address)
    await dialog.submit()
    await dialog.expect_title(f"{_STEPS}.pushjet.title")
    await note_account(house, "service")
    await dialog.submit()
    await dialog.expect_title(f"{_STEPS}.subscribe.title")
    code = person.page.locator("dialog-data-entry-flow ha-qr-code canvas")
    await expect(code).to_be_visible()
    service = pushjet.services[-1]
    await expect(person.page.get_by_text(service.public)).to_be_visible()
    await person.look("what to subscribe to")
    await person.show(house.folder / "service.png")
    pushjet.subscriptions.append(Subscription(uuid=PHONE, service=service))
    await dialog.submit()
    await dialog.expect_created()
    assert pushjet.notifications[-1].recipient == service.public
    clicks = person.clicks
    await recipient_at(house, "service")
    await person.look("end of the forms of a new service")
    await dialog.submit()
    await dialog.expect_gone()
    counts.append(
        Count(
            service="Pushjet, a new service",
            language=person.texts.language,
            set_up=person.clicks,
            clicks=clicks,
            typed=person.typed,
        )
    )
    assert clicks <= NTFY.clicks
