"""A person pastes the YAML and the addresses that sent to WeChat so far."""

from typing import Final

from ..simulators.wecom_accounts import CORP_ID, OTHER_AGENT_ID, OTHER_SECRET
from .accounts import demo_account, expect_message
from .dialogs import add_integration
from .house import House
from .pages import press_test_button

_NAME: Final = "Porch"
_ACCOUNT: Final = "WeCom · Office"


async def test_import(house: House) -> None:
    """The account is added under the name of its notifier; what is unknown is named."""
    person = house.person
    wecom = demo_account(house, "wecom").simulator
    person.watch.quote(_NAME, _ACCOUNT, "企业微信 · Office", "mailto://user", "timeout")
    text = f"""
- platform: wework_notify
  name: {_NAME}
  corpid: {CORP_ID}
  agentId: {OTHER_AGENT_ID}
  secret: {OTHER_SECRET}
  timeout: 5
  resource: {wecom.url}/cgi-bin
- platform: apprise
  url: mailto://user:pass@example.com
"""
    dialog = await add_integration(person)
    await dialog.choose("config.step.user.menu_options.apprise")
    await dialog.expect_title("config.step.apprise.title")
    await person.look("form for addresses")
    await dialog.type("config.step.apprise.data.addresses", text)
    await dialog.submit()
    await dialog.expect_title("config.step.apprise_confirm.title")
    await person.look("what was understood")
    await dialog.submit()
    await dialog.expect_end(_NAME)
    await person.go("/config/integrations/dashboard")
    await press_test_button(person, _NAME)
    await expect_message(wecom, "")
