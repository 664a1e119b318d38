"""Options flow of an account."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import voluptuous as vol

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.selector import (
    BooleanSelector,
    DurationSelector,
    DurationSelectorConfig,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..account import get_provider
from ..const import CONF_EXPIRES_AFTER, CONF_NOTIFY_ACTIONS, CONF_REPEAT
from ..options import AccountOptions, Repeat, account_options

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


class AccountOptionsFlow(OptionsFlow):
    """Handle the options of an account."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the options until they are valid."""
        errors: dict[str, str] = {}
        if user_input is not None:
            expires_after = cv.time_period_dict(user_input[CONF_EXPIRES_AFTER])
            if _SHORTEST <= expires_after <= _LONGEST:
                seconds = int(expires_after.total_seconds())
                return self.async_create_entry(
                    data={**user_input, CONF_EXPIRES_AFTER: seconds}
                )
            errors[CONF_EXPIRES_AFTER] = "expires_after_range"
        provider_schema = get_provider(self.config_entry).options_schema
        schema = _WAITING_SCHEMA.extend(provider_schema.schema).extend(
            _ACTIONS_SCHEMA.schema
        )
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                schema, user_input or self._current()
            ),
            errors=errors,
        )

    def _current(self) -> Mapping[str, Any]:
        """Return the current options as the form expects them."""
        seconds = account_options(self.config_entry).expires_after
        return {**self.config_entry.options, CONF_EXPIRES_AFTER: _duration(seconds)}
