"""Backup platform of WeChat Push: an outbox in a backup is whole."""

import asyncio

from homeassistant.core import HomeAssistant

from .account import async_get_accounts


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Write what is wanted, and no more until the backup is made."""
    await asyncio.gather(
        *(account.delivery.hold_writes() for account in async_get_accounts(hass))
    )


async def async_post_backup(hass: HomeAssistant) -> None:
    """Write again."""
    for account in async_get_accounts(hass):
        account.delivery.resume_writes()
