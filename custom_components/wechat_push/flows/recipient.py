"""Subentry flow of recipients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, override

import voluptuous as vol

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntryState,
    ConfigSubentry,
    ConfigSubentryData,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.core import callback
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..account import WeChatPushConfigEntry, create_client, get_provider
from ..clients.client import Client
from ..clients.errors import ActionNeededError, ClientError
from ..clients.message import one_line
from ..const import CONF_WHEN_DOWN, SECTION_DEFAULTS, SUBENTRY_TYPE_RECIPIENT
from ..errors import escape_others
from ..message_defaults import defaults_schema, parse_defaults
from ..options import WhenDown, when_down
from ..providers import PROVIDERS
from ..providers.base import CheckedRecipient, Choices, Provider
from ..providers.forms import (
    COLLAPSED,
    CONF_SEND_TEST,
    InputError,
    flatten,
    make_optional,
    nest,
    open_sections,
    with_stored,
)
from ..providers.scan import Scanned
from ..words import Words, async_get_words
from .errors import FormError, form_errors
from .names import async_recipient_title, last_words
from .scanning import ScanSteps

# Fields of the recipients of all providers.
_GENERAL_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_WHEN_DOWN, default=WhenDown.KEEP.value): SelectSelector(
            SelectSelectorConfig(
                options=[choice.value for choice in WhenDown],
                mode=SelectSelectorMode.LIST,
                translation_key=CONF_WHEN_DOWN,
            )
        )
    }
)


def complete_form(provider: Provider[Any, Any], form: vol.Schema) -> vol.Schema:
    """Return the form of a recipient with the fields of all providers.

    Args:
        provider: of the recipient.
        form: of the provider. Its sections come last, as only some need them.

    """
    sections = {k: v for k, v in form.schema.items() if isinstance(v, section)}
    fields = {k: v for k, v in form.schema.items() if k not in sections}
    # With a default, the frontend would show none of those of its fields.
    defaults = vol.Optional(SECTION_DEFAULTS)
    sections[defaults] = section(defaults_schema(provider), COLLAPSED)
    return vol.Schema({**fields, **_GENERAL_SCHEMA.schema, **sections})


def parse_general(
    provider: Provider[Any, Any], user_input: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what is stored of the fields of all providers.

    Args:
        provider: of the recipient.
        user_input: fields of the form, those of its sections included.

    """
    return {
        **parse_defaults(provider, user_input),
        CONF_WHEN_DOWN: user_input[CONF_WHEN_DOWN],
    }


# Without a default, as nothing is sent that the person has not seen.
_TEST_SCHEMA = vol.Schema({vol.Optional(CONF_SEND_TEST): BooleanSelector()})


@dataclass(frozen=True, kw_only=True, slots=True)
class _NewRecipient:
    """A recipient that is added at the end of the flow.

    Args:
        typed: the input of the form.
        data: to store.
        name: at the service; may be empty.

    """

    typed: Mapping[str, Any] = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)
    name: str


