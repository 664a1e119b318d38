"""Repair flows of WeChat Push."""

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

from .account import WeChatPushConfigEntry, async_get_account, get_provider
from .clients.errors import ClientError
from .const import DOMAIN
from .delivery.reports import StorageProblem
from .errors import error_message, escape_others, translate_error, validation_error
from .issues import (
    ATTR_ENTRY_ID,
    ATTR_PROBLEM,
    ATTR_REASON,
    ATTR_RECIPIENT_ID,
    ISSUE_UNDELIVERED,
)
from .providers.forms import InputError


class AccountRepairFlow(RepairsFlow):
    """Repair an account after the person has confirmed."""

    def __init__(
        self, issue_id: str, problem: str, entry_id: str, recipient_id: str | None
    ) -> None:
        # Not `issue_id`: Home Assistant versions set that at different times.
        self._issue = issue_id
        self._problem = problem
        self._entry_id = entry_id
        self._recipient_id = recipient_id

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Start with the confirmation."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Repair the account, or show why it failed."""
        if user_input is None:
            return self._form()
        entry: WeChatPushConfigEntry | None = self.hass.config_entries.async_get_entry(
            self._entry_id
        )
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        try:
            is_known = await self.async_repair(entry)
        except ClientError as err:
            return self._form(translate_error(self.hass, err))
        except InputError as err:
            return self._form(validation_error(err.problem, err.details))
        if is_known:
            return self.async_create_entry(data={})
        return await self.async_step_next_message()

    async def async_step_next_message(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Say that the service cannot be asked, so that the next message will show."""
        if user_input is not None:
            return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="next_message",
            data_schema=vol.Schema({}),
            description_placeholders=self._placeholders(),
        )

    @abstractmethod
    async def async_repair(self, entry: WeChatPushConfigEntry) -> bool:
        """Repair the account.

        Returns:
            whether the problem is known to be solved.

        Raises:
            ClientError: the problem still exists.
            InputError: the recipient still does not exist.

        """

    def _form(self, obstacle: HomeAssistantError | None = None) -> RepairsFlowResult:
        """Show the issue, and the error of the last try.

        An error that is the issue itself is not said again.
        """
        placeholders, errors = self._placeholders(), {}
        if obstacle is not None:
            text = error_message(self.hass, obstacle)
            is_same = obstacle.translation_key == self._problem
            if ATTR_REASON in placeholders:
                # It may be another one by now.
                placeholders[ATTR_REASON], is_same = escape_others(text), True
            # One text for all errors: each issue would need the texts of all otherwise.
            errors["base"] = "still_there" if is_same else "obstacle"
            placeholders["obstacle"] = text
        return self.async_show_form(
            step_id="confirm",
            data_schema=vol.Schema({}),
            errors=errors,
            description_placeholders=placeholders,
        )

    def _placeholders(self) -> dict[str, str]:
        """Return what the issue names, as it is by now."""
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self._issue)
        return dict(issue.translation_placeholders or {}) if issue else {}


class CheckAgainFlow(AccountRepairFlow):
    """Check if the problem still exists."""

    @override
    async def async_repair(self, entry: WeChatPushConfigEntry) -> bool:
        """Check the account, the problem, and the recipient if the issue has one."""
        account = entry.runtime_data
        is_whole = await account.async_check()
        subentry = entry.subentries.get(self._recipient_id or "")
        is_known = await account.provider.check_repaired(
            account.client, self._problem, subentry.data if subentry else None
        )
        return is_whole and is_known


class LiftBlockFlow(AccountRepairFlow):
    """Resume sending after the person has ended a block of the service."""

    @override
    async def async_repair(self, entry: WeChatPushConfigEntry) -> bool:
        """Resume sending."""
        entry.runtime_data.delivery.lift_cooldown()
        return True


class AcknowledgeFlow(ConfirmRepairFlow):
    """Acknowledge the messages to a recipient that were not delivered."""

    def __init__(self, entry_id: str, recipient_id: str) -> None:
        self._entry_id = entry_id
        self._recipient_id = recipient_id

    @override
    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Forget the messages after the confirmation."""
        entry: WeChatPushConfigEntry | None = self.hass.config_entries.async_get_entry(
            self._entry_id
        )
        if user_input is not None and entry is not None:
            # The delivery is there while the account is not loaded as well.
            account = async_get_account(self.hass, entry)
            account.delivery.acknowledge(self._recipient_id)
        return await super().async_step_confirm(user_input)


async def async_create_fix_flow(
    hass: HomeAssistant,
    issue_id: str,
    data: dict[str, str | int | float | None] | None,
) -> RepairsFlow:
    """Create the repair flow of an issue."""
    assert data is not None
    problem = str(data[ATTR_PROBLEM])
    entry_id = str(data[ATTR_ENTRY_ID])
    recipient_id = data[ATTR_RECIPIENT_ID]
    if problem == StorageProblem.DAMAGED:
        # What was in the file is lost: it is enough that somebody has seen it.
        return ConfirmRepairFlow()
    if problem == ISSUE_UNDELIVERED:
        return AcknowledgeFlow(entry_id, str(recipient_id))
    entry: WeChatPushConfigEntry | None = hass.config_entries.async_get_entry(entry_id)
    lifts_block = entry is not None and get_provider(entry).remedy(problem).lifts_block
    kind = LiftBlockFlow if lifts_block else CheckAgainFlow
    of_recipient = str(recipient_id) if recipient_id else None
    return kind(issue_id, problem, entry_id, of_recipient)
