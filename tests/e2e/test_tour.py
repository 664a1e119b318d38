"""A look at what the other stories pass by: forms of change, options, sections."""

import pytest

from .accounts import PROVIDERS, recipient_at
from .actions import ActionForm
from .house import House
from .pages import Accounts


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_forms(house: House, provider: str) -> None:
    """A person looks at the forms that change an account, its options, its recipient."""
    person = house.person
    recipient = await recipient_at(house, provider)
    accounts = Accounts(person)
    await accounts.open()
    await person.look("accounts")

    dialog = await accounts.configure(recipient.account)
    await dialog.open_sections()
    await person.look(f"options of an account at {provider}")
    await dialog.close()

    dialog = await accounts.reconfigure(recipient.account)
    await dialog.open_sections()
    await person.look(f"change of an account at {provider}")
    await dialog.close()

    dialog = await accounts.configure_recipient(recipient.account)
    await dialog.open_sections()
    if provider == "pushplus":
        await dialog.expect_chosen("selector.pushplus_channel.options.wechat")
    await person.look(f"change of a recipient at {provider}")
    await dialog.close()


@pytest.mark.parametrize("action", ["send_message", "recall_message"])
async def test_action(house: House, action: str) -> None:
    """A person opens all sections of an action's form."""
    form = ActionForm(house.person, action)
    await recipient_at(house, "wecom")
    await form.open()
    await form.open_sections()
    await house.person.look(f"form of {action}")
