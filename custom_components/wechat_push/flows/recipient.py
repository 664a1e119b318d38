"""Subentry flow of recipients."""

from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..account import WeChatPushConfigEntry, create_client, get_provider
from ..clients.client import Client
from ..clients.errors import ClientError
from ..clients.message import one_line
from ..const import CONF_WHEN_DOWN
from ..errors import escape_others
from ..options import WhenDown, when_down
from ..providers import PROVIDERS
from ..providers.base import Provider
from ..providers.forms import (
    CONF_SEND_TEST,
    InputError,
    flatten,
    make_optional,
    nest,
    open_sections,
)
from ..words import Words, async_get_words
from .errors import form_errors
from .names import async_recipient_title

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


def complete_form(form: vol.Schema) -> vol.Schema:
    """Return the form of a recipient with the fields of all providers.

    Args:
        form: of the provider. Its sections come last, as only some need them.

    """
    sections = {k: v for k, v in form.schema.items() if isinstance(v, section)}
    fields = {k: v for k, v in form.schema.items() if k not in sections}
    return vol.Schema({**fields, **_GENERAL_SCHEMA.schema, **sections})


def parse_general(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is stored of the fields of all providers."""
    return {CONF_WHEN_DOWN: user_input[CONF_WHEN_DOWN]}


class RecipientFlow(ConfigSubentryFlow):
    """Handle the subentry flow of a recipient."""

    # Requested once, although the form may be shown several times.
    _target_options: list[SelectOptionDict] | None = None
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
        if self._target_options is None:
            try:
                self._target_options = await provider.target_options(client, words)
            except ClientError:
                # Targets can be entered as well, and the check shows the error.
                self._target_options = []
        schema = self._schema(provider, self._target_options)
        step_id = provider.key
        suggested: Mapping[str, Any] = {}
        if self.source == SOURCE_RECONFIGURE:
            step_id = f"reconfigure_{provider.key}"
            subentry = self._get_reconfigure_subentry()
            suggested = {
                CONF_NAME: subentry.title,
                **provider.recipient_suggestions(subentry.data),
                CONF_WHEN_DOWN: when_down(subentry.data).value,
            }
        elif not entry.subentries:
            suggested = provider.first_recipient()
        shown = nest(schema, suggested)
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            shown = user_input
            try:
                return await self._async_check(
                    entry, client, flatten(schema, user_input), words
                )
            except (InputError, ClientError) as err:
                errors, placeholders = form_errors(err, schema, provider.problem_fields)
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                open_sections(schema, errors), shown
            ),
            errors=errors,
            description_placeholders={
                "account": escape_others(entry.title),
                "console_url": provider.console_url or "",
                **placeholders,
            },
        )

    def _schema(
        self, provider: Provider[Any, Any], options: list[SelectOptionDict]
    ) -> vol.Schema:
        """Return the form."""
        form = provider.recipient_form_schema(options)
        if self.source == SOURCE_RECONFIGURE:
            form = make_optional(form, provider.recipient_secrets)
        return complete_form(form)

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
        data = provider.parse_recipient(
            user_input, subentry.data if subentry is not None else {}
        )
        checked = await provider.check_recipient(client, data)
        data |= {**checked.data, **parse_general(user_input)}
        unique_id = provider.recipient_unique_id(data)
        if any(
            other.unique_id == unique_id
            for other in entry.subentries.values()
            if other is not subentry
        ):
            return self.async_abort(reason="already_configured")
        is_new = subentry is None or unique_id != subentry.unique_id
        if user_input.get(CONF_SEND_TEST) and is_new:
            await provider.send_test(self.hass, client, data)
        title = one_line(user_input.get(CONF_NAME)) or async_recipient_title(
            self.hass,
            words,
            provider,
            provider.recipient_name(data, checked.name, words),
            account=entry.title,
            entry=entry,
            changed=subentry,
        )
        if subentry is None:
            return self.async_create_entry(
                title=title,
                data=data,
                unique_id=unique_id,
                description_placeholders={"recipient": escape_others(title)},
            )
        self.hass.config_entries.async_update_subentry(
            entry, subentry, title=title, data=data, unique_id=unique_id
        )
        # Not by `async_update_and_abort`, whose text may be in English alone.
        return self.async_abort(reason="reconfigure_successful")


# The form of each provider has its own texts, and therefore its own steps.
for _key in PROVIDERS:
    setattr(RecipientFlow, f"async_step_{_key}", RecipientFlow.async_step_user)
    setattr(
        RecipientFlow,
        f"async_step_reconfigure_{_key}",
        RecipientFlow.async_step_reconfigure,
    )
