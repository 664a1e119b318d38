"""What only a person can mend: the issue, its flow, and its end."""

from ..simulators import WeCom
from .accounts import expect_message, recipient_at, send
from .house import House
from .pages import Repairs

_TEXT = "2026-3"
_ISSUE = "issues.wecom_untrusted_ip"


async def test_repair(house: House) -> None:
    """WeCom does not trust the address; the person checks before it is mended and after."""
    person = house.person
    wecom = house.simulators[WeCom]
    recipient = await recipient_at(house, "wecom")
    wecom.trusted_ips = set()
    await send(house, recipient, _TEXT)

    repairs = Repairs(person)
    await repairs.open()
    dialog = await repairs.choose(f"{_ISSUE}.title")
    await dialog.expect_title(f"{_ISSUE}.fix_flow.step.confirm.title")
    await person.look("repair flow")
    await dialog.submit()
    await dialog.expect_text(f"{_ISSUE}.fix_flow.error.still_there")
    await person.look("repair flow before it is mended")
    wecom.trusted_ips = None
    await dialog.submit()
    await dialog.expect_end(
        person.texts.frontend("ui.dialogs.repair_flow.success.description")
    )
    await repairs.expect_none(f"{_ISSUE}.title")
    await expect_message(wecom, _TEXT)
