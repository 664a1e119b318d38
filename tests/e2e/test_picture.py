"""A picture that is chosen in the media picker of the action's form."""

from ..demo.config import PICTURE
from ..simulators import WeCom
from .accounts import expect_message, recipient_at
from .actions import ActionForm
from .house import House

_TEXT = "2026-1"


async def test_picture(house: House) -> None:
    """A person finds the action, chooses recipient and picture; the phone shows both."""
    person = house.person
    wecom = house.simulators[WeCom]
    recipient = await recipient_at(house, "wecom")
    form = ActionForm(person)
    await form.open()
    await person.look("form of the action")
    await form.add_target(recipient.name)
    await form.type("message", _TEXT)
    await form.pick_media("image", PICTURE)
    await person.look("form of the action with a picture")
    before = len(wecom.notifications)
    await form.perform()
    await expect_message(wecom, _TEXT)
    await form.expect_answer(recipient.entity_id)
    await person.look("answer of the action")
    assert {each.kind for each in wecom.notifications[before:]} == {"text", "image"}
