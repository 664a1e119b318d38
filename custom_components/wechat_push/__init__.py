"""The WeChat Push integration."""

from contextlib import suppress
from datetime import timedelta
from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HassJob, HomeAssistant, callback
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.event import async_call_later, async_track_time_interval
from homeassistant.helpers.typing import ConfigType

from .account import WeChatPushConfigEntry, async_get_account, get_provider
from .const import DOMAIN, SUBENTRY_TYPE_RECIPIENT
from .media.public import async_setup_public_media
from .results.webhook import async_update_webhook_id
from .services import async_setup_services
from .words import Words, async_get_words

PLATFORMS: list[Platform] = [
    Platform.BUTTON,
    Platform.EVENT,
    Platform.NOTIFY,
    Platform.SENSOR,
]

# How often the service is asked what an account may send, if it says that.
_REFRESH_LIMITS: Final = timedelta(hours=1)
# How long an account may be without recipients before a person is told.
_REMIND_AFTER: Final = timedelta(minutes=5)

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up what all accounts share."""
    async_setup_services(hass)
    async_setup_public_media(hass)
    return True


async def async_migrate_entry(
    hass: HomeAssistant, entry: WeChatPushConfigEntry
) -> bool:
    """Migrate an account that an earlier version stored.

    Nothing has to be done for new fields: what is missing has its default.
    """
    if entry.version > 1:
        return False
    if entry.minor_version < 2:
        # Fields that do not tell who gets the message were part of the unique IDs.
        provider = get_provider(entry)
        for subentry in entry.get_subentries_of_type(SUBENTRY_TYPE_RECIPIENT):
            # Two recipients that differ in such fields only both stay.
            with suppress(AbortFlow):
                hass.config_entries.async_update_subentry(
                    entry,
                    subentry,
                    unique_id=provider.recipient_unique_id(subentry.data),
                )
        hass.config_entries.async_update_entry(entry, minor_version=2)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: WeChatPushConfigEntry) -> bool:
    """Set up an account; whether its service works is found out later.

    Home Assistant drops messages to entities that are not there without an error, so the
    entities must not wait for the network, nor for a person.
    """
    words = await async_get_words(hass)
    account = entry.runtime_data = async_get_account(hass, entry)
    await account.delivery.open()
    async_update_webhook_id(hass, entry)
    # First, as recipients may be added while the platforms are set up.
    entry.async_on_unload(entry.add_update_listener(_async_update))
    account.async_attach()
    _register_devices(hass, entry, words)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    account.async_check_later()
    entry.async_on_unload(
        # Not at once, as the form of the first recipient follows that of the account.
        async_call_later(
            hass,
            _REMIND_AFTER,
            HassJob(account.async_remind, cancel_on_shutdown=True),
        )
    )
    entry.async_on_unload(
        async_track_time_interval(
            hass,
            account.async_refresh_limits,
            _REFRESH_LIMITS,
            cancel_on_shutdown=True,
        )
    )
    return True


async def async_unload_entry(hass: HomeAssistant, entry: WeChatPushConfigEntry) -> bool:
    """Unload an account; what waits is kept, and delivered when it is back."""
    account = entry.runtime_data
    unloaded = False
    unload = hass.config_entries.async_unload_platforms
    try:
        # Requests end while the entities still take messages.
        await account.delivery.pause()
        # Home Assistant 2026.6 cannot unload notify once YAML was reloaded; then the
        # other entities are to stay as well.
        others = [each for each in PLATFORMS if each != Platform.NOTIFY]
        unloaded = await unload(entry, [Platform.NOTIFY]) and await unload(
            entry, others
        )
    finally:
        # Entities that stay must be able to send.
        if not unloaded:
            account.async_attach()
    if unloaded:
        await account.async_detach()
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: WeChatPushConfigEntry) -> None:
    """Remove an account with everything that waits."""
    await async_get_account(hass, entry).async_remove()


async def _async_update(hass: HomeAssistant, entry: WeChatPushConfigEntry) -> None:
    """Apply changes of an account or its recipients; its entities stay."""
    if async_update_webhook_id(hass, entry):
        # This function is called again, for that change.
        return
    words = await async_get_words(hass)
    account = entry.runtime_data
    account.async_attach()
    _register_devices(hass, entry, words)
    async_dispatcher_send(hass, account.signal_configured)


@callback
def _register_devices(
    hass: HomeAssistant, entry: WeChatPushConfigEntry, words: Words
) -> None:
    """Register the account, and below it each recipient, as devices."""
    registry = dr.async_get(hass)
    provider = entry.runtime_data.provider
    brand = words.brand(provider.key)
    account = registry.async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, entry.entry_id)},
        entry_type=dr.DeviceEntryType.SERVICE,
        manufacturer=brand,
        model=words.common(f"account_{provider.key}"),
        name=entry.title,
        configuration_url=provider.console_url,
    )
    for subentry in entry.get_subentries_of_type(SUBENTRY_TYPE_RECIPIENT):
        recipient = registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            config_subentry_id=subentry.subentry_id,
            identifiers={(DOMAIN, f"{entry.entry_id}_{subentry.subentry_id}")},
            entry_type=dr.DeviceEntryType.SERVICE,
            manufacturer=brand,
            model=words.common(
                f"{provider.key}_{provider.recipient_kind(subentry.data)}"
            ),
            name=subentry.title,
        )
        # Not at creation: the argument for it differs between Home Assistant versions.
        registry.async_update_device(recipient.id, via_device_id=account.id)
