"""Config flow: an account with all of its recipients at once."""

from typing import Any, Final, override

from homeassistant.config_entries import (
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryData,
)
from tests.bench.people import RECIPIENTS

DOMAIN: Final = "bench_nothing"


class NothingConfigFlow(ConfigFlow, domain=DOMAIN):
    """Adds an account."""

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask nothing."""
        return self.async_create_entry(
            title="Nothing",
            data={},
            subentries=[
                ConfigSubentryData(
                    data={},
                    subentry_type="recipient",
                    title=f"Nobody {number}",
                    unique_id=str(number),
                )
                for number in range(RECIPIENTS)
            ],
        )
