"""A service that is away, and a message that waits for it."""

from .accounts import recipient_at, send
from .house import House
from .pages import Activity, Phones

_TEXT = "2026-2"
# The phones can be read in either.
_LANGUAGES = ("English", "中文")


async def test_outage(house: House) -> None:
    """The activity tells that a message waits, and then that it was sent late."""
    person = house.person
    badges = [simulator.badge for simulator in house.simulators.all]
    person.watch.quote(*_LANGUAGES, *badges)
    recipient = await recipient_at(house, "wxpusher")
    phones = await Phones.open(person, house.simulators.page_url)
    activity = Activity(person)
    await activity.open()

    await phones.switch("wxpusher", "down")
    await send(house, recipient, _TEXT)
    await activity.expect_delivery("queued")
    await person.look("activity in an outage")
    await phones.look("phones in an outage")

    await phones.switch("wxpusher", None)
    await phones.expect_message("wxpusher", _TEXT)
    await activity.expect_delivery("delivered_late")
    await person.look("activity after an outage")
    await phones.look("phones after an outage")
    await phones.close()
