"""Account: everything that belongs to a config entry, over all of its reloads."""

import asyncio
from collections.abc import Mapping
import copy
from datetime import datetime
from functools import partial
import hashlib
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import (
    CONF_PASSWORD,
    CONF_TIME_ZONE,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
    CONF_WEBHOOK_ID,
    EVENT_CORE_CONFIG_UPDATE,
    EVENT_HOMEASSISTANT_CLOSE,
    EVENT_HOMEASSISTANT_STOP,
)
from homeassistant.core import CALLBACK_TYPE, Event, HassJob, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.signal_type import SignalType

from .clients.client import Client
from .clients.errors import ClientError, CredentialsError, EndpointError
from .clients.receipt import Accepted, Fate, Outcome
from .const import (
    CONF_CALLBACK_URL,
    CONF_PROVIDER,
    CONF_PROXY,
    DOMAIN,
    SUBENTRY_TYPE_RECIPIENT,
)
from .delivery.ports import Connection, Ports
from .delivery.reports import DeliveryStatus, Report, StorageProblem, Undelivered
from .delivery.service import DeliveryService
from .issues import AccountIssues
from .media.images import shrink
from .media.public import async_withdraw
from .options import account_options
from .providers import PROVIDERS
from .providers.base import Proof, Provider
from .recipient import Recipient
from .results.tracker import ResultsTracker
from .results.webhook import async_listen_for_results
from .storage import SystemClock, outbox_path

_LOGGER = logging.getLogger(__name__)

_ACCOUNTS: HassKey[dict[str, Account]] = HassKey(f"{DOMAIN}_accounts")
# Seconds between two checks of an address that is not that of the service.
_CHECK_INTERVAL: Final = 300
# Seconds for which a person waits for the check of a known outage.
_SOON: Final = 3
_SENT: Final = (DeliveryStatus.SENT, DeliveryStatus.DELIVERED_LATE)

type WeChatPushConfigEntry = ConfigEntry[Account]


@callback
def async_get_account(hass: HomeAssistant, entry: WeChatPushConfigEntry) -> Account:
    """Return the account of a config entry, which outlives its reloads."""
    accounts = hass.data.setdefault(_ACCOUNTS, {})
    if (account := accounts.get(entry.entry_id)) is None:
        account = accounts[entry.entry_id] = Account(hass, entry)
    return account


@callback
def async_get_accounts(hass: HomeAssistant) -> list[Account]:
    """Return all accounts."""
    return list(hass.data.get(_ACCOUNTS, {}).values())


def get_provider(entry: WeChatPushConfigEntry) -> Provider[Any, Any]:
    """Return the provider of an account."""
    return PROVIDERS[entry.data[CONF_PROVIDER]]


def create_client(
    hass: HomeAssistant, provider: Provider[Any, Any], data: Mapping[str, Any]
) -> Client[Any]:
    """Return a client for an account, with the shared session."""
    data = provider.account_data(data)
    session = async_get_clientsession(hass, verify_ssl=data[CONF_VERIFY_SSL])
    client: Client[Any] = provider.create_client(session, data)
    client.shrink = shrink
    return client


