"""Config flow: the menu of services, an account, its credentials and its changes."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, override

import voluptuous as vol

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    FlowType,
    SubentryFlowContext,
)
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow

from .account import WeChatPushConfigEntry, create_client, provider_of
from .clients.errors import ClientError
from .const import CONF_PROVIDER, DOMAIN, SECTION_CONNECTION, SUBENTRY_TYPE_RECIPIENT
from .flows.errors import form_errors
from .flows.options import AccountOptionsFlow
from .flows.recipient import RecipientFlow
from .providers import PROVIDERS
from .providers.base import Provider
from .providers.forms import LOGIN_SCHEMA, InputError, with_optional


class WeChatPushConfigFlow(ConfigFlow, domain=DOMAIN):
    """Adds an account, and renews or changes one."""

    VERSION = 1

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: WeChatPushConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return the kinds of things that an account holds."""
        return {SUBENTRY_TYPE_RECIPIENT: RecipientFlow}

    @staticmethod
    @callback
    @override
    def async_get_options_flow(
        config_entry: WeChatPushConfigEntry,
    ) -> AccountOptionsFlow:
        """Return the flow of an account's options."""
        return AccountOptionsFlow()

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Let the person choose a service."""
        return self.async_show_menu(step_id="user", menu_options=list(PROVIDERS))

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Let the person change an account, in the form that it was added with."""
        entry = self._get_reconfigure_entry()
        return await self.async_change(provider_of(entry), entry, user_input)

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Ask for new credentials after the old ones were refused."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Take new credentials; all else of the account stays."""
        entry = self._get_reauth_entry()
        provider = provider_of(entry)
        known = provider.account_input(entry.data)
        schema = vol.Schema(
            {
                key: value
                for key, value in with_optional(
                    provider.account_schema, provider.account_secrets
                ).schema.items()
                # What is not kept, like whether to send a test, is asked again.
                if key.schema in provider.account_secrets or key.schema not in known
            }
        ).extend(LOGIN_SCHEMA.schema)
        whole = None
        if user_input is not None:
            login = {
                key.schema: user_input.get(key.schema) for key in LOGIN_SCHEMA.schema
            }
            whole = {
                **known,
                **user_input,
                SECTION_CONNECTION: {**known[SECTION_CONNECTION], **login},
            }
        return await self._async_form(
            "reauth_confirm", provider, schema, whole, entry=entry, shown=known
        )

    async def async_add(
        self, provider: Provider[Any, Any], user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        """Add an account of a service."""
        return await self._async_form(
            provider.key, provider, provider.account_schema, user_input
        )

    async def async_change(
        self,
        provider: Provider[Any, Any],
        entry: WeChatPushConfigEntry,
        user_input: dict[str, Any] | None,
    ) -> ConfigFlowResult:
        """Change an account; a secret left empty stays as it is."""
        return await self._async_form(
            provider.key,
            provider,
            with_optional(provider.account_schema, provider.account_secrets),
            user_input,
            entry=entry,
            shown=provider.account_input(entry.data),
        )

    async def _async_form(
        self,
        step_id: str,
        provider: Provider[Any, Any],
        schema: vol.Schema,
        user_input: dict[str, Any] | None,
        *,
        entry: WeChatPushConfigEntry | None = None,
        shown: Mapping[str, Any] | None = None,
    ) -> ConfigFlowResult:
        """Show a form of an account, and take it when the account works."""
        errors: dict[str, str] = {}
        details: dict[str, str] = {}
        if user_input is not None:
            try:
                return await self._async_take(provider, user_input, entry)
            except (InputError, ClientError) as err:
                errors, details = form_errors(err, schema, provider.problem_fields)
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                schema, user_input or shown
            ),
            errors=errors,
            description_placeholders={
                "service": provider.name,
                "console_url": provider.console_url or "",
                **details,
            },
        )

    async def _async_take(
        self,
        provider: Provider[Any, Any],
        user_input: dict[str, Any],
        entry: WeChatPushConfigEntry | None,
    ) -> ConfigFlowResult:
        """Add the account, or update the one at hand, once the service agreed."""
        known = entry.data if entry is not None else {}
        data = {
            # Nobody is asked for it, and the service may know it.
            **{key: known[key] for key in (CONF_WEBHOOK_ID,) if key in known},
            CONF_PROVIDER: provider.key,
            **provider.canonical_account(user_input, known),
        }
        unique_id = provider.unique_id(data)
        if entry is None or unique_id != entry.unique_id:
            if entry is not None and not provider.identity_changes:
                raise AbortFlow("another_account")
            # Before the check: it may cost the person a message. The same account may
            # stand in a form that was left open elsewhere.
            await self.async_set_unique_id(unique_id, raise_on_progress=False)
            self._abort_if_unique_id_configured(reload_on_update=False)
        client = create_client(self.hass, provider, data)
        title = await provider.check_new(self.hass, client, user_input)
        if entry is None:
            return self.async_create_entry(
                title=title or provider.account_title(data), data=data
            )
        # The listener of a loaded account reloads it, but only if something changed.
        reloads = bool(entry.update_listeners) and entry.data != data
        result = self.async_update_and_abort(entry, unique_id=unique_id, data=data)
        if not reloads:
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return result

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Go on with the form of the first recipient."""
        recipient = await self.hass.config_entries.subentries.async_init(
            (result["result"].entry_id, SUBENTRY_TYPE_RECIPIENT),
            context=SubentryFlowContext(source=SOURCE_USER),
        )
        result["next_flow"] = (
            FlowType.CONFIG_SUBENTRIES_FLOW,
            recipient["flow_id"],
        )
        return result


type _Step = Callable[
    [WeChatPushConfigFlow, dict[str, Any] | None], Awaitable[ConfigFlowResult]
]


def _account_step(provider: Provider[Any, Any]) -> _Step:
    """Return the step of the flow that shows the form of a service."""

    async def async_step(
        flow: WeChatPushConfigFlow, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Add an account, or go on with changing one."""
        if flow.source == SOURCE_USER:
            return await flow.async_add(provider, user_input)
        return await flow.async_step_reconfigure(user_input)

    return async_step


# A menu wants a step for each of its options; every service has the same one.
for _provider in PROVIDERS.values():
    setattr(
        WeChatPushConfigFlow, f"async_step_{_provider.key}", _account_step(_provider)
    )
