"""Options flow of an account."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import voluptuous as vol

from homeassistant.components import webhook
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.selector import (
    BooleanSelector,
    DurationSelector,
    DurationSelectorConfig,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from ..account import get_provider
from ..const import (
    CONF_CALLBACK_URL,
    CONF_EXPIRES_AFTER,
    CONF_LISTEN_RESULTS,
    CONF_NOTIFY_ACTIONS,
    CONF_REPEAT,
)
from ..options import AccountOptions, Repeat, account_options
from ..providers import PROVIDERS
from ..results.webhook import async_get_webhook_url

_SHORTEST: Final = timedelta(minutes=1)
_LONGEST: Final = timedelta(days=7)


def _duration(seconds: int) -> dict[str, int]:
    """Return a duration as its selector expects it."""
    minutes, _ = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return {"days": days, "hours": hours, "minutes": minutes}


_DEFAULTS: Final = AccountOptions()
# Options of all providers; those of one provider are shown in between.
_WAITING_SCHEMA = vol.Schema(
    {
        vol.Required(
            CONF_EXPIRES_AFTER, default=_duration(_DEFAULTS.expires_after)
        ): DurationSelector(
            DurationSelectorConfig(enable_day=True, enable_second=False)
        ),
        vol.Required(CONF_REPEAT, default=_DEFAULTS.repeat.value): SelectSelector(
            SelectSelectorConfig(
                options=[repeat.value for repeat in Repeat],
                mode=SelectSelectorMode.LIST,
                translation_key=CONF_REPEAT,
            )
        ),
    }
)
_ACTIONS_SCHEMA = vol.Schema(
    {
        vol.Required(
            CONF_NOTIFY_ACTIONS, default=_DEFAULTS.notify_actions
        ): BooleanSelector()
    }
)
# Shown to be copied; not stored.
_CALLBACK_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_CALLBACK_URL): TextSelector(
            TextSelectorConfig(type=TextSelectorType.URL, read_only=True)
        )
    }
)


class AccountOptionsFlow(OptionsFlow):
    """Handle the options of an account."""

    # Of a webhook that the account gets if it is to listen.
    _webhook_id: str | None = None

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the options until they are valid."""
        errors: dict[str, str] = {}
        if user_input is not None:
            expires_after = cv.time_period_dict(user_input[CONF_EXPIRES_AFTER])
            if _SHORTEST <= expires_after <= _LONGEST:
                seconds = int(expires_after.total_seconds())
                return self._async_store({**user_input, CONF_EXPIRES_AFTER: seconds})
            errors[CONF_EXPIRES_AFTER] = "expires_after_range"
        provider = get_provider(self.config_entry)
        provider_schema = provider.options_form_schema(self.config_entry.data)
        schema = _WAITING_SCHEMA.extend(provider_schema.schema)
        shown = dict(user_input or self._current())
        if CONF_LISTEN_RESULTS in provider_schema.schema and (
            url := async_get_webhook_url(self.hass, self._get_webhook_id())
        ):
            schema = schema.extend(_CALLBACK_SCHEMA.schema)
            shown[CONF_CALLBACK_URL] = url
        schema = schema.extend(_ACTIONS_SCHEMA.schema)
        return self.async_show_form(
            step_id=provider.key,
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            errors=errors,
        )

    @callback
    def _async_store(self, options: dict[str, Any]) -> ConfigFlowResult:
        """Store the options, and the webhook whose address the form has shown."""
        options.pop(CONF_CALLBACK_URL, None)
        entry = self.config_entry
        if options.get(CONF_LISTEN_RESULTS) and self._webhook_id is not None:
            self.hass.config_entries.async_update_entry(
                entry,
                data={**entry.data, CONF_WEBHOOK_ID: self._webhook_id},
                # At once, or the account would drop the webhook again.
                options=options,
            )
        return self.async_create_entry(data=options)

    def _get_webhook_id(self) -> str:
        """Return the ID of the account's webhook, or of the one that it would get."""
        webhook_id: str | None = self.config_entry.data.get(CONF_WEBHOOK_ID)
        if webhook_id is not None:
            return webhook_id
        if self._webhook_id is None:
            self._webhook_id = webhook.async_generate_id()
        return self._webhook_id

    def _current(self) -> Mapping[str, Any]:
        """Return the current options as the form expects them."""
        seconds = account_options(self.config_entry).expires_after
        return {**self.config_entry.options, CONF_EXPIRES_AFTER: _duration(seconds)}


# The form speaks of one service only, and therefore is a step of its own.
for _key in PROVIDERS:
    setattr(
        AccountOptionsFlow, f"async_step_{_key}", AccountOptionsFlow.async_step_init
    )
