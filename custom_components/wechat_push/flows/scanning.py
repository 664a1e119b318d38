"""The steps in which people scan a QR code to become recipients."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final, override

from homeassistant.config_entries import ConfigSubentryFlow, SubentryFlowResult
from homeassistant.core import callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from ..clients.errors import ClientError, LimitError, TemporaryError
from ..const import DOMAIN
from ..errors import escape_others
from ..providers.base import AccountEvent
from ..providers.forms import InputError
from ..providers.scan import Scan, Scanned
from ..results.webhook import signal_account_event
from .errors import FormError

# Seconds between two questions of who has scanned; WxPusher bans who asks more often.
_INTERVAL: Final = 10
# Seconds for which a QR code is shown; it is valid for ten minutes.
_PATIENCE: Final = 300


class ScanSteps(ConfigSubentryFlow):
    """Show a QR code, collect who has scanned it, and ask what to make of them."""

    # The input of the form that asks for the QR code.
    _input: dict[str, Any]
    _scan: Scan | None = None
    _picture: str = ""
    # Waits for somebody to scan.
    _waiting: asyncio.Task[FormError | None] | None = None
    _scanned: Sequence[Scanned] = ()
    _closed: bool = False
    # Why the form is shown again.
    _scan_error: FormError | None = None

    def __init__(self) -> None:
        # A form or a menu may be submitted twice.
        self._once = asyncio.Lock()

    async def async_start_scan(
        self, scan: Scan, user_input: dict[str, Any]
    ) -> SubentryFlowResult:
        """Show a QR code until somebody has scanned it.

        Raises:
            ClientError: the service cannot be reached, or refuses the request.
            InputError: there is no such QR code.

        """
        async with self._once:
            if self._waiting is None:
                self._picture = await scan.show()
                self._scan, self._input, self._scanned = scan, user_input, ()
                self._async_wait(scan)
        return await self.async_step_scan()

    async def async_step_scan(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show the QR code while nobody has scanned it."""
        assert self._scan is not None
        # Chosen in the menu, in order to add another person.
        async with self._once:
            if self._waiting is None:
                try:
                    self._picture = await self._scan.show()
                except (ClientError, InputError) as err:
                    return self._async_show(err)
                self._async_wait(self._scan)
        assert self._waiting is not None
        if not self._waiting.done():
            return self.async_show_progress(
                step_id="scan",
                progress_action="scan",
                progress_task=self._waiting,
                description_placeholders={"qr_code": self._picture},
            )
        self._scan_error, self._waiting = self._waiting.result(), None
        return self.async_show_progress_done(
            next_step_id="scanned" if self._scanned else "scan_failed"
        )

    @callback
    def _async_wait(self, scan: Scan) -> None:
        """Start to wait for somebody to scan."""
        self._waiting = self.hass.async_create_background_task(
            self._wait(scan), name=f"{DOMAIN} scan", eager_start=False
        )
        if self._closed:
            self._waiting.cancel()

    @callback
    @override
    def async_remove(self) -> None:
        """Stop asking when the form is closed."""
        self._closed = True
        if self._waiting is not None:
            self._waiting.cancel()

    async def _wait(self, scan: Scan) -> FormError | None:
        """Ask until somebody has scanned; return why nobody has."""
        told = asyncio.Event()

        @callback
        def tell(event: AccountEvent) -> None:
            """Ask at once, as the service has reported somebody."""
            told.set()

        unlisten = async_dispatcher_connect(
            self.hass, signal_account_event(self._get_entry()), tell
        )
        failure: FormError | None = None
        try:
            async with asyncio.timeout(_PATIENCE):
                while True:
                    try:
                        async with asyncio.timeout(_INTERVAL):
                            await told.wait()
                    except TimeoutError:
                        pass
                    told.clear()
                    try:
                        found = await scan.ask()
                    except (LimitError, TemporaryError) as err:
                        failure = err
                        continue
                    failure = None
                    if found:
                        self._scanned = [*self._scanned, *found]
                        return None
        except TimeoutError:
            return failure or InputError("base", "scan_timeout")
        except ClientError as err:
            return err
        finally:
            unlisten()

    async def async_step_scan_failed(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show the form again, with the reason."""
        return self._async_show(self._scan_error)

    @callback
    def _async_show(self, error: FormError | None) -> SubentryFlowResult:
        """Show the form of the recipient."""
        raise NotImplementedError

    async def async_step_scanned(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what to make of those who have scanned."""
        assert self._scan is not None
        several = self._scan.separate and len(self._scanned) > 1
        options = ("each", "together") if several else ("finish",)
        names = ", ".join(escape_others(each.name) or "?" for each in self._scanned)
        return self.async_show_menu(
            step_id="scanned",
            menu_options=[*options, "scan"],
            description_placeholders={"names": names},
        )
