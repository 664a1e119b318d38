"""A recipient at work: every message to it, by whatever door, goes through here."""

from collections import deque
from collections.abc import Callable, Mapping
from datetime import timedelta
import time
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations
from homeassistant.util import dt as dt_util

from .clients.errors import ClientError, ContentError, Problem
from .clients.message import (
    Accepted,
    Client,
    Fate,
    Format,
    Message,
    Outcome,
    Overflow,
    Part,
    Receipt,
)
from .const import CONF_FORMAT, DOMAIN
from .delivery import Delivery
from .errors import delivery_error, raise_for_refused, translate_error, validation_error
from .listeners import Listeners
from .media.attachments import ATTR_FILE, ATTR_IMAGE, async_attach
from .media.source import MediaReference
from .options import WhenDown, when_down
from .providers.base import Provider
from .providers.forms import InputError
from .reports import Event, Report
from .results.tracker import ResultsTracker

ATTR_EXPIRES_AFTER: Final = "expires_after"
ATTR_FORMAT: Final = "format"
ATTR_LEVEL: Final = "level"
ATTR_MESSAGE: Final = "message"
ATTR_OVERFLOW: Final = "overflow"
ATTR_TARGETS: Final = "targets"
ATTR_TITLE: Final = "title"
ATTR_URL: Final = "url"
ATTR_URL_LABEL: Final = "url_label"

# What a message may hold whatever the service; all else is an option of one service.
GENERAL_FIELDS: Final = frozenset(
    {
        ATTR_EXPIRES_AFTER,
        ATTR_FILE,
        ATTR_FORMAT,
        ATTR_IMAGE,
        ATTR_LEVEL,
        ATTR_MESSAGE,
        ATTR_OVERFLOW,
        ATTR_TARGETS,
        ATTR_TITLE,
        ATTR_URL,
        ATTR_URL_LABEL,
    }
)
# The last messages that can be taken back without naming them.
_REMEMBERED = 20

type Fields = Mapping[str, Any]


class _Room:
    """Space without a limit."""

    def shrink(self, size: int) -> None:
        """Keep part of it."""

    def release(self) -> None:
        """Return it."""


async def _reserve(size: int) -> _Room:
    """Reserve space."""
    return _Room()


