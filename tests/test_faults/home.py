"""Two people, numbered messages to them, and what became of each."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
import logging
import re
import time
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.account import Account
from custom_components.wechat_push.delivery.reports import DeliveryStatus, Report
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from tests.messages import say
from tests.moments import drain, during, pass_time
from tests.samples import Sample, add_recipient, set_up as set_up_account
from tests.simulators import Notification, Simulator

# Far longer than an answer takes, which comes in no time at all where time stands still.
PATIENT: Final[dict[str, Any]] = {"connect_timeout": 30, "read_timeout": 30}

_TEXT: Final = "Message {} to {}."
# What was tried often may end with the time of day, or PushPlus would think it the same.
_SHOWN: Final = re.compile(
    r"(?P<note>\[.+, delayed\] )?Message (?P<number>\d+) to [AB]\.(\n\d\d:\d\d:\d\d)?"
)
# What is earlier than this is not called late, and what is later always is. In between
# are messages that stood in line for the limits of their service.
_ON_TIME, _LATE = 30, 50

# A queued message that ends like this does not arrive, and a person is told.
_GIVEN_UP: Final = (
    DeliveryStatus.REFUSED,
    DeliveryStatus.EXPIRED,
    DeliveryStatus.CLEARED,
)


@dataclass(kw_only=True, slots=True)
class Sent:
    """A message that was sent, and what whoever sent it was told."""

    number: int
    moment: float
    # "sent", "queued", or the key of the error.
    answer: str = ""

    @property
    def promised(self) -> bool:
        """Tell if the sender may rely on it."""
        return self.answer in ("sent", "queued")


@dataclass(kw_only=True, slots=True)
class Person:
    """A recipient, and the messages to it."""

    entity_id: str
    # As the service calls it, and as messages do.
    name: str
    letter: str
    sent: list[Sent] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)

    @property
    def answers(self) -> list[str]:
        """Return what the senders were told, in their order."""
        return [each.answer for each in self.sent]

    @callback
    def hear(self, report: Report) -> None:
        """Keep a report."""
        self.reports.append(report)

    @property
    def given_up(self) -> list[Report]:
        """Return the reports on messages that will not arrive."""
        return [each for each in self.reports if each.status in _GIVEN_UP]


class Home:
    """Two people who are sent messages while time passes only when it is told to."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Account],
        simulator: Simulator,
        freezer: FrozenDateTimeFactory,
        names: Sequence[str],
    ) -> None:
        """Find the entities of the recipients."""
        self._hass = hass
        self._simulator = simulator
        self._freezer = freezer
        self._number = 0
        self.entry = entry
        entities = {
            entity.config_subentry_id: entity.entity_id
            for entity in er.async_entries_for_config_entry(
                er.async_get(hass), entry.entry_id
            )
            if entity.domain == "notify"
        }
        self.people = [
            Person(entity_id=entities[recipient_id], name=name, letter=letter)
            for recipient_id, name, letter in zip(
                entry.subentries, names, "AB", strict=True
            )
        ]
        recipients = self.account.recipients.values()
        for person, recipient in zip(self.people, recipients, strict=True):
            signal = recipient.signal_report
            async_dispatcher_connect(hass, signal, person.hear)

    @property
    def account(self) -> Account:
        """Return the account as it is loaded."""
        return self.entry.runtime_data

    async def pass_time(self, seconds: int = 1, *, step: int = 1) -> None:
        """Let time pass, and everything happen that is due.

        Args:
            seconds: that pass.
            step: pass at a time; more than some where nothing is under way.

        """
        await pass_time(self._hass, self._freezer, seconds, step=step)

    async def during[ResultT](self, awaitable: Awaitable[ResultT]) -> ResultT:
        """Let time pass until something is done."""
        return await during(self._hass, self._freezer, awaitable)

    async def send(self, count: int) -> None:
        """Send messages to everybody, all at the same time, and wait for the answers."""
        numbers = range(self._number, self._number + count)
        self._number += count
        await self.during(
            asyncio.gather(
                *(self._send(person, n) for n in numbers for person in self.people)
            )
        )

    async def drain(self, hours: float = 1) -> None:
        """Let time pass until nothing waits any more."""
        await drain(self._hass, self._freezer, self.entry, hours=hours, step=5)

    def arrived(self, person: Person) -> list[int]:
        """Return the numbers of the messages that a person was shown."""
        return [int(_match(shown)["number"]) for shown in self._shown(person)]

    def check(self, *, copies: int = 1, unread: bool = False) -> None:
        """Make sure that nothing is lost, oftener there than it may be, or overtaken.

        Args:
            copies: of a message at most.
            unread: requests may have failed of which the service knows nothing.

        """
        for person in self.people:
            arrived = self.arrived(person)
            first = list(dict.fromkeys(arrived))
            if not unread:
                self._check_order(person, first)
                self._check_notes(person)
            assert max(Counter(arrived).values()) <= copies, arrived
            missing = {each.number for each in person.sent}.difference(first)
            # Of what did not arrive, somebody was told.
            assert len(missing) <= len(person.given_up)

    def check_all_arrived(self) -> None:
        """Make sure of that, and that every message could be relied on, and arrived."""
        self.check()
        for person in self.people:
            assert all(each.promised for each in person.sent), person.answers
            assert person.given_up == []
            assert set(self.arrived(person)) == set(range(self._number))

    async def _send(self, person: Person, number: int) -> None:
        """Send one message, and keep the answer."""
        sent = Sent(number=number, moment=time.time())
        person.sent.append(sent)
        try:
            answers = await say(
                self._hass,
                _TEXT.format(number, person.letter),
                entity_id=person.entity_id,
            )
        except HomeAssistantError as err:
            sent.answer = str(err.translation_key)
        else:
            sent.answer = answers[person.entity_id]["status"]

    def _shown(self, person: Person) -> list[Notification]:
        """Return what a person was shown, in the order that it came in."""
        return [
            shown
            for shown in self._simulator.notifications
            if shown.recipient == person.name
        ]

    def _tries(self, person: Person, number: int) -> list[int]:
        """Return the places of the requests that said a message, among all requests."""
        text = _TEXT.format(number, person.letter)
        requests = self._simulator.requests
        return [place for place, each in enumerate(requests) if each.says(text)]

    def _check_order(self, person: Person, arrived: Sequence[int]) -> None:
        """Make sure that only messages were overtaken that had failed for themselves.

        Args:
            person: the recipient.
            arrived: the numbers in the order of their arrival.

        """
        for place, number in enumerate(arrived):
            overtaken = [each for each in arrived[place + 1 :] if each < number]
            for each in overtaken:
                # It keeps its place for one more try.
                second = self._tries(person, each)[1]
                assert second < self._tries(person, number)[-1], arrived

    def _check_notes(self, person: Person) -> None:
        """Make sure that what came late says so, and nothing else does.

        What may have been taken before it was late does not say so: the repetition has
        to be the very same.
        """
        moments = {each.number: each.moment for each in person.sent}
        # The first copies: a repetition may say it or not.
        first = {
            int(_match(shown)["number"]): shown
            for shown in reversed(self._shown(person))
        }
        for number, shown in first.items():
            late = shown.received - moments[number]
            if _match(shown)["note"]:
                assert late >= _ON_TIME, shown
            elif late > _LATE:
                tries = self._tries(person, number)
                early = self._simulator.requests[tries[0]].received - moments[number]
                assert early <= _ON_TIME, shown


async def set_up(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
    **changes: Any,
) -> Home:
    """Add an account with two recipients."""
    entry, names = await set_up_two(hass, sample, simulator, **PATIENT, **changes)
    return Home(hass, entry, simulator, freezer, names)


async def set_up_two(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, **changes: Any
) -> tuple[ConfigEntry, list[str]]:
    """Add an account with two recipients; return what the service calls them, too."""
    people = sample.people(2)
    for person in people:
        person.join(simulator)
    first, second = ({**sample.recipient, **person.fields} for person in people)
    entry = await set_up_account(hass, sample, simulator, recipient=first, **changes)
    added = await add_recipient(hass, entry, second)
    assert added["type"] is FlowResultType.CREATE_ENTRY, added
    return entry, [person.receiver for person in people]


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the errors in the log, and whatever has a traceback."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.ERROR
        or (record.exc_info and record.name.startswith("custom_components"))
    ]


def _match(shown: Notification) -> re.Match[str]:
    """Return what stands in a message that was shown."""
    match = _SHOWN.fullmatch(shown.text)
    assert match is not None, shown
    return match
