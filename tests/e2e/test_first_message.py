"""Each service, from *Add integration* to the first message, with a mistake on the way."""

from typing import Final

from playwright.async_api import expect
import pytest

from .accounts import MISTAKES, PROVIDERS, demo_account, note_account, recipient_at
from .count import NTFY, Count
from .dialogs import FlowDialog, add_integration
from .house import TRADITIONAL, House
from .pages import Phones

_STEPS: Final = "config_subentries.recipient.step"
# One key is all that they need: nobody has to do more for them than this.
_ONE_KEY: Final = ("wecom_robot", "wxpusher_simple_push", "serverchan")
_MAX_CLICKS: Final = 5
_MAX_TYPED: Final = 1


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_first_message(house: House, counts: list[Count], provider: str) -> None:
    """A newcomer adds the account and the recipient, and gets a message."""
    await _get_first_message(house, counts, provider)


@pytest.mark.parametrize(
    "_house", [pytest.param(TRADITIONAL, id=TRADITIONAL.language)], indirect=True
)
async def test_traditional_chinese(house: House, counts: list[Count]) -> None:
    """The same in Traditional Chinese, for one service."""
    await _get_first_message(house, counts, "wecom")


async def _get_first_message(house: House, counts: list[Count], provider: str) -> None:
    """Add an account with a recipient who gets a message, with a mistake on the way."""
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
    await note_account(house, provider)
    if follows:
        assert not phone.notifications
        await person.look(f"form of a recipient at {phone.title}")
        if secret := account.recipient.get("secret"):
            await dialog.type(f"{step}.data.secret", secret)
        await dialog.submit()
        if await dialog.expect_title_or_end(f"{_STEPS}.scan.title"):
            await _scan(house, dialog, provider)
    await dialog.expect_created()
    # The last form that was sent has sent the test message, too.
    assert len(phone.notifications) == 1
    clicks, typed = person.clicks, person.typed
    await recipient_at(house, provider)
    await person.look(f"end of the forms of {phone.title}")
    await dialog.submit()
    await dialog.expect_gone()
    counts.append(
        Count(
            service=phone.title,
            language=person.texts.language,
            set_up=person.clicks,
            clicks=clicks,
            typed=typed,
        )
    )
    assert clicks <= NTFY.clicks
    if provider in _ONE_KEY:
        assert person.clicks <= _MAX_CLICKS
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
    # Not done in Home Assistant; nor is the subscription to a topic of core's ntfy.
    with person.uncounted():
        await phones.scan(service)
    await phones.close()
    person.watch.quote("Wang Wu")
    await dialog.expect_title(f"{_STEPS}.scanned.title")
    await person.look("who has scanned")
    await dialog.choose(f"{_STEPS}.scanned.menu_options.finish")
