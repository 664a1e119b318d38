"""Who gets a WeCom message: on the way out, and in what WeCom answers."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import batched, zip_longest
from typing import Final

from ..message import EVERYBODY, Accepted, Part, Receipt, Refused
from ..transport import Json

EVERYONE: Final = "@all"

MAX_USERS: Final = 1000
MAX_DEPARTMENTS: Final = 100
MAX_TAGS: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class WeComTarget:
    """Who gets a message: members, departments and tags, or everyone who sees the app."""

    users: tuple[str, ...] = ()
    departments: tuple[int, ...] = ()
    tags: tuple[int, ...] = ()
    everyone: bool = False


def audiences(target: WeComTarget) -> list[Json]:
    """Return the fields that name the targets, one set per request."""
    if target.everyone:
        return [{"touser": EVERYONE}]
    batches = zip_longest(
        batched(target.users, MAX_USERS, strict=False),
        batched(target.departments, MAX_DEPARTMENTS, strict=False),
        batched(target.tags, MAX_TAGS, strict=False),
    )
    return [
        {
            field: "|".join(map(str, targets))
            for field, targets in zip(
                ("touser", "toparty", "totag"), batch, strict=True
            )
            if targets
        }
        for batch in batches
    ]


def charged(part: Part) -> frozenset[str]:
    """Return whom a request is counted for; nobody knows who is in a department."""
    users = part.get("touser", "")
    if users == EVERYONE or "toparty" in part or "totag" in part:
        return frozenset({EVERYBODY})
    # The case of user IDs does not matter to WeCom.
    return frozenset(_listed(users.lower()))


# The prefixes that tell departments and tags from members, as people write them.
_FIELDS = (
    ("touser", "invaliduser", ""),
    ("toparty", "invalidparty", "#"),
    ("totag", "invalidtag", "+"),
)


def receipt(part: Part, answer: Json, clean: Callable[[str], str]) -> Receipt:
    """Return what came of a request; refused targets hide behind a success.

    Args:
        part: what was asked for.
        answer: what WeCom said.
        clean: takes secrets out of a text.

    """
    message_id = answer.get("msgid")
    sent: list[str] = []
    refused: dict[str, str] = {}
    for field, invalid_field, prefix in _FIELDS:
        sent += _listed(part.get(field), prefix)
        refused |= dict.fromkeys(
            _listed(answer.get(invalid_field), prefix), invalid_field
        )
    refused |= dict.fromkeys(_listed(answer.get("unlicenseduser")), "unlicenseduser")
    # WeCom returns user IDs in lower case, whatever case they were sent in.
    lowered = {target.lower() for target in refused}
    spelling = {target.lower(): target for target in sent}
    return Receipt(
        accepted=tuple(
            Accepted(
                target=target,
                message_id=message_id if isinstance(message_id, str) else None,
            )
            for target in sent
            if target.lower() not in lowered
        ),
        refused=tuple(
            Refused(target=clean(spelling.get(target.lower(), target)), reason=reason)
            for target, reason in refused.items()
        ),
    )


def _listed(value: object, prefix: str = "") -> list[str]:
    """Return the targets in a field, with the prefix that tells their kind."""
    text = value if isinstance(value, str) else ""
    return [prefix + target for target in text.split("|") if target]
