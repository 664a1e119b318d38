"""Each service, from *Add integration* to the first message, with a mistake on the way."""

from typing import Final

from playwright.async_api import expect
import pytest

from .accounts import (
    MISTAKES,
    PROVIDERS,
    demo_account,
    expect_message,
    note_account,
    recipient_at,
)
from .count import Count
from .dialogs import FlowDialog, add_integration
from .house import House
from .pages import Phones, open_card, press_test_button

_STEPS: Final = "config_subentries.recipient.step"
# One key is all that they need: nobody has to do more for them than this.
_ONE_KEY: Final = ("wecom_robot", "wxpusher_simple_push", "serverchan")
_MAX_CLICKS: Final = 5
_MAX_TYPED: Final = 1


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_first_message(house: House, counts: list[Count], provider: str) -> None:
    """A newcomer adds the account and the recipient, and gets a message."""
    person = house.person
    person.clicks = person.typed = 0
    account = demo_account(house, provider)
    phone = account.simulator
    mistake = MISTAKES[provider]

    dialog = await add_integration(person)
    await dialog.expect_title("config.step.user.title")
    await person.look("choice of services")
    await dialog.choose(f"config.step.user.menu_options.{provider}")
    step = f"config.step.{provider}"
    await dialog.expect_title(f"{step}.title")
    await person.look(f"form of an account at {phone.title}")
    with person.uncounted():
        await dialog.fill(step, {**account.account, mistake.field: mistake.value})
        await dialog.submit()
    await dialog.expect_text(f"config.error.{mistake.error}")
    await person.look(f"mistake in an account at {phone.title}")
    assert not phone.notifications
    for field, value in account.account.items():
        if isinstance(value, str):
            await dialog.type(f"{step}.data.{field}", value)
    await dialog.submit()

    step = f"{_STEPS}.{provider}"
    follows = await dialog.expect_title_or_end(f"{step}.title")
    first = (person.clicks, person.typed) if phone.notifications else None
    await note_account(house, provider)
    if follows:
        await person.look(f"form of a recipient at {phone.title}")
        if secret := account.recipient.get("secret"):
            await dialog.type(f"{step}.data.secret", secret)
        await dialog.submit()
        if await dialog.expect_title_or_end(f"{_STEPS}.scan.title"):
            await _scan(house, dialog, provider)
    recipient = await recipient_at(house, provider)
    await dialog.expect_created()
    if phone.notifications:
        # The form of the recipient sends a test message, too.
        first = first or (person.clicks, person.typed)
    await person.look(f"end of the forms of {phone.title}")
    await dialog.submit()
    await dialog.expect_gone()
    set_up = person.clicks
    if first is None:
        # The frontend leads there by itself after the form of an account.
        if follows:
            await open_card(person)
        await press_test_button(person, recipient.name)
        await expect_message(phone, "")
        first = person.clicks, person.typed
        await person.look(f"device of a recipient at {phone.title}")
    clicks, typed = first
    counts.append(
        Count(
            service=phone.title,
            language=person.texts.language,
            set_up=set_up,
            clicks=clicks,
            typed=typed,
        )
    )
    if provider in _ONE_KEY:
        assert set_up <= _MAX_CLICKS
        assert typed <= _MAX_TYPED


async def _scan(house: House, dialog: FlowDialog, service: str) -> None:
    """Let somebody scan the QR code that the form shows."""
    person = house.person
    picture = person.page.locator("dialog-data-entry-flow ha-markdown img")
    await expect(picture).to_be_visible()
    width = await picture.evaluate("(picture) => picture.naturalWidth")
    assert width, "the picture is not there"
    await person.look("QR code to scan")
    phones = await Phones.open(person, house.simulators.page_url)
    await phones.scan(service)
    await phones.close()
    person.watch.quote("Wang Wu")
    await dialog.expect_title(f"{_STEPS}.scanned.title")
    await person.look("who has scanned")
    await dialog.choose(f"{_STEPS}.scanned.menu_options.finish")
