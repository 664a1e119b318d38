"""WeCom does not trust the address of the house: the form itself waits for that."""

from typing import Final

from playwright.async_api import expect

from ..simulators import WeCom
from ..simulators.wecom_accounts import CORP_ID, Agent
from .accounts import note_account, recipient_at
from .dialogs import add_integration
from .house import House

# Of an application that other tests do not use.
_AGENT_ID: Final = 1_000_004
_SECRET: Final = "AddressSecret-AddressSecret-AddressSecret-A"
_STEP: Final = "config.step.wecom_untrusted_ip"


async def test_untrusted_address(house: House) -> None:
    """A newcomer copies the address, checks too early, and types nothing twice."""
    person = house.person
    wecom = house.simulators[WeCom]
    wecom.agents[_AGENT_ID] = Agent(
        name="Garden", secret=_SECRET, users={"wangwu": "王五"}
    )
    wecom.trusted_ips = set()
    dialog = await add_integration(person)
    await dialog.choose("config.step.user.menu_options.wecom")
    await dialog.fill(
        "config.step.wecom",
        {
            "corp_id": CORP_ID,
            "agent_id": str(_AGENT_ID),
            "secret": _SECRET,
            "connection": {"url": wecom.url},
        },
    )
    await dialog.submit()
    await dialog.expect_title(f"{_STEP}.title")
    address = person.page.locator("dialog-data-entry-flow ha-markdown code")
    await expect(address).to_have_text(wecom.caller_ip)
    await person.look("address that is not trusted")
    await dialog.submit()
    await dialog.expect_text("config.error.still_there")
    await person.look("address that is not trusted yet")
    wecom.trusted_ips = None
    await dialog.submit()
    await dialog.expect_title("config_subentries.recipient.step.wecom.title")
    await note_account(house, "untrusted")
    await dialog.submit()
    await recipient_at(house, "untrusted")
    await dialog.expect_created()
    await dialog.submit()
    await dialog.expect_gone()
