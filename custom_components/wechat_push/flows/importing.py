"""The steps that add accounts from addresses of Apprise and notify platforms."""

import asyncio
from collections.abc import Iterable
from types import MappingProxyType
from typing import Any, Final, override

import voluptuous as vol

from homeassistant.config_entries import (
    SOURCE_IMPORT,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentry,
)
from homeassistant.core import callback
from homeassistant.data_entry_flow import UnknownFlow
from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
)

from ..const import DOMAIN
from ..errors import escape_others
from ..providers.base import Proof
from ..providers.forms import CONF_SEND_TEST
from ..words import Words, async_get_words
from .errors import async_get_error_texts, error_text
from .import_add import NewAccount, async_name_imports
from .import_check import (
    CheckedImport,
    async_check_imports,
    existing_entry,
    planned_title,
)
from .import_plan import ImportPlan, NotAdded, PlannedAccount, plan_import

CONF_ADDRESSES: Final = "addresses"

_ADDRESSES_SCHEMA = vol.Schema(
    {vol.Required(CONF_ADDRESSES): TextSelector(TextSelectorConfig(multiline=True))}
)
_SEND_TEST_SCHEMA = vol.Schema(
    {vol.Required(CONF_SEND_TEST, default=True): BooleanSelector()}
)


class ImportFlow(ConfigFlow):
    """Handle the import of accounts.

    Nothing is stored before everything has been checked, so that the form can be closed
    at any time.
    """

    _plan: ImportPlan | None = None
    _send_test = False
    _check: asyncio.Task[list[CheckedImport]] | None = None
    # By the unique ID of the account.
    _checked: dict[str, CheckedImport]
    # Accounts that follow the first one; None until they are known.
    _further: list[NewAccount] | None = None
    _added = ""

    async def async_step_apprise(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for addresses until one is understood."""
        errors: dict[str, str] = {}
        reasons = ""
        if user_input is not None:
            text = user_input[CONF_ADDRESSES]
            plan = await self.hass.async_add_executor_job(plan_import, text)
            if plan.accounts:
                self._plan = plan
                return await self.async_step_apprise_confirm()
            errors[CONF_ADDRESSES] = (
                "import_nothing" if plan.not_added else "secret_missing"
            )
            reasons = await self._async_reasons(plan.not_added)
        return self.async_show_form(
            step_id="apprise",
            data_schema=self.add_suggested_values_to_schema(
                _ADDRESSES_SCHEMA, user_input
            ),
            errors=errors,
            description_placeholders={"reasons": reasons},
        )

    async def async_step_apprise_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show what was understood, to be confirmed."""
        assert self._plan is not None
        accounts = self._plan.accounts
        if user_input is not None:
            self._send_test = user_input.get(CONF_SEND_TEST, False)
            self._checked = {}
            self._check = None
            return await self.async_step_apprise_check()
        words = await async_get_words(self.hass)
        costs = any(
            account.provider.proof is Proof.MESSAGE
            and existing_entry(self.hass, account) is None
            for account in accounts
        )
        not_added = ""
        if self._plan.not_added:
            reasons = await self._async_reasons(self._plan.not_added)
            not_added = f"{words.common('import_not_added')}\n\n{reasons}"
        return self.async_show_form(
            step_id="apprise_confirm",
            data_schema=_SEND_TEST_SCHEMA if costs else vol.Schema({}),
            description_placeholders={
                "accounts": "\n".join(self._row(words, each) for each in accounts),
                "not_added": not_added,
            },
        )

    async def async_step_apprise_check(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Check the accounts, or once more those that failed."""
        assert self._plan is not None
        if self._check is None:
            accounts = [
                account
                for account in self._plan.accounts
                if (before := self._checked.get(account.unique_id)) is None
                or before.not_added
            ]
            words = await async_get_words(self.hass)
            self._check = self.hass.async_create_task(
                async_check_imports(
                    self.hass, words, accounts, send_test=self._send_test
                ),
                f"{DOMAIN} import check",
            )
        if not self._check.done():
            return self.async_show_progress(
                step_id="apprise_check",
                progress_action="apprise_check",
                progress_task=self._check,
            )
        self._checked |= {each.planned.unique_id: each for each in self._check.result()}
        failed = any(each.not_added for each in self._checked.values())
        return self.async_show_progress_done(
            next_step_id="apprise_failed" if failed else "apprise_add"
        )

    async def async_step_apprise_failed(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show what failed; the rest can be added without it."""
        self._check = None
        checked = self._checked.values()
        some = any(each.account is not None for each in checked)
        return self.async_show_menu(
            step_id="apprise_failed",
            menu_options=["apprise_check", *(["apprise_add"] if some else [])],
            description_placeholders={
                "reasons": await self._async_reasons(
                    failure for each in checked for failure in each.not_added
                )
            },
        )

    async def async_step_apprise_add(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Add what passed the check."""
        words = await async_get_words(self.hass)
        if self._further is not None:
            # The form was submitted twice, and the account is being set up.
            raise UnknownFlow
        accounts = async_name_imports(self.hass, words, self._checked.values())
        self._plan = None
        self._checked = {}
        self._added = "\n".join(_line(words, account) for account in accounts)
        for account in accounts:
            self._async_add_recipients(account)
        new = [account for account in accounts if account.entry is None]
        self._further = new[1:]
        if not new:
            return self.async_abort(
                reason="imported", description_placeholders={"added": self._added}
            )
        return await self.async_step_import(new[0])

    async def async_step_import(self, import_data: NewAccount) -> ConfigFlowResult:
        """Add an account that was checked."""
        await self.async_set_unique_id(import_data.unique_id, raise_on_progress=False)
        self._abort_if_unique_id_configured(reload_on_update=False)
        return self.async_create_entry(
            title=import_data.title,
            data=import_data.data,
            subentries=import_data.recipients,
            description="imported",
            description_placeholders={"added": self._added},
        )

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Add the accounts that were checked along with this one."""
        for account in self._further or ():
            self.hass.async_create_task(
                self.hass.config_entries.flow.async_init(
                    DOMAIN, context={"source": SOURCE_IMPORT}, data=account
                ),
                f"{DOMAIN} import",
            )
        return result

    @callback
    def _async_add_recipients(self, account: NewAccount) -> None:
        """Add recipients to an account that there is already."""
        if account.entry is None:
            return
        for recipient in account.recipients:
            self.hass.config_entries.async_add_subentry(
                account.entry,
                ConfigSubentry(
                    subentry_type=recipient["subentry_type"],
                    title=recipient["title"],
                    data=MappingProxyType(dict(recipient["data"])),
                    unique_id=recipient["unique_id"],
                ),
            )

    def _row(self, words: Words, account: PlannedAccount) -> str:
        """Return the row of an account in the table of what was understood."""
        title = planned_title(self.hass, words, account)
        if existing_entry(self.hass, account) is not None:
            title = words.common("import_existing", account=title)
        recipients = (
            recipient.name or account.provider.planned_name(recipient.data, words)
            for recipient in account.recipients
        )
        cells = (title, ", ".join(recipients), ", ".join(account.left_out))
        return f"| {' | '.join(escape_others(cell) or '–' for cell in cells)} |"

    async def _async_reasons(self, not_added: Iterable[NotAdded]) -> str:
        """Return a list of what cannot be added, and why."""
        words = await async_get_words(self.hass)
        texts = await async_get_error_texts(self.hass)
        reasons = (
            words.common(
                "import_reason",
                what=escape_others(each.what),
                reason=error_text(texts, each.problem, each.details),
            )
            for each in not_added
        )
        return "\n".join(f"- {reason}" for reason in reasons)


def _line(words: Words, account: NewAccount) -> str:
    """Return an account with its recipients as a line of a list."""
    recipients = (escape_others(str(each["title"])) for each in account.recipients)
    key = "import_unchecked" if account.unchecked else "import_added"
    return "- " + words.common(
        key,
        account=escape_others(account.title),
        recipients=", ".join(recipients) or "–",
    )
