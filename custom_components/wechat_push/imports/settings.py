"""What every address of Apprise can say, as settings of accounts and recipients."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.const import CONF_TIME_ZONE, CONF_VERIFY_SSL

from ..clients.message import Format, Overflow
from ..const import (
    CONF_CONNECT_TIMEOUT,
    CONF_EMOJIS,
    CONF_FOLLOW_REDIRECTS,
    CONF_FORMAT,
    CONF_OPTIONAL,
    CONF_OVERFLOW,
    CONF_PROXY,
    CONF_READ_TIMEOUT,
    CONF_RETRIES,
    CONF_RETRY_WAIT,
)
from ..time_zones import time_zones

_WORDS: Final = {
    "yes": True,
    "true": True,
    "on": True,
    "1": True,
    "no": False,
    "false": False,
    "off": False,
    "0": False,
}
_OVERFLOWS: Final = {
    # As one piece: what is too long for that is refused.
    "upstream": Overflow.REFUSE,
    "truncate": Overflow.TRUNCATE,
    "split": Overflow.SPLIT,
}
# Bounds of the fields of an account and of Apprise's own.
_MIN_TIMEOUT: Final = 0.1
_MAX_TIMEOUT: Final = 120
_MAX_RETRIES: Final = 10
_MAX_WAIT: Final = 20

type _Parse = Callable[[str], Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """The settings that an address asks for.

    Args:
        account: settings of its account.
        recipient: settings of its recipient.
        left_out: arguments that have no counterpart, or a value that cannot be meant.

    """

    account: Mapping[str, Any]
    recipient: Mapping[str, Any]
    left_out: tuple[str, ...]


def _flag(value: str) -> bool:
    return _WORDS[value.lower()]


def _timeout(value: str) -> float:
    if not _MIN_TIMEOUT <= (seconds := float(value)) <= _MAX_TIMEOUT:
        raise ValueError(value)
    return seconds


def _retries(value: str) -> int:
    if not 0 <= (number := int(value)) <= _MAX_RETRIES:
        raise ValueError(value)
    return number


def _wait(value: str) -> float:
    if not 0 <= (seconds := float(value)) <= _MAX_WAIT:
        raise ValueError(value)
    return seconds


def _time_zone(value: str) -> str:
    names = {name.lower(): name for name in time_zones()}
    return names[value.lower()]


_ACCOUNT: Final[Mapping[str, tuple[str, _Parse]]] = {
    "verify": (CONF_VERIFY_SSL, _flag),
    "redirect": (CONF_FOLLOW_REDIRECTS, _flag),
    "cto": (CONF_CONNECT_TIMEOUT, _timeout),
    "rto": (CONF_READ_TIMEOUT, _timeout),
    "tz": (CONF_TIME_ZONE, _time_zone),
    # Of ha-wework_notify.
    "https_proxies": (CONF_PROXY, str),
}
_RECIPIENT: Final[Mapping[str, tuple[str, _Parse]]] = {
    "format": (CONF_FORMAT, lambda value: Format(value.lower()).value),
    "overflow": (CONF_OVERFLOW, lambda value: _OVERFLOWS[value.lower()].value),
    "emojis": (CONF_EMOJIS, _flag),
    "retry": (CONF_RETRIES, _retries),
    "wait": (CONF_RETRY_WAIT, _wait),
    "optional": (CONF_OPTIONAL, _flag),
}


def parse_settings(arguments: Mapping[str, str]) -> Settings:
    """Return the settings among the arguments of an address.

    Args:
        arguments: those that its service has no use for. It may read the time zones, so
            do not call it from the event loop.

    """
    left_out = []
    found: tuple[dict[str, Any], dict[str, Any]] = {}, {}
    for name, value in arguments.items():
        for settings, known in zip(found, (_ACCOUNT, _RECIPIENT), strict=True):
            if (setting := known.get(name)) is None:
                continue
            key, parse = setting
            try:
                settings[key] = parse(value)
            except KeyError, ValueError:
                continue
            break
        else:
            left_out.append(name)
    account, recipient = found
    return Settings(account=account, recipient=recipient, left_out=tuple(left_out))