class Recipient:
    """Whom messages go to, with the defaults that were chosen for it."""

    def __init__(
        self,
        hass: HomeAssistant,
        subentry: ConfigSubentry,
        *,
        provider: Provider[Any, Any],
        client: Client[Any],
        delivery: Delivery,
        results: ResultsTracker,
        options: Fields,
    ) -> None:
        """Keep what every message to the recipient needs."""
        self.id = subentry.subentry_id
        self.name = subentry.title
        self.keeps = when_down(subentry.data) is WhenDown.KEEP
        self.provider = provider
        self._hass = hass
        self._data = subentry.data
        self._client = client
        self._delivery = delivery
        self._results = results
        self._target = provider.target(subentry.data)
        self._defaults = {**options, **provider.default_options(subentry.data)}
        self._format = Format(subentry.data.get(CONF_FORMAT, Format.TEXT))
        self._sent: deque[tuple[str, ...]] = deque(maxlen=_REMEMBERED)
        self._listeners = Listeners[()]()
        self._reporters = Listeners[Report]()

    @callback
    def async_listen(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call a listener after each message that did not come through the entity."""
        return self._listeners.add(listener)

    @callback
    def async_listen_reports(self, listener: Callable[[Report], None]) -> CALLBACK_TYPE:
        """Call a listener whenever something comes of a message."""
        return self._reporters.add(listener)

    @callback
    def async_report(self, report: Report) -> None:
        """Tell what came of a message, and remember and follow one that was taken."""
        self._reporters.tell(report)
        if report.event in (Event.SENT, Event.DELIVERED_LATE):
            ids = (each.message_id for each in report.accepted)
            if known := tuple(dict.fromkeys(each for each in ids if each)):
                self._sent.append(known)
            self._results.async_follow(self.id, report.accepted, report.created)

    @callback
    def async_report_outcome(
        self, outcome: Outcome, accepted: tuple[Accepted, ...], created: float
    ) -> None:
        """Report the outcome of an accepted message to observers."""
        event = Event.CONFIRMED if outcome.fate is Fate.DELIVERED else Event.FAILED
        self.async_report(
            Report(
                event=event if outcome.certain else Event.HINT,
                accepted=accepted,
                created=created,
                # The reason of an uncertain outcome is of no use.
                outcome=outcome.reason if outcome.certain else outcome.fate,
            )
        )

    def prepare(self, message: Message, given: Fields | None) -> tuple[Part, ...]:
        """Return the requests that say a message.

        Args:
            message: what is to be said.
            given: what the caller said of who gets it; nothing means the recipient.

        Raises:
            ContentError: a target cannot be meant, or the message cannot be sent.

        """
        target = self._target
        if given is not None:
            target = self._message_target(message, given)
        return self._client.prepare(message, target)

    def delayed(
        self, message: Message, given: Fields | None, created: float
    ) -> Message:
        """Return a message that says when it was meant for."""
        target = self._target
        if given is not None:
            target = self._message_target(message, given)
        return self._client.delayed(message, target, self._late_note(created))

    async def async_say(self, text: str, title: str | None) -> None:
        """Send a plain message.

        Raises:
            HomeAssistantError: it could not be delivered, with the reason translated.

        """
        await self._async_deliver(
            Message(
                text=text, title=title, format=self._format, options=self._defaults
            ),
            None,
            {},
        )

    async def async_say_all(
        self,
        fields: Fields,
        media: Mapping[str, MediaReference],
        *,
        partly: bool = False,
    ) -> Receipt:
        """Send a message that says everything the service can say; return the receipt.

        Args:
            fields: of the action; the options of other services are not looked at.
            media: the pictures and files, by the field that they were given in.
            partly: a target refused among good ones is told in the receipt alone.

        Raises:
            HomeAssistantError: it could not be delivered, with the reason translated.

        """
        given = {key: fields.get(key) for key in (ATTR_FORMAT, ATTR_TARGETS)}
        receipt = await self._async_deliver(
            self._message(fields, self._options(fields)), given, media, partly=partly
        )
        self._listeners.tell()
        return receipt

    async def async_recall(self, message_id: str | None) -> None:
        """Take a message back: the one that is named, or else the last one.

        Raises:
            HomeAssistantError: that was not possible, with the reason translated.

        """
        if not self._client.has_recall:
            raise validation_error(Problem.NO_RECALL, {})
        if message_id is None and not self._sent:
            raise validation_error("nothing_to_recall", {"recipient": self.name})
        ids = (message_id,) if message_id is not None else self._sent[-1]
        try:
            for each in ids:
                await self._delivery.recall(each)
        except ClientError as err:
            raise translate_error(err) from err
        if message_id is None:
            self._sent.pop()

    def knows(self, field: str) -> bool:
        """Tell if a field of the action means something to the service."""
        return field in GENERAL_FIELDS or field in self.provider.message_options

    def _options(self, fields: Fields) -> dict[str, Any]:
        """Return the fields that only this service has, with the recipient's defaults."""
        given = {
            key: value
            for key, value in fields.items()
            if key in self.provider.message_options
        }
        return {**self._defaults, **given}

    def _message(self, fields: Fields, options: Fields) -> Message:
        """Return the message that the fields of the action describe."""
        expires_after: timedelta | None = fields.get(ATTR_EXPIRES_AFTER)
        return Message(
            text=fields.get(ATTR_MESSAGE, ""),
            title=fields.get(ATTR_TITLE),
            format=Format(fields.get(ATTR_FORMAT, self._format)),
            overflow=Overflow(fields.get(ATTR_OVERFLOW, Overflow.SPLIT)),
            url=fields.get(ATTR_URL),
            url_label=fields.get(ATTR_URL_LABEL),
            level=fields.get(ATTR_LEVEL),
            expires_at=None
            if expires_after is None
            else time.time() + expires_after.total_seconds(),
            options=options,
        )

    async def _async_deliver(
        self,
        message: Message,
        given: Fields | None,
        media: Mapping[str, MediaReference],
        *,
        partly: bool = False,
    ) -> Receipt:
        """Hand a message to the delivery of the account."""
        try:
            if message.level is not None and not self._client.has_levels:
                raise ContentError(
                    Problem.OPTION_NOT_SUPPORTED, option=ATTR_LEVEL, instead="title"
                )
            if media:
                attached = await async_attach(
                    self._hass, self._client, message, media, _reserve
                )
                message = attached.message
            receipt = await self._delivery.send(self, message, given)
        except ClientError as err:
            raise delivery_error(self._hass, err) from err
        # Of a message that waits, nobody knows yet who will get all of it.
        if receipt.queued is None and not (partly and receipt.accepted):
            raise_for_refused(receipt)
        return receipt

    def _message_target(self, message: Message, given: Fields) -> Any:
        """Return who gets a message that may name its targets.

        Raises:
            ContentError: a target cannot be meant.

        """
        try:
            return self.provider.message_target(
                self._data, {**message.options, **given}
            )
        except InputError as err:
            raise ContentError(err.problem, **err.details) from err

    def _late_note(self, created: float) -> str:
        """Return what a message says that comes later than it was meant to."""
        meant_for = dt_util.as_local(dt_util.utc_from_timestamp(created))
        today = meant_for.date() == dt_util.now().date()
        time_of_day = f"{meant_for:%H:%M}" if today else f"{meant_for:%Y-%m-%d %H:%M}"
        texts = async_get_cached_translations(
            self._hass, self._hass.config.language, "common", DOMAIN
        )
        note = texts.get(f"component.{DOMAIN}.common.late", "[{time}]")
        return note.format(time=time_of_day)
