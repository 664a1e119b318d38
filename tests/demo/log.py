"""Find in the log of Home Assistant what must not be there."""

from collections.abc import Iterable
import re

from . import DOMAIN

_ENTRY = re.compile(r"^\d{4}-\d\d-\d\d \S+ (?P<level>[A-Z]+) \(")
_FORBIDDEN = ("ERROR", "CRITICAL", "FATAL")
# Said of every custom integration.
_UNTESTED = f"custom integration {DOMAIN} which has not been tested"


def entries(log: str) -> list[str]:
    """Return the entries of a log, each with the lines of its traceback."""
    found: list[list[str]] = []
    for line in log.splitlines():
        # What comes before the first entry, or without one, is of Python itself.
        if _ENTRY.match(line) or not found:
            found.append([])
        found[-1].append(line)
    return ["\n".join(lines) for lines in found]


def problems(log: str, secrets: Iterable[str]) -> list[str]:
    """Return the errors, the warnings about WeChat Push, and the secrets told."""
    found = []
    for entry in entries(log):
        level = match["level"] if (match := _ENTRY.match(entry)) else "ERROR"
        warned = level == "WARNING" and DOMAIN in entry and _UNTESTED not in entry
        if level in _FORBIDDEN or warned:
            found.append(entry)
    if told := sum(secret in log for secret in set(secrets)):
        found.append(f"{told} of the accounts' secrets can be read in the log")
    return found
