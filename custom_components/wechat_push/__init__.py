"""Send Home Assistant's messages to WeChat, through the service of your choice."""

from functools import partial
import logging

from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.typing import ConfigType
from homeassistant.util.hass_dict import HassKey

from .account import Account, WeChatPushConfigEntry, create_client, provider_of
from .clients.errors import ClientError, CredentialsError
from .clients.message import Accepted, Outcome
from .const import CONF_CALLBACK_URL, DOMAIN, SUBENTRY_TYPE_RECIPIENT
from .delivery import Delivery
from .issues import AccountIssues
from .media.public import async_setup_public_media
from .notify_actions import async_register_notify_actions
from .options import account_options
from .outbox import remove_files, storage_key
from .recipient import Recipient
from .results.tracker import ResultsTracker
from .results.webhook import async_listen_for_results
from .services import async_setup_services

_LOGGER = logging.getLogger(__name__)

PLATFORMS: list[Platform] = [
    Platform.BUTTON,
    Platform.EVENT,
    Platform.NOTIFY,
    Platform.SENSOR,
]

_RESULTS: HassKey[dict[str, ResultsTracker]] = HassKey(f"{DOMAIN}_results")

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up what all accounts share: the actions, and the addresses of files."""
    async_setup_services(hass)
    async_setup_public_media(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: WeChatPushConfigEntry) -> bool:
    """Set up an account."""
    provider = provider_of(entry)
    options = account_options(entry)
    client = create_client(hass, provider, {**entry.data, **entry.options})
    issues = AccountIssues(hass, entry, provider)
    delivery = Delivery(
        hass,
        entry,
        client,
        issues=issues,
        probe=partial(provider.probe, client),
        repeats=options.repeat_doubtful,
        check_proves=provider.check_proves,
        life=options.expires_after,
    )
    results = _results(hass, entry)
    callback_url = async_listen_for_results(
        hass, entry, provider, results.async_receive
    )
    recipients = {
        subentry.subentry_id: Recipient(
            hass,
            subentry,
            provider=provider,
            client=client,
            delivery=delivery,
            results=results,
            options={} if callback_url is None else {CONF_CALLBACK_URL: callback_url},
        )
        for subentry in entry.get_subentries_of_type(SUBENTRY_TYPE_RECIPIENT)
    }
    for recipient in recipients.values():
        delivery.add_recipient(recipient)
    entry.runtime_data = Account(
        provider=provider,
        client=client,
        delivery=delivery,
        issues=issues,
        recipients=recipients,
    )
    if provider.check_proves:
        await _async_check(delivery)
    await delivery.async_load()
    issues.prune(recipients)
    _register_devices(hass, entry)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    async_register_notify_actions(hass, entry)
    entry.async_on_unload(entry.add_update_listener(_async_reload))

    async def async_stop(event: Event) -> None:
        """Keep what waits, as Home Assistant stops."""
        await delivery.async_close()

    entry.async_on_unload(
        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, async_stop)
    )
    results.async_attach(
        client,
        account=entry.title,
        asks=options.ask_results,
        listens=callback_url is not None,
    )
    entry.async_on_unload(results.async_detach)
    delivery.async_start()
    return True


async def async_unload_entry(hass: HomeAssistant, entry: WeChatPushConfigEntry) -> bool:
    """Unload an account; what waits is kept, and delivered when it is back."""
    await entry.runtime_data.delivery.async_close()
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: WeChatPushConfigEntry) -> None:
    """Remove an account with what waits in its outbox."""
    if (results := hass.data.get(_RESULTS, {}).pop(entry.entry_id, None)) is not None:
        results.async_close()
    AccountIssues(hass, entry, provider_of(entry)).remove_all()
    await remove_files(hass, storage_key(entry.entry_id))


def _results(hass: HomeAssistant, entry: WeChatPushConfigEntry) -> ResultsTracker:
    """Return the tracker of an account, which outlives reloads."""

    @callback
    def report(
        recipient_id: str,
        outcome: Outcome,
        accepted: tuple[Accepted, ...],
        created: float,
    ) -> None:
        """Report an outcome to the recipient, unless it was removed."""
        recipient = entry.runtime_data.recipients.get(recipient_id)
        if recipient is not None:
            recipient.async_report_outcome(outcome, accepted, created)

    trackers = hass.data.setdefault(_RESULTS, {})
    return trackers.setdefault(entry.entry_id, ResultsTracker(hass, report))


async def _async_check(delivery: Delivery) -> None:
    """Find out whether an account works.

    One that does not at the moment is set up all the same: messages wait in its outbox,
    which is better than to have no entity that would take them.
    """
    try:
        await delivery.async_check()
    except CredentialsError as err:
        raise ConfigEntryAuthFailed(
            translation_domain=DOMAIN,
            translation_key=err.problem,
            translation_placeholders=dict(err.details),
        ) from err
    except ClientError as err:
        _LOGGER.debug("The account does not work yet: %s", err.problem)


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
