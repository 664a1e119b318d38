"""Send Home Assistant's messages to WeChat, through the service of your choice."""

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.typing import ConfigType

from .account import Account, WeChatPushConfigEntry, create_client, provider_of
from .clients.errors import ClientError, CredentialsError
from .const import DOMAIN, SUBENTRY_TYPE_RECIPIENT
from .delivery import Delivery
from .notify_actions import async_register_notify_actions
from .public_media import async_setup_public_media
from .recipient import Recipient
from .services import async_setup_services

PLATFORMS: list[Platform] = [Platform.NOTIFY]

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up what all accounts share: the actions, and the addresses of files."""
    async_setup_services(hass)
    async_setup_public_media(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: WeChatPushConfigEntry) -> bool:
    """Set up an account."""
    provider = provider_of(entry)
    client = create_client(hass, provider, entry.data)
    try:
        await provider.check(client)
    except ClientError as err:
        kind = (
            ConfigEntryAuthFailed
            if isinstance(err, CredentialsError)
            else ConfigEntryNotReady
        )
        raise kind(
            translation_domain=DOMAIN,
            translation_key=err.problem,
            translation_placeholders=dict(err.details),
        ) from err
    delivery = Delivery(client, lambda: entry.async_start_reauth(hass))
    entry.runtime_data = Account(
        provider=provider,
        client=client,
        delivery=delivery,
        recipients={
            subentry.subentry_id: Recipient(
                hass, subentry, provider=provider, client=client, delivery=delivery
            )
            for subentry in entry.get_subentries_of_type(SUBENTRY_TYPE_RECIPIENT)
        },
    )
    _register_devices(hass, entry)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    async_register_notify_actions(hass, entry)
    entry.async_on_unload(entry.add_update_listener(_async_reload))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: WeChatPushConfigEntry) -> bool:
    """Unload an account."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def _async_reload(hass: HomeAssistant, entry: WeChatPushConfigEntry) -> None:
    """Take up what changed in an account or its recipients."""
    await hass.config_entries.async_reload(entry.entry_id)


def _register_devices(hass: HomeAssistant, entry: WeChatPushConfigEntry) -> None:
    """Register the account, and below it each recipient, as devices."""
    registry = dr.async_get(hass)
    provider = entry.runtime_data.provider
    account = registry.async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, entry.entry_id)},
        entry_type=dr.DeviceEntryType.SERVICE,
        manufacturer=provider.name,
        name=entry.title,
        configuration_url=provider.console_url,
    )
    for subentry in entry.get_subentries_of_type(SUBENTRY_TYPE_RECIPIENT):
        recipient = registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            config_subentry_id=subentry.subentry_id,
            identifiers={(DOMAIN, f"{entry.entry_id}_{subentry.subentry_id}")},
            entry_type=dr.DeviceEntryType.SERVICE,
            manufacturer=provider.name,
            name=subentry.title,
        )
        # Not at creation: the argument for it differs between Home Assistant versions.
        registry.async_update_device(recipient.id, via_device_id=account.id)
