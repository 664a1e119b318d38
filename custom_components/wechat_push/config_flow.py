"""Config flow of WeChat Push."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, override

import voluptuous as vol

from homeassistant.config_entries import (
    SOURCE_IMPORT,
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntryState,
    ConfigFlowResult,
    ConfigSubentryData,
    ConfigSubentryFlow,
    FlowType,
    SubentryFlowContext,
)
from homeassistant.const import CONF_USERNAME, CONF_WEBHOOK_ID
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow

from .account import WeChatPushConfigEntry, create_client, get_provider
from .clients.errors import ClientError, Problem
from .const import (
    CONF_PROVIDER,
    CONF_WHEN_DOWN,
    DOMAIN,
    SECTION_CONNECTION,
    SUBENTRY_TYPE_RECIPIENT,
)
from .flows.errors import FormError, form_errors
from .flows.importing import ImportFlow
from .flows.names import async_account_title, async_recipient_title, last_words
from .flows.options import AccountOptionsFlow
from .flows.recipient import RecipientFlow
from .options import WhenDown
from .providers import PROVIDERS
from .providers.base import CheckedRecipient, Provider
from .providers.forms import (
    CONF_SEND_TEST,
    LOGIN_SCHEMA,
    PROXY_SCHEMA,
    InputError,
    make_optional,
    open_sections,
    with_time_zones,
)
from .time_zones import time_zones
from .words import async_get_words

# Fields of the connection that a proxy may ask for, by its problem.
_PROXY_SCHEMAS: Final[Mapping[str, vol.Schema]] = {
    Problem.PROXY_LOGIN: LOGIN_SCHEMA,
    Problem.FORWARD_PROXY_LOGIN: PROXY_SCHEMA,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _CheckedEntry:
    """A config entry that was checked and can be stored."""

    title: str
    data: Mapping[str, Any]
    unique_id: str
    # The first one of a new account, and whether it got a test message.
    recipient: CheckedRecipient | None
    tested: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class _PendingInput:
    """The input of a form that waits until a problem is solved elsewhere."""

    provider: Provider[Any, Any]
    user_input: dict[str, Any]
    # Of the form.
    step_id: str
    schema: vol.Schema
    problem: str
    details: Mapping[str, str]


class WeChatPushConfigFlow(ImportFlow, domain=DOMAIN):
    """Handle a config flow for WeChat Push."""

    VERSION = 1
    MINOR_VERSION = 2

    # Waits for the confirmation that part of it could not be checked.
    _unconfirmed: _CheckedEntry | None = None
    # The secrets to ask for.
    _refused: Collection[str] = ()
    # What is to be checked again.
    _pending: _PendingInput | None = None

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: WeChatPushConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return the subentry types of an account."""
        return {SUBENTRY_TYPE_RECIPIENT: RecipientFlow}

    @staticmethod
    @callback
    @override
    def async_get_options_flow(
        config_entry: WeChatPushConfigEntry,
    ) -> AccountOptionsFlow:
        """Return the options flow of an account."""
        return AccountOptionsFlow()

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the menu of providers."""
        return self.async_show_menu(
            step_id="user", menu_options=[*PROVIDERS, "apprise"]
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change an account; a secret left empty stays as it is."""
        entry = self._get_reconfigure_entry()
        provider = get_provider(entry)
        return await self.async_show_account_form(
            f"reconfigure_{provider.key}",
            provider,
            make_optional(provider.account_schema, provider.account_secrets),
            user_input,
            suggested=provider.account_suggestions(entry.data),
        )

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Handle credentials that were refused."""
        entry: WeChatPushConfigEntry = self._get_reauth_entry()
        provider = get_provider(entry)
        problem = None
        if entry.state is ConfigEntryState.LOADED:
            outage = entry.runtime_data.delivery.outage
            problem = outage.problem if outage is not None else None
        if problem == Problem.FORWARD_PROXY_LOGIN:
            return await self.async_step_reauth_forward_proxy()
        refused = provider.remedy(problem or "").field
        if not provider.account_secrets or problem == Problem.PROXY_LOGIN:
            return await self.async_step_reauth_proxy()
        self._refused = (
            frozenset({refused})
            if refused in provider.account_secrets
            else provider.account_secrets
        )
        return await self.async_ask_for_secrets()

    async def async_step_reauth_proxy(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the login of the proxy in front of the service."""
        return await self._async_show_reauth_form(
            "reauth_proxy", LOGIN_SCHEMA, user_input
        )

    async def async_step_reauth_forward_proxy(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the forward proxy on the way to the service, with its login."""
        return await self._async_show_reauth_form(
            "reauth_forward_proxy", PROXY_SCHEMA, user_input
        )

    async def async_ask_for_secrets(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the secrets that were refused; all other data of the account stays."""
        entry = self._get_reauth_entry()
        provider = get_provider(entry)
        asked = {*self._refused, CONF_SEND_TEST}
        schema = make_optional(
            vol.Schema(
                {
                    key: value
                    for key, value in provider.account_schema.schema.items()
                    if key.schema in asked
                }
            ),
            provider.account_secrets,
        )
        # What is in front of the service may have changed along with the secret.
        if entry.data.get(CONF_USERNAME):
            schema = schema.extend(LOGIN_SCHEMA.schema)
        return await self._async_show_reauth_form(
            f"reauth_{provider.key}", schema, user_input
        )

    async def _async_show_reauth_form(
        self, step_id: str, schema: vol.Schema, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        """Show a form with some fields of an account; the others stay as they are."""
        entry = self._get_reauth_entry()
        provider = get_provider(entry)
        known = provider.account_suggestions(entry.data)
        if self._pending is not None:
            # With another way to the service, perhaps.
            known = self._pending.user_input
        complete = None
        if user_input is not None:
            proxies = {
                key.schema: user_input.get(key.schema)
                for fields in _PROXY_SCHEMAS.values()
                for key in fields.schema
                if key in schema.schema or key.schema in user_input
            }
            complete = {
                CONF_SEND_TEST: False,
                **known,
                **user_input,
                SECTION_CONNECTION: {**known[SECTION_CONNECTION], **proxies},
            }
        return await self.async_show_account_form(
            step_id, provider, schema, complete, suggested=known
        )

    async def async_step_unchecked(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Confirm an account of which a part could not be checked."""
        checked = self._unconfirmed
        assert checked is not None
        if user_input is not None:
            return await self._async_store(checked)
        return self.async_show_form(step_id="unchecked", data_schema=vol.Schema({}))

    async def async_show_account_form(
        self,
        step_id: str,
        provider: Provider[Any, Any],
        schema: vol.Schema,
        user_input: dict[str, Any] | None,
        *,
        suggested: Mapping[str, Any] | None = None,
    ) -> ConfigFlowResult:
        """Show the form of an account until its input has passed the check."""
        # They are on disk at first.
        await self.hass.async_add_executor_job(time_zones)
        if user_input is None:
            return self._show_account_form(step_id, provider, schema, suggested)
        try:
            return await self._async_check(provider, user_input)
        except (InputError, ClientError) as err:
            if not provider.remedy(err.problem).has_step:
                return self._show_account_form(
                    step_id, provider, schema, user_input, err
                )
            self._pending = _PendingInput(
                provider=provider,
                user_input=user_input,
                step_id=step_id,
                schema=schema,
                problem=err.problem,
                details=err.details,
            )
        return self._show_problem(self._pending)

    def _show_account_form(
        self,
        step_id: str,
        provider: Provider[Any, Any],
        schema: vol.Schema,
        shown: Mapping[str, Any] | None,
        err: FormError | None = None,
        details: Mapping[str, str] | None = None,
    ) -> ConfigFlowResult:
        """Show a form with fields of an account, and the error of the last try."""
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        schema = with_time_zones(schema)
        if err is not None:
            proxy = _PROXY_SCHEMAS.get(err.problem)
            if proxy is not None and SECTION_CONNECTION not in schema.schema:
                # The form need not have asked for it.
                schema = schema.extend(proxy.schema)
            errors, placeholders = form_errors(err, schema, provider)
            if err.problem == step_id:
                errors = {"base": "still_there"}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                open_sections(schema, errors), shown
            ),
            errors=errors,
            description_placeholders={
                "console_url": provider.console_url or "",
                **(details or {}),
                **placeholders,
            },
        )

    async def async_check_again(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Check input again after a person has solved a problem, or by another way."""
        pending = self._pending
        assert pending is not None
        if user_input is None:
            return self._show_problem(pending)
        provider = pending.provider
        pending = replace(pending, user_input={**pending.user_input, **user_input})
        self._pending = pending
        try:
            return await self._async_check(provider, pending.user_input)
        except (InputError, ClientError) as err:
            errors, _ = form_errors(err, pending.schema, provider)
            if not errors.keys() <= {"base", SECTION_CONNECTION}:
                # Only that form has the field.
                return self._show_account_form(
                    pending.step_id, provider, pending.schema, pending.user_input, err
                )
            if err.problem == pending.problem:
                self._pending = replace(pending, details=err.details)
            return self._show_problem(self._pending, err)

    def _show_problem(
        self, pending: _PendingInput, err: FormError | None = None
    ) -> ConfigFlowResult:
        """Show how a problem is solved, and the error of the last check.

        The connection can be changed, as another way to the service may be the solution.
        """
        schema = vol.Schema(
            {
                key: value
                for key, value in pending.provider.account_schema.schema.items()
                if key.schema == SECTION_CONNECTION
            }
        )
        return self._show_account_form(
            pending.problem,
            pending.provider,
            schema,
            pending.user_input,
            err,
            pending.details,
        )

    async def _async_check(
        self, provider: Provider[Any, Any], user_input: dict[str, Any]
    ) -> ConfigFlowResult:
        """Check the input of an account, then store it or ask for confirmation."""
        entry = self._changed_entry
        known = entry.data if entry is not None else {}
        data = {
            # Not in the form, and the service may have been given its URL.
            **{key: known[key] for key in (CONF_WEBHOOK_ID,) if key in known},
            CONF_PROVIDER: provider.key,
            **provider.parse_account(user_input, known),
        }
        data = await provider.complete_account(
            partial(create_client, self.hass, provider), data, user_input
        )
        unique_id = provider.unique_id(data)
        # Before the check, which may send a message.
        await self._async_abort_if_not_unique(provider, unique_id)
        client = create_client(self.hass, provider, data)
        words = await async_get_words(self.hass)
        account = await provider.check(client, user_input)
        recipient = account.recipient
        is_new = entry is None or unique_id != entry.unique_id
        tested = is_new and bool(user_input.get(CONF_SEND_TEST))
        if tested:
            first = recipient.data if recipient is not None else {}
            await provider.send_test(self.hass, client, first)
        checked = _CheckedEntry(
            title=async_account_title(self.hass, words, provider, account.name, data),
            data=data,
            unique_id=unique_id,
            recipient=recipient,
            tested=tested,
        )
        if account.unchecked:
            self._unconfirmed = checked
            return await self.async_step_unchecked()
        return await self._async_store(checked)

    async def _async_abort_if_not_unique(
        self, provider: Provider[Any, Any], unique_id: str
    ) -> None:
        """Abort the flow if the unique ID is that of another account."""
        entry = self._changed_entry
        if entry is not None and unique_id == entry.unique_id:
            return
        if entry is not None and not provider.identity_changes:
            raise AbortFlow("another_account")
        # The same account may be in progress in a form that was left open.
        await self.async_set_unique_id(unique_id, raise_on_progress=False)
        self._abort_if_unique_id_configured(reload_on_update=False)

    @property
    def _changed_entry(self) -> WeChatPushConfigEntry | None:
        """Return the account that is changed, or None if one is added."""
        if self.source == SOURCE_REAUTH:
            return self._get_reauth_entry()
        if self.source == SOURCE_RECONFIGURE:
            return self._get_reconfigure_entry()
        return None

    async def _async_store(self, checked: _CheckedEntry) -> ConfigFlowResult:
        """Add the account, or update the one that is changed."""
        entry = self._changed_entry
        if entry is None:
            recipients = await self._async_first_recipient(checked)
            description, placeholders = last_words(recipients, tested=checked.tested)
            return self.async_create_entry(
                title=checked.title,
                data=checked.data,
                subentries=recipients,
                description=description,
                description_placeholders=placeholders,
            )
        result = self.async_update_and_abort(
            entry,
            unique_id=checked.unique_id,
            data=checked.data,
            # Named, because Home Assistant's own text for it is in English alone.
            reason=f"{self.source}_successful",
        )
        if entry.update_listeners:
            # It is set up. The same credentials may be fine again.
            entry.runtime_data.async_prove()
        else:
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return result

    async def _async_first_recipient(
        self, checked: _CheckedEntry
    ) -> list[ConfigSubentryData]:
        """Return the recipient that the account comes with, if any."""
        if (recipient := checked.recipient) is None:
            return []
        provider = PROVIDERS[checked.data[CONF_PROVIDER]]
        words = await async_get_words(self.hass)
        title = async_recipient_title(
            self.hass,
            words,
            provider,
            provider.recipient_name(recipient.data, recipient.name, words),
            account=checked.title,
        )
        return [
            ConfigSubentryData(
                subentry_type=SUBENTRY_TYPE_RECIPIENT,
                title=title,
                data={**recipient.data, CONF_WHEN_DOWN: WhenDown.KEEP.value},
                unique_id=provider.recipient_unique_id(recipient.data),
            )
        ]

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Continue with the form of the first recipient, if there is none yet."""
        result = await super().async_on_create_entry(result)
        if result["result"].subentries or self.source == SOURCE_IMPORT:
            return result
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
    """Return the step that shows the form of a provider."""

    async def async_step(
        flow: WeChatPushConfigFlow, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Add an account."""
        return await flow.async_show_account_form(
            provider.key, provider, provider.new_account_schema, user_input
        )

    return async_step


# The forms of each provider have their own texts, and therefore their own steps.
for _key, _provider in PROVIDERS.items():
    for _step, _method in {
        _key: _account_step(_provider),
        f"reconfigure_{_key}": WeChatPushConfigFlow.async_step_reconfigure,
        f"reauth_{_key}": WeChatPushConfigFlow.async_ask_for_secrets,
        **{
            problem: WeChatPushConfigFlow.async_check_again
            for problem, remedy in _provider.problems.items()
            if remedy.has_step
        },
    }.items():
        setattr(WeChatPushConfigFlow, f"async_step_{_step}", _method)
