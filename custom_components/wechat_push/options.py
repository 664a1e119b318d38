"""Options of accounts and recipients, with their defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry

from .const import CONF_PROVIDER, CONF_WHEN_DOWN
from .providers import PROVIDERS
from .providers.forms import stored_choice


class Repeat(StrEnum):
    """How often a request is repeated that the service may have taken."""

    UNTIL_CERTAIN = "until_certain"
    ONCE = "once"
    NEVER = "never"


_REPETITIONS: Final = {Repeat.UNTIL_CERTAIN: 3, Repeat.ONCE: 1, Repeat.NEVER: 0}


class WhenDown(StrEnum):
    """What happens to a message to a recipient while it cannot be delivered."""

    KEEP = "keep"
    FAIL = "fail"


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountOptions:
    """What an account does besides sending.

    Args:
        expires_after: seconds after which a message that waits is given up, unless it
            says otherwise itself.
        repeat: how often a request is repeated that may have been taken.
        notify_actions: each recipient has an action in the domain notify.
        ask_results: the service is asked what became of a message.
        listen_results: the service tells it by itself.

    """

    expires_after: int = 3600
    repeat: Repeat = Repeat.UNTIL_CERTAIN
    notify_actions: bool = True
    ask_results: bool = False
    listen_results: bool = False

    @property
    def repetitions(self) -> int:
        """Return how often an uncertain request is repeated at most."""
        return _REPETITIONS[stored_choice(self.repeat, Repeat.UNTIL_CERTAIN)]


def account_options(entry: ConfigEntry[Any]) -> AccountOptions:
    """Return all options of an account."""
    provider = PROVIDERS[entry.data[CONF_PROVIDER]]
    chosen = {**provider.options_schema({}), **entry.options}
    known = {each.name for each in fields(AccountOptions)}
    return AccountOptions(**{k: v for k, v in chosen.items() if k in known})


def when_down(recipient: Mapping[str, Any]) -> WhenDown:
    """Return what a recipient, as it is stored, wants while the service is down."""
    return stored_choice(recipient.get(CONF_WHEN_DOWN), WhenDown.KEEP)