class RecipientFlow(ScanSteps):
    """Handle the subentry flow of a recipient."""

    # Requested once, although the form may be shown several times.
    _choices: Choices | None = None
    # As the form was submitted.
    _submitted: dict[str, Any] | None = None
    # Made at the service.
    _made: CheckedRecipient | None = None
    # To add; the unique IDs of those that got their test message; what has to be
    # subscribed to before they get it.
    _new: Sequence[_NewRecipient] = ()
    _tested: frozenset[str | None] = frozenset()
    _subscribe_to: str = ""
    # Of an account that is not loaded. A client does not repeat refused credentials; a
    # new one for each try would, and get the IP address banned.
    _client: Client[Any] | None = None

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add a recipient."""
        return await self._async_form(user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a recipient; a secret left empty stays as it is."""
        return await self._async_form(user_input)

    async def _async_form(
        self, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        """Show the form of a recipient until its input has passed the check."""
        entry: WeChatPushConfigEntry = self._get_entry()
        provider = get_provider(entry)
        client = self._get_client(entry)
        words = await async_get_words(self.hass)
        error: FormError | None = None
        if self._choices is None:
            try:
                self._choices = await provider.choices(client, words)
            except ActionNeededError as err:
                self._choices, error = Choices(), err
            except ClientError:
                # Targets can be entered as well, and the check shows the error.
                self._choices = Choices()
        if user_input is not None:
            self._submitted = user_input
            schema = self._schema(provider, client)
            flat = self._choices.reveal(flatten(schema, user_input))
            try:
                if self.source == SOURCE_USER and (scan := provider.scan(client, flat)):
                    return await self.async_start_scan(scan, flat)
                return await self._async_check(entry, client, flat, words)
            except (InputError, ClientError) as err:
                error = err
        return self._async_show(error)

    @callback
    @override
    def _async_show(self, error: FormError | None) -> SubentryFlowResult:
        """Show the form as it was submitted, or with what is suggested."""
        entry: WeChatPushConfigEntry = self._get_entry()
        provider = get_provider(entry)
        schema = self._schema(provider, self._get_client(entry))
        step_id = provider.key
        suggested: Mapping[str, Any] = {}
        if self.source == SOURCE_RECONFIGURE:
            step_id = f"reconfigure_{provider.key}"
            subentry = self._get_reconfigure_subentry()
            suggested = {
                CONF_NAME: subentry.title,
                **parse_defaults(provider, provider.recipient_data(subentry.data)),
                **provider.recipient_suggestions(subentry.data),
                CONF_WHEN_DOWN: when_down(subentry.data).value,
            }
        elif not entry.subentries:
            # The first message is what a newcomer is waiting for.
            choices = self._choices or Choices()
            suggested = {**provider.first_recipient(choices), CONF_SEND_TEST: True}
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if error is not None:
            errors, placeholders = form_errors(error, schema, provider)
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                open_sections(schema, errors),
                self._submitted or nest(schema, suggested),
            ),
            errors=errors,
            description_placeholders={
                "account": escape_others(entry.title),
                "console_url": provider.console_url or "",
                **placeholders,
            },
        )

    def _schema(self, provider: Provider[Any, Any], client: Client[Any]) -> vol.Schema:
        """Return the form; what only some need comes last, in its section."""
        choices = self._choices or Choices()
        if self.source == SOURCE_RECONFIGURE:
            form = make_optional(
                provider.recipient_form_schema(choices), provider.recipient_secrets
            )
            stored = self._get_reconfigure_subentry().data
            form = with_stored(form, provider.recipient_suggestions(stored))
        else:
            form = provider.new_recipient_schema(client, choices)
            if CONF_SEND_TEST not in form.schema:
                form = form.extend(_TEST_SCHEMA.schema)
        return complete_form(provider, form)

    def _get_client(self, entry: WeChatPushConfigEntry) -> Client[Any]:
        """Return the client of the account, or a new one if it is not loaded."""
        if entry.state is ConfigEntryState.LOADED:
            return entry.runtime_data.client
        if self._client is None:
            self._client = create_client(self.hass, get_provider(entry), entry.data)
        return self._client

    async def _async_check(
        self,
        entry: WeChatPushConfigEntry,
        client: Client[Any],
        user_input: dict[str, Any],
        words: Words,
    ) -> SubentryFlowResult:
        """Check the input, then add the recipient or update the one that is changed."""
        provider = get_provider(entry)
        subentry = (
            self._get_reconfigure_subentry()
            if self.source == SOURCE_RECONFIGURE
            else None
        )
        checked = None
        if subentry is None:
            checked = await self._async_make(provider, client, user_input)
        data: dict[str, Any] = {}
        if checked is None:
            data = provider.parse_recipient(
                user_input, subentry.data if subentry is not None else {}
            )
            checked = await provider.check_recipient(client, data)
        data |= {**checked.data, **parse_general(provider, user_input)}
        if self._is_known(data, changed=subentry):
            return self.async_abort(reason="already_configured")
        unique_id = provider.recipient_unique_id(data)
        name = checked.name or self._chosen_name(data)
        if subentry is None:
            self._new = [_NewRecipient(typed=user_input, data=data, name=name)]
            if checked.subscribe_to:
                # Until then, a test message would reach nobody.
                self._subscribe_to = checked.subscribe_to
                return self._show_test("subscribe")
            await self._async_send_test(user_input)
            return await self._async_finish()
        if user_input.get(CONF_SEND_TEST) and unique_id != subentry.unique_id:
            await provider.send_test(self.hass, client, data)
        recipient = self._recipient(user_input, data, name, words, changed=subentry)
        self.hass.config_entries.async_update_subentry(
            entry,
            subentry,
            title=recipient["title"],
            data=recipient["data"],
            unique_id=unique_id,
        )
        # Not by `async_update_and_abort`, whose text may be in English alone.
        return self.async_abort(reason="reconfigure_successful")

    async def _async_make(
        self,
        provider: Provider[Any, Any],
        client: Client[Any],
        user_input: dict[str, Any],
    ) -> CheckedRecipient | None:
        """Make a recipient at the service once, if the form asks for one."""
        async with self._once:
            if self._made is None:
                self._made = await provider.make_recipient(client, user_input)
            return self._made

    def _is_known(
        self, data: Mapping[str, Any], *, changed: ConfigSubentry | None = None
    ) -> bool:
        """Return if the account has a recipient, other than the one that is changed."""
        entry: WeChatPushConfigEntry = self._get_entry()
        unique_id = get_provider(entry).recipient_unique_id(data)
        return any(
            other.unique_id == unique_id
            for other in entry.subentries.values()
            if other is not changed
        )

    def _chosen_name(self, data: Mapping[str, Any]) -> str:
        """Return the name of a recipient in the choices of the form; may be empty."""
        provider = get_provider(self._get_entry())
        return provider.chosen_name(data, self._choices or Choices())

    def _recipient(
        self,
        user_input: Mapping[str, Any],
        data: Mapping[str, Any],
        name: str,
        words: Words,
        *,
        changed: ConfigSubentry | None = None,
    ) -> ConfigSubentryData:
        """Return a recipient to store.

        Args:
            user_input: of the form.
            data: to store.
            name: at the service; may be empty.
            words: texts in the language of Home Assistant.
            changed: the recipient that becomes it.

        """
        entry: WeChatPushConfigEntry = self._get_entry()
        provider = get_provider(entry)
        title = one_line(user_input.get(CONF_NAME)) or async_recipient_title(
            self.hass,
            words,
            provider,
            provider.recipient_name(data, name, words),
            account=entry.title,
            entry=entry,
            changed=changed,
        )
        return ConfigSubentryData(
            subentry_type=SUBENTRY_TYPE_RECIPIENT,
            title=title,
            data=data,
            unique_id=provider.recipient_unique_id(data),
        )

    async def _async_send_test(self, user_input: Mapping[str, Any]) -> None:
        """Send a test message to those who are added, if the form asks for it.

        Nobody gets it twice, although a form may be submitted again.

        Raises:
            ClientError: the service cannot be reached, or refuses a message.

        """
        if not user_input.get(CONF_SEND_TEST):
            return
        entry: WeChatPushConfigEntry = self._get_entry()
        provider = get_provider(entry)
        async with self._once:
            for new in self._new:
                unique_id = provider.recipient_unique_id(new.data)
                if unique_id not in self._tested:
                    client = self._get_client(entry)
                    await provider.send_test(self.hass, client, new.data)
                    self._tested |= {unique_id}

    async def async_step_subscribe(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show what to subscribe to before the test message is sent."""
        return await self._async_test("subscribe", user_input)

    async def async_step_test_failed(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Try again, or go on without the test message."""
        return await self._async_test("test_failed", user_input)

    async def _async_test(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        """Send the test message, then add the recipients."""
        if user_input is None:
            return self._show_test(step_id)
        try:
            await self._async_send_test(user_input)
        except ClientError as err:
            return self._show_test(step_id, user_input, err)
        return await self._async_finish()

    @callback
    def _show_test(
        self,
        step_id: str,
        user_input: dict[str, Any] | None = None,
        error: ClientError | None = None,
    ) -> SubentryFlowResult:
        """Show a step that sends the test message, and the error of the last try."""
        shown = user_input or self._submitted
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if error is not None:
            provider = get_provider(self._get_entry())
            errors, placeholders = form_errors(error, _TEST_SCHEMA, provider)
        if self._subscribe_to:
            code = f'<ha-qr-code data="{self._subscribe_to}" scale="6"></ha-qr-code>'
            placeholders |= {"key": self._subscribe_to, "qr_code": code}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(_TEST_SCHEMA, shown),
            errors=errors,
            description_placeholders=placeholders,
        )

    async def _async_finish(self) -> SubentryFlowResult:
        """Add the recipients that are not there yet."""
        words = await async_get_words(self.hass)
        added: list[ConfigSubentryData] = []
        for new in self._new:
            if self._is_known(new.data):
                continue
            if added:
                # Before the next one, whose title must be another.
                self._async_store(added[-1])
            added.append(self._recipient(new.typed, new.data, new.name, words))
        if not added:
            return self.async_abort(reason="already_configured")
        # The flow itself stores the last one.
        last = added[-1]
        tested = self._tested.issuperset(each["unique_id"] for each in added)
        description, placeholders = last_words(added, tested=tested)
        return self.async_create_entry(
            title=last["title"],
            data=last["data"],
            unique_id=last["unique_id"],
            description=description,
            description_placeholders=placeholders,
        )

    async def async_step_finish(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add the only recipient that there can be."""
        return await self._async_add_scanned([self._scanned])

    async def async_step_each(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Make everyone who has scanned a recipient."""
        return await self._async_add_scanned([[each] for each in self._scanned])

    async def async_step_together(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Make one recipient of all who have scanned."""
        return await self._async_add_scanned([self._scanned])

    async def _async_add_scanned(
        self, groups: Sequence[Sequence[Scanned]]
    ) -> SubentryFlowResult:
        """Add a recipient for each group of people who have scanned."""
        provider = get_provider(self._get_entry())
        scan = self._scan
        assert scan is not None
        try:
            parsed = [
                provider.parse_recipient(scan.complete(self._input, people), {})
                for people in groups
            ]
        except InputError as err:
            return self._async_show(err)
        general = parse_general(provider, self._input)
        typed = dict(self._input)
        if len(groups) > 1:
            # A name for one of them.
            typed.pop(CONF_NAME, None)
        self._new = [
            _NewRecipient(
                typed=typed,
                data={**data, **general},
                name=", ".join(each.name for each in people if each.name)
                if scan.separate
                else self._chosen_name(data),
            )
            for people, data in zip(groups, parsed, strict=True)
            if not self._is_known(data)
        ]
        return await self._async_test("test_failed", self._input)

    @callback
    def _async_store(self, recipient: ConfigSubentryData) -> None:
        """Add a recipient that is not the result of the flow."""
        self.hass.config_entries.async_add_subentry(
            self._get_entry(),
            ConfigSubentry(
                subentry_type=recipient["subentry_type"],
                title=recipient["title"],
                data=MappingProxyType(dict(recipient["data"])),
                unique_id=recipient["unique_id"],
            ),
        )


# The form of each provider has its own texts, and therefore its own steps.
for _key in PROVIDERS:
    setattr(RecipientFlow, f"async_step_{_key}", RecipientFlow.async_step_user)
    setattr(
        RecipientFlow,
        f"async_step_reconfigure_{_key}",
        RecipientFlow.async_step_reconfigure,
    )
