"""A person pastes the YAML and the addresses that sent to WeChat so far."""

from contextlib import AsyncExitStack
from typing import Final

from ..simulators import Pushjet
from ..simulators.pushjet import PHONE, Service, Subscription
from ..simulators.wecom_accounts import CORP_ID, OTHER_AGENT_ID, OTHER_SECRET
from .accounts import demo_account, expect_message
from .count import Count
from .dialogs import add_integration
from .house import House
from .pages import Accounts, press_test_button

_NAME: Final = "Porch"
_ACCOUNT: Final = "WeCom · Office"
# At servers of their own, as other tests know that of the house.
_SERVICES: Final = {
    "127.0.0.2": Service(secret="a" * 32, public="a5a5-porch", name="Porch lamp"),
    "127.0.0.3": Service(secret="b" * 32, public="b5b5-cellar", name="Cellar"),
}


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
    await Accounts(person).open()
    wecom.notifications.clear()
    await press_test_button(person, _NAME)
    await expect_message(wecom, "")


async def test_addresses(house: House, counts: list[Count]) -> None:
    """Two addresses are two accounts with their recipients, which get messages."""
    person = house.person
    async with AsyncExitStack() as stack:
        servers: dict[str, Pushjet] = {}
        for host, service in _SERVICES.items():
            servers[host] = server = Pushjet()
            await server.start(host=host)
            stack.push_async_callback(server.close)
            server.services = [service]
            server.subscriptions = [Subscription(uuid=PHONE, service=service)]
            person.watch.quote(host, service.name)
        person.clicks = person.typed = 0
        dialog = await add_integration(person)
        await dialog.choose("config.step.user.menu_options.apprise")
        await dialog.type(
            "config.step.apprise.data.addresses",
            "\n".join(
                f"pjet://{host}:{server.port}/{server.services[0].secret}"
                for host, server in servers.items()
            ),
        )
        await dialog.submit()
        await dialog.expect_title("config.step.apprise_confirm.title")
        await person.look("two addresses that were understood")
        await dialog.submit()
        *_, (last, service) = _SERVICES.items()
        await dialog.expect_end(service.name)
        set_up = person.clicks

        accounts = Accounts(person)
        await accounts.open()
        for host, each in _SERVICES.items():
            title = f"Pushjet · {host}:{servers[host].port}"
            await accounts.expect_recipient(title, each.name)
        await person.look("accounts that were imported")
        await press_test_button(person, service.name)
        await expect_message(servers[last], "")
        counts.append(
            Count(
                service="Two Apprise addresses",
                language=person.texts.language,
                set_up=set_up,
                clicks=person.clicks,
                typed=person.typed,
            )
        )
