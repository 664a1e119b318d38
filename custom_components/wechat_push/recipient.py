"""Recipient: every message to one recipient, from whatever door, to the delivery."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
import logging
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType

from .clients.client import Client
from .clients.emojis import replace_emojis
from .clients.errors import ClientError, ContentError, Problem
from .clients.message import Attachment, Format, Message, Overflow, Part, one_line
from .const import DOMAIN
from .delivery.outbox_message import Answer, Content
from .delivery.reports import Report
from .delivery.service import DeliveryService
from .errors import (
    common_text,
    delivery_error,
    raise_for_refused,
    service_name,
    translate_error,
    validation_error,
)
from .fields import (
    ATTR_EXPIRES_AFTER,
    ATTR_FORMAT,
    ATTR_LEVEL,
    ATTR_MESSAGE,
    ATTR_OVERFLOW,
    ATTR_TARGETS,
    ATTR_TITLE,
    ATTR_URL,
    ATTR_URL_LABEL,
    GENERAL_NAMES,
    clean,
)
from .media.attachments import Addressed, Attached, as_sent, async_attach
from .media.links import async_external_link, external_links, holds_links
from .media.public import async_publish_again, async_renew, is_published
from .media.source import MediaReference
from .message_defaults import MessageDefaults
from .options import WhenDown, when_down
from .providers.base import Provider
from .providers.forms import InputError

_LOGGER = logging.getLogger(__name__)

type Fields = Mapping[str, Any]


class Recipient:
    """A recipient of an account, with the defaults that were chosen for it.

    Args:
        hass: Home Assistant.
        provider: of the account.
        delivery: of the account.

    """

    id: str
    name: str
    keeps: bool
    retries: int
    retry_wait: float

    def __init__(
        self,
        hass: HomeAssistant,
        provider: Provider[Any, Any],
        delivery: DeliveryService,
    ) -> None:
        self.provider = provider
        self._hass = hass
        self._delivery = delivery

    @callback
    def async_configure(
        self,
        subentry: ConfigSubentry,
        client: Client[Any],
        options: Fields,
        time_zone: str | None,
    ) -> None:
        """Apply a subentry.

        Args:
            subentry: of the recipient.
            client: of the account.
            options: options of messages that the account has now.
            time_zone: of times in messages; None is that of Home Assistant.

        """
        self.id = subentry.subentry_id
        self.name = subentry.title
        self.keeps = when_down(subentry.data) is WhenDown.KEEP
        self._client = client
        self._data = subentry.data
        self._target = self.provider.target(subentry.data)
        # Not kept with messages, as it may be another one when they are sent.
        self._account_options = options
        self._fixed_options = self.provider.default_options(subentry.data)
        self._defaults = MessageDefaults.of(
            self.provider, subentry.data, self.understands
        )
        self.retries = self._defaults.retries
        self.retry_wait = self._defaults.retry_wait
        self._time_zone = time_zone
        # What messages need from disk, before they are in a hurry.
        if self._defaults.emojis:
            self._hass.async_add_executor_job(replace_emojis, ":+1:")
        if time_zone is not None:
            self._hass.async_add_executor_job(dt_util.get_time_zone, time_zone)

    @property
    def signal_report(self) -> SignalType[Report]:
        """Return the signal of the dispatcher for reports on messages."""
        return SignalType(f"{DOMAIN}_{self.id}_report")

    @property
    def signal_recorded(self) -> SignalType[()]:
        """Return the signal for messages of our own actions that the service took."""
        return SignalType(f"{DOMAIN}_{self.id}_recorded")

    def supports_field(self, field: str) -> bool:
        """Return if a field of the action is supported by the service."""
        return field in GENERAL_NAMES or field in self.provider.message_options

    def understands(self, field: str, value: Any) -> bool:
        """Return if a field with this value means something to the service."""
        if field == ATTR_LEVEL:
            return self._client.has_levels
        return (
            self.supports_field(field)
            and self.provider.offers(field, value)
            and holds_links(field, value)
        )

    def redirects(self, override: Fields | None) -> bool:
        """Return if a message goes to others than the recipient's own targets."""
        return not (override or {}).keys().isdisjoint(self._addresses)

    @property
    def _addresses(self) -> frozenset[str]:
        """Return the fields that say who gets a message."""
        return self.provider.addresses | {ATTR_TARGETS}

    async def async_send(self, text: str, title: str | None) -> None:
        """Send a plain message.

        Raises:
            HomeAssistantError: it could not be delivered, and does not wait.

        """
        fields = {ATTR_MESSAGE: text, ATTR_TITLE: clean(ATTR_TITLE, title)}
        try:
            message = self._create_message(fields)
        except ClientError as err:
            raise translate_error(self._hass, err) from err
        optional = self._defaults.optional
        answer = await self._async_deliver(Content(message=message), optional=optional)
        if not optional:
            raise_for_refused(answer)

    async def async_send_fields(
        self,
        fields: Fields,
        media: Mapping[str, MediaReference],
        *,
        returns_refused: bool = False,
    ) -> Answer:
        """Send a message with the fields of the action.

        Args:
            fields: of the action; options of other services are ignored.
            media: pictures and files, by field.
            returns_refused: targets that are refused among accepted ones are no error.

        Raises:
            HomeAssistantError: it could not be delivered, and does not wait.

        """
        try:
            content, attached = await self._async_content(fields, media)
        except ClientError as err:
            raise translate_error(self._hass, err) from err
        return await self._async_send_content(
            content, attached, returns_refused=returns_refused
        )

    async def async_send_now(self, text: str, title: str) -> None:
        """Send a plain message now; it does not wait.

        Raises:
            HomeAssistantError: it could not be delivered.

        """
        message = self._create_message({ATTR_MESSAGE: text, ATTR_TITLE: title})
        content = Content(message=message, keeps=False)
        await self._async_send_content(
            content, None, returns_refused=False, optional=False
        )

    async def async_send_data(
        self,
        fields: Fields,
        media: Mapping[str, MediaReference],
        left_out: tuple[str, ...],
    ) -> None:
        """Send a message with fields that may be meant for another notifier.

        Where it cannot be sent with all of them, it is sent without.

        Args:
            fields: of the action.
            media: pictures and files, by field.
            left_out: what the caller gave besides and is not understood.

        Raises:
            HomeAssistantError: it could not be delivered, and does not wait.

        """
        kept = self._addresses | {ATTR_MESSAGE, ATTR_TITLE}
        plain = {key: value for key, value in fields.items() if key in kept}
        try:
            try:
                content, attached = await self._async_content(fields, media, left_out)
                await self._async_check(content, attached)
            except ContentError:
                if plain.keys() == fields.keys():
                    raise
                left_out = (*left_out, *sorted(fields.keys() - plain.keys()))
                content, attached = await self._async_content(plain, {}, left_out)
        except ClientError as err:
            raise translate_error(self._hass, err) from err
        await self._async_send_content(content, attached, returns_refused=False)

    async def async_recall(self, message_id: str | None) -> None:
        """Recall a message: the named one, or else the last one.

        Raises:
            HomeAssistantError: that was not possible.

        """
        # What still waits can be taken back whatever the service.
        if not self._client.has_recall and not self._delivery.waits(
            self.id, message_id
        ):
            raise validation_error(
                Problem.NO_RECALL,
                {"service": service_name(self._hass, self.provider.key)},
            )
        try:
            found = await self._delivery.recall(self.id, message_id)
        except ClientError as err:
            # The client does not know the name of its service.
            service = service_name(self._hass, self.provider.key)
            err.details = {"service": service, **err.details}
            raise translate_error(self._hass, err) from err
        if not found:
            problem = "nothing_to_recall" if message_id is None else "not_sent_to"
            raise validation_error(problem, {"recipient": self.name})

    # What the delivery needs of a recipient.

    def prepare(
        self, message: Message, override: Fields | None, meant_for: float | None
    ) -> tuple[Part, ...]:
        """Return the requests that say a message; may run in a thread.

        Raises:
            ContentError: the message cannot be sent.

        """
        target = self._get_target(message, override)
        if self._account_options:
            options = {**self._account_options, **message.options}
            message = replace(message, options=options)
        if meant_for is not None:
            late = self._client.delayed(message, target, self._late_note(meant_for))
            try:
                return self._prepare(late, target)
            except ContentError:
                # With the note, it is too long for a message of its kind.
                pass
        return self._prepare(message, target)

    def _prepare(self, message: Message, target: Any) -> tuple[Part, ...]:
        """Return the requests of the client, with as many defaults as the message can have.

        Raises:
            ContentError: the message cannot be sent without any, either.

        """
        error: ContentError | None = None
        for each in self._with_defaults(message):
            try:
                return self._prepare_as(each, target)
            except ContentError as err:
                error = err
        assert error is not None
        raise error

    def _with_defaults(self, message: Message) -> Iterator[Message]:
        """Yield a message with all defaults of the recipient, then with fewer."""
        options = self.provider.fitting_defaults(
            self._defaults.options, message.options
        )
        url = None if message.url else self._default_url()
        names = [*options, *([] if url is None else [ATTR_URL])]
        if not names:
            yield message
            return
        few = (frozenset({name}) for name in names)
        for left_out in dict.fromkeys((frozenset[str](), *few, frozenset(names))):
            kept = {key: each for key, each in options.items() if key not in left_out}
            yield replace(
                message,
                url=message.url if ATTR_URL in left_out else message.url or url,
                options={**kept, **message.options},
            )

    def _default_url(self) -> str | None:
        """Return the link of messages that have none, if it opens outside of the home."""
        try:
            return async_external_link(self._hass, self._defaults.url)
        except ContentError:
            return None

    def _prepare_as(self, message: Message, target: Any) -> tuple[Part, ...]:
        """Return the requests of the client.

        A title that the service does not take alone is sent as the text.

        Raises:
            ContentError: the message cannot be sent.

        """
        message = as_sent(self._hass, self._client, message, target)
        try:
            return self._client.prepare(message, target)
        except ContentError as err:
            if err.problem != Problem.MESSAGE_EMPTY or not message.title:
                raise
        bare = replace(message, text=message.title, title=None, format=Format.TEXT)
        return self._client.prepare(bare, target)

    def renew_links(self, message: Message) -> tuple[int, ...]:
        """Serve the links of a message from now on; return those that are dead."""
        return tuple(
            number
            for number, each in enumerate(message.attachments)
            if is_published(each)
            and async_renew(self._hass, each.url or "", self.id) is None
        )

    def revive_link(self, attachment: Attachment) -> None:
        """Serve an attachment under its link again."""
        async_publish_again(self._hass, attachment, self.id)

    def upload_note(self, name: str) -> str:
        """Return the text in place of an attachment that could not be sent."""
        text = common_text(self._hass, "upload_failed", "[{name}]")
        return text.format(name=name)

    def _create_message(self, fields: Fields) -> Message:
        """Return the message that the fields of the action describe.

        Raises:
            ContentError: it is too long, or names what the service does not have.

        """
        if fields.get(ATTR_LEVEL) is not None and not self._client.has_levels:
            raise ContentError(
                Problem.OPTION_NOT_SUPPORTED,
                option=ATTR_LEVEL,
                instead=ATTR_TITLE,
            )
        given = {
            key: value
            for key, value in fields.items()
            if key in self.provider.message_options
        }
        fields = {**self._defaults.fields, **fields}
        expires_after: timedelta | None = fields.get(ATTR_EXPIRES_AFTER)
        text, title = fields.get(ATTR_MESSAGE, ""), fields.get(ATTR_TITLE)
        if self._defaults.emojis:
            text, title = replace_emojis(text), title and replace_emojis(title)
        return Message(
            text=text,
            title=title,
            format=Format(fields.get(ATTR_FORMAT, Format.TEXT)),
            overflow=Overflow(fields.get(ATTR_OVERFLOW, Overflow.SPLIT)),
            url=fields.get(ATTR_URL),
            url_label=fields.get(ATTR_URL_LABEL),
            level=fields.get(ATTR_LEVEL),
            expires_after=None
            if expires_after is None
            else expires_after.total_seconds(),
            options={**self._fixed_options, **given},
        )

    async def _async_attach(
        self,
        addressed: Addressed[Any],
        override: Fields,
        media: Mapping[str, MediaReference],
    ) -> Attached:
        """Read the attachments of a message.

        A caller that is cancelled meanwhile has handed over the text.
        """
        if not media and not addressed.left_out:
            return Attached(message=addressed.message)
        own = addressed.message
        # Its type decides how it shows them.
        addressed = replace(addressed, message=next(self._with_defaults(own)))
        try:
            attached = await async_attach(
                self._hass, addressed, media, self._delivery.reserve, self.upload_note
            )
            return replace(attached, message=_without_defaults(attached.message, own))
        except BaseException as err:
            task = asyncio.current_task()
            # Cameras may turn the cancellation into an error.
            is_cancelled = task is not None and task.cancelling() > 0
            if isinstance(err, ClientError) and not is_cancelled:
                raise
            message = self._client.sendable(addressed.message, addressed.target)
            shown = (reference.shown for reference in media.values())
            left_out = (*addressed.left_out, *shown)
            if message.text.strip():
                note = self.upload_note(", ".join(left_out))
                message = self._client.with_note(message, addressed.target, note)
            message = _without_defaults(message, own)
            content = Content(message=message, override=override, left_out=left_out)
            # If there is no room, the delivery reports that.
            with suppress(ClientError):
                self._delivery.hand_over(self.id, content)
            if is_cancelled:
                raise asyncio.CancelledError from err
            raise

    async def _async_content(
        self,
        fields: Fields,
        media: Mapping[str, MediaReference],
        left_out: tuple[str, ...] = (),
    ) -> tuple[Content, Attached]:
        """Return the content of a message, and its attachments.

        Args:
            fields: of the action.
            media: pictures and files, by field.
            left_out: what its caller gave besides.

        Raises:
            ClientError: it cannot be sent like that.

        """
        override = {
            key: fields[key]
            for key in (ATTR_FORMAT, *sorted(self._addresses))
            if fields.get(key)
        }
        fields, dead_links, error = external_links(self._hass, fields)
        message = self._create_message(fields)
        target = self._get_target(message, override)
        addressed = Addressed(
            client=self._client,
            target=target,
            owner=self.id,
            message=message,
            left_out=dead_links,
            error=error,
        )
        attached = await self._async_attach(addressed, override, media)
        content = Content(
            message=attached.message,
            override=override,
            left_out=(*left_out, *attached.left_out),
        )
        return content, attached

    async def _async_check(self, content: Content, attached: Attached) -> None:
        """Check that the requests of a message can be made.

        A caller that is cancelled meanwhile has handed the message over.

        Raises:
            ContentError: they cannot; what was reserved for attachments is released.

        """
        try:
            await self._hass.async_add_executor_job(
                self.prepare, content.message, content.override, None
            )
        except asyncio.CancelledError:
            # If there is no room, the delivery reports that.
            with suppress(ClientError):
                self._delivery.hand_over(self.id, content, attached.rooms)
            raise
        except BaseException:
            for room in attached.rooms:
                room.release()
            raise

    async def _async_send_content(
        self,
        content: Content,
        attached: Attached | None,
        *,
        returns_refused: bool,
        optional: bool | None = None,
    ) -> Answer:
        """Deliver a message of an action; return the answer.

        Raises:
            HomeAssistantError: it could not be delivered, and does not wait.

        """
        optional = self._defaults.optional if optional is None else optional
        answer = await self._async_deliver(content, attached, optional=optional)
        if answer.queued is None and answer.receipt.accepted:
            async_dispatcher_send(self._hass, self.signal_recorded)
        if not optional and not (returns_refused and answer.receipt.accepted):
            raise_for_refused(answer)
        return answer

    async def _async_deliver(
        self,
        content: Content,
        attached: Attached | None = None,
        *,
        optional: bool,
    ) -> Answer:
        """Hand a message to the delivery, and wait for the answer.

        Raises:
            HomeAssistantError: it could not be delivered, and is not optional.

        """
        rooms = attached.rooms if attached else ()
        message = None
        try:
            message = self._delivery.hand_over(self.id, content, rooms)
            return await self._delivery.answer(message)
        except ClientError as err:
            if optional:
                # It is reported all the same.
                _LOGGER.info(
                    "An optional message to %s failed: %s",
                    one_line(self.name),
                    err.problem,
                )
                handle = "" if message is None else message.handle
                return Answer(handle=handle, failed=err)
            raise delivery_error(self._hass, err, message) from err

    def _get_target(self, message: Message, override: Fields | None) -> Any:
        """Return who gets a message.

        Raises:
            ContentError: a target is invalid.

        """
        if override is None:
            return self._target
        try:
            return self.provider.message_target(
                self._data, {**message.options, **override}
            )
        except InputError as err:
            raise ContentError(err.problem, **err.details) from err

    def _late_note(self, meant_for: float) -> str:
        """Return the note of a late message."""
        zone = dt_util.get_time_zone(self._time_zone) if self._time_zone else None
        moment = dt_util.utc_from_timestamp(meant_for)
        moment = moment.astimezone(zone or dt_util.DEFAULT_TIME_ZONE)
        is_today = moment.date() == dt_util.now(zone).date()
        shown = f"{moment:%H:%M}" if is_today else f"{moment:%Y-%m-%d %H:%M}"
        return common_text(self._hass, "late", "[{time}]").format(time=shown)


def _without_defaults(message: Message, own: Message) -> Message:
    """Return a message without the defaults, which it gets when it is sent.

    Args:
        message: with them.
        own: the message as its caller described it.

    """
    options = {key: each for key, each in message.options.items() if key in own.options}
    return replace(message, url=own.url and message.url, options=options)
