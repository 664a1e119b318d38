"""Subentry flow: the recipients of an account."""

from typing import Any

import voluptuous as vol

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..account import WeChatPushConfigEntry, create_client, provider_of
from ..clients.client import Client
from ..clients.errors import ClientError
from ..const import CONF_WHEN_DOWN
from ..options import WhenDown, when_down
from ..providers import PROVIDERS
from ..providers.forms import InputError, with_optional
from .errors import form_errors

# What recipients of all services are asked.
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


class RecipientFlow(ConfigSubentryFlow):
    """Adds a recipient to an account, and changes one."""

    # Asked for once: the person may need several tries to fill in the form.
    _choices: list[SelectOptionDict] | None = None
    # Of an account that is not loaded. A client remembers that its credentials were
    # refused; a new one for each try would ask again, and get the address banned.
    _client: Client[Any] | None = None

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show the form that fits the account's service."""
        return await self._async_form(user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Let the person change a recipient, in the form that it was added with."""
        return await self._async_form(user_input)

    async def _async_form(
        self, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        """Show the form of a recipient, and take it when the service knows it."""
        entry: WeChatPushConfigEntry = self._get_entry()
        provider = provider_of(entry)
        client = self._client_of(entry)
        if self._choices is None:
            try:
                self._choices = await provider.choices(client)
            except ClientError:
                # The list is a help; what is wrong shows when the form is sent.
                self._choices = []
        schema = provider.recipient_form(self._choices).extend(_GENERAL_SCHEMA.schema)
        shown = None
        if self.source == SOURCE_RECONFIGURE:
            subentry = self._get_reconfigure_subentry()
            schema = with_optional(schema, provider.recipient_secrets)
            shown = {
                CONF_NAME: subentry.title,
                **provider.recipient_input(subentry.data),
                CONF_WHEN_DOWN: when_down(subentry.data).value,
            }
        errors: dict[str, str] = {}
        details: dict[str, str] = {}
        if user_input is not None:
            try:
                return await self._async_take(entry, client, user_input)
            except (InputError, ClientError) as err:
                errors, details = form_errors(err, schema, provider.problem_fields)
        return self.async_show_form(
            step_id=provider.key,
            data_schema=self.add_suggested_values_to_schema(
                schema, user_input or shown
            ),
            errors=errors,
            description_placeholders={"account": entry.title, **details},
        )

    def _client_of(self, entry: WeChatPushConfigEntry) -> Client[Any]:
        """Return the client of a loaded account, or one to ask in its place."""
        if entry.state is ConfigEntryState.LOADED:
            return entry.runtime_data.client
        if self._client is None:
            self._client = create_client(self.hass, provider_of(entry), entry.data)
        return self._client

    async def _async_take(
        self,
        entry: WeChatPushConfigEntry,
        client: Client[Any],
        user_input: dict[str, Any],
    ) -> SubentryFlowResult:
        """Add the recipient, or update the one at hand."""
        provider = provider_of(entry)
        subentry = (
            self._get_reconfigure_subentry()
            if self.source == SOURCE_RECONFIGURE
            else None
        )
        data = provider.canonical_recipient(
            user_input, subentry.data if subentry is not None else {}
        )
        checked = await provider.check_recipient(client, data)
        data |= {**checked.data, CONF_WHEN_DOWN: user_input[CONF_WHEN_DOWN]}
        unique_id = provider.recipient_unique_id(data)
        if any(
            other.unique_id == unique_id
            for other in entry.subentries.values()
            if other is not subentry
        ):
            return self.async_abort(reason="already_configured")
        title = user_input.get(CONF_NAME, "").strip() or checked.name
        if subentry is None:
            return self.async_create_entry(title=title, data=data, unique_id=unique_id)
        return self.async_update_and_abort(
            entry, subentry, title=title, data=data, unique_id=unique_id
        )


# The form of each service has texts of its own, and so a step of its own.
for _provider in PROVIDERS.values():
    setattr(RecipientFlow, f"async_step_{_provider.key}", RecipientFlow.async_step_user)