class Account:
    """An account: its delivery, its recipients, and what observes them.

    It is the observer of its delivery: it dispatches reports to entities, raises repair
    issues and starts reauthentication.
    """

    def __init__(self, hass: HomeAssistant, entry: WeChatPushConfigEntry) -> None:
        self.entry = entry
        self.provider = get_provider(entry)
        self.hass = hass
        self.client = self._create_client()
        # What it was created from; None if it is to be replaced at the next attach.
        self._client_config: dict[str, Any] | None = None
        self.recipients: dict[str, Recipient] = {}
        self.issues = AccountIssues(hass, entry, self.provider)
        self.results = ResultsTracker(hass, self._async_report_outcome)
        self._clock = SystemClock()
        self.delivery = DeliveryService(
            outbox_path(hass, entry.entry_id),
            Ports(
                clock=self._clock,
                # Home Assistant cancels its own jobs and tasks while it stops.
                run_blocking=lambda work: hass.loop.run_in_executor(None, work),
                start_task=lambda work, name: hass.loop.create_task(
                    work, name=f"{DOMAIN} {name}"
                ),
                observer=self,
            ),
        )
        # Of recipients that were removed as well.
        self._names: dict[str, str] = {}
        self._outage: ClientError | None = None
        self._unlisten: CALLBACK_TYPE | None = None
        self._on_remove = [
            hass.async_add_shutdown_job(HassJob(self.delivery.prepare_stop)),
            hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, self._async_stop),
            hass.bus.async_listen_once(EVENT_HOMEASSISTANT_CLOSE, self._async_close),
            hass.bus.async_listen(
                EVENT_CORE_CONFIG_UPDATE, self._async_core_config_updated
            ),
        ]

    # Signals of the dispatcher.

    @property
    def signal_changed(self) -> SignalType[()]:
        """Return the signal for another state of the delivery."""
        return SignalType(f"{DOMAIN}_{self.entry.entry_id}_changed")

    @property
    def signal_counted(self) -> SignalType[()]:
        """Return the signal for another count of requests."""
        return SignalType(f"{DOMAIN}_{self.entry.entry_id}_counted")

    @property
    def signal_configured(self) -> SignalType[()]:
        """Return the signal for other recipients or options."""
        return SignalType(f"{DOMAIN}_{self.entry.entry_id}_configured")

    # The life of the config entry.

    @callback
    def async_attach(self) -> None:
        """Apply the data, options and recipients of the config entry, and send."""
        entry, provider = self.entry, self.provider
        options = account_options(entry)
        # A client knows access tokens and uploads, so it stays while it can.
        if (config := {**entry.data, **entry.options}) != self._client_config:
            self.client, self._client_config = self._create_client(), config
            self.async_refresh_limits()
        if self._unlisten is not None:
            self._unlisten()
        callback_url, self._unlisten = async_listen_for_results(
            self.hass, entry, provider, self.client, self.results.async_receive
        )
        self.results.async_attach(
            self.client,
            account=entry.title,
            asks=options.ask_results,
            listens=callback_url is not None,
        )
        recipients: dict[str, Recipient] = {}
        for subentry in entry.get_subentries_of_type(SUBENTRY_TYPE_RECIPIENT):
            recipient = self.recipients.get(subentry.subentry_id)
            if recipient is None:
                recipient = Recipient(self.hass, self.provider, self.delivery)
            recipient.async_configure(
                subentry,
                self.client,
                {} if callback_url is None else {CONF_CALLBACK_URL: callback_url},
                entry.data.get(CONF_TIME_ZONE),
            )
            recipients[recipient.id] = recipient
            self._names[recipient.id] = recipient.name
        had_recipients = bool(self.recipients)
        self.recipients = recipients
        self.delivery.attach(
            Connection(
                client=self.client,
                probe=partial(provider.probe, self.client),
                recipients=self.recipients,
                credentials=_digest(entry.data, provider.account_secrets),
                life=options.expires_after,
                repetitions=options.repetitions,
                probe_proves=provider.proof is Proof.FREE,
            )
        )
        self.issues.prune(self.recipients)
        if self.recipients:
            self.issues.has_recipient()
        elif had_recipients:
            self.issues.no_recipient()
        # An outage, or a cooldown, of before Home Assistant started.
        self.changed()

    @callback
    def async_prove(self) -> None:
        """Handle that the credentials were checked by a form: send again.

        A client does not repeat credentials that were refused, so there is a new one.
        """
        self._client_config = None
        self.async_attach()
        self.delivery.accept_credentials()
        self.delivery.hurry()

    @callback
    def async_check_later(self) -> None:
        """Find out in the background whether the account works."""
        is_refused = isinstance(self.delivery.outage, CredentialsError)
        if self.provider.proof is Proof.FREE and not is_refused:
            self.entry.async_create_background_task(
                self.hass, self._async_check_set_up(), f"{DOMAIN} check"
            )

    @callback
    def async_refresh_limits(self, _now: datetime | None = None) -> None:
        """Ask in the background what the account may send, and what it sent today."""
        if self.client.has_limits:
            self.entry.async_create_background_task(
                self.hass,
                self._async_refresh_limits(self.client),
                f"{DOMAIN} limits",
                # The delivery gets the client first.
                eager_start=False,
            )

    async def _async_refresh_limits(self, client: Client[Any]) -> None:
        if isinstance(self.delivery.outage, CredentialsError):
            return
        try:
            await client.refresh_limits()
            counts = await client.counts_today()
        except ClientError as err:
            _LOGGER.debug("The limits of the account are unknown: %s", err.problem)
            return
        if client is self.client:
            self.delivery.apply_limits(counts)

    @callback
    def async_remind(self, _now: datetime | None = None) -> None:
        """Create an issue if the account still has no recipient."""
        if not self.recipients:
            self.issues.no_recipient()

    async def async_check(self) -> bool:
        """Find out now whether the account works.

        Returns:
            whether all of it could be checked.

        Raises:
            ClientError: it does not, as far as that can be found out.

        """
        try:
            await self.delivery.check()
        except EndpointError:
            # A relay may not pass on the probe, which says nothing about messages.
            return not (await self.provider.check(self.client, {})).unchecked
        return True

    async def async_check_outage(self) -> None:
        """Find out if an outage is over, for a person who waits.

        Raises:
            ClientError: it is not, as far as that shows soon.

        """
        outage = self.delivery.outage
        # A service that wants to be left alone is not asked.
        if outage is None or self.delivery.blocked_until is not None:
            return
        try:
            async with asyncio.timeout(_SOON):
                await self.async_check()
        except TimeoutError:
            raise copy.copy(outage) from None

    async def _async_check_set_up(self) -> None:
        """Check an account that was set up, again while its address is wrong."""
        while True:
            try:
                await self.async_check()
            except EndpointError as err:
                self.issues.raise_for(err)
            except ClientError as err:
                # The delivery finds out when that is over.
                _LOGGER.debug("The account does not work yet: %s", err.problem)
                return
            else:
                self.issues.reached()
                return
            await asyncio.sleep(_CHECK_INTERVAL)

    async def async_detach(self) -> None:
        """Send nothing until the next attach; everything that waits is on disk then."""
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
        self.results.async_detach()
        # Whoever reloads an account wants to begin anew.
        self._client_config = None
        await self.delivery.detach()

    async def async_remove(self) -> None:
        """Remove everything that belongs to the account."""
        self.hass.data[_ACCOUNTS].pop(self.entry.entry_id)
        for remove in self._on_remove:
            remove()
        await self.async_detach()
        self.results.async_close()
        await self.delivery.remove()
        self.issues.remove_all()
        async_withdraw(self.hass, self._names)

    def _create_client(self) -> Client[Any]:
        """Return a client for the present data and options."""
        config = {**self.entry.data, **self.entry.options}
        return create_client(self.hass, self.provider, config)

    @callback
    def _async_core_config_updated(self, event: Event) -> None:
        """Apply another external URL to the webhook that messages name."""
        if self.delivery.connection is not None and CONF_WEBHOOK_ID in self.entry.data:
            self.async_attach()

    async def _async_stop(self, event: Event) -> None:
        await self.delivery.stop()

    async def _async_close(self, event: Event) -> None:
        await self.delivery.close()

    # The observer of the delivery.

    @callback
    def report(self, recipient_id: str, report: Report) -> None:
        """Handle what has become of a message."""
        recipient = self.recipients.get(recipient_id)
        if recipient is not None:
            # First, as an outcome may be known already.
            async_dispatcher_send(self.hass, recipient.signal_report, report)
        if report.status in _SENT:
            with_attachments = report.with_attachments and not report.left_out
            self.issues.solved(recipient_id, with_attachments=with_attachments)
            self.results.async_follow(recipient_id, report.accepted, report.meant_for)
            for account in async_get_accounts(self.hass):
                # The network works, so other services may be back as well.
                if account is not self and account.delivery.outage is not None:
                    account.delivery.hint()
        if recipient is not None and recipient.redirects(report.override):
            # A wrong target of one message is nothing to repair.
            recipient = None
        for err in (report.error, report.upload_error):
            if err is not None:
                self.issues.raise_for(err, recipient)

    @callback
    def undelivered(self, recipient_id: str, undelivered: Undelivered) -> None:
        """Handle that kept messages were given up."""
        name = self._names.get(recipient_id, undelivered.recipient)
        self.issues.undelivered(recipient_id, name, undelivered)

    @callback
    def changed(self) -> None:
        """Handle another state of the delivery."""
        outage, before = self.delivery.outage, self._outage
        if outage is not None and before is None:
            _LOGGER.info(
                "%s does not work at the moment: %s", self.entry.title, outage.problem
            )
        elif outage is None and before is not None:
            _LOGGER.info("%s works again", self.entry.title)
            self.issues.reached()
        self._outage = outage
        if outage is not None:
            self.issues.raise_for(outage)
            self.issues.lasting(outage, self.delivery.outage_seconds)
        cooldown = self.delivery.obstacles.cooldown.error(self._clock.now())
        if cooldown is None:
            self.issues.cooldown_ended()
        else:
            self.issues.raise_for(cooldown)
        async_dispatcher_send(self.hass, self.signal_changed)

    @callback
    def counted(self) -> None:
        """Handle another count of requests."""
        async_dispatcher_send(self.hass, self.signal_counted)

    @callback
    def storage(self, problem: StorageProblem | None) -> None:
        """Handle that the outbox cannot be used as it should, or can be again."""
        self.issues.storage(problem)

    @callback
    def proved(self) -> None:
        """Handle that a check has shown the account to work."""
        self.issues.solved()

    @callback
    def credentials_needed(self) -> None:
        """Handle that other credentials are needed."""
        self.entry.async_start_reauth(self.hass)

    @callback
    def _async_report_outcome(
        self,
        recipient_id: str,
        outcome: Outcome,
        accepted: tuple[Accepted, ...],
        created: float,
    ) -> None:
        """Report what has become of a message that was accepted."""
        status = DeliveryStatus.HINT
        if outcome.certain:
            is_delivered = outcome.fate is Fate.DELIVERED
            status = DeliveryStatus.CONFIRMED if is_delivered else DeliveryStatus.FAILED
        if (recipient := self.recipients.get(recipient_id)) is not None:
            report = Report(
                status=status,
                accepted=accepted,
                meant_for=created,
                # The reason of an uncertain outcome is of no use.
                outcome=outcome.reason if outcome.certain else outcome.fate,
            )
            async_dispatcher_send(self.hass, recipient.signal_report, report)


def _digest(data: Mapping[str, Any], secrets: frozenset[str]) -> str:
    """Return what tells credentials from others without showing them."""
    # The logins of proxies are such as well.
    keys = sorted(secrets | {CONF_USERNAME, CONF_PASSWORD, CONF_PROXY})
    text = "\n".join(f"{key}={data.get(key)}" for key in keys)
    return hashlib.sha256(text.encode()).hexdigest()
