"""The flows that fix what the repair issues tell."""

from abc import abstractmethod
from typing import Any, override

import voluptuous as vol

from homeassistant.components.repairs import (
    ConfirmRepairFlow,
    RepairsFlow,
    RepairsFlowResult,
)
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir

from .account import WeChatPushConfigEntry, provider_of
from .clients.errors import ClientError
from .const import DOMAIN
from .errors import as_home_assistant_error, invalid, words
from .issues import ATTR_ENTRY_ID, ATTR_PROBLEM, ATTR_RECIPIENT_ID, ISSUE_UNDELIVERED
from .providers.forms import InputError


class AccountRepairFlow(RepairsFlow):
    """Fixes something about an account once a person has confirmed it."""

    def __init__(self, issue_id: str, entry_id: str, recipient_id: str | None) -> None:
        """Keep what the issue is about."""
        # Not `issue_id`: Home Assistant versions differ in who sets that, and when.
        self._issue = issue_id
        self._entry_id = entry_id
        self._recipient_id = recipient_id

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Ask for the confirmation."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Fix it; what is still in the way is shown and can be tried again."""
        if user_input is None:
            return self._form()
        entry: WeChatPushConfigEntry | None = self.hass.config_entries.async_get_entry(
            self._entry_id
        )
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        try:
            await self.mend(entry)
        except ClientError as err:
            return self._form(as_home_assistant_error(err))
        except InputError as err:
            return self._form(invalid(err.problem, err.details))
        return self.async_create_entry(data={})

    @abstractmethod
    async def mend(self, entry: WeChatPushConfigEntry) -> None:
        """Fix it.

        Raises:
            ClientError: something is still in the way.
            InputError: the recipient is still not right.

        """

    def _form(self, obstacle: HomeAssistantError | None = None) -> RepairsFlowResult:
        """Show what the issue says, and what is still in the way."""
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self._issue)
        shown = dict(issue.translation_placeholders or {}) if issue else {}
        if obstacle is not None:
            shown["obstacle"] = words(self.hass, obstacle)
        return self.async_show_form(
            step_id="confirm",
            data_schema=vol.Schema({}),
            # One text for whatever it is, or each issue would need the texts of all.
            errors={"base": "still_there"} if obstacle is not None else {},
            description_placeholders=shown,
        )


class CheckAgainFlow(AccountRepairFlow):
    """Asks the service whether the cause is gone."""

    @override
    async def mend(self, entry: WeChatPushConfigEntry) -> None:
        """Check the account, and the recipient if it is about one."""
        account = entry.runtime_data
        await account.delivery.async_check()
        if subentry := entry.subentries.get(self._recipient_id or ""):
            await account.provider.check_recipient(account.client, subentry.data)


class LiftBlockFlow(AccountRepairFlow):
    """Takes a person's word that the service takes messages again."""

    @override
    async def mend(self, entry: WeChatPushConfigEntry) -> None:
        """Send again at once."""
        entry.runtime_data.delivery.lift_block()


async def async_create_fix_flow(
    hass: HomeAssistant,
    issue_id: str,
    data: dict[str, str | int | float | None] | None,
) -> RepairsFlow:
    """Return the flow that fixes an issue."""
    assert data is not None
    problem = str(data[ATTR_PROBLEM])
    entry_id = str(data[ATTR_ENTRY_ID])
    recipient_id = data[ATTR_RECIPIENT_ID]
    if problem == ISSUE_UNDELIVERED:
        # Nothing brings the messages back: it is enough that somebody knows.
        return ConfirmRepairFlow()
    entry: WeChatPushConfigEntry | None = hass.config_entries.async_get_entry(entry_id)
    repair = provider_of(entry).repairs.get(problem) if entry else None
    kind = LiftBlockFlow if repair and repair.lifts_block else CheckAgainFlow
    return kind(issue_id, entry_id, str(recipient_id) if recipient_id else None)
