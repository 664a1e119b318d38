"""The list of repairs and its dialogs, as a person reads them."""

from datetime import timedelta
import re
from typing import Any

from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.wechat_push import account
from custom_components.wechat_push.const import DOMAIN
from homeassistant.components.repairs import repairs_flow_manager
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from tests.texts import ENGLISH


def issues(hass: HomeAssistant) -> list[ir.IssueEntry]:
    """Return the repair issues of the integration that a person sees."""
    return [
        issue
        for issue in ir.async_get(hass).issues.values()
        if issue.domain == DOMAIN and issue.active
    ]


def title_of(issue: ir.IssueEntry) -> str:
    """Return the title of an issue as a person reads it; all that it names is there."""
    title: str = ENGLISH["issues"][issue.translation_key]["title"]
    return title.format(**(issue.translation_placeholders or {}))


def titles(hass: HomeAssistant) -> list[str]:
    """Return the titles in the list of repairs."""
    return sorted(map(title_of, issues(hass)))


async def restart(hass: HomeAssistant, entry: ConfigEntry[account.Account]) -> None:
    """Let an account, and the list of repairs, forget what is not on disk."""
    path, runtime = account.outbox_path(hass, entry.entry_id), entry.runtime_data
    assert await hass.config_entries.async_unload(entry.entry_id)
    stored = path.read_bytes() if path.exists() else None
    # It forgets all that is in memory, and deletes the file as well.
    await runtime.async_remove()
    if stored is not None:
        path.write_bytes(stored)
    # The list is written after a while.
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=1))
    await hass.async_block_till_done()
    await ir.async_load(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


async def open_repair(hass: HomeAssistant, title: str) -> dict[str, Any]:
    """Open the dialog of an issue; return its form."""
    (issue,) = (issue for issue in issues(hass) if title_of(issue) == title)
    assert issue.is_fixable
    await async_setup_component(hass, "repairs", {})
    manager = repairs_flow_manager(hass)
    assert manager is not None
    form = await manager.async_init(DOMAIN, data={"issue_id": issue.issue_id})
    assert form["type"] is FlowResultType.FORM
    return {**form, "problem": issue.translation_key}


def description(form: dict[str, Any]) -> str:
    """Return what a person reads in the dialog, which is Markdown."""
    steps = ENGLISH["issues"][form["problem"]]["fix_flow"]["step"]
    text: str = steps[form["step_id"]]["description"]
    return re.sub(r"\\(.)", r"\1", text.format(**form["description_placeholders"]))


def error(form: dict[str, Any]) -> str:
    """Return the error that a person reads in the dialog."""
    texts = ENGLISH["issues"][form["problem"]]["fix_flow"]["error"]
    text: str = texts[form["errors"]["base"]]
    return text.format(**form["description_placeholders"])


async def confirm(hass: HomeAssistant, form: dict[str, Any]) -> dict[str, Any]:
    """Press the button of the dialog."""
    manager = repairs_flow_manager(hass)
    assert manager is not None
    result = await manager.async_configure(form["flow_id"], {})
    await hass.async_block_till_done()
    return dict(result)
