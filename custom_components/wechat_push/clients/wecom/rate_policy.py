"""Limits of WeCom, and its check for duplicates."""

import hashlib
import json
from typing import Final, override
from zlib import crc32

from ..message import Part
from ..rate_policy import EVERYBODY, Rate, RatePolicy, Scope
from .targets import EVERYONE, split_targets

# In seconds. WeCom drops a request that it received within this interval, which is part
# of the request: one that depends on the key makes requests with the same words differ.
_INTERVAL: Final = 1800
_INTERVALS: Final = 600
# Taken off an interval, since it begins when WeCom receives a request.
_MARGIN: Final = 10

_CHECK_FIELDS: Final = ("enable_duplicate_check", "duplicate_check_interval")


class WeComRatePolicy(RatePolicy):
    """The limits of WeCom, per member.

    WeCom silently drops messages above the rates.
    """

    rates = (
        Rate(calls=30, seconds=60, scope=Scope.TARGET),
        Rate(calls=1000, seconds=3600, scope=Scope.TARGET),
    )
    dedup_window = _INTERVAL - _MARGIN

    @override
    def targets(self, part: Part) -> frozenset[str]:
        """Return the members; those of a department or tag are unknown."""
        users = part.get("touser", "")
        if users == EVERYONE or "toparty" in part or "totag" in part:
            return frozenset({EVERYBODY})
        # WeCom ignores the case of user IDs.
        return frozenset(split_targets(users.lower()))

    @override
    def content(self, part: Part) -> str | None:
        """Return the whole request without the duplicate check, as canonical JSON.

        It is not known whether WeCom compares requests with or without those fields. A
        card that gets a task ID of its own is never a repetition.
        """
        if _lacks_task_id(part):
            return None
        words = {name: part[name] for name in part if name not in _CHECK_FIELDS}
        return json.dumps(
            words, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )

    @override
    def stamp(self, part: Part, key: str, *, said_before: bool) -> Part:
        """Return the request with a duplicate check, and a card with its task ID.

        Args:
            part: a request, filled or not.
            key: idempotency key.
            said_before: add no check, as WeCom may compare the words of requests only.

        """
        stamped = dict(part)
        if _lacks_task_id(part):
            # It identifies the card of a click, so it must be unique.
            task_id = hashlib.sha256(key.encode()).hexdigest()[:32]
            stamped["template_card"] = {**part["template_card"], "task_id": task_id}
        # The sender of the message may have decided about the check.
        if not said_before and "enable_duplicate_check" not in part:
            stamped["enable_duplicate_check"] = 1
            stamped["duplicate_check_interval"] = (
                _INTERVAL + crc32(key.encode()) % _INTERVALS
            )
        return stamped

    @override
    def dedup_window_of(self, part: Part) -> float:
        """Return the seconds for which WeCom drops a repetition of a stamped request."""
        if not part.get("enable_duplicate_check"):
            return 0
        interval: float = part.get("duplicate_check_interval", _INTERVAL)
        return max(interval - _MARGIN, 0)


def _lacks_task_id(part: Part) -> bool:
    """Return if a request is a card that still needs its task ID."""
    card = part.get("template_card")
    return card is not None and card.get("task_id") == ""
