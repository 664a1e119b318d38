"""Options flow: what an account may do besides."""

from typing import Any

import voluptuous as vol

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.helpers.selector import BooleanSelector

from .const import CONF_NOTIFY_ACTIONS

OPTIONS_SCHEMA = vol.Schema(
    {vol.Required(CONF_NOTIFY_ACTIONS, default=True): BooleanSelector()}
)


class AccountOptionsFlow(OptionsFlow):
    """Changes the options of an account."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the options, and take them."""
        if user_input is not None:
            return self.async_create_entry(data=user_input)
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                OPTIONS_SCHEMA, self.config_entry.options
            ),
        )
