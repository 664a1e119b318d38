"""A service that is away, and a message that waits for it."""

from .accounts import expect_message, recipient_at, send
from .house import House
from .pages import Activity

_TEXT = "2026-2"


async def test_outage(house: House) -> None:
    """The activity tells that a message waits, and then that it was sent late."""
    person = house.person
    wxpusher = house.simulators.wxpusher
    recipient = await recipient_at(house, "wxpusher")
    activity = Activity(person)
    await activity.open()

    await wxpusher.refuse()
    await send(house, recipient, _TEXT)
    await activity.expect_delivery("queued")
    await person.watch.look("activity in an outage")

    await wxpusher.start(port=wxpusher.port)
    await expect_message(wxpusher, _TEXT)
    await activity.expect_delivery("delivered_late")
    await person.watch.look("activity after an outage")
