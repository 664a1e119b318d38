"""Credentials that a service does not accept any more."""

from ..simulators import WeCom
from .accounts import expect_message, recipient_at, send
from .dialogs import open_reauth
from .house import House

_TEXT = "2026-4"
_OLD, _NEW = "x" * 43, "y" * 43
_STEP = "config.step.reauth_wecom"


async def test_reauth(house: House) -> None:
    """The secret was reset in the console; the person enters the wrong one, then it."""
    person = house.person
    wecom = house.simulators[WeCom]
    recipient = await recipient_at(house, "wecom")
    wecom.secret = _NEW
    await send(house, recipient, _TEXT)

    dialog = await open_reauth(person)
    await dialog.expect_title(f"{_STEP}.title")
    await person.look("reauth")
    await dialog.type(f"{_STEP}.data.secret", _OLD)
    await dialog.submit()
    await dialog.expect_text("config.error.wecom_secret")
    await person.look("mistake in reauth")
    await dialog.type(f"{_STEP}.data.secret", _NEW)
    await dialog.submit()
    await dialog.expect_end(person.texts.ours("config.abort.reauth_successful"))
    await expect_message(wecom, _TEXT)
