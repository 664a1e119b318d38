"""Backup platform of WeChat Push."""

import asyncio

from homeassistant.core import HomeAssistant

from .account import async_get_accounts


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Wait for writes to the outboxes to end."""
    await asyncio.gather(
        *(account.delivery.flush() for account in async_get_accounts(hass))
    )


async def async_post_backup(hass: HomeAssistant) -> None:
    """Do nothing: what is written during a backup is in the next one."""
